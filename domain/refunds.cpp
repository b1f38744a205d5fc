// What the events of refunds and disputes mean to their account.
#include "domain/assert.h"
#include "domain/folds.h"
#include "domain/refund_fold.h"
#include "domain/tables.h"
#include "schemas/events/refunds_generated.h"

namespace daybook {
namespace {

template <class Event>
void reverse(AccountState& account, const Event& event, const EventMoment& moment) {
  account.change_reversals(entity(event.payment()),
                           [&](PaymentReversals& reversals) { fold(reversals, event, moment); });
}

template <class Event>
void end_refund(AccountState& account, const Event& event, const EventMoment& moment) {
  account.end_refund(entity(event.refund()), [&](Refund& refund) { fold(refund, event, moment); });
  reverse(account, event, moment);
}

template <class Event>
void end_dispute(AccountState& account, const Event& event, const EventMoment& moment) {
  account.end_dispute(entity(event.dispute()), [&](Dispute& dispute) { fold(dispute, event, moment); });
  reverse(account, event, moment);
}

}  // namespace

void apply(AccountState& account, const schema::RefundIssued& event, const EventMoment& moment) {
  account.add_refund(issued_refund(event, moment));
  reverse(account, event, moment);
}

void apply(AccountState& account, const schema::RefundSucceeded& event, const EventMoment& moment) {
  end_refund(account, event, moment);
}

void apply(AccountState& account, const schema::RefundFailed& event, const EventMoment& moment) {
  end_refund(account, event, moment);
}

void apply(AccountState& account, const schema::RefundCanceled& event, const EventMoment& moment) {
  end_refund(account, event, moment);
}

void apply(AccountState& account, const schema::DisputeOpened& event, const EventMoment& moment) {
  account.add_dispute(opened_dispute(event, moment));
  reverse(account, event, moment);
}

void apply(AccountState& account, const schema::DisputeWon& event, const EventMoment& moment) {
  end_dispute(account, event, moment);
}

void apply(AccountState& account, const schema::DisputeLost& event, const EventMoment& moment) {
  end_dispute(account, event, moment);
}

// What an account's state holds of refunds and disputes:

const Refund* AccountState::find_refund(EntityRef id) const {
  const auto found = refunds_.find(id);
  return found == refunds_.end() ? nullptr : &found->second;
}

const Dispute* AccountState::find_dispute(EntityRef id) const {
  const auto found = disputes_.find(id);
  return found == disputes_.end() ? nullptr : &found->second;
}

PaymentReversals AccountState::reversals_of(EntityRef payment) const {
  const auto found = reversals_.find(payment);
  return found == reversals_.end() ? PaymentReversals() : found->second;
}

Payment AccountState::with_reversals(const Payment& payment) const {
  const auto found = reversals_.find(payment.id);
  return found == reversals_.end() ? payment : daybook::with_reversals(payment, found->second);
}

void AccountState::add_refund(Refund refund) {
  const EntityRef id = refund.id;
  if (!refund.is_open()) ended_refunds_.push_back(id);
  const bool is_new = refunds_.emplace(id, std::move(refund)).second;
  ensure(is_new, "a refund's id twice in one stream");
}

Refund& AccountState::refund_at(EntityRef id) {
  const auto found = refunds_.find(id);
  ensure(found != refunds_.end() && found->second.is_open(), "an event on a refund whose result is known");
  return found->second;
}

void AccountState::add_dispute(Dispute dispute) {
  const EntityRef id = dispute.id;
  if (!dispute.is_open()) ended_disputes_.push_back(id);
  const bool is_new = disputes_.emplace(id, std::move(dispute)).second;
  ensure(is_new, "a dispute's id twice in one stream");
}

Dispute& AccountState::dispute_at(EntityRef id) {
  const auto found = disputes_.find(id);
  ensure(found != disputes_.end() && found->second.is_open(), "an event on a dispute that is closed");
  return found->second;
}

void AccountState::adopt(Refund refund) {
  ensure(!refund.is_open(), "a refund without a result is never outside the state");
  if (find_refund(refund.id) == nullptr) add_refund(std::move(refund));
}

void AccountState::adopt(Dispute dispute) {
  ensure(!dispute.is_open(), "an open dispute is never outside the state");
  if (find_dispute(dispute.id) == nullptr) add_dispute(std::move(dispute));
}

void AccountState::restore(Refund refund) {
  add_refund(std::move(refund));
}

void AccountState::restore(Dispute dispute) {
  add_dispute(std::move(dispute));
}

void AccountState::restore(EntityRef payment, const PaymentReversals& reversals) {
  reversals_.emplace(payment, reversals);
}

}  // namespace daybook
