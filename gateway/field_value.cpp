#include "gateway/field_value.h"

#include "domain/civil.h"
#include "domain/id.h"
#include "domain/rational.h"
#include "gateway/time_zones.h"

namespace daybook {
namespace {

/// What a text of that kind must look like; empty if it does.
std::string_view shape_fault(FieldKind kind, std::string_view text) {
  switch (kind) {
    case FieldKind::email:
      return valid_email(text) ? "" : "must be an e-mail address";
    case FieldKind::url:
      return valid_redirect_url(text)
                 ? ""
                 : "must be an https URL, or an http one of localhost, of at most 2000 printable ASCII characters";
    case FieldKind::color:
      return valid_color(text) ? "" : "must be a colour of six hexadecimal digits such as #0b5fff";
    case FieldKind::client_id:
      return valid_client_id(text) ? "" : "must be 1 to 64 of A-Z a-z 0-9 _ . - and begin with a letter or digit";
    case FieldKind::unit:
      return valid_unit_name(text) ? "" : "must be 1 to 32 of a-z 0-9 _ and begin with a letter";
    case FieldKind::time_zone:
      return valid_time_zone_name(text) && time_zone_exists(text) ? "" : "must be an IANA time zone";
    case FieldKind::locale:
      return valid_locale(text) ? "" : "must be a language tag such as en or pt-BR";
    case FieldKind::country:
      return valid_country(text) ? "" : "must be an ISO 3166-1 alpha-2 code";
    case FieldKind::currency: {
      const std::optional<Currency> currency = find_currency(text);
      return currency && billable(*currency) ? "" : "must be an ISO 4217 code of a currency with a minor unit";
    }
    case FieldKind::instant:
      return parse_rfc3339(text) ? "" : "must be an RFC 3339 time";
    case FieldKind::date:
      return parse_date(text) ? "" : "must be a date such as 2027-01-31";
    case FieldKind::duration:
      return parse_duration(text) ? "" : "must be an ISO 8601 duration such as P3D or PT30M";
    default:
      return "";
  }
}

}  // namespace

std::size_t value_of_name(const Rule& rule, std::string_view name) {
  for (std::size_t i = 0; i < rule.names.size(); ++i) {
    if (rule.names[i] == name) return i + 1;
  }
  return 0;
}

std::string list_of(std::span<const std::string_view> names) {
  std::string list = "must be one of: ";
  for (const std::string_view name : names) {
    if (name != names.front()) list += ", ";
    list += name;
  }
  return list;
}

bool check_field_text(std::string_view text, const Rule& rule, std::string_view pointer, Faults& faults) {
  const std::size_t before = faults.list.size();
  const auto refuse = [&](std::string_view code, std::string detail) {
    faults.invalid(std::string(pointer), code, std::move(detail));
    return false;
  };
  switch (rule.kind) {
    case FieldKind::text: {
      if (rule.required && text.empty()) return refuse(fault_codes::required, "must not be empty");
      const TextFault fault = check_text(text, rule.characters_max, rule.lines);
      if (fault == TextFault::none) return true;
      if (fault == TextFault::too_long) {
        return refuse(fault_codes::too_long, "has more than " + std::to_string(rule.characters_max) + " characters");
      }
      return refuse(fault_codes::invalid, "must be UTF-8 without control characters");
    }
    case FieldKind::enumeration:
      return value_of_name(rule, text) != 0 || refuse(fault_codes::invalid, list_of(rule.names));
    case FieldKind::entity:
      return parse_id(rule.prefix, text).has_value() ||
             refuse(fault_codes::invalid, "must be an id that begins with " + std::string(rule.prefix) + "_");
    case FieldKind::decimal:
      return parse_decimal(text, rule.places).has_value() ||
             refuse(fault_codes::invalid,
                    "must be an integer or a decimal string with at most " + std::to_string(rule.places) + " decimals");
    default: {
      const std::string_view fault = shape_fault(rule.kind, text);
      if (!fault.empty()) return refuse(fault_codes::invalid, std::string(fault));
      return faults.list.size() == before;
    }
  }
}

}  // namespace daybook
