// What an invoice comes to when it is finalised now: lines, the account's discounts, tax. The arithmetic is in
// domain/rules; here is what it is given, and what becomes of it in the event.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/deciders/decision.h"

namespace daybook::schema {
struct InvoiceFiguresT;
}

namespace daybook {

/// With those of the discounts that are for it and run now. Nothing if a sum is beyond amount_max. Requires an invoice
/// with lines; the total may be negative.
std::optional<schema::InvoiceFiguresT> figures_of(const Invoice& invoice, const AccountState& account,
                                                  const std::vector<AccountDiscount>& discounts,
                                                  const DecisionContext& context);

/// The next number of a document of the book; `last` has the last one of each of its series.
struct DocumentNumber {
  std::string series;
  std::uint64_t sequence = 0;
  std::string text;
};
DocumentNumber next_number(const NumberingPolicy& policy, const std::map<std::string, std::uint64_t>& last,
                           Instant now);

}  // namespace daybook
