// How much of which line of an invoice a credit note or an adjustment means. The arithmetic of what it comes to is in
// domain/rules; here is what it is given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/account.h"
#include "domain/commands.h"
#include "domain/invoice.h"
#include "domain/rejection.h"
#include "domain/rules/credit_note_arithmetic.h"

namespace daybook {

struct CreditableNow {
  CreditableInvoice invoice;
  std::int64_t given_back = 0;  ///< By later invoices, for time that was not used: as credit notes of it would come to.
};

/// The invoice as its figures, the credit notes that it has, and what later invoices gave back of it, or will with the
/// next one, leave it. Requires one of the account's that is finalised.
CreditableNow creditable_now(const AccountState& account, const Invoice& invoice);

/// What all lines, or the one of that index, leave to be credited: amounts before discounts.
std::int64_t amount_left(const CreditableInvoice& creditable, std::optional<std::size_t> line = {});

struct CreditNoteParts {
  std::vector<CreditedPart> parts;
  std::vector<std::string> quantities;  ///< Of each part; empty: by amount.
  Rejection rejection;                  ///< The code `none` if there are parts.
};

/// The lines as they are named.
CreditNoteParts parts_of_lines(const Invoice& invoice, const CreditableInvoice& creditable,
                               const std::vector<CreditNoteLineInput>& lines);
/// An amount shared among all lines, in proportion to what is left of each, or taken of the one of that index. Requires
/// an amount above zero.
CreditNoteParts parts_of_amount(const CreditableInvoice& creditable, std::int64_t amount,
                                std::optional<std::size_t> line = {});

/// An amount shared likewise so that its note comes to that total, with tax, or as little below it as can be. No parts,
/// and no rejection, if that is nothing.
CreditNoteParts parts_of_total(const CreditableInvoice& creditable, std::int64_t total);

/// Where the line stands in the invoice; nothing if it has none of that number.
std::optional<std::size_t> index_of_line(const Invoice& invoice, std::int64_t number);

}  // namespace daybook
