// Invoices: drafted by hand, edited, finalised, voided, written off. Each goes the ways of its states and no others:
// draft to open or void, open to paid, void or uncollectible.
#include <algorithm>
#include <utility>

#include "domain/deciders/handlers.h"
#include "domain/deciders/invoice_entry.h"
#include "domain/deciders/invoice_figures.h"
#include "domain/deciders/invoice_finalize.h"
#include "domain/rules/pricing.h"
#include "domain/tables.h"
#include "schemas/events/credits_generated.h"
#include "schemas/events/invoices_generated.h"

namespace daybook {
namespace {

/// A line as the event has it, or what is wrong with it; `at` is its own pointer.
struct CheckedLine {
  std::unique_ptr<schema::InvoiceLineT> line;
  Rejection fault;
};

CheckedLine check_line(const InvoiceLineInput& input, std::uint32_t number, const std::string& at, Rounding rounding) {
  const auto wrong = [&](std::string_view member, std::string_view expected) {
    return CheckedLine{nullptr, must_be(at + std::string(member), expected)};
  };
  const std::optional<Rational> quantity = parse_decimal(input.quantity, quantity_places_max);
  if (!quantity || !valid_quantity(*quantity)) return wrong("/quantity", "0 or more with at most 9 decimals");
  const std::optional<Rational> unit_amount = parse_decimal(input.unit_amount, unit_amount_places_max);
  if (!unit_amount) return wrong("/unit_amount", "minor units with at most 12 decimals");
  const auto amount = exactly([&] { return round(*quantity * *unit_amount, rounding); });
  if (!amount || !is_amount(*amount)) return {nullptr, {RejectionCode::amount_out_of_range, at + "/unit_amount", {}}};
  if (input.period_start.has_value() != input.period_end.has_value()) {
    return wrong("/period", "both start and end");
  }
  if (input.period_start && *input.period_end <= *input.period_start) {
    return wrong("/period/end", "after its start");
  }
  auto line = std::make_unique<schema::InvoiceLineT>();
  line->number = number;
  line->description = to_table(input.description.sealed);
  line->quantity = input.quantity;
  line->unit_amount = input.unit_amount;
  line->amount = *amount;
  line->rounding = static_cast<schema::Rounding>(rounding);
  line->period_start = input.period_start.value_or(never);
  line->period_end = input.period_end.value_or(never);
  return {std::move(line), {}};
}

/// What paid for a voided invoice is credit again; what of it has expired meanwhile expires now.
/// What was paid for the invoice and has not gone back.
std::int64_t paid_and_kept(const Invoice& invoice) {
  std::int64_t kept = invoice.amount_paid;
  for (const CreditNoteShare& note : invoice.credit_notes) kept -= note.refund_amount;
  return kept;
}

void return_credits(Decision& decision, const AccountState& account, const Invoice& invoice, Instant now) {
  for (const Draw& draw : invoice.credits) {
    const Money amount{draw.amount, invoice.currency};
    schema::CreditReturnedT event;
    event.credit = draw.grant;
    event.account_id = account.details.id;
    event.invoice = invoice.id;
    event.amount = amount;
    event.postings = transfer(LedgerAccount::receivable, LedgerAccount::customer_credit, amount);
    decision.events.push_back(PendingEvent::of(std::move(event)));
  }
  for (const Draw& draw : invoice.credits) {
    const Grant& grant = *account.find_grant(draw.grant);
    if (grant.expires_at <= now) decision.events.push_back(credit_expired(account, grant, draw.amount));
  }
}

}  // namespace

Decision handle(const AccountState& account, const DraftInvoice& command, const DecisionContext& context) {
  if (account.open_invoices() >= open_invoices_max) {
    return limit_reached("drafts and open invoices of an account", open_invoices_max);
  }
  const EntityRef id = context.new_id();
  schema::InvoiceDraftedT event;
  event.invoice = id;
  event.account_id = account.details.id;
  event.currency = account.details.currency.packed;
  event.collects_automatically = command.collection == InvoiceCollection::automatic;
  const std::int32_t usual = event.collects_automatically ? 0 : context.book->policies.net_days.manual;
  event.net_days = static_cast<std::uint16_t>(command.net_days.value_or(usual));
  event.metadata = to_table(command.metadata.sealed);
  std::int64_t subtotal = 0;
  for (const InvoiceLineInput& input : command.lines) {
    const std::string at = "/lines/" + std::to_string(event.lines.size());
    CheckedLine checked =
        check_line(input, static_cast<std::uint32_t>(event.lines.size() + 1), at, context.book->policies.rounding);
    if (!checked.line) return reject(std::move(checked.fault));
    subtotal += checked.line->amount;
    if (!is_amount(subtotal)) return reject(RejectionCode::amount_out_of_range, at + "/unit_amount");
    event.lines.push_back(std::move(checked.line));
  }
  Decision decision = shows(SubjectKind::invoice, id);
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

Decision handle(const AccountState& account, const AddInvoiceLine& command, const DecisionContext& context) {
  const Invoice* invoice = account.find_invoice(command.invoice);
  if (invoice == nullptr) return reject(RejectionCode::not_found);
  if (invoice->status != InvoiceStatus::draft) return reject(RejectionCode::invoice_locked);
  if (invoice->lines.size() >= invoice_lines_max) return limit_reached("lines of an invoice", invoice_lines_max);
  CheckedLine checked = check_line(command.line, invoice->last_line + 1, "", context.book->policies.rounding);
  if (!checked.line) return reject(std::move(checked.fault));
  if (!is_amount(invoice->subtotal + checked.line->amount)) {
    return reject(RejectionCode::amount_out_of_range, "/unit_amount");
  }
  Decision decision = shows(SubjectKind::invoice, invoice->id);
  schema::InvoiceLineAddedT event;
  event.invoice = invoice->id;
  event.account_id = account.details.id;
  event.currency = invoice->currency.packed;
  event.line = std::move(checked.line);
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

Decision handle(const AccountState& account, const RemoveInvoiceLine& command, const DecisionContext&) {
  const Invoice* invoice = account.find_invoice(command.invoice);
  if (invoice == nullptr) return reject(RejectionCode::not_found);
  if (invoice->status != InvoiceStatus::draft) return reject(RejectionCode::invoice_locked);
  const bool has_line = std::any_of(invoice->lines.begin(), invoice->lines.end(),
                                    [&](const auto& line) { return line->number == command.number; });
  if (!has_line) return reject(RejectionCode::not_found, "/number");
  Decision decision = shows(SubjectKind::invoice, invoice->id);
  schema::InvoiceLineRemovedT event;
  event.invoice = invoice->id;
  event.account_id = account.details.id;
  event.number = static_cast<std::uint32_t>(command.number);
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

Decision handle(const AccountState& account, const FinalizeInvoice& command, const DecisionContext& context) {
  const Invoice* invoice = account.find_invoice(command.invoice);
  if (invoice == nullptr) return reject(RejectionCode::not_found);
  if (invoice->status != InvoiceStatus::draft) return refuse_transition(*invoice, InvoiceStatus::open);
  if (invoice->lines.empty()) return reject(must_be("/lines", "more than none"));
  std::optional<schema::InvoiceFiguresT> figures = figures_of(*invoice, account, account.discounts, context);
  if (!figures || !is_amount(account.receivable() + figures->total)) {
    return reject(RejectionCode::amount_out_of_range, "/lines");
  }
  if (figures->total < 0) return reject(must_be("/lines", "of a sum of 0 or more", {{"total", figures->total}}));
  Decision decision = shows(SubjectKind::invoice, invoice->id);
  finalize(decision, account, *invoice, std::move(*figures), context);
  return decision;
}

Decision handle(const AccountState& account, const VoidInvoice& command, const DecisionContext& context) {
  const Invoice* invoice = account.find_invoice(command.invoice);
  if (invoice == nullptr) return reject(RejectionCode::not_found);
  if (invoice->status == InvoiceStatus::paid) return reject(RejectionCode::refund_first);
  const bool is_open = invoice->status == InvoiceStatus::open;
  if (account.billed.is_given_back(invoice->id)) {
    return reject(RejectionCode::invalid_transition, {},
                  {{"from", std::string(to_text(invoice->status))},
                   {"to", std::string(to_text(InvoiceStatus::voided))},
                   {"allowed", std::string("paid, uncollectible")},
                   {"reason", std::string("a change has given a part of it back")}});
  }
  if (!is_open && invoice->status != InvoiceStatus::draft) return refuse_transition(*invoice, InvoiceStatus::voided);
  Rejection refusal = check_no_payment(*invoice);
  if (refusal.code != RejectionCode::none) return reject(std::move(refusal));
  Decision decision = shows(SubjectKind::invoice, invoice->id);
  schema::InvoiceVoidedT event;
  event.invoice = invoice->id;
  event.account_id = account.details.id;
  event.reason = to_table(command.reason.sealed);
  if (is_open) event.postings = to_table(entry_of(-sums_left(*invoice), invoice->currency));
  const std::int64_t paid = paid_and_kept(*invoice);
  if (paid != 0) refusal = check_room(account, invoice->currency, paid);
  if (refusal.code != RejectionCode::none) return reject(std::move(refusal));
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return_credits(decision, account, *invoice, context.now);
  if (paid != 0) {
    IssueCredit issue;
    issue.amount = paid;
    issue.currency = invoice->currency;
    issue.type = CreditType::invoice_void;
    const EntityRef id = context.new_id(decision.events.size());
    decision.events.push_back(credit_issued(account, issue, id, context.now, LedgerAccount::receivable));
  }
  return decision;
}

Decision handle(const AccountState& account, const MarkInvoiceUncollectible& command, const DecisionContext&) {
  const Invoice* invoice = account.find_invoice(command.invoice);
  if (invoice == nullptr) return reject(RejectionCode::not_found);
  if (invoice->status != InvoiceStatus::open) return refuse_transition(*invoice, InvoiceStatus::uncollectible);
  Rejection refusal = check_no_payment(*invoice);
  if (refusal.code != RejectionCode::none) return reject(std::move(refusal));
  Decision decision = shows(SubjectKind::invoice, invoice->id);
  const Money amount{invoice->amount_remaining(), invoice->currency};
  schema::InvoiceMarkedUncollectibleT event;
  event.invoice = invoice->id;
  event.account_id = account.details.id;
  event.amount = amount;
  event.reason = to_table(command.reason.sealed);
  event.postings = transfer(LedgerAccount::write_offs, LedgerAccount::receivable, amount);
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

Decision handle(const AccountState& account, const SendInvoice& command, const DecisionContext&) {
  const Invoice* invoice = account.find_invoice(command.invoice);
  if (invoice == nullptr) return reject(RejectionCode::not_found);
  if (invoice->status == InvoiceStatus::draft || invoice->status == InvoiceStatus::voided) {
    return refuse_transition(*invoice, "sent");
  }
  Decision decision = shows(SubjectKind::invoice, invoice->id);
  schema::InvoiceSentT event;
  event.invoice = invoice->id;
  event.account_id = account.details.id;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

PendingEvent invoice_became_overdue(const AccountState& account, const Invoice& invoice) {
  schema::InvoiceBecameOverdueT event;
  event.invoice = invoice.id;
  event.account_id = account.details.id;
  event.due_date = invoice.due_date;
  event.amount = {invoice.amount_remaining(), invoice.currency};
  return PendingEvent::of(std::move(event));
}

}  // namespace daybook
