#include "tests/simulation/simulated_disk.h"

#include <doctest/doctest.h>

#include <set>

#include "tests/simulation/scratch.h"
#include "tests/simulation/simulated_log.h"
#include "tests/simulation/simulated_row_store.h"

namespace daybook::test {
namespace {

class Disk {
 public:
  explicit Disk(std::uint64_t seed) : disk(Random(seed), clock_) {
    log_options_.directory = scratch_.path() / "log";
    log_options_.row_bytes_max = 32;  // so that a group has several rows
    row_options_.directory = scratch_.path() / "rows";
  }
  std::unique_ptr<EventLog> log() { return open_simulated_log(disk, log_options_); }
  std::unique_ptr<RowStore> rows() { return open_simulated_rows(disk, row_options_); }
  /// Groups of three, until something throws; how many were acknowledged.
  static Position append_until_it_fails(EventLog& log) {
    const std::vector<std::string_view> group{"first of three", "second of three", "third of three"};
    try {
      for (int i = 0; i < 100; ++i) log.append(0, log.head(0) + 1, group);
    } catch (const StorageFault&) {
    }
    return log.head(0);
  }

 private:
  SimulatedClock clock_{Instant{1}};
  Scratch scratch_;
  EventLog::Options log_options_;
  RowStore::Options row_options_;

 public:
  SimulatedDisk disk;
};

}  // namespace

TEST_CASE("wherever a crash falls, whole groups are left, with every one that was acknowledged") {
  std::set<Position> unacknowledged;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Disk with(seed);
    auto log = with.log();
    with.disk.plan_crash(1 + seed / 4, seed % 2 == 0 ? CrashKind::kill : CrashKind::power_loss);
    const Position acknowledged = Disk::append_until_it_fails(*log);
    CHECK_THROWS_AS(log->reopen(), StorageFault);
    log.reset();
    with.disk.power_on();
    log = with.log();
    CHECK(log->head(0) % 3 == 0);
    CHECK(log->head(0) >= acknowledged);
    CHECK(log->head(0) <= acknowledged + 3);
    unacknowledged.insert(log->head(0) - acknowledged);
  }
  CHECK(unacknowledged == std::set<Position>{0, 3});
}

TEST_CASE("a write that fails may be there or not, and the log goes on after reopen") {
  std::set<Position> unacknowledged;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Disk with(seed);
    const auto log = with.log();
    with.disk.fail_once_in(10);
    const Position acknowledged = Disk::append_until_it_fails(*log);
    with.disk.fail_once_in(0);
    if (!log->has_failed()) continue;
    CHECK_THROWS_AS(log->append(0, log->head(0) + 1, std::vector<std::string_view>{"x"}), StorageFault);
    log->reopen();
    unacknowledged.insert(log->head(0) - acknowledged);
  }
  CHECK(unacknowledged == std::set<Position>{0, 3});
}

TEST_CASE("a sync that lies loses what it said it had, in a power loss only") {
  for (const CrashKind kind : {CrashKind::kill, CrashKind::power_loss}) {
    Position lost = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      Disk with(seed);
      auto log = with.log();
      with.disk.set_lying(true);
      const Position acknowledged = Disk::append_until_it_fails(*log);
      with.disk.crash(kind);
      log.reset();
      with.disk.power_on();
      lost += acknowledged - with.log()->head(0);
    }
    CHECK((lost > 0) == (kind == CrashKind::power_loss));
  }
}

TEST_CASE("a full disk says so, and takes appends again when there is room") {
  Disk with(1);
  const auto log = with.log();
  with.disk.set_full(true);
  CHECK(log->free_disk_bytes() == 0);
  CHECK_THROWS_AS(log->append(0, 1, std::vector<std::string_view>{"x"}), DiskFull);
  CHECK_THROWS_AS(log->append(0, 1, std::vector<std::string_view>{"x"}), DiskFull);
  with.disk.set_full(false);
  log->reopen();
  CHECK(Disk::append_until_it_fails(*log) >= 300);
}

TEST_CASE("a crash leaves a store the first of its batches, and all that were flushed") {
  std::set<int> left;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Disk with(seed);
    auto store = with.rows();
    for (int number = 1; number <= 10; ++number) {
      const auto batch = store->new_batch();
      batch->put("first", std::to_string(number));
      batch->put("number " + std::to_string(number), "");
      batch->put("last", std::to_string(number));
      store->write(*batch);
      if (number == 5) store->flush();
    }
    with.disk.crash(seed % 2 == 0 ? CrashKind::kill : CrashKind::power_loss);
    store.reset();
    with.disk.power_on();
    store = with.rows();
    const int last = std::stoi(store->get("last").value());
    CHECK(last >= 5);
    CHECK(store->get("first") == store->get("last"));
    for (int number = 1; number <= 10; ++number) {
      CHECK(store->get("number " + std::to_string(number)).has_value() == (number <= last));
    }
    left.insert(last);
  }
  CHECK(left == std::set<int>{5, 6, 7, 8, 9, 10});
}

}  // namespace daybook::test
