// What an invoice's line says of its amount, as numbers.
#pragma once

#include <cstdint>
#include <string>

#include "domain/rational.h"
#include "domain/rules/taxes.h"

namespace daybook::schema {
struct InvoiceLineT;
struct InvoiceTaxT;
}  // namespace daybook::schema

namespace daybook {

/// A decimal of a line or a tax. Requires one: what was appended is.
Rational decimal_of(const std::string& text);

/// What the line's quantity and unit amount, or its steps, come to, before any share and rounding; minor units.
Rational whole_amount(const schema::InvoiceLineT& line);

/// As invoices round: half away from zero. Requires an amount in range.
std::int64_t amount_of(const Rational& exact);

/// A row of a tax summary as the rules know it: the line is taxed by it too.
void add_tax(TaxTreatment& treatment, const schema::InvoiceTaxT& tax);

/// What was billed without those taxes (rows of a tax summary, by pointer) as an amount with them; or, if it was billed
/// with them and `with_tax` is false, without.
template <class Taxes>
Rational restated(std::int64_t amount, const Taxes& taxes, bool with_tax) {
  Rational factor = 1;
  for (const auto& tax : taxes) {
    if (!tax->percent.empty()) factor += decimal_of(tax->percent) / 100;
  }
  return with_tax ? amount * factor : amount / factor;
}

}  // namespace daybook
