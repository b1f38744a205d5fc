// The engine without threads: everything happens in the caller's, when it says so.
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
