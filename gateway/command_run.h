// A parsed command on its way to the engine and its answer on the way back; the same for typed routes and bulk lines.
#pragma once

#include <optional>
#include <string>

#include "engine/engine.h"
#include "gateway/exchange.h"

namespace daybook {

/// Why the principal may not give this command, if so. Fills in the principal's own account where the command leaves it
/// open.
std::optional<Problem> check_command_permission(const Principal& principal, Command& command);

/// Why nobody may give this command in the principal's book, if so: clocks are for test books only. The deciders have
/// the same rule; here it is said in words.
std::optional<Problem> check_mode(const Principal& principal, const Command& command, const Services& services);

/// What the gateway adds: the book's currency and time zone, an id for an account or a book without one, a new key's
/// secret, and what the payment provider says of a token. A command about a book is given in that book.
/// Returns the secret, empty for other commands.
std::string complete_command(Command& command, CommandContext& context, Services& services);

/// HMAC of the canonical text.
std::string fingerprint_of(const Command& command, Services& services);

/// A command's answer as JSON.
struct Outcome {
  int status = 200;
  std::string body;
  bool is_problem = false;
  RejectionCode code = RejectionCode::none;
};
/// `accepted_status` is that of an accepted command (201 or 200); it is 202 as long as a test clock is on its way.
Outcome outcome_of(const Exchange& exchange, const Answer& answer, int accepted_status, std::string_view secret);
int accepted_status_of(const Command& command);

/// Reads the conditions in the request's header and query; faults are added.
CommandContext context_of(const Exchange& exchange, Faults& faults);

/// Checks, completes, submits and answers a typed route's command.
void run_command(const ExchangePtr& exchange, Command command);

}  // namespace daybook
