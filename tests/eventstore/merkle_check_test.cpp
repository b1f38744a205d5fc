#include "eventstore/merkle_check.h"

#include <doctest/doctest.h>

#include "eventstore/log_row.h"
#include "tests/eventstore/log_fixture.h"

using namespace daybook;
using daybook::test::LogFixture;

namespace {

struct CheckFixture : LogFixture {
  CheckFixture() {
    tree_options.directory = folder() / "merkle-0";
    options.row_bytes_max = 4'096;
    append_numbered(1000);
    const MerkleTree tree(tree_options, log());
    head = tree.head();
    earlier = tree.head_at(700);
  }

  MerkleTree::Options tree_options;
  TreeHead head, earlier;

  /// As verify does it: from a snapshot, for reading.
  MerkleCheck check(std::vector<KnownHead> known = {}) {
    tree_options.read_only = true;
    const MerkleTree tree(tree_options, log());
    return check_merkle(log(), 0, tree, std::move(known));
  }
  /// Replaces the row that holds `position` by one with another text there and a right checksum.
  void rewrite_event(Position position) {
    Position first = 0;
    for (const auto& [start, bytes] : rows()) first = start <= position ? start : first;
    close();
    const std::string bytes = stored_row(0, first);
    const RowView row(0, first, bytes);
    std::vector<std::string> envelopes;
    for (Position at = row.first(); at <= row.last(); ++at) envelopes.emplace_back(row.envelope(at));
    envelopes[position - first][0] = 'E';
    std::string changed;
    encode_row(0, first, std::vector<std::string_view>(envelopes.begin(), envelopes.end()), changed);
    plant_row(0, first, changed);
  }
};

}  // namespace

TEST_CASE_FIXTURE(CheckFixture, "a sound log agrees with its nodes and with every head that was kept of it") {
  const auto result = check({{head, "the head"}, {earlier, "an earlier one"}, {{0, MerkleHasher().empty()}, "none"}});
  CHECK(result.ok());
  CHECK(result.leaves == 1000);
  CHECK(result.nodes == 52);  // Three tiles, their sixteen branches each, and one node above two of them.
  CHECK(result.heads == 3);
  CHECK(result.head == head);
}

TEST_CASE_FIXTURE(CheckFixture, "an event that was rewritten with a right checksum is found in its branch") {
  rewrite_event(300);
  const auto result = check({{head, "the head"}, {earlier, "an earlier one"}});
  REQUIRE(result.problems.size() == 5);
  CHECK(result.problems[0].position == 289);
  CHECK(result.problems[0].text.find("events up to 304") != std::string::npos);
  CHECK(result.problems[1].position == 257);
  CHECK(result.problems[1].text.find("events up to 512") != std::string::npos);
  CHECK(result.problems[2].position == 1);
  CHECK(result.problems[3].position == 700);
  CHECK(result.problems[3].text.find("root of an earlier one") != std::string::npos);
  CHECK(result.problems[4].position == 1000);
}

TEST_CASE_FIXTURE(CheckFixture, "a log rewritten with its nodes still fails an old head") {
  rewrite_event(699);
  std::filesystem::remove_all(tree_options.directory);
  CHECK(check().ok());
  CHECK_FALSE(check({{earlier, "an earlier one"}}).ok());
}

TEST_CASE_FIXTURE(CheckFixture, "a log that is shorter than a head that was kept is one problem") {
  const auto result = check({{{1001, head.root}, "a later one"}});
  REQUIRE(result.problems.size() == 1);
  CHECK(result.problems[0].position == 1000);
  CHECK(result.problems[0].text.find("a log of 1001 events") != std::string::npos);
}

TEST_CASE_FIXTURE(CheckFixture, "a missing row ends the walk, and says so") {
  const auto all = rows();
  const Position missing = all[all.size() - 2].first;  // Behind the stored tiles' frontier nothing else reads it.
  const MerkleTree tree(tree_options, log());
  close();
  delete_row(0, missing);
  const auto result = check_merkle(log(), 0, tree, {});
  REQUIRE(result.problems.size() == 1);
  CHECK(result.problems[0].position == missing);
  CHECK(result.leaves == missing - 1);
}
