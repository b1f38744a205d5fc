// Failed writes: the log stops, says so, and goes on from what the disk holds once it is reopened.
#include <doctest/doctest.h>

#include "tests/eventstore/faulty_file_system.h"
#include "tests/eventstore/log_fixture.h"

using namespace daybook;
using daybook::test::FaultyFileSystem;
using daybook::test::LogFixture;

namespace {

struct FaultyLog : FaultyFileSystem, LogFixture {
  FaultyLog() { options.env = env(); }
  ~FaultyLog() { close(); }

  /// One event of 40 bytes; true if append returned.
  bool try_append() {
    try {
      append_numbered(1);
      return true;
    } catch (const StorageFault&) {
      return false;
    }
  }
  void heal() { plan().heal(); }
  /// Dense from 1 to the head, each what was appended there.
  bool is_sound() {
    const auto events = read_forward();
    if (events.size() != log().head(0)) return false;
    for (Position position = 1; position <= events.size(); ++position) {
      if (events[position - 1] != numbered(position)) return false;
    }
    return true;
  }
};

}  // namespace

TEST_CASE_FIXTURE(FaultyLog, "after a failed sync every append throws until the log is reopened") {
  for (int i = 0; i < 3; ++i) REQUIRE(try_append());
  plan().syncs_until_failure = 1;
  CHECK_FALSE(try_append());
  CHECK(log().head(0) == 3);
  heal();
  CHECK_FALSE(try_append());
  CHECK_THROWS_WITH_AS(append({"more"}), "a write of the log failed before; reopen it first", StorageFault);
  CHECK(read_forward().size() == 3);
  log().reopen();
  CHECK(log().head(0) >= 3);  // The group whose sync failed is all there or not at all.
  CHECK(log().head(0) <= 4);
  CHECK(try_append());
  CHECK(is_sound());
  restart();
  CHECK(is_sound());
}

TEST_CASE_FIXTURE(FaultyLog, "a failed append of one shard stops the others too") {
  options.shards = 2;
  open();
  append_numbered(1, 40, 1);
  plan().appends_until_failure = 1;
  CHECK_FALSE(try_append());
  heal();
  CHECK_THROWS_AS(append_numbered(1, 40, 1), StorageFault);
  log().reopen();
  append_numbered(1, 40, 1);
  CHECK(log().head(1) == 2);
  CHECK(try_append());
}

TEST_CASE_FIXTURE(FaultyLog, "a write that fails, torn or whole, at any point loses nothing that was acknowledged") {
  for (const bool torn : {false, true}) {
    for (int nth = 1; nth <= 6; ++nth) {
      CAPTURE(torn);
      CAPTURE(nth);
      plan().appends_until_failure = nth;
      plan().tear_failing_append = torn;
      while (try_append()) {
      }
      const auto acknowledged = log().head(0);
      heal();
      log().reopen();
      CHECK(log().head(0) >= acknowledged);
      CHECK(is_sound());
      CHECK(try_append());
    }
  }
}

TEST_CASE_FIXTURE(FaultyLog, "a power loss keeps what append returned for, and cuts what was not synced") {
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 5; ++i) REQUIRE(try_append());
    const auto acknowledged = log().head(0);
    plan().syncs_until_failure = 1;
    CHECK_FALSE(try_append());
    close();
    plan().lose_power(options.directory);
    heal();
    open();
    CHECK(log().head(0) == acknowledged);
    CHECK(is_sound());
  }
}

TEST_CASE_FIXTURE(FaultyLog, "a full disk stops the log, and it goes on when there is room again") {
  open();
  plan().disk_is_full = true;
  Position acknowledged = 0;
  const auto fill = [&] {
    for (int i = 0; i < 1000; ++i) {  // Some 80 MB: a memtable that cannot be flushed comes long before.
      append_numbered(100, 800);
      acknowledged = log().head(0);
    }
  };
  CHECK_THROWS_AS(fill(), StorageFault);
  CHECK(acknowledged > 0);
  CHECK_THROWS_AS(log().reopen(), StorageFault);  // Recovery writes a table file.
  CHECK_THROWS_AS(append_numbered(1), StorageFault);
  CHECK_THROWS_AS(read_forward(), StorageFault);
  heal();
  log().reopen();
  CHECK(log().head(0) >= acknowledged);
  append_numbered(1, 800);
  CHECK(read_forward().size() == log().head(0));
}
