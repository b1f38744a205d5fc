// The crash matrix of the whole engine: commands, index runs, state rows, Merkle nodes and key slots on a disk that
// stops at some operation; then the power goes, and what is opened again holds what was acknowledged, whole groups
// only, and everything that is folded from the log is what a fresh fold gives. A child process does the work (see
// tests/eventstore/crash_matrix_test.cpp).
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "domain/evolve.h"
#include "domain/state_codec.h"
#include "engine/index_check.h"
#include "eventstore/merkle_check.h"
#include "eventstore/rocks_open.h"
#include "eventstore/verify.h"
#include "tests/engine/engine_fixture.h"
#include "tests/eventstore/child_process.h"
#include "tests/eventstore/failing_disk.h"
#include "tests/eventstore/sampling.h"

using namespace daybook;
using namespace daybook::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* child_case = "child: an engine on a disk that fails";
constexpr int no_failure = 1 << 30;
constexpr int crashes_usual = 16;         ///< Of each kind of power loss.
constexpr int group_of_deductions = 280;  ///< More than a tile of the Merkle tree.
const std::string book = "default";

/// An engine without threads, so that each run does the same operations.
class SteppedLedger {
 public:
  explicit SteppedLedger(const fs::path& data) {
    options_.data = data;
    options_.sandbox = true;
    options_.clock = &clock_;
    options_.threads = false;
    options_.dirty_lag_events = 8;
    reopen();
  }
  void reopen() {
    engine_.reset();
    engine_ = Engine::open(options_);
  }
  Engine& engine() { return *engine_; }
  void flush() { engine_->write_index(0); }
  Position head() const { return engine_->log().head(0); }

  /// One group of commands that are all accepted; throws StorageFault if one was not.
  std::vector<Answer> run(const std::vector<Command>& commands) {
    std::vector<Answer> answers(commands.size());
    for (std::size_t i = 0; i < commands.size(); ++i) {
      Work work;
      work.command = commands[i];
      work.context.principal.name = "key:test";
      work.context.principal.role = Role::super_admin;
      work.context.idempotency_key = fmt::format("key{}", ++keys_);
      work.context.fingerprint = "f";
      work.done = [&answers, i](Answer answer) { answers[i] = std::move(answer); };
      REQUIRE(engine_->submit(std::move(work)));
    }
    engine_->step(0);
    for (const Answer& answer : answers) {
      if (answer.rejection.code == RejectionCode::not_ready) throw StorageFault(engine_->status());
      REQUIRE(answer.accepted());
    }
    clock_.advance_seconds(1);
    return answers;
  }

 private:
  TurnedClock clock_;
  Engine::Options options_;
  std::unique_ptr<Engine> engine_;
  int keys_ = 0;
};

/// What a client does, the same each time; what is repeated is answered as at first. `tell` hears the answers.
void run_script(SteppedLedger& ledger, const std::function<void(const std::vector<Answer>&)>& tell) {
  const auto one = [&](Command command) {
    const auto answers = ledger.run({std::move(command)});
    tell(answers);
    return answers.front();
  };
  for (const char* id : {"acme", "beta"}) {
    OpenAccount opened;
    opened.account_id = id;
    opened.name.clear = "Name";
    opened.email.clear = "a@example.test";
    opened.currency = currency_of("USD");
    opened.time_zone = "UTC";
    one(opened);
    IssueCredit issued;
    issued.account_id = id;
    issued.amount = 500;
    issued.currency = currency_of("USD");
    issued.expires_at = Instant{1'900'000'000'000'000};
    VoidCredit voided;
    voided.credit = shown<CreditShown>(one(issued)).grant.id;
    one(voided);
    AllocateUnitCredits allocated;
    allocated.account_id = id;
    allocated.amount = 10'000;
    one(allocated);
    ReserveUnitCredits reserved;
    reserved.account_id = id;
    reserved.amount = 10;
    reserved.ttl_seconds = 3'000;
    one(reserved);
    DeductUnitCredits deduct;
    deduct.account_id = id;
    deduct.amount = 1;
    tell(ledger.run(std::vector<Command>(group_of_deductions, deduct)));
    ledger.flush();
    one(deduct);
    ledger.reopen();
  }
}

std::string text_of(const std::vector<Answer>& answers) {
  return fmt::format("{} {}", answers.front().position.position, answers.back().position.position);
}

std::string state_of(const Engine& engine, const std::string& account) {
  const auto past = engine.account_as_of(book, account, {}, LogPosition{0, engine.log().head(0)});
  return past.state ? encode_state(*past.state) : std::string();
}

/// That everything in the directory fits together.
void check_directory(const fs::path& data) {
  const auto directory = DataDirectory::open(data, DataDirectory::Access::read);
  EventLog::Options options;
  options.directory = directory->log_path();
  options.read_only = true;
  const auto log = EventLog::open(options);
  check_witness(*log, *directory);
  CHECK(verify_log(*log, 0).ok());
  const auto index = StreamIndex::open(
      {.directory = directory->views_path() / "index-0", .row_format = fold_version, .read_only = true});
  const IndexCheck check = check_index(*log, 0, *index);
  for (const auto& problem : check.problems) FAIL_CHECK(problem.text);
  MerkleTree::Options tree_options;
  tree_options.directory = directory->views_path() / "merkle-0";
  tree_options.read_only = true;
  const MerkleTree tree(tree_options, *log);
  CHECK(check_merkle(*log, 0, tree, {}).problems.empty());
}

struct Crash {
  std::vector<std::string> acknowledged;
  std::string last;  ///< "whole", "failed" or "(gone)".
  int operations = 0;
};

Crash crash_at(int nth, const fs::path& folder) {
  fs::create_directory(folder / "disk");
  fs::create_directory(folder / "shadow");
  Crash crash;
  ChildProcess child(child_case, folder);
  child.tell(std::to_string(nth));
  const auto is_end = [&] { return crash.last == "whole" || crash.last == "failed" || crash.last == "(gone)"; };
  for (crash.last = child.hear(); !is_end(); crash.last = child.hear()) crash.acknowledged.push_back(crash.last);
  if (crash.last == "whole") crash.operations = std::stoi(child.hear());
  return crash;
}

/// Opens what was left: what was acknowledged is there, nothing half, and the client can go on to the same end.
void check_left(const fs::path& data, const Crash& crash, const std::vector<std::string>& all) {
  {
    SteppedLedger ledger(data);
    // The log ends where some group ends, not before the last one that was acknowledged.
    const std::string head = " " + std::to_string(ledger.head());
    const auto ends = [&](const std::string& group) { return group.ends_with(head); };
    const auto group = std::find_if(all.begin(), all.end(), ends);
    const std::size_t groups = ledger.head() == 0 ? 0 : static_cast<std::size_t>(group - all.begin()) + 1;
    CHECK((ledger.head() == 0 || group != all.end()));
    CHECK(groups >= crash.acknowledged.size());
    CHECK(groups <= crash.acknowledged.size() + 1);
    std::size_t told = 0;
    run_script(ledger, [&](const std::vector<Answer>& answers) {
      CHECK(text_of(answers) == all[told]);
      for (const Answer& answer : answers) CHECK(answer.is_replay == (told < groups));
      ++told;
    });
    CHECK(told == all.size());
    for (const char* account : {"acme", "beta"}) {
      std::string held;
      Work read;
      read.context.principal.book = book;
      read.account_id = account;
      read.read_account = [&](const AccountState* state, LogPosition, Instant) { held = encode_state(*state); };
      read.done = [](const Answer&) {};
      REQUIRE(ledger.engine().submit(std::move(read)));
      ledger.engine().step(0);
      CHECK(held == state_of(ledger.engine(), account));
    }
  }
  check_directory(data);
}

}  // namespace

TEST_CASE("child: an engine on a disk that fails" * doctest::skip()) {
  ParentLine parent;
  REQUIRE(std::freopen("/dev/null", "w", stderr) != nullptr);  // Where RocksDB says why it aborts.
  spdlog::set_level(spdlog::level::off);
  const int nth = std::stoi(parent.hear().value());
  FailingDisk disk(parent.folder() / "disk", parent.folder() / "shadow");
  disk.fail_from(nth);
  try {
    SteppedLedger ledger(parent.folder() / "disk" / "data");
    run_script(ledger, [&](const std::vector<Answer>& answers) { parent.tell(text_of(answers)); });
  } catch (const StorageFault&) {  // The failure that was planned.
  }
  if (disk.has_failed()) return parent.tell("failed");
  const int operations = disk.operations();
  parent.tell("whole");
  parent.tell(std::to_string(operations));
}

TEST_CASE("an engine that is stopped at any operation keeps what it acknowledged, whole groups only, and goes on") {
  const unsigned seed = test_seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const ScratchFolder whole;
  const Crash all = crash_at(no_failure, whole.path());
  REQUIRE(all.last == "whole");
  REQUIRE(all.acknowledged.size() == 14);
  check_left(whole.path() / "disk" / "data", all, all.acknowledged);
  const int crashes = std::min(samples(crashes_usual), all.operations);
  for (const bool is_torn : {false, true}) {
    for (int crash = 0; crash < crashes; ++crash) {
      // One of each stretch of operations.
      const int from = all.operations * crash / crashes, to = all.operations * (crash + 1) / crashes;
      const int nth = 1 + from + static_cast<int>(random() % static_cast<unsigned>(to - from));
      CAPTURE(is_torn);
      CAPTURE(nth);
      const ScratchFolder scratch;
      const Crash stopped = crash_at(nth, scratch.path());
      if (is_torn) {
        tear(scratch.path() / "disk", scratch.path() / "shadow", random);
      } else {
        lose_power(scratch.path() / "disk", scratch.path() / "shadow");
      }
      check_left(scratch.path() / "disk" / "data", stopped, all.acknowledged);
    }
  }
  std::cout << "crash matrix: engine, " << 2 * crashes << " crashes in " << all.operations << " operations, seed "
            << seed << std::endl;
}
