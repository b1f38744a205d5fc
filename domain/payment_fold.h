// What an event does to one payment and to its invoice, without the rest of their account: for the account's state
// (account.h) and for the views that keep them as rows.
#pragma once

#include "domain/evolve.h"
#include "domain/invoice.h"
#include "domain/payment.h"

namespace daybook::schema {
struct PaymentAttempted;
struct PaymentSucceeded;
struct PaymentFailed;
struct PaymentActionRequired;
}  // namespace daybook::schema

namespace daybook {

Payment attempted_payment(const schema::PaymentAttempted& event, const EventMoment& moment);
/// Of a failure that no attempt came before.
Payment unattempted_payment(const schema::PaymentFailed& event, const EventMoment& moment);
void fold(Payment& payment, const schema::PaymentSucceeded& event, const EventMoment& moment);
void fold(Payment& payment, const schema::PaymentFailed& event, const EventMoment& moment);
void fold(Payment& payment, const schema::PaymentActionRequired& event, const EventMoment& moment);

void fold(Invoice& invoice, const schema::PaymentAttempted& event, const EventMoment& moment);
/// Requires an amount that is due.
void fold(Invoice& invoice, const schema::PaymentSucceeded& event, const EventMoment& moment);
void fold(Invoice& invoice, const schema::PaymentFailed& event, const EventMoment& moment);

}  // namespace daybook
