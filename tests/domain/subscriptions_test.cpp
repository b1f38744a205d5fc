// Subscriptions: their first invoice or trial, renewals, ends and new beginnings, and the rejections.
#include "domain/state_codec.h"
#include "schemas/events/accounts_generated.h"
#include "schemas/events/coupons_generated.h"
#include "schemas/events/invoices_generated.h"
#include "schemas/events/plans_generated.h"
#include "schemas/events/subscriptions_generated.h"
#include "tests/domain/subscribing.h"

using namespace daybook;
using namespace daybook::test;

namespace {

using Types = std::vector<schema::Event>;

/// What the folds since then were of.
Types types_since(const Subscribing& given, std::size_t before) {
  Types types;
  for (std::size_t i = before; i < given.types.size(); ++i) types.push_back(static_cast<schema::Event>(given.types[i]));
  return types;
}

/// What is held equals what a row brings back.
void check_row(const AccountState& account) {
  const auto again = decode_account(encode_state(account));
  REQUIRE(again.has_value());
  CHECK(encode_state(*again) == encode_state(account));
  CHECK(again->subscriptions() == account.subscriptions());
  CHECK(again->due() == account.due());
}

}  // namespace

TEST_CASE("SUB-01: a subscription begins with its first period and an invoice that is finalised by the usual code") {
  Subscribing given("2027-01-15T08:00:00.5Z");
  given.tax("DE", "DE");
  given.accept(issue(100));
  given.plan(flat_terms("1000"));
  const std::size_t before = given.types.size();
  const EntityRef id = given.accept(Subscribing::to_plan());
  using E = schema::Event;
  CHECK(types_since(given, before) == Types{E::SubscriptionCreated, E::SubscriptionActivated, E::InvoiceDrafted,
                                            E::InvoiceFinalized, E::CreditApplied, E::PaymentFailed,
                                            E::InvoiceNumberAssigned});
  const Subscription& subscription = given.subscription(id);
  CHECK(subscription.status == SubscriptionStatus::active);
  CHECK(subscription.plan_version == 1);
  CHECK(given.period(id) == "[2027-01-15T08:00:00Z,2027-02-15T08:00:00Z)");
  CHECK(subscription.tz_version == test::zones().version());
  REQUIRE(given.account.invoices().size() == 1);
  const Invoice& invoice = given.account.invoices().begin()->second;
  CHECK(invoice.status == InvoiceStatus::open);
  CHECK(invoice.subscription == id);
  CHECK(invoice.billing_reason == static_cast<std::uint8_t>(schema::BillingReason::subscription_create));
  CHECK(invoice.number == "INV-000001");
  CHECK(invoice.total == 1'190);
  CHECK(invoice.amount_due() == 1'090);
  CHECK_FALSE(invoice.is_overdue);
  const schema::InvoiceLineT& line = *invoice.lines.front();
  CHECK(line.type == schema::InvoiceLineType::subscription);
  CHECK(line.label == "A plan");
  CHECK(line.plan_id == "plan");
  CHECK(line.unit_amount == "1000");
  CHECK(line.period_start == subscription.period_start);
  CHECK(line.period_end == subscription.period_end);
  CHECK(given.journal()[LedgerAccount::revenue] == -1'000);
  given.run_due();  // its due date is the day it was made: nobody is late
  CHECK_FALSE(given.account.invoices().begin()->second.is_overdue);
  check_row(given.account);
}

TEST_CASE("SUB-04: a plan that costs nothing is active at once and never has an invoice") {
  Subscribing given;
  const EntityRef id = given.subscribe("0");
  CHECK(given.subscription(id).status == SubscriptionStatus::active);
  given.wait_until("2027-06-20T00:00:00Z");
  CHECK(given.account.invoices().empty());
  CHECK(given.subscription(id).period_number == 6);
}

TEST_CASE("what cannot be subscribed to is refused by its pointer, and changes nothing") {
  Subscribing given;
  auto terms = flat_terms("1000");
  terms->prices.front()->model = schema::PriceModel::per_seat;
  given.plan(terms);
  REQUIRE(given.when(CreatePlan{"theirs", "other", flat_terms("1")}).accepted());
  REQUIRE(given.when(CreatePlan{"old", {}, flat_terms("1")}).accepted());
  REQUIRE(given.when(RetirePlan{"old"}).accepted());
  auto euro = flat_terms("1");
  euro->prices.front()->currency = currency_of("EUR").packed;
  given.plan(euro, "euro");
  const auto refusal = [&](auto change) {
    CreateSubscription command = Subscribing::to_plan();
    change(command);
    const std::size_t before = given.types.size();
    const Rejection rejection = given.when(command).rejection;
    CHECK(given.types.size() == before);
    return std::string(rejection_info(rejection.code).name) + " " + rejection.pointer;
  };
  CHECK(refusal([](auto& command) { command.plan_id = "none"; }) == "not_found /plan_id");
  CHECK(refusal([](auto& command) { command.plan_id = "theirs"; }) == "not_found /plan_id");
  CHECK(refusal([](auto& command) { command.plan_id = "old"; }) == "plan_retired /plan_id");
  CHECK(refusal([](auto& command) { command.plan_id = "euro"; }) == "price_not_available /plan_id");
  CHECK(refusal([](auto& command) { command.currency = currency_of("EUR"); }) == "validation_failed /currency");
  CHECK(refusal([](auto& command) { command.interval = BillingInterval::year; }) == "price_not_available /interval");
  CHECK(refusal([](auto& command) {
          command.interval = BillingInterval::month;
          command.interval_count = 2;
        }) == "price_not_available /interval");
  CHECK(refusal([](auto& command) { command.quantity = 1'000'000'000'001; }) == "amount_out_of_range /quantity");
  CHECK(refusal([](auto& command) { command.coupon = "none"; }) == "coupon_invalid /coupon");
  given.accept(Subscribing::to_plan());
}

TEST_CASE("SUB-09, SUB-10: cancelled with its period it lives until then, and is never billed again") {
  Subscribing given("2027-01-31T00:00:00Z");
  const EntityRef id = given.subscribe("1000");
  given.cancel(id);
  CHECK(given.subscription(id).cancels_at_period_end);
  const std::size_t before = given.types.size();
  given.cancel(id);  // so it is already
  CHECK(given.types.size() == before);
  given.wait_until("2027-02-27T23:59:59Z");
  CHECK(given.subscription(id).is_live());
  given.wait_until("2027-04-28T00:00:00Z");
  const Subscription& ended = given.subscription(id);
  CHECK(ended.status == SubscriptionStatus::canceled);
  CHECK(format_rfc3339(ended.canceled_at) == "2027-02-28T00:00:00Z");
  CHECK(ended.cancellation_cause == static_cast<std::uint8_t>(schema::CancellationCause::scheduled));
  CHECK(given.invoices() == std::vector<std::string>{"INV-000001 [2027-01-31,2027-02-28) 1000"});
  check_row(given.account);
}

TEST_CASE("SUB-09: cancelled at once it ends at once, with the reason that was given") {
  Subscribing given;
  const EntityRef id = given.subscribe("1000");
  given.cancel(id);
  CancelSubscription command{{}, id, CancellationMode::immediate, {}, {}};
  command.reason.sealed = {1, "nonce", "reason"};
  command.comment.sealed = {1, "nonce", "comment"};
  given.accept(command);
  const Subscription& ended = given.subscription(id);
  CHECK(ended.status == SubscriptionStatus::canceled);
  CHECK(ended.canceled_at == given.now);
  CHECK(ended.cancel_reason == command.reason.sealed);
  CHECK(ended.cancel_comment == command.comment.sealed);
  CHECK_FALSE(ended.cancels_at_period_end);
  CHECK(given.account.next_due() == never);
}

TEST_CASE("SUB-11: taken back before its end there is no invoice; begun again after it there is one") {
  Subscribing given;
  const EntityRef id = given.subscribe("1000");
  given.cancel(id);
  given.accept(ReactivateSubscription{{}, id});
  CHECK_FALSE(given.subscription(id).cancels_at_period_end);
  CHECK(given.account.invoices().size() == 1);
  given.wait_until("2027-02-15T08:00:00Z");
  CHECK(given.account.invoices().size() == 2);  // it went on
  given.cancel(id, CancellationMode::immediate);
  given.now = at("2027-03-31T10:00:00Z");
  given.accept(ReactivateSubscription{{}, id});
  CHECK(given.subscription(id).status == SubscriptionStatus::active);
  CHECK(given.subscription(id).canceled_at == never);
  CHECK(given.period(id) == "[2027-03-31T10:00:00Z,2027-04-30T10:00:00Z)");
  CHECK(given.account.invoices().size() == 3);
  given.wait_until("2027-04-30T10:00:00Z");
  CHECK(given.period(id) == "[2027-04-30T10:00:00Z,2027-05-31T10:00:00Z)");
  CHECK(given.account.invoices().size() == 4);
  given.cancel(id, CancellationMode::immediate);
  REQUIRE(given.when(RetirePlan{"plan"}).accepted());
  CHECK(given.refused(ReactivateSubscription{{}, id}) == RejectionCode::plan_retired);
}

TEST_CASE("PLN-03, PLN-04: a subscription stays on the version it was sold, of a plan that is sold no more too") {
  Subscribing given;
  const EntityRef id = given.subscribe("1000");
  REQUIRE(given.when(RevisePlan{"plan", flat_terms("2000"), {}}).accepted());
  REQUIRE(given.when(RetirePlan{"plan"}).accepted());
  given.wait_until("2027-02-15T08:00:00Z");
  CHECK(given.subscription(id).plan_version == 1);
  CHECK(given.invoices().back() == "INV-000002 [2027-02-15T08:00:00Z,2027-03-15T08:00:00Z) 1000");
}

TEST_CASE("PLN-08: a plan that is invoiced by hand is due later, and late then") {
  Subscribing given;
  auto terms = flat_terms("1000");
  terms->manual_invoicing = true;
  given.plan(terms);
  given.accept(Subscribing::to_plan());
  const Invoice& invoice = given.account.invoices().begin()->second;
  CHECK(micros(invoice.due_date) == micros(given.now) + 30 * micros_per_day);
  given.wait_until("2027-02-14T08:00:00Z");
  CHECK(given.account.invoices().begin()->second.is_overdue);
}

TEST_CASE("a subscription ends with its account, and is not billed while that waits for its end") {
  Subscribing given;
  const EntityRef due = given.subscribe("1000");
  const EntityRef yearly = [&] {
    given.plan(flat_terms("9000", schema::IntervalUnit::year), "yearly");
    return given.accept(Subscribing::to_plan("yearly"));
  }();
  given.now = at("2027-02-10T00:00:00Z");
  REQUIRE(given.when(ScheduleAccountDeletion{"acme", {}}).accepted());
  given.wait_until("2027-02-20T00:00:00Z");
  CHECK(given.subscription(due).status == SubscriptionStatus::canceled);
  CHECK(given.subscription(yearly).is_live());
  given.wait_until("2027-05-20T00:00:00Z");
  CHECK(given.account.details.status == AccountStatus::deleted);
  CHECK(given.subscription(yearly).cancellation_cause ==
        static_cast<std::uint8_t>(schema::CancellationCause::account_deleted));
  CHECK(given.account.next_due() == never);
  CHECK(given.account.invoices().size() == 2);
}

TEST_CASE("a coupon that comes with it is redeemed, and is taken off its invoices alone") {
  Subscribing given("2027-01-15T08:00:00Z", "America/Los_Angeles");  // midnight there
  auto half = std::make_shared<schema::DiscountTermsT>();
  half->name = "half";
  half->percent = "50";
  half->duration = schema::DiscountDuration::repeating;
  half->months = 3;
  half->starts_at = half->ends_at = never;
  REQUIRE(given.when(CreateDiscount{"half", half}).accepted());
  CreateCoupon coupon;
  coupon.code = "half";
  coupon.discount_id = "half";
  REQUIRE(given.when(coupon).accepted());
  given.plan(flat_terms("1000"));
  CreateSubscription command = Subscribing::to_plan();
  command.coupon = "half";
  const std::size_t before = given.types.size();
  const EntityRef id = given.accept(command);
  using E = schema::Event;
  CHECK(types_since(given, before) == Types{E::SubscriptionCreated, E::DiscountApplied, E::SubscriptionActivated,
                                            E::InvoiceDrafted, E::InvoiceFinalized, E::PaymentFailed, E::CouponRedeemed,
                                            E::InvoiceNumberAssigned});
  REQUIRE(given.subscription(id).discounts.size() == 1);
  CHECK(given.subscription(id).discounts.front().code == "HALF");
  CHECK(given.account.find_discount(given.subscription(id).discounts.front().id)->subscription == id);
  CHECK(given.refused(command) == RejectionCode::coupon_already_redeemed);
  given.accept(Subscribing::to_plan());
  const EntityRef by_hand = given.finalized({"1000"});
  CHECK(given.invoice(by_hand).total == 1'000);
  // Three months on the zone's clock, over the change to daylight time: three invoices and no fourth.
  given.wait_until("2027-05-01T00:00:00Z");
  std::vector<std::int64_t> totals;
  for (const auto& [invoice_id, invoice] : given.account.invoices()) {
    if (invoice.subscription == id) totals.push_back(invoice.total);
  }
  CHECK(totals == std::vector<std::int64_t>{500, 500, 500, 1'000});
  check_row(given.account);
}

TEST_CASE("the lines of a price say how it comes to its amount") {
  Subscribing given;
  auto terms = flat_terms("1000");
  schema::PlanPriceT& price = *terms->prices.front();
  price.unit_amount.clear();
  price.model = schema::PriceModel::graduated;
  for (const auto& [up_to, amount] : {std::pair{"5", "700"}, std::pair{"10", "650"}, std::pair{"", "600"}}) {
    auto tier = std::make_unique<schema::PriceTierT>();
    tier->up_to = up_to;
    tier->unit_amount = amount;
    price.tiers.push_back(std::move(tier));
  }
  price.setup_fee = 5'000;
  price.minimum_amount = 20'000;
  given.plan(terms);
  CreateSubscription command = Subscribing::to_plan();
  command.quantity = 20;
  given.accept(command);
  given.wait_until("2027-02-15T08:00:00Z");
  const Invoice& first = given.account.invoices().begin()->second;
  const Invoice& second = given.account.invoices().rbegin()->second;
  REQUIRE(first.lines.size() == 3);
  CHECK(first.lines[0]->amount == 12'750);  // C02
  CHECK(first.lines[0]->unit_amount.empty());
  REQUIRE(first.lines[0]->steps.size() == 3);
  CHECK(first.lines[0]->steps[2]->quantity == "10");
  CHECK(first.lines[0]->steps[2]->unit_amount == "600");
  CHECK(first.lines[0]->steps[2]->tier == 3);
  CHECK(first.lines[1]->type == schema::InvoiceLineType::minimum);
  CHECK(first.lines[1]->amount == 7'250);
  CHECK(first.lines[2]->type == schema::InvoiceLineType::setup_fee);
  CHECK(first.total == 25'000);
  CHECK(second.lines.size() == 2);  // the fee comes once
  CHECK(second.total == 20'000);
}

TEST_CASE("a line of seats of which some are included says which are billed") {
  Subscribing given;
  auto terms = flat_terms("1000");
  terms->prices.front()->model = schema::PriceModel::per_seat;
  terms->prices.front()->included_quantity = "2";
  given.plan(terms);
  CreateSubscription command = Subscribing::to_plan();
  command.quantity = 5;
  given.accept(command);
  const schema::InvoiceLineT& line = *given.account.invoices().begin()->second.lines.front();
  CHECK(line.type == schema::InvoiceLineType::seat);
  CHECK(line.quantity == "5");
  CHECK(line.unit_amount.empty());
  CHECK(line.amount == 3'000);
  REQUIRE(line.steps.size() == 2);
  CHECK(line.steps[0]->kind == schema::LineStepKind::included);
  CHECK(line.steps[0]->quantity == "2");
  CHECK(line.steps[1]->quantity == "3");
  CHECK(line.steps[1]->unit_amount == "1000");
}

TEST_CASE("B34: seats cost their number, and a tax-inclusive price contains its tax") {
  Subscribing given;
  given.tax("DE", "DE");
  auto terms = flat_terms("2995");
  terms->prices.front()->model = schema::PriceModel::per_seat;
  terms->prices.front()->tax_behavior = schema::TaxBehavior::inclusive;
  given.plan(terms);
  CreateSubscription command = Subscribing::to_plan();
  command.quantity = 7;
  given.accept(command);
  const Invoice& invoice = given.account.invoices().begin()->second;
  CHECK(invoice.lines.front()->type == schema::InvoiceLineType::seat);
  CHECK(invoice.lines.front()->quantity == "7");
  CHECK(invoice.total == 20'965);
  CHECK(invoice.figures->tax == 3'347);  // 20965 less 20965 / 1.19
  auto sums = given.journal();
  CHECK(sums[LedgerAccount::receivable] == 20'965);
  CHECK(sums[LedgerAccount::tax_payable] == -3'347);
  CHECK(sums[LedgerAccount::revenue] == -17'618);
}

TEST_CASE("PARK-01: a renewal that would be out of range parks the account, until somebody has put that right") {
  Subscribing given;
  given.plan(flat_terms("600000000000000"));
  given.plan(flat_terms("5"), "small");
  const EntityRef id = given.accept(Subscribing::to_plan());
  const EntityRef other = given.accept(Subscribing::to_plan("small"));
  CHECK(given.refused(Subscribing::to_plan()) == RejectionCode::amount_out_of_range);  // owed 1.2 * 10^15 then
  given.accept(issue(100, CreditType::goodwill, at("2027-03-01T00:00:00Z")));
  given.wait_until("2027-02-15T08:00:00Z");
  CHECK(given.account.details.parking ==
        Parking{static_cast<std::uint8_t>(schema::ParkReason::amount_out_of_range), id, at("2027-02-15T08:00:00Z")});
  CHECK(given.subscription(id).period_number == 1);
  CHECK(given.account.invoices().size() == 2);
  CHECK(given.account.receivable() == 600'000'000'000'005);
  check_row(given.account);

  given.wait_until("2027-03-20T00:00:00Z");  // the others of the account stand still, what else is due does not
  CHECK(given.subscription(other).period_number == 1);
  CHECK(given.count(schema::Event::CreditExpired) == 1);
  CHECK(given.count(schema::Event::AccountParked) == 1);
  CHECK(given.when(UnparkAccount{"acme", {}}).accepted());
  CHECK_FALSE(given.account.details.is_parked());
  check_row(given.account);
  given.run_due();  // nothing was put right
  CHECK(given.account.details.is_parked());
  CHECK(given.subscription(other).period_number == 1);

  given.when(VoidInvoice{given.account.invoices().begin()->first, {}});
  CHECK(given.when(UnparkAccount{"acme", {}}).accepted());
  given.run_due();
  CHECK(given.period(id) == "[2027-02-15T08:00:00Z,2027-03-15T08:00:00Z)");
  CHECK(given.account.details.is_parked());  // the period after it is one too many
  given.cancel(id, CancellationMode::immediate);
  CHECK(given.when(UnparkAccount{"acme", {}}).accepted());
  given.run_due();
  CHECK(given.subscription(other).period_number == 3);
  CHECK_FALSE(given.account.details.is_parked());
  const std::size_t before = given.types.size();
  CHECK(given.when(UnparkAccount{"acme", {}}).accepted());
  CHECK(given.types.size() == before);  // it is not parked
}

TEST_CASE("PARK-01: an account with as many open invoices as there may be is parked by the next one") {
  Subscribing given;
  given.plan(flat_terms("1"));
  const EntityRef id = given.accept(Subscribing::to_plan());
  for (std::size_t i = given.account.open_invoices(); i < open_invoices_max; ++i) given.draft({});
  CHECK(given.refused(Subscribing::to_plan()) == RejectionCode::limit_reached);
  given.wait_until("2027-02-15T08:00:00Z");
  CHECK(given.account.details.parking.reason == static_cast<std::uint8_t>(schema::ParkReason::too_many_open_invoices));
  given.when(VoidInvoice{given.account.invoices().begin()->first, {}});
  CHECK(given.when(UnparkAccount{"acme", {}}).accepted());
  given.run_due();
  CHECK(given.subscription(id).period_number == 2);
}
