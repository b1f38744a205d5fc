// Credit notes: issued for parts of an open or a paid invoice, voided while nothing has come of them.
#include <algorithm>
#include <utility>

#include "domain/deciders/credit_note_issue.h"
#include "domain/deciders/handlers.h"
#include "domain/deciders/invoice_entry.h"
#include "domain/tables.h"
#include "schemas/events/credit_notes_generated.h"
#include "schemas/events/invoices_generated.h"

namespace daybook {
namespace {

CreditNoteParts parts_of(const IssueCreditNote& command, const AccountState& account, const Invoice& invoice) {
  const CreditableInvoice creditable = creditable_now(account, invoice).invoice;
  if (!command.lines.empty()) return parts_of_lines(invoice, creditable, command.lines);
  const std::int64_t amount = command.amount.value_or(amount_left(creditable));
  if (amount > 0) return parts_of_amount(creditable, amount);
  const std::int64_t left = amount_left(creditable);
  if (command.amount) return {{}, {}, must_be("/amount", "more than 0", {{"remaining", left}})};
  return {{}, {}, {RejectionCode::credit_exceeds_invoice, {}, {{"remaining", left}}}};
}

/// Whether something of the lines that the note credits was given back after it, and so of less than was billed.
bool is_built_on(const AccountState& account, const CreditNote& note) {
  const auto has_line = [&](std::uint32_t number) {
    const auto& lines = note.document->lines;
    return std::any_of(lines.begin(), lines.end(), [&](const auto& line) { return line->number == number; });
  };
  const auto& parts = account.given_back.all();
  const bool is_given = std::any_of(parts.begin(), parts.end(), [&](const GivenBackPart& part) {
    return part.invoice == note.invoice && note.id < part.by && has_line(part.line);
  });
  if (is_given) return true;
  for (const auto& [id, subscription] : account.subscriptions()) {
    for (const auto& line : subscription.waiting) {
      if (line->credits && line->credits->invoice == note.invoice && has_line(line->credits->number)) return true;
    }
  }
  return false;
}

Decision refuse_void(const CreditNote& note) {
  return reject(RejectionCode::invalid_transition, {},
                {{"from", std::string(to_text(note.status))},
                 {"to", std::string(to_text(CreditNoteStatus::voided))},
                 {"allowed", std::string()}});
}

}  // namespace

Decision handle(const AccountState& account, const IssueCreditNote& command, const DecisionContext& context) {
  const Invoice* invoice = account.find_invoice(command.invoice);
  if (invoice == nullptr) return reject(RejectionCode::not_found, "/invoice_id");
  Rejection refusal = check_correctable(account, *invoice);
  if (refusal.code != RejectionCode::none) return reject(std::move(refusal));
  if (!command.lines.empty() && command.amount) return reject(must_be("/amount", "left out where there are lines"));
  const Invoice now = account.with_credit_notes(*invoice);
  CreditNoteParts parts = parts_of(command, account, now);
  if (parts.rejection.code != RejectionCode::none) return reject(std::move(parts.rejection));
  CreditNoteRequest request;
  request.invoice = &now;
  request.reason = command.reason;
  request.memo = command.memo;
  Decision decision;
  IssuedCreditNote issued = issue_credit_note(decision, account, request, parts, context);
  if (issued.rejection.code != RejectionCode::none) return reject(std::move(issued.rejection));
  decision.subject = {SubjectKind::credit_note, issued.id};
  return decision;
}

Decision handle(const AccountState& account, const VoidCreditNote& command, const DecisionContext& context) {
  const CreditNote* note = account.find_credit_note(command.credit_note);
  if (note == nullptr) return reject(RejectionCode::not_found);
  if (note->is_final || is_built_on(account, *note)) return refuse_void(*note);
  const schema::CreditNoteIssuedT& document = *note->document;
  if (document.due_reduction != 0) {
    Rejection refusal = check_no_payment(*account.find_invoice(note->invoice));
    if (refusal.code != RejectionCode::none) return reject(std::move(refusal));
  }
  Rejection ceiling = check_ceiling(context.role, document.total, {});
  if (ceiling.code != RejectionCode::none) return reject(std::move(ceiling));
  if (!is_amount(account.receivable() + document.due_reduction)) return reject(RejectionCode::amount_out_of_range);
  schema::CreditNoteVoidedT event;
  event.credit_note = note->id;
  event.account_id = account.details.id;
  event.invoice = note->invoice;
  event.void_reason = to_table(command.reason.sealed);
  event.postings = to_table(entry_of(sums_of(document), note->currency));
  Decision decision = shows(SubjectKind::credit_note, note->id);
  decision.events.push_back(PendingEvent::of(std::move(event)));
  if (document.credit_amount != 0) {
    decision.events.push_back(credit_voided(account, *account.find_grant(document.credit), {}));
  }
  return decision;
}

}  // namespace daybook
