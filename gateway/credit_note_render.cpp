// Credit notes and adjustments of invoices as JSON.
#include "domain/tables.h"
#include "gateway/command_fields.h"
#include "gateway/json_member.h"
#include "gateway/render.h"
#include "schemas/events/credit_notes_generated.h"

namespace daybook {
namespace {

Sealed clear_of(const std::unique_ptr<schema::SealedT>& sealed) {
  return sealed ? from_table(*sealed) : Sealed{};
}

void append_taxes(JsonText& json, const std::vector<std::unique_ptr<schema::CreditNoteTaxT>>& taxes) {
  json.key("taxes").begin_array();
  for (const auto& tax : taxes) {
    json.begin_object().member("category", name_of(tax_category_names, tax->category));
    member_or_null(json, "jurisdiction", tax->jurisdiction);
    member_or_null(json, "name", tax->name);
    member_or_null(json, "percent", tax->percent);
    json.member("base", tax->base).member("tax", tax->tax).end_object();
  }
  json.end_array();
}

}  // namespace

void append_credit_note(std::string& out, std::string_view account_id, const CreditNote& note, const Viewer& viewer) {
  const schema::CreditNoteIssuedT& document = *note.document;
  JsonText json(out);
  json.begin_object().member("object", "credit_note");
  id_member(json, "id", "cn", note.id, viewer);
  json.member("account_id", account_id);
  id_member(json, "invoice_id", "inv", note.invoice, viewer);
  json.member("invoice_number", document.invoice_number).member("series", document.series);
  json.member("number", document.number).member("status", to_text(note.status));
  json.member("kind", name_of(credit_note_kind_names, document.kind)).member("currency", code(note.currency));
  json.key("lines").begin_array();
  for (const auto& line : document.lines) {
    json.begin_object().member("line", line->number);
    decimal_or_null(json, "quantity", line->quantity);
    json.member("amount", line->amount).member("discount", line->discount).member("net", line->net);
    json.member("tax", line->tax).end_object();
  }
  json.end_array();
  append_taxes(json, document.taxes);
  json.member("discount", document.discount).member("net", document.net).member("tax", document.tax);
  json.member("total", document.total).member("due_reduction", document.due_reduction);
  json.member("write_off_recovery", document.write_off_recovery).member("credit_amount", document.credit_amount);
  id_member(json, "credit_id", "cr", document.credit, viewer);
  json.member("refund_amount", document.refund_amount);
  id_member(json, "refund_id", "re", document.refund, viewer);
  id_member(json, "adjustment_id", "adj", document.adjustment, viewer);
  sealed_member(json, "reason", clear_of(document.reason), viewer);
  sealed_member(json, "memo", clear_of(document.memo), viewer);
  sealed_member(json, "void_reason", note.void_reason, viewer);
  instant_member(json, "voided_at", note.voided_at);
  instant_member(json, "created_at", note.created_at);
  instant_member(json, "updated_at", note.updated_at);
  json.member("version", note.version).end_object();
}

void append_adjustment(std::string& out, std::string_view account_id, const InvoiceAdjustment& adjustment,
                       const Viewer& viewer) {
  const schema::InvoiceAdjustedT& document = *adjustment.document;
  JsonText json(out);
  json.begin_object().member("object", "invoice_adjustment");
  id_member(json, "id", "adj", adjustment.id, viewer);
  json.member("account_id", account_id);
  id_member(json, "invoice_id", "inv", adjustment.invoice, viewer);
  json.member("type", to_text(adjustment.type)).member("currency", code(adjustment.currency));
  number_or_null(json, "line", document.line != 0 ? std::optional(document.line) : std::nullopt);
  json.member("amount", document.amount).member("tax", document.tax).member("total", document.total);
  append_taxes(json, document.taxes);
  id_member(json, "credit_note_id", "cn", document.credit_note, viewer);
  sealed_member(json, "reason", clear_of(document.reason), viewer);
  instant_member(json, "created_at", adjustment.created_at);
  json.member("version", adjustment.version).end_object();
}

}  // namespace daybook
