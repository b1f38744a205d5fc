// Failed writes: the log stops, says so, and goes on from what the disk holds once it is reopened.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

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

namespace {

/// A closed log, of whose copies the opening reads one bit of one file wrong.
struct MisreadLog : FaultyLog {
  static constexpr std::size_t header_bytes = 7, length_at = 4;  ///< RocksDB's: checksum, length, type.

  /// Of the only file whose name contains `part`.
  void keep(const std::string& part) {
    close();
    file_part_ = part;
    for (const auto& entry : std::filesystem::directory_iterator(options.directory)) {
      if (entry.path().filename().string().find(part) == std::string::npos) continue;
      std::ifstream stream(entry.path(), std::ios::binary);
      bytes_.assign(std::istreambuf_iterator<char>(stream), {});
    }
    std::filesystem::copy(options.directory, pristine_);
  }
  std::size_t size() const { return bytes_.size(); }
  /// Where the record ends that begins there.
  std::size_t end_of_record(std::size_t at) const {
    const auto byte = [&](std::size_t of) { return std::size_t{static_cast<unsigned char>(bytes_.at(of))}; };
    return at + header_bytes + byte(at + length_at) + (byte(at + length_at + 1) << 8);
  }
  /// Opening may say that it cannot read it, or show all events; opened again it shows all.
  void misread(std::size_t bit, Position events) {
    std::filesystem::remove_all(options.directory);
    std::filesystem::copy(pristine_, options.directory);
    plan().flipped_folder = options.directory.string();
    plan().flipped_file = file_part_;
    plan().flipped_bit = bit;
    plan().reads_until_flip = 1;
    try {
      CHECK(open().head(0) == events);
    } catch (const StorageFault&) {
    }
    CHECK(plan().reads_until_flip == -1);
    heal();
    close();
    CHECK(open().head(0) == events);
    CHECK(is_sound());
    close();
  }

 private:
  const std::filesystem::path pristine_ = folder() / "pristine";
  std::string file_part_, bytes_;
};

}  // namespace

TEST_CASE_FIXTURE(MisreadLog, "a bit of the write-ahead log's last record that is read wrong once costs no event") {
  append_numbered(3);
  append_numbered(2);
  keep(".log");
  const std::size_t last = end_of_record(0);
  REQUIRE(end_of_record(last) == size());
  for (std::size_t bit = last * 8; bit < (last + header_bytes + 1) * 8; ++bit) {
    CAPTURE(bit - last * 8);
    misread(bit, 5);
  }
}

TEST_CASE_FIXTURE(MisreadLog, "a length in the manifest that is read wrong once costs no table") {
  for (int life = 0; life < 3; ++life) {  // Each makes a table of what the one before appended.
    append_numbered(3);
    close();
  }
  open();
  keep("MANIFEST");
  int records = 0;
  for (std::size_t at = 0; at < size(); at = end_of_record(at), ++records) {
    const std::size_t length_bit = (at + length_at) * 8;
    for (std::size_t bit = length_bit + static_cast<std::size_t>(records) % 2; bit < length_bit + 16; bit += 2) {
      CAPTURE(records);
      CAPTURE(bit - length_bit);
      misread(bit, 9);
    }
  }
  CHECK(records >= 3);
}
