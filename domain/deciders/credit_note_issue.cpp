#include "domain/deciders/credit_note_issue.h"

#include <algorithm>
#include <utility>

#include "domain/deciders/handlers.h"
#include "domain/deciders/invoice_entry.h"
#include "domain/deciders/invoice_figures.h"
#include "domain/deciders/invoice_finalize.h"
#include "domain/tables.h"
#include "schemas/events/credit_notes_generated.h"

namespace daybook {
namespace {

struct TotalsOfNotes {
  std::int64_t total = 0;
  std::int64_t recovered = 0;
};

TotalsOfNotes totals_of_notes(const Invoice& invoice) {
  TotalsOfNotes sums;
  for (const CreditNoteShare& note : invoice.credit_notes) {
    sums.total += note.total;
    sums.recovered += note.write_off_recovery;
  }
  return sums;
}

schema::CreditNoteIssuedT document_of(const Invoice& invoice, const CreditNoteTotals& totals,
                                      const CreditNoteParts& parts) {
  schema::CreditNoteIssuedT event;
  for (std::size_t i = 0; i < totals.lines.size(); ++i) {
    const CreditNoteLine& line = totals.lines[i];
    auto row = std::make_unique<schema::CreditNoteLineT>();
    row->number = invoice.lines[line.line]->number;
    row->amount = line.amount;
    row->discount = line.discount;
    row->net = line.net;
    row->tax = line.tax;
    row->quantity = parts.quantities[i];
    event.discount += line.discount;
    event.lines.push_back(std::move(row));
  }
  for (const CreditNoteGroup& group : totals.groups) {
    const auto row = static_cast<std::uint32_t>(group.group);
    event.taxes.push_back(tax_row(invoice, row, group.base, group.tax));
  }
  event.net = totals.net;
  event.tax = totals.tax;
  event.total = totals.total;
  return event;
}

IssuedCreditNote refuse(Rejection rejection) {
  return {{}, 0, 0, std::move(rejection)};
}

Rejection check_limits(const AccountState& account, const Invoice& invoice) {
  if (invoice.credit_notes.size() >= corrections_per_invoice_max) {
    return over_limit("credit notes of an invoice", corrections_per_invoice_max);
  }
  if (account.credit_notes().size() >= voidable_notes_max) {
    return over_limit("credit notes of an account that could be voided", voidable_notes_max);
  }
  if (account.credited_invoices().size() >= credited_invoices_max) {
    return over_limit("paid invoices of an account with credit notes", credited_invoices_max);
  }
  return {};
}

/// What refunds that are pending will credit of the invoice.
std::int64_t refunding(const AccountState& account, const Invoice& invoice, EntityRef except) {
  std::int64_t sum = 0;
  for (const auto& [id, refund] : account.refunds()) {
    if (refund.is_open() && refund.invoice == invoice.id && id != except) sum += refund.amount;
  }
  return sum;
}

}  // namespace

std::int64_t creditable_total(const AccountState& account, const Invoice& invoice, const CreditableNow& creditable,
                              EntityRef except) {
  return invoice.total - totals_of_notes(invoice).total - creditable.given_back - refunding(account, invoice, except);
}

Rejection check_correctable(const AccountState& account, const Invoice& invoice) {
  if (!account.given_back.is_known(invoice.id)) {
    return over_limit("parts of an account's invoices that later ones gave back", GivenBack::parts_max);
  }
  if (invoice.status == InvoiceStatus::open || invoice.status == InvoiceStatus::paid) return check_no_payment(invoice);
  return {RejectionCode::invoice_not_creditable, {}, {{"invoice_status", std::string(to_text(invoice.status))}}};
}

std::unique_ptr<schema::CreditNoteTaxT> tax_row(const Invoice& invoice, std::uint32_t row, std::int64_t base,
                                                std::int64_t tax) {
  const schema::InvoiceTaxT& of_invoice = *invoice.figures->taxes[row];
  auto table = std::make_unique<schema::CreditNoteTaxT>();
  table->row = row;
  table->category = of_invoice.category;
  table->jurisdiction = of_invoice.jurisdiction;
  table->name = of_invoice.name;
  table->percent = of_invoice.percent;
  table->base = base;
  table->tax = tax;
  return table;
}

IssuedCreditNote issue_credit_note(Decision& decision, const AccountState& account, const CreditNoteRequest& request,
                                   const CreditNoteParts& parts, const DecisionContext& context) {
  const Invoice& invoice = *request.invoice;
  const CreditableNow creditable = creditable_now(account, invoice);
  const bool is_refund = !request.refund.is_none();
  const auto totals =
      credit_note(creditable.invoice, parts.parts, is_refund ? std::optional(request.refund_total) : std::nullopt);
  // GCOVR_EXCL_BR_START: only fractions that need more than 256 bits
  if (!totals) return refuse({RejectionCode::amount_out_of_range, "/lines", {}});
  // GCOVR_EXCL_BR_STOP
  if (totals->total <= 0) return refuse(must_be({}, "of lines that come to more than 0", {{"total", totals->total}}));
  std::int64_t left = creditable_total(account, invoice, creditable, request.refund);
  if (request.only_due && invoice.status == InvoiceStatus::open) left = std::min(left, invoice.amount_remaining());
  if (totals->total > left) {
    return refuse({RejectionCode::credit_exceeds_invoice, {}, {{"remaining", left}, {"total", totals->total}}});
  }
  Rejection ceiling = check_ceiling(context.role, totals->total, {});
  if (ceiling.code != RejectionCode::none) return refuse(std::move(ceiling));
  Rejection limit = check_limits(account, invoice);
  if (limit.code != RejectionCode::none) return refuse(std::move(limit));
  CreditNoteEffect effect;
  if (!is_refund) effect = credit_note_effect(totals->total, invoice.amount_remaining());
  const std::int64_t recovered = std::min(effect.excess, invoice.written_off - totals_of_notes(invoice).recovered);
  const std::int64_t credited = effect.excess - recovered;
  Rejection no_room = credited != 0 ? check_room(account, invoice.currency, credited) : Rejection();
  if (no_room.code != RejectionCode::none) return refuse(std::move(no_room));

  const EntityRef id = context.new_id(decision.events.size());
  const EntityRef credit = context.new_id(decision.events.size() + 1);
  const DocumentNumber number =
      next_number(context.book->policies.credit_note_numbering, context.book->credit_note_numbers, context.now);
  schema::CreditNoteIssuedT event = document_of(invoice, *totals, parts);
  event.credit_note = id;
  event.account_id = account.details.id;
  event.currency = invoice.currency.packed;
  event.invoice = invoice.id;
  event.invoice_number = invoice.number;
  event.series = number.series;
  event.sequence = number.sequence;
  event.number = number.text;
  event.kind = request.is_discount ? schema::CreditNoteKind::discount : schema::CreditNoteKind::credit;
  event.due_reduction = effect.lowers_due;
  event.write_off_recovery = recovered;
  event.credit_amount = credited;
  if (credited != 0) event.credit = credit;
  if (is_refund) event.refund_amount = totals->total;
  event.refund = request.refund;
  event.adjustment = request.adjustment;
  event.reason = to_table(request.reason.sealed);
  event.memo = to_table(request.memo.sealed);
  event.postings = to_table(entry_of(-sums_of(event), invoice.currency));
  decision.events.push_back(PendingEvent::of(std::move(event)));
  if (credited != 0) {
    IssueCredit issue;
    issue.amount = credited;
    issue.currency = invoice.currency;
    issue.type = CreditType::adjustment;
    issue.reason = request.reason;
    decision.events.push_back(credit_issued(account, issue, credit, context.now));
  }
  if (invoice.status == InvoiceStatus::open && !is_refund && effect.lowers_due == invoice.amount_remaining()) {
    decision.events.push_back(invoice_paid(account, invoice, schema::SettlementCause::credit_note));
  }
  schema::CreditNoteNumberAssignedT assigned;
  assigned.series = number.series;
  assigned.sequence = number.sequence;
  assigned.number = number.text;
  assigned.credit_note = id;
  assigned.account_id = account.details.id;
  decision.book_events.push_back(PendingEvent::of(std::move(assigned)));
  return {id, totals->tax, totals->total, {}};
}

}  // namespace daybook
