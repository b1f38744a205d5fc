#include "gateway/command_reader.h"

#include <algorithm>

#include "gateway/permissions.h"
#include "schemas/events/plans_generated.h"

namespace daybook {
namespace {

std::string_view json_type_of(FieldKind kind) {
  switch (kind) {
    case FieldKind::integer:
      return "integer";
    case FieldKind::boolean:
      return "boolean";
    case FieldKind::metadata:
    case FieldKind::limits:
      return "object";
    case FieldKind::scopes:
    case FieldKind::names:
      return "array";
    case FieldKind::decimal:
      return "integer or string";
    default:
      return "string";
  }
}

/// "10.50" is "10.5" and "10.0" is "10": one text for one decimal.
std::string_view without_zeros(std::string_view decimal) {
  if (decimal.find('.') == decimal.npos) return decimal;
  while (decimal.ends_with('0')) decimal.remove_suffix(1);
  if (decimal.ends_with('.')) decimal.remove_suffix(1);
  return decimal;
}

}  // namespace

CommandReader::CommandReader(simdjson::dom::object object, std::string parent, const CommandTarget& target,
                             Faults& faults)
    : parent_(std::move(parent)), target_(target), faults_(faults) {
  collect(object);
}

CommandReader::CommandReader(simdjson::dom::object object, std::string parent, const CommandTarget& target,
                             Faults& faults, bool all_cleared)
    : parent_(std::move(parent)), target_(target), faults_(faults), all_cleared_(all_cleared) {
  if (!all_cleared_) collect(object);
}

void CommandReader::collect(simdjson::dom::object object) {
  members_.reserve(12);
  for (const simdjson::dom::key_value_pair pair : object) {
    const auto same = [&](const Member& member) { return member.name == pair.key; };
    if (std::any_of(members_.begin(), members_.end(), same)) {
      faults_.malformed(json_pointer(parent_, pair.key), fault_codes::duplicate_member, "is there twice");
      continue;
    }
    if (members_.size() == members_max) {
      faults_.malformed(parent_, fault_codes::too_many, "has more than " + std::to_string(members_max) + " members");
      return;
    }
    members_.push_back({pair.key, pair.value});
  }
}

const CommandReader::Element* CommandReader::take(std::string_view name, const Rule& rule) {
  for (Member& member : members_) {
    if (member.name != name) continue;
    // What the path names, or implies, is no member of the body.
    const bool is_given =
        rule.target == TargetKind::account ? target_.account_id.has_value() : target_.entity_id.has_value();
    const bool is_named = is_given || !rule.required;
    if (rule.target != TargetKind::none && target_.is_from_path && is_named) return nullptr;
    member.taken = true;
    return &member.value;
  }
  return nullptr;
}

const std::string* CommandReader::outer_target(const std::optional<std::string>& given, std::string_view name,
                                               const Element* element) {
  if (!given) return nullptr;
  std::string_view text;
  if (element != nullptr && (element->get(text) != simdjson::SUCCESS || text != *given)) {
    faults_.invalid(json_pointer(parent_, name), fault_codes::conflict, "differs from the line's own");
  }
  return &*given;
}

bool CommandReader::take_target(std::string_view name, std::string& member, const Rule& rule, const Element* element) {
  const bool is_account = rule.target == TargetKind::account;
  const std::string* given = outer_target(is_account ? target_.account_id : target_.entity_id, name, element);
  if (given == nullptr) return target_.is_from_path && !rule.required && element == nullptr;
  member = *given;
  if (target_.is_from_path) {
    faults_.is_target_bad = faults_.is_target_bad || !valid_client_id(member);
  } else {
    check_field_text(member, rule, "/account_id", faults_);
  }
  return true;
}

bool CommandReader::take_target(std::string_view name, EntityRef& member, const Rule& rule, const Element* element) {
  const std::string* given = outer_target(target_.entity_id, name, element);
  if (given == nullptr) return false;
  const std::optional<EntityRef> id = parse_id(rule.prefix, *given);
  if (!id) {
    faults_.is_target_bad = true;
  } else {
    member = *id;
  }
  return true;
}

std::optional<std::string_view> CommandReader::text_member(std::string_view name) {
  const Element* element = take(name, {});
  if (element == nullptr) return std::nullopt;
  std::string_view text;
  if (element->get(text) == simdjson::SUCCESS) return text;
  wrong_type(json_pointer(parent_, name), "string");
  return std::nullopt;
}

void CommandReader::finish() {
  for (const Member& member : members_) {
    if (member.taken) continue;
    faults_.malformed(json_pointer(parent_, member.name), fault_codes::unknown_member, "is not a member of this");
  }
}

std::optional<std::string_view> CommandReader::checked_text(Element element, const Rule& rule,
                                                            const std::string& pointer) {
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS) {
    wrong_type(pointer, rule);
    return std::nullopt;
  }
  if (!check_field_text(text, rule, pointer, faults_)) return std::nullopt;
  return text;
}

void CommandReader::read(Element element, std::string& member, const Rule& rule, const std::string& pointer) {
  if (rule.kind == FieldKind::metadata) return read_metadata(element, member, pointer);
  if (rule.kind == FieldKind::decimal) {
    std::int64_t whole = 0;
    if (element.get(whole) == simdjson::SUCCESS) {
      const std::string text = std::to_string(whole);
      if (check_field_text(text, rule, pointer, faults_)) member = text;
      return;
    }
    if (const auto text = checked_text(element, rule, pointer)) member = without_zeros(*text);
    return;
  }
  if (const auto text = checked_text(element, rule, pointer)) member = *text;
}

void CommandReader::read(Element element, Sensitive& member, const Rule& rule, const std::string& pointer) {
  if (rule.kind == FieldKind::metadata) return read_metadata(element, member.clear, pointer);
  read(element, member.clear, rule, pointer);
}

void CommandReader::read(Element element, Currency& member, const Rule& rule, const std::string& pointer) {
  if (const auto text = checked_text(element, rule, pointer)) member = *find_currency(*text);
}

void CommandReader::read(Element element, Instant& member, const Rule& rule, const std::string& pointer) {
  if (const auto text = checked_text(element, rule, pointer)) member = *parse_rfc3339(*text);
}

void CommandReader::read(Element element, Duration& member, const Rule& rule, const std::string& pointer) {
  if (const auto text = checked_text(element, rule, pointer)) member = *parse_duration(*text);
}

void CommandReader::read(Element element, EntityRef& member, const Rule& rule, const std::string& pointer) {
  if (const auto text = checked_text(element, rule, pointer)) member = *parse_id(rule.prefix, *text);
}

void CommandReader::read(Element element, std::int64_t& member, const Rule& rule, const std::string& pointer) {
  std::uint64_t large = 0;
  if (element.get(member) != simdjson::SUCCESS) {
    // Beyond 64 bits with a sign: as far out of any range as the largest that fits.
    if (element.get(large) != simdjson::SUCCESS) return wrong_type(pointer, rule);
    member = std::numeric_limits<std::int64_t>::max();
  }
  if (member < rule.minimum || member > rule.maximum) {
    faults_.invalid(pointer, fault_codes::out_of_range,
                    "must be from " + std::to_string(rule.minimum) + " to " + std::to_string(rule.maximum));
  }
}

void CommandReader::read(Element element, std::int32_t& member, const Rule& rule, const std::string& pointer) {
  std::int64_t wide = 0;
  read(element, wide, rule, pointer);
  member = static_cast<std::int32_t>(std::clamp<std::int64_t>(wide, std::numeric_limits<std::int32_t>::min(),
                                                              std::numeric_limits<std::int32_t>::max()));
}

void CommandReader::read(Element element, std::uint16_t& member, const Rule& rule, const std::string& pointer) {
  std::int64_t wide = 0;
  read(element, wide, rule, pointer);
  member = static_cast<std::uint16_t>(std::clamp<std::int64_t>(wide, 0, std::numeric_limits<std::uint16_t>::max()));
}

void CommandReader::read(Element element, std::uint32_t& member, const Rule& rule, const std::string& pointer) {
  Currency currency;
  read(element, currency, rule, pointer);
  member = currency.packed;
}

void CommandReader::read(Element element, std::vector<std::unique_ptr<schema::PlanLimitT>>& member, const Rule& rule,
                         const std::string& pointer) {
  simdjson::dom::object object;
  if (element.get(object) != simdjson::SUCCESS) return wrong_type(pointer, rule);
  const CommandTarget no_target;
  CommandReader members(object, pointer, no_target, faults_);
  for (const Member& one : members.members_) {
    auto limit = std::make_unique<schema::PlanLimitT>();
    limit->metric = one.name;
    std::int64_t value = 0;
    if (!one.value.is_null()) {
      read(one.value, value, integer_from(0, std::numeric_limits<std::int64_t>::max()),
           json_pointer(pointer, one.name));
      limit->limit = value;
    }
    member.push_back(std::move(limit));
  }
}

void CommandReader::read(Element element, bool& member, const Rule& rule, const std::string& pointer) {
  if (element.get(member) != simdjson::SUCCESS) wrong_type(pointer, rule);
}

void CommandReader::read(Element element, std::vector<std::string>& member, const Rule& rule,
                         const std::string& pointer) {
  if (rule.kind == FieldKind::names) return read_names(element, member, rule, pointer);
  simdjson::dom::array array;
  if (element.get(array) != simdjson::SUCCESS) return wrong_type(pointer, rule);
  const std::span<const std::string_view> known = all_key_scopes();
  std::size_t index = 0;
  for (const Element item : array) {
    const std::string item_pointer = json_pointer(pointer, std::to_string(index++));
    std::string_view text;
    if (item.get(text) != simdjson::SUCCESS) {
      wrong_type(item_pointer, "string");
    } else if (std::find(known.begin(), known.end(), text) == known.end()) {
      faults_.invalid(item_pointer, fault_codes::invalid, list_of(known));
    } else if (std::find(member.begin(), member.end(), text) != member.end()) {
      faults_.invalid(item_pointer, fault_codes::invalid, "is there twice");
    } else {
      member.emplace_back(text);
    }
    if (index > faults_max) return;
  }
}

void CommandReader::read_names(Element element, std::vector<std::string>& member, const Rule& rule,
                               const std::string& pointer) {
  simdjson::dom::array array;
  if (element.get(array) != simdjson::SUCCESS) return wrong_type(pointer, rule);
  if (!accept_length(array.size(), rule, pointer)) return;
  member.clear();
  const Rule item_rule = text_of(rule.characters_max).must();
  std::size_t index = 0;
  for (const Element item : array) {
    const std::string at = json_pointer(pointer, std::to_string(index++));
    const std::optional<std::string_view> text = checked_text(item, item_rule, at);
    if (!text) continue;
    if (std::find(member.begin(), member.end(), *text) != member.end()) {
      faults_.invalid(at, fault_codes::invalid, "is there twice");
    } else {
      member.emplace_back(*text);
    }
  }
}

bool CommandReader::accept_length(std::size_t length, const Rule& rule, const std::string& pointer) {
  if (length > list_items_max) {
    faults_.invalid(pointer, fault_codes::too_many, "has more than " + std::to_string(list_items_max) + " items");
  } else if (length == 0 && rule.required) {
    faults_.invalid(pointer, fault_codes::required, "must not be empty");
  } else {
    return true;
  }
  return false;
}

void CommandReader::given(std::optional<std::vector<std::string>>& names) const {
  names.emplace();
  for (const Member& member : members_) {
    if (!member.taken) names->emplace_back(member.name);
  }
  std::sort(names->begin(), names->end());
}

void CommandReader::read_metadata(Element element, std::string& out, const std::string& pointer) {
  simdjson::dom::object object;
  if (element.get(object) != simdjson::SUCCESS) return wrong_type(pointer, "object");
  const CommandTarget no_target;
  CommandReader members(object, pointer, no_target, faults_);
  if (members.members_.size() > metadata_members_max) {
    faults_.invalid(pointer, fault_codes::too_many,
                    "has more than " + std::to_string(metadata_members_max) + " members");
    return;
  }
  const Rule name_rule = text_of(metadata_name_characters_max).must();
  const Rule value_rule = text_of(metadata_value_characters_max, Lines::many);
  for (const Member& member : members.members_) {
    const std::string at = json_pointer(pointer, member.name);
    check_field_text(member.name, name_rule, at, faults_);
    std::string_view text;
    if (member.value.get(text) == simdjson::SUCCESS) {
      check_field_text(text, value_rule, at, faults_);
    } else if (member.value.is_null() || member.value.is_object() || member.value.is_array()) {
      wrong_type(at, "string, number or boolean");
    }
  }
  if (!members.members_.empty()) out = simdjson::minify(element);
}

void CommandReader::missing(std::string_view name) {
  faults_.invalid(json_pointer(parent_, name), fault_codes::required, "is required");
}

void CommandReader::wrong_type(std::string pointer, std::string_view expected) {
  faults_.malformed(std::move(pointer), fault_codes::wrong_type, "must be a JSON " + std::string(expected));
}

void CommandReader::wrong_type(std::string pointer, const Rule& rule) {
  wrong_type(std::move(pointer), json_type_of(rule.kind));
}

}  // namespace daybook
