// What a member of a command may be: its kind, whether it must be there, and its bounds. The vocabulary in which
// gateway/command_fields.h describes every command once; parsing, fingerprints and the API document's test read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "domain/check.h"

namespace daybook {

// Bounds of the members of a request, in characters (code points) unless named otherwise.
inline constexpr std::size_t name_characters_max = 200;
inline constexpr std::size_t tax_id_characters_max = 64;
inline constexpr std::size_t address_line_characters_max = 200;
inline constexpr std::size_t region_characters_max = 64;
inline constexpr std::size_t postal_code_characters_max = 16;
inline constexpr std::size_t reason_characters_max = 500;
inline constexpr std::size_t footer_characters_max = 500;
inline constexpr std::size_t reference_characters_max = 128;
inline constexpr std::size_t payment_token_characters_max = 255;
inline constexpr std::size_t provider_text_characters_max = 255;
inline constexpr std::size_t action_url_characters_max = 2'000;
inline constexpr std::size_t webhook_body_bytes_max = 1U << 20U;  ///< What a provider posts.
inline constexpr std::size_t metadata_members_max = 50;
inline constexpr std::size_t metadata_name_characters_max = 40;
inline constexpr std::size_t metadata_value_characters_max = 500;
inline constexpr std::size_t list_items_max = 100;  ///< Of a list within a command.
inline constexpr std::size_t members_max = 64;      ///< Of one JSON object.
inline constexpr std::size_t json_depth_max = 16;   ///< Objects and arrays within each other.
inline constexpr std::size_t faults_max = 100;      ///< Reported for one command.

enum class FieldKind : std::uint8_t {
  text,
  email,
  url,    ///< Where a browser is sent.
  color,  ///< "#rrggbb", as a text.
  client_id,
  unit,
  time_zone,
  locale,
  country,
  currency,
  integer,
  enumeration,
  boolean,
  instant,
  date,  ///< "2027-01-31", as a text.
  duration,
  entity,
  metadata,
  scopes,
  names,    ///< A list of texts, none of them twice.
  limits,   ///< An object of integers or nulls.
  decimal,  ///< An integer, or a string with decimals.
};

/// What a command is about: it stands in the path of a typed route, or in the line of a generic command.
enum class TargetKind : std::uint8_t { none, account, entity };

struct Rule {
  FieldKind kind = FieldKind::text;
  bool required = false;
  bool in_fingerprint = true;
  bool clearable = true;  ///< In a partial update: null clears it.
  TargetKind target = TargetKind::none;
  std::size_t characters_max = 0;
  Lines lines = Lines::one;
  std::int64_t minimum = std::numeric_limits<std::int64_t>::min();
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
  int places = 0;                                ///< Of a decimal.
  std::string_view prefix = {};                  ///< Of an entity's id.
  std::span<const std::string_view> names = {};  ///< Of an enumeration's values, from value 1.

  constexpr Rule must() const {
    Rule rule = *this;
    rule.required = true;
    rule.clearable = false;
    return rule;
  }
  /// Of a member that a partial update can change but not clear.
  constexpr Rule kept() const {
    Rule rule = *this;
    rule.clearable = false;
    return rule;
  }
  constexpr Rule about(TargetKind kind_of_target) const {
    Rule rule = must();
    rule.target = kind_of_target;
    return rule;
  }
  /// Of a target that another target implies already.
  constexpr Rule implied() const {
    Rule rule = *this;
    rule.required = false;
    rule.in_fingerprint = false;
    return rule;
  }
};

constexpr Rule a(FieldKind kind) {
  Rule rule;
  rule.kind = kind;
  return rule;
}
constexpr Rule text_of(std::size_t characters_max, Lines lines = Lines::one) {
  Rule rule;
  rule.characters_max = characters_max;
  rule.lines = lines;
  return rule;
}
constexpr Rule integer_from(std::int64_t minimum, std::int64_t maximum) {
  Rule rule = a(FieldKind::integer);
  rule.minimum = minimum;
  rule.maximum = maximum;
  return rule;
}
constexpr Rule decimal_of(int places) {
  Rule rule = a(FieldKind::decimal);
  rule.places = places;
  return rule;
}
constexpr Rule one_of(std::span<const std::string_view> names) {
  Rule rule = a(FieldKind::enumeration);
  rule.names = names;
  return rule;
}
constexpr Rule id_of(std::string_view prefix) {
  Rule rule = a(FieldKind::entity);
  rule.prefix = prefix;
  return rule;
}

}  // namespace daybook
