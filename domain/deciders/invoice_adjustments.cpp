// Adjustments of invoices. A discount and a credit are credit notes, which they name; a surcharge is owed with its tax
// by the invoice's own rates; a write-off is not owed any more.
#include <algorithm>
#include <utility>

#include "domain/assert.h"
#include "domain/deciders/credit_note_issue.h"
#include "domain/deciders/handlers.h"
#include "domain/deciders/invoice_entry.h"
#include "domain/deciders/invoice_finalize.h"
#include "domain/rules/invoice_arithmetic.h"
#include "domain/tables.h"
#include "schemas/events/credit_notes_generated.h"

namespace daybook {
namespace {

schema::InvoiceAdjustedT document_of(const AccountState& account, const Invoice& invoice, const AdjustInvoice& command,
                                     EntityRef id) {
  schema::InvoiceAdjustedT event;
  event.adjustment = id;
  event.account_id = account.details.id;
  event.currency = invoice.currency.packed;
  event.invoice = invoice.id;
  event.type = static_cast<schema::AdjustmentType>(command.type);
  event.line = static_cast<std::uint32_t>(command.line.value_or(0));
  event.amount = command.amount;
  event.reason = to_table(command.reason.sealed);
  return event;
}

Decision accepted(schema::InvoiceAdjustedT event) {
  Decision decision = shows(SubjectKind::adjustment, event.adjustment);
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

/// The taxes of the line, or of all lines where they are taxed alike; nothing where they are not.
std::optional<std::vector<std::uint32_t>> tax_rows_of(const Invoice& invoice, std::optional<std::size_t> line) {
  const auto& lines = invoice.figures->lines;
  const std::vector<std::uint32_t>& rows = lines[line.value_or(0)]->tax_rows;
  const bool are_alike =
      line || std::all_of(lines.begin(), lines.end(), [&](const auto& one) { return one->tax_rows == rows; });
  return are_alike ? std::optional(rows) : std::nullopt;
}

/// A discount or a credit: the adjustment, then the credit note that does it.
Decision give_back(const AccountState& account, const Invoice& invoice, const AdjustInvoice& command,
                   std::optional<std::size_t> line, const DecisionContext& context) {
  CreditNoteParts parts = parts_of_amount(creditable_now(account, invoice).invoice, command.amount, line);
  if (parts.rejection.code != RejectionCode::none) return reject(std::move(parts.rejection));
  CreditNoteRequest request;
  request.invoice = &invoice;
  request.is_discount = command.type == AdjustmentType::discount;
  request.only_due = true;
  request.adjustment = context.new_id();
  request.reason = command.reason;
  Decision decision = accepted(document_of(account, invoice, command, request.adjustment));
  IssuedCreditNote issued = issue_credit_note(decision, account, request, parts, context);
  if (issued.rejection.code != RejectionCode::none) return reject(std::move(issued.rejection));
  // It comes before its credit note, whose sums it has.
  schema::InvoiceAdjustedT event = document_of(account, invoice, command, request.adjustment);
  event.tax = issued.tax;
  event.total = issued.total;
  event.credit_note = issued.id;
  decision.events.front() = PendingEvent::of(std::move(event));
  return decision;
}

Decision surcharge(const AccountState& account, const Invoice& invoice, const AdjustInvoice& command,
                   std::optional<std::size_t> line, const DecisionContext& context) {
  const auto rows = tax_rows_of(invoice, line);
  if (!rows) return reject(must_be("/line", "there: the invoice has lines that are taxed in several ways"));
  const CreditableInvoice rates = creditable_now(account, invoice).invoice;
  TaxableLine taxable;
  taxable.amount = command.amount;
  for (const std::uint32_t row : *rows) {
    taxable.treatment.category = rates.groups[row].category;
    if (!rates.groups[row].rate.name.empty()) taxable.treatment.rates.push_back(rates.groups[row].rate);
  }
  const auto taxed = compute_tax(std::span(&taxable, 1), rates.tax_basis, rates.rounding);
  const bool fits =
      taxed && is_amount(invoice.amount_remaining() + taxed->total) && is_amount(account.receivable() + taxed->total);
  if (!fits) return reject(RejectionCode::amount_out_of_range, "/amount");
  schema::InvoiceAdjustedT event = document_of(account, invoice, command, context.new_id());
  event.tax = taxed->tax;
  event.total = taxed->total;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    event.taxes.push_back(tax_row(invoice, (*rows)[i], taxed->groups[i].base, taxed->groups[i].tax));
  }
  const AdjustmentShare share{{}, false, event.tax, event.total};
  event.postings = to_table(entry_of(sums_of(share), invoice.currency));
  return accepted(std::move(event));
}

Decision write_off(const AccountState& account, const Invoice& invoice, const AdjustInvoice& command,
                   const DecisionContext& context) {
  if (command.line) return reject(must_be("/line", "left out: what is written off is of the whole invoice"));
  const std::int64_t remaining = invoice.amount_remaining();
  if (command.amount > remaining) {
    return reject(RejectionCode::credit_exceeds_invoice, "/amount", {{"remaining", remaining}});
  }
  schema::InvoiceAdjustedT event = document_of(account, invoice, command, context.new_id());
  event.total = command.amount;
  const AdjustmentShare share{{}, true, 0, event.total};
  event.postings = to_table(entry_of(sums_of(share), invoice.currency));
  Decision decision = accepted(std::move(event));
  if (command.amount == remaining)
    decision.events.push_back(invoice_paid(account, invoice, schema::SettlementCause::adjustment));
  return decision;
}

}  // namespace

Decision handle(const AccountState& account, const AdjustInvoice& command, const DecisionContext& context) {
  const Invoice* invoice = account.find_invoice(command.invoice);
  if (invoice == nullptr) return reject(RejectionCode::not_found, "/invoice_id");
  Rejection refusal = check_correctable(account, *invoice);
  const bool needs_open = command.type == AdjustmentType::surcharge || command.type == AdjustmentType::write_off;
  if (refusal.code == RejectionCode::none && needs_open && invoice->status != InvoiceStatus::open) {
    refusal = {
        RejectionCode::invoice_not_creditable, "/type", {{"invoice_status", std::string(to_text(invoice->status))}}};
  }
  if (refusal.code != RejectionCode::none) return reject(std::move(refusal));
  if (needs_open && invoice->adjustments.size() >= corrections_per_invoice_max) {
    return limit_reached("surcharges and write-offs of an invoice", corrections_per_invoice_max);
  }
  if (command.amount <= 0) return reject(must_be("/amount", "more than 0"));
  if (command.amount > amount_max) return reject(RejectionCode::amount_out_of_range, "/amount");
  const Invoice now = account.with_credit_notes(*invoice);
  std::optional<std::size_t> line;
  if (command.line) {
    line = index_of_line(now, *command.line);
    if (!line) return reject(RejectionCode::not_found, "/line");
  }
  switch (command.type) {
    case AdjustmentType::discount:
    case AdjustmentType::credit:
      return give_back(account, now, command, line, context);
    case AdjustmentType::surcharge:
      return surcharge(account, now, command, line, context);
    case AdjustmentType::write_off:
      return write_off(account, now, command, context);
  }
  bug("an adjustment of no type");
}

}  // namespace daybook
