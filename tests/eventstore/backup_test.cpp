// Backups of a log and what is made of them, at the edges that a running server does not reach.
#include "eventstore/backup.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <functional>

#include "eventstore/backup_segment.h"
#include "eventstore/directory.h"
#include "eventstore/log_restore.h"
#include "eventstore/merkle_tree.h"
#include "tests/eventstore/envelope_builder.h"
#include "tests/eventstore/log_fixture.h"

using namespace daybook;
using namespace daybook::test;
namespace fs = std::filesystem;

namespace {

const std::string backed_log = "0123456789abcdef0123456789abcdef";

struct BackupFixture : LogFixture {
  ScratchFolder scratch;
  const fs::path backup = scratch.path() / "backup";
  const fs::path restored = scratch.path() / "restored";

  void write(std::uint64_t from, std::uint64_t count, ShardNumber shard = 0) {
    append(Group(sound_history(shard, from, count)).envelopes(), shard);
  }
  BackupTotals run() { return back_up(log(), backed_log, backup, 1); }
  /// Of the Merkle tree over the log's first events.
  MerkleHash root_of(Position size) {
    MerkleHasher hasher;
    MerkleFrontier frontier;
    for (Position at = 1; at <= size; ++at) frontier.append(hasher.leaf(log().read_one(0, at)), hasher);
    return frontier.root(hasher);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(backup)) all.push_back(entry.path().filename().string());
    std::sort(all.begin(), all.end());
    return all;
  }
};

/// The whole backup, into a new directory.
std::vector<TreeHead> restore(const fs::path& backup, const fs::path& data) {
  const auto manifest = read_manifest(backup);
  REQUIRE(manifest);
  LogRestore to(data, manifest->shards(), manifest->log_id);
  for (const BackupSegment& segment : manifest->segments) {
    read_segment(backup, segment, [&](const RowView& row) {
      for (Position at = row.first(); at <= row.last(); ++at) to.add(segment.shard, at, row.envelope(at));
    });
  }
  auto heads = to.close();
  to.finish();
  return heads;
}

std::string fault_of(const std::function<void()>& what) {
  try {
    what();
  } catch (const StorageFault& fault) {
    return fault.what();
  }
  return {};
}

}  // namespace

TEST_CASE_FIXTURE(BackupFixture, "each run adds one segment a shard, and the whole restores to the same bytes") {
  options.shards = 2;
  write(1, 5);
  write(1, 3, 1);
  CHECK(run().events == 8);
  write(6, 4);
  const BackupTotals second = run();
  CHECK(second.events == 4);
  CHECK(second.manifest.segments.size() == 3);
  CHECK(run().events == 0);
  CHECK(check_backup(backup).events == 12);
  const auto heads = restore(backup, restored);
  CHECK(heads == second.manifest.heads);
  CHECK(heads[0] == TreeHead{9, root_of(9)});
  EventLog::Options of_restored;
  of_restored.directory = restored / "log";
  of_restored.shards = 2;
  const auto copy = EventLog::open(of_restored);
  for (const ShardNumber shard : {ShardNumber{0}, ShardNumber{1}}) {
    REQUIRE(copy->head(shard) == log().head(shard));
    for (Position at = 1; at <= log().head(shard); ++at) {
      CHECK(copy->read_one(shard, at) == log().read_one(shard, at));
    }
  }
  const auto directory = DataDirectory::open(restored, DataDirectory::Access::read);
  CHECK(directory->format().log_id == backed_log);
  check_witness(*copy, *directory);
}

TEST_CASE_FIXTURE(BackupFixture, "a run does not read again what the backup holds, where the tree's nodes are there") {
  for (std::uint64_t from = 1; from <= 700; from += 10) write(from, 10);
  run();
  write(701, 10);
  const MerkleHash root = root_of(710);
  MerkleTree::Options tree_options;
  tree_options.directory = scratch.path() / "merkle";
  const MerkleTree tree(tree_options, log());
  int asked = 0;
  bool is_wrong = false;
  const BackupTrees nodes = [&](ShardNumber, unsigned level, std::uint64_t number) {
    ++asked;
    auto node = tree.stored_node(level, number);
    if (is_wrong) node->front() ^= 1;
    return node;
  };
  const auto second = [&](const BackupTrees& trees) {
    fs::remove_all(scratch.path() / "copy");
    fs::copy(backup, scratch.path() / "copy");
    return back_up(log(), backed_log, scratch.path() / "copy", 2, {}, trees).manifest.heads.at(0);
  };
  CHECK(second(nodes) == TreeHead{710, root});
  CHECK(asked == 1);  // 700 events: one node over two tiles, and 188 leaves.
  is_wrong = true;
  CHECK(second(nodes) == TreeHead{710, root});
  CHECK(second([](ShardNumber, unsigned, std::uint64_t) -> std::optional<MerkleHash> { return {}; }) ==
        TreeHead{710, root});
  const auto node = tree.stored_node(9, 0);
  close();
  auto row = stored_row(0, 101);
  row[row.size() / 2] = static_cast<char>(row[row.size() / 2] ^ 1);
  plant_row(0, 101, row);
  CHECK(second([&](ShardNumber, unsigned, std::uint64_t) { return node; }) == TreeHead{710, root});
  CHECK_THROWS_AS(second({}), CorruptLog);
}

TEST_CASE_FIXTURE(BackupFixture, "an empty log has a backup too") {
  CHECK(run().events == 0);
  CHECK(check_backup(backup).manifest.heads.at(0).size == 0);
  CHECK(restore(backup, restored).at(0).size == 0);
}

TEST_CASE_FIXTURE(BackupFixture, "the backup of another history or another log is refused, and not touched") {
  write(1, 5);
  run();
  const auto before = names();
  ScratchFolder other_folder;
  EventLog::Options other_options;
  other_options.directory = other_folder.path() / "log";
  fs::create_directory(other_options.directory);
  const auto other = EventLog::open(other_options);
  auto history = sound_history(0, 1, 6);
  history[2].padding = "changed";
  other->append(0, 1, Group(history).views());
  CHECK(fault_of([&] { back_up(*other, backed_log, backup, 1); }).find("another history") != std::string::npos);
  CHECK(fault_of([&] { back_up(*other, std::string(32, 'f'), backup, 1); }).find("another log") != std::string::npos);
  CHECK(names() == before);
  CHECK(check_backup(backup).events == 5);
}

TEST_CASE_FIXTURE(BackupFixture, "a log that is shorter than its backup is refused") {
  write(1, 5);
  run();
  ScratchFolder other_folder;
  EventLog::Options other_options;
  other_options.directory = other_folder.path() / "log";
  fs::create_directory(other_options.directory);
  const auto other = EventLog::open(other_options);
  other->append(0, 1, Group(sound_history(0, 1, 4)).views());
  CHECK(fault_of([&] { back_up(*other, backed_log, backup, 1); }).find("holds more") != std::string::npos);
}

TEST_CASE_FIXTURE(BackupFixture, "a run that was cut short before its manifest is made good by the next") {
  write(1, 5);
  run();
  write(6, 5);
  std::ofstream(backup / BackupSegment{0, 6, 6, 0, {}}.file_name()) << "half a segment";
  std::ofstream((backup / BackupSegment{0, 6, 6, 0, {}}.file_name()).string() + ".new") << "and its temporary";
  CHECK(check_backup(backup).events == 5);
  CHECK(run().events == 5);
  CHECK(check_backup(backup).events == 10);
}

TEST_CASE_FIXTURE(BackupFixture, "damage in the log ends the run, and the backup stays as it was") {
  write(1, 5);
  run();
  write(6, 5);
  close();
  auto row = stored_row(0, 6);
  row[row.size() / 2] = static_cast<char>(row[row.size() / 2] ^ 1);
  plant_row(0, 6, row);
  CHECK_THROWS_AS(run(), CorruptLog);
  CHECK(check_backup(backup).events == 5);
}

TEST_CASE_FIXTURE(BackupFixture, "a manifest with one changed byte is refused") {
  write(1, 5);
  run();
  std::string text;
  {
    std::ifstream in(backup / "MANIFEST");
    text.assign(std::istreambuf_iterator<char>(in), {});
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    std::ofstream(backup / "MANIFEST") << changed;
    CHECK_THROWS_AS(read_manifest(backup), StorageFault);
  }
}

TEST_CASE_FIXTURE(BackupFixture, "what follows the last whole command is left out of a restore") {
  auto history = sound_history(0, 1, 4);
  for (std::uint16_t i = 2; i < 4; ++i) {
    history[i].command_index = static_cast<std::uint16_t>(i - 2);
    history[i].command_size = 3;
  }
  LogRestore to(restored, 1, backed_log);
  for (const EnvelopeFields& fields : history) to.add(0, fields.position, build_envelope(fields));
  CHECK(to.close().at(0).size == 2);
  to.finish();
}

TEST_CASE_FIXTURE(BackupFixture, "an event out of place is refused, and nothing is left of the restore") {
  const auto history = sound_history(0, 1, 3);
  {
    LogRestore to(restored, 1, backed_log);
    to.add(0, 1, build_envelope(history[0]));
    CHECK_THROWS_AS(to.add(0, 3, build_envelope(history[2])), CorruptLog);
    CHECK_THROWS_AS(to.add(0, 2, build_envelope(history[2])), CorruptLog);
    CHECK_THROWS_AS(to.add(1, 1, build_envelope(history[1])), CorruptLog);
    CHECK_THROWS_AS(to.add(0, 2, "no envelope"), CorruptLog);
  }
  CHECK_FALSE(fs::exists(restored));
  CHECK(fs::is_empty(scratch.path()));
}

TEST_CASE_FIXTURE(BackupFixture, "a directory that holds something is not restored into") {
  fs::create_directory(restored);
  LogRestore(restored, 1, backed_log);
  std::ofstream(restored / "something") << "here";
  CHECK_THROWS_AS(LogRestore(restored, 1, backed_log), StorageFault);
  CHECK(fs::exists(restored / "something"));
}

TEST_CASE_FIXTURE(BackupFixture, "a restore that does not lead to an expected head is refused, and nothing is left") {
  write(1, 9);
  const auto restore_expecting = [&](TreeHead head) {
    LogRestore to(restored, 1, backed_log);
    to.expect(0, {head, "a kept checkpoint"});
    for (Position at = 1; at <= 9; ++at) to.add(0, at, log().read_one(0, at));
    to.close();
    to.finish();
  };
  CHECK_THROWS_AS(restore_expecting({5, root_of(6)}), CorruptLog);
  CHECK_THROWS_AS(restore_expecting({10, root_of(9)}), CorruptLog);
  CHECK(fs::is_empty(scratch.path()));
  restore_expecting({5, root_of(5)});
  CHECK(fs::exists(restored / "FORMAT"));
}
