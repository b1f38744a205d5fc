// Members of resources as JSON that more than one resource has.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "projections/json_text.h"

namespace daybook {

/// A member that is null if there is no number.
template <class T>
void number_or_null(JsonText& json, std::string_view name, const std::optional<T>& value) {
  json.key(name);
  if (value) {
    json.integer(*value);
  } else {
    json.null();
  }
}

/// An integer where it is one, else a string: what a client may send.
inline void decimal_or_null(JsonText& json, std::string_view name, const std::string& decimal) {
  json.key(name);
  if (decimal.empty()) {
    json.null();
  } else if (decimal.find('.') == decimal.npos) {
    json.raw(decimal);
  } else {
    json.string(decimal);
  }
}

/// The name of an enumeration's value, which counts from 1.
template <std::size_t N, class E>
std::string_view name_of(const std::array<std::string_view, N>& names, E value) {
  const auto number = static_cast<std::size_t>(value);
  return number >= 1 && number <= N ? names[number - 1] : std::string_view("unknown");
}

}  // namespace daybook
