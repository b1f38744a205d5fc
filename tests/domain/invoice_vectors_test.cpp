// Worked cases of whole invoices, each by its id: discounts of the account, the tax of its place, one rounding a rate.
#include "schemas/events/coupons_generated.h"
#include "schemas/events/invoices_generated.h"
#include "schemas/events/plans_generated.h"
#include "tests/domain/invoicing.h"

using namespace daybook;
using namespace daybook::test;

namespace {

DiscountTermsPointer amount_for_ever(std::int64_t amount) {
  auto terms = percent_for_ever({});
  terms->kind = schema::DiscountKind::fixed;
  terms->amount = amount;
  terms->currency = currency_of("USD").packed;
  return terms;
}

/// "discount tax total"
std::string sums(const Invoice& invoice) {
  return std::to_string(invoice.figures->discount) + " " + std::to_string(invoice.figures->tax) + " " +
         std::to_string(invoice.total);
}

std::string finalized_sums(Invoicing& given, const std::vector<std::string>& unit_amounts) {
  return sums(given.invoice(given.finalized(unit_amounts)));
}

}  // namespace

TEST_CASE("E05: discounts stop at zero, and what is left of nothing has no tax and is paid") {
  Invoicing given;
  given.tax("AU", "AU");
  given.discount(amount_for_ever(1'000));
  given.discount(amount_for_ever(11'000));
  const EntityRef id = given.finalized({"10000"});
  CHECK(sums(given.invoice(id)) == "10000 0 0");
  CHECK(given.invoice(id).status == InvoiceStatus::paid);
}

TEST_CASE("E06, E11: percentages chain, whichever is got first") {
  for (const bool is_turned : {false, true}) {
    Invoicing given;
    given.discount(percent_for_ever(is_turned ? "25" : "10"));
    given.discount(percent_for_ever(is_turned ? "10" : "25"));
    CHECK(finalized_sums(given, {"10000"}) == "3250 0 6750");
  }
  Invoicing given;
  given.discount(percent_for_ever("10"));
  given.discount(percent_for_ever("10"));
  CHECK(finalized_sums(given, {"10000"}) == "1900 0 8100");
}

TEST_CASE("CPN-06: 10 % then 5.00 of 100.00 are 85.00; one that allows no others is taken alone") {
  Invoicing given;
  given.discount(amount_for_ever(500));
  given.discount(percent_for_ever("10"));
  CHECK(finalized_sums(given, {"10000"}) == "1500 0 8500");
  auto alone = percent_for_ever("1");
  alone->stackable = false;
  alone->priority = 10;
  given.discount(alone);
  CHECK(finalized_sums(given, {"10000"}) == "100 0 9900");
}

TEST_CASE("E11: two discounts of 10 % are 19 %, and 20 % where the policy stacks them") {
  Invoicing given;
  given.discount(percent_for_ever("10"));
  given.discount(percent_for_ever("10"));
  CHECK(finalized_sums(given, {"10000"}) == "1900 0 8100");
  ChangePolicy policy;
  policy.policy = "coupon.arithmetic";
  policy.arithmetic = PercentArithmetic::stacked;
  REQUIRE(given.when(policy).accepted());
  CHECK(finalized_sums(given, {"10000"}) == "2000 0 8000");
}

TEST_CASE("CPN-06: the best of them where the policy says so, and no second one where one is exclusive") {
  const auto stacked = [](DiscountStacking stacking) {
    ChangePolicy policy;
    policy.policy = "coupon.stacking";
    policy.stacking = stacking;
    return policy;
  };
  Invoicing given;
  given.discount(percent_for_ever("10"));
  given.discount(amount_for_ever(500));
  REQUIRE(given.when(stacked(DiscountStacking::best_of)).accepted());
  CHECK(finalized_sums(given, {"10000"}) == "1000 0 9000");
  CHECK(finalized_sums(given, {"4000"}) == "500 0 3500");
  // One that allows no others is one of those to choose from.
  auto alone = percent_for_ever("1");
  alone->stackable = false;
  alone->priority = 10;
  given.discount(alone);
  CHECK(finalized_sums(given, {"10000"}) == "1000 0 9000");

  Invoicing one;
  REQUIRE(one.when(stacked(DiscountStacking::exclusive)).accepted());
  auto once = percent_for_ever("10");
  once->duration = schema::DiscountDuration::once;
  one.discount(once);
  const auto more = amount_for_ever(500);
  more->name = "More";
  more->starts_at = more->ends_at = never;
  REQUIRE(one.when(CreateDiscount{"more", more}).accepted());
  CreateCoupon coupon;
  coupon.code = "more";
  coupon.discount_id = "more";
  REQUIRE(one.when(coupon).accepted());
  RedeemCoupon redeem;
  redeem.code = "more";
  redeem.account_id = "acme";
  const Decision second = one.when(redeem);
  CHECK(second.rejection.code == RejectionCode::discount_not_combinable);
  CHECK(second.rejection.details.size() == 1);
  CHECK(second.size() == 0);
  CHECK(finalized_sums(one, {"10000"}) == "1000 0 9000");
  // The first one has been used up: now the other can be had, and what a later change allows too.
  CHECK(one.when(redeem).accepted());
  CHECK(finalized_sums(one, {"10000"}) == "500 0 9500");
}

TEST_CASE("CPN-07: a discount for three months is good for the invoices of three months") {
  Invoicing given;
  auto repeating = percent_for_ever("10");
  repeating->duration = schema::DiscountDuration::repeating;
  repeating->months = 3;
  given.now = *parse_rfc3339("2027-01-31T00:00:00Z");
  given.discount(repeating);
  for (const char* day : {"2027-01-31", "2027-02-28", "2027-03-31"}) {
    given.now = *parse_rfc3339(day + std::string("T12:00:00Z"));
    CHECK(finalized_sums(given, {"100"}) == "10 0 90");
  }
  given.now = *parse_rfc3339("2027-04-30T00:00:00Z");
  CHECK(finalized_sums(given, {"100"}) == "0 0 100");
}

TEST_CASE("a discount for plans leaves lines of none alone") {
  Invoicing given;
  auto terms = percent_for_ever("10");
  terms->plans = {"pro"};
  CreatePlan plan;
  plan.plan_id = "pro";
  plan.terms = std::make_shared<schema::PlanTermsT>();
  plan.terms->name = "Pro";
  plan.terms->prices.push_back(std::make_unique<schema::PlanPriceT>());
  plan.terms->prices.front()->currency = currency_of("USD").packed;
  plan.terms->prices.front()->unit_amount = "100";
  REQUIRE(given.when(plan).accepted());
  given.discount(terms);
  CHECK(finalized_sums(given, {"100"}) == "0 0 100");
}

TEST_CASE("E15: the line is rounded, and tax is of the rounded line") {
  Invoicing given;
  given.tax("DE", "DE");
  DraftInvoice command;
  command.account_id = "acme";
  command.lines = {invoice_line("2693578", "0.25")};
  const EntityRef id = given.accept(command);
  given.accept(FinalizeInvoice{id});
  CHECK(given.invoice(id).subtotal == 673'395);
  CHECK(sums(given.invoice(id)) == "0 127945 801340");
}

TEST_CASE("E16, E17: one rounding for all that one rate applies to") {
  Invoicing given;
  given.tax("SE", "SE");
  CHECK(finalized_sums(given, {"69622"}) == "0 17406 87028");
  CHECK(finalized_sums(given, {"69622", "69622"}) == "0 34811 174055");
  CHECK(finalized_sums(given, {"9999", "9999", "9999"}) == "0 7499 37496");
}

TEST_CASE("F03: exempt, domestic, and no tax where the seller is registered nowhere") {
  Invoicing given;
  CHECK(finalized_sums(given, {"10000"}) == "0 0 10000");
  given.tax("FR", "FR");
  CHECK(finalized_sums(given, {"10000"}) == "0 2000 12000");
  UpdateAccount exempt;
  exempt.account_id = "acme";
  exempt.tax_exempt = {Change<bool>::Kind::set, true};
  given.accept(exempt);
  const EntityRef id = given.finalized({"10000"});
  CHECK(sums(given.invoice(id)) == "0 0 10000");
  CHECK(given.invoice(id).figures->taxes.at(0)->reason == schema::TaxReason::customer_exempt);
}

TEST_CASE("F04, F06: several lines at 20 %") {
  Invoicing given;
  given.tax("FR", "FR");
  CHECK(finalized_sums(given, {"6833", "6833", "5750", "8500"}) == "0 5583 33499");
  CHECK(finalized_sums(given, {"6833", "6833"}) == "0 2733 16399");
}

TEST_CASE("TAX-01: a place without a rate has none, and the invoice says so") {
  Invoicing given;
  given.tax("DE", "AQ");
  const EntityRef id = given.finalized({"100"});
  CHECK(sums(given.invoice(id)) == "0 0 100");
  CHECK(given.invoice(id).figures->taxes.at(0)->reason == schema::TaxReason::no_rate);
}
