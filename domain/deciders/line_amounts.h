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

/// Requires an amount in range.
std::int64_t amount_of(const Rational& exact, Rounding rounding);

/// How the amount of a line, or the discounts and taxes of an invoice's figures, were rounded.
template <class Table>
Rounding rounding_of(const Table& table) {
  return static_cast<Rounding>(table.rounding);
}

/// A row of a tax summary as the rules know it: the line is taxed by it too.
void add_tax(TaxTreatment& treatment, const schema::InvoiceTaxT& tax);

/// What was billed without those taxes (rows of a tax summary, by pointer) as an amount with them; or, if it was billed
/// with them and `with_tax` is false, without.
template <class Taxes>
struct Restated {
  std::int64_t billed = 0;  ///< Minor units, of either sign.
  const Taxes& taxes;
  bool with_tax = false;
  Rounding rounding = Rounding::half_away_from_zero;

  Rational exact() const {
    Rational factor = 1;
    for (const auto& tax : taxes) factor += rate(*tax);
    return with_tax ? billed * factor : billed / factor;
  }
  /// Rounded, and one nearer to 0 where it would come to more with its taxes than was billed with them.
  std::int64_t amount() const {
    const std::int64_t rounded = amount_of(exact(), rounding);
    if (with_tax) return rounded;
    std::int64_t gross = rounded;
    for (const auto& tax : taxes) gross += amount_of(rounded * rate(*tax), rounding);
    if (billed < 0) return gross < billed ? rounded + 1 : rounded;
    return gross > billed ? rounded - 1 : rounded;
  }

 private:
  template <class Tax>
  static Rational rate(const Tax& tax) {
    return tax.percent.empty() ? Rational(0) : decimal_of(tax.percent) / 100;
  }
};
template <class Taxes>
Restated(std::int64_t, const Taxes&, bool, Rounding = Rounding::half_away_from_zero) -> Restated<Taxes>;

}  // namespace daybook
