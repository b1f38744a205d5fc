// What an event does to one payment, to its invoice and to how its account stands, without the rest of that account:
// for the account's state (account.h) and for the views that keep them as rows.
#pragma once

#include <string_view>

#include "domain/evolve.h"
#include "domain/invoice.h"
#include "domain/payment.h"

namespace daybook::schema {
struct PaymentAttempted;
struct PaymentSucceeded;
struct PaymentFailed;
struct PaymentActionRequired;
struct OfflinePaymentRecorded;
struct InvoicePaid;
struct InvoiceVoided;
struct InvoiceMarkedUncollectible;
}  // namespace daybook::schema

namespace daybook {

struct AccountDetails;

Payment attempted_payment(const schema::PaymentAttempted& event, const EventMoment& moment);
/// Of a failure that no attempt came before.
Payment unattempted_payment(const schema::PaymentFailed& event, const EventMoment& moment);
Payment offline_payment(const schema::OfflinePaymentRecorded& event, const EventMoment& moment);
void fold(Payment& payment, const schema::PaymentSucceeded& event, const EventMoment& moment);
void fold(Payment& payment, const schema::PaymentFailed& event, const EventMoment& moment);
void fold(Payment& payment, const schema::PaymentActionRequired& event, const EventMoment& moment);

void fold(Invoice& invoice, const schema::PaymentAttempted& event, const EventMoment& moment);
/// Requires an amount that is due.
void fold(Invoice& invoice, const schema::PaymentSucceeded& event, const EventMoment& moment);
void fold(Invoice& invoice, const schema::PaymentFailed& event, const EventMoment& moment);
/// As of one that succeeded.
void fold(Invoice& invoice, const schema::OfflinePaymentRecorded& event, const EventMoment& moment);

// What these mean to the account's payment status; its details have changed if that has.
void fold(AccountDetails& details, const schema::PaymentSucceeded& event, const EventMoment& moment);
void fold(AccountDetails& details, const schema::PaymentFailed& event, const EventMoment& moment);
void fold(AccountDetails& details, const schema::OfflinePaymentRecorded& event, const EventMoment& moment);
void fold(AccountDetails& details, const schema::InvoicePaid& event, const EventMoment& moment);
void fold(AccountDetails& details, const schema::InvoiceVoided& event, const EventMoment& moment);
void fold(AccountDetails& details, const schema::InvoiceMarkedUncollectible& event, const EventMoment& moment);

/// Of a `PaymentFailed`: whether a provider was asked for the charge, of an invoice that is owed.
bool is_failed_charge(bool written_off, std::string_view code);

}  // namespace daybook
