// The head witness: written, read back, torn, and compared with a log that has lost its end.
#include <doctest/doctest.h>

#include <fstream>

#include "eventstore/directory.h"
#include "tests/eventstore/log_fixture.h"

using namespace daybook;
using daybook::test::LogFixture;

namespace {

constexpr std::streamoff slot_bytes = 64;

struct WitnessFixture : LogFixture {
  WitnessFixture() { open_directory(2); }

  std::unique_ptr<DataDirectory> directory;

  void open_directory(ShardNumber shards = 1) {
    directory.reset();
    directory = DataDirectory::open(folder() / "data", DataDirectory::Access::change, shards);
    options.directory = directory->log_path();
    options.shards = directory->format().shards;
  }
  /// Appends a group and witnesses it, as the engine does before it answers.
  void commit(std::size_t events, ShardNumber shard = 0) {
    append_numbered(events, 40, shard);
    directory->witness(shard, {log().head(shard), log().head_checksum(shard)});
  }
  void damage_slot(std::streamoff slot) {
    std::fstream file(folder() / "data" / "head", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(slot * slot_bytes + 3);
    file.put('\x7f');
  }
  std::string refusal() {
    try {
      check_witness(log(), *directory);
    } catch (const StorageFault& fault) {
      return fault.what();
    }
    return "";
  }
  /// Cuts the log's only write-ahead log to `bytes`, as a disk that lied about a sync would.
  void cut_write_ahead_log(std::uintmax_t bytes) {
    for (const auto& entry : std::filesystem::directory_iterator(options.directory)) {
      if (entry.path().extension() == ".log") std::filesystem::resize_file(entry.path(), bytes);
    }
  }
  std::uintmax_t write_ahead_log_bytes() {
    std::uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(options.directory)) {
      if (entry.path().extension() == ".log") bytes = entry.file_size();
    }
    return bytes;
  }
};

}  // namespace

TEST_CASE_FIXTURE(WitnessFixture, "a witness is read back, also after the directory was opened again") {
  CHECK(directory->read_witness(0).position == 0);
  directory->witness(0, {10, 111});
  CHECK(directory->read_witness(0).position == 10);
  CHECK(directory->read_witness(0).row_checksum == 111);
  directory->witness(0, {11, 222});
  directory->witness(1, {5, 333});
  directory->sync_witness();
  open_directory();
  CHECK(directory->read_witness(0).position == 11);
  CHECK(directory->read_witness(0).row_checksum == 222);
  CHECK(directory->read_witness(1).position == 5);
  CHECK_THROWS(directory->witness(2, {1, 1}));
}

TEST_CASE_FIXTURE(WitnessFixture, "a witness carries the Merkle root, and zeros without one") {
  MerkleHasher hasher;
  directory->witness(0, {10, 111, hasher.leaf("ten")});
  directory->witness(0, {11, 222, hasher.leaf("eleven")});
  directory->witness(1, {5, 333});
  open_directory();
  CHECK(directory->read_witness(0).root == hasher.leaf("eleven"));
  CHECK(directory->read_witness(1).root == MerkleHash{});
}

TEST_CASE_FIXTURE(WitnessFixture, "a torn slot leaves the witness before it, and is the next to be written") {
  directory->witness(0, {10, 111});  // Slot 1: the blank file's slot 0 counts as the newer.
  directory->witness(0, {11, 222});
  damage_slot(0);
  CHECK(directory->read_witness(0).position == 10);
  open_directory();
  CHECK(directory->read_witness(0).position == 10);
  directory->witness(0, {12, 333});
  damage_slot(1);
  CHECK(directory->read_witness(0).position == 12);
}

TEST_CASE_FIXTURE(WitnessFixture, "a witness that is damaged altogether is a fault, not an empty one") {
  directory->witness(0, {10, 111});
  directory->witness(0, {11, 222});
  directory->witness(1, {7, 444});
  damage_slot(0);
  damage_slot(1);
  CHECK_THROWS_AS(directory->read_witness(0), StorageFault);
  CHECK(directory->read_witness(1).position == 7);
}

TEST_CASE_FIXTURE(WitnessFixture, "a slot is bound to its shard and place") {
  directory->witness(0, {10, 111});
  directory->witness(0, {11, 222});
  const auto head = folder() / "data" / "head";
  std::string bytes(4 * slot_bytes, '\0');
  std::ifstream(head, std::ios::binary).read(bytes.data(), 2 * slot_bytes);
  std::copy_n(bytes.begin(), 2 * slot_bytes, bytes.begin() + 2 * slot_bytes);
  std::ofstream(head, std::ios::binary) << bytes;
  CHECK(directory->read_witness(0).position == 11);
  CHECK_THROWS_AS(directory->read_witness(1), StorageFault);
}

TEST_CASE_FIXTURE(WitnessFixture, "a directory opened for reading shows the witness of its opening, and writes none") {
  directory->witness(0, {10, 111});
  const auto reading = DataDirectory::open(folder() / "data", DataDirectory::Access::read);
  directory->witness(0, {11, 222});
  CHECK(reading->read_witness(0).position == 10);
  CHECK_THROWS_AS(reading->witness(0, {12, 333}), StorageFault);
  CHECK_THROWS_AS(reading->publish_address("127.0.0.1:1"), StorageFault);
}

TEST_CASE_FIXTURE(WitnessFixture, "a log that has what was witnessed, or more, passes") {
  CHECK(refusal() == "");
  commit(3);
  commit(2, 1);
  CHECK(refusal() == "");
  append_numbered(4);  // Committed but not witnessed: the process ended between the two.
  CHECK(refusal() == "");
  restart();
  CHECK(refusal() == "");
}

TEST_CASE_FIXTURE(WitnessFixture, "a log whose end was lost with the tail of its write-ahead log is refused") {
  for (int i = 0; i < 5; ++i) commit(1);
  const auto bytes = write_ahead_log_bytes();
  close();
  cut_write_ahead_log(bytes - 10);
  CHECK(log().head(0) == 4);  // RocksDB takes the cut tail for a write that was never finished.
  CHECK(refusal().find("ends at 4, but 5") != std::string::npos);
  CHECK(refusal().find("restore a backup") != std::string::npos);
}

TEST_CASE_FIXTURE(WitnessFixture, "a log that is empty although one was witnessed is refused") {
  commit(2);
  close();
  std::filesystem::remove_all(options.directory);
  CHECK(refusal().find("ends at 0, but 2") != std::string::npos);
}

TEST_CASE_FIXTURE(WitnessFixture, "another log of the same length is refused") {
  commit(2);
  close();
  std::filesystem::remove_all(options.directory);
  append({"other", "events"});
  CHECK(refusal().find("another one") != std::string::npos);
  append({"and more"});
  CHECK(refusal() != "");
}
