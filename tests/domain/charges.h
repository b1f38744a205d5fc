// Invoices to compute with: lines at a rate, discounts, and random ones.
#pragma once

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <string_view>
#include <vector>

#include "domain/rules/invoice_arithmetic.h"
#include "tests/domain/decimal.h"

namespace daybook::test {

inline ChargeLine at_rate(std::int64_t amount, std::string_view percent) {
  return {amount, {TaxCategory::standard, {{"DE", "VAT", decimal(percent)}}}};
}

inline Discount fixed_discount(std::string id, std::int64_t amount, std::vector<std::size_t> lines = {}) {
  return {.id = std::move(id), .kind = DiscountKind::fixed, .amount = amount, .lines = std::move(lines)};
}

inline Discount percent_discount(std::string id, const Rational& percent, std::vector<std::size_t> lines = {}) {
  return {.id = std::move(id), .kind = DiscountKind::percent, .percent = percent, .lines = std::move(lines)};
}

inline InvoiceTotals total(const InvoiceCharges& charges) {
  const auto totals = total_invoice(charges);
  REQUIRE(totals.has_value());
  return *totals;
}

/// Lines of several rates, credit lines (if `with_credits`), discounts, net or gross prices. Inside a property only.
inline InvoiceCharges any_charges(bool with_credits = true) {
  InvoiceCharges charges;
  for (int i = *rc::gen::inRange(1, 8); i > 0; --i) {
    ChargeLine line{*rc::gen::inRange<std::int64_t>(with_credits ? -3'000 : 0, 30'000),
                    {TaxCategory::standard, {{"XX", "VAT", Rational(*rc::gen::inRange(0, 4) * 7)}}}};
    if (*rc::gen::inRange(0, 3) == 0) line.treatment.rates.push_back({"XX-Y", "local", decimal("1.375")});
    if (*rc::gen::inRange(0, 5) == 0) line.treatment = {TaxCategory::exempt, {}};
    charges.lines.push_back(line);
  }
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
    const std::string id(1, static_cast<char>('A' + i));
    charges.discounts.push_back(*rc::gen::arbitrary<bool>() ? percent_discount(id, *rc::gen::inRange(1, 101))
                                                            : fixed_discount(id, *rc::gen::inRange(1, 20'000)));
  }
  charges.tax_basis = *rc::gen::element(TaxBasis::exclusive, TaxBasis::inclusive);
  charges.tax_rounding = *rc::gen::element(Rounding::half_away_from_zero, Rounding::half_even);
  return charges;
}

}  // namespace daybook::test
