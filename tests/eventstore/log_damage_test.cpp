// Damage to stored rows: noticed, and named by its position.
#include <doctest/doctest.h>

#include <fstream>

#include "tests/eventstore/log_fixture.h"

using namespace daybook;
using daybook::test::LogFixture;

namespace {

/// 40 events in rows of 4: 1 to 4, 5 to 8, ...
struct RowsOfFour : LogFixture {
  RowsOfFour() {
    for (int i = 0; i < 10; ++i) append_numbered(4);
    close();
  }

  /// The position that the exception names; 0 if there is none.
  template <typename Read>
  static Position damage_found_by(const Read& read) {
    try {
      read();
    } catch (const CorruptLog& damage) {
      return damage.position();
    }
    return 0;
  }
};

void flip_bit(const std::filesystem::path& file, std::streamoff offset) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(offset);
  const auto byte = static_cast<char>(stream.get() ^ 0x10);
  stream.seekp(offset);
  stream.put(byte);
}

std::filesystem::path only_file(const std::filesystem::path& folder, const std::string& extension) {
  std::filesystem::path found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == extension && entry.file_size() > 0) found = entry.path();
  }
  return found;
}

}  // namespace

TEST_CASE_FIXTURE(RowsOfFour, "a damaged row is named by whoever enters it, and only then") {
  auto row = stored_row(0, 17);
  row[30] = static_cast<char>(row[30] ^ 1);
  plant_row(0, 17, row);
  CHECK(damage_found_by([&] { read_forward(); }) == 17);
  CHECK(damage_found_by([&] { read_forward(19); }) == 17);
  CHECK(damage_found_by([&] { read_backward(40); }) == 17);
  CHECK(damage_found_by([&] { log().read_one(0, 18); }) == 17);
  CHECK(read_forward(21).size() == 20);
  CHECK(read_backward(16).size() == 16);
  CHECK(log().read_one(0, 16) == numbered(16));
}

TEST_CASE_FIXTURE(RowsOfFour, "a missing row is a gap, named by its first position met") {
  delete_row(0, 17);
  CHECK(damage_found_by([&] { read_forward(); }) == 17);
  CHECK(damage_found_by([&] { read_forward(18); }) == 18);
  CHECK(damage_found_by([&] { read_backward(40); }) == 20);
  CHECK(damage_found_by([&] { log().read_one(0, 19); }) == 19);
}

TEST_CASE_FIXTURE(RowsOfFour, "a missing first row is a gap too") {
  delete_row(0, 1);
  CHECK(damage_found_by([&] { read_forward(); }) == 1);
  CHECK(damage_found_by([&] { read_backward(40); }) == 4);
  CHECK(damage_found_by([&] { log().read_one(0, 2); }) == 2);
  CHECK(read_forward(5).size() == 36);
}

TEST_CASE_FIXTURE(RowsOfFour, "a missing first row is named also behind the rows of another shard") {
  options.shards = 2;
  open();
  for (int i = 0; i < 2; ++i) append_numbered(4, 40, 1);
  close();
  delete_row(1, 1);
  CHECK(damage_found_by([&] { read_forward(1, 1); }) == 1);
  CHECK(damage_found_by([&] { read_backward(8, 1); }) == 4);
  CHECK(rows(0).size() == 10);
  CHECK(rows(1).size() == 1);
}

TEST_CASE_FIXTURE(RowsOfFour, "a row under another key is noticed") {
  const auto row = stored_row(0, 17);
  plant_row(0, 18, row);
  CHECK(damage_found_by([&] { read_forward(18); }) == 18);
}

TEST_CASE_FIXTURE(RowsOfFour, "a damaged last row is noticed when the log is opened") {
  auto row = stored_row(0, 37);
  row.pop_back();
  plant_row(0, 37, row);
  CHECK(damage_found_by([&] { open(); }) == 37);
}

TEST_CASE_FIXTURE(RowsOfFour, "a write-ahead log that is damaged in the middle is refused, not cut") {
  const auto log_file = only_file(options.directory, ".log");
  REQUIRE(!log_file.empty());
  const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(log_file) / 2);
  flip_bit(log_file, middle);
  CHECK_THROWS_AS(open(), StorageFault);
  options.read_only = true;
  CHECK_THROWS_AS(open(), StorageFault);
  options.read_only = false;
  flip_bit(log_file, middle);
  CHECK(open().head(0) == 40);
}

TEST_CASE_FIXTURE(RowsOfFour, "one flipped bit in a table file is found, wherever it is") {
  open();  // Recovery makes a table file of what was in the write-ahead log.
  log().check_files();
  close();
  const auto table = only_file(options.directory, ".sst");
  REQUIRE(!table.empty());
  const auto bytes = static_cast<std::streamoff>(std::filesystem::file_size(table));
  for (std::streamoff offset = 0; offset < bytes; offset += 7) {
    flip_bit(table, offset);
    CAPTURE(offset);
    CHECK_THROWS_AS(
        {
          open();
          log().check_files();
          read_forward();
        },
        StorageFault);
    close();
    flip_bit(table, offset);
  }
  CHECK(open().head(0) == 40);
}
