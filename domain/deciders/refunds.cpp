// Refunds: asked for while the payment has something left, called at the provider, ended by what it says. What went
// back is credited on the invoice too. And disputes, as the customer's bank opens and closes them.
#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include "domain/assert.h"
#include "domain/deciders/credit_note_issue.h"
#include "domain/deciders/handlers.h"
#include "domain/tables.h"
#include "schemas/events/refunds_generated.h"

namespace daybook {
namespace {

Decision refuse_transition(const Payment& payment, PaymentStatus to) {
  struct Targets {
    PaymentStatus from;
    std::string_view allowed;
  };
  static constexpr std::array targets = {
      Targets{PaymentStatus::pending, "succeeded, failed, requires_action"},
      Targets{PaymentStatus::requires_action, "succeeded, failed"},
      Targets{PaymentStatus::succeeded, "partially_refunded, refunded, disputed"},
      Targets{PaymentStatus::partially_refunded, "refunded, disputed"},
      Targets{PaymentStatus::disputed, "succeeded, refunded"},
  };
  const auto row =
      std::find_if(targets.begin(), targets.end(), [&](const Targets& one) { return one.from == payment.status; });
  return reject(RejectionCode::invalid_transition, {},
                {{"from", std::string(to_text(payment.status))},
                 {"to", std::string(to_text(to))},
                 {"allowed", std::string(row == targets.end() ? std::string_view() : row->allowed)}});
}

bool is_known_dispute(const Payment& payment, const std::string& provider_dispute_id) {
  const auto& known = payment.reversals.disputes;
  return std::find(known.begin(), known.end(), provider_dispute_id) != known.end();
}

/// For ever of this refund, as a charge's.
std::string refund_key(EntityRef id, const DecisionContext& context) {
  return format_id("re", id) + "-" + std::to_string(micros(context.now));
}

/// What every event of a refund, or of a dispute, tells of it.
template <class Event, class Entity>
Event about(const AccountState& account, const Entity& entity) {
  Event event;
  if constexpr (std::is_same_v<Entity, Refund>) {
    event.refund = entity.id;
  } else {
    event.dispute = entity.id;
  }
  event.account_id = account.details.id;
  event.payment = entity.payment;
  event.invoice = entity.invoice;
  event.amount = {entity.amount, entity.currency};
  return event;
}

/// As much of the amount as is left of the invoice is credited on it. The id of the note; none: nothing is.
EntityRef credit_invoice(Decision& decision, const AccountState& account, const Refund& refund,
                         const DecisionContext& context) {
  const Invoice invoice = account.with_credit_notes(*account.find_invoice(refund.invoice));
  if (check_correctable(account, invoice).code != RejectionCode::none) return {};
  const CreditableNow creditable = creditable_now(account, invoice);
  const std::int64_t total = std::min(refund.amount, creditable_total(account, invoice, creditable, refund.id));
  if (total <= 0) return {};
  CreditNoteRequest request;
  request.invoice = &invoice;
  request.refund = refund.id;
  request.refund_total = total;
  const CreditNoteParts parts = parts_of_total(creditable.invoice, total);
  const IssuedCreditNote issued = issue_credit_note(decision, account, request, parts, context);
  return issued.rejection.code == RejectionCode::none ? issued.id : EntityRef{};
}

/// Adds what follows when the money has gone: the success, the credit that it became, and the credit note.
void succeed(Decision& decision, const AccountState& account, const Refund& refund, const std::string& provider_id,
             const DecisionContext& context) {
  const std::size_t first = decision.events.size();
  auto event = about<schema::RefundSucceededT>(account, refund);
  event.provider_refund_id = provider_id;
  decision.events.push_back(PendingEvent::of(event));  // holds its place: it names what comes after it
  if (refund.destination == RefundDestination::credit) {
    event.credit = context.new_id(first + 1);
    IssueCredit issue;
    issue.amount = refund.amount;
    issue.currency = refund.currency;
    issue.type = CreditType::refund;
    decision.events.push_back(credit_issued(account, issue, event.credit, context.now));
  } else {
    event.postings = transfer(LedgerAccount::refunds, LedgerAccount::cash_clearing, event.amount);
  }
  event.credit_note = credit_invoice(decision, account, refund, context);
  decision.events[first] = PendingEvent::of(std::move(event));
}

/// The code `none`, or why so much of the payment is not refunded.
Rejection check_refund(const AccountState& account, const Payment& payment, std::int64_t amount) {
  const std::int64_t refundable = payment.refundable();
  if (amount > refundable) {
    return {RejectionCode::refund_exceeds_payment, "/amount", {{"remaining", refundable}, {"amount", amount}}};
  }
  const Invoice invoice = account.with_credit_notes(*account.find_invoice(payment.invoice));
  Rejection refusal = check_correctable(account, invoice);
  if (refusal.code != RejectionCode::none) return refusal;
  const std::int64_t left =
      creditable_total(account, invoice, creditable_now(account, invoice), {}) + invoice.surcharged;
  if (amount <= left) return {};
  return {RejectionCode::credit_exceeds_invoice, "/amount", {{"remaining", std::max<std::int64_t>(left, 0)}}};
}

Rejection check_refund_limits(const AccountState& account, const Payment& payment) {
  if (account.refunds().size() >= open_refunds_max)
    return over_limit("pending refunds of an account", open_refunds_max);
  const bool is_first = !account.reversals().contains(payment.id);
  if (!is_first || account.reversals().size() < reversed_payments_max) return {};
  return over_limit("payments of an account of which something went back", reversed_payments_max);
}

}  // namespace

Decision handle(const AccountState& account, const IssueRefund& command, const DecisionContext& context) {
  const Payment* found = account.find_payment(command.payment);
  if (found == nullptr) return reject(RejectionCode::not_found, "/payment_id");
  const Payment payment = account.with_reversals(*found);
  const bool is_refundable = payment.is_collected() && payment.status != PaymentStatus::disputed;
  if (!is_refundable) return refuse_transition(payment, PaymentStatus::refunded);
  if (command.amount && *command.amount <= 0) return reject(must_be("/amount", "more than 0"));
  if (command.reason == RefundReason::other && command.description.sealed.empty()) {
    return reject(must_be("/description", "there where the reason is other"));
  }
  if (payment.is_offline() && command.destination == RefundDestination::payment_method) {
    return reject(must_be("/destination", "credit: no provider has collected the payment"));
  }
  const std::int64_t amount = command.amount.value_or(payment.refundable());
  Rejection refusal = amount > 0
                          ? check_refund(account, payment, amount)
                          : Rejection{RejectionCode::refund_exceeds_payment, {}, {{"remaining", std::int64_t{0}}}};
  if (refusal.code == RejectionCode::none) refusal = check_refund_limits(account, payment);
  const bool is_credit = command.destination == RefundDestination::credit;
  if (refusal.code == RejectionCode::none && is_credit) refusal = check_room(account, payment.currency, amount);
  if (refusal.code != RejectionCode::none) return reject(std::move(refusal));

  Refund refund;
  refund.id = context.new_id();
  refund.payment = payment.id;
  refund.invoice = payment.invoice;
  refund.currency = payment.currency;
  refund.amount = amount;
  refund.destination = command.destination;
  auto event = about<schema::RefundIssuedT>(account, refund);
  event.destination = static_cast<schema::RefundDestination>(command.destination);
  event.reason = static_cast<schema::RefundReason>(command.reason);
  event.description = to_table(command.description.sealed);
  if (!is_credit) {
    event.provider = payment.provider;
    if (!context.dry_run) event.provider_key = refund_key(refund.id, context);
    event.provider_transaction_id = payment.transaction_id;
  }
  Decision decision = shows(SubjectKind::refund, refund.id);
  decision.events.push_back(PendingEvent::of(std::move(event)));
  if (is_credit) succeed(decision, account, refund, {}, context);
  return decision;
}

Decision handle(const AccountState& account, const RecordRefundResult& command, const DecisionContext& context) {
  const Refund* refund = account.find_refund(command.refund);
  if (refund == nullptr) return reject(RejectionCode::not_found);
  Decision decision = shows(SubjectKind::refund, refund->id);
  if (!refund->is_open()) return decision;
  switch (command.outcome) {
    case RefundOutcome::succeeded:
      succeed(decision, account, *refund, command.provider_refund_id, context);
      return decision;
    case RefundOutcome::failed: {
      if (command.code.empty()) return reject(must_be("/code", "there for a refund that failed"));
      auto event = about<schema::RefundFailedT>(account, *refund);
      event.code = command.code;
      event.message = command.message;
      event.provider_refund_id = command.provider_refund_id;
      decision.events.push_back(PendingEvent::of(std::move(event)));
      return decision;
    }
    case RefundOutcome::canceled: {
      auto event = about<schema::RefundCanceledT>(account, *refund);
      event.provider_refund_id = command.provider_refund_id;
      decision.events.push_back(PendingEvent::of(std::move(event)));
      return decision;
    }
  }
  bug("a refund without an outcome");
}

Decision handle(const AccountState& account, const OpenDispute& command, const DecisionContext& context) {
  const Payment* found = account.find_payment(command.payment);
  if (found == nullptr) return reject(RejectionCode::not_found, "/payment_id");
  const Payment payment = account.with_reversals(*found);
  if (is_known_dispute(payment, command.provider_dispute_id)) return shows(SubjectKind::payment, payment.id);
  const bool is_disputable =
      payment.status == PaymentStatus::succeeded || payment.status == PaymentStatus::partially_refunded;
  if (!is_disputable) return refuse_transition(payment, PaymentStatus::disputed);
  if (payment.reversals.disputes.size() >= disputes_per_payment_max) {
    return limit_reached("disputes of a payment", disputes_per_payment_max);
  }
  if (command.amount <= 0 || command.amount > payment.amount) {
    return reject(must_be("/amount", "more than 0 and no more than was paid", {{"paid", payment.amount}}));
  }
  Rejection limit = check_refund_limits(account, payment);
  if (limit.code != RejectionCode::none) return reject(std::move(limit));
  Dispute dispute;
  dispute.id = context.new_id();
  dispute.payment = payment.id;
  dispute.invoice = payment.invoice;
  dispute.currency = payment.currency;
  dispute.amount = command.amount;
  auto event = about<schema::DisputeOpenedT>(account, dispute);
  event.reason = command.reason;
  event.provider = payment.provider;
  event.provider_dispute_id = command.provider_dispute_id;
  event.due_by = command.due_by.value_or(never);
  event.postings = transfer(LedgerAccount::disputed_funds, LedgerAccount::cash_clearing, event.amount);
  Decision decision = shows(SubjectKind::dispute, dispute.id);
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

Decision handle(const AccountState& account, const CloseDispute& command, const DecisionContext&) {
  const Payment* found = account.find_payment(command.payment);
  if (found == nullptr) return reject(RejectionCode::not_found, "/payment_id");
  const Payment payment = account.with_reversals(*found);
  const std::string& name = command.provider_dispute_id;
  if (!is_known_dispute(payment, name)) return reject(RejectionCode::not_found, "/provider_dispute_id");
  const Dispute* dispute = account.find_dispute(payment.reversals.dispute);
  const bool is_open = dispute != nullptr && dispute->provider_dispute_id == name;
  if (!is_open) return shows(SubjectKind::payment, payment.id);  // it was decided before
  Decision decision = shows(SubjectKind::dispute, dispute->id);
  const Money amount{dispute->amount, dispute->currency};
  if (command.outcome == DisputeOutcome::won) {
    auto event = about<schema::DisputeWonT>(account, *dispute);
    event.postings = transfer(LedgerAccount::cash_clearing, LedgerAccount::disputed_funds, amount);
    decision.events.push_back(PendingEvent::of(std::move(event)));
  } else {
    auto event = about<schema::DisputeLostT>(account, *dispute);
    event.postings = transfer(LedgerAccount::dispute_losses, LedgerAccount::disputed_funds, amount);
    decision.events.push_back(PendingEvent::of(std::move(event)));
  }
  return decision;
}

}  // namespace daybook
