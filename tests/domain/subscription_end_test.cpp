// Ends of subscriptions in the middle of a period, of their trials by a change, and what the last invoice bills.
#include "tests/domain/changing.h"

using namespace daybook;
using namespace daybook::test;

namespace {

using Unit = schema::IntervalUnit;
using E = schema::Event;

void credit_unused_time(Given& given) {
  ChangePolicy policy;
  policy.policy = "cancel.unused_time";
  policy.unused_time = UnusedTime::prorated_credit;
  REQUIRE(given.when(policy).accepted());
}

CancelSubscription at_once(EntityRef id, std::optional<UnusedTime> unused_time = {}) {
  CancelSubscription command;
  command.subscription = id;
  command.mode = CancellationMode::immediate;
  command.unused_time = unused_time;
  return command;
}

}  // namespace

TEST_CASE("SUB-09: what is unused at an immediate end is not credited, unless the policy or the request says so") {
  Changing given("2027-04-01T00:00:00Z");
  const EntityRef kept = given.subscribe("3000");
  const EntityRef asked = given.subscribe_to("plan");
  given.settle();
  given.wait_until("2027-04-16T00:00:00Z");
  given.cancel(kept, CancellationMode::immediate);
  CHECK(given.account.invoices().size() == 2);
  CHECK(given.money() == 0);
  given.accept(at_once(asked, UnusedTime::prorated_credit));
  CHECK(given.last_amounts() == Amounts{-1'500});
  CHECK(given.money() == 1'500);
  credit_unused_time(given);
  const EntityRef usual = given.subscribe_to("plan");
  const EntityRef not_asked = given.subscribe_to("plan");
  given.wait_until("2027-05-01T00:00:00Z");
  given.accept(at_once(not_asked, UnusedTime::no_credit));
  CHECK(given.last_amounts() == Amounts{3'000});
  given.cancel(usual, CancellationMode::immediate);
  CHECK(given.last_amounts() == Amounts{-1'500});
}

TEST_CASE("SUB-09: who may not override asks for what the policy says, and of an immediate end only") {
  Changing given("2027-04-01T00:00:00Z");
  const EntityRef id = given.subscribe("3000");
  CancelSubscription later = at_once(id, UnusedTime::no_credit);
  later.mode = CancellationMode::period_end;
  CHECK(given.refused(later) == RejectionCode::validation_failed);
  given.role = Role::account_owner;
  CHECK(given.refused(at_once(id, UnusedTime::prorated_credit)) == RejectionCode::forbidden);
  given.accept(at_once(id, UnusedTime::no_credit));
}

TEST_CASE("B35, B54: an immediate end credits the unused days with their tax") {
  Changing given("2011-04-05T00:00:00Z");
  credit_unused_time(given);
  given.cancel(
      [&] {
        const EntityRef id = given.subscribe("1200");
        given.settle();
        given.wait_until("2011-04-29T00:00:00Z");
        return id;
      }(),
      CancellationMode::immediate);
  CHECK(given.money() == 240);

  Changing taxed("2023-02-01T00:00:00Z");
  taxed.tax("FR", "FR");
  credit_unused_time(taxed);
  taxed.plan(by_day(flat_terms("5000")));
  const EntityRef id = taxed.subscribe_to("plan");
  CHECK(taxed.last_invoice().total == 6'000);
  taxed.settle();
  taxed.wait_until("2023-02-26T10:00:00Z");
  taxed.cancel(id, CancellationMode::immediate);
  CHECK(taxed.last_amounts() == Amounts{-536});
  CHECK(taxed.last_invoice().figures->tax == -107);
  CHECK(taxed.money() == 643);
  auto journal = taxed.journal();
  CHECK(journal[LedgerAccount::customer_credit] == -643);
  CHECK(journal[LedgerAccount::revenue] == -5'000 + 536);
}

TEST_CASE("of what waits an immediate end bills what was used, where the rest is credited, and else all of it") {
  for (const auto unused : {UnusedTime::no_credit, UnusedTime::prorated_credit}) {
    Changing given("2027-04-01T00:00:00Z");
    for (const char* id : {"3000", "9000"}) given.plan(flat_terms(id), id);
    const EntityRef id = given.subscribe_to("3000");
    given.change("2027-04-11T00:00:00Z", id, "9000", next_invoice);
    given.wait_until("2027-04-21T00:00:00Z");
    given.accept(at_once(id, unused));
    const bool is_cut = unused == UnusedTime::prorated_credit;
    CHECK(given.last_amounts() == (is_cut ? Amounts{-2'000, 3'000} : Amounts{-2'000, 6'000}));
    CHECK(given.subscription(id).waiting.empty());
    given.wait_until("2027-07-01T00:00:00Z");
    CHECK(given.account.invoices().size() == 2);
  }
}

TEST_CASE("what was paused for too long, or is ended while it is paused, is credited from its pause on") {
  for (const bool is_asked : {true, false}) {
    Changing given("2027-04-01T00:00:00Z");
    credit_unused_time(given);
    const EntityRef id = given.subscribe("3000");
    given.settle();
    given.wait_until("2027-04-11T00:00:00Z");
    given.pause(id);
    given.wait_until(is_asked ? "2027-06-01T00:00:00Z" : "2027-08-01T00:00:00Z");
    if (is_asked) given.cancel(id, CancellationMode::immediate);
    CHECK(given.subscription(id).status == SubscriptionStatus::canceled);
    CHECK(given.last_amounts() == Amounts{-2'000});
    CHECK(given.money() == 2'000);
    CHECK(given.subscription(id).canceled_at == (is_asked ? given.now : at("2027-07-11T00:00:00Z")));
  }
}

TEST_CASE(
    "an open invoice of which an end gave something back is not voided, also after that period, till it is paid") {
  for (const bool is_ended : {true, false}) {
    Changing given("2027-04-01T00:00:00Z");
    given.plan(flat_terms("3000"), "plan");
    given.plan(flat_terms("0"), "free");
    const EntityRef id = given.subscribe_to("plan");
    VoidInvoice first;
    first.invoice = given.last_invoice().id;
    given.wait_until("2027-04-16T00:00:00Z");
    is_ended ? given.accept(at_once(id, UnusedTime::prorated_credit)) : given.accept(Changing::to(id, "free"));
    CHECK(given.account.receivable() == 1'500);
    CHECK(given.refused(first) == RejectionCode::invalid_transition);
    check_changed_row(given.account);
    given.wait_until("2027-06-16T00:00:00Z");
    CHECK(given.refused(first) == RejectionCode::invalid_transition);
    if (is_ended) given.accept(ReactivateSubscription{{}, id});
    CHECK(given.refused(first) == RejectionCode::invalid_transition);
    MarkInvoiceUncollectible lost;
    lost.invoice = first.invoice;
    given.accept(lost);
    for (const BilledCharge& line : given.account.billed.all()) CHECK(line.invoice != first.invoice);
  }
}

TEST_CASE("an open invoice of a subscription that has ended without credit is voided, and leaves nothing behind") {
  Changing given("2027-04-01T00:00:00Z");
  const EntityRef id = given.subscribe("3000");
  VoidInvoice undo;
  undo.invoice = given.last_invoice().id;
  given.accept(at_once(id));
  given.accept(undo);
  CHECK(given.account.billed.all().empty());
  const EntityRef again = given.subscribe_to("plan");
  given.accept(at_once(again));
  given.accept(ReactivateSubscription{{}, again});
  CHECK(given.account.billed.all().size() == 1);  // of the new period, not of the one that was not credited
}

TEST_CASE(
    "TRI-07: a change of plan ends the trial: the first period begins, is billed whole, and no day of the trial is") {
  Changing given("2027-04-01T00:00:00Z");
  auto small = flat_terms("3000");
  small->trial_days = 14;
  given.plan(small, "small");
  auto large = flat_terms("9000");
  large->prices.front()->setup_fee = 500;
  given.plan(large, "large");
  for (const auto behavior : {ProrationBehavior::create_prorations, next_invoice, ProrationBehavior::none}) {
    Changing one = given;
    const EntityRef id = one.subscribe_to("small");
    one.wait_until("2027-04-05T10:00:00.3Z");
    const std::size_t before = one.types.size();
    one.accept(Changing::to(id, "large", behavior));
    const std::vector<E> expected = {E::PlanChanged,      E::TrialEndedEarly, E::InvoiceDrafted,
                                     E::InvoiceFinalized, E::PaymentFailed,   E::InvoiceNumberAssigned};
    REQUIRE(one.types.size() - before == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) CHECK(static_cast<E>(one.types[before + i]) == expected[i]);
    const Subscription& subscription = one.subscription(id);
    CHECK(subscription.status == SubscriptionStatus::active);
    CHECK(subscription.trial_start == never);
    CHECK(subscription.trial_end == never);
    CHECK(one.period(id) == "[2027-04-05T10:00:00Z,2027-05-05T10:00:00Z)");
    CHECK(one.last_amounts() == Amounts{9'000, 500});
    CHECK(one.last_invoice().billing_reason == static_cast<std::uint8_t>(schema::BillingReason::subscription_create));
    check_changed_row(one.account);
    one.wait_until("2027-05-05T10:00:00Z");
    CHECK(one.last_amounts() == Amounts{9'000});
    CHECK(one.refused(Changing::to(id, "large")) == RejectionCode::no_change);
  }
}

TEST_CASE(
    "TRI-07: asked for in so many words a change now ends the trial on its own plan too; else that is no change") {
  Changing given("2027-04-01T00:00:00Z");
  auto terms = flat_terms("3000");
  terms->trial_days = 14;
  given.plan(terms);
  const EntityRef id = given.subscribe_to("plan");
  ChangePlan unsaid = Changing::to(id, "plan");
  unsaid.effective.reset();
  CHECK(given.refused(unsaid) == RejectionCode::no_change);
  UpdateSubscription update;
  update.subscription = id;
  update.plan_id = "plan";
  CHECK(given.refused(update) == RejectionCode::no_change);
  given.wait_until("2027-04-05T00:00:00Z");
  given.accept(Changing::seats(id, 3));  // in a trial that is free
  CHECK(given.subscription(id).status == SubscriptionStatus::trialing);
  const ChangePlan now = Changing::to(id, {});
  given.accept(now);
  CHECK(given.count(E::PlanChanged) == 0);
  CHECK(given.invoices() == std::vector<std::string>{"INV-000001 [2027-04-05,2027-05-05) 3000"});
  CHECK(given.refused(now) == RejectionCode::no_change);
}

TEST_CASE("what is past its period, because its account is parked, is changed with the end of it") {
  Changing given("2027-04-01T00:00:00Z");
  given.plan(flat_terms("600000000000000"), "large");
  for (const char* id : {"3000", "6000"}) given.plan(flat_terms(id), id);
  given.plan(flat_terms("9000", Unit::year), "year");
  const EntityRef large = given.subscribe_to("large");
  const EntityRef id = given.subscribe_to("3000"), other = given.subscribe_to("3000");
  given.wait_until("2027-05-20T00:00:00Z");
  REQUIRE(given.account.details.is_parked());
  const std::size_t invoices = given.account.invoices().size();
  given.accept(Changing::to(id, "6000"));
  CHECK(given.account.invoices().size() == invoices);  // nothing of the period is left to prorate
  given.accept(Changing::to(other, "year"));
  CHECK(given.period(other) == "[2027-05-01,2028-05-01)");
  given.cancel(large, CancellationMode::immediate);
  REQUIRE(given.when(UnparkAccount{"acme", {}}).accepted());
  given.run_due();
  CHECK(given.period(id) == "[2027-05-01,2027-06-01)");
  CHECK(given.last_amounts() == Amounts{6'000});
}
