#include "eventstore/log.h"

#include <doctest/doctest.h>

#include <thread>

#include "tests/eventstore/log_fixture.h"

using namespace daybook;
using daybook::test::LogFixture;

TEST_CASE_FIXTURE(LogFixture, "an empty log has no head and nothing to read") {
  CHECK(log().head(0) == 0);
  CHECK(log().head_checksum(0) == 0);
  CHECK(read_forward().empty());
  CHECK(read_backward(0).empty());
  CHECK(read_backward(10).empty());
  CHECK(rows().empty());
}

TEST_CASE_FIXTURE(LogFixture, "what is appended is read back, forward, backward and one by one") {
  CHECK(append({"alpha"}) == 1);
  CHECK(append({"beta", "gamma"}) == 2);
  CHECK(log().head(0) == 3);
  CHECK(read_forward() == std::vector<std::string>{"alpha", "beta", "gamma"});
  CHECK(read_forward(2) == std::vector<std::string>{"beta", "gamma"});
  CHECK(read_forward(4).empty());
  CHECK(read_backward(3) == std::vector<std::string>{"gamma", "beta", "alpha"});
  CHECK(read_backward(2) == std::vector<std::string>{"beta", "alpha"});
  CHECK(log().read_one(0, 2) == "beta");
  CHECK_THROWS_AS(log().read_one(0, 4), StorageFault);
  CHECK_THROWS_AS(log().read_one(0, 0), StorageFault);
}

TEST_CASE_FIXTURE(LogFixture, "a log is the same after it was closed and opened, and after reopen") {
  append({"alpha", "beta"});
  append({"gamma"});
  const auto checksum = log().head_checksum(0);
  CHECK(checksum != 0);
  restart();
  CHECK(log().head(0) == 3);
  CHECK(log().head_checksum(0) == checksum);
  log().reopen();
  CHECK(log().head(0) == 3);
  CHECK(log().head_checksum(0) == checksum);
  CHECK(append({"delta"}) == 4);
  CHECK(read_forward() == std::vector<std::string>{"alpha", "beta", "gamma", "delta"});
}

TEST_CASE_FIXTURE(LogFixture, "a group becomes as many rows as its bytes need, in one write") {
  options.row_bytes_max = 1024;
  append_numbered(100, 100);
  const auto stored = rows();
  CHECK(stored.size() > 10);
  for (const auto& [first, bytes] : stored) CHECK(bytes.size() <= 1024);
  CHECK(stored.front().first == 1);
  const auto events = read_forward();
  REQUIRE(events.size() == 100);
  for (Position position = 1; position <= 100; ++position) CHECK(events[position - 1] == numbered(position, 100));
  CHECK(read_backward(100).size() == 100);
}

TEST_CASE_FIXTURE(LogFixture, "an event over the row cap has a row of its own") {
  append({"small", std::string(options.row_bytes_max, 'x'), "small too"});
  const auto stored = rows();
  REQUIRE(stored.size() == 3);
  CHECK(stored[1].first == 2);
  CHECK(read_forward()[1].size() == options.row_bytes_max);
}

TEST_CASE_FIXTURE(LogFixture, "the largest envelope is stored, a larger one and an empty one are refused") {
  append({std::string(envelope_bytes_max, 'x')});
  CHECK_THROWS_AS(append({std::string(envelope_bytes_max + 1, 'x')}), StorageFault);
  CHECK_THROWS_AS(append({"a", ""}), StorageFault);
  CHECK_THROWS_AS(append({}), StorageFault);
  CHECK(log().head(0) == 1);
  CHECK(append({"after a refusal"}) == 2);
  CHECK(log().read_one(0, 1).size() == envelope_bytes_max);
}

TEST_CASE_FIXTURE(LogFixture, "a group anywhere but right behind the head is refused") {
  append({"alpha"});
  const std::vector<std::string_view> group{"beta"};
  CHECK_THROWS_AS(log().append(0, 1, group), StorageFault);
  CHECK_THROWS_AS(log().append(0, 3, group), StorageFault);
  CHECK_THROWS_AS(log().append(1, 1, group), StorageFault);
  CHECK(read_forward() == std::vector<std::string>{"alpha"});
}

TEST_CASE_FIXTURE(LogFixture, "a reader seeks both ways and stops at the head of its opening") {
  options.row_bytes_max = 256;
  append_numbered(50);
  const auto forward = log().read_forward(0, 1);
  const auto backward = log().read_backward(0, 50);
  append_numbered(10);
  StoredEvent event;
  for (const Position position : {50U, 1U, 17U, 18U, 3U}) {
    forward->seek(position);
    REQUIRE(forward->next(event));
    CHECK(event.position == position);
    CHECK(event.envelope == numbered(position));
    backward->seek(position);
    REQUIRE(backward->next(event));
    CHECK(event.position == position);
    CHECK(event.envelope == numbered(position));
  }
  forward->seek(51);
  CHECK_FALSE(forward->next(event));
  forward->seek(0);
  REQUIRE(forward->next(event));
  CHECK(event.position == 1);
  backward->seek(60);
  REQUIRE(backward->next(event));
  CHECK(event.position == 50);
  backward->seek(0);
  CHECK_FALSE(backward->next(event));
}

TEST_CASE_FIXTURE(LogFixture, "an envelope is aligned in memory") {
  append({"1", "22", "333"});
  const auto reader = log().read_forward(0, 1);
  for (StoredEvent event; reader->next(event);) {
    CHECK(reinterpret_cast<std::uintptr_t>(event.envelope.data()) % 8 == 0);
  }
}

TEST_CASE_FIXTURE(LogFixture, "an envelope stays readable when the log is reopened, the reader then throws") {
  options.row_bytes_max = 64;
  append_numbered(10);
  const auto reader = log().read_forward(0, 1);
  StoredEvent event;
  REQUIRE(reader->next(event));
  log().reopen();
  CHECK(event.envelope == numbered(1));
  CHECK_THROWS_AS(reader->next(event), StorageFault);
  const auto later = log().read_forward(0, 2);
  close();
  CHECK_THROWS_AS(later->next(event), StorageFault);
}

TEST_CASE_FIXTURE(LogFixture, "two shards append at the same time and keep apart") {
  options.shards = 2;
  open();
  const auto append_many = [&](ShardNumber shard) {
    for (int i = 0; i < 50; ++i) append_numbered(20, 60 + shard, shard);
  };
  std::thread other(append_many, ShardNumber{1});
  append_many(0);
  other.join();
  restart();
  for (const ShardNumber shard : {ShardNumber{0}, ShardNumber{1}}) {
    const auto events = read_forward(1, shard);
    REQUIRE(events.size() == 1000);
    for (Position position = 1; position <= 1000; ++position) {
      CHECK(events[position - 1] == numbered(position, 60U + shard));
    }
    CHECK(read_backward(1000, shard).size() == 1000);
  }
}

TEST_CASE_FIXTURE(LogFixture, "a log of two shards is not opened as one of one") {
  options.shards = 2;
  open();
  append({"in shard 1"}, 1);
  close();
  options.shards = 1;
  CHECK_THROWS_AS(open(), StorageFault);
}

TEST_CASE_FIXTURE(LogFixture, "many rows survive flushes and compactions") {
  for (int i = 0; i < 120; ++i) append_numbered(500, 800);
  CHECK(log().disk_bytes() > 0);
  log().check_files();
  restart();
  CHECK(log().head(0) == 60'000);
  const auto reader = log().read_forward(0, 1);
  Position expected = 1;
  bool same = true;
  for (StoredEvent event; reader->next(event); ++expected) same = same && event.envelope == numbered(expected, 800);
  CHECK(same);
  CHECK(expected == 60'001);
  CHECK(log().read_one(0, 31'234) == numbered(31'234, 800));
}
