#include "eventstore/row_store.h"

#include <doctest/doctest.h>

#include "eventstore/damaged_row.h"
#include "eventstore/rocks_open.h"
#include "tests/eventstore/child_process.h"
#include "tests/eventstore/raw_rows.h"

using namespace daybook;
using daybook::test::ChildProcess;
using daybook::test::ParentLine;
using daybook::test::RawRows;

namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

class RowStoreFixture {
 public:
  RowStoreFixture() { options.directory = folder_.path() / "rows"; }

  RowStore::Options options;

  RowStore& store() {
    if (!store_) store_ = RowStore::open(options);
    return *store_;
  }
  void close() { store_.reset(); }
  void put(const Rows& rows) {
    const auto batch = store().new_batch();
    for (const auto& [key, value] : rows) batch->put(key, value);
    store().write(*batch);
  }
  static Rows scan(const RowStore::Snapshot& snapshot, std::string_view from, std::string_view to) {
    Rows rows;
    snapshot.scan(from, to, [&](auto key, auto value) { return rows.emplace_back(key, value), true; });
    return rows;
  }
  static Rows scan_backward(const RowStore::Snapshot& snapshot, std::string_view from, std::string_view to) {
    Rows rows;
    snapshot.scan_backward(from, to, [&](auto key, auto value) { return rows.emplace_back(key, value), true; });
    return rows;
  }

 private:
  ScratchFolder folder_;
  std::unique_ptr<RowStore> store_;
};

/// Keys of the crash test: batch n writes its number under "checkpoint" and under every one of these.
constexpr int keys_per_batch = 50;

std::string crash_key(int number) {
  return "key " + std::to_string(number);
}

}  // namespace

TEST_CASE_FIXTURE(RowStoreFixture, "rows are put, erased and read, in the order of the batch") {
  const auto batch = store().new_batch();
  batch->put("a", "1");
  batch->put("b", "2");
  batch->erase("a");
  batch->put("b", "3");
  CHECK(batch->count() == 4);
  CHECK_FALSE(store().get("b"));
  store().write(*batch);
  batch->clear();
  CHECK(batch->count() == 0);
  CHECK_FALSE(store().get("a"));
  CHECK(store().get("b") == "3");
  put({{"empty", ""}});
  CHECK(store().get("empty") == "");
}

TEST_CASE_FIXTURE(RowStoreFixture, "many keys are read at once, in their order") {
  put({{"a", "1"}, {"b", "2"}, {"c", "3"}});
  const auto found = store().get_many({"c", "x", "a", "c"});
  REQUIRE(found.size() == 4);
  CHECK(found[0] == "3");
  CHECK_FALSE(found[1]);
  CHECK(found[2] == "1");
  CHECK(found[3] == "3");
  CHECK(store().get_many({}).empty());
}

TEST_CASE_FIXTURE(RowStoreFixture, "a scan covers [from, to), both ways, until told to stop") {
  put({{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}});
  const auto snapshot = store().snapshot();
  CHECK(scan(*snapshot, "b", "d") == Rows{{"b", "2"}, {"c", "3"}});
  CHECK(scan(*snapshot, "b", "") == Rows{{"b", "2"}, {"c", "3"}, {"d", "4"}});
  CHECK(scan(*snapshot, "", "b") == Rows{{"a", "1"}});
  CHECK(scan(*snapshot, "bb", "bz").empty());
  CHECK(scan_backward(*snapshot, "b", "d") == Rows{{"c", "3"}, {"b", "2"}});
  CHECK(scan_backward(*snapshot, "bb", "") == Rows{{"d", "4"}, {"c", "3"}});
  CHECK(scan_backward(*snapshot, "", "") == Rows{{"d", "4"}, {"c", "3"}, {"b", "2"}, {"a", "1"}});
  CHECK(scan_backward(*snapshot, "", "a").empty());
  int seen = 0;
  snapshot->scan("", "", [&](auto, auto) { return ++seen < 2; });
  CHECK(seen == 2);
}

TEST_CASE_FIXTURE(RowStoreFixture, "a snapshot does not see what is written after it") {
  put({{"a", "1"}});
  const auto snapshot = store().snapshot();
  put({{"a", "2"}, {"b", "1"}});
  store().flush();
  CHECK(snapshot->get("a") == "1");
  CHECK_FALSE(snapshot->get("b"));
  CHECK(scan(*snapshot, "", "") == Rows{{"a", "1"}});
  CHECK(store().get("a") == "2");
}

TEST_CASE_FIXTURE(RowStoreFixture, "a closed store has everything when it is opened again") {
  put({{"a", "1"}});
  close();
  CHECK(store().get("a") == "1");
  CHECK(store().disk_bytes() > 0);
}

TEST_CASE_FIXTURE(RowStoreFixture, "writing goes on while memtables are flushed") {
  options.flush_bytes = 64 * 1024;
  for (int i = 0; i < 20'000; ++i) put({{"key " + std::to_string(i), std::string(100, 'x')}});
  CHECK(store().get("key 0"));
  close();
  CHECK(store().get("key 19999"));
  CHECK(scan(*store().snapshot(), "", "").size() == 20'000);
}

TEST_CASE_FIXTURE(RowStoreFixture, "a read-only store sees what was flushed, beside the one that writes") {
  put({{"a", "1"}});
  store().flush();
  put({{"b", "2"}});
  auto beside = options;
  beside.read_only = true;
  const auto view = RowStore::open(beside);
  CHECK(view->get("a") == "1");
  CHECK_FALSE(view->get("b"));
  CHECK(scan(*view->snapshot(), "", "") == Rows{{"a", "1"}});
  const auto batch = view->new_batch();
  batch->put("c", "3");
  CHECK_THROWS_AS(view->write(*batch), StorageFault);
  put({{"c", "3"}});
  CHECK(store().get("c") == "3");
}

TEST_CASE_FIXTURE(RowStoreFixture, "a store whose files are damaged is refused") {
  put({{"a", "1"}});
  close();
  for (const auto& entry : std::filesystem::directory_iterator(options.directory)) {
    if (entry.path().filename().string().starts_with("MANIFEST")) std::filesystem::resize_file(entry.path(), 5);
  }
  CHECK_THROWS_AS(store(), StorageFault);
}

TEST_CASE("child: writes numbered batches until it is killed" * doctest::skip()) {
  ParentLine parent;
  RowStore::Options options;
  options.directory = parent.folder();
  options.flush_bytes = 64 * 1024;
  const auto store = RowStore::open(options);
  const auto batch = store->new_batch();
  for (int number = std::stoi(store->get("checkpoint").value_or("0")) + 1;; ++number) {
    batch->clear();
    for (int i = 0; i < keys_per_batch; ++i) batch->put(crash_key(i), std::to_string(number));
    batch->put("checkpoint", std::to_string(number));
    store->write(*batch);
    if (number % 500 == 0) parent.tell(std::to_string(number));
  }
}

TEST_CASE_FIXTURE(RowStoreFixture, "kill -9 leaves whole batches with their checkpoint, and no later one") {
  int checkpoint = 0;
  for (int round = 0; round < 3; ++round) {
    ChildProcess writer("child: writes numbered batches until it is killed", options.directory);
    for (int i = 0; i < 5; ++i) REQUIRE(writer.hear() != "(gone)");
    writer.kill();
    const auto found = store().get("checkpoint");
    REQUIRE(found);
    CHECK(std::stoi(*found) > checkpoint);
    checkpoint = std::stoi(*found);
    for (int i = 0; i < keys_per_batch; ++i) CHECK(store().get(crash_key(i)) == *found);
    close();
  }
}

TEST_CASE_FIXTURE(RowStoreFixture, "every flipped bit of a stored row is noticed, and so is a row under another key") {
  put({{"a", "one"}, {"b", ""}});
  close();
  const auto rows = RawRows(options.directory).all();
  REQUIRE(rows.size() == 3);  // And the format.
  const auto check_refused = [&](const std::string& key) {
    CHECK_THROWS_AS(store().get(key), DamagedRow);
    CHECK_THROWS_AS(store().get_many({key}), DamagedRow);
    CHECK_THROWS_AS(store().snapshot()->get(key), DamagedRow);
    CHECK_THROWS_AS(scan(*store().snapshot(), {}, {}), DamagedRow);
    CHECK_THROWS_AS(scan_backward(*store().snapshot(), {}, {}), DamagedRow);
  };
  for (std::size_t row = 1; row < rows.size(); ++row) {
    const auto& [key, stored] = rows[row];
    for (std::size_t bit = 0; bit < stored.size() * 8; ++bit) {
      CAPTURE(bit);
      close();
      std::string flipped = stored;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      RawRows(options.directory).put(key, flipped);
      check_refused(key);
    }
    close();
    RawRows(options.directory).put(key, stored.substr(0, 3));
    check_refused(key);
    close();
    RawRows(options.directory).put(key, stored);
  }
  CHECK(store().get("a") == "one");
  close();
  RawRows(options.directory).put("b", rows[1].second);
  check_refused("b");
}

TEST_CASE_FIXTURE(RowStoreFixture, "a store of another release is made anew, and refused by who only reads") {
  std::filesystem::create_directories(options.directory);
  RawRows(options.directory).put("a", "one");
  options.read_only = true;
  CHECK_THROWS_AS(store(), StorageFault);
  options.read_only = false;
  CHECK(scan(*store().snapshot(), {}, {}).empty());
  put({{"a", "two"}});
  close();
  CHECK(store().get("a") == "two");
}
