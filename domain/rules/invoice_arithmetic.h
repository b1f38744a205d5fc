// An invoice's figures from its lines: discounts, then tax, then the total, in one pure function. A preview and the
// invoice that follows it are the same call.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "domain/rules/discounts.h"
#include "domain/rules/taxes.h"

namespace daybook {

struct ChargeLine {
  std::int64_t amount = 0;  ///< Minor units before discounts, rounded; negative for a credit line.
  TaxTreatment treatment{};
};

struct InvoiceCharges {
  std::vector<ChargeLine> lines{};
  std::vector<Discount> discounts{};
  DiscountPolicy discount_policy{};
  TaxBasis tax_basis = TaxBasis::exclusive;  ///< Inclusive: amounts, and discounts on them, are with tax.
  Rounding tax_rounding = Rounding::half_away_from_zero;
};

struct InvoiceTotals {
  std::int64_t subtotal = 0;   ///< The lines' amounts.
  DiscountedLines discounted;  ///< What each discount took off each line.
  TaxedLines taxed;            ///< The lines' nets and taxes, the tax summary, and net, tax and total.
};

/// The totals; the total may be negative, which is the caller's to turn into credit. Nothing if an amount or a sum is
/// beyond amount_max. Requires discounts that check_discount accepts.
std::optional<InvoiceTotals> total_invoice(const InvoiceCharges& charges);

}  // namespace daybook
