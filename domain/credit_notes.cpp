// What the events of credit notes and adjustments mean to their account and their book.
#include "domain/assert.h"
#include "domain/credit_note_fold.h"
#include "domain/folds.h"
#include "domain/tables.h"
#include "schemas/events/credit_notes_generated.h"

namespace daybook {
namespace {

/// What it takes of lines for time that is not over yet is not given back by a change too; with -1 it is again.
void take_of_billed(AccountState& account, const CreditNote& note, int sign) {
  for (const auto& line : note.document->lines) {
    account.billed.reduce(note.invoice, line->number, sign * (line->amount - line->discount));
  }
}

/// False: its invoice has ended, and changes no more.
template <class Event>
bool change_open_invoice(AccountState& account, const Event& event, const EventMoment& moment) {
  const EntityRef id = entity(event.invoice());
  const Invoice* invoice = account.find_invoice(id);
  if (invoice == nullptr || !invoice->is_open()) return false;
  account.change_invoice(id, [&](Invoice& open) { fold(open, event, moment); });
  return true;
}

}  // namespace

void apply(AccountState& account, const schema::CreditNoteIssued& event, const EventMoment& moment) {
  if (!change_open_invoice(account, event, moment)) {
    account.credit_ended_invoice(entity(event.invoice()), share_of(event));
  }
  CreditNote note = issued_credit_note(event, moment);
  take_of_billed(account, note, 1);
  account.add_credit_note(std::move(note));
}

void apply(AccountState& account, const schema::CreditNoteVoided& event, const EventMoment& moment) {
  if (!change_open_invoice(account, event, moment)) {
    account.uncredit_ended_invoice(entity(event.invoice()), entity(event.credit_note()));
  }
  take_of_billed(account, *account.find_credit_note(entity(event.credit_note())), -1);
  account.end_credit_note(entity(event.credit_note()), [&](CreditNote& note) { fold(note, event, moment); });
}

void apply(AccountState& account, const schema::InvoiceAdjusted& event, const EventMoment& moment) {
  change_open_invoice(account, event, moment);
  account.add_adjustment(made_adjustment(event, moment));
}

void apply(BookState& book, const schema::CreditNoteNumberAssigned& event, const EventMoment&) {
  std::uint64_t& last = book.credit_note_numbers[text(event.series())];
  ensure(event.sequence() == last + 1, "a credit note's number that is not the next of its series");
  last = event.sequence();
}

}  // namespace daybook
