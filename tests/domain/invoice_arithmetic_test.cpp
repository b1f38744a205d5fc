#include "domain/rules/invoice_arithmetic.h"

#include "domain/money.h"
#include "tests/domain/charges.h"
#include "tests/domain/property.h"

namespace daybook {
namespace {

using test::at_rate;
using test::fixed_discount;
using test::percent_discount;
using test::total;

std::vector<std::int64_t> discounts_of(const InvoiceTotals& totals, const InvoiceCharges& charges) {
  std::vector<std::int64_t> off;
  for (std::size_t i = 0; i < charges.lines.size(); ++i) {
    off.push_back(charges.lines[i].amount - totals.discounted.nets[i]);
  }
  return off;
}

TEST_CASE("E01, E02, E03: coupons, then tax by rate, then the total") {
  InvoiceCharges charges;
  for (const std::int64_t fee : {1'000, 2'000, 3'000, 4'000, 1'000, 2'000, 3'000, 4'000}) {
    charges.lines.push_back(at_rate(fee, charges.lines.size() % 4 == 1 ? "20" : "10"));
  }
  charges.discounts = {fixed_discount("A", 2'000, {0, 1}), fixed_discount("B", 1'000, {4, 5, 6, 7}),
                       fixed_discount("C", 500)};
  const InvoiceTotals totals = total(charges);
  CHECK(totals.subtotal == 20'000);
  CHECK(totals.discounted.discount == 3'500);
  CHECK(discounts_of(totals, charges) == std::vector<std::int64_t>{677, 1'353, 88, 118, 126, 253, 379, 506});
  CHECK(totals.taxed.net == 16'500);
  CHECK(totals.taxed.tax == 1'890);
  CHECK(totals.taxed.total == 18'390);
}

TEST_CASE("E04: a coupon over lines of three rates") {
  InvoiceCharges charges;
  charges.lines = {at_rate(10'000, "10"), at_rate(5'000, "0"), at_rate(3'000, "20"), at_rate(2'000, "20")};
  charges.discounts = {fixed_discount("A", 1'000)};
  const InvoiceTotals totals = total(charges);
  CHECK(discounts_of(totals, charges) == std::vector<std::int64_t>{500, 250, 150, 100});
  CHECK(totals.taxed.lines[0].tax == 950);
  CHECK(totals.taxed.lines[1].tax == 0);
  CHECK(totals.taxed.lines[2].tax == 570);
  CHECK(totals.taxed.lines[3].tax == 380);
  CHECK(totals.taxed.total == 20'900);
}

TEST_CASE("E05: what is all discounted has no tax") {
  InvoiceCharges charges;
  charges.lines = {at_rate(10'000, "10")};
  charges.discounts = {fixed_discount("A", 1'000), fixed_discount("B", 11'000)};
  const InvoiceTotals totals = total(charges);
  CHECK(totals.discounted.discount == 10'000);
  CHECK(totals.taxed.tax == 0);
  CHECK(totals.taxed.total == 0);
}

TEST_CASE("B53, B54, B55: prorated lines and their tax") {
  InvoiceCharges charges;
  charges.lines = {at_rate(3'871, "20")};
  CHECK(total(charges).taxed.total == 4'645);
  charges.lines = {at_rate(536, "20")};
  CHECK(total(charges).taxed.tax == 107);
  charges.lines = {at_rate(800, "20"), at_rate(93, "20")};
  CHECK(total(charges).taxed.tax == 179);
  CHECK(total(charges).taxed.total == 1'072);
}

TEST_CASE("B40: a corrected catalogue in three lines") {
  InvoiceCharges charges;
  charges.lines = {at_rate(1'300, "0"), at_rate(-1'000, "0"), at_rate(-1'800, "0")};
  CHECK(total(charges).taxed.total == -1'500);
}

TEST_CASE("discounts on gross prices lower tax and net together") {
  InvoiceCharges charges;
  charges.lines = {at_rate(11'900, "19"), at_rate(-1'190, "19")};
  charges.discounts = {percent_discount("A", 50)};
  charges.tax_basis = TaxBasis::inclusive;
  const InvoiceTotals totals = total(charges);
  CHECK(totals.taxed.total == 5'950 - 1'190);
  CHECK(totals.taxed.tax == 950 - 190);
  CHECK(totals.taxed.net == 4'000);
}

TEST_CASE("the roundings are those that are asked for") {
  InvoiceCharges charges;
  charges.lines = {at_rate(25, "10")};
  charges.tax_rounding = Rounding::half_even;
  CHECK(total(charges).taxed.tax == 2);
  charges.discounts = {percent_discount("A", 10)};
  charges.discount_policy.rounding = Rounding::half_even;
  CHECK(total(charges).discounted.discount == 2);
}

TEST_CASE("sums beyond the largest amount are nothing") {
  InvoiceCharges charges;
  charges.lines = {at_rate(amount_max, "0")};
  CHECK(total_invoice(charges).has_value());
  charges.lines = {at_rate(amount_max, "1")};
  CHECK(!total_invoice(charges));
  charges.lines = {at_rate(amount_max, "0"), at_rate(1, "0")};
  CHECK(!total_invoice(charges));
  charges.lines = {at_rate(amount_max + 1, "0")};
  CHECK(!total_invoice(charges));
  charges.lines = {at_rate(-1, "0"), at_rate(amount_max, "0"), at_rate(1, "0")};
  CHECK_MESSAGE(!total_invoice(charges), "more to discount than an amount can be");
  CHECK(total(InvoiceCharges{}).taxed.total == 0);
}

TEST_CASE("an invoice adds up, whatever is on it") {
  test::always("lines less discounts plus tax", [] {
    const InvoiceCharges charges = test::any_charges();
    const auto totals = total_invoice(charges);
    std::int64_t subtotal = 0;
    for (const ChargeLine& line : charges.lines) subtotal += line.amount;
    RC_ASSERT(totals->subtotal == subtotal);
    const std::int64_t after = subtotal - totals->discounted.discount;
    RC_ASSERT((charges.tax_basis == TaxBasis::inclusive ? totals->taxed.total : totals->taxed.net) == after);
    RC_ASSERT(totals->taxed.net + totals->taxed.tax == totals->taxed.total);
    // A line that two jurisdictions tax stands in the bases of both.
    std::int64_t base = 0;
    for (const TaxedLine& line : totals->taxed.lines) base -= line.net * static_cast<std::int64_t>(line.parts.size());
    std::int64_t tax = 0;
    for (const TaxGroup& group : totals->taxed.groups) {
      base += group.base;
      tax += group.tax;
    }
    RC_ASSERT(base == 0);
    RC_ASSERT(tax == totals->taxed.tax);
  });
}

}  // namespace
}  // namespace daybook
