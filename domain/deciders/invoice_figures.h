// What an invoice comes to when it is finalised now: lines, the account's discounts, tax. The arithmetic is in
// domain/rules; here is what it is given, and what becomes of it in the event.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "domain/deciders/decision.h"
#include "domain/journal.h"

namespace daybook::schema {
struct InvoiceFiguresT;
}

namespace daybook {

/// With those of the discounts that are for it and run now. Nothing if a sum is beyond amount_max. Requires an invoice
/// with lines; the total may be negative.
std::optional<schema::InvoiceFiguresT> figures_of(const Invoice& invoice, const AccountState& account,
                                                  const std::vector<AccountDiscount>& discounts,
                                                  const DecisionContext& context);

/// Receivable against revenue, discounts and tax; the other way round if `is_reversed`. Empty if all is zero.
std::vector<JournalLine> entry_of(const schema::InvoiceFiguresT& figures, Currency currency, bool is_reversed);

/// The next number of the book.
struct InvoiceNumber {
  std::string series;
  std::uint64_t sequence = 0;
  std::string text;
};
InvoiceNumber next_invoice_number(const BookState& book, Instant now);

}  // namespace daybook
