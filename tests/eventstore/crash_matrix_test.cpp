// The crash matrix: each thing that writes to the disk is stopped at its first operation, its second, and so on until
// it comes through; then the power goes, and what is opened again must hold what was acknowledged and nothing else. The
// work is done by a child process, because RocksDB may abort where a write fails, which is one more crash.
#include <doctest/doctest.h>

#include <cstdio>
#include <functional>
#include <iostream>
#include <map>

#include "eventstore/backup.h"
#include "eventstore/checkpoint_keys.h"
#include "eventstore/directory.h"
#include "eventstore/log_restore.h"
#include "eventstore/stream_index.h"
#include "tests/eventstore/child_process.h"
#include "tests/eventstore/envelope_builder.h"
#include "tests/eventstore/failing_disk.h"
#include "tests/eventstore/log_fixture.h"

using namespace daybook;
using namespace daybook::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* child_case = "child: works on a disk that fails";
constexpr int operations_max = 2'000;
constexpr Position backed_up = 20, head_of_source = 35, restored = 12;
const std::string matrix_log = "0123456789abcdef0123456789abcdef";

/// What was acknowledged, in order.
using Acknowledged = std::vector<std::string>;
using Tell = std::function<void(const std::string&)>;

std::unique_ptr<EventLog> open_log(const fs::path& directory) {
  EventLog::Options options;
  options.directory = directory;
  return EventLog::open(options);
}
void append_numbered(EventLog& log, std::size_t count) {
  std::vector<std::string> envelopes;
  for (std::size_t i = 1; i <= count; ++i) envelopes.push_back(LogFixture::numbered(log.head(0) + i));
  const std::vector<std::string_view> views(envelopes.begin(), envelopes.end());
  log.append(0, log.head(0) + 1, views);
}
void append_history(EventLog& log, std::uint64_t count) {
  log.append(0, log.head(0) + 1, Group(sound_history(0, log.head(0) + 1, count)).views());
}

std::unique_ptr<StreamIndex> open_index(const fs::path& folder) {
  return StreamIndex::open({.directory = folder / "index"});
}
void add(StreamIndex& index, Position position) {
  IndexUpdate update;
  update.state_rows.emplace_back("book/a", std::to_string(position));
  update.positions.push_back({1, position, position});
  update.keys.emplace_back(hash_key("book", "key", std::to_string(position)), position);
  update.checkpoint = position;
  index.add(std::move(update));
  index.flush();
}

void restore(const fs::path& folder) {
  const auto history = Group(sound_history(0, 1, restored)).envelopes();
  LogRestore to(folder / "data", 1, matrix_log);
  for (Position at = 1; at <= history.size(); ++at) to.add(0, at, history[at - 1]);
  to.close();
  to.finish();
}

CheckpointKeys open_keys(const fs::path& folder) {
  DirectoryFormat format;
  format.log_id = matrix_log;
  return CheckpointKeys({folder, format, {}, false});
}
std::string text_of(const CheckpointKeys& keys) {
  std::string text;
  for (const VerifierKey& key : keys.verifiers()) text += format_verifier_key(key) + " ";
  return text;
}

/// What a child does: the disk fails in `run` only.
struct CrashWork {
  std::function<void(const fs::path&)> prepare;
  std::function<void(const fs::path&, const Tell&)> run;
};

const std::map<std::string, CrashWork> works{
    {"log",
     {[](const fs::path&) {},
      [](const fs::path& folder, const Tell& tell) {
        for (int life = 0; life < 2; ++life) {
          const auto log = open_log(folder / "log");
          for (const std::size_t events : {2U, 3U}) {
            append_numbered(*log, events);
            tell(std::to_string(log->head(0)));
          }
        }
      }}},
    {"data directory",
     {[](const fs::path&) {},
      [](const fs::path& folder, const Tell& tell) {
        const auto directory = DataDirectory::open(folder / "data", DataDirectory::Access::change, 2);
        tell(directory->format().log_id);
        directory->witness(1, {7, 9, {}});
        directory->sync_witness();
      }}},
    {"index",
     {[](const fs::path&) {},
      [](const fs::path& folder, const Tell& tell) {
        for (const Position position : {1U, 2U}) {
          const auto index = open_index(folder);
          add(*index, position);
          tell(std::to_string(position));
        }
      }}},
    {"backup",
     {[](const fs::path& folder) {
        const auto log = open_log(folder / "log");
        append_history(*log, backed_up);
        back_up(*log, matrix_log, folder / "backup", 1);
        append_history(*log, head_of_source - backed_up);
      },
      [](const fs::path& folder, const Tell& tell) {
        EventLog::Options options;
        options.directory = folder / "log";
        options.read_only = true;
        back_up(*EventLog::open(options), matrix_log, folder / "backup", 2);
        tell("done");
      }}},
    {"restore",
     {[](const fs::path&) {},
      [](const fs::path& folder, const Tell& tell) {
        restore(folder);
        tell("done");
      }}},
    {"key rotation",
     {[](const fs::path& folder) { open_keys(folder); },
      [](const fs::path& folder, const Tell& tell) {
        for (int rotation = 0; rotation < 3; ++rotation) {
          CheckpointKeys keys = open_keys(folder);
          keys.rotate();
          tell(text_of(keys));
        }
      }}},
};

/// Has a child do the work on a disk that fails from the nth operation on, then `check`s what the power loss left; for
/// every n, until nothing fails any more.
void at_every_operation(const std::string& work,
                        const std::function<void(const fs::path&, const Acknowledged&)>& check) {
  for (int nth = 1; nth <= operations_max; ++nth) {
    CAPTURE(nth);
    const ScratchFolder scratch;
    fs::create_directory(scratch.path() / "disk");
    fs::create_directory(scratch.path() / "shadow");
    Acknowledged acknowledged;
    std::string heard;
    {
      ChildProcess child(child_case, scratch.path());
      child.tell(work);
      child.tell(std::to_string(nth));
      while ((heard = child.hear()) != "failed" && heard != "whole" && heard != "(gone)") acknowledged.push_back(heard);
    }
    lose_power(scratch.path() / "disk", scratch.path() / "shadow");
    check(scratch.path() / "disk", acknowledged);
    if (heard != "whole") continue;
    std::cout << "crash matrix: " << work << ", " << nth - 1 << " operations" << std::endl;
    CHECK(nth > 5);
    return;
  }
  FAIL("the work never came to its end");
}

}  // namespace

TEST_CASE("child: works on a disk that fails" * doctest::skip()) {
  ParentLine parent;
  REQUIRE(std::freopen("/dev/null", "w", stderr) != nullptr);  // Where RocksDB says why it aborts.
  const CrashWork& work = works.at(parent.hear().value());
  const int nth = std::stoi(parent.hear().value());
  FailingDisk disk(parent.folder() / "disk", parent.folder() / "shadow");
  work.prepare(parent.folder() / "disk");
  disk.fail_from(nth);
  try {
    work.run(parent.folder() / "disk", [&](const std::string& line) { parent.tell(line); });
  } catch (const StorageFault&) {  // The failure that was planned.
  }
  parent.tell(disk.has_failed() ? "failed" : "whole");
}

TEST_CASE("a log that is stopped at any operation keeps what it acknowledged, and goes on") {
  at_every_operation("log", [](const fs::path& folder, const Acknowledged& acknowledged) {
    const auto log = open_log(folder / "log");
    CHECK(log->head(0) >= (acknowledged.empty() ? 0 : std::stoull(acknowledged.back())));
    CHECK(log->head(0) <= 10);
    append_numbered(*log, 1);
    const auto reader = log->read_forward(0, 1);
    Position read = 0;
    for (StoredEvent event; reader->next(event);) CHECK(event.envelope == LogFixture::numbered(++read));
    CHECK(read == log->head(0));
  });
}

TEST_CASE("a data directory whose making is stopped at any operation can be made by the next start") {
  at_every_operation("data directory", [](const fs::path& folder, const Acknowledged& acknowledged) {
    const auto directory = DataDirectory::open(folder / "data", DataDirectory::Access::change, 2);
    CHECK(directory->format().shards == 2);
    if (!acknowledged.empty()) CHECK(directory->format().log_id == acknowledged.back());
    const Position witnessed = directory->read_witness(1).position;
    CHECK((witnessed == 0 || witnessed == 7));
  });
}

TEST_CASE("an index that is stopped at any operation stands at a checkpoint, with every row up to there") {
  at_every_operation("index", [](const fs::path& folder, const Acknowledged& acknowledged) {
    const auto index = open_index(folder);
    const Position checkpoint = index->checkpoint();
    CHECK(checkpoint >= (acknowledged.empty() ? 0 : std::stoull(acknowledged.back())));
    CHECK(checkpoint <= 2);
    CHECK(index->positions(1, 1, 10).size() == checkpoint);
    CHECK(index->count_keys(10) == checkpoint);
    CHECK(index->state_row("book/a") == (checkpoint == 0 ? std::nullopt : std::optional(std::to_string(checkpoint))));
    add(*index, checkpoint + 1);
    CHECK(index->positions(1, 1, 10).size() == checkpoint + 1);
  });
}

TEST_CASE("a backup that is stopped at any operation holds the run before it, and the next run brings it to the head") {
  at_every_operation("backup", [](const fs::path& folder, const Acknowledged& acknowledged) {
    const Position held = check_backup(folder / "backup").events;
    CHECK((held == backed_up || held == head_of_source));
    CHECK((held == head_of_source || acknowledged.empty()));
    back_up(*open_log(folder / "log"), matrix_log, folder / "backup", 3);
    CHECK(check_backup(folder / "backup").events == head_of_source);
  });
}

TEST_CASE("a restore that is stopped at any operation leaves a whole directory or none, and can be repeated") {
  const auto history = Group(sound_history(0, 1, restored)).envelopes();
  at_every_operation("restore", [&](const fs::path& folder, const Acknowledged& acknowledged) {
    if (!fs::exists(folder / "data")) {
      CHECK(acknowledged.empty());
      restore(folder);
    }
    const auto directory = DataDirectory::open(folder / "data", DataDirectory::Access::change);
    CHECK(directory->format().log_id == matrix_log);
    const auto log = open_log(folder / "data" / "log");
    check_witness(*log, *directory);
    REQUIRE(log->head(0) == restored);
    for (Position at = 1; at <= restored; ++at) CHECK(log->read_one(0, at) == history[at - 1]);
  });
}

TEST_CASE("a rotation of the checkpoint keys that is stopped at any operation keeps every key that was shown") {
  at_every_operation("key rotation", [](const fs::path& folder, const Acknowledged& acknowledged) {
    const CheckpointKeys keys = open_keys(folder);
    if (!acknowledged.empty()) CHECK(text_of(keys).starts_with(acknowledged.back()));
    CHECK_FALSE(keys.sign(0, {1, {}}).empty());
  });
}
