// Subscriptions in the engine: renewals by themselves, in two streams at once, late and over restarts.
#include <algorithm>

#include "domain/civil.h"
#include "domain/evolve.h"
#include "engine/index_check.h"
#include "eventstore/stream_index.h"
#include "schemas/envelope_generated.h"
#include "schemas/events/plans_generated.h"
#include "tests/engine/engine_fixture.h"

namespace daybook::test {
namespace {

struct Subscribed : EngineFixture {
  Subscribed() {
    open_account("acme");
    auto terms = std::make_shared<schema::PlanTermsT>();
    terms->name = "Weekly";
    auto price = std::make_unique<schema::PlanPriceT>();
    price->currency = currency_of("USD").packed;
    price->interval = terms->interval = schema::IntervalUnit::week;
    price->interval_count = terms->interval_count = 1;
    price->unit_amount = "700";
    terms->prices.push_back(std::move(price));
    REQUIRE(run(CreatePlan{"weekly", {}, terms}).accepted());
  }
  static CreateSubscription weekly(const std::string& account = "acme") {
    CreateSubscription command;
    command.account_id = account;
    command.plan_id = "weekly";
    return command;
  }
  EntityRef subscribe(const std::string& account = "acme") {
    return shown<SubscriptionShown>(run(weekly(account))).subscription.id;
  }
  /// "command type decided_at" of every event from a position on, without the book's ids.
  std::vector<std::string> events_from(Position first) {
    std::vector<std::string> rows;
    for (Position position = first; position <= head(); ++position) {
      const std::string bytes = engine().log().read_one(0, position);
      const schema::Envelope& envelope = *schema::GetEnvelope(bytes.data());
      rows.push_back(envelope.stream()->str() + " " + envelope.command()->str() + " " +
                     schema::EnumNameEvent(envelope.event_type()) + " " + std::to_string(envelope.command_index()) +
                     "/" + std::to_string(envelope.command_size()));
    }
    return rows;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Subscribed, "a renewal is one atomic command in two streams, at its own instant, however late") {
  const EntityRef id = subscribe();
  const Subscription first = *state("acme").find_subscription(id);
  const Position before = head();
  clock().advance_seconds(15 * seconds_per_day);
  const AccountState later = state("acme");
  CHECK(later.find_subscription(id)->period_number == 3);
  CHECK(micros(later.find_subscription(id)->period_start) == micros(first.period_start) + 14 * micros_per_day);
  CHECK(later.invoices().size() == 3);
  CHECK(later.invoices().rbegin()->second.number == "INV-000003");
  CHECK(later.invoices().rbegin()->second.finalized_at == later.find_subscription(id)->period_start);
  const std::vector<std::string> rows = events_from(before + 1);
  const std::vector<std::string> one = {
      "default/acme RenewSubscription SubscriptionRenewed 0/5", "default/acme RenewSubscription InvoiceDrafted 1/5",
      "default/acme RenewSubscription InvoiceFinalized 2/5", "default/acme RenewSubscription PaymentFailed 3/5",
      "default/~book RenewSubscription InvoiceNumberAssigned 4/5"};
  std::vector<std::string> expected = one;
  expected.insert(expected.end(), one.begin(), one.end());
  CHECK(rows == expected);
}

TEST_CASE_FIXTURE(Subscribed, "accounts that are asleep are renewed by the agenda, in time's order over all of them") {
  open_account("beta");
  const EntityRef acme = subscribe();
  clock().advance_seconds(3 * seconds_per_day);
  const EntityRef beta = subscribe("beta");
  reopen();
  clock().advance_seconds(12 * seconds_per_day);  // acme's second and third week, beta's second
  const auto number_of = [&](const std::string& account) { return state(account).invoices().rbegin()->second.number; };
  CHECK(number_of("acme") == "INV-000005");
  CHECK(number_of("beta") == "INV-000004");
  CHECK(state("acme").find_subscription(acme)->period_number == 3);
  CHECK(state("beta").find_subscription(beta)->period_number == 2);
  const Position now = head();
  reopen_without_views();
  CHECK(state("acme").find_subscription(acme)->period_number == 3);
  CHECK(head() == now);  // nothing is run again
}

TEST_CASE_FIXTURE(Subscribed, "subscribing is repeated by its key, and its dry run says what the run does") {
  Work dry = work(weekly());
  dry.context.dry_run = true;
  const Position before = head();
  const Answer preview = run(std::move(dry));
  CHECK(head() == before);
  const Answer answer = run(weekly(), "key");
  REQUIRE(preview.dry_run_events.size() == head() - before);
  for (std::size_t i = 0; i < preview.dry_run_events.size(); ++i) {
    const schema::Envelope& shown_event = *schema::GetEnvelope(preview.dry_run_events[i].data());
    const std::string bytes = engine().log().read_one(0, before + 1 + i);
    CHECK(shown_event.event_type() == schema::GetEnvelope(bytes.data())->event_type());
    CHECK(shown_event.stream_version() == schema::GetEnvelope(bytes.data())->stream_version());
  }
  CHECK(shown<SubscriptionShown>(preview).subscription == shown<SubscriptionShown>(answer).subscription);
  const EntityRef id = shown<SubscriptionShown>(answer).subscription.id;
  run(CancelSubscription{{}, id, CancellationMode::immediate, {"too dear", {}}, {}});
  const Answer repeated = run(weekly(), "key");
  CHECK(repeated.is_replay);
  CHECK(shown<SubscriptionShown>(repeated).subscription == shown<SubscriptionShown>(answer).subscription);
  const Subscription ended = *state("acme").find_subscription(id);
  CHECK(engine().keyring().unseal(ended.cancel_reason, "default/acme", "cancel_reason") == "too dear");
}

TEST_CASE_FIXTURE(Subscribed, "PAU-03, PAU-04: a pause ends at its own instant, however late, and over restarts") {
  const EntityRef back = subscribe(), gone = subscribe();
  const Instant start = state("acme").find_subscription(back)->period_start;
  const auto day = [&](std::int64_t number) { return Instant{micros(start) + number * micros_per_day}; };
  run(PauseSubscription{{}, back, day(3), {"away", {}}});
  run(PauseSubscription{{}, gone, {}, {}});
  const Position before = head();
  reopen();
  clock().advance_seconds(100 * seconds_per_day);
  const AccountState later = state("acme");
  CHECK(later.find_subscription(back)->period_number == 14);
  CHECK(later.find_subscription(gone)->cancellation_cause != 0);
  CHECK(later.find_subscription(gone)->canceled_at == day(91));
  const std::vector<std::string> rows = events_from(before + 1);
  CHECK(rows.front() == "default/acme ResumeSubscription SubscriptionResumed 0/1");
  CHECK(std::count(rows.begin(), rows.end(), "default/acme CancelSubscription SubscriptionCanceled 0/1") == 1);
  const Position now = head();
  reopen_without_views();
  CHECK(*state("acme").find_subscription(back) == *later.find_subscription(back));
  CHECK(head() == now);
}

TEST_CASE_FIXTURE(Subscribed,
                  "TRI-06: three notices of a trial at their instants, once each, however late and over a restart") {
  CreateSubscription command = weekly();
  command.trial_days = 14;
  const EntityRef id = shown<SubscriptionShown>(run(command)).subscription.id;
  const Position before = head();
  clock().advance_seconds(11 * seconds_per_day + 3600);
  CHECK(state("acme").find_subscription(id)->trial_reminded == 3);
  CHECK(head() == Position{static_cast<std::uint64_t>(before) + 1});
  reopen();
  clock().advance_seconds(10 * seconds_per_day);
  CHECK(state("acme").find_subscription(id)->status == SubscriptionStatus::active);
  const std::vector<std::string> rows = events_from(Position{static_cast<std::uint64_t>(before) + 1});
  const auto times = [&](const std::string& row) { return std::count(rows.begin(), rows.end(), row); };
  CHECK(times("default/acme RemindTrial TrialReminderIssued 0/1") == 2);
  CHECK(std::count_if(rows.begin(), rows.end(), [](const std::string& row) {
          return row.starts_with("default/acme EndTrial TrialConverted");
        }) == 1);
  const Position now = head();
  reopen_without_views();
  CHECK(state("acme").find_subscription(id)->trial_reminded == 1);
  CHECK(head() == now);
}

TEST_CASE_FIXTURE(Subscribed, "state rows and due instants of subscriptions are what the log folds to") {
  const EntityRef ends = subscribe();
  subscribe();
  run(CancelSubscription{{}, ends, CancellationMode::period_end, {}, {}});
  clock().advance_seconds(8 * seconds_per_day);
  CHECK_FALSE(state("acme").find_subscription(ends)->is_live());
  reopen();
  CHECK(shown<SubscriptionShown>(run(ReactivateSubscription{{}, ends})).subscription.is_live());
  CHECK(sound_closed_index().due == 1);
}

}  // namespace daybook::test
