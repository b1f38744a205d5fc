// The judge of the index finds each kind of wrong row, and nothing wrong in what the engine writes.
#include "engine/index_check.h"
#include "domain/evolve.h"

#include "domain/state_codec.h"
#include "tests/engine/engine_fixture.h"

using namespace daybook;
using namespace daybook::test;

namespace {

/// A ledger with something of each kind of row, closed; and its index to be damaged.
struct IndexedLedger : EngineFixture {
  IndexedLedger() {
    open_account("acme");
    open_account("other");
    issue("acme", 500, later(3'600));
    REQUIRE(allocate("acme", 1'000).accepted());
    REQUIRE(allocate("acme", 7, UnitSource::promotion, later(60)).accepted());
    REQUIRE(deduct("acme", 10, "a key").accepted());
    REQUIRE(deduct("other", 10, "refused").rejection.code == RejectionCode::insufficient_credits);
    REQUIRE(reserve("acme", 5, 30).accepted());
    clock().advance_seconds(120);  // The hold and the small grant expire: rows of ended entities.
    REQUIRE(deduct("acme", 1, "another key").accepted());
    close();
  }
  Instant later(std::int64_t seconds) { return Instant{micros(clock().now()) + seconds * micros_per_second}; }

  std::filesystem::path index_path() const { return data() / "views" / "index-0"; }
  /// Adds rows behind the engine's back; the checkpoint stays, unless the update has one.
  void plant(IndexUpdate update) {
    const auto index = StreamIndex::open({.directory = index_path(), .row_format = fold_version});
    if (update.checkpoint == 0) update.checkpoint = index->checkpoint();
    index->add(std::move(update));
    index->flush();
  }
  std::string state_row(const std::string& stream) {
    return *StreamIndex::open({.directory = index_path(), .row_format = fold_version, .read_only = true})
                ->state_row(stream);
  }
  /// The text of the problem at the position; the positions of the others if there is none.
  doctest::String found_at(Position position) {
    std::string all = "problems at ";
    for (const LogProblem& problem : check_closed_index().problems) {
      if (problem.position == position) return problem.text.c_str();
      all += std::to_string(problem.position) + " ";
    }
    return all.c_str();
  }
};

}  // namespace

TEST_CASE_FIXTURE(IndexedLedger, "what the engine wrote has no problem, and something of each kind was looked at") {
  const IndexCheck sound = check_closed_index();
  for (const LogProblem& problem : sound.problems) CHECK_MESSAGE(false, problem.text);
  CHECK(sound.ok());
  CHECK(sound.positions >= 9);
  CHECK(sound.keys == 3);
  CHECK(sound.states == 2);
  CHECK(sound.ended == 2);
  CHECK(sound.due == 1);
}

TEST_CASE_FIXTURE(IndexedLedger, "an index is checked as it is written beside the engine that writes on") {
  open();
  REQUIRE(deduct("acme", 1, "a third key").accepted());
  CHECK(check_closed_index().ok());
}

TEST_CASE_FIXTURE(IndexedLedger, "a stream's event that is found at another position is a problem") {
  IndexUpdate update;
  update.positions.push_back({2, 1, 9});
  plant(std::move(update));
  CHECK(found_at(2) == doctest::Contains("version 1 of stream default/other"));
}

TEST_CASE_FIXTURE(IndexedLedger,
                  "a key that leads to an earlier event, and one that the log does not have, are found") {
  IndexUpdate early;
  early.keys.emplace_back(hash_key("default", "key:test", "another key"), 1);
  plant(std::move(early));
  CHECK(found_at(10) == doctest::Contains("idempotency key"));
  IndexUpdate unknown;
  unknown.keys.emplace_back(hash_key("default", "key:test", "another key"), 10);
  unknown.keys.emplace_back(hash_key("default", "key:test", "never used"), 4);
  plant(std::move(unknown));
  CHECK(found_at(10) == doctest::Contains("holds 4 idempotency keys up to here, of which the log has 3"));
}

TEST_CASE_FIXTURE(IndexedLedger,
                  "a state row that is not what its events fold to, too old, too new or no row is found") {
  const auto plant_row = [&](std::string row) {
    IndexUpdate update;
    update.state_rows.emplace_back("default/acme", std::move(row));
    plant(std::move(update));
  };
  const std::string sound = state_row("default/acme");
  AccountState state = *decode_account(sound);
  state.decided_at = Instant{micros(state.decided_at) + 1};
  plant_row(encode_state(state));
  CHECK(found_at(10) == doctest::Contains("not what its events fold to"));
  state = *decode_account(sound);
  state.version -= 1;
  plant_row(encode_state(state));
  CHECK(found_at(10) == doctest::Contains("older than the index's checkpoint"));
  state.version += 2;
  plant_row(encode_state(state));
  CHECK(found_at(10) == doctest::Contains("but the log ends at its version"));
  plant_row("no row");
  CHECK(found_at(10) == doctest::Contains("unreadable"));
  plant_row(sound);
  CHECK(check_closed_index().ok());
}

TEST_CASE_FIXTURE(IndexedLedger, "a wrong row of an ended hold, and a missing due instant, are found") {
  IndexUpdate ended;
  ended.entity_rows.push_back({1, 6, 0, "h?"});
  plant(std::move(ended));
  CHECK(check_closed_index().problems_found >= 1);
  CHECK(check_closed_index().problems.front().text.find("the row of what ended") != std::string::npos);
  const AccountState state = *decode_account(state_row("default/acme"));
  IndexUpdate due;
  due.due.push_back({"default", micros(state.next_due()), state.ordinal, true});
  plant(std::move(due));
  CHECK(found_at(10) == doctest::Contains("next due"));
}

TEST_CASE_FIXTURE(IndexedLedger, "an index that is ahead of the log is found") {
  IndexUpdate update;
  update.checkpoint = 1'000;
  update.new_streams.emplace_back(1, "default/acme");
  plant(std::move(update));
  CHECK(found_at(10) == doctest::Contains("ahead of the log"));
}
