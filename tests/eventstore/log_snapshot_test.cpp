// A read-only log beside a live writer in another process.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/eventstore/child_process.h"
#include "tests/eventstore/faulty_file_system.h"
#include "tests/eventstore/log_fixture.h"

using namespace daybook;
using daybook::test::ChildProcess;
using daybook::test::FaultyFileSystem;
using daybook::test::LogFixture;
using daybook::test::ParentLine;

namespace {

constexpr std::size_t event_bytes = 800;
constexpr int flushes_max = 4;
constexpr int tables_max = 100;

/// The names of the folder's files, to see that nothing was added or taken away.
std::vector<std::string> file_names(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

void append_hundred(EventLog& log) {
  const auto first = log.head(0) + 1;
  std::vector<std::string> envelopes;
  for (Position position = first; position < first + 100; ++position) {
    envelopes.push_back(LogFixture::numbered(position, event_bytes));
  }
  const std::vector<std::string_view> views(envelopes.begin(), envelopes.end());
  log.append(0, first, views);
}

bool is_numbered(LogFixture& snapshot, Position count) {
  const auto events = snapshot.read_forward();
  if (events.size() != count) return false;
  for (Position position = 1; position <= count; ++position) {
    if (events[position - 1] != LogFixture::numbered(position, event_bytes)) return false;
  }
  return true;
}

struct SnapshotOverFaultyFiles : FaultyFileSystem, LogFixture {
  ~SnapshotOverFaultyFiles() { close(); }
};

}  // namespace

TEST_CASE("child: appends as many groups of 100 as it is told" * doctest::skip()) {
  ParentLine parent;
  EventLog::Options options;
  options.directory = parent.folder();
  const auto log = EventLog::open(options);
  parent.tell("open");
  while (const auto groups = parent.hear()) {
    for (int i = 0; i < std::stoi(*groups); ++i) append_hundred(*log);
    parent.tell(std::to_string(log->head(0)));
  }
}

TEST_CASE_FIXTURE(LogFixture, "a snapshot sees what a live writer has synced, and nothing later") {
  ChildProcess writer("child: appends as many groups of 100 as it is told", options.directory);
  REQUIRE(writer.hear() == "open");
  writer.tell("3");
  REQUIRE(writer.hear() == "300");
  const auto files = file_names(options.directory);

  options.read_only = true;
  open();
  CHECK(log().head(0) == 300);
  CHECK(is_numbered(*this, 300));
  CHECK(file_names(options.directory) == files);
  CHECK_THROWS_AS(append({"no"}), StorageFault);

  writer.tell("1000");  // 80 MB: memtables are flushed and write-ahead logs deleted under the snapshot.
  REQUIRE(writer.hear() == "100300");
  CHECK(log().head(0) == 300);
  CHECK(is_numbered(*this, 300));

  log().reopen();
  CHECK(log().head(0) == 100'300);
  CHECK(is_numbered(*this, 100'300));
  log().check_files();

  writer.kill();
  close();
  options.read_only = false;
  open();
  CHECK(is_numbered(*this, 100'300));
}

TEST_CASE_FIXTURE(LogFixture, "files that a live writer merges and deletes are no fault of the log's files") {
  options.shards = 2;  // One shard's tables follow each other and are never merged.
  const auto add_table = [&] {
    append_numbered(1);
    append_numbered(1, event_bytes, 1);
    restart();
  };
  const auto tables = [&] {
    auto names = file_names(options.directory);
    std::erase_if(names, [](const std::string& name) { return !name.ends_with(".sst"); });
    return names;
  };
  add_table();
  const auto seen = tables();
  REQUIRE(!seen.empty());
  auto reading = options;
  reading.read_only = true;
  const auto snapshot = EventLog::open(reading);
  const auto is_there = [&](const std::string& name) { return std::filesystem::exists(options.directory / name); };
  for (int i = 0; i < tables_max && std::ranges::all_of(seen, is_there); ++i) add_table();
  REQUIRE_FALSE(std::ranges::all_of(seen, is_there));
  snapshot->check_files();
}

TEST_CASE_FIXTURE(LogFixture, "a table file that somebody took away is named, and not waited for") {
  append_numbered(3);
  restart();
  append_numbered(3);
  restart();
  close();
  const auto names = file_names(options.directory);
  const auto table = std::ranges::find_if(names, [](const std::string& name) { return name.ends_with(".sst"); });
  REQUIRE(table != names.end());
  std::filesystem::remove(options.directory / *table);
  std::string said;
  try {
    auto reading = options;
    reading.read_only = true;
    EventLog::open(reading)->check_files();
  } catch (const CorruptLog& fault) {
    said = fault.what();
  }
  CAPTURE(said);
  CHECK(said.find(std::filesystem::path(*table).stem().string()) != said.npos);
}

TEST_CASE_FIXTURE(SnapshotOverFaultyFiles, "a snapshot has no hole when the writer flushes while it is taken") {
  ChildProcess writer("child: appends as many groups of 100 as it is told", options.directory);
  REQUIRE(writer.hear() == "open");
  writer.tell("3");
  REQUIRE(writer.hear() == "300");
  int flushes = 0;
  plan().before_log_read = [&] {  // The manifest is read: now its write-ahead logs go away.
    if (++flushes > flushes_max) return;
    writer.tell("1000");
    writer.hear();
  };
  options.read_only = true;
  options.env = env();
  open();
  CHECK(flushes > 0);
  CHECK(log().head(0) >= 300);
  CHECK(is_numbered(*this, log().head(0)));
}

TEST_CASE_FIXTURE(LogFixture, "a snapshot of a log that nobody writes has everything") {
  append_numbered(100, event_bytes);
  close();
  options.read_only = true;
  open();
  CHECK(is_numbered(*this, 100));
}

TEST_CASE_FIXTURE(LogFixture, "a snapshot does not create a log") {
  options.read_only = true;
  CHECK_THROWS_AS(open(), StorageFault);
  CHECK_FALSE(std::filesystem::exists(options.directory));
}

TEST_CASE_FIXTURE(LogFixture, "a killed writer loses nothing that it said it had") {
  Position acknowledged = 0;
  for (int round = 0; round < 3; ++round) {
    ChildProcess writer("child: appends as many groups of 100 as it is told", options.directory);
    REQUIRE(writer.hear() == "open");
    for (int i = 0; i < 20; ++i) {
      writer.tell("1");
      acknowledged = std::stoull(writer.hear());
    }
    writer.tell("1000");
    writer.kill();
    CHECK(open().head(0) >= acknowledged);
    CHECK(log().head(0) % 100 == 0);
    CHECK(is_numbered(*this, log().head(0)));
    close();
  }
}
