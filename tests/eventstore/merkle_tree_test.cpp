// The tree over a real log: what is stored, what is hashed again, and what is refused.
#include "eventstore/merkle_tree.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "eventstore/damaged_row.h"
#include "eventstore/log_row.h"
#include "tests/eventstore/log_fixture.h"

using namespace daybook;
using daybook::test::LogFixture;

namespace {

struct TreeFixture : LogFixture {
  TreeFixture() { tree_options.directory = folder() / "merkle-0"; }

  MerkleTree::Options tree_options;
  std::unique_ptr<MerkleTree> opened;
  MerkleHasher hasher;

  MerkleTree& tree() {
    if (!opened) opened = std::make_unique<MerkleTree>(tree_options, log());
    return *opened;
  }
  MerkleTree& reopen() {
    opened.reset();
    return tree();
  }
  /// A group as the shard's writer appends it.
  void commit(std::size_t events) {
    std::vector<std::string> envelopes;
    for (std::size_t i = 1; i <= events; ++i) envelopes.push_back(numbered(log().head(0) + i));
    tree().append(std::vector<std::string_view>(envelopes.begin(), envelopes.end()));
    LogFixture::append(envelopes);
    tree().commit();
  }
  /// The head of the events numbered() makes, without any tree of ours in between.
  TreeHead defined(std::uint64_t size) {
    MerkleFrontier frontier;
    for (Position position = 1; position <= size; ++position) {
      frontier.append(hasher.leaf(numbered(position)), hasher);
    }
    return {size, frontier.root(hasher)};
  }
  void plant_node(unsigned level, std::uint64_t number, std::string_view value,
                  std::uint32_t row_format = merkle_row_format) {
    opened.reset();
    RowStore::Options store;
    store.directory = tree_options.directory;
    store.row_format = row_format;
    const auto rows = RowStore::open(store);
    const auto batch = rows->new_batch();
    const RowKey key = make_row_key(static_cast<ShardNumber>(level), number);
    batch->put({key.data(), key.size()}, value);
    rows->write(*batch);
  }
  std::string refusal() {
    try {
      reopen();
    } catch (const StorageFault& fault) {
      return fault.what();
    }
    return "";
  }
};

constexpr std::uint64_t sizes[] = {1, 2, 255, 256, 257, 511, 512, 513, 768, 1023, 1024, 1025, 1300};

}  // namespace

TEST_CASE_FIXTURE(TreeFixture, "heads are those of the definition, however the events came in groups") {
  CHECK(tree().head() == defined(0));
  for (const std::size_t group : std::initializer_list<std::size_t>{1, 254, 1, 1, 300, 5, 700, 38}) {
    commit(group);
    CHECK(tree().head() == defined(log().head(0)));
  }
  CHECK(log().head(0) == 1300);
  for (const std::uint64_t size : sizes) CHECK(tree().head_at(size) == defined(size));
}

TEST_CASE_FIXTURE(TreeFixture,
                  "proofs between any two sizes verify, over tiles that are stored and those that are not") {
  commit(1300);
  for (const bool is_restarted : {false, true}) {
    if (is_restarted) reopen();
    for (const std::uint64_t size : sizes) {
      const TreeHead head = defined(size);
      for (const std::uint64_t other : sizes) {
        if (other > size) continue;
        CHECK(verify_inclusion(other - 1, hasher.leaf(numbered(other)), head, tree().prove_inclusion(other, size),
                               hasher));
        CHECK(verify_consistency(defined(other), head, tree().prove_consistency(other, size), hasher));
      }
    }
  }
}

TEST_CASE_FIXTURE(TreeFixture, "any head that is seen is proved while the tree grows") {
  commit(1);
  constexpr std::uint64_t last = 3000;
  std::atomic<std::uint64_t> wrong{0}, proved{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([this, &wrong, &proved] {
      MerkleHasher own;
      TreeHead before;
      TreeHead head = opened->head();
      for (; before.size < last; before = head, head = opened->head()) {
        const Position position = 1 + head.size / 3;
        const auto proof = opened->prove_inclusion(position, head.size);
        if (!verify_inclusion(position - 1, own.leaf(numbered(position)), head, proof, own)) ++wrong;
        if (before.size == 0) continue;
        const auto step = opened->prove_consistency(before.size, head.size);
        if (!verify_consistency(before, head, step, own)) ++wrong;
        ++proved;
      }
    });
  }
  while (log().head(0) < last) commit(std::min<std::uint64_t>(37, last - log().head(0)));
  for (std::thread& reader : readers) reader.join();
  CHECK(wrong == 0);
  CHECK(proved > 0);
  CHECK(tree().head() == defined(last));
}

TEST_CASE_FIXTURE(TreeFixture, "what is appended shows when it is committed, not before") {
  commit(3);
  const std::string envelope = numbered(4);
  const std::string_view views[] = {envelope};
  CHECK(tree().append(views) == defined(4));
  CHECK(tree().head() == defined(3));
  append({envelope});
  tree().commit();
  CHECK(tree().head() == defined(4));
}

TEST_CASE_FIXTURE(TreeFixture, "a tree opened again hashes only what is behind its stored tiles") {
  commit(1000);
  CHECK(tree().stored_leaves() == 0);
  CHECK(reopen().stored_leaves() == 768);
  CHECK(tree().head() == defined(1000));
  commit(600);
  CHECK(tree().head() == defined(1600));
  CHECK(reopen().stored_leaves() == 1536);
  CHECK(tree().head() == defined(1600));
}

TEST_CASE_FIXTURE(TreeFixture, "a tree whose folder was deleted is the same again") {
  commit(700);
  opened.reset();
  std::filesystem::remove_all(tree_options.directory);
  CHECK(tree().head() == defined(700));
  CHECK(reopen().stored_leaves() == 512);
}

TEST_CASE_FIXTURE(TreeFixture, "a tree opened for reading needs no folder and makes none") {
  commit(700);
  opened.reset();
  std::filesystem::remove_all(tree_options.directory);
  tree_options.read_only = true;
  CHECK(tree().head() == defined(700));
  CHECK(verify_inclusion(2, hasher.leaf(numbered(3)), defined(600), tree().prove_inclusion(3, 600), hasher));
  CHECK_FALSE(std::filesystem::exists(tree_options.directory));
}

TEST_CASE_FIXTURE(TreeFixture, "nodes of another release are not read: made again to write, passed over to read") {
  commit(700);
  plant_node(merkle_tile_level, 0, std::string(32, 'x'), merkle_row_format + 1);
  tree_options.read_only = true;
  CHECK(reopen().stored_leaves() == 0);
  CHECK(tree().head() == defined(700));
  tree_options.read_only = false;
  CHECK(reopen().head() == defined(700));
  CHECK(reopen().stored_leaves() == 512);
}

TEST_CASE_FIXTURE(TreeFixture, "a proof inside a complete tile needs its stored branches") {
  commit(700);
  const auto proof = tree().prove_inclusion(3, 600);
  REQUIRE(tree().stored_branches(0)->size() == merkle_tile_branches);
  plant_node(merkle_branch_level, 0, std::string(31, 'x'));
  CHECK_THROWS_AS(tree().prove_inclusion(3, 600), DamagedRow);
  CHECK(tree().prove_inclusion(300, 600).size() == proof.size());
}

TEST_CASE_FIXTURE(TreeFixture,
                  "a tree opened for reading ends with the log's snapshot, also when the nodes have gone on") {
  commit(300);
  auto beside = options;
  beside.read_only = true;
  const auto snapshot = EventLog::open(beside);
  commit(900);
  opened.reset();  // flushes the nodes
  tree_options.read_only = true;
  const MerkleTree reading(tree_options, *snapshot);
  CHECK(reading.stored_leaves() == 256);
  CHECK(reading.head() == defined(300));
}

TEST_CASE_FIXTURE(TreeFixture, "nodes that do not lead to the witnessed root are made again from the log") {
  commit(1000);
  plant_node(merkle_tile_level + 1, 0, std::string(32, 'x'));
  CHECK(tree().head() != defined(1000));
  tree_options.witnessed = defined(900);
  CHECK(reopen().head() == defined(1000));
  tree_options.witnessed = {};
  CHECK(reopen().head() == defined(1000));
}

TEST_CASE_FIXTURE(TreeFixture, "a log that does not give the witnessed root is refused") {
  commit(600);
  tree_options.witnessed = defined(500);
  CHECK(refusal() == "");
  tree_options.witnessed.root[0] ^= 1;
  CHECK(refusal().find("events up to 0:500 do not give the Merkle root") != std::string::npos);
  tree_options.witnessed = {700, {}};  // behind the head, or without a root: nothing to compare
  CHECK(refusal() == "");
  tree_options.witnessed = {500, {}};
  CHECK(refusal() == "");
}

TEST_CASE_FIXTURE(TreeFixture, "nodes ahead of the log, missing or cut ones are refused") {
  commit(1000);
  plant_node(merkle_tile_level, 2, "short");
  CHECK(refusal().find("has another length") != std::string::npos);
  opened.reset();
  close();
  std::filesystem::remove_all(options.directory);
  append_numbered(700);
  CHECK(refusal().find("ahead of the log") != std::string::npos);
}
