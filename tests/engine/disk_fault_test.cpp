// A disk that fails at each point of the writer: nobody is told what is not so, and a repeat settles what happened.
#include <fmt/format.h>

#include <array>

#include "tests/engine/broken_file.h"
#include "tests/engine/faulty_ledger.h"

using namespace daybook;
using namespace daybook::test;

namespace {

/// Groups until one fails; what it was told is checked by send_group.
void send_until_refused(FaultyLedger& ledger, RejectionCode told = RejectionCode::not_ready) {
  for (int group = 0; group < 10 && ledger.refused() == 0; ++group) ledger.send_group(8, told);
  REQUIRE(ledger.refused() == 8);
}

struct LogFault {
  const char* name;
  void (*arm)(FaultPlan& plan, int nth);
};

constexpr std::array log_faults{
    LogFault{"append", [](FaultPlan& plan, int nth) { plan.appends_until_failure = nth; }},
    LogFault{"torn append",
             [](FaultPlan& plan, int nth) {
               plan.tear_failing_append = true;
               plan.appends_until_failure = nth;
             }},
    LogFault{"sync", [](FaultPlan& plan, int nth) { plan.syncs_until_failure = nth; }},
};

}  // namespace

TEST_CASE("whatever write or sync of the log fails, its whole group is told so, and repeats settle it") {
  for (const LogFault& fault : log_faults) {
    FaultyLedger ledger;
    for (int nth = 1; nth <= 4; ++nth) {
      CAPTURE(fault.name);
      CAPTURE(nth);
      fault.arm(ledger.plan(), nth);
      send_until_refused(ledger);
      CHECK_FALSE(ledger.send_group(3));  // The disk still fails: nothing is taken.
      ledger.plan().heal();
      ledger.settle_and_check();
      CHECK(ledger.engine().is_ready());
      CHECK(ledger.engine().status().empty());
    }
  }
}

TEST_CASE("a crash after a failed write of the log keeps what was acknowledged and no half of the rest") {
  for (const LogFault& fault : log_faults) {
    FaultyLedger ledger;
    for (int nth = 1; nth <= 4; ++nth) {
      CAPTURE(fault.name);
      CAPTURE(nth);
      fault.arm(ledger.plan(), nth);
      send_until_refused(ledger);
      ledger.crash();
      ledger.settle_and_check();
    }
  }
}

TEST_CASE("K07: a head witness that cannot be written stops the group; its events are there, and repeats say so") {
  struct Case {
    BrokenFile::Fault fault;
    RejectionCode told;
  };
  for (const auto& [fault, told] : {Case{BrokenFile::Fault::failing, RejectionCode::not_ready},
                                    Case{BrokenFile::Fault::full, RejectionCode::storage_full}}) {
    FaultyLedger ledger;
    ledger.send_group(8);
    {
      const BrokenFile broken(ledger.data() / "head", fault);
      send_until_refused(ledger, told);
      CHECK(ledger.engine().is_full() == (told == RejectionCode::storage_full));
    }
    ledger.settle_and_check();
    ledger.send_group(8);
    ledger.reopen();
    ledger.settle_and_check();
  }
}

TEST_CASE("followers hear of a group that was refused and is there after all") {
  FaultyLedger ledger;
  std::atomic<Position> heard{0};
  ledger.engine().add_commit_listener([&](ShardNumber, Position position) { heard = position; });
  {
    const BrokenFile broken(ledger.data() / "head", BrokenFile::Fault::failing);
    send_until_refused(ledger);
  }
  wait_until([&] { return heard == 10; });  // Two before, and the eight.
  ledger.settle_and_check();
}

TEST_CASE("keys that cannot be written stop the opening of accounts, and nothing else is lost") {
  FaultyLedger ledger;
  std::vector<std::string> opened;
  const auto try_open = [&](const std::string& id) {
    OpenAccount command;
    command.account_id = id;
    command.name.clear = "Name";
    command.email.clear = "a@example.test";
    command.currency = currency_of("USD");
    command.time_zone = "UTC";
    return ledger.run(std::move(command)).rejection.code;
  };
  {
    const BrokenFile broken(ledger.data() / "keys" / "slots", BrokenFile::Fault::failing);
    RejectionCode code = RejectionCode::none;
    for (int number = 0; code == RejectionCode::none; ++number) {
      REQUIRE(number < 10'000);
      code = try_open(fmt::format("account{}", number));
      if (code == RejectionCode::none) opened.push_back(fmt::format("account{}", number));
    }
    CHECK(code == RejectionCode::not_ready);
    CHECK(opened.size() > 100);  // From the batch that was there.
  }
  wait_until([&] { return try_open("after") == RejectionCode::none; });
  for (const std::string& id : opened) CHECK(try_open(id) == RejectionCode::account_exists);
}

TEST_CASE("an index that cannot be written is folded again from the log at the next start") {
  FaultyLedger ledger;
  ledger.send_group(8);
  ledger.plan().table_appends_until_failure = 1;
  ledger.engine().stop();
  ledger.crash();
  ledger.settle_and_check();
  // And while it lives on after a reload.
  ledger.plan().appends_until_failure = 1;
  ledger.plan().table_appends_until_failure = 1;
  send_until_refused(ledger);
  ledger.plan().heal();
  ledger.settle_and_check();
}

TEST_CASE("a failed write in one shard leaves the other sound, and both go on") {
  FaultyLedger ledger(2);
  const std::string first = ledger.book;
  std::string second;
  for (int number = 0; second.empty(); ++number) {
    const std::string name = fmt::format("book{}", number);
    if (ledger.engine().shard_of(name) != ledger.engine().shard_of(first)) second = name;
  }
  ledger.book = second;
  ledger.open_account("other");
  for (int round = 0; round < 5; ++round) {
    ledger.book = first;
    ledger.plan().syncs_until_failure = 1;
    send_until_refused(ledger);
    ledger.book = second;
    CHECK(ledger.allocate("other", 5).rejection.code == RejectionCode::not_ready);
    ledger.plan().heal();
    wait_until([&] { return ledger.allocate("other", 5).accepted(); });
    ledger.book = first;
    ledger.settle_and_check();
  }
}
