#include "domain/invoice_codec.h"

#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "domain/value_codec.h"
#include "schemas/events/invoices_generated.h"

namespace daybook {
namespace {

template <class C>
void visit_members(C& codec, auto& invoice) {
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
  for (auto* at : {&invoice.due_date, &invoice.finalized_at, &invoice.paid_at, &invoice.voided_at,
                   &invoice.uncollectible_at, &invoice.created_at, &invoice.updated_at}) {
    codec.number(*at);
  }
  codec.flag(invoice.is_overdue);
  visit_sealed(codec, invoice.reason);
  visit_sealed(codec, invoice.metadata);
  codec.number(invoice.version);
}

}  // namespace

void encode(ByteWriter& codec, const Invoice& invoice) {
  visit_members(codec, invoice);
  codec.number(static_cast<std::uint32_t>(invoice.lines.size()));
  for (const auto& line : invoice.lines) visit_table<schema::InvoiceLine>(codec, line);
  codec.flag(invoice.figures != nullptr);
  if (invoice.figures) visit_table<schema::InvoiceFigures>(codec, invoice.figures);
  codec.number(static_cast<std::uint32_t>(invoice.credits.size()));
  for (const Draw& credit : invoice.credits) {
    visit_id(codec, credit.grant);
    codec.number(credit.amount);
  }
}

bool decode(ByteReader& codec, Invoice& invoice) {
  visit_members(codec, invoice);
  std::uint32_t count = 0;
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
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
  return codec.ok();
}

}  // namespace daybook
