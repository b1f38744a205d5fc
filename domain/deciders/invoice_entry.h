// What invoices and the documents that refer to them post to the journal.
#pragma once

#include <vector>

#include "domain/invoice.h"
#include "domain/journal.h"

namespace daybook::schema {
struct CreditNoteIssuedT;
}

namespace daybook {

/// What a finalised invoice, a credit note and an adjustment move; a part of an invoice has the sums of that part.
struct PostedSums {
  std::int64_t discount = 0;
  std::int64_t tax = 0;
  std::int64_t total = 0;        ///< With tax.
  std::int64_t written_off = 0;  ///< Of the total: not owed.
  std::int64_t allowed = 0;      ///< Of the total without tax: a discount on what was sold, not a part of it.
  std::int64_t refunded = 0;     ///< Of the total: was paid and goes back.
  std::int64_t credited = 0;     ///< What credit lines exceed the others by: credit of the customer, not of the total.
  PostedSums& operator+=(const PostedSums& other);
  PostedSums operator-() const;
};

PostedSums sums_of(const schema::InvoiceFiguresT& figures);
/// What a credit note takes back: the two are the same, of its document and of what its invoice keeps of it.
PostedSums sums_of(const schema::CreditNoteIssuedT& note);
PostedSums sums_of(const CreditNoteShare& note);
PostedSums sums_of(const AdjustmentShare& adjustment);
/// What a finalised invoice has posted and the documents that refer to it have not taken back.
PostedSums sums_left(const Invoice& invoice);

/// Receivable, the customer's credit and what was written off against revenue, discounts and tax. Empty if all is zero.
std::vector<JournalLine> entry_of(const PostedSums& sums, Currency currency);

}  // namespace daybook
