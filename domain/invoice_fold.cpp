#include "domain/invoice_fold.h"

#include <algorithm>

#include "domain/assert.h"
#include "domain/tables.h"
#include "schemas/events/credits_generated.h"
#include "schemas/events/invoices_generated.h"

namespace daybook {
namespace {

void add_line(Invoice& invoice, const schema::InvoiceLine* line) {
  ensure(line != nullptr, "an event of an invoice without its line");
  auto copy = std::make_shared<schema::InvoiceLineT>();
  line->UnPackTo(copy.get());
  ensure(copy->number > invoice.last_line, "a line's number twice in one invoice");
  invoice.last_line = copy->number;
  invoice.subtotal += copy->amount;
  invoice.lines.push_back(std::move(copy));
}

}  // namespace

std::string_view to_text(InvoiceStatus status) {
  switch (status) {
    case InvoiceStatus::draft:
      return "draft";
    case InvoiceStatus::open:
      return "open";
    case InvoiceStatus::paid:
      return "paid";
    case InvoiceStatus::voided:
      return "void";
    case InvoiceStatus::uncollectible:
      return "uncollectible";
  }
  bug("a status of an invoice without a name");
}

bool Invoice::operator==(const Invoice& other) const {
  const auto same = [](const auto& a, const auto& b) { return a == b || (a && b && *a == *b); };
  return id == other.id && currency == other.currency && status == other.status &&
         billing_reason == other.billing_reason && net_days == other.net_days && subscription == other.subscription &&
         collects_automatically == other.collects_automatically && tax_inclusive == other.tax_inclusive &&
         series == other.series && sequence == other.sequence && number == other.number &&
         std::equal(lines.begin(), lines.end(), other.lines.begin(), other.lines.end(), same) &&
         last_line == other.last_line && subtotal == other.subtotal && same(figures, other.figures) &&
         total == other.total && credits == other.credits && credit_applied == other.credit_applied &&
         credit_notes == other.credit_notes && adjustments == other.adjustments && credited_due == other.credited_due &&
         surcharged == other.surcharged && written_off == other.written_off && amount_paid == other.amount_paid &&
         payment_attempts == other.payment_attempts && payment == other.payment &&
         is_collecting == other.is_collecting && due_date == other.due_date && finalized_at == other.finalized_at &&
         paid_at == other.paid_at && voided_at == other.voided_at && uncollectible_at == other.uncollectible_at &&
         is_overdue == other.is_overdue && reason == other.reason && metadata == other.metadata &&
         created_at == other.created_at && updated_at == other.updated_at && version == other.version;
}

Invoice drafted_invoice(const schema::InvoiceDrafted& event, const EventMoment& moment) {
  Invoice invoice;
  invoice.id = entity(event.invoice());
  invoice.currency = Currency{event.currency()};
  invoice.billing_reason = static_cast<std::uint8_t>(event.billing_reason());
  invoice.net_days = event.net_days();
  invoice.subscription = entity(event.subscription());
  invoice.collects_automatically = event.collects_automatically();
  invoice.tax_inclusive = event.tax_inclusive();
  if (event.lines()) {
    for (const schema::InvoiceLine* line : *event.lines()) add_line(invoice, line);
  }
  invoice.metadata = from_table(event.metadata());
  invoice.created_at = moment.at;
  touch(invoice, moment);
  return invoice;
}

void fold(Invoice& invoice, const schema::InvoiceLineAdded& event, const EventMoment& moment) {
  add_line(invoice, event.line());
  touch(invoice, moment);
}

void fold(Invoice& invoice, const schema::InvoiceLineRemoved& event, const EventMoment& moment) {
  const auto gone = std::find_if(invoice.lines.begin(), invoice.lines.end(),
                                 [&](const auto& line) { return line->number == event.number(); });
  ensure(gone != invoice.lines.end(), "a line removed from an invoice that does not have it");
  invoice.subtotal -= (*gone)->amount;
  invoice.lines.erase(gone);
  touch(invoice, moment);
}

void fold(Invoice& invoice, const schema::InvoiceFinalized& event, const EventMoment& moment) {
  ensure(event.figures() != nullptr, "an invoice finalised without its figures");
  invoice.status = InvoiceStatus::open;
  invoice.series = text(event.series());
  invoice.sequence = event.sequence();
  invoice.number = text(event.number());
  auto figures = std::make_shared<schema::InvoiceFiguresT>();
  event.figures()->UnPackTo(figures.get());
  invoice.total = figures->total;
  invoice.figures = std::move(figures);
  invoice.due_date = instant(event.due_date());
  invoice.finalized_at = moment.at;
  touch(invoice, moment);
}

void fold(Invoice& invoice, const schema::InvoicePaid&, const EventMoment& moment) {
  invoice.status = InvoiceStatus::paid;
  invoice.paid_at = moment.at;
  touch(invoice, moment);
}

void fold(Invoice& invoice, const schema::InvoiceVoided& event, const EventMoment& moment) {
  invoice.status = InvoiceStatus::voided;
  invoice.voided_at = moment.at;
  invoice.reason = from_table(event.reason());
  touch(invoice, moment);
}

void fold(Invoice& invoice, const schema::InvoiceMarkedUncollectible& event, const EventMoment& moment) {
  invoice.status = InvoiceStatus::uncollectible;
  invoice.uncollectible_at = moment.at;
  invoice.reason = from_table(event.reason());
  touch(invoice, moment);
}

void fold(Invoice& invoice, const schema::InvoiceBecameOverdue&, const EventMoment& moment) {
  invoice.is_overdue = true;
  touch(invoice, moment);
}

void fold(Invoice& invoice, const schema::CreditApplied& event, const EventMoment& moment) {
  const std::int64_t amount = event.amount()->minor();
  invoice.credits.push_back({entity(event.credit()), amount});
  invoice.credit_applied += amount;
  ensure(invoice.amount_due() >= 0, "more credit applied to an invoice than is due");
  touch(invoice, moment);
}

void fold(Invoice& invoice, const schema::CreditReturned& event, const EventMoment& moment) {
  const Draw returned{entity(event.credit()), event.amount()->minor()};
  const auto gone = std::find(invoice.credits.begin(), invoice.credits.end(), returned);
  ensure(gone != invoice.credits.end(), "a credit returned that was not applied");
  invoice.credits.erase(gone);
  invoice.credit_applied -= returned.amount;
  touch(invoice, moment);
}

}  // namespace daybook
