// What callers of the engine rely on, on the real store.
#include <thread>

#include "domain/state_codec.h"
#include "tests/engine/engine_fixture.h"

using namespace daybook;
using namespace daybook::test;

namespace {

const Asset credits{"credits", false};
const Asset usd{"USD", true};

Instant after(Instant at, std::int64_t seconds) {
  return Instant{micros(at) + seconds * micros_per_second};
}

}  // namespace

TEST_CASE("a credit is there at once and still there after a restart") {
  EngineFixture ledger;
  ledger.open_account("acme");
  ledger.issue("acme", 5'000);
  CHECK(ledger.state("acme").wallet(usd).available == 5'000);
  ledger.reopen();
  CHECK(ledger.state("acme").wallet(usd).available == 5'000);
  ledger.reopen_without_views();
  CHECK(ledger.state("acme").wallet(usd).available == 5'000);
  CHECK(ledger.head() == 2);
}

TEST_CASE("K11: a repeat with the same key is answered as the first was and appends nothing") {
  EngineFixture ledger;
  ledger.open_account("acme");
  ledger.allocate("acme", 100);
  const Answer first = ledger.deduct("acme", 10, "job-1");
  const Position head = ledger.head();
  const Answer again = ledger.deduct("acme", 10, "job-1");
  CHECK(again.is_replay);
  CHECK(again.position == first.position);
  CHECK(shown<UnitEntryShown>(again).balance_after == 90);
  CHECK(ledger.head() == head);

  SUBCASE("also when the account has moved on") {
    ledger.deduct("acme", 5);
    const Answer late = ledger.deduct("acme", 10, "job-1");
    CHECK(late.is_replay);
    CHECK(shown<UnitEntryShown>(late).balance_after == 90);
    CHECK(shown<UnitEntryShown>(late).movement.id == shown<UnitEntryShown>(first).movement.id);
  }
  SUBCASE("also after a restart") {
    ledger.reopen();
    CHECK(shown<UnitEntryShown>(ledger.deduct("acme", 10, "job-1")).balance_after == 90);
  }
  SUBCASE("another body under the same key is refused") {
    DeductUnitCredits other;
    other.account_id = "acme";
    other.amount = 11;
    CHECK(ledger.run(other, "job-1", "other").rejection.code == RejectionCode::idempotency_key_reused);
  }
}

TEST_CASE("sixty-four requests with one key at once are one event and sixty-four equal answers") {
  EngineFixture ledger;
  ledger.open_account("acme");
  ledger.allocate("acme", 100);
  const Position before = ledger.head();
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 64; ++i) {
    DeductUnitCredits command;
    command.account_id = "acme";
    command.amount = 1;
    answers.push_back(ledger.start(ledger.work(command, "the-key")));
  }
  int firsts = 0;
  for (auto& future : answers) {
    const Answer answer = future.get();
    firsts += answer.is_replay ? 0 : 1;
    CHECK(shown<UnitEntryShown>(answer).balance_after == 99);
  }
  CHECK(firsts == 1);
  CHECK(ledger.head() == before + 1);
}

TEST_CASE("K11: a refused command with a key keeps its answer") {
  EngineFixture ledger;
  ledger.open_account("acme");
  ledger.allocate("acme", 5);
  CHECK(ledger.deduct("acme", 10, "big").rejection.code == RejectionCode::insufficient_credits);
  ledger.allocate("acme", 100);
  const Answer again = ledger.deduct("acme", 10, "big");
  CHECK(again.is_replay);
  CHECK(again.rejection.code == RejectionCode::insufficient_credits);
  REQUIRE(again.rejection.details.size() == 3);
  CHECK(std::get<std::int64_t>(again.rejection.details[1].value) == 5);
  ledger.reopen();
  CHECK(ledger.deduct("acme", 10, "big").rejection.code == RejectionCode::insufficient_credits);
  CHECK(ledger.deduct("nobody", 10, "who").rejection.code == RejectionCode::not_found);
  CHECK(ledger.deduct("nobody", 10, "who").is_replay);
}

TEST_CASE("a hundred deductions of one from sixty: sixty succeed") {
  EngineFixture ledger;
  ledger.open_account("acme");
  ledger.allocate("acme", 60);
  std::atomic<int> accepted = 0, refused = 0;
  std::vector<std::thread> clients;
  for (int client = 0; client < 10; ++client) {
    clients.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        DeductUnitCredits command;
        command.account_id = "acme";
        command.amount = 1;
        const Answer answer = ledger.run(command);
        ++(answer.accepted() ? accepted : refused);
      }
    });
  }
  for (auto& client : clients) client.join();
  CHECK(accepted == 60);
  CHECK(refused == 40);
  CHECK(ledger.state("acme").wallet(credits).available == 0);
}

TEST_CASE("a credit expires by itself, for what is left of it") {
  EngineFixture ledger;
  ledger.open_account("acme");
  const Instant expiry = after(ledger.clock().now(), 3'600);
  const EntityRef id = ledger.issue("acme", 500, expiry);
  ConsumeCredit consume;
  consume.credit = id;
  consume.amount = 200;
  REQUIRE(ledger.run(consume).accepted());
  ledger.clock().advance_seconds(3'601);
  const AccountState state = ledger.state("acme");
  CHECK(state.wallet(usd).available == 0);
  CHECK(state.decided_at == expiry);
  consume.amount = 1;
  const Answer late = ledger.run(consume);
  CHECK(late.rejection.code == RejectionCode::invalid_transition);
}

TEST_CASE("what falls due is run without anybody asking, also after a restart") {
  EngineFixture ledger;
  ledger.open_account("acme");
  ledger.open_account("other");
  ledger.allocate("acme", 10);
  ledger.reserve("acme", 4, 60);
  ledger.issue("other", 500, after(ledger.clock().now(), 7'200));
  const Position before = ledger.head();
  SUBCASE("in the running process") {}
  SUBCASE("after a restart") {
    ledger.reopen();
  }
  SUBCASE("after a restart without views") {
    ledger.reopen_without_views();
  }
  ledger.clock().advance_seconds(90'000);
  // A read of an account that has nothing due wakes the writer; the agenda runs first.
  ledger.open_account("third");
  ledger.open_account("fourth");
  CHECK(ledger.head() == before + 4);
  CHECK(ledger.state("acme").wallet(credits).available == 10);
  CHECK(ledger.head() == before + 4);
}

TEST_CASE("ended holds and credits can still be named") {
  EngineFixture ledger;
  ledger.open_account("acme");
  ledger.allocate("acme", 10);
  const EntityRef hold = shown<ReservationShown>(ledger.reserve("acme", 4)).hold.id;
  CaptureReservation capture;
  capture.account_id = "acme";
  capture.reservation = hold;
  capture.amount = 3;
  const Answer captured = ledger.run(capture);
  CHECK(shown<ReservationShown>(captured).hold.captured == 3);
  CHECK(shown<ReservationShown>(captured).hold.released == 1);
  CHECK(shown<ReservationShown>(captured).wallet.available == 7);
  CHECK(ledger.run(capture).rejection.code == RejectionCode::invalid_transition);
  ledger.reopen();
  CHECK(ledger.run(capture).rejection.code == RejectionCode::invalid_transition);
  capture.reservation.slot = 1;
  CHECK(ledger.run(capture).rejection.code == RejectionCode::not_found);
}

TEST_CASE("a dry run shows what would be and appends nothing") {
  EngineFixture ledger;
  ledger.open_account("acme");
  ledger.allocate("acme", 10);
  const Position before = ledger.head();
  DeductUnitCredits command;
  command.account_id = "acme";
  command.amount = 4;
  Work work = ledger.work(command);
  work.context.dry_run = true;
  const Answer answer = ledger.run(std::move(work));
  CHECK(shown<UnitEntryShown>(answer).balance_after == 6);
  CHECK(answer.dry_run_events.size() == 1);
  CHECK(ledger.head() == before);
  CHECK(ledger.state("acme").wallet(credits).available == 10);
}

TEST_CASE("a stale If-Match is refused, a current one is not") {
  EngineFixture ledger;
  ledger.open_account("acme");
  UpdateAccount update;
  update.account_id = "acme";
  update.country = {Change<std::string>::Kind::set, "DE"};
  Work stale = ledger.work(update);
  stale.context.if_match = 7;
  CHECK(ledger.run(std::move(stale)).rejection.code == RejectionCode::version_conflict);
  Work current = ledger.work(update);
  current.context.if_match = 1;
  CHECK(shown<AccountShown>(ledger.run(std::move(current))).details.country == "DE");
}

TEST_CASE("an update that says what is there already changes nothing") {
  EngineFixture ledger;
  ledger.open_account("acme");
  UpdateAccount update;
  update.account_id = "acme";
  update.name = {Change<Sensitive>::Kind::set, {"Name of acme", {}}};
  const Position before = ledger.head();
  const Answer answer = ledger.run(update);
  CHECK(answer.is_unchanged);
  CHECK(ledger.head() == before);
  update.name.value.clear = "Another";
  const AccountDetails changed = shown<AccountShown>(ledger.run(update)).details;
  CHECK(ledger.engine().keyring().unseal(changed.name, "default/acme", "name") == "Another");
}

TEST_CASE("the sandbox clock moves forward only, and runs what falls due") {
  EngineFixture ledger;
  ledger.open_account("acme");
  ledger.issue("acme", 500, after(ledger.clock().now(), 3'600));
  AdvanceSandboxClock advance;
  advance.advance = Duration{0, 3, 0};
  const Answer moved = ledger.run(advance);
  const Instant now = shown<ClockShown>(moved).now;
  CHECK(now == after(ledger.clock().now(), 3 * 86'400));
  CHECK(ledger.head() == 4);
  AdvanceSandboxClock to;
  to.to = now;
  CHECK(ledger.run(to).is_unchanged);
  ledger.clock().advance_seconds(5);
  CHECK(ledger.run(to).is_unchanged);
  to.to = after(now, -1);
  CHECK(ledger.run(to).rejection.code == RejectionCode::validation_failed);
  ledger.reopen();
  CHECK(ledger.engine().now("default", {}) == after(now, 5));
}

TEST_CASE("K22: folded from zero, from stored rows and live, a state is the same bytes") {
  for (const ShardNumber shards : {ShardNumber{1}, ShardNumber{4}}) {
    EngineFixture ledger(shards);
    ledger.open_account("acme");
    for (int i = 0; i < 50; ++i) {
      ledger.allocate("acme", 100, i % 2 ? UnitSource::pack : UnitSource::cycle);
      ledger.deduct("acme", 70);
      ledger.reserve("acme", 10);
    }
    AccountState live = ledger.state("acme");
    live.take_ended();
    const std::string live_bytes = encode_state(live);
    AccountState from_log = *ledger.engine().account_as_of("default", "acme", {}, {}).state;
    from_log.take_ended();
    CHECK(encode_state(from_log) == live_bytes);
    ledger.reopen();
    CHECK(encode_state(ledger.state("acme")) == live_bytes);
    ledger.reopen_without_views();
    AccountState again = ledger.state("acme");
    again.take_ended();
    CHECK(encode_state(again) == live_bytes);
  }
}

TEST_CASE("an account as of an earlier time is what it was then") {
  EngineFixture ledger;
  ledger.open_account("acme");
  ledger.allocate("acme", 100);
  const Instant then = ledger.clock().now();
  ledger.clock().advance_seconds(10);
  ledger.deduct("acme", 30);
  const auto past = ledger.engine().account_as_of("default", "acme", then, {});
  REQUIRE(past.state);
  CHECK(past.state->wallet(credits).available == 100);
  CHECK(past.position.position == 2);
  CHECK_FALSE(ledger.engine().account_as_of("default", "acme", after(then, -1), {}).state);
}

TEST_CASE("one book sees nothing of another") {
  EngineFixture ledger(4);
  ledger.open_account("acme");
  const EntityRef credit = ledger.issue("acme", 100);
  ledger.book = "other";
  CHECK(ledger.deduct("acme", 1).rejection.code == RejectionCode::not_found);
  ConsumeCredit consume;
  consume.credit = credit;
  consume.amount = 1;
  CHECK(ledger.run(consume).rejection.code == RejectionCode::not_found);
  ledger.open_account("acme");
  CHECK(ledger.state("acme").wallet(usd).available == 0);
}
