#include "domain/deciders/line_amounts.h"

#include "domain/assert.h"
#include "domain/native.h"
// native.h comes before the generated headers, which name its functions.
#include "schemas/events/invoices_generated.h"

namespace daybook {

Rational decimal_of(const std::string& text) {
  const std::optional<Rational> value = parse_decimal(text);
  ensure(value.has_value(), "a decimal of an invoice that is none");
  return *value;
}

std::int64_t amount_of(const Rational& exact, Rounding rounding) {
  const std::optional<std::int64_t> amount = exactly([&] { return round(exact, rounding); });
  ensure(amount.has_value(), "an amount of an invoice that is out of range");
  return *amount;
}

void add_tax(TaxTreatment& treatment, const schema::InvoiceTaxT& tax) {
  treatment.category = static_cast<TaxCategory>(tax.category);
  if (tax.percent.empty()) return;
  treatment.rates.push_back({tax.jurisdiction, tax.name, decimal_of(tax.percent), tax.state_rate_only});
}

Rational whole_amount(const schema::InvoiceLineT& line) {
  if (!line.unit_amount.empty()) return decimal_of(line.quantity) * decimal_of(line.unit_amount);
  Rational sum;
  for (const auto& step : line.steps) sum += decimal_of(step->quantity) * decimal_of(step->unit_amount);
  return sum;
}

}  // namespace daybook
