#include "domain/refund_fold.h"

#include "domain/assert.h"
#include "domain/tables.h"
#include "schemas/events/refunds_generated.h"

namespace daybook {
namespace {

template <class Event>
std::int64_t amount_of(const Event& event) {
  ensure(event.amount() != nullptr, "what goes back of a payment without an amount");
  return event.amount()->minor();
}

/// What the events that end one have in common.
void close(Dispute& dispute, DisputeStatus status, const EventMoment& moment) {
  dispute.status = status;
  dispute.closed_at = moment.at;
  touch(dispute, moment);
}

/// It does not go back after all.
template <class Event>
void keep(PaymentReversals& reversals, const Event& event, const EventMoment& moment) {
  reversals.refunding -= amount_of(event);
  touch(reversals, moment);
}

void end_dispute(PaymentReversals& reversals, const EventMoment& moment) {
  reversals.dispute = {};
  reversals.disputed = 0;
  touch(reversals, moment);
}

}  // namespace

std::string_view to_text(RefundStatus status) {
  switch (status) {
    case RefundStatus::pending:
      return "pending";
    case RefundStatus::succeeded:
      return "succeeded";
    case RefundStatus::failed:
      return "failed";
    case RefundStatus::canceled:
      return "canceled";
  }
  bug("a status of a refund without a name");
}

std::string_view to_text(RefundReason reason) {
  switch (reason) {
    case RefundReason::duplicate:
      return "duplicate";
    case RefundReason::fraudulent:
      return "fraudulent";
    case RefundReason::requested_by_customer:
      return "requested_by_customer";
    case RefundReason::service_issue:
      return "service_issue";
    case RefundReason::other:
      return "other";
  }
  bug("a reason of a refund without a name");
}

std::string_view to_text(RefundDestination destination) {
  return destination == RefundDestination::payment_method ? "payment_method" : "credit";
}

std::string_view to_text(DisputeStatus status) {
  switch (status) {
    case DisputeStatus::open:
      return "open";
    case DisputeStatus::won:
      return "won";
    case DisputeStatus::lost:
      return "lost";
  }
  bug("a status of a dispute without a name");
}

Refund issued_refund(const schema::RefundIssued& event, const EventMoment& moment) {
  Refund refund;
  refund.id = entity(event.refund());
  refund.payment = entity(event.payment());
  refund.invoice = entity(event.invoice());
  refund.amount = amount_of(event);
  refund.currency = Currency{event.amount()->currency()};
  refund.reason = static_cast<RefundReason>(event.reason());
  refund.destination = static_cast<RefundDestination>(event.destination());
  refund.description = from_table(event.description());
  refund.provider = text(event.provider());
  refund.provider_key = text(event.provider_key());
  refund.created_at = moment.at;
  touch(refund, moment);
  return refund;
}

void fold(Refund& refund, const schema::RefundSucceeded& event, const EventMoment& moment) {
  refund.status = RefundStatus::succeeded;
  refund.provider_refund_id = text(event.provider_refund_id());
  refund.credit_note = entity(event.credit_note());
  refund.credit = entity(event.credit());
  touch(refund, moment);
}

void fold(Refund& refund, const schema::RefundFailed& event, const EventMoment& moment) {
  refund.status = RefundStatus::failed;
  refund.provider_refund_id = text(event.provider_refund_id());
  refund.failure_code = text(event.code());
  refund.failure_message = text(event.message());
  touch(refund, moment);
}

void fold(Refund& refund, const schema::RefundCanceled& event, const EventMoment& moment) {
  refund.status = RefundStatus::canceled;
  refund.provider_refund_id = text(event.provider_refund_id());
  touch(refund, moment);
}

Dispute opened_dispute(const schema::DisputeOpened& event, const EventMoment& moment) {
  Dispute dispute;
  dispute.id = entity(event.dispute());
  dispute.payment = entity(event.payment());
  dispute.invoice = entity(event.invoice());
  dispute.amount = amount_of(event);
  dispute.currency = Currency{event.amount()->currency()};
  dispute.reason = text(event.reason());
  dispute.provider = text(event.provider());
  dispute.provider_dispute_id = text(event.provider_dispute_id());
  dispute.due_by = instant(event.due_by());
  dispute.opened_at = moment.at;
  touch(dispute, moment);
  return dispute;
}

void fold(Dispute& dispute, const schema::DisputeWon&, const EventMoment& moment) {
  close(dispute, DisputeStatus::won, moment);
}

void fold(Dispute& dispute, const schema::DisputeLost&, const EventMoment& moment) {
  close(dispute, DisputeStatus::lost, moment);
}

void fold(PaymentReversals& reversals, const schema::RefundIssued& event, const EventMoment& moment) {
  reversals.refunding += amount_of(event);
  touch(reversals, moment);
}

void fold(PaymentReversals& reversals, const schema::RefundSucceeded& event, const EventMoment& moment) {
  reversals.refunded += amount_of(event);
  keep(reversals, event, moment);
}

void fold(PaymentReversals& reversals, const schema::RefundFailed& event, const EventMoment& moment) {
  keep(reversals, event, moment);
}

void fold(PaymentReversals& reversals, const schema::RefundCanceled& event, const EventMoment& moment) {
  keep(reversals, event, moment);
}

void fold(PaymentReversals& reversals, const schema::DisputeOpened& event, const EventMoment& moment) {
  reversals.dispute = entity(event.dispute());
  reversals.disputed = amount_of(event);
  reversals.disputes.push_back(text(event.provider_dispute_id()));
  touch(reversals, moment);
}

void fold(PaymentReversals& reversals, const schema::DisputeWon&, const EventMoment& moment) {
  end_dispute(reversals, moment);
}

void fold(PaymentReversals& reversals, const schema::DisputeLost& event, const EventMoment& moment) {
  reversals.charged_back += amount_of(event);
  end_dispute(reversals, moment);
}

Payment with_reversals(Payment payment, const PaymentReversals& reversals) {
  payment.reversals = reversals;
  payment.updated_at = reversals.updated_at;
  payment.version = reversals.version;
  const std::int64_t gone = reversals.refunded + reversals.charged_back;
  if (!reversals.dispute.is_none()) {
    payment.status = PaymentStatus::disputed;
  } else if (gone >= payment.amount) {
    payment.status = PaymentStatus::refunded;
  } else {
    payment.status = gone == 0 ? PaymentStatus::succeeded : PaymentStatus::partially_refunded;
  }
  return payment;
}

}  // namespace daybook
