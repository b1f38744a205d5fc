#include "tests/engine/faulty_ledger.h"

#include <chrono>
#include <thread>

#include "eventstore/verify.h"

namespace daybook::test {
namespace {

constexpr std::int64_t units_at_start = 1'000'000;
constexpr std::chrono::seconds patience{60};

}  // namespace

void wait_until(const std::function<bool()>& condition) {
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) FAIL("waited a minute in vain");
    std::this_thread::yield();
  }
}

FaultyLedger::FaultyLedger(ShardNumber shards) : EngineFixture(shards, env()) {
  open_account("acme");
  REQUIRE(allocate("acme", units_at_start).accepted());
}

FaultyLedger::~FaultyLedger() {
  plan().heal();
  close();
}

bool FaultyLedger::send_group(std::size_t commands, RejectionCode told) {
  // The writer is held up by a read until all of them are waiting.
  std::promise<void> entered, released;
  Work gate = work(DeductUnitCredits{});
  gate.command.reset();
  gate.account_id = "acme";
  gate.read_account = [&](const AccountState*, LogPosition, Instant) {
    entered.set_value();
    released.get_future().wait();
  };
  auto passed = start(std::move(gate));
  if (engine().is_ready())
    entered.get_future().wait();  // A stopped shard refuses the read, and each command by itself.
  DeductUnitCredits command;
  command.account_id = "acme";
  command.amount = 1;
  std::vector<std::pair<std::string, std::future<Answer>>> answers;
  for (std::size_t i = 0; i < commands; ++i) {
    std::string key = "command-" + std::to_string(++keys_);
    auto answer = start(work(command, key));
    answers.emplace_back(std::move(key), std::move(answer));
  }
  released.set_value();
  passed.get();
  std::size_t accepted = 0;
  for (auto& [key, future] : answers) {
    const Answer answer = future.get();
    if (answer.accepted()) {
      ++accepted;
      remember(key, answer);
    } else {
      CHECK(answer.rejection.code == told);
      refused_.insert(key);
    }
  }
  CHECK((accepted == 0 || accepted == commands));
  return accepted == commands;
}

void FaultyLedger::remember(const std::string& key, const Answer& answer) {
  const auto balance_after = shown<UnitEntryShown>(answer).balance_after;
  const auto [known, is_new] = acknowledged_.try_emplace(key, Remembered{answer.position, balance_after});
  CHECK(known->second.position == answer.position);
  CHECK(known->second.balance_after == balance_after);
  CHECK(answer.is_replay != is_new);
}

void FaultyLedger::settle_and_check() {
  for (const std::string& key : refused_) {
    Answer answer;
    wait_until([&] { return (answer = deduct("acme", 1, key)).accepted(); });
    acknowledged_[key] = {answer.position, shown<UnitEntryShown>(answer).balance_after};
  }
  refused_.clear();
  const Position head_before = head();
  std::set<Position> positions;
  for (const auto& [key, first] : acknowledged_) {
    remember(key, deduct("acme", 1, key));
    positions.insert(first.position.position);
  }
  CHECK(positions.size() == acknowledged_.size());
  CHECK(head() == head_before);
  CHECK(head() == 2 + acknowledged_.size());
  const auto& wallet = state("acme").wallet(Asset{"credits", false});
  CHECK(wallet.available == units_at_start - static_cast<std::int64_t>(acknowledged_.size()));
  const LogCheck check = verify_log(engine().log(), engine().shard_of(book));
  CHECK(check.ok());
  CHECK(check.events == head());
}

void FaultyLedger::crash() {
  close();
  plan().lose_power(data() / "log");
  plan().heal();
  open();
}

}  // namespace daybook::test
