// Issuing a credit note, whoever asks for it: what it comes to, its number, and what becomes of its amount.
#pragma once

#include <memory>

#include "domain/deciders/credit_note_parts.h"
#include "domain/deciders/decision.h"

namespace daybook::schema {
struct CreditNoteTaxT;
}

namespace daybook {

inline constexpr std::size_t corrections_per_invoice_max = 250;  ///< Credit notes, or surcharges and write-offs.
inline constexpr std::size_t voidable_notes_max = 5'000;         ///< Credit notes of one account that could be voided.

/// What is asked for, of an invoice that check_correctable() allows.
struct CreditNoteRequest {
  const Invoice* invoice = nullptr;  ///< With all its credit notes (AccountState::with_credit_notes).
  bool is_discount = false;          ///< A discount on what was sold, not a part of it.
  bool only_due = false;             ///< Of an open invoice no more than is due.
  EntityRef adjustment;              ///< What asks for it; none: itself.
  EntityRef refund;               ///< What of a payment it credits: nothing of it lowers what is due or becomes credit.
  std::int64_t refund_total = 0;  ///< What it is to come to then; it comes to so much, or a little less.
  Sensitive reason, memo;
};

/// The code `none` if the invoice is of a status in which it is corrected: open or paid.
Rejection check_correctable(const AccountState& account, const Invoice& invoice);

/// What credit notes can still give back of the invoice, with tax, in minor units; what pending refunds but `except`
/// will credit is not left. Requires an invoice with all its credit notes, and its creditable_now().
std::int64_t creditable_total(const AccountState& account, const Invoice& invoice, const CreditableNow& creditable,
                              EntityRef except);

struct IssuedCreditNote {
  EntityRef id;
  std::int64_t tax = 0, total = 0;
  Rejection rejection;  ///< The code `none` if it was issued.
};

/// Adds the credit note's events: what lowers what is due comes first, then what had been written off, and the rest
/// becomes credit; with nothing left to pay an open invoice is paid. None of the decision's events is another credit
/// note's. Without a rejection only.
IssuedCreditNote issue_credit_note(Decision& decision, const AccountState& account, const CreditNoteRequest& request,
                                   const CreditNoteParts& parts, const DecisionContext& context);

/// A row of its tax summary, or of an adjustment's: as the invoice's row of that index has it, with sums of its own.
std::unique_ptr<schema::CreditNoteTaxT> tax_row(const Invoice& invoice, std::uint32_t row, std::int64_t base,
                                                std::int64_t tax);

}  // namespace daybook
