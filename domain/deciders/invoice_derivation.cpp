#include "domain/deciders/invoice_derivation.h"

#include <algorithm>
#include <utility>

#include "domain/assert.h"
#include "domain/deciders/line_amounts.h"
#include "domain/native.h"
#include "domain/rules/taxes.h"
// native.h comes before the generated headers, which name its functions.
#include "schemas/events/invoices_generated.h"

namespace daybook {
namespace {

Rational share_of(const schema::LineProrationT* proration) {
  return proration == nullptr ? Rational(1) : Rational(proration->part, proration->whole);
}

DerivedLine derived_line(const schema::InvoiceLineT& line, bool tax_inclusive) {
  DerivedLine derived;
  if (!line.credits) {
    derived.whole = whole_amount(line);
    derived.exact = derived.whole * share_of(line.proration.get());
    derived.amount = amount_of(derived.exact, rounding_of(line));
    return derived;
  }
  const schema::LineCreditT& credit = *line.credits;
  derived.whole = credit.billed;
  derived.exact = -(derived.whole * share_of(line.proration.get()));
  derived.amount = amount_of(derived.exact, rounding_of(line));
  // Given back on an invoice of the other kind: with tax what was billed without it, or without it.
  if (line.amount != -credit.credited) {
    derived.restated = derived.amount;
    const Restated without{-derived.amount, credit.taxes, tax_inclusive, rounding_of(line)};
    derived.exact = -without.exact();
    derived.amount = -without.amount();
  }
  return derived;
}

void derive_discounts(InvoiceDerivation& derivation, const schema::InvoiceFiguresT& figures) {
  for (const auto& discount : figures.discounts) {
    DerivedShare& derived = derivation.discounts.emplace_back();
    derived.base = discount->base;
    derived.amount = discount->amount;
    if (!discount->percent.empty()) {
      derived.exact = Rational(discount->base) * decimal_of(discount->percent) / 100;
      derived.amount = amount_of(*derived.exact, rounding_of(figures));
    }
    // A percentage with a maximum takes off less.
    derivation.expect(discount->amount <= std::min(derived.amount, derived.base));
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < derivation.lines.size(); ++i) {
      derivation.lines[i].discount += discount->lines[i];
      sum += discount->lines[i];
    }
    derivation.expect(sum == discount->amount);
    derivation.discount += sum;
  }
  for (std::size_t i = 0; i < derivation.lines.size(); ++i) {
    derivation.expect(figures.lines[i]->discount == derivation.lines[i].discount);
  }
}

TaxTreatment treatment_of(const schema::InvoiceLineFiguresT& line, const schema::InvoiceFiguresT& figures) {
  TaxTreatment treatment;
  for (const std::uint32_t row : line.tax_rows) add_tax(treatment, *figures.taxes[row]);
  return treatment;
}

/// Of net amounts the rate's share; of amounts with their taxes, what those contain of it.
Rational exact_tax(const TaxGroup& group, std::size_t index, const std::vector<TaxableLine>& lines,
                   const TaxedLines& taxed, bool tax_inclusive) {
  if (!tax_inclusive) return Rational(group.base) * group.rate.percent / 100;
  Rational exact;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& parts = taxed.lines[i].parts;
    const auto is_in = [&](const LineTaxPart& part) { return part.group == index; };
    if (std::none_of(parts.begin(), parts.end(), is_in)) continue;
    Rational whole = 100;
    for (const TaxRate& rate : lines[i].treatment.rates) whole += rate.percent;
    exact += Rational(lines[i].amount) * group.rate.percent / whole;
  }
  return exact;
}

void derive_taxes(InvoiceDerivation& derivation, const Invoice& invoice) {
  const schema::InvoiceFiguresT& figures = *invoice.figures;
  std::vector<TaxableLine> lines;
  for (std::size_t i = 0; i < derivation.lines.size(); ++i) {
    const DerivedLine& line = derivation.lines[i];
    lines.push_back({line.amount - line.discount, treatment_of(*figures.lines[i], figures)});
  }
  const auto taxed =
      compute_tax(lines, invoice.tax_inclusive ? TaxBasis::inclusive : TaxBasis::exclusive, rounding_of(figures));
  ensure(taxed.has_value(), "taxes of an invoice that are out of range");
  derivation.expect(taxed->groups.size() == figures.taxes.size());
  for (std::size_t i = 0; i < taxed->groups.size(); ++i) {
    const TaxGroup& group = taxed->groups[i];
    DerivedShare& tax = derivation.taxes.emplace_back();
    tax.base = group.base;
    tax.amount = group.tax;
    if (!group.rate.name.empty()) tax.exact = exact_tax(group, i, lines, *taxed, invoice.tax_inclusive);
    const bool is_told = i < figures.taxes.size();
    derivation.expect(is_told && figures.taxes[i]->base == tax.base && figures.taxes[i]->tax == tax.amount);
  }
  for (std::size_t i = 0; i < derivation.lines.size(); ++i) {
    derivation.lines[i].net = taxed->lines[i].net;
    derivation.lines[i].tax = taxed->lines[i].tax;
    derivation.expect(figures.lines[i]->net == taxed->lines[i].net && figures.lines[i]->tax == taxed->lines[i].tax);
  }
  derivation.tax = taxed->tax;
  derivation.total = taxed->total;
}

}  // namespace

InvoiceDerivation derive(const Invoice& invoice) {
  InvoiceDerivation derivation;
  for (const auto& line : invoice.lines) {
    derivation.lines.push_back(derived_line(*line, invoice.tax_inclusive));
    derivation.subtotal += derivation.lines.back().amount;
    derivation.expect(derivation.lines.back().amount == line->amount);
  }
  if (!invoice.figures) {
    derivation.expect(derivation.subtotal == invoice.subtotal);
    return derivation;
  }
  const schema::InvoiceFiguresT& figures = *invoice.figures;
  derive_discounts(derivation, figures);
  derive_taxes(derivation, invoice);
  if (derivation.total < 0) derivation.credited = -std::exchange(derivation.total, 0);
  derivation.expect(derivation.subtotal == figures.subtotal && derivation.discount == figures.discount);
  derivation.expect(derivation.tax == figures.tax && derivation.total == figures.total);
  derivation.expect(derivation.credited == figures.credited);
  return derivation;
}

}  // namespace daybook
