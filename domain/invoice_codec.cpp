#include "domain/invoice_codec.h"

#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "domain/value_codec.h"
#include "schemas/events/invoices_generated.h"

namespace daybook {
namespace {

template <class C>
void visit_invoice_members(C& codec, auto& invoice) {
  visit_id(codec, invoice.id);
  codec.number(invoice.currency.packed);
  codec.number(invoice.status);
  codec.require(invoice.status >= InvoiceStatus::draft && invoice.status <= InvoiceStatus::uncollectible);
  codec.number(invoice.billing_reason);
  codec.number(invoice.net_days);
  visit_id(codec, invoice.subscription);
  codec.flag(invoice.collects_automatically);
  codec.flag(invoice.tax_inclusive);
  codec.text(invoice.series);
  codec.number(invoice.sequence);
  codec.text(invoice.number);
  codec.number(invoice.last_line);
  codec.number(invoice.subtotal);
  codec.number(invoice.total);
  codec.number(invoice.credit_applied);
  codec.number(invoice.credited_due);
  codec.number(invoice.surcharged);
  codec.number(invoice.written_off);
  codec.number(invoice.amount_paid);
  codec.number(invoice.payment_attempts);
  visit_id(codec, invoice.payment);
  codec.flag(invoice.is_collecting);
  for (auto* at : {&invoice.due_date, &invoice.finalized_at, &invoice.paid_at, &invoice.voided_at,
                   &invoice.uncollectible_at, &invoice.created_at, &invoice.updated_at}) {
    codec.number(*at);
  }
  codec.flag(invoice.is_overdue);
  visit_sealed(codec, invoice.reason);
  visit_sealed(codec, invoice.metadata);
  codec.number(invoice.version);
}

template <class C>
void visit_share(C& codec, auto& share) {
  visit_id(codec, share.note);
  codec.flag(share.is_discount);
  codec.number(share.discount);
  codec.number(share.tax);
  codec.number(share.total);
  codec.number(share.due_reduction);
  codec.number(share.write_off_recovery);
  codec.number(share.refund_amount);
}

template <class C>
void visit_line(C& codec, auto& line) {
  codec.number(line.number);
  codec.number(line.amount);
  codec.text(line.quantity);
}

template <class C>
void visit_adjustment(C& codec, auto& share) {
  visit_id(codec, share.adjustment);
  codec.flag(share.is_write_off);
  codec.number(share.tax);
  codec.number(share.total);
}

template <class C>
void visit_billed(C& codec, auto& billed) {
  visit_id(codec, billed.subscription);
  visit_id(codec, billed.invoice);
  codec.number(billed.amount);
  codec.flag(billed.tax_inclusive);
  codec.flag(billed.is_credited);
  visit_id(codec, billed.credited_by);
}

}  // namespace

void encode(ByteWriter& codec, const std::vector<CreditNoteShare>& shares) {
  codec.number(static_cast<std::uint32_t>(shares.size()));
  for (const CreditNoteShare& share : shares) {
    visit_share(codec, share);
    codec.number(static_cast<std::uint32_t>(share.lines.size()));
    for (const CreditNoteShare::Line& line : share.lines) visit_line(codec, line);
    codec.number(static_cast<std::uint32_t>(share.taxes.size()));
    for (const CreditNoteShare::Tax& tax : share.taxes) {
      codec.number(tax.row);
      codec.number(tax.tax);
    }
  }
}

bool decode(ByteReader& codec, std::vector<CreditNoteShare>& shares) {
  std::uint32_t count = 0, lines = 0, taxes = 0;
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    CreditNoteShare& share = shares.emplace_back();
    visit_share(codec, share);
    codec.number(lines);
    for (std::uint32_t line = 0; line < lines && codec.ok(); ++line) visit_line(codec, share.lines.emplace_back());
    codec.number(taxes);
    for (std::uint32_t tax = 0; tax < taxes && codec.ok(); ++tax) {
      codec.number(share.taxes.emplace_back().row);
      codec.number(share.taxes.back().tax);
    }
  }
  return codec.ok();
}

void encode(ByteWriter& codec, const Invoice& invoice) {
  visit_invoice_members(codec, invoice);
  codec.number(static_cast<std::uint32_t>(invoice.lines.size()));
  for (const auto& line : invoice.lines) visit_table<schema::InvoiceLine>(codec, line);
  codec.flag(invoice.figures != nullptr);
  if (invoice.figures) visit_table<schema::InvoiceFigures>(codec, invoice.figures);
  codec.number(static_cast<std::uint32_t>(invoice.credits.size()));
  for (const Draw& credit : invoice.credits) {
    visit_id(codec, credit.grant);
    codec.number(credit.amount);
  }
  encode(codec, invoice.credit_notes);
  codec.number(static_cast<std::uint32_t>(invoice.adjustments.size()));
  for (const AdjustmentShare& share : invoice.adjustments) visit_adjustment(codec, share);
}

bool decode(ByteReader& codec, Invoice& invoice) {
  visit_invoice_members(codec, invoice);
  std::uint32_t count = 0;
  codec.number(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!visit_table<schema::InvoiceLine>(codec, invoice.lines.emplace_back())) return false;
  }
  bool has_figures = false;
  codec.flag(has_figures);
  if (has_figures && !visit_table<schema::InvoiceFigures>(codec, invoice.figures)) return false;
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    Draw& credit = invoice.credits.emplace_back();
    visit_id(codec, credit.grant);
    codec.number(credit.amount);
  }
  if (!decode(codec, invoice.credit_notes)) return false;
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) visit_adjustment(codec, invoice.adjustments.emplace_back());
  return codec.ok();
}

void encode(ByteWriter& codec, const BilledCharge& billed) {
  visit_billed(codec, billed);
  visit_table<schema::InvoiceLine>(codec, billed.line);
  codec.number(static_cast<std::uint32_t>(billed.taxes.size()));
  for (const auto& tax : billed.taxes) visit_table<schema::InvoiceTax>(codec, tax);
}

bool decode(ByteReader& codec, BilledCharge& billed) {
  visit_billed(codec, billed);
  if (!visit_table<schema::InvoiceLine>(codec, billed.line)) return false;
  std::uint32_t count = 0;
  codec.number(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!visit_table<schema::InvoiceTax>(codec, billed.taxes.emplace_back())) return false;
  }
  return codec.ok();
}

}  // namespace daybook
