// Test clocks in the engine: accounts that live by one, what an advance runs and in which order, and what a stop in the
// middle of it leaves.
#include <algorithm>
#include <tuple>

#include "domain/civil.h"
#include "domain/evolve.h"
#include "domain/state_codec.h"
#include "engine/index_check.h"
#include "eventstore/stream_index.h"
#include "schemas/envelope_generated.h"
#include "schemas/events/plans_generated.h"
#include "tests/engine/engine_fixture.h"

namespace daybook::test {
namespace {

const Instant noon = *parse_rfc3339("2020-01-31T12:00:00Z");

Instant after_days(std::int64_t days) {
  return Instant{micros(noon) + days * micros_per_day};
}

/// Plans by the month and by the day. Without threads, everything that is started is stepped until it is answered.
struct Timed : EngineFixture {
  explicit Timed(ShardNumber shards = 1) : EngineFixture(shards) {}

  Answer finish(std::future<Answer> answer) {
    while (answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
      if (!options().threads) engine().step(engine().shard_of(book));
    }
    return answer.get();
  }
  Answer give(Command command, std::string key = {}) { return finish(start(work(std::move(command), std::move(key)))); }

  void offer(const std::string& id, schema::IntervalUnit interval) {
    auto terms = std::make_shared<schema::PlanTermsT>();
    terms->name = id;
    auto price = std::make_unique<schema::PlanPriceT>();
    price->currency = currency_of("USD").packed;
    price->interval = terms->interval = interval;
    price->interval_count = terms->interval_count = 1;
    price->unit_amount = "700";
    terms->prices.push_back(std::move(price));
    REQUIRE(give(CreatePlan{id, {}, terms}).accepted());
  }
  EntityRef make_clock(Instant frozen_time = noon) {
    return shown<TestClockShown>(give(CreateTestClock{"A clock", frozen_time})).clock.id;
  }
  static OpenAccount opening(const std::string& id, std::optional<EntityRef> clock) {
    OpenAccount command;
    command.account_id = id;
    command.currency = currency_of("USD");
    command.time_zone = "UTC";
    command.test_clock = clock;
    return command;
  }
  static CreateSubscription subscribing(const std::string& account, const std::string& plan) {
    CreateSubscription command;
    command.account_id = account;
    command.plan_id = plan;
    return command;
  }
  void open_on(const std::string& id, std::optional<EntityRef> clock) { REQUIRE(give(opening(id, clock)).accepted()); }
  EntityRef subscribe(const std::string& account, const std::string& plan) {
    return shown<SubscriptionShown>(give(subscribing(account, plan))).subscription.id;
  }
  Work advance_work(EntityRef clock, Instant to, bool waits) {
    Work one = work(AdvanceTestClock{clock, {}, to});
    one.context.waits = waits;
    return one;
  }
  TestClock advance(EntityRef clock, Instant to) {
    return shown<TestClockShown>(finish(start(advance_work(clock, to, true)))).clock;
  }
  /// The account as the engine has it, and the time by its clock.
  std::pair<AccountState, Instant> look(const std::string& account) {
    std::pair<AccountState, Instant> copy;
    Work read;
    read.context.principal.book = book;
    read.account_id = account;
    read.read_account = [&copy](const AccountState* state, LogPosition, Instant now) {
      if (state != nullptr) copy = {*state, now};
    };
    finish(start(std::move(read)));
    return copy;
  }
  TestClock clock_state(EntityRef id) {
    TestClock copy;
    Work read;
    read.context.principal.book = book;
    read.read_book = [&](const BookState& state, LogPosition, Instant) { copy = state.test_clocks.at(id); };
    finish(start(std::move(read)));
    return copy;
  }

  struct Row {
    Instant at{};
    std::string stream, text;
    auto operator<=>(const Row&) const = default;
  };
  /// Every event from a position on: when it took effect, and what it is.
  std::vector<Row> events_from(Position first) {
    std::vector<Row> rows;
    const ShardNumber shard = engine().shard_of(book);
    for (Position position = first; position <= head(); ++position) {
      const std::string bytes = engine().log().read_one(shard, position);
      const schema::Envelope& envelope = *schema::GetEnvelope(bytes.data());
      rows.push_back({Instant{envelope.effective_at()->us()}, envelope.stream()->str(),
                      envelope.command()->str() + " " + schema::EnumNameEvent(envelope.event_type())});
    }
    return rows;
  }
};

struct OneShard : Timed {};

/// Forty accounts that are billed daily on one clock: a hundred days of that are many groups.
struct Crowd : Timed {
  static constexpr int accounts = 40, days = 100;
  Crowd() {
    options().threads = false;
    reopen();
    offer("daily", schema::IntervalUnit::day);
    id = make_clock();
    std::vector<std::future<Answer>> answers;
    for (int i = 0; i < accounts; ++i) answers.push_back(start(work(opening(name(i), id))));
    for (int i = 0; i < accounts; ++i) answers.push_back(start(work(subscribing(name(i), "daily"))));
    for (auto& answer : answers) REQUIRE(finish(std::move(answer)).accepted());
    before = head();
  }
  static std::string name(int account) { return "account-" + std::to_string(account); }
  /// What the accounts come to, entity by entity.
  std::string states() {
    std::string all;
    for (int i = 0; i < accounts; ++i) {
      const AccountState state = look(name(i)).first;
      for (const auto& [invoice_id, invoice] : state.invoices()) {
        all += name(i) + ' ' + invoice.number + ' ' + format_rfc3339(invoice.finalized_at) + '\n';
      }
    }
    return all;
  }
  EntityRef id;
  Position before = 0;
};

}  // namespace

TEST_CASE("BOK-04: a year of monthly renewals comes of one advance, in order, each at its own instant") {
  for (const ShardNumber shards : {ShardNumber{1}, ShardNumber{4}}) {
    Timed ledger(shards);
    ledger.offer("monthly", schema::IntervalUnit::month);
    const EntityRef clock = ledger.make_clock();
    ledger.open_on("timed", clock);
    ledger.open_on("other", std::nullopt);
    const EntityRef subscription = ledger.subscribe("timed", "monthly");
    ledger.subscribe("other", "monthly");
    const Position before = ledger.head();
    const TestClock there = ledger.advance(clock, *parse_rfc3339("2021-01-31T12:00:00Z"));
    CHECK_FALSE(there.is_advancing());
    CHECK(there.frozen_time == *parse_rfc3339("2021-01-31T12:00:00Z"));
    // Twelve renewals of five events (there is no method to charge), between the clock's own two.
    const auto rows = ledger.events_from(before + 1);
    CHECK(rows.size() == 2 + 12 * 5);
    CHECK(rows.front().text == "AdvanceTestClock TestClockAdvanced");
    CHECK(rows.back().text == "FinishTestClock TestClockBecameReady");

    const auto [timed, now] = ledger.look("timed");
    CHECK(now == there.frozen_time);
    CHECK(timed.find_subscription(subscription)->period_number == 13);
    std::vector<std::string> invoices;
    for (const auto& [id, invoice] : timed.invoices()) {
      invoices.push_back(invoice.number + " " + format_rfc3339(invoice.finalized_at));
    }
    CHECK(invoices == std::vector<std::string>{"INV-000001 2020-01-31T12:00:00Z", "INV-000003 2020-02-29T12:00:00Z",
                                               "INV-000004 2020-03-31T12:00:00Z", "INV-000005 2020-04-30T12:00:00Z",
                                               "INV-000006 2020-05-31T12:00:00Z", "INV-000007 2020-06-30T12:00:00Z",
                                               "INV-000008 2020-07-31T12:00:00Z", "INV-000009 2020-08-31T12:00:00Z",
                                               "INV-000010 2020-09-30T12:00:00Z", "INV-000011 2020-10-31T12:00:00Z",
                                               "INV-000012 2020-11-30T12:00:00Z", "INV-000013 2020-12-31T12:00:00Z",
                                               "INV-000014 2021-01-31T12:00:00Z"});
    CHECK(ledger.look("other").second == ledger.clock().now());
    CHECK(ledger.look("other").first.invoices().size() == 1);

    AccountState live = timed;
    live.take_ended();
    const Position head = ledger.head();
    for (const bool has_views : {true, false}) {
      has_views ? ledger.reopen() : ledger.reopen_without_views();
      AccountState again = ledger.look("timed").first;
      again.take_ended();
      CHECK(encode_state(again) == encode_state(live));
      CHECK(ledger.clock_state(clock) == there);
      CHECK(ledger.head() == head);
    }
  }
}

TEST_CASE_FIXTURE(OneShard, "an account on a test clock knows no other time, and the agenda leaves it alone") {
  offer("monthly", schema::IntervalUnit::month);
  const EntityRef clock = make_clock();
  open_on("timed", clock);
  subscribe("timed", "monthly");
  open_on("other", std::nullopt);
  subscribe("other", "monthly");
  const Position before = head();
  this->clock().advance_seconds(40 * seconds_per_day);
  CHECK(look("timed").second == noon);
  CHECK(look("other").first.invoices().size() == 2);
  for (const Row& row : events_from(before + 1)) CHECK(row.stream != "default/timed");
  AdvanceSandboxClock sandbox;
  sandbox.advance = Duration{1, 0, 0};
  const Position then = head();
  REQUIRE(give(sandbox).accepted());
  CHECK(look("timed").first.invoices().size() == 1);
  for (const Row& row : events_from(then + 1)) CHECK(row.stream != "default/timed");
  // What is decided on it is decided at its time, also in its details.
  CHECK(look("timed").first.details.created_at == noon);
  const EntityRef credit = issue("timed", 100, after_days(1));
  CHECK(look("timed").first.find_grant(credit)->created_at == noon);
  advance(clock, Instant{micros(after_days(1)) - 1});
  CHECK(look("timed").first.find_grant(credit)->is_open());
  advance(clock, after_days(1));
  CHECK(events_from(head() - 1).front().text == "ExpireGrant CreditExpired");
  CHECK(events_from(head() - 1).front().at == after_days(1));
}

TEST_CASE_FIXTURE(OneShard, "CLK-01: an advance to the same time changes nothing, and one backwards is refused") {
  const EntityRef clock = make_clock();
  advance(clock, after_days(1));
  const Position before = head();
  CHECK(give(AdvanceTestClock{clock, {}, after_days(1)}).is_unchanged);
  CHECK(finish(start(advance_work(clock, after_days(1), true))).is_unchanged);
  CHECK(give(AdvanceTestClock{clock, {}, noon}).rejection.code == RejectionCode::validation_failed);
  Work dry = advance_work(clock, after_days(2), true);
  dry.context.dry_run = true;
  const Answer foreseen = finish(start(std::move(dry)));
  CHECK(shown<TestClockShown>(foreseen).clock.is_advancing());
  CHECK(foreseen.dry_run_events.size() == 1);
  CHECK(head() == before);
}

TEST_CASE_FIXTURE(Crowd, "everything due on a clock runs in order of its instants, and of the accounts at each") {
  Work elsewhere = work(AdvanceTestClock{id, {}, after_days(days + 1)});
  auto answer = start(advance_work(id, after_days(days), true));
  engine().step(0);
  auto refused = start(std::move(elsewhere));
  engine().step(0);
  CHECK(refused.get().rejection.code == RejectionCode::invalid_transition);
  CHECK_FALSE(answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready);
  CHECK_FALSE(shown<TestClockShown>(finish(std::move(answer))).clock.is_advancing());

  using Key = std::tuple<Instant, std::uint64_t>;
  std::vector<Key> order;
  for (Position position = before + 1; position <= head(); ++position) {
    const std::string bytes = engine().log().read_one(0, position);
    const schema::Envelope& envelope = *schema::GetEnvelope(bytes.data());
    if (envelope.event_type() != schema::Event::SubscriptionRenewed) continue;
    order.emplace_back(Instant{envelope.decided_at()->us()}, envelope.stream_ordinal());
  }
  CHECK(order.size() == accounts * days);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE_FIXTURE(Crowd, "while a clock advances others are answered, and its accounts are where it has come to") {
  auto answer = start(advance_work(id, after_days(days), false));
  engine().step(0);
  CHECK(shown<TestClockShown>(answer.get()).clock.is_advancing());
  engine().step(0);  // a group of due work: days and days, but not all
  const auto [state, now] = look(name(0));
  CHECK(now > noon);
  CHECK(now < after_days(days));
  CHECK(state.next_due() > now);
  CHECK(state.invoices().rbegin()->second.finalized_at <= now);
  const EntityRef credit = [&] {
    IssueCredit command;
    command.account_id = name(0);
    command.amount = 1;
    command.currency = currency_of("USD");
    command.reason.clear = "in between";
    return shown<CreditShown>(give(command)).grant.id;
  }();
  const auto later = look(name(0));
  CHECK(later.first.find_grant(credit)->created_at >= now);
  advance(id, after_days(days));
  CHECK(look(name(0)).second == after_days(days));
}

TEST_CASE("a stop in the middle of an advance leaves a clock that goes on, to the same end") {
  Crowd whole;
  whole.advance(whole.id, after_days(Crowd::days));
  const auto expected = whole.events_from(whole.before + 1);
  for (const bool has_views : {true, false}) {
    Crowd stopped;
    auto answer = stopped.start(stopped.advance_work(stopped.id, after_days(Crowd::days), false));
    stopped.engine().step(0);
    REQUIRE(answer.get().accepted());
    stopped.engine().step(0);
    const Position half = stopped.head();
    CHECK(half > stopped.before + 1);
    has_views ? stopped.reopen() : stopped.reopen_without_views();
    CHECK(stopped.clock_state(stopped.id).is_advancing());
    while (stopped.clock_state(stopped.id).is_advancing()) stopped.engine().step(0);
    CHECK(stopped.head() > half);
    auto rows = stopped.events_from(stopped.before + 1);
    REQUIRE(rows.size() == expected.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      // The book's own time is the wall's.
      if (rows[i].text.ends_with("TestClockAdvanced") || rows[i].text.ends_with("TestClockBecameReady")) continue;
      REQUIRE(rows[i] == expected[i]);
    }
    CHECK(stopped.states() == whole.states());
  }
}

TEST_CASE_FIXTURE(Crowd,
                  "a repeat of an advance is answered as the first was, and one that waits when the clock stands") {
  Work first = work(AdvanceTestClock{id, {}, after_days(days)}, "key");
  auto answer = start(std::move(first));
  engine().step(0);
  CHECK(shown<TestClockShown>(answer.get()).clock.is_advancing());
  Work waiting = work(AdvanceTestClock{id, {}, after_days(days)}, "key");
  waiting.context.waits = true;
  const Answer waited = finish(start(std::move(waiting)));
  CHECK(waited.is_replay);
  CHECK_FALSE(shown<TestClockShown>(waited).clock.is_advancing());
  CHECK(waited.version == clock_state(id).version);
  const Answer repeated = give(AdvanceTestClock{id, {}, after_days(days)}, "key");
  CHECK(repeated.is_replay);
  CHECK(shown<TestClockShown>(repeated).clock.is_advancing());
  CHECK(shown<TestClockShown>(repeated).clock.frozen_time == noon);
}

TEST_CASE_FIXTURE(Crowd, "what a command makes due at once on a standing clock is run without an advance") {
  DraftInvoice draft;
  draft.account_id = name(7);
  draft.lines.emplace_back().unit_amount = "100";
  draft.net_days = 0;
  const EntityRef invoice = shown<InvoiceShown>(give(draft)).invoice.id;
  REQUIRE(give(FinalizeInvoice{invoice}).accepted());
  const Position finalized = head();
  engine().step(0);
  REQUIRE(head() == finalized + 1);
  CHECK(events_from(head()) ==
        std::vector<Row>{{noon, "default/" + name(7), "MarkInvoiceOverdue InvoiceBecameOverdue"}});
  for (int i = 0; i < 5; ++i) engine().step(0);
  CHECK(head() == finalized + 1);
}

TEST_CASE_FIXTURE(Crowd, "the index has what is due by each clock, and its check says so") {
  options().threads = true;
  reopen();
  open_on("other", std::nullopt);
  subscribe("other", "daily");
  advance(id, after_days(3));
  CHECK(sound_closed_index().due == accounts + 1);
  const auto index =
      StreamIndex::open({.directory = data() / "views" / "index-0", .row_format = fold_version, .read_only = true});
  CHECK(index->due("default", 0, micros(never)).size() == 1);
}

}  // namespace daybook::test
