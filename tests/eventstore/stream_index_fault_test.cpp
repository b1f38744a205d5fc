// An index whose runs cannot be written: it says so, waits for nothing, and is made again from its checkpoint.
#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "eventstore/stream_index.h"
#include "tests/eventstore/faulty_file_system.h"
#include "tests/eventstore/log_fixture.h"

using namespace daybook;
using daybook::test::FaultyFileSystem;

namespace {

constexpr std::size_t row_bytes = 1 << 20;
constexpr Position rows_max = 400;  // More than the index's store holds in memory.

struct FaultyIndex : FaultyFileSystem {
  FaultyIndex() { open(); }
  ~FaultyIndex() {
    plan().heal();
    index.reset();
  }
  void open() {
    index.reset();
    index = StreamIndex::open({.directory = folder.path() / "index", .block_cache_bytes = 8 << 20, .env = env()});
  }
  /// A stream's row for the event at that position.
  void add(Position position) {
    IndexUpdate update;
    update.state_rows.emplace_back("book/" + std::to_string(position), row(position));
    update.positions.push_back({1, position, position});
    update.checkpoint = position;
    index->add(std::move(update));
  }
  static std::string row(Position position) {
    std::string row = std::to_string(position);
    row.resize(row_bytes, '.');
    return row;
  }
  /// As the writer of a shard does when it is too far ahead.
  void wait_for_writes() const {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (index->backlog() > 0) {
      if (std::chrono::steady_clock::now() > give_up) FAIL("entries wait for a writer that has failed");
      std::this_thread::yield();
    }
  }
  bool holds(Position position) const { return index->state_row("book/" + std::to_string(position)) == row(position); }

  ScratchFolder folder;
  std::unique_ptr<StreamIndex> index;
};

}  // namespace

TEST_CASE("an index of another row format is thrown away when it is opened, and refused to readers") {
  const ScratchFolder folder;
  const auto open = [&](std::uint16_t format, bool read_only = false) {
    return StreamIndex::open({.directory = folder.path() / "index",
                              .row_format = format,
                              .block_cache_bytes = 8 << 20,
                              .read_only = read_only});
  };
  const auto fill = [](StreamIndex& index) {
    IndexUpdate update;
    update.new_streams.emplace_back(1, "book/a");
    update.state_rows.emplace_back("book/a", "row");
    update.positions.push_back({1, 1, 1});
    update.checkpoint = 1;
    index.add(std::move(update));
    index.flush();
  };
  fill(*open(0));
  CHECK(open(0)->checkpoint() == 1);
  CHECK_THROWS_AS(open(3, true), OtherRowFormat);
  CHECK(open(0, true)->state_row("book/a") == "row");
  {
    const auto index = open(3);
    CHECK(index->checkpoint() == 0);
    CHECK(index->streams() == 0);
    CHECK_FALSE(index->state_row("book/a").has_value());
    CHECK(index->positions(1, 1, 1).empty());
    fill(*index);
  }
  CHECK(open(3)->state_row("book/a") == "row");
  CHECK(open(3, true)->checkpoint() == 1);
  CHECK(open(4)->checkpoint() == 0);
}

TEST_CASE_FIXTURE(FaultyIndex,
                  "an index that cannot be written says so, keeps what it was told, and goes on from before") {
  for (Position position = 1; position <= 10; ++position) add(position);
  index->flush();
  Position last = 10;
  SUBCASE("the disk fails") {
    plan().table_appends_until_failure = 1;
  }
  SUBCASE("the disk is full") {
    plan().no_room = true;
  }
  const auto fill = [&] {
    while (last < rows_max) {
      add(last + 1);
      ++last;
      wait_for_writes();
    }
  };
  CHECK_THROWS_AS(fill(), StorageFault);
  CHECK(index->backlog() == 0);
  CHECK_THROWS_AS(index->flush(), StorageFault);
  for (Position position = 1; position <= last; ++position) CHECK(holds(position));
  CHECK(index->positions(1, 1, rows_max).size() == last);

  plan().heal();
  open();
  const Position checkpoint = index->checkpoint();
  CHECK(checkpoint >= 10);
  CHECK(checkpoint <= last);
  for (Position position = 1; position <= checkpoint; ++position) CHECK(holds(position));
  for (Position position = checkpoint + 1; position <= last; ++position) add(position);
  index->flush();
  open();
  CHECK(index->checkpoint() == last);
  for (Position position = 1; position <= last; ++position) CHECK(holds(position));
  CHECK(index->positions(1, 1, rows_max).size() == last);
}

TEST_CASE_FIXTURE(FaultyIndex,
                  "what is added again after a crash, in other runs than before, is found at every version") {
  // The checkpoint stays behind, as it does while an account's state row is still to be stored.
  const auto add_run = [&](Position from, Position to) {
    IndexUpdate update;
    for (Position position = from; position <= to; ++position) update.positions.push_back({1, position, 2 * position});
    update.checkpoint = 10;
    index->add(std::move(update));
    index->flush();
  };
  const auto check = [&](Position last) {
    for (Position from = 1; from <= last; ++from) {
      CAPTURE(from);
      const auto found = index->positions(1, from, last);
      REQUIRE(found.size() == last - from + 1);
      CHECK(found.front() == 2 * from);
      CHECK(found.back() == 2 * last);
    }
  };
  add_run(1, 5);
  for (const auto& [from, to] : {std::pair<Position, Position>{6, 7}, {8, 8}, {9, 11}, {12, 12}}) add_run(from, to);
  check(12);
  open();
  CHECK(index->checkpoint() == 10);
  add_run(6, 10);
  check(10);
  add_run(11, 20);
  check(20);
  open();
  for (Position position = 11; position <= 22; ++position) add_run(position, position);
  check(22);
}
