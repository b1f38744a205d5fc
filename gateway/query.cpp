#include "gateway/query.h"

#include <charconv>

#include "gateway/field_value.h"

namespace daybook {
namespace {

std::string pointer_of(std::string_view name) {
  return "?" + std::string(name.substr(0, 64));
}

bool is_known(std::string_view known, std::string_view name) {
  while (!known.empty()) {
    const std::size_t end = known.find(' ');
    if (known.substr(0, end) == name) return true;
    known = end == known.npos ? std::string_view() : known.substr(end + 1);
  }
  return false;
}

}  // namespace

void check_query_names(const Request& request, std::string_view known, Faults& faults) {
  for (auto one = request.query.begin(); one != request.query.end(); ++one) {
    if (!is_known(known, one->first)) {
      // Cut between characters: the name is the client's and may be anything.
      faults.malformed("?" + json_pointer("", one->first).substr(1), fault_codes::unknown_parameter,
                       "is not a parameter of this");
    }
    for (auto other = request.query.begin(); other != one; ++other) {
      if (other->first == one->first && is_known(known, one->first)) {
        faults.malformed(pointer_of(one->first), fault_codes::duplicate_member, "is there twice");
      }
    }
  }
}

std::optional<std::int64_t> query_integer(const Request& request, std::string_view name, std::int64_t minimum,
                                          std::int64_t maximum, Faults& faults) {
  const std::optional<std::string_view> text = request.query_value(name);
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  const bool is_number = error == std::errc() && end == text->data() + text->size();
  if (is_number && value >= minimum && value <= maximum) return value;
  faults.invalid(pointer_of(name), is_number ? fault_codes::out_of_range : fault_codes::invalid,
                 "must be an integer from " + std::to_string(minimum) + " to " + std::to_string(maximum));
  return std::nullopt;
}

std::optional<Instant> query_instant(const Request& request, std::string_view name, Faults& faults) {
  const std::optional<std::string_view> text = request.query_value(name);
  if (!text) return std::nullopt;
  const std::optional<Instant> at = parse_rfc3339(*text);
  if (!at) faults.invalid(pointer_of(name), fault_codes::invalid, "must be an RFC 3339 time");
  return at;
}

std::optional<LogPosition> query_position(const Request& request, std::string_view name, Faults& faults) {
  const std::optional<std::string_view> text = request.query_value(name);
  if (!text) return std::nullopt;
  const std::optional<LogPosition> at = parse_log_position(*text);
  if (!at) faults.invalid(pointer_of(name), fault_codes::invalid, "must be a position such as 0:42");
  return at;
}

bool query_flag(const Request& request, std::string_view name, Faults& faults) {
  const std::optional<std::string_view> text = request.query_value(name);
  if (!text || *text == "false") return false;
  if (*text != "true") faults.invalid(pointer_of(name), fault_codes::invalid, "must be true or false");
  return *text == "true";
}

std::optional<std::string> query_text(const Request& request, std::string_view name, const Rule& rule, Faults& faults) {
  const std::optional<std::string_view> text = request.query_value(name);
  if (!text || !check_field_text(*text, rule, pointer_of(name), faults)) return std::nullopt;
  return std::string(*text);
}

std::optional<EntityRef> query_id(const Request& request, std::string_view name, std::string_view prefix,
                                  Faults& faults) {
  const auto text = query_text(request, name, id_of(prefix), faults);
  return text ? parse_id(prefix, *text) : std::nullopt;
}

std::size_t query_limit(const Request& request, Faults& faults) {
  const auto limit = query_integer(request, "limit", 1, static_cast<std::int64_t>(page_limit_max), faults);
  return limit ? static_cast<std::size_t>(*limit) : page_limit_default;
}

PageRequest<EntityRef> query_page(const Request& request, std::string_view prefix, Faults& faults) {
  PageRequest<EntityRef> page;
  page.limit = query_limit(request, faults);
  page.starting_after = query_id(request, "starting_after", prefix, faults);
  page.ending_before = query_id(request, "ending_before", prefix, faults);
  return page;
}

PageRequest<std::string> query_page(const Request& request, Faults& faults) {
  PageRequest<std::string> page;
  page.limit = query_limit(request, faults);
  page.starting_after = query_text(request, "starting_after", a(FieldKind::client_id), faults);
  page.ending_before = query_text(request, "ending_before", a(FieldKind::client_id), faults);
  return page;
}

}  // namespace daybook
