// What indexes and views rely on of a row store, asked alike of the one over RocksDB and of the simulated one.
#include <doctest/doctest.h>

#include "tests/simulation/scratch.h"
#include "tests/simulation/simulated_row_store.h"

namespace daybook::test {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

class RocksStores {
 public:
  std::unique_ptr<RowStore> open(const RowStore::Options& options) { return RowStore::open(options); }
};

class SimulatedStores {
 public:
  std::unique_ptr<RowStore> open(const RowStore::Options& options) { return open_simulated_rows(disk_, options); }

 private:
  SimulatedClock clock_{Instant{1}};
  SimulatedDisk disk_{Random(1), clock_};
};

template <class Stores>
class RowsFixture {
 public:
  RowsFixture() { options_.directory = scratch_.path() / "rows"; }
  RowStore& store() {
    if (!store_) store_ = stores_.open(options_);
    return *store_;
  }
  std::unique_ptr<RowStore> open_again() { return stores_.open(options_); }
  void close() { store_.reset(); }
  void put(const Rows& rows) {
    const auto batch = store().new_batch();
    for (const auto& [key, value] : rows) batch->put(key, value);
    store().write(*batch);
  }
  Rows scan(std::string_view from, std::string_view to) { return scan(*store().snapshot(), from, to); }
  static Rows scan(const RowStore::Snapshot& snapshot, std::string_view from, std::string_view to) {
    Rows rows, backward;
    snapshot.scan(from, to, [&](auto key, auto value) { return rows.emplace_back(key, value), true; });
    snapshot.scan_backward(from, to, [&](auto key, auto value) { return backward.emplace_back(key, value), true; });
    std::reverse(backward.begin(), backward.end());
    CHECK(rows == backward);
    return rows;
  }

 private:
  Scratch scratch_;
  Stores stores_;
  RowStore::Options options_;
  std::unique_ptr<RowStore> store_;
};

}  // namespace

#define DAYBOOK_STORES RocksStores, SimulatedStores

TEST_CASE_TEMPLATE("rows are put, erased and read, in the order of the batch", Stores, DAYBOOK_STORES) {
  RowsFixture<Stores> fixture;
  const auto batch = fixture.store().new_batch();
  batch->put("a", "1");
  batch->put("b", "2");
  batch->erase("a");
  batch->put("b", "3");
  batch->erase("absent");
  CHECK(batch->count() == 5);
  CHECK_FALSE(fixture.store().get("b"));
  fixture.store().write(*batch);
  CHECK_FALSE(fixture.store().get("a"));
  CHECK(fixture.store().get("b") == "3");
  batch->clear();
  CHECK(batch->count() == 0);
  batch->put("empty", "");
  fixture.store().write(*batch);
  const auto found = fixture.store().get_many({"empty", "a", "b", "b"});
  REQUIRE(found.size() == 4);
  CHECK(found[0] == "");
  CHECK_FALSE(found[1]);
  CHECK(found[3] == "3");
}

TEST_CASE_TEMPLATE("a scan covers [from, to), both ways, until told to stop", Stores, DAYBOOK_STORES) {
  RowsFixture<Stores> fixture;
  fixture.put({{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}});
  CHECK(fixture.scan("b", "d") == Rows{{"b", "2"}, {"c", "3"}});
  CHECK(fixture.scan("bb", "") == Rows{{"c", "3"}, {"d", "4"}});
  CHECK(fixture.scan("", "b") == Rows{{"a", "1"}});
  CHECK(fixture.scan("bb", "bz").empty());
  CHECK(fixture.scan("x", "").empty());
  int seen = 0;
  fixture.store().snapshot()->scan("", "", [&](auto, auto) { return ++seen < 2; });
  fixture.store().snapshot()->scan_backward("", "", [&](auto, auto) { return ++seen < 4; });
  CHECK(seen == 4);
}

TEST_CASE_TEMPLATE("a snapshot sees its moment, and the next one what came after", Stores, DAYBOOK_STORES) {
  RowsFixture<Stores> fixture;
  fixture.put({{"a", "1"}, {"b", "1"}, {"c", "1"}});
  const auto first = fixture.store().snapshot();
  fixture.put({{"a", "2"}, {"d", "1"}});
  const auto second = fixture.store().snapshot();
  const auto batch = fixture.store().new_batch();
  batch->erase("b");
  batch->put("a", "3");
  fixture.store().write(*batch);
  fixture.store().flush();
  CHECK(first->get("a") == "1");
  CHECK_FALSE(first->get("d"));
  CHECK(fixture.scan(*first, "", "") == Rows{{"a", "1"}, {"b", "1"}, {"c", "1"}});
  CHECK(fixture.scan(*second, "", "") == Rows{{"a", "2"}, {"b", "1"}, {"c", "1"}, {"d", "1"}});
  CHECK(fixture.scan("", "") == Rows{{"a", "3"}, {"c", "1"}, {"d", "1"}});
}

TEST_CASE_TEMPLATE("a closed store has everything when it is opened again, and is open once", Stores, DAYBOOK_STORES) {
  RowsFixture<Stores> fixture;
  fixture.put({{"a", "1"}});
  CHECK_THROWS_AS(fixture.open_again(), StorageFault);
  fixture.put({{"b", "2"}});
  fixture.close();
  CHECK(fixture.scan("", "") == Rows{{"a", "1"}, {"b", "2"}});
}

}  // namespace daybook::test
