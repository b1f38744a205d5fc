// A disk that fills up: commands stop with storage_full before and when it is full, reads go on, and commands are taken
// again by themselves.
#include "tests/engine/faulty_ledger.h"

using namespace daybook;
using namespace daybook::test;

namespace {

constexpr std::int64_t mib = 1 << 20;
const Asset unit_credits{"credits", false};

struct FillingLedger : FaultyLedger {
  FillingLedger() {
    options().free_bytes_min = 64 * mib;
    reopen();
  }
  void set_free(std::int64_t bytes, bool full) {
    plan().free_bytes = bytes;
    wait_until([&] { return engine().is_full() == full; });
  }
};

}  // namespace

TEST_CASE_FIXTURE(FillingLedger, "the reserve refuses commands, keeps reads, and gives way by itself") {
  REQUIRE(send_group(4));
  const Answer hold = reserve("acme", 10);
  REQUIRE(hold.accepted());
  set_free(64 * mib - 1, true);
  CHECK(engine().is_ready());
  CHECK(engine().status().find("64 MiB") != std::string::npos);
  const Position before = head();
  CHECK(deduct("acme", 1, "refused").rejection.code == RejectionCode::storage_full);
  CHECK(allocate("acme", 1).rejection.code == RejectionCode::storage_full);
  CHECK(head() == before);  // Also the refusal of a command with a key is not kept.

  CHECK(state("acme").wallet(unit_credits).reserved == 10);
  CHECK(deduct("acme", 1, "command-1").is_replay);
  DeductUnitCredits trial;
  trial.account_id = "acme";
  trial.amount = 1;
  Work dry = work(trial);
  dry.context.dry_run = true;
  CHECK(run(std::move(dry)).accepted());

  // What falls due rests, except for an account that is read: its due work comes first, from the reserve.
  clock().advance_seconds(3'600);
  CHECK_FALSE(allocate("acme", 1).accepted());  // A group of the writer has passed.
  CHECK(head() == before);
  CHECK(state("acme").wallet(unit_credits).reserved == 0);
  CHECK(head() == before + 1);

  set_free(64 * mib, false);
  CHECK(engine().status().empty());
  CHECK_FALSE(deduct("acme", 1, "refused").is_replay);
  CHECK(head() == before + 2);
}

TEST_CASE_FIXTURE(FillingLedger,
                  "what fell due in the reserve is run when there is room again, without anybody asking") {
  REQUIRE(reserve("acme", 10).accepted());
  const Position before = head();
  set_free(0, true);
  clock().advance_seconds(3'600);
  CHECK_FALSE(allocate("acme", 1).accepted());  // A group of the writer has passed.
  CHECK(head() == before);
  set_free(100 * mib, false);
  wait_until([&] { return head() == before + 1; });
}

TEST_CASE_FIXTURE(FillingLedger, "a disk that is full to the last byte loses nothing, and reads of the log go on") {
  for (int round = 0; round < 3; ++round) {
    CAPTURE(round);
    REQUIRE(send_group(8));
    const Position before = head();
    plan().no_room = true;
    // By the failed write or by the reserve, whichever comes first.
    CHECK_FALSE(send_group(8, RejectionCode::storage_full));
    wait_until([&] { return engine().is_full(); });
    CHECK_FALSE(engine().status().empty());
    CHECK_FALSE(send_group(1, RejectionCode::storage_full));
    const auto history = engine().account_as_of(book, "acme", {}, {});
    REQUIRE(history.state);
    CHECK(history.state->wallet(unit_credits).available == 1'000'000 - static_cast<std::int64_t>(before - 2));
    CHECK(engine().stream_positions(history.stream, 1, 1'000).size() == before);
    plan().no_room = false;
    wait_until([&] { return engine().is_ready() && !engine().is_full(); });
    settle_and_check();
  }
}

TEST_CASE_FIXTURE(FillingLedger, "a crash on a full disk keeps everything acknowledged") {
  REQUIRE(send_group(8));
  plan().no_room = true;
  CHECK_FALSE(send_group(8, RejectionCode::storage_full));
  close();
  CHECK_THROWS_AS(open(), StorageFault);  // Opening writes; it says so and harms nothing.
  plan().heal();
  open();
  settle_and_check();
}

TEST_CASE("without a reserve a full disk is noticed by the write that fails, and commands come back") {
  FaultyLedger ledger;
  ledger.plan().no_room = true;
  CHECK_FALSE(ledger.send_group(8, RejectionCode::storage_full));
  CHECK(ledger.engine().is_full());
  CHECK_FALSE(ledger.send_group(2, RejectionCode::storage_full));
  ledger.plan().heal();
  wait_until([&] { return ledger.engine().is_ready(); });
  ledger.settle_and_check();
}
