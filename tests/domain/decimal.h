// Exact numbers for tests, as texts.
#pragma once

#include <doctest/doctest.h>

#include <string_view>

#include "domain/rational.h"

namespace daybook::test {

inline Rational decimal(std::string_view text) {
  const auto value = parse_decimal(text);
  REQUIRE_MESSAGE(value.has_value(), text);
  return *value;
}

}  // namespace daybook::test
