// The tree under the engine: it is at the head before anybody is answered, and a changed log does not start.
#include <doctest/doctest.h>

#include "eventstore/checkpoint_keys.h"
#include "eventstore/log_row.h"
#include "eventstore/merkle_tree.h"
#include "tests/engine/engine_fixture.h"

using namespace daybook;
using namespace daybook::test;

namespace {

TreeHead defined(const EventLog& log, ShardNumber shard) {
  MerkleHasher hasher;
  MerkleFrontier frontier;
  const auto reader = log.read_forward(shard, 1);
  for (StoredEvent event; reader->next(event);) frontier.append(hasher.leaf(event.envelope), hasher);
  return {frontier.size(), frontier.root(hasher)};
}

void check_tree(EngineFixture& fixture, ShardNumber shards) {
  Engine& engine = fixture.engine();
  for (ShardNumber shard = 0; shard < shards; ++shard) {
    const TreeHead head = engine.tree(shard)->head();
    CHECK(head == defined(engine.log(), shard));
    const HeadWitness witness = engine.directory().read_witness(shard);
    CHECK(witness.position == head.size);
    if (head.size > 0) CHECK(witness.root == head.root);
  }
}

}  // namespace

TEST_CASE("an answered command is in the tree and in the witness, in every shard") {
  for (const ShardNumber shards : {ShardNumber{1}, ShardNumber{4}}) {
    EngineFixture fixture(shards);
    check_tree(fixture, shards);
    for (const std::string book : {"default", "second", "third"}) {
      fixture.book = book;
      fixture.open_account("acme");
      for (int i = 0; i < 150; ++i) fixture.issue("acme", 100);
    }
    check_tree(fixture, shards);
  }
}

TEST_CASE("the tree and its keys are the same after a restart, and the tree after views/ was deleted") {
  EngineFixture fixture;
  fixture.open_account("acme");
  for (int i = 0; i < 600; ++i) fixture.issue("acme", 100);
  const TreeHead head = fixture.engine().tree(0)->head();
  const std::string note = fixture.engine().checkpoint_keys().sign(0, head);
  CHECK(head.size == 601);
  fixture.reopen();
  CHECK(fixture.engine().tree(0)->head() == head);
  CHECK(fixture.engine().tree(0)->stored_leaves() == 512);
  fixture.reopen_without_views();
  CHECK(fixture.engine().tree(0)->head() == head);
  CHECK(fixture.engine().checkpoint_keys().sign(0, head) == note);
  fixture.issue("acme", 100);
  check_tree(fixture, 1);
}

TEST_CASE("a log of which an earlier event was changed, checksums and all, does not start") {
  EngineFixture fixture;
  fixture.open_account("acme");
  for (int i = 0; i < 20; ++i) fixture.issue("acme", 100);
  const auto data = fixture.data();
  std::vector<std::vector<std::string>> groups;
  fixture.engine().log().for_each_row(0, 1, [&](Position first, std::string_view bytes) {
    const RowView row(0, first, bytes);
    auto& group = groups.emplace_back();
    for (Position at = row.first(); at <= row.last(); ++at) group.emplace_back(row.envelope(at));
    return true;
  });
  fixture.close();
  REQUIRE(groups.size() > 2);
  std::string& changed = groups[1].front();
  const auto amount = changed.find("acme");
  REQUIRE(amount != std::string::npos);
  changed[amount] = 'A';
  std::filesystem::remove_all(data / "log");
  {
    EventLog::Options options;
    options.directory = data / "log";
    const auto log = EventLog::open(options);
    for (const auto& group : groups) {
      log->append(0, log->head(0) + 1, std::vector<std::string_view>(group.begin(), group.end()));
    }
  }
  std::string refusal;
  try {
    fixture.reopen();
  } catch (const StorageFault& fault) {
    refusal = fault.what();
  }
  CHECK(refusal.find("do not give the Merkle root") != std::string::npos);
  std::filesystem::remove(data / "head");  // What an operator does who accepts it; then there is nothing to compare.
  fixture.reopen();
}
