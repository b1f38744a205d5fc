// What an event does to one invoice, without the rest of its account: for the account's state (account.h) and for the
// view that keeps invoices as rows.
#pragma once

#include "domain/evolve.h"
#include "domain/invoice.h"

namespace daybook::schema {
struct InvoiceDrafted;
struct InvoiceLineAdded;
struct InvoiceLineRemoved;
struct InvoiceFinalized;
struct InvoicePaid;
struct InvoiceVoided;
struct InvoiceMarkedUncollectible;
struct InvoiceBecameOverdue;
struct CreditApplied;
struct CreditReturned;
}  // namespace daybook::schema

namespace daybook {

Invoice drafted_invoice(const schema::InvoiceDrafted& event, const EventMoment& moment);

void fold(Invoice& invoice, const schema::InvoiceLineAdded& event, const EventMoment& moment);
void fold(Invoice& invoice, const schema::InvoiceLineRemoved& event, const EventMoment& moment);
void fold(Invoice& invoice, const schema::InvoiceFinalized& event, const EventMoment& moment);
void fold(Invoice& invoice, const schema::InvoicePaid& event, const EventMoment& moment);
void fold(Invoice& invoice, const schema::InvoiceVoided& event, const EventMoment& moment);
void fold(Invoice& invoice, const schema::InvoiceMarkedUncollectible& event, const EventMoment& moment);
void fold(Invoice& invoice, const schema::InvoiceBecameOverdue& event, const EventMoment& moment);
/// Both require the event's amount to be there.
void fold(Invoice& invoice, const schema::CreditApplied& event, const EventMoment& moment);
void fold(Invoice& invoice, const schema::CreditReturned& event, const EventMoment& moment);

}  // namespace daybook
