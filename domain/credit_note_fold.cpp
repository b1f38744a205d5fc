#include "domain/credit_note_fold.h"

#include <algorithm>

#include "domain/assert.h"
#include "domain/tables.h"
#include "schemas/events/credit_notes_generated.h"

namespace daybook {
namespace {

/// A document on an open invoice changes what is due on it; a paid or voided one keeps its version.
void touch_open(Invoice& invoice, const EventMoment& moment) {
  if (invoice.status == InvoiceStatus::open) touch(invoice, moment);
}

/// The event's own table without what the journal has.
template <class Document, class Event>
std::shared_ptr<Document> document_of(const Event& event) {
  auto document = std::make_shared<Document>();
  event.UnPackTo(document.get());
  document->postings.clear();
  return document;
}

template <class T>
bool same(const T& a, const T& b) {
  return a == b || (a && b && *a == *b);
}

}  // namespace

std::string_view to_text(CreditNoteStatus status) {
  return status == CreditNoteStatus::issued ? "issued" : "void";
}

std::string_view to_text(AdjustmentType type) {
  switch (type) {
    case AdjustmentType::discount:
      return "discount";
    case AdjustmentType::credit:
      return "credit";
    case AdjustmentType::surcharge:
      return "surcharge";
    case AdjustmentType::write_off:
      return "write_off";
  }
  bug("a type of an adjustment without a name");
}

bool CreditNote::operator==(const CreditNote& other) const {
  return id == other.id && invoice == other.invoice && currency == other.currency && status == other.status &&
         is_final == other.is_final && same(document, other.document) && void_reason == other.void_reason &&
         created_at == other.created_at && updated_at == other.updated_at && voided_at == other.voided_at &&
         version == other.version;
}

bool InvoiceAdjustment::operator==(const InvoiceAdjustment& other) const {
  return id == other.id && invoice == other.invoice && currency == other.currency && type == other.type &&
         same(document, other.document) && created_at == other.created_at && version == other.version;
}

CreditNote issued_credit_note(const schema::CreditNoteIssued& event, const EventMoment& moment) {
  CreditNote note;
  note.id = entity(event.credit_note());
  note.invoice = entity(event.invoice());
  note.currency = Currency{event.currency()};
  note.is_final = event.due_reduction() == 0 && event.credit_amount() == 0;
  note.document = document_of<schema::CreditNoteIssuedT>(event);
  note.created_at = note.updated_at = moment.at;
  note.version = moment.version;
  return note;
}

void fold(CreditNote& note, const schema::CreditNoteVoided& event, const EventMoment& moment) {
  note.status = CreditNoteStatus::voided;
  note.is_final = true;
  note.void_reason = from_table(event.void_reason());
  note.voided_at = note.updated_at = moment.at;
  note.version = moment.version;
}

InvoiceAdjustment made_adjustment(const schema::InvoiceAdjusted& event, const EventMoment& moment) {
  InvoiceAdjustment adjustment;
  adjustment.id = entity(event.adjustment());
  adjustment.invoice = entity(event.invoice());
  adjustment.currency = Currency{event.currency()};
  adjustment.type = static_cast<AdjustmentType>(event.type());
  adjustment.document = document_of<schema::InvoiceAdjustedT>(event);
  adjustment.created_at = moment.at;
  adjustment.version = moment.version;
  return adjustment;
}

CreditNoteShare share_of(const schema::CreditNoteIssued& event) {
  CreditNoteShare share;
  share.note = entity(event.credit_note());
  share.is_discount = event.kind() == schema::CreditNoteKind::discount;
  share.discount = event.discount();
  share.tax = event.tax();
  share.total = event.total();
  share.due_reduction = event.due_reduction();
  share.write_off_recovery = event.write_off_recovery();
  share.refund_amount = event.refund_amount();
  if (event.lines()) {
    for (const schema::CreditNoteLine* line : *event.lines()) {
      share.lines.push_back({line->number(), line->amount(), text(line->quantity())});
    }
  }
  if (event.taxes()) {
    for (const schema::CreditNoteTax* row : *event.taxes()) share.taxes.push_back({row->row(), row->tax()});
  }
  return share;
}

void fold(Invoice& invoice, const schema::CreditNoteIssued& event, const EventMoment& moment) {
  invoice.credit_notes.push_back(share_of(event));
  invoice.credited_due += event.due_reduction();
  ensure(invoice.amount_due() >= 0, "a credit note that lowers what is due below zero");
  touch_open(invoice, moment);
}

void fold(Invoice& invoice, const schema::CreditNoteVoided& event, const EventMoment& moment) {
  const EntityRef id = entity(event.credit_note());
  const auto gone = std::find_if(invoice.credit_notes.begin(), invoice.credit_notes.end(),
                                 [&](const CreditNoteShare& share) { return share.note == id; });
  ensure(gone != invoice.credit_notes.end(), "a credit note voided that the invoice does not have");
  invoice.credited_due -= gone->due_reduction;
  invoice.credit_notes.erase(gone);
  touch_open(invoice, moment);
}

void fold(Invoice& invoice, const schema::InvoiceAdjusted& event, const EventMoment& moment) {
  const auto type = static_cast<AdjustmentType>(event.type());
  if (type == AdjustmentType::surcharge) {
    invoice.adjustments.push_back({entity(event.adjustment()), false, event.tax(), event.total()});
    invoice.surcharged += event.total();
  } else if (type == AdjustmentType::write_off) {
    invoice.adjustments.push_back({entity(event.adjustment()), true, 0, event.total()});
    invoice.written_off += event.total();
  }
  ensure(invoice.amount_due() >= 0, "an adjustment that lowers what is due below zero");
  touch_open(invoice, moment);
}

}  // namespace daybook
