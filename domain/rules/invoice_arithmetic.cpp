#include "domain/rules/invoice_arithmetic.h"

#include <utility>

#include "domain/money.h"

namespace daybook {

std::optional<InvoiceTotals> total_invoice(const InvoiceCharges& charges) {
  InvoiceTotals totals;
  std::vector<std::int64_t> amounts;
  for (const ChargeLine& line : charges.lines) {
    if (!is_amount(line.amount)) return std::nullopt;
    amounts.push_back(line.amount);
    totals.subtotal += line.amount;
    if (!is_amount(totals.subtotal)) return std::nullopt;
  }
  std::optional<DiscountedLines> discounted = apply_discounts(amounts, charges.discounts, charges.discount_policy);
  if (!discounted) return std::nullopt;
  std::vector<TaxableLine> taxable;
  for (std::size_t i = 0; i < amounts.size(); ++i) {
    taxable.push_back({discounted->nets[i], charges.lines[i].treatment});
  }
  std::optional<TaxedLines> taxed = compute_tax(taxable, charges.tax_basis, charges.tax_rounding);
  if (!taxed) return std::nullopt;
  totals.discounted = std::move(*discounted);
  totals.taxed = std::move(*taxed);
  return totals;
}

}  // namespace daybook
