// What the events of checkout sessions mean to their account.
#include <algorithm>
#include <utility>

#include "domain/assert.h"
#include "domain/checkout_fold.h"
#include "domain/folds.h"
#include "domain/tables.h"
#include "schemas/events/subscriptions_generated.h"

namespace daybook {
namespace {

template <class Event>
void end_checkout(AccountState& account, const Event& event, const EventMoment& moment) {
  account.end_checkout_session(entity(event.checkout_session()),
                               [&](CheckoutSession& session) { fold(session, event, moment); });
}

}  // namespace

void apply(AccountState& account, const schema::CheckoutSessionOpened& event, const EventMoment& moment) {
  account.add_checkout_session(opened_checkout(event, moment));
  account.is_currency_fixed = true;
}

void apply(AccountState& account, const schema::CheckoutSessionCompleted& event, const EventMoment& moment) {
  end_checkout(account, event, moment);
}

void apply(AccountState& account, const schema::CheckoutSessionExpired& event, const EventMoment& moment) {
  end_checkout(account, event, moment);
}

// What an account's state holds of checkout sessions:

const CheckoutSession* AccountState::find_checkout_session(EntityRef id) const {
  const auto found = checkout_sessions_.find(id);
  return found == checkout_sessions_.end() ? nullptr : &found->second;
}

std::size_t AccountState::open_checkout_sessions() const {
  return static_cast<std::size_t>(std::count_if(checkout_sessions_.begin(), checkout_sessions_.end(),
                                                [](const auto& entry) { return entry.second.is_open(); }));
}

void AccountState::add_checkout_session(CheckoutSession session) {
  ensure(session.is_open(), "a checkout session that begins with its end");
  const EntityRef id = session.id;
  due_.insert({session.expires_at, DueKind::checkout, id});
  const bool is_new = checkout_sessions_.emplace(id, std::move(session)).second;
  ensure(is_new, "a checkout session's id twice in one stream");
}

CheckoutSession& AccountState::checkout_session_at(EntityRef id) {
  const auto found = checkout_sessions_.find(id);
  ensure(found != checkout_sessions_.end() && found->second.is_open(), "an event on a checkout session that has ended");
  return found->second;
}

void AccountState::finish_checkout_session(EntityRef id) {
  due_.erase({checkout_sessions_.at(id).expires_at, DueKind::checkout, id});
  ended_checkouts_.push_back(id);
}

void AccountState::adopt(CheckoutSession session) {
  ensure(!session.is_open(), "an open checkout session is never outside the state");
  const EntityRef id = session.id;
  if (checkout_sessions_.emplace(id, std::move(session)).second) ended_checkouts_.push_back(id);
}

void AccountState::restore(CheckoutSession session) {
  add_checkout_session(std::move(session));
}

}  // namespace daybook
