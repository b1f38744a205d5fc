// What an account's state holds of credit notes and adjustments.
#include <algorithm>
#include <iterator>
#include <utility>

#include "domain/account.h"
#include "domain/assert.h"
#include "schemas/events/credit_notes_generated.h"

namespace daybook {

const CreditNote* AccountState::find_credit_note(EntityRef id) const {
  const auto found = credit_notes_.find(id);
  return found == credit_notes_.end() ? nullptr : &found->second;
}

const InvoiceAdjustment* AccountState::find_adjustment(EntityRef id) const {
  const auto found = adjustments_.find(id);
  return found == adjustments_.end() ? nullptr : &found->second;
}

Invoice AccountState::with_credit_notes(const Invoice& invoice) const {
  Invoice now = invoice;
  if (invoice.status != InvoiceStatus::paid) return now;
  const auto found = credited_.find(invoice.id);
  now.credit_notes = found == credited_.end() ? std::vector<CreditNoteShare>() : found->second;
  return now;
}

void AccountState::credit_ended_invoice(EntityRef id, CreditNoteShare share) {
  credited_[id].push_back(std::move(share));
}

void AccountState::uncredit_ended_invoice(EntityRef id, EntityRef note) {
  const auto found = credited_.find(id);
  ensure(found != credited_.end(), "a credit note voided of an invoice that has none");
  const auto gone = std::find_if(found->second.begin(), found->second.end(),
                                 [&](const CreditNoteShare& share) { return share.note == note; });
  ensure(gone != found->second.end(), "a credit note voided that the invoice does not have");
  found->second.erase(gone);
  if (found->second.empty()) credited_.erase(found);
}

void AccountState::add_credit_note(CreditNote note) {
  const EntityRef id = note.id;
  const schema::CreditNoteIssuedT& document = *note.document;
  if (document.due_reduction != 0) voidable_.emplace(note.invoice, id);
  if (document.credit_amount != 0) voidable_.emplace(document.credit, id);
  const bool is_final = note.is_final;
  const bool is_new = credit_notes_.emplace(id, std::move(note)).second;
  ensure(is_new, "a credit note's id twice in one stream");
  if (is_final) finish_credit_note(id);
}

CreditNote& AccountState::credit_note_at(EntityRef id) {
  const auto found = credit_notes_.find(id);
  ensure(found != credit_notes_.end() && found->second.is_open(), "an event on a credit note that is final");
  return found->second;
}

void AccountState::settle_credit_notes(EntityRef invoice_or_grant) {
  while (true) {
    const auto entry = voidable_.find(invoice_or_grant);
    if (entry == voidable_.end()) return;
    const EntityRef id = entry->second;
    credit_note_at(id).is_final = true;
    finish_credit_note(id);
  }
}

void AccountState::finish_credit_note(EntityRef id) {
  const CreditNote& note = credit_notes_.at(id);
  for (const EntityRef used : {note.invoice, note.document->credit}) {
    auto [entry, end] = voidable_.equal_range(used);
    while (entry != end) entry = entry->second == id ? voidable_.erase(entry) : std::next(entry);
  }
  ended_notes_.push_back(id);
}

void AccountState::add_adjustment(InvoiceAdjustment adjustment) {
  const EntityRef id = adjustment.id;
  const bool is_new = adjustments_.emplace(id, std::move(adjustment)).second;
  ensure(is_new, "an adjustment's id twice in one stream");
}

void AccountState::adopt(CreditNote note) {
  ensure(!note.is_open(), "a credit note that can be voided is never outside the state");
  const EntityRef id = note.id;
  if (credit_notes_.emplace(id, std::move(note)).second) ended_notes_.push_back(id);
}

void AccountState::adopt(InvoiceAdjustment adjustment) {
  const EntityRef id = adjustment.id;
  adjustments_.emplace(id, std::move(adjustment));
}

void AccountState::restore(CreditNote note) {
  add_credit_note(std::move(note));
}

void AccountState::restore(EntityRef invoice, std::vector<CreditNoteShare> shares) {
  credited_.emplace(invoice, std::move(shares));
}

}  // namespace daybook
