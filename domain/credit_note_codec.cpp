#include "domain/credit_note_codec.h"

#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "domain/value_codec.h"
#include "schemas/events/credit_notes_generated.h"

namespace daybook {
namespace {

template <class C>
void visit_note_members(C& codec, auto& note) {
  visit_id(codec, note.id);
  visit_id(codec, note.invoice);
  codec.number(note.currency.packed);
  codec.number(note.status);
  codec.require(note.status == CreditNoteStatus::issued || note.status == CreditNoteStatus::voided);
  codec.flag(note.is_final);
  visit_sealed(codec, note.void_reason);
  for (auto* at : {&note.created_at, &note.updated_at, &note.voided_at}) codec.number(*at);
  codec.number(note.version);
}

template <class C>
void visit_adjustment_members(C& codec, auto& adjustment) {
  visit_id(codec, adjustment.id);
  visit_id(codec, adjustment.invoice);
  codec.number(adjustment.currency.packed);
  codec.number(adjustment.type);
  codec.require(adjustment.type >= AdjustmentType::discount && adjustment.type <= AdjustmentType::write_off);
  codec.number(adjustment.created_at);
  codec.number(adjustment.version);
}

}  // namespace

void encode(ByteWriter& codec, const CreditNote& note) {
  visit_note_members(codec, note);
  visit_table<schema::CreditNoteIssued>(codec, note.document);
}

bool decode(ByteReader& codec, CreditNote& note) {
  visit_note_members(codec, note);
  return visit_table<schema::CreditNoteIssued>(codec, note.document);
}

void encode(ByteWriter& codec, const InvoiceAdjustment& adjustment) {
  visit_adjustment_members(codec, adjustment);
  visit_table<schema::InvoiceAdjusted>(codec, adjustment.document);
}

bool decode(ByteReader& codec, InvoiceAdjustment& adjustment) {
  visit_adjustment_members(codec, adjustment);
  return visit_table<schema::InvoiceAdjusted>(codec, adjustment.document);
}

}  // namespace daybook
