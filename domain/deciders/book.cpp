// The book's own stream: the sandbox clock, which moves only forward, and API keys.
#include <utility>

#include "domain/deciders/handlers.h"
#include "schemas/events/governance_generated.h"

namespace daybook {

Decision handle(const BookState& book, const AdvanceSandboxClock& command, const DecisionContext& context) {
  if (!context.is_test_book) return reject(RejectionCode::not_found);
  const bool by_duration = command.advance.has_value();
  const std::string_view pointer = by_duration ? "/advance" : "/to";
  const std::optional<Instant> to = by_duration ? add(context.now, *command.advance) : command.to;
  if (!to || *to >= clock_limit) return reject(must_be(pointer, "before the year 2200"));
  Decision decision;
  decision.subject.kind = SubjectKind::clock;
  // The clock has run on since it was last set; setting it there again is a repeat, not a move backwards.
  if (*to == context.now || (!by_duration && *to == book.clock_to)) return decision;
  if (*to < context.now) {
    return reject(must_be(pointer, "no time that is over", {{"now", format_rfc3339(context.now)}}));
  }
  schema::SandboxClockAdvancedT event;
  event.offset_us = book.clock_offset_us + (static_cast<std::int64_t>(*to) - static_cast<std::int64_t>(context.now));
  event.from = context.now;
  event.to = *to;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

Decision handle(const BookState& book, const CreateApiKey& command, const DecisionContext& context) {
  if (book.keys.size() >= api_keys_max) {
    return reject(RejectionCode::limit_reached, {}, {{"limit", std::string("API keys of a book")}});
  }
  const EntityRef id = context.new_id();
  schema::ApiKeyCreatedT event;
  event.key = id;
  event.name = command.name;
  event.digest.assign(command.digest.begin(), command.digest.end());
  event.prefix = command.prefix;
  event.role = static_cast<schema::Role>(command.role);
  event.scopes = command.scopes;
  event.account_id = command.account_id;
  Decision decision;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  decision.subject = {SubjectKind::api_key, id};
  return decision;
}

Decision handle(const BookState& book, const RevokeApiKey& command, const DecisionContext&) {
  const auto found = book.keys.find(command.key);
  if (found == book.keys.end()) return reject(RejectionCode::not_found);
  Decision decision = shows(SubjectKind::api_key, command.key);
  if (found->second.revoked) return decision;
  schema::ApiKeyRevokedT event;
  event.key = command.key;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

}  // namespace daybook
