// Test clocks: made standing, sent forward only, and the accounts that are opened on one.
#include "domain/state_codec.h"
#include "tests/domain/given.h"

using namespace daybook;
using namespace daybook::test;

namespace {

const Instant january = *parse_rfc3339("2027-01-31T12:00:00Z");
const Instant february = *parse_rfc3339("2027-02-28T12:00:00Z");

AdvanceTestClock to(EntityRef clock, Instant instant) {
  return {clock, {}, instant};
}

AdvanceTestClock by(EntityRef clock, Duration length) {
  return {clock, length, {}};
}

struct Clocks : Given {
  const TestClock& clock(EntityRef id) const { return book.test_clocks.at(id); }
  EntityRef made(Instant frozen_time = january) { return accept(CreateTestClock{"A year", frozen_time}); }
};

}  // namespace

TEST_CASE_FIXTURE(Clocks, "CLK-01: a test clock stands where it was made, and is on its way until it has come") {
  const EntityRef id = made();
  CHECK(clock(id).name == "A year");
  CHECK(clock(id).frozen_time == january);
  CHECK_FALSE(clock(id).is_advancing());
  pass_seconds(86'400);
  CHECK(clock(id).frozen_time == january);
  REQUIRE(when(to(id, february)).events.size() == 1);
  CHECK(clock(id).is_advancing());
  CHECK(clock(id).frozen_time == january);
  CHECK(clock(id).to == february);
  arrive(id);
  CHECK_FALSE(clock(id).is_advancing());
  CHECK(clock(id).frozen_time == february);
  CHECK(clock(id).updated_at == now);
  CHECK(clock(id).version == book.version);
  // From where it stands, by the calendar.
  when(by(id, {1, 0, 0}));
  CHECK(clock(id).to == *parse_rfc3339("2027-03-28T12:00:00Z"));
}

TEST_CASE_FIXTURE(Clocks,
                  "CLK-01: to where it stands or goes changes nothing, backwards is refused, elsewhere must wait") {
  const EntityRef id = made();
  CHECK(when(to(id, january)).events.empty());
  CHECK(when(by(id, {})).events.empty());
  CHECK(refused(to(id, Instant{micros(january) - 1})) == RejectionCode::validation_failed);
  when(to(id, february));
  CHECK(when(to(id, february)).accepted());
  CHECK(when(to(id, february)).events.empty());
  CHECK(refused(to(id, Instant{micros(february) + 1})) == RejectionCode::invalid_transition);
  CHECK(refused(to(id, january)) == RejectionCode::invalid_transition);
  const Decision elsewhere = when(to(id, january));
  CHECK(elsewhere.rejection.details == std::vector<RejectionDetail>{{"from", std::string("advancing")},
                                                                    {"to", std::string("advancing")},
                                                                    {"allowed", std::string("ready")},
                                                                    {"advancing_to", format_rfc3339(february)}});
  arrive(id);
  CHECK(when(to(id, february)).events.empty());
  CHECK(refused(to(id, january)) == RejectionCode::validation_failed);
  CHECK(when(to(id, january)).rejection.pointer == "/to");
  CHECK(refused(to(EntityRef{1, 99, 0, 0}, february)) == RejectionCode::not_found);
}

TEST_CASE_FIXTURE(Clocks, "a test clock stays within the calendar, and a book has so many and no more") {
  CHECK(clock(made(Instant{})).frozen_time == Instant{});
  CHECK(refused(CreateTestClock{"", Instant{-1}}) == RejectionCode::validation_failed);
  CHECK(refused(CreateTestClock{"", clock_limit}) == RejectionCode::validation_failed);
  const EntityRef last = made(Instant{micros(clock_limit) - 1});
  CHECK(refused(to(last, clock_limit)) == RejectionCode::validation_failed);
  CHECK(refused(by(last, {0, 1, 0})) == RejectionCode::validation_failed);
  CHECK(when(by(last, {duration_months_max, 0, 0})).rejection.pointer == "/advance");  // no instant at all
  while (book.test_clocks.size() < test_clocks_max) made();
  CHECK(refused(CreateTestClock{"", january}) == RejectionCode::limit_reached);
}

TEST_CASE_FIXTURE(Clocks, "BOK-04: an account is opened on a clock of its book, and that is a fact for good") {
  const EntityRef id = made();
  account = {};
  OpenAccount open;
  open.account_id = "timed";
  open.currency = currency_of("USD");
  open.test_clock = EntityRef{1, 99, 0, 0};
  const Decision unknown = when(open);
  CHECK(unknown.rejection.code == RejectionCode::not_found);
  CHECK(unknown.rejection.pointer == "/test_clock");
  open.test_clock = id;
  accept(open);
  CHECK(account.details.test_clock == id);
  const auto again = decode_account(encode_state(account));
  REQUIRE(again);
  CHECK(again->details == account.details);
}

TEST_CASE_FIXTURE(Clocks, "the state row of a book has its test clocks, on their way and standing") {
  const EntityRef first = made();
  made(february);
  when(to(first, february));
  const auto again = decode_book(encode_state(book));
  REQUIRE(again);
  CHECK(*again == book);
  arrive(first);
  CHECK_FALSE(*again == book);
}
