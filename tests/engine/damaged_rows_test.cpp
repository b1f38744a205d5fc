// Rows of the index and of the Merkle tree that are not what was written: nothing is served from them, nothing aborts,
// the message says where, and without views/ all is as it was.
#include <fmt/format.h>

#include <iostream>
#include <set>

#include "domain/evolve.h"
#include "eventstore/merkle_tree.h"
#include "eventstore/row_store.h"
#include "tests/engine/kept_answers.h"
#include "tests/eventstore/raw_rows.h"
#include "tests/eventstore/sampling.h"

using namespace daybook;
using namespace daybook::test;

namespace {

constexpr int damages_usual = 24;
const std::vector<std::string> stores{"index-0", "merkle-0"};

using Rows = std::vector<std::pair<std::string, std::string>>;

std::unique_ptr<RowStore> open_store(const std::filesystem::path& folder) {
  const bool is_index = folder.filename().string().starts_with("index");
  return RowStore::open({.directory = folder, .row_format = is_index ? fold_version : merkle_row_format});
}

Rows rows_of(const std::filesystem::path& folder) {
  Rows rows;
  const auto store = open_store(folder);
  store->snapshot()->scan({}, {}, [&](std::string_view key, std::string_view row) {
    rows.emplace_back(key, row);
    return true;
  });
  return rows;
}

void put(const std::filesystem::path& folder, const std::string& key, const std::string& row) {
  const auto store = open_store(folder);
  const auto batch = store->new_batch();
  batch->put(key, row);
  store->write(*batch);
}

/// Or it is the answer to a repeat, which names nothing.
bool names_a_row(const std::string& refused) {
  return refused.find("views") != refused.npos || refused.find("the log was changed") != refused.npos ||
         refused == "event_corrupt";
}

}  // namespace

TEST_CASE("a row with a flipped bit or a part cut off is never served, is named, and is mended by deleting views/") {
  KeptAnswers ledger;
  REQUIRE(ledger.open_and_ask() == "");
  std::map<std::string, Rows> rows;
  for (const std::string& store : stores) rows[store] = RawRows(ledger.kept() / "views" / store).all();
  const unsigned seed = test_seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  std::map<char, std::pair<int, int>> refused_and_not;
  for (int damage = 0; damage < samples(damages_usual); ++damage) {
    const std::string& store = stores[damage % 4 == 0 ? 1 : 0];
    // As many of each kind of row, whatever their number.
    std::set<char> kinds;
    for (const auto& [key, row] : rows[store]) kinds.insert(key.empty() ? '-' : key.front());
    const char kind = *std::next(kinds.begin(), static_cast<std::ptrdiff_t>(random() % kinds.size()));
    Rows of_kind;
    for (const auto& row : rows[store]) {
      if ((row.first.empty() ? '-' : row.first.front()) == kind) of_kind.push_back(row);
    }
    const auto& [key, row] = of_kind[random() % of_kind.size()];
    CAPTURE(store);
    CAPTURE(kind);
    ledger.restore();
    RawRows(ledger.data() / "views" / store).put(key, damaged(row, random));
    const std::string refused = ledger.open_and_ask();
    CAPTURE(refused);
    auto& counts = refused_and_not[kind];
    ++(refused.empty() ? counts.second : counts.first);
    // What was asked needs every row but those of other keys, and of other streams' beginnings.
    if (!refused.empty()) CHECK((refused.find(store) != refused.npos || refused == "event_corrupt"));
    if (std::string("-mns").find(kind) != std::string::npos) CHECK_FALSE(refused.empty());
    if (damage % 8 != 0) continue;
    ledger.delete_views();
    CHECK(ledger.open_and_ask() == "");
  }
  CHECK(refused_and_not.size() > 5);
  std::cout << "damaged rows, seed " << seed << ":";
  for (const auto& [kind, counts] : refused_and_not) {
    std::cout << fmt::format(" {} {} refused, {} not needed;", kind == '\0' ? "node" : std::string(1, kind),
                             counts.first, counts.second);
  }
  std::cout << std::endl;
}

TEST_CASE("a row with a right checksum that means nothing, or leads elsewhere, is refused") {
  KeptAnswers ledger;
  for (const std::string& store : stores) {
    const Rows rows = rows_of(ledger.kept() / "views" / store);
    std::map<char, Rows> kinds;
    for (const auto& row : rows) kinds[row.first.front()].push_back(row);
    CHECK(kinds.size() == (store == "index-0" ? 8 : 2));
    for (const auto& [kind, of_kind] : kinds) {
      if (kind == 'd') continue;  // Hints without a value.
      const auto& [key, row] = of_kind.front();
      std::vector<std::string> others{"", row + '\0', std::string(row.size() + 1, '\xff')};
      if (kind != 'p') others.push_back(row.substr(0, row.size() - 1));
      // Other positions and another hash are no damage that the row alone shows: the events there say whose they are,
      // and a proof with the hash verifies for nothing.
      if (of_kind.size() > 1 && kind != 'p' && kind != '\0') others.push_back(of_kind.back().second);
      for (const std::string& other : others) {
        CAPTURE(store);
        CAPTURE(kind);
        CAPTURE(other.size());
        ledger.restore();
        put(ledger.data() / "views" / store, key, other);
        const std::string refused = ledger.open_and_ask();
        CAPTURE(refused);
        CHECK((refused.empty() || names_a_row(refused)));
        if (kind != 'm' && kind != 'k') CHECK_FALSE(refused.empty());
      }
    }
  }
  ledger.delete_views();
  CHECK(ledger.open_and_ask() == "");
}
