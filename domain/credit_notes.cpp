// What the events of credit notes and adjustments mean to their account and their book.
#include "domain/assert.h"
#include "domain/credit_note_fold.h"
#include "domain/folds.h"
#include "domain/tables.h"
#include "schemas/events/credit_notes_generated.h"

namespace daybook {

void apply(AccountState& account, const schema::CreditNoteIssued& event, const EventMoment& moment) {
  const EntityRef id = entity(event.invoice());
  const Invoice* invoice = account.find_invoice(id);
  if (invoice != nullptr && invoice->is_open()) {
    account.change_invoice(id, [&](Invoice& open) { fold(open, event, moment); });
  } else {
    account.credit_ended_invoice(id, share_of(event));
  }
  account.add_credit_note(issued_credit_note(event, moment));
}

void apply(AccountState& account, const schema::CreditNoteVoided& event, const EventMoment& moment) {
  const EntityRef id = entity(event.invoice());
  const Invoice* invoice = account.find_invoice(id);
  if (invoice != nullptr && invoice->is_open()) {
    account.change_invoice(id, [&](Invoice& open) { fold(open, event, moment); });
  } else {
    account.uncredit_ended_invoice(id, entity(event.credit_note()));
  }
  account.end_credit_note(entity(event.credit_note()), [&](CreditNote& note) { fold(note, event, moment); });
}

void apply(AccountState& account, const schema::InvoiceAdjusted& event, const EventMoment& moment) {
  const EntityRef id = entity(event.invoice());
  const Invoice* invoice = account.find_invoice(id);
  if (invoice != nullptr && invoice->is_open()) {
    account.change_invoice(id, [&](Invoice& open) { fold(open, event, moment); });
  }
  account.add_adjustment(made_adjustment(event, moment));
}

void apply(BookState& book, const schema::CreditNoteNumberAssigned& event, const EventMoment&) {
  std::uint64_t& last = book.credit_note_numbers[text(event.series())];
  ensure(event.sequence() == last + 1, "a credit note's number that is not the next of its series");
  last = event.sequence();
}

}  // namespace daybook
