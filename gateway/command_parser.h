// JSON becomes commands, strictly: an unknown or repeated member, a wrong JSON type (a decimal number where an integer
// is due included), trailing bytes, invalid UTF-8 and too deep nesting are malformed; a missing member or a wrong value
// is invalid. What each command holds is described in command_fields.h; what it may do is the domain's business.
//
// Threads: any; each keeps one parser with its buffers.
// Limits: gateway/field_rule.h, gateway/bulk_limits.h.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "domain/commands.h"
#include "gateway/field_fault.h"

namespace daybook {

struct TaxQuestion;
struct VatIdQuestion;

/// What the request's path or line says the command is about. Nothing: the body says it itself.
struct CommandTarget {
  std::optional<std::string> account_id;
  std::optional<std::string> entity_id;
  /// The path names it, so the body must not; in a line both may, and must agree.
  bool is_from_path = false;
};

struct ParsedCommand {
  std::optional<Command> command;  ///< Absent if there are faults.
  Faults faults;
};

/// A body (an empty one counts as {}) for the command of that name ("IssueCredit"). Requires a known name.
ParsedCommand parse_command(std::string_view name, std::string_view body, const CommandTarget& target);

/// A body that must say nothing: absent, or an object without members.
Faults parse_no_members(std::string_view body);

/// PATCH /v1/credits/{id}: the member "action" (consume, expire or void) says which command it is.
ParsedCommand parse_credit_action(std::string_view body, const CommandTarget& target);

/// One line of POST /v1/commands: {"command", "account_id"?, "idempotency_key"?, "params"}.
struct ParsedLine {
  std::optional<Command> command;
  std::string idempotency_key;
  Faults faults;
};
/// Calls `line` for each command of a JSON array or of a single object. Faults of the whole (not JSON, neither array
/// nor object, more than lines_max) are returned and nothing was called.
Faults parse_command_array(std::string_view body, std::size_t lines_max, bool& is_array,
                           const std::function<void(ParsedLine)>& line);
/// One line of NDJSON.
ParsedLine parse_command_line(std::string_view text);

/// A body that asks something; the question is of use if there are no faults.
Faults parse_question(std::string_view body, TaxQuestion& question);
Faults parse_question(std::string_view body, VatIdQuestion& question);

/// Whether a command has that name.
bool is_command_name(std::string_view name);

}  // namespace daybook
