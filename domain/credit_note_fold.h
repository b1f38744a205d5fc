// What an event does to one credit note or adjustment, and to the invoice it refers to, without the rest of their
// account: for the account's state (account.h) and for the views that keep them as rows.
#pragma once

#include "domain/credit_note.h"
#include "domain/evolve.h"
#include "domain/invoice.h"

namespace daybook::schema {
struct CreditNoteIssued;
struct CreditNoteVoided;
struct InvoiceAdjusted;
}  // namespace daybook::schema

namespace daybook {

CreditNote issued_credit_note(const schema::CreditNoteIssued& event, const EventMoment& moment);
void fold(CreditNote& note, const schema::CreditNoteVoided& event, const EventMoment& moment);
InvoiceAdjustment made_adjustment(const schema::InvoiceAdjusted& event, const EventMoment& moment);

/// What an invoice keeps of a credit note: its amounts.
CreditNoteShare share_of(const schema::CreditNoteIssued& event);

// An invoice that is not open is not touched: its notes are noted beside it.
void fold(Invoice& invoice, const schema::CreditNoteIssued& event, const EventMoment& moment);
/// Requires a note of the invoice.
void fold(Invoice& invoice, const schema::CreditNoteVoided& event, const EventMoment& moment);
/// What a credit note does is not done again.
void fold(Invoice& invoice, const schema::InvoiceAdjusted& event, const EventMoment& moment);

}  // namespace daybook
