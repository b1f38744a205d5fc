#include "domain/payment_fold.h"

#include "domain/account.h"
#include "domain/assert.h"
#include "domain/tables.h"
#include "schemas/events/invoices_generated.h"
#include "schemas/events/payments_generated.h"

namespace daybook {
namespace {

/// What the events that make a payment have in common.
template <class Event>
Payment made(const Event& event, const EventMoment& moment) {
  Payment payment;
  payment.id = entity(event.payment());
  payment.invoice = entity(event.invoice());
  ensure(event.amount() != nullptr, "a payment without an amount");
  payment.amount = event.amount()->minor();
  payment.currency = Currency{event.amount()->currency()};
  payment.attempt = event.attempt();
  payment.created_at = moment.at;
  touch(payment, moment);
  return payment;
}

template <class Change>
void change_payments(AccountDetails& details, const EventMoment& moment, Change change) {
  const AccountPaymentStatus before = details.payments.status();
  change(details.payments);
  if (details.payments.status() != before) touch(details, moment);
}

template <class Event>
void settle(AccountDetails& details, const Event& event, const EventMoment& moment) {
  change_payments(details, moment, [&](AccountPayments& payments) { payments.settle(entity(event.invoice())); });
}

}  // namespace

std::string_view to_text(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::pending:
      return "pending";
    case PaymentStatus::requires_action:
      return "requires_action";
    case PaymentStatus::succeeded:
      return "succeeded";
    case PaymentStatus::failed:
      return "failed";
    case PaymentStatus::partially_refunded:
      return "partially_refunded";
    case PaymentStatus::refunded:
      return "refunded";
    case PaymentStatus::disputed:
      return "disputed";
  }
  bug("a status of a payment without a name");
}

std::string_view to_text(OfflineMethod method) {
  switch (method) {
    case OfflineMethod::bank_transfer:
      return "bank_transfer";
    case OfflineMethod::cash:
      return "cash";
    case OfflineMethod::check:
      return "check";
    case OfflineMethod::other:
      return "other";
  }
  bug("a method of an offline payment without a name");
}

Payment attempted_payment(const schema::PaymentAttempted& event, const EventMoment& moment) {
  Payment payment = made(event, moment);
  payment.payment_method = entity(event.payment_method());
  payment.provider = text(event.provider());
  payment.provider_key = text(event.provider_key());
  return payment;
}

Payment unattempted_payment(const schema::PaymentFailed& event, const EventMoment& moment) {
  Payment payment = made(event, moment);
  fold(payment, event, moment);
  return payment;
}

Payment offline_payment(const schema::OfflinePaymentRecorded& event, const EventMoment& moment) {
  Payment payment;
  payment.id = entity(event.payment());
  payment.invoice = entity(event.invoice());
  ensure(event.amount() != nullptr, "an offline payment without an amount");
  payment.amount = event.amount()->minor();
  payment.currency = Currency{event.amount()->currency()};
  payment.status = PaymentStatus::succeeded;
  payment.provider = offline_provider_name;
  payment.offline.method = static_cast<OfflineMethod>(event.method());
  payment.offline.reference = from_table(event.reference());
  payment.offline.received_at = instant(event.received_at());
  payment.offline.credit_amount = event.credit_amount();
  payment.offline.credit = entity(event.credit());
  payment.created_at = moment.at;
  touch(payment, moment);
  return payment;
}

void fold(Payment& payment, const schema::PaymentSucceeded& event, const EventMoment& moment) {
  payment.status = PaymentStatus::succeeded;
  payment.transaction_id = text(event.provider_transaction_id());
  payment.action_url.clear();
  touch(payment, moment);
}

void fold(Payment& payment, const schema::PaymentFailed& event, const EventMoment& moment) {
  payment.status = PaymentStatus::failed;
  payment.transaction_id = text(event.provider_transaction_id());
  payment.failure_code = text(event.code());
  payment.failure_message = text(event.message());
  payment.action_url.clear();
  touch(payment, moment);
}

void fold(Payment& payment, const schema::PaymentActionRequired& event, const EventMoment& moment) {
  payment.status = PaymentStatus::requires_action;
  payment.transaction_id = text(event.provider_transaction_id());
  payment.action_url = text(event.action_url());
  touch(payment, moment);
}

void fold(Invoice& invoice, const schema::PaymentAttempted& event, const EventMoment& moment) {
  invoice.payment = entity(event.payment());
  invoice.payment_attempts = event.attempt();
  invoice.is_collecting = true;
  touch(invoice, moment);
}

void fold(Invoice& invoice, const schema::PaymentSucceeded& event, const EventMoment& moment) {
  invoice.is_collecting = false;
  invoice.amount_paid += event.amount()->minor();
  ensure(invoice.amount_paid <= invoice.amount_due(), "a payment of more than is due for an invoice");
  touch(invoice, moment);
}

void fold(Invoice& invoice, const schema::OfflinePaymentRecorded& event, const EventMoment& moment) {
  invoice.payment = entity(event.payment());
  invoice.amount_paid += event.applied();
  ensure(invoice.amount_paid <= invoice.amount_due(), "an offline payment of more than is due for an invoice");
  touch(invoice, moment);
}

void fold(Invoice& invoice, const schema::PaymentFailed& event, const EventMoment& moment) {
  invoice.payment = entity(event.payment());
  invoice.payment_attempts = event.attempt();
  invoice.is_collecting = false;
  touch(invoice, moment);
}

bool is_failed_charge(bool written_off, std::string_view code) {
  return !written_off && code != no_payment_method_code;
}

void fold(AccountDetails& details, const schema::PaymentSucceeded&, const EventMoment& moment) {
  change_payments(details, moment, [](AccountPayments& payments) { payments.succeed(); });
}

void fold(AccountDetails& details, const schema::OfflinePaymentRecorded&, const EventMoment& moment) {
  change_payments(details, moment, [](AccountPayments& payments) { payments.succeed(); });
}

void fold(AccountDetails& details, const schema::PaymentFailed& event, const EventMoment& moment) {
  if (!is_failed_charge(event.written_off(), text(event.code()))) return;
  change_payments(details, moment, [&](AccountPayments& payments) { payments.fail(entity(event.invoice())); });
}

void fold(AccountDetails& details, const schema::InvoicePaid& event, const EventMoment& moment) {
  settle(details, event, moment);
}

void fold(AccountDetails& details, const schema::InvoiceVoided& event, const EventMoment& moment) {
  settle(details, event, moment);
}

void fold(AccountDetails& details, const schema::InvoiceMarkedUncollectible& event, const EventMoment& moment) {
  settle(details, event, moment);
}

}  // namespace daybook
