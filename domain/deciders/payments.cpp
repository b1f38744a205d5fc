// Payments: attempted when an invoice is finalised or somebody asks for it, one at a time for an invoice, and ended by
// what the provider says of them. A result that is known already changes nothing.
#include <algorithm>
#include <utility>

#include "domain/assert.h"
#include "domain/deciders/handlers.h"
#include "domain/deciders/invoice_finalize.h"
#include "domain/deciders/payment_collect.h"
#include "domain/tables.h"
#include "schemas/events/invoices_generated.h"
#include "schemas/events/payments_generated.h"

namespace daybook {
namespace {

PendingEvent unattempted(const AccountState& account, const Invoice& invoice, std::int64_t amount, EntityRef id) {
  schema::PaymentFailedT event;
  event.payment = id;
  event.account_id = account.details.id;
  event.invoice = invoice.id;
  event.amount = {amount, invoice.currency};
  event.attempt = invoice.payment_attempts + 1;
  event.code = no_payment_method_code;
  return PendingEvent::of(std::move(event));
}

/// For ever of this attempt: another ledger, and this one if it is set back and goes on otherwise, has another instant.
std::string provider_key(const Invoice& invoice, const PaymentMethod& method, const DecisionContext& context) {
  return format_id("inv", invoice.id) + "-" + format_id("pm", method.id) + "-" +
         std::to_string(invoice.payment_attempts + 1) + "-" + std::to_string(micros(context.now));
}

bool is_chargeable(const PaymentMethod& method) {
  return method.status != PaymentMethodStatus::failed;
}

PendingEvent attempted(const AccountState& account, const Invoice& invoice, const PaymentMethod& method,
                       std::int64_t amount, EntityRef id, const DecisionContext& context) {
  schema::PaymentAttemptedT event;
  event.payment = id;
  event.account_id = account.details.id;
  event.invoice = invoice.id;
  event.payment_method = method.id;
  event.amount = {amount, invoice.currency};
  event.attempt = invoice.payment_attempts + 1;
  event.provider = method.provider;
  if (!context.dry_run) event.provider_key = provider_key(invoice, method, context);
  event.token = to_table(method.token);
  return PendingEvent::of(std::move(event));
}

Decision attempt(const AccountState& account, const Invoice& invoice, const std::optional<EntityRef>& asked,
                 const DecisionContext& context) {
  const EntityRef id = asked.value_or(account.details.default_payment_method);
  const PaymentMethod* method = account.details.find_payment_method(id);
  if (asked && method == nullptr) return reject(RejectionCode::not_found, "/payment_method_id");
  if (method == nullptr || !is_chargeable(*method))
    return reject(RejectionCode::no_payment_method, asked ? "/payment_method_id" : "");
  Decision decision = shows(SubjectKind::payment, context.new_id());
  decision.events.push_back(
      attempted(account, invoice, *method, invoice.amount_collectible(), context.new_id(), context));
  return decision;
}

/// What every result tells of its payment.
template <class Event>
Event result_of(const AccountState& account, const Payment& payment, const RecordPaymentResult& result) {
  Event event;
  event.payment = payment.id;
  event.account_id = account.details.id;
  event.invoice = payment.invoice;
  event.provider_transaction_id = result.transaction_id;
  return event;
}

/// What was written off comes in after all: it was no loss. The tax on it stayed owed.
PendingEvent succeeded(const AccountState& account, const Invoice& invoice, const Payment& payment,
                       const RecordPaymentResult& result) {
  const Money amount{payment.amount, payment.currency};
  const bool is_late = invoice.status == InvoiceStatus::uncollectible;
  auto event = result_of<schema::PaymentSucceededT>(account, payment, result);
  event.amount = amount;
  event.postings =
      transfer(LedgerAccount::cash_clearing, is_late ? LedgerAccount::write_offs : LedgerAccount::receivable, amount);
  return PendingEvent::of(std::move(event));
}

PendingEvent failed(const AccountState& account, const Invoice& invoice, const Payment& payment,
                    const RecordPaymentResult& result) {
  auto event = result_of<schema::PaymentFailedT>(account, payment, result);
  event.amount = {payment.amount, payment.currency};
  event.attempt = payment.attempt;
  event.code = result.code;
  event.message = result.message;
  event.written_off = invoice.status == InvoiceStatus::uncollectible;
  return PendingEvent::of(std::move(event));
}

PendingEvent action_required(const AccountState& account, const Payment& payment, const RecordPaymentResult& result) {
  auto event = result_of<schema::PaymentActionRequiredT>(account, payment, result);
  event.action_url = result.action_url;
  return PendingEvent::of(std::move(event));
}

}  // namespace

void collect(Decision& decision, const AccountState& account, const Invoice& invoice, std::int64_t amount,
             const PaymentMethod* method, const DecisionContext& context) {
  const EntityRef id = context.new_id(decision.events.size());
  if (method == nullptr) method = account.details.find_payment_method(account.details.default_payment_method);
  if (method != nullptr && !is_chargeable(*method)) method = nullptr;
  decision.events.push_back(method != nullptr ? attempted(account, invoice, *method, amount, id, context)
                                              : unattempted(account, invoice, amount, id));
}

bool lacks_payment_method(const Decision& decision) {
  const std::uint8_t failure = PendingEvent::of(schema::PaymentFailedT{}).type();
  return std::any_of(decision.events.begin(), decision.events.end(),
                     [&](const PendingEvent& event) { return event.type() == failure; });
}

Rejection check_no_payment(const Invoice& invoice) {
  if (!invoice.is_collecting) return {};
  return {RejectionCode::payment_in_progress, {}, {{"payment", format_id("pay", invoice.payment)}}};
}

Decision handle(const AccountState& account, const AttemptPayment& command, const DecisionContext& context) {
  const Invoice* invoice = account.find_invoice(command.invoice);
  if (invoice == nullptr) return reject(RejectionCode::not_found, "/invoice_id");
  const bool is_payable = invoice->status == InvoiceStatus::open || invoice->status == InvoiceStatus::uncollectible;
  if (!is_payable) return refuse_transition(*invoice, InvoiceStatus::paid);
  Rejection refusal = check_no_payment(*invoice);
  if (refusal.code != RejectionCode::none) return reject(std::move(refusal));
  return attempt(account, *invoice, command.method, context);
}

Decision handle(const AccountState& account, const RetryPayment& command, const DecisionContext& context) {
  const Invoice* oldest = nullptr;
  for (const auto& [id, invoice] : account.invoices()) {
    if (invoice.amount_remaining() == 0) continue;
    const bool is_older = oldest == nullptr || invoice.due_date < oldest->due_date;
    if (is_older) oldest = &invoice;
  }
  if (oldest == nullptr) return reject(RejectionCode::nothing_owed);
  AttemptPayment attempt;
  attempt.invoice = oldest->id;
  attempt.method = command.method;
  return handle(account, attempt, context);
}

Decision handle(const AccountState& account, const RecordPaymentResult& command, const DecisionContext&) {
  const Payment* payment = account.find_payment(command.payment);
  if (payment == nullptr) return reject(RejectionCode::not_found);
  Decision decision = shows(SubjectKind::payment, payment->id);
  if (!payment->is_open()) return decision;
  const Invoice& invoice = *account.find_invoice(payment->invoice);
  switch (command.outcome) {
    case PaymentOutcome::succeeded:
      decision.events.push_back(succeeded(account, invoice, *payment, command));
      if (invoice.amount_collectible() == payment->amount) {
        decision.events.push_back(invoice_paid(account, invoice, schema::SettlementCause::payment));
      }
      return decision;
    case PaymentOutcome::failed:
      if (command.code.empty()) return reject(must_be("/code", "there for a payment that failed"));
      decision.events.push_back(failed(account, invoice, *payment, command));
      return decision;
    case PaymentOutcome::action_required:
      if (payment->status == PaymentStatus::pending) {
        decision.events.push_back(action_required(account, *payment, command));
      }
      return decision;
  }
  bug("a payment without an outcome");
}

Decision handle(const AccountState& account, const RecordOfflinePayment& command, const DecisionContext& context) {
  const Invoice* invoice = account.find_invoice(command.invoice);
  if (invoice == nullptr) return reject(RejectionCode::not_found, "/invoice_id");
  const bool is_late = invoice->status == InvoiceStatus::uncollectible;
  if (invoice->status != InvoiceStatus::open && !is_late) return refuse_transition(*invoice, InvoiceStatus::paid);
  Rejection refusal = check_no_payment(*invoice);
  if (refusal.code != RejectionCode::none) return reject(std::move(refusal));
  if (command.amount <= 0) return reject(must_be("/amount", "more than 0"));
  if (command.amount > amount_max) return reject(RejectionCode::amount_out_of_range, "/amount");
  if (command.received_at && *command.received_at > context.now) {
    return reject(must_be("/received_at", "no later than now"));
  }
  const std::int64_t owed = invoice->amount_collectible();
  const std::int64_t applied = std::min(command.amount, owed), excess = command.amount - applied;
  if (excess != 0) refusal = check_room(account, invoice->currency, excess);
  if (refusal.code != RejectionCode::none) return reject(std::move(refusal));

  schema::OfflinePaymentRecordedT event;
  event.payment = context.new_id();
  event.account_id = account.details.id;
  event.invoice = invoice->id;
  event.amount = {command.amount, invoice->currency};
  event.applied = applied;
  event.credit_amount = excess;
  if (excess != 0) event.credit = context.new_id(1);
  event.method = static_cast<schema::OfflineMethod>(command.method);
  event.reference = to_table(command.reference.sealed);
  event.received_at = command.received_at.value_or(never);
  event.postings =
      transfer(LedgerAccount::cash_clearing, is_late ? LedgerAccount::write_offs : LedgerAccount::receivable,
               {applied, invoice->currency});
  Decision decision = shows(SubjectKind::payment, event.payment);
  decision.events.push_back(PendingEvent::of(std::move(event)));
  if (excess != 0) {
    IssueCredit issue;
    issue.amount = excess;
    issue.currency = invoice->currency;
    issue.type = CreditType::overpayment;
    decision.events.push_back(credit_issued(account, issue, context.new_id(1), context.now));
  }
  if (applied == owed) decision.events.push_back(invoice_paid(account, *invoice, schema::SettlementCause::payment));
  return decision;
}

}  // namespace daybook
