// Test clocks: made standing at an instant, and sent forward. Test books only.
#include "domain/deciders/test_clocks.h"

#include <utility>

#include "domain/deciders/handlers.h"
#include "schemas/events/governance_generated.h"

namespace daybook {

Rejection only_in_test_books() {
  return {RejectionCode::forbidden, {}, {{"mode", std::string("live")}}};
}

Decision handle(const BookState& book, const CreateTestClock& command, const DecisionContext& context) {
  if (!context.is_test_book) return reject(only_in_test_books());
  if (command.frozen_time < Instant{} || command.frozen_time >= clock_limit) {
    return reject(must_be("/frozen_time", "from 1970 on and before the year 2200"));
  }
  if (book.test_clocks.size() >= test_clocks_max) return limit_reached("test clocks of a book", test_clocks_max);
  const EntityRef id = context.new_id();
  schema::TestClockCreatedT event;
  event.test_clock = id;
  event.name = command.name;
  event.frozen_time = command.frozen_time;
  Decision decision;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  decision.subject = {SubjectKind::test_clock, id};
  return decision;
}

Decision handle(const BookState& book, const AdvanceTestClock& command, const DecisionContext& context) {
  if (!context.is_test_book) return reject(only_in_test_books());
  const auto found = book.test_clocks.find(command.test_clock);
  if (found == book.test_clocks.end()) return reject(RejectionCode::not_found);
  const TestClock& clock = found->second;
  const std::string_view pointer = command.advance ? "/advance" : "/to";
  const std::optional<Instant> to = command.advance ? add(clock.to, *command.advance) : command.to;
  if (!to || *to >= clock_limit) return reject(must_be(pointer, "before the year 2200"));
  Decision decision = shows(SubjectKind::test_clock, clock.id);
  if (*to == clock.to) return decision;
  if (clock.is_advancing()) {
    return reject(RejectionCode::invalid_transition, {},
                  {{"from", std::string("advancing")},
                   {"to", std::string("advancing")},
                   {"allowed", std::string("ready")},
                   {"advancing_to", format_rfc3339(clock.to)}});
  }
  if (*to < clock.to) {
    return reject(must_be(pointer, "no time before the clock's", {{"frozen_time", format_rfc3339(clock.frozen_time)}}));
  }
  schema::TestClockAdvancedT event;
  event.test_clock = clock.id;
  event.from = clock.frozen_time;
  event.to = *to;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

Decision test_clock_became_ready(const TestClock& clock) {
  schema::TestClockBecameReadyT event;
  event.test_clock = clock.id;
  event.frozen_time = clock.to;
  Decision decision;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

}  // namespace daybook
