// Trials: an account's own, reminders, and the end of a trial that nobody pays for, by policy.
#include <array>

#include "domain/state_codec.h"
#include "schemas/events/accounts_generated.h"
#include "schemas/events/plans_generated.h"
#include "schemas/events/subscriptions_generated.h"
#include "tests/domain/paying.h"
#include "tests/domain/property.h"

using namespace daybook;
using namespace daybook::test;

namespace {

using Happened = schema::Event;
using EndedAs = schema::TrialOutcome;

PlanTermsPointer tier_terms(const std::string& tier, std::string amount, std::int32_t trial_days = 0) {
  auto terms = flat_terms(std::move(amount));
  terms->tier = tier;
  terms->trial_days = static_cast<std::uint16_t>(trial_days);
  return terms;
}

struct Trying : Paying {
  explicit Trying(std::string_view start = "2027-03-01T10:00:00Z") : Paying(start) {}

  /// In place of the account of Given; the book stays.
  void open(const std::string& time_zone = "UTC", Currency currency = currency_of("USD")) {
    account = {};
    OpenAccount command;
    command.account_id = "acme";
    command.currency = currency;
    command.time_zone = time_zone;
    REQUIRE(when(command).accepted());
  }
  template <class Value>
  void set(const std::string& policy, std::optional<Value> ChangePolicy::*member, Value value) {
    ChangePolicy command;
    command.policy = policy;
    command.*member = value;
    REQUIRE(when(command).accepted());
  }
  void end_by(TrialEnd policy) { set("trial.end", &ChangePolicy::trial_end, policy); }
  const AccountTrial& trial() const { return account.details.trial; }
  /// The last one of that type; null if there is none.
  template <class Payload>
  const Payload* last(Happened type) const {
    for (auto bytes = envelopes.rbegin(); bytes != envelopes.rend(); ++bytes) {
      const schema::Envelope& envelope = *schema::GetEnvelope(bytes->data());
      if (envelope.event_type() == type) return static_cast<const Payload*>(envelope.event());
    }
    return nullptr;
  }
  EndedAs outcome() const { return last<schema::TrialExpired>(Happened::TrialExpired)->outcome(); }
  int reminded() const { return last<schema::TrialReminderIssued>(Happened::TrialReminderIssued)->days_before(); }
  std::size_t reminders() const { return count(Happened::TrialReminderIssued); }
  RejectionCode spend(Role by) {
    role = by;
    const RejectionCode code = when(deduct(1)).rejection.code;
    role = Role::billing_admin;
    return code;
  }
  void check_row() const {
    const auto row = decode_account(encode_state(account));
    REQUIRE(row.has_value());
    CHECK(row->details == account.details);
    CHECK(row->due() == account.due());
    CHECK(row->subscriptions() == account.subscriptions());
    CHECK(row->is_blocked_by_trial == account.is_blocked_by_trial);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Trying, "TRI-01: an account that is opened tries the first public plan of the tier starter") {
  CHECK_FALSE(trial().is_running);  // the book had no plan then
  plan(tier_terms("pro", "900"), "a-pro");
  open();
  CHECK(count(Happened::AccountTrialStarted) == 0);
  plan(tier_terms("starter", "500"), "retired");
  REQUIRE(when(RetirePlan{"retired"}).accepted());
  REQUIRE(when(CreatePlan{"hidden", "other", tier_terms("starter", "100")}).accepted());
  open();
  CHECK(count(Happened::AccountTrialStarted) == 0);

  plan(tier_terms("starter", "700"), "starter-b");
  plan(tier_terms("starter", "800"), "starter-a");
  open("UTC", currency_of("EUR"));
  CHECK(count(Happened::AccountTrialStarted) == 0);  // none of them has a price in euros
  open();
  CHECK(count(Happened::AccountTrialStarted) == 1);
  CHECK(trial().is_running);
  CHECK(trial().plan_id == "starter-a");
  CHECK(trial().plan_version == 1);
  CHECK(trial().start == at("2027-03-01T10:00:00Z"));
  CHECK(trial().end == at("2027-03-15T10:00:00Z"));
  CHECK(account.subscriptions().empty());
  CHECK(account.invoices().empty());
  check_row();
}

TEST_CASE_FIXTURE(Trying, "TRI-01: whether there is a trial, and how long it is, is the book's policy") {
  plan(tier_terms("starter", "700"));
  set("trial.on_account_open", &ChangePolicy::days, 30);
  open();
  CHECK(trial().end == at("2027-03-31T10:00:00Z"));
  set("trial.on_account_open", &ChangePolicy::on_account_open, TrialOnOpening::off);
  open();
  CHECK_FALSE(trial().is_running);
  CHECK(book.policies.trial_on_opening.days == 14);  // what a change leaves out is the default
  const auto row = decode_book(encode_state(book));
  REQUIRE(row.has_value());
  CHECK(row->policies == book.policies);

  ChangePolicy command;
  command.policy = "trial.on_account_open";
  command.days = trial_days_max;
  CHECK(when(command).accepted());
  command.days = trial_days_max + 1;
  CHECK(refused(command) == RejectionCode::validation_failed);
  command.days = 14;
  command.policy = "trial.end";
  CHECK(refused(command) == RejectionCode::validation_failed);
  command.days.reset();
  command.on_account_open = TrialOnOpening::off;
  CHECK(refused(command) == RejectionCode::validation_failed);
  command.policy = "trial.on_account_open";
  command.trial_end = TrialEnd::cancel;
  CHECK(refused(command) == RejectionCode::validation_failed);
}

TEST_CASE("TRI-01: an account's trial ends at its local time of day, over a change to daylight time too") {
  Trying given("2027-03-20T09:00:00Z");
  given.plan(tier_terms("starter", "700"));
  given.open("Europe/Berlin");
  CHECK(given.trial().end == at("2027-04-03T08:00:00Z"));  // 10:00 before and after 28 March
  given.wait_until("2027-03-31T07:59:59Z");
  CHECK(given.reminders() == 0);
  given.wait_until("2027-03-31T08:00:00Z");
  CHECK(given.reminders() == 1);
}

TEST_CASE_FIXTURE(Trying,
                  "TRI-06: three days and one day before the end there is a reminder, each once, then the end") {
  plan(tier_terms("starter", "700"));
  plan(tier_terms("free", "0"), "free");
  open();
  wait_until("2027-03-12T09:59:59Z");
  CHECK(reminders() == 0);
  wait_until("2027-03-12T10:00:00Z");
  CHECK(reminders() == 1);
  CHECK(reminded() == 3);
  check_row();
  wait_until("2027-03-14T09:59:59Z");
  CHECK(reminders() == 1);
  wait_until("2027-03-14T10:00:00Z");
  CHECK(reminders() == 2);
  CHECK(reminded() == 1);
  wait_until("2027-03-15T09:59:59Z");
  CHECK(trial().is_running);
  CHECK(count(Happened::TrialExpired) == 0);
  wait_until("2027-03-15T10:00:00Z");
  CHECK(count(Happened::TrialExpired) == 1);
  wait_until("2028-03-15T10:00:00Z");
  CHECK(reminders() == 2);
  CHECK(count(Happened::TrialExpired) == 1);
  CHECK(account.next_due() == never);
}

TEST_CASE("TRI-06: a short trial has the reminders whose instant lies within it") {
  struct Row {
    std::int32_t days;
    std::size_t reminders;
  };
  for (const Row row : {Row{1, 1}, Row{2, 1}, Row{3, 2}, Row{4, 2}}) {
    CAPTURE(row.days);
    Trying given;
    given.plan(tier_terms("", "700", row.days));
    given.attach();
    given.accept(Trying::to_plan());
    given.wait_until("2027-03-10T00:00:00Z");
    CHECK(given.reminders() == row.reminders);
    CHECK(given.reminded() == 1);
    CHECK(given.count(Happened::TrialConverted) == 1);
  }
}

TEST_CASE_FIXTURE(Trying, "TRI-06: what was late is not made up for: only the last reminder that is due is issued") {
  plan(tier_terms("", "700", 14));
  const EntityRef id = accept(to_plan());
  // As of an account that stood still until then.
  DecisionContext late = context();
  late.now = at("2027-03-14T12:00:00Z");
  const DueItem item = *account.due().begin();
  CHECK(item.at == at("2027-03-12T10:00:00Z"));
  const Decision decision = decide_due(account, item, late);
  REQUIRE(decision.events.size() == 1);
  CHECK(decision.events[0].type() == static_cast<std::uint8_t>(Happened::TrialReminderIssued));
  now = item.at;
  wait_until("2027-03-13T00:00:00Z");
  CHECK(subscription(id).trial_reminded == 3);
  late.now = at("2027-03-15T10:00:00Z");
  const Decision end = decide_due(account, *account.due().begin(), late);
  CHECK(end.events[0].type() == static_cast<std::uint8_t>(Happened::TrialConverted));
}

TEST_CASE_FIXTURE(Trying, "TRI-06: a trial that is paused is reminded by its moved end, and not again") {
  plan(tier_terms("", "700", 14));
  attach();
  const EntityRef id = accept(to_plan());
  wait_until("2027-03-13T10:00:00Z");
  CHECK(reminders() == 1);
  pause(id);
  wait_until("2027-03-20T10:00:00Z");
  CHECK(reminders() == 1);
  resume(id);
  CHECK(subscription(id).trial_end == at("2027-03-22T10:00:00Z"));
  wait_until("2027-03-21T09:59:59Z");
  CHECK(reminders() == 1);
  wait_until("2027-03-21T10:00:00Z");
  CHECK(reminders() == 2);
  wait_until("2027-03-22T10:00:00Z");
  CHECK(reminders() == 2);
  CHECK(subscription(id).status == SubscriptionStatus::active);
}

TEST_CASE("TRI-06: over any length of a trial each reminder comes once, in order, at its instant") {
  always("a trial's reminders come once, in order, at their instants", [] {
    const auto days = *rc::gen::inRange<std::int32_t>(1, 60);
    const auto step_hours = *rc::gen::inRange<std::int64_t>(1, 100);
    Trying given;
    given.plan(tier_terms("starter", "700"));
    given.set("trial.on_account_open", &ChangePolicy::days, days);
    given.open();
    const Instant start = given.trial().start, end = given.trial().end;
    while (given.now < end) {
      given.pass_seconds(step_hours * 3600);
      given.run_due();
    }
    std::vector<int> seen;
    for (const std::string& bytes : given.envelopes) {
      const schema::Envelope& envelope = *schema::GetEnvelope(bytes.data());
      if (envelope.event_type() != Happened::TrialReminderIssued) continue;
      const int before = envelope.event_as_TrialReminderIssued()->days_before();
      seen.push_back(before);
      RC_ASSERT(Instant{envelope.decided_at()->us()} == Instant{micros(end) - before * micros_per_day});
      RC_ASSERT(Instant{envelope.decided_at()->us()} >= start);
    }
    RC_ASSERT(seen == (days < 3 ? std::vector<int>{1} : std::vector<int>{3, 1}));
    RC_ASSERT(given.count(Happened::TrialExpired) == 1);
  });
}

TEST_CASE("TRI-04: at its end the account's trial moves to the free plan, blocks, or leaves it without one") {
  struct Row {
    TrialEnd policy;
    bool has_free_plan;
    EndedAs outcome;
    std::string plan;
  };
  const std::array rows = {Row{TrialEnd::convert_or_downgrade, true, EndedAs::downgraded, "free"},
                           Row{TrialEnd::convert_or_downgrade, false, EndedAs::ended, ""},
                           Row{TrialEnd::convert_or_block, true, EndedAs::blocked, ""},
                           Row{TrialEnd::cancel, true, EndedAs::ended, ""}};
  for (const Row& row : rows) {
    CAPTURE(static_cast<int>(row.policy));
    Trying given;
    given.plan(tier_terms("starter", "700"));
    given.plan(tier_terms("free", "1"), "a-free-that-costs");
    if (row.has_free_plan) given.plan(tier_terms("free", "0"), "free");
    given.end_by(row.policy);
    given.open();
    given.wait_until("2027-03-15T10:00:00Z");
    CHECK(given.outcome() == row.outcome);
    CHECK(given.trial().plan_id == row.plan);
    CHECK_FALSE(given.trial().is_running);
    CHECK(given.trial().end == at("2027-03-15T10:00:00Z"));
    CHECK(given.account.is_blocked_by_trial == (row.outcome == EndedAs::blocked));
    CHECK(given.account.subscriptions().empty());
    given.check_row();
  }
}

TEST_CASE("TRI-04: of a free plan's prices it is that of the plan's interval, else the first") {
  using Unit = schema::IntervalUnit;
  struct Row {
    std::vector<Unit> prices;
    Unit chosen;
  };
  for (const Row& row : {Row{{Unit::week, Unit::month, Unit::year}, Unit::month},
                         Row{{Unit::month, Unit::year}, Unit::month}, Row{{Unit::year, Unit::week}, Unit::year}}) {
    Trying given;
    given.plan(tier_terms("starter", "700"));
    auto terms = tier_terms("free", "0");
    const schema::PlanPriceT price = *terms->prices.front();
    terms->prices.clear();
    for (const Unit unit : row.prices) {
      terms->prices.push_back(std::make_unique<schema::PlanPriceT>(price));
      terms->prices.back()->interval = unit;
    }
    given.plan(terms, "free");
    given.end_by(TrialEnd::convert_or_downgrade);
    given.open();
    given.wait_until("2027-03-15T10:00:00Z");
    REQUIRE(given.outcome() == EndedAs::downgraded);
    CHECK(given.last<schema::TrialExpired>(Happened::TrialExpired)->free_plan()->price()->interval() == row.chosen);
  }
}

TEST_CASE("TRI-07: a subscription that begins ends the account's trial, and no reminder of it comes any more") {
  for (const bool is_trial : {false, true}) {
    Trying given;
    given.plan(tier_terms("starter", "700"));
    given.attach();
    given.open();
    given.wait_until("2027-03-05T10:00:00Z");
    CreateSubscription command = Trying::to_plan();
    if (is_trial) command.trial_days = 10;
    given.accept(command);  // an account's own trial is none of a plan: TRI-02 allows one
    CHECK(given.count(Happened::TrialEndedEarly) == 1);
    CHECK(given.trial() == AccountTrial{});
    given.wait_until("2027-03-14T10:00:00Z");
    CHECK(given.reminders() == (is_trial ? 2 : 0));
    given.wait_until("2027-04-01T00:00:00Z");
    CHECK(given.last<schema::TrialExpired>(Happened::TrialExpired) == nullptr);
    given.check_row();
  }
}

TEST_CASE_FIXTURE(Trying, "TRI-03: with a payment method a trial converts, whatever the policy is") {
  plan(tier_terms("free", "0"), "free");
  plan(tier_terms("", "700", 14));
  attach();
  for (const TrialEnd policy : {TrialEnd::convert_or_downgrade, TrialEnd::convert_or_block, TrialEnd::cancel}) {
    end_by(policy);
    CreateSubscription command = to_plan();
    command.trial_days = 14;
    const EntityRef id = accept(command);
    pass_seconds(15 * 24 * 3600);
    run_due();
    CHECK(subscription(id).status == SubscriptionStatus::active);
    CHECK(subscription(id).plan_id == "plan");
  }
  CHECK(count(Happened::TrialConverted) == 3);
  CHECK(count(Happened::TrialExpired) == 0);
}

TEST_CASE_FIXTURE(Trying,
                  "TRI-04: without a payment method a subscription's trial ends on the free plan, and is not billed") {
  plan(tier_terms("free", "0"), "free");
  plan(tier_terms("", "700", 14));
  const EntityRef id = accept(to_plan());
  wait_until("2027-03-15T09:59:59Z");
  CHECK(subscription(id).status == SubscriptionStatus::trialing);
  wait_until("2027-03-15T10:00:00Z");
  CHECK(outcome() == EndedAs::downgraded);
  CHECK(subscription(id).status == SubscriptionStatus::active);
  CHECK(subscription(id).plan_id == "free");
  CHECK(period(id) == "[2027-03-15T10:00:00Z,2027-04-15T10:00:00Z)");
  CHECK(account.invoices().empty());
  CHECK(count(Happened::PaymentFailed) == 0);
  check_row();
  wait_until("2027-04-15T10:00:00Z");
  CHECK(count(Happened::SubscriptionRenewed) == 1);
  CHECK(account.invoices().empty());
}

TEST_CASE_FIXTURE(Trying, "TRI-04: where the book has no free plan the trial converts, and its invoice stays open") {
  plan(tier_terms("", "700", 14));
  const EntityRef id = accept(to_plan());
  wait_until("2027-03-15T10:00:00Z");
  CHECK(subscription(id).status == SubscriptionStatus::active);
  CHECK(count(Happened::TrialConverted) == 1);
  CHECK(count(Happened::PaymentFailed) == 1);
  CHECK(account.receivable() == 700);
}

TEST_CASE("TRI-04: nothing to charge is no reason where nothing is charged: on terms, free, or paid by credit") {
  for (const std::string_view how : {"on terms", "free", "by credit"}) {
    CAPTURE(how);
    Trying given;
    given.end_by(TrialEnd::cancel);
    auto terms = tier_terms("", how == "free" ? "0" : "700", 14);
    terms->manual_invoicing = how == "on terms";
    given.plan(terms);
    if (how == "by credit") given.accept(issue(700));
    const EntityRef id = given.accept(Trying::to_plan());
    given.wait_until("2027-03-15T10:00:00Z");
    CHECK(given.subscription(id).status == SubscriptionStatus::active);
    CHECK(given.count(Happened::TrialConverted) == 1);
  }
}

TEST_CASE_FIXTURE(Trying, "TRI-04: under cancel a trial without a payment method is cancelled at its end") {
  end_by(TrialEnd::cancel);
  plan(tier_terms("free", "0"), "free");
  plan(tier_terms("", "700", 14));
  const EntityRef id = accept(to_plan());
  wait_until("2027-03-15T10:00:00Z");
  CHECK(outcome() == EndedAs::canceled);
  CHECK(subscription(id).status == SubscriptionStatus::canceled);
  CHECK(subscription(id).cancellation_cause == static_cast<std::uint8_t>(schema::CancellationCause::trial_expired));
  CHECK_FALSE(account.is_blocked_by_trial);
  CHECK(account.invoices().empty());
  CHECK(account.next_due() == never);
}

TEST_CASE_FIXTURE(Trying, "TRI-05: under convert_or_block service is refused after the trial, to the customer only") {
  end_by(TrialEnd::convert_or_block);
  plan(tier_terms("", "700", 14));
  accept(allocate(100));
  const EntityRef hold = accept(reserve(5, 30 * 24 * 3600));
  const EntityRef id = accept(to_plan());
  wait_until("2027-03-15T09:59:59Z");
  CHECK(spend(Role::api_key) == RejectionCode::none);
  wait_until("2027-03-15T10:00:00Z");
  CHECK(outcome() == EndedAs::blocked);
  CHECK(subscription(id).status == SubscriptionStatus::expired);
  CHECK_FALSE(subscription(id).is_live());
  check_row();
  for (const Role customer : {Role::account_owner, Role::account_member, Role::api_key}) {
    CHECK(spend(customer) == RejectionCode::trial_expired);
  }
  for (const Role staff : {Role::super_admin, Role::billing_admin, Role::support_rep, Role::system}) {
    CHECK(spend(staff) == RejectionCode::none);
  }
  role = Role::api_key;
  const Decision refusal = when(reserve(1));
  CHECK(refusal.rejection.code == RejectionCode::trial_expired);
  REQUIRE(refusal.rejection.details.size() == 1);
  CHECK(refusal.rejection.details[0].name == "upgrade_url");
  accept(capture(hold));  // it was reserved in time
  role = Role::billing_admin;
  CHECK(refused(pausing(id)) == RejectionCode::invalid_transition);
  CHECK(refused(CancelSubscription{{}, id, CancellationMode::immediate, {}, {}}) == RejectionCode::invalid_transition);

  accept(ReactivateSubscription{{}, id});
  CHECK(subscription(id).status == SubscriptionStatus::active);
  CHECK(spend(Role::api_key) == RejectionCode::none);
}

TEST_CASE("TRI-05: subscribing, or paying an invoice, lifts the block at once; another subscription keeps it off") {
  Trying given;
  given.end_by(TrialEnd::convert_or_block);
  given.plan(tier_terms("starter", "700"));
  given.open();
  given.accept(allocate(100));
  given.wait_until("2027-03-15T10:00:00Z");
  CHECK(given.spend(Role::api_key) == RejectionCode::trial_expired);
  const AccountState blocked = given.account;
  given.accept(Trying::to_plan());
  CHECK(given.spend(Role::api_key) == RejectionCode::none);

  CreateSubscription trial = Trying::to_plan();
  trial.trial_days = 7;
  const EntityRef second = given.accept(trial);
  given.wait_until("2027-03-22T10:00:00Z");
  CHECK(given.subscription(second).status == SubscriptionStatus::expired);
  CHECK(given.spend(Role::api_key) == RejectionCode::none);

  given.account = blocked;
  given.attach();
  given.collected("100");
  CHECK(given.spend(Role::api_key) == RejectionCode::trial_expired);
  given.accept(Trying::success(given.last_payment().id));
  CHECK(given.spend(Role::api_key) == RejectionCode::none);
}

TEST_CASE_FIXTURE(Trying,
                  "an account whose deletion is scheduled is not reminded; restored, its trial goes on or ends") {
  plan(tier_terms("starter", "700"));
  open();
  wait_until("2027-03-11T10:00:00Z");
  REQUIRE(when(ScheduleAccountDeletion{"acme", {}}).accepted());
  wait_until("2027-03-14T12:00:00Z");
  CHECK(reminders() == 0);
  REQUIRE(when(RestoreAccount{"acme", {}}).accepted());
  CHECK(account.next_due() == at("2027-03-12T10:00:00Z"));
  check_row();
}
