// What is asked about taxes without a command: nothing comes of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/currency.h"
#include "gateway/command_fields.h"

namespace daybook {

/// What would be the tax of an invoice. Of an account, or of a place that is none's yet.
struct TaxQuestion {
  std::string account_id, country, region, vat_id;
  bool tax_exempt = false, tax_inclusive = false;
  std::optional<Currency> currency;
  std::vector<std::int64_t> amounts;  ///< Of the lines, minor units.
};

struct VatIdQuestion {
  std::string vat_id;
};

template <class V>
void describe(TaxQuestion& question, V& visit) {
  visit("account_id", question.account_id, a(FieldKind::client_id));
  visit("country", question.country, a(FieldKind::country));
  visit("region", question.region, rules::region);
  visit("vat_id", question.vat_id, rules::tax_id);
  visit("tax_exempt", question.tax_exempt, a(FieldKind::boolean));
  visit("tax_inclusive", question.tax_inclusive, a(FieldKind::boolean));
  visit("currency", question.currency, a(FieldKind::currency));
  visit.list("lines", question.amounts, Rule().must(), [](std::int64_t& amount, auto& inner) {
    inner("amount", amount, integer_from(-amount_max, amount_max).must());
  });
}

template <class V>
void describe(VatIdQuestion& question, V& visit) {
  visit("vat_id", question.vat_id, rules::tax_id.must());
}

}  // namespace daybook
