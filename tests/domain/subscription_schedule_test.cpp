// Changes of subscriptions with their next period, changes of their members, and what is refused.
#include "tests/domain/changing.h"

using namespace daybook;
using namespace daybook::test;

namespace {

using Unit = schema::IntervalUnit;

}  // namespace

TEST_CASE("CHG-02, CHG-12: a scheduled change comes with the period, once, before the renewal and its invoice") {
  Changing given("2027-04-01T00:00:00Z");
  given.plan(flat_terms("3000"), "small");
  given.plan(flat_terms("90000", Unit::year), "year");
  const EntityRef id = given.subscribe_to("small");
  given.accept(Changing::later(id, "year"));
  CHECK(given.subscription(id).plan_id == "small");
  REQUIRE(given.subscription(id).scheduled_plan);
  CHECK(given.subscription(id).scheduled_plan->plan_id == "year");
  check_changed_row(given.account);
  REQUIRE(given.when(RevisePlan{"year", flat_terms("1", Unit::year), {}}).accepted());
  REQUIRE(given.when(RetirePlan{"year"}).accepted());
  const std::size_t before = given.types.size();
  given.wait_until("2027-05-01T00:00:00Z");
  given.run_due();
  using E = schema::Event;
  CHECK(static_cast<E>(given.types[before]) == E::PlanChanged);
  CHECK(static_cast<E>(given.types[before + 1]) == E::SubscriptionRenewed);
  CHECK(given.count(E::PlanChanged) == 1);
  CHECK_FALSE(given.subscription(id).scheduled_plan);
  CHECK(given.period(id) == "[2027-05-01,2028-05-01)");
  CHECK(given.last_amounts() == Amounts{90'000});  // what was agreed then
  given.wait_until("2028-05-01T00:00:00Z");
  CHECK(given.period(id) == "[2028-05-01,2029-05-01)");
}

TEST_CASE("CHG-04: a scheduled change is taken back, and a change of plan now takes it back too") {
  Changing given("2027-04-01T00:00:00Z");
  for (const char* id : {"3000", "6000", "9000"}) given.plan(flat_terms(id), id);
  const EntityRef id = given.subscribe_to("6000");
  CancelScheduledPlanChange cancel;
  cancel.subscription = id;
  CHECK(given.refused(cancel) == RejectionCode::not_found);
  given.accept(Changing::later(id, "3000"));
  CHECK(given.refused(Changing::later(id, "3000")) == RejectionCode::no_change);
  given.accept(cancel);
  CHECK(given.refused(cancel) == RejectionCode::not_found);
  given.wait_until("2027-05-01T00:00:00Z");
  CHECK(given.last_amounts() == Amounts{6'000});
  given.accept(Changing::later(id, "3000"));
  given.accept(Changing::seats(id, 2));  // the price is flat: a number like any other
  CHECK(given.subscription(id).scheduled_plan);
  given.accept(Changing::to(id, "9000"));
  CHECK(given.count(schema::Event::ScheduledPlanChangeCanceled) == 2);
  given.accept(Changing::later(id, "3000"));
  given.wait_until("2027-06-01T00:00:00Z");
  CHECK(given.subscription(id).plan_id == "3000");
  CHECK(given.subscription(id).quantity == 2);
}

TEST_CASE("what was scheduled and came to be so before changes nothing") {
  Changing given("2027-04-01T00:00:00Z");
  given.plan(seat_terms("100"));
  const EntityRef id = given.subscribe_to("plan", 3);
  ChangeQuantity command = Changing::seats(id, 5);
  command.effective = ChangeEffect::period_end;
  given.accept(command);
  given.accept(Changing::seats(id, 5));
  given.wait_until("2027-05-01T00:00:00Z");
  CHECK(given.count(schema::Event::SubscriptionQuantityChanged) == 1);
  CHECK_FALSE(given.subscription(id).scheduled_plan);
  CHECK(given.last_amounts() == Amounts{500});
}

TEST_CASE("a scheduled change ends with a cancellation, and is not billed") {
  Changing given("2027-04-01T00:00:00Z");
  given.plan(flat_terms("3000"), "small");
  given.plan(flat_terms("9000"), "large");
  const EntityRef id = given.subscribe_to("small");
  given.accept(Changing::later(id, "large"));
  given.cancel(id);
  given.wait_until("2027-06-01T00:00:00Z");
  CHECK(given.count(schema::Event::PlanChanged) == 0);
  CHECK(given.account.invoices().size() == 1);
  CHECK_FALSE(given.subscription(id).scheduled_plan);
}

TEST_CASE("SUB-08: plan, quantity and metadata are changed at once or with the period") {
  Changing given("2027-04-01T00:00:00Z");
  given.plan(flat_terms("3000"), "small");
  given.plan(seat_terms("100"), "seats");
  const EntityRef id = given.subscribe_to("small");
  UpdateSubscription update;
  update.subscription = id;
  CHECK(given.refused(update) == RejectionCode::no_change);
  update.metadata = {Change<Sensitive>::Kind::set, {{}, {1, "nonce", "metadata"}}};
  given.accept(update);
  CHECK(given.subscription(id).metadata == Sealed{1, "nonce", "metadata"});
  update.metadata.kind = Change<Sensitive>::Kind::none;
  update.plan_id = "seats";
  update.quantity = 3;
  update.at_period_end = true;
  given.accept(update);
  CHECK(given.account.invoices().size() == 1);
  CHECK(given.subscription(id).scheduled_quantity == 3);
  update.at_period_end = false;
  given.accept(update);
  CHECK(given.subscription(id).quantity == 3);
  update.metadata.kind = Change<Sensitive>::Kind::clear;
  update.metadata.value = {};
  given.accept(update);
  CHECK(given.subscription(id).metadata.empty());
}

TEST_CASE("CHG-14: what cannot be changed is refused by its pointer, and changes nothing") {
  Changing given("2027-04-01T00:00:00Z");
  given.plan(seat_terms("3000"));
  given.plan(flat_terms("5", Unit::week), "weekly");
  auto five = flat_terms("100");
  five->limits.push_back(std::make_unique<schema::PlanLimitT>());
  five->limits.front()->metric = "seats";
  five->limits.front()->limit = 5;
  given.plan(five, "five");
  given.plan(flat_terms("1"), "old");
  REQUIRE(given.when(RetirePlan{"old"}).accepted());
  auto euro = flat_terms("1");
  euro->prices.front()->currency = currency_of("EUR").packed;
  given.plan(euro, "euro");
  REQUIRE(given.when(CreatePlan{"theirs", "other", flat_terms("1")}).accepted());
  const EntityRef id = given.subscribe_to("plan", 8);
  const auto refusal = [&](const Command& command) {
    const std::size_t before = given.types.size();
    const Rejection rejection = given.when(command).rejection;
    CHECK(given.types.size() == before);
    return std::string(rejection_info(rejection.code).name) + " " + rejection.pointer;
  };
  const auto plan_with = [&](const std::string& plan, auto change) {
    ChangePlan command = Changing::to(id, plan);
    change(command);
    return refusal(command);
  };
  CHECK(refusal(Changing::to({2, 99, 0, 0}, "five")) == "not_found ");
  CHECK(refusal(Changing::to(id, "plan")) == "no_change ");
  CHECK(refusal(Changing::later(id, "plan")) == "no_change ");
  ChangeQuantity same = Changing::seats(id, 8);
  same.effective = ChangeEffect::period_end;
  CHECK(refusal(same) == "no_change ");
  CHECK(refusal(Changing::to(id, "none")) == "not_found /plan_id");
  CHECK(refusal(Changing::to(id, "euro")) == "price_not_available /plan_id");
  CHECK(refusal(Changing::to(id, "theirs")) == "not_found /plan_id");
  CHECK(refusal(Changing::to(id, "old")) == "plan_retired /plan_id");
  CHECK(refusal(Changing::to(id, "five")) == "usage_above_target_limits ");
  CHECK(plan_with("five", [](auto& command) { command.quantity = 6; }) == "usage_above_target_limits ");
  CHECK(plan_with("weekly", [](auto& command) { command.interval = BillingInterval::year; }) ==
        "price_not_available /interval");
  CHECK(plan_with("weekly", [](auto& command) { command.currency = currency_of("EUR"); }) ==
        "validation_failed /currency");
  CHECK(plan_with("", [](auto& command) { command.quantity = 999'999'999'999; }) == "amount_out_of_range /quantity");
  CHECK(refusal(Changing::seats(id, 8)) == "no_change ");
  CHECK(refusal(Changing::seats(id, 0)) == "validation_failed /quantity");
  CHECK(refusal(Changing::seats(id, subscription_quantity_max + 1)) == "validation_failed /quantity");
  ChangeQuantity by;
  by.subscription = id;
  CHECK(refusal(by) == "validation_failed /quantity");
  by.delta = -8;
  CHECK(refusal(by) == "validation_failed /delta");
  by.delta = subscription_quantity_max;
  CHECK(refusal(by) == "validation_failed /delta");
  by.quantity = 3;
  CHECK(refusal(by) == "validation_failed /quantity");
  CancelScheduledPlanChange none;
  none.subscription = id;
  CHECK(refusal(none) == "not_found ");
  UpdateSubscription update;
  CHECK(refusal(update) == "not_found ");
  given.accept(Changing::seats(id, 5));
  given.accept(Changing::to(id, "five"));
  given.cancel(id, CancellationMode::immediate);
  CHECK(refusal(Changing::to(id, "plan")) == "invalid_transition ");
  CHECK(refusal(Changing::seats(id, 1)) == "invalid_transition ");
}

TEST_CASE("CHG-14: a subscription with an overdue invoice is settled first") {
  Changing given("2027-04-01T00:00:00Z");
  auto terms = flat_terms("3000");
  terms->manual_invoicing = true;
  terms->net_days = 7;
  given.plan(terms, "sent");
  given.plan(flat_terms("1"), "other");
  const EntityRef id = given.subscribe_to("sent");
  const EntityRef invoice = given.last_invoice().id;
  given.wait_until("2027-04-08T00:00:00Z");
  CHECK(given.refused(Changing::to(id, "other")) == RejectionCode::settle_first);
  CHECK(given.refused(Changing::seats(id, 2)) == RejectionCode::settle_first);
  VoidInvoice undo;
  undo.invoice = invoice;
  given.accept(undo);
  given.accept(Changing::to(id, "other"));
}
