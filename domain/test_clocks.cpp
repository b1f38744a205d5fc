// What the events of a book's test clocks mean.
#include <utility>

#include "domain/assert.h"
#include "domain/folds.h"
#include "domain/tables.h"
#include "schemas/events/governance_generated.h"

namespace daybook {
namespace {

TestClock& clock_at(BookState& book, const schema::EntityRef* id, const EventMoment& moment) {
  const auto found = book.test_clocks.find(entity(id));
  ensure(found != book.test_clocks.end(), "a test clock that was never created");
  touch(found->second, moment);
  return found->second;
}

}  // namespace

void apply(BookState& book, const schema::TestClockCreated& event, const EventMoment& moment) {
  TestClock clock;
  clock.id = entity(event.test_clock());
  clock.name = text(event.name());
  clock.frozen_time = clock.to = instant(event.frozen_time());
  clock.created_at = clock.updated_at = moment.at;
  clock.version = moment.version;
  book.test_clocks.emplace(clock.id, std::move(clock));
}

void apply(BookState& book, const schema::TestClockAdvanced& event, const EventMoment& moment) {
  clock_at(book, event.test_clock(), moment).to = instant(event.to());
}

void apply(BookState& book, const schema::TestClockBecameReady& event, const EventMoment& moment) {
  TestClock& clock = clock_at(book, event.test_clock(), moment);
  clock.frozen_time = clock.to = instant(event.frozen_time());
}

}  // namespace daybook
