// Texts become values: what a member's string, a path's segment or a query parameter must be, without any JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/commands.h"
#include "gateway/field_fault.h"
#include "gateway/field_rule.h"

namespace daybook {

/// The value of an enumeration's name, counted from 1; 0 for a name it does not have.
std::size_t value_of_name(const Rule& rule, std::string_view name);
/// Whether the text obeys the rule of its kind (length, characters, shape); if not, one fault is added.
bool check_field_text(std::string_view text, const Rule& rule, std::string_view pointer, Faults& faults);
/// "one of: a, b, c"
std::string list_of(std::span<const std::string_view> names);

}  // namespace daybook
