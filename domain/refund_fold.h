// What an event does to one refund or dispute, and to the payment that it refers to, without the rest of their account:
// for the account's state (account.h) and for the views that keep them as rows.
#pragma once

#include "domain/evolve.h"
#include "domain/payment.h"
#include "domain/refund.h"

namespace daybook::schema {
struct RefundIssued;
struct RefundSucceeded;
struct RefundFailed;
struct RefundCanceled;
struct DisputeOpened;
struct DisputeWon;
struct DisputeLost;
}  // namespace daybook::schema

namespace daybook {

Refund issued_refund(const schema::RefundIssued& event, const EventMoment& moment);
void fold(Refund& refund, const schema::RefundSucceeded& event, const EventMoment& moment);
void fold(Refund& refund, const schema::RefundFailed& event, const EventMoment& moment);
void fold(Refund& refund, const schema::RefundCanceled& event, const EventMoment& moment);

Dispute opened_dispute(const schema::DisputeOpened& event, const EventMoment& moment);
void fold(Dispute& dispute, const schema::DisputeWon& event, const EventMoment& moment);
void fold(Dispute& dispute, const schema::DisputeLost& event, const EventMoment& moment);

void fold(PaymentReversals& reversals, const schema::RefundIssued& event, const EventMoment& moment);
void fold(PaymentReversals& reversals, const schema::RefundSucceeded& event, const EventMoment& moment);
void fold(PaymentReversals& reversals, const schema::RefundFailed& event, const EventMoment& moment);
void fold(PaymentReversals& reversals, const schema::RefundCanceled& event, const EventMoment& moment);
void fold(PaymentReversals& reversals, const schema::DisputeOpened& event, const EventMoment& moment);
void fold(PaymentReversals& reversals, const schema::DisputeWon& event, const EventMoment& moment);
void fold(PaymentReversals& reversals, const schema::DisputeLost& event, const EventMoment& moment);

/// The payment with these, its status and version among them. Requires one that succeeded.
Payment with_reversals(Payment payment, const PaymentReversals& reversals);

}  // namespace daybook
