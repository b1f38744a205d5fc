// What the engine and the followers rely on of a log, asked alike of the one over RocksDB and of the simulated one.
#include <doctest/doctest.h>

#include "eventstore/log_row.h"
#include "tests/simulation/scratch.h"
#include "tests/simulation/simulated_log.h"

namespace daybook::test {
namespace {

class RocksLogs {
 public:
  std::unique_ptr<EventLog> open(const EventLog::Options& options) { return EventLog::open(options); }
};

class SimulatedLogs {
 public:
  std::unique_ptr<EventLog> open(const EventLog::Options& options) { return open_simulated_log(disk_, options); }

 private:
  SimulatedClock clock_{Instant{1}};
  SimulatedDisk disk_{Random(1), clock_};
};

template <class Logs>
class LogsFixture {
 public:
  LogsFixture() {
    options.directory = scratch_.path() / "log";
    options.row_bytes_max = 256;
  }
  EventLog& log() {
    if (!log_) log_ = logs_.open(options);
    return *log_;
  }
  void restart() { log_.reset(); }
  void append(std::size_t count, ShardNumber shard = 0) {
    std::vector<std::string> envelopes;
    for (std::size_t i = 1; i <= count; ++i) envelopes.push_back(numbered(log().head(shard) + i));
    append(envelopes, shard);
  }
  void append(const std::vector<std::string>& envelopes, ShardNumber shard = 0) {
    const std::vector<std::string_view> views(envelopes.begin(), envelopes.end());
    log().append(shard, log().head(shard) + 1, views);
  }
  static std::string numbered(Position position) {
    return "event " + std::to_string(position) + std::string(position % 50, '.');
  }
  /// Reads on from where the reader stands, and checks each event.
  static std::vector<Position> read(LogReader& reader) {
    std::vector<Position> positions;
    for (StoredEvent event; reader.next(event);) {
      CHECK(event.envelope == numbered(event.position));
      CHECK(reinterpret_cast<std::uintptr_t>(event.envelope.data()) % 8 == 0);
      positions.push_back(event.position);
    }
    return positions;
  }

  EventLog::Options options;

 private:
  Scratch scratch_;
  Logs logs_;
  std::unique_ptr<EventLog> log_;
};

std::vector<Position> ascending(Position from, Position to) {
  std::vector<Position> positions;
  for (Position position = from; position <= to; ++position) positions.push_back(position);
  return positions;
}

}  // namespace

#define DAYBOOK_LOGS RocksLogs, SimulatedLogs

TEST_CASE_TEMPLATE("what is appended is read back both ways, one by one, and after a restart", Logs, DAYBOOK_LOGS) {
  LogsFixture<Logs> fixture;
  CHECK(fixture.log().head(0) == 0);
  CHECK(fixture.log().head_checksum(0) == 0);
  for (const std::size_t count : {1U, 7U, 60U, 2U}) fixture.append(count);
  const std::uint64_t checksum = fixture.log().head_checksum(0);
  for (int round = 0; round < 3; ++round) {
    EventLog& log = fixture.log();
    CHECK(log.head(0) == 70);
    CHECK(log.head_checksum(0) == checksum);
    CHECK(LogsFixture<Logs>::read(*log.read_forward(0, 1)) == ascending(1, 70));
    CHECK(LogsFixture<Logs>::read(*log.read_forward(0, 69)) == ascending(69, 70));
    auto backward = ascending(1, 70);
    std::reverse(backward.begin(), backward.end());
    CHECK(LogsFixture<Logs>::read(*log.read_backward(0, 70)) == backward);
    for (Position position = 1; position <= 70; ++position)
      CHECK(log.read_one(0, position) == fixture.numbered(position));
    CHECK_THROWS_AS(log.read_one(0, 0), StorageFault);
    CHECK_THROWS_AS(log.read_one(0, 71), StorageFault);
    if (round == 0) log.reopen();
    if (round == 1) fixture.restart();
  }
}

TEST_CASE("the stored rows are the same bytes in both logs") {
  const auto rows_of = [](auto fixture) {
    for (const std::size_t count : {3U, 40U}) fixture->append(count);
    std::vector<std::pair<Position, std::string>> rows;
    fixture->log().for_each_row(0, 5, [&](Position first, std::string_view bytes) {
      CHECK(RowView(0, first, bytes).damage() == "");
      rows.emplace_back(first, bytes);
      return true;
    });
    return rows;
  };
  const auto rows = rows_of(std::make_unique<LogsFixture<SimulatedLogs>>());
  CHECK(rows.size() > 5);
  CHECK(rows.front().first == 4);  // the row that holds 5: a group begins one
  CHECK(rows == rows_of(std::make_unique<LogsFixture<RocksLogs>>()));
}

TEST_CASE_TEMPLATE("what is not to be appended is refused, and nothing changes", Logs, DAYBOOK_LOGS) {
  LogsFixture<Logs> fixture;
  fixture.append(2);
  const std::vector<std::string_view> group{"x"};
  CHECK_THROWS_AS(fixture.log().append(0, 2, group), StorageFault);
  CHECK_THROWS_AS(fixture.log().append(0, 4, group), StorageFault);
  CHECK_THROWS_AS(fixture.log().append(1, 1, group), StorageFault);
  CHECK_THROWS_AS(fixture.append(std::vector<std::string>{}), StorageFault);
  CHECK_THROWS_AS(fixture.append({"a", ""}), StorageFault);
  CHECK_THROWS_AS(fixture.append({std::string(envelope_bytes_max + 1, 'x')}), StorageFault);
  CHECK_FALSE(fixture.log().has_failed());
  fixture.append(1);
  CHECK(LogsFixture<Logs>::read(*fixture.log().read_forward(0, 1)) == ascending(1, 3));
}

TEST_CASE_TEMPLATE("a reader seeks, stops at the head of its opening, and does not go on over a reopen", Logs,
                   DAYBOOK_LOGS) {
  LogsFixture<Logs> fixture;
  fixture.append(50);
  const auto forward = fixture.log().read_forward(0, 1);
  const auto backward = fixture.log().read_backward(0, 90);
  fixture.append(5);
  StoredEvent event;
  for (const Position position : {50U, 1U, 17U, 3U}) {
    for (LogReader* reader : {forward.get(), backward.get()}) {
      reader->seek(position);
      REQUIRE(reader->next(event));
      CHECK(event.position == position);
    }
  }
  forward->seek(51);
  CHECK_FALSE(forward->next(event));
  backward->seek(0);
  CHECK_FALSE(backward->next(event));
  forward->seek(1);
  REQUIRE(forward->next(event));
  fixture.log().reopen();
  CHECK(event.envelope == fixture.numbered(1));
  forward->seek(50);
  CHECK_THROWS_AS(forward->next(event), StorageFault);
}

TEST_CASE_TEMPLATE("shards keep apart", Logs, DAYBOOK_LOGS) {
  LogsFixture<Logs> fixture;
  fixture.options.shards = 2;
  fixture.append(3, 1);
  fixture.append(5, 0);
  fixture.append(4, 1);
  fixture.restart();
  CHECK(LogsFixture<Logs>::read(*fixture.log().read_forward(0, 1)) == ascending(1, 5));
  CHECK(LogsFixture<Logs>::read(*fixture.log().read_forward(1, 1)) == ascending(1, 7));
  fixture.restart();
  fixture.options.shards = 1;
  CHECK_THROWS_AS(fixture.log(), StorageFault);
}

}  // namespace daybook::test
