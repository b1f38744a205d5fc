// The engine without threads: everything happens in the caller's, when it says so.
#include "engine/limits.h"
#include "eventstore/envelope_view.h"
#include "tests/engine/engine_fixture.h"

namespace daybook::test {
namespace {

class SteppedEngine : public EngineFixture {
 public:
  SteppedEngine() {
    options().threads = false;
    reopen();
  }
  Work open_work(const std::string& id) {
    OpenAccount command;
    command.account_id = id;
    command.currency = currency_of("USD");
    return work(std::move(command), "key of " + id);
  }
};

bool is_there(const std::future<Answer>& answer) {
  return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

}  // namespace

TEST_CASE_FIXTURE(SteppedEngine, "without threads nothing is answered before a step, and everything in it") {
  auto first = start(open_work("a"));
  auto second = start(open_work("b"));
  CHECK(head() == 0);
  CHECK_FALSE(is_there(first));
  engine().step(0);
  REQUIRE(is_there(first));
  REQUIRE(is_there(second));
  CHECK(first.get().position.position == 1);
  CHECK(second.get().position.position == 2);
  // A repeat is answered from the history, which threads would leave to another one.
  auto allocated = [&] {
    AllocateUnitCredits command;
    command.account_id = "a";
    command.amount = 1;
    return start(work(std::move(command)));
  }();
  auto repeat = start(open_work("a"));
  engine().step(0);
  REQUIRE(is_there(allocated));
  REQUIRE(is_there(repeat));
  CHECK(repeat.get().is_replay);
}

TEST_CASE_FIXTURE(SteppedEngine, "an account that is opened again has its due work behind it, at its own instant") {
  start(open_work("a"));
  AllocateUnitCredits allocate;
  allocate.account_id = "a";
  allocate.amount = 10;
  start(work(allocate));
  ReserveUnitCredits reserve;
  reserve.account_id = "a";
  reserve.amount = 10;
  reserve.ttl_seconds = 60;
  start(work(reserve));
  engine().step(0);
  const Instant due{micros(clock().now()) + 60 * micros_per_second};
  // In one group, so that the agenda has not been there when the clock has moved.
  AdvanceSandboxClock advance;
  advance.advance = Duration{0, 0, 3'600 * micros_per_second};
  start(work(advance));
  auto again = start(work(std::get<OpenAccount>(*open_work("a").command), "another key"));
  engine().step(0);
  REQUIRE(is_there(again));
  CHECK(again.get().rejection.code == RejectionCode::account_exists);
  const auto positions = engine().stream_positions(book + "/a", 4, 5);
  REQUIRE(positions.size() == 2);
  const std::string expiry = engine().log().read_one(0, positions[0]);
  CHECK(view_envelope(expiry).command == "ExpireReservation");
  CHECK(view_envelope(expiry).decided_at_us == micros(due));
}

TEST_CASE_FIXTURE(SteppedEngine,
                  "an engine that stops owes nobody an answer, not even of a clock whose due work is left") {
  start(open_work("a"));
  AllocateUnitCredits allocate;
  allocate.account_id = "a";
  allocate.amount = 10;
  allocate.expires_at = Instant{micros(clock().now()) + 60 * micros_per_second};
  start(work(allocate));
  engine().step(0);
  AdvanceSandboxClock advance;
  advance.advance = Duration{0, 0, 3'600 * micros_per_second};
  auto moved = start(work(advance));
  engine().step(0);
  CHECK_FALSE(is_there(moved));
  engine().stop();
  REQUIRE(is_there(moved));
  CHECK(moved.get().rejection.code == RejectionCode::not_ready);
}

TEST_CASE_FIXTURE(SteppedEngine, "who waits for due work is answered when none is left, and who only reads at once") {
  constexpr std::size_t accounts = 2 * group_due_items_max;
  std::vector<std::future<Answer>> allocated;
  for (std::size_t i = 0; i < accounts; ++i) {
    start(open_work("a" + std::to_string(i)));
    AllocateUnitCredits allocate;
    allocate.account_id = "a" + std::to_string(i);
    allocate.amount = 10;
    allocate.expires_at = Instant{micros(clock().now()) + 60 * micros_per_second};
    allocated.push_back(start(work(allocate)));
  }
  while (!is_there(allocated.back())) engine().step(0);
  clock().advance_seconds(3'600);
  const auto read = [this](bool waits) {
    Work one;
    one.context.principal.book = book;
    one.context.waits = waits;
    one.read_book = [](const BookState&, LogPosition, Instant) {};
    return start(std::move(one));
  };
  auto waiting = read(true), reading = read(false);
  engine().step(0);
  CHECK(is_there(reading));
  CHECK_FALSE(is_there(waiting));
  while (!is_there(waiting)) engine().step(0);
  CHECK(waiting.get().accepted());
  const Position done = head();
  engine().step(0);
  CHECK(head() == done);
  CHECK(view_envelope(engine().log().read_one(0, done)).command == "ExpireGrant");
}

TEST_CASE_FIXTURE(SteppedEngine, "without threads what is queued is answered by stop, and the index is written") {
  auto answer = start(open_work("a"));
  engine().stop();
  REQUIRE(is_there(answer));
  CHECK(answer.get().accepted());
  reopen();
  engine().write_index(0);
  auto again = start(open_work("a"));
  engine().step(0);
  REQUIRE(is_there(again));
  CHECK(again.get().is_replay);
}

}  // namespace daybook::test
