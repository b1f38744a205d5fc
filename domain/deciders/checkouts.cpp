// Hosted checkouts: a session is opened for what CreateSubscription would accept now, and nothing else happens; when
// the provider says that the customer has given a payment method, what was asked for is subscribed to by that very
// code.
#include <iterator>
#include <utility>

#include "domain/assert.h"
#include "domain/deciders/handlers.h"
#include "domain/deciders/subscription_plan.h"
#include "domain/rules/calendar.h"
#include "domain/tables.h"
#include "schemas/events/plans_generated.h"
#include "schemas/events/subscriptions_generated.h"

namespace daybook {
namespace {

Instant seconds_later(Instant at, std::int64_t seconds) {
  return Instant{micros(at) + seconds * micros_per_second};
}

/// As the customer would subscribe, whoever asks: the plan's trial is nobody's to lengthen here.
DecisionContext customers(const DecisionContext& context, std::uint64_t events_before) {
  DecisionContext own = context;
  own.role = Role::account_owner;
  own.next_version += events_before;
  return own;
}

CreateSubscription subscribing(const std::string& account_id, const StartCheckout& command) {
  CreateSubscription create;
  create.account_id = account_id;
  create.plan_id = command.plan_id;
  create.quantity = command.quantity;
  create.currency = command.currency;
  create.interval = command.interval;
  create.interval_count = command.interval_count;
  create.coupon = command.coupon;
  create.user_id = command.user_id;
  create.trial_days = command.trial_days;
  create.metadata = command.metadata;
  return create;
}

CreateSubscription subscribing(const std::string& account_id, const CheckoutSession& session,
                               const CompleteCheckout& command) {
  CreateSubscription create;
  create.account_id = account_id;
  create.plan_id = session.plan_id;
  create.quantity = session.quantity;
  create.currency = Currency{session.price->currency};
  create.interval = static_cast<BillingInterval>(session.price->interval);
  create.interval_count = session.price->interval_count;
  create.coupon = session.coupon;
  create.user_id = session.user_id;
  create.trial_days = session.trial_days;
  create.metadata.sealed = session.metadata;
  create.payment_method = command.payment_method;
  create.found = command.found;
  return create;
}

const schema::PlanPriceT& price_of_decision(const Decision& subscribed) {
  const auto* created = subscribed.events.front().as<schema::SubscriptionCreatedT>();
  ensure(created != nullptr, "a subscription that does not begin with its creation");
  return *created->price;
}

/// Whatever providers call it.
bool is_same_price(schema::PlanPriceT a, schema::PlanPriceT b) {
  a.provider_prices.clear();
  b.provider_prices.clear();
  return a == b;
}

PendingEvent checkout_opened(const AccountState& account, const StartCheckout& command, const schema::PlanPriceT& price,
                             Instant expires_at, const DecisionContext& context) {
  schema::CheckoutSessionOpenedT event;
  event.checkout_session = context.new_id();
  event.account_id = account.details.id;
  event.plan_id = command.plan_id;
  event.price = std::make_unique<schema::PlanPriceT>(price);
  event.quantity = command.quantity;
  if (command.trial_days) event.trial_days = *command.trial_days;
  event.coupon = command.coupon;
  event.user_id = command.user_id;
  event.opened_by = command.opened_by;
  event.success_url = to_table(command.success_url.sealed);
  event.cancel_url = to_table(command.cancel_url.sealed);
  event.metadata = to_table(command.metadata.sealed);
  event.expires_at = expires_at;
  if (!costs_nothing(price, command.quantity)) {
    event.provider = command.provider;
    if (!context.dry_run) event.provider_session_id = "sim_" + format_id("cs", context.new_id());
  }
  return PendingEvent::of(std::move(event));
}

PendingEvent checkout_completed(const AccountState& account, EntityRef session, EntityRef subscription) {
  schema::CheckoutSessionCompletedT event;
  event.checkout_session = session;
  event.account_id = account.details.id;
  event.subscription = subscription;
  return PendingEvent::of(std::move(event));
}

/// What comes of the subscription follows what the decision has.
void take_over(Decision& decision, Decision subscribed) {
  std::move(subscribed.events.begin(), subscribed.events.end(), std::back_inserter(decision.events));
  std::move(subscribed.book_events.begin(), subscribed.book_events.end(), std::back_inserter(decision.book_events));
}

/// Both ends are final.
Rejection no_way(const CheckoutSession& session, CheckoutStatus to) {
  return {
      RejectionCode::invalid_transition,
      {},
      {{"from", std::string(to_text(session.status))}, {"to", std::string(to_text(to))}, {"allowed", std::string()}}};
}

}  // namespace

Decision handle(const AccountState& account, const StartCheckout& command, const DecisionContext& context) {
  if (account.open_checkout_sessions() >= open_checkouts_max) {
    return limit_reached("open_checkout_sessions", open_checkouts_max);
  }
  const Instant expires_at = command.expires_at.value_or(seconds_later(whole_seconds(context.now), checkout_seconds));
  if (expires_at <= context.now || expires_at > seconds_later(context.now, checkout_seconds_max)) {
    return reject(must_be("/expires_at", "after now and within 7 days"));
  }
  // The session takes the first version, and the end of a free plan's the next one.
  const DecisionContext own = customers(context, 2);
  Decision subscribed = handle(account, subscribing(account.details.id, command), own);
  if (!subscribed.accepted()) return subscribed;
  const schema::PlanPriceT& price = price_of_decision(subscribed);
  const bool is_free = costs_nothing(price, command.quantity);
  if (!is_free && command.provider.empty()) return reject(RejectionCode::provider_not_configured);
  Decision decision = shows(SubjectKind::checkout_session, context.new_id());
  decision.events.push_back(checkout_opened(account, command, price, expires_at, context));
  if (!is_free) return decision;
  decision.events.push_back(checkout_completed(account, context.new_id(), own.new_id()));
  take_over(decision, std::move(subscribed));
  return decision;
}

Decision handle(const AccountState& account, const CompleteCheckout& command, const DecisionContext& context) {
  const CheckoutSession* session = account.find_checkout_session(command.checkout_session);
  if (session == nullptr) return reject(RejectionCode::not_found);
  Decision decision = shows(SubjectKind::checkout_session, session->id);
  if (session->status == CheckoutStatus::completed) return decision;
  if (!session->is_open()) return reject(no_way(*session, CheckoutStatus::completed));
  if (command.payment_method.sealed.empty()) return reject(must_be("/payment_method", "a token of the provider's"));
  const DecisionContext own = customers(context, 1);
  Decision subscribed = handle(account, subscribing(account.details.id, *session, command), own);
  if (!subscribed.accepted()) return subscribed;
  // Nobody pays another price than the page has shown.
  if (!is_same_price(price_of_decision(subscribed), *session->price)) {
    return reject(RejectionCode::price_not_available, "/plan_id");
  }
  decision.events.push_back(checkout_completed(account, session->id, own.new_id()));
  take_over(decision, std::move(subscribed));
  return decision;
}

Decision handle(const AccountState& account, const ExpireCheckout& command, const DecisionContext&) {
  const CheckoutSession* session = account.find_checkout_session(command.checkout_session);
  if (session == nullptr) return reject(RejectionCode::not_found);
  Decision decision = shows(SubjectKind::checkout_session, session->id);
  if (session->status == CheckoutStatus::expired) return decision;
  if (!session->is_open()) return reject(no_way(*session, CheckoutStatus::expired));
  decision.events.push_back(checkout_expired(account, *session));
  return decision;
}

PendingEvent checkout_expired(const AccountState& account, const CheckoutSession& session) {
  schema::CheckoutSessionExpiredT event;
  event.checkout_session = session.id;
  event.account_id = account.details.id;
  return PendingEvent::of(std::move(event));
}

}  // namespace daybook
