// What the events of payments mean to their account.
#include "domain/assert.h"
#include "domain/folds.h"
#include "domain/payment_fold.h"
#include "domain/tables.h"
#include "schemas/events/payments_generated.h"

namespace daybook {
namespace {

template <class Event>
void change_invoice(AccountState& account, const Event& event, const EventMoment& moment) {
  account.change_invoice(entity(event.invoice()), [&](Invoice& invoice) { fold(invoice, event, moment); });
}

template <class Event>
void change_payment(AccountState& account, const Event& event, const EventMoment& moment) {
  account.change_payment(entity(event.payment()), [&](Payment& payment) { fold(payment, event, moment); });
}

}  // namespace

void apply(AccountState& account, const schema::PaymentAttempted& event, const EventMoment& moment) {
  account.add_payment(attempted_payment(event, moment));
  change_invoice(account, event, moment);
}

void apply(AccountState& account, const schema::PaymentSucceeded& event, const EventMoment& moment) {
  change_payment(account, event, moment);
  change_invoice(account, event, moment);
  fold(account.details, event, moment);
}

void apply(AccountState& account, const schema::PaymentFailed& event, const EventMoment& moment) {
  if (entity(event.payment()).stream_version == moment.version) {
    account.add_payment(unattempted_payment(event, moment));
  } else {
    change_payment(account, event, moment);
  }
  change_invoice(account, event, moment);
  fold(account.details, event, moment);
}

void apply(AccountState& account, const schema::PaymentActionRequired& event, const EventMoment& moment) {
  change_payment(account, event, moment);
}

void apply(AccountState& account, const schema::OfflinePaymentRecorded& event, const EventMoment& moment) {
  account.add_payment(offline_payment(event, moment));
  change_invoice(account, event, moment);
  fold(account.details, event, moment);
}

// What an account's state holds of payments:

const Payment* AccountState::find_payment(EntityRef id) const {
  const auto found = payments_.find(id);
  return found == payments_.end() ? nullptr : &found->second;
}

void AccountState::add_payment(Payment payment) {
  const EntityRef id = payment.id;
  if (!payment.is_open()) ended_payments_.push_back(id);
  const bool is_new = payments_.emplace(id, std::move(payment)).second;
  ensure(is_new, "a payment's id twice in one stream");
}

Payment& AccountState::payment_at(EntityRef id) {
  const auto found = payments_.find(id);
  ensure(found != payments_.end() && found->second.is_open(), "an event on a payment whose result is known");
  return found->second;
}

void AccountState::adopt(Payment payment) {
  ensure(!payment.is_open(), "a payment without a result is never outside the state");
  const EntityRef id = payment.id;
  if (payments_.emplace(id, std::move(payment)).second) ended_payments_.push_back(id);
}

void AccountState::restore(Payment payment) {
  add_payment(std::move(payment));
}

}  // namespace daybook
