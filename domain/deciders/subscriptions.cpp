// Subscriptions: created with their first invoice or a trial, renewed, cancelled, begun again. Each goes the ways of
// its states and no others: trialing to active or canceled, active to canceled, canceled to active.
#include <utility>

#include "domain/assert.h"
#include "domain/deciders/account_parking.h"
#include "domain/deciders/handlers.h"
#include "domain/deciders/plan_check.h"
#include "domain/deciders/subscription_invoice.h"
#include "domain/deciders/subscription_period.h"
#include "domain/rules/calendar.h"
#include "domain/tables.h"
#include "schemas/events/accounts_generated.h"
#include "schemas/events/invoices_generated.h"
#include "schemas/events/plans_generated.h"
#include "schemas/events/subscriptions_generated.h"

namespace daybook {
namespace {

/// The states that a subscription can still reach, as a rejection shows them.
std::string_view targets_of(SubscriptionStatus status) {
  switch (status) {
    case SubscriptionStatus::trialing:
      return "active, canceled";
    case SubscriptionStatus::active:
      return "canceled";
    case SubscriptionStatus::canceled:
      return "active";
  }
  bug("a status of a subscription without targets");
}

Decision refuse_transition(const Subscription& subscription, SubscriptionStatus to) {
  return reject(RejectionCode::invalid_transition, {},
                {{"from", std::string(to_text(subscription.status))},
                 {"to", std::string(to_text(to))},
                 {"allowed", std::string(targets_of(subscription.status))}});
}

Decision shows(EntityRef subscription) {
  Decision decision;
  decision.subject = {SubjectKind::subscription, subscription};
  return decision;
}

/// The plan, as far as this account knows of it.
const Plan* find_plan(const AccountState& account, std::string_view id, const DecisionContext& context) {
  const auto found = context.book->catalogue->plans.find(id);
  if (found == context.book->catalogue->plans.end()) return nullptr;
  const Plan& plan = found->second;
  return plan.account_id.empty() || plan.account_id == account.details.id ? &plan : nullptr;
}

/// The price that is asked for; null if the plan does not have it.
const schema::PlanPriceT* find_price(const CreateSubscription& command, Currency currency,
                                     const schema::PlanTermsT& terms) {
  const schema::IntervalUnit unit =
      command.interval ? static_cast<schema::IntervalUnit>(*command.interval) : terms.interval;
  const std::int32_t count = command.interval_count.value_or(command.interval ? 1 : terms.interval_count);
  if (!valid_interval({static_cast<IntervalUnit>(unit), count})) return nullptr;
  for (const auto& price : terms.prices) {
    if (price->currency == currency.packed && price->interval == unit && price->interval_count == count) {
      return price.get();
    }
  }
  return nullptr;
}

/// How long its trial is; 0: none.
struct TrialChoice {
  std::int32_t days = 0;
  Rejection refusal;
};

TrialChoice choose_trial(const AccountState& account, const CreateSubscription& command,
                         const schema::PlanTermsT& terms, Role role) {
  const bool may_override = role == Role::super_admin || role == Role::billing_admin || role == Role::system;
  const std::int32_t days = command.trial_days.value_or(terms.trial_days);
  if (days > terms.trial_days && !may_override) return {0, {RejectionCode::forbidden, "/trial_days", {}}};
  if (days == 0 || !account.has_trialed) return {days, {}};
  if (command.trial_days && may_override) return {days, {}};
  return {0, {RejectionCode::trial_already_used, "/trial_days", {}}};
}

/// The subscription before its first period, as the event that creates it will make it.
Subscription begun(const AccountState& account, const CreateSubscription& command, const Plan& plan,
                   const schema::PlanPriceT& price, const DecisionContext& context) {
  const schema::PlanTermsT& terms = *plan.current().terms;
  Subscription subscription;
  subscription.id = context.new_id();
  subscription.plan_id = plan.id;
  subscription.plan_version = plan.current().number;
  subscription.plan_name = terms.name;
  subscription.price = std::make_shared<schema::PlanPriceT>(price);
  subscription.quantity = command.quantity;
  subscription.collects_automatically = !terms.manual_invoicing;
  const InvoiceNetDaysPolicy& net_days = context.book->policies.net_days;
  const std::uint16_t usual = terms.manual_invoicing ? net_days.manual : std::uint16_t{0};
  subscription.net_days = terms.net_days.has_value() ? *terms.net_days : usual;
  subscription.time_zone = account.details.time_zone;
  subscription.metadata = command.metadata.sealed;
  return subscription;
}

PendingEvent created(const AccountState& account, const Subscription& subscription) {
  schema::SubscriptionCreatedT event;
  event.subscription = subscription.id;
  event.account_id = account.details.id;
  event.plan_id = subscription.plan_id;
  event.plan_version = subscription.plan_version;
  event.plan_name = subscription.plan_name;
  event.price = std::make_unique<schema::PlanPriceT>(*subscription.price);
  event.quantity = subscription.quantity;
  event.net_days = subscription.net_days;
  event.collects_automatically = subscription.collects_automatically;
  event.metadata = to_table(subscription.metadata);
  return PendingEvent::of(std::move(event));
}

template <class Event>
PendingEvent period_begun(const AccountState& account, const Subscription& subscription,
                          const schema::SubscriptionPeriodT& period) {
  Event event;
  event.subscription = subscription.id;
  event.account_id = account.details.id;
  event.period = std::make_unique<schema::SubscriptionPeriodT>(period);
  return PendingEvent::of(std::move(event));
}

/// Of a command whose invoice would be out of bounds.
Decision refuse_invoice(schema::ParkReason fault, std::string_view pointer) {
  if (fault == schema::ParkReason::amount_out_of_range) return reject(RejectionCode::amount_out_of_range, pointer);
  const bool is_lines = fault == schema::ParkReason::too_many_lines;
  return limit_reached(is_lines ? "lines of an invoice" : "drafts and open invoices of an account",
                       is_lines ? invoice_lines_max : open_invoices_max);
}

PendingEvent canceled(const AccountState& account, const Subscription& subscription, schema::CancellationCause cause) {
  schema::SubscriptionCanceledT event;
  event.subscription = subscription.id;
  event.account_id = account.details.id;
  event.cause = cause;
  return PendingEvent::of(std::move(event));
}

}  // namespace

Decision handle(const AccountState& account, const CreateSubscription& command, const DecisionContext& context) {
  const Plan* plan = find_plan(account, command.plan_id, context);
  if (plan == nullptr) return reject(RejectionCode::not_found, "/plan_id");
  if (!plan->is_active) return reject(RejectionCode::plan_retired, "/plan_id");
  const Currency currency = command.currency.value_or(account.details.currency);
  if (currency != account.details.currency) {
    return reject(RejectionCode::validation_failed, "/currency", {{"expected", code(account.details.currency)}});
  }
  const schema::PlanTermsT& terms = *plan->current().terms;
  const schema::PlanPriceT* price = find_price(command, currency, terms);
  if (price == nullptr) return reject(RejectionCode::price_not_available, command.interval ? "/interval" : "/plan_id");
  const std::optional<Price> computed = price_of_terms(*price);
  if (!computed || !price_of(*computed, Rational(command.quantity))) {
    return reject(RejectionCode::amount_out_of_range, "/quantity");
  }
  if (account.subscriptions().size() >= subscriptions_max) {
    return reject(RejectionCode::limit_reached, {}, {{"limit", std::string("subscriptions of an account")}});
  }
  const TrialChoice trial = choose_trial(account, command, terms, context.role);
  if (trial.refusal.code != RejectionCode::none) return reject(trial.refusal);

  const Subscription subscription = begun(account, command, *plan, *price, context);
  Decision decision = shows(subscription.id);
  decision.events.push_back(created(account, subscription));
  std::vector<AccountDiscount> discounts = account.discounts;
  if (!command.coupon.empty()) {
    const RedeemCoupon redeem{command.coupon, account.details.id, command.user_id, command.plan_id};
    Rejection refusal = redeem_coupon(decision, discounts.emplace_back(), account, redeem, subscription.id, context);
    if (refusal.code == RejectionCode::not_found) {
      refusal = {RejectionCode::coupon_invalid, {}, {{"reason", std::string("unknown")}}};
    }
    if (refusal.code != RejectionCode::none) {
      if (refusal.pointer.empty()) refusal.pointer = "/coupon";
      return reject(std::move(refusal));
    }
  }
  const Instant start = whole_seconds(context.now);
  const NamedZone zone = zone_named(account.details.time_zone, context.zones);
  if (trial.days > 0) {
    const std::optional<Instant> end = add_days(start, trial.days, *zone.zone);
    ensure(end.has_value(), "a trial that ends after the calendar");
    schema::SubscriptionTrialStartedT event;
    event.subscription = subscription.id;
    event.account_id = account.details.id;
    event.start = start;
    event.end = *end;
    event.days = static_cast<std::uint16_t>(trial.days);
    event.time_zone = zone.name;
    event.tz_version = zone.tz_version;
    decision.events.push_back(PendingEvent::of(std::move(event)));
    return decision;
  }
  const auto period = first_period(*price, start, zone);
  decision.events.push_back(period_begun<schema::SubscriptionActivatedT>(account, subscription, *period));
  const PeriodToBill due{subscription, *period, schema::BillingReason::subscription_create, discounts};
  if (const auto fault = bill(decision, account, due, context)) return refuse_invoice(*fault, "/quantity");
  return decision;
}

Decision handle(const AccountState& account, const CancelSubscription& command, const DecisionContext&) {
  const Subscription* subscription = account.find_subscription(command.subscription);
  if (subscription == nullptr) return reject(RejectionCode::not_found);
  if (!subscription->is_live()) return refuse_transition(*subscription, SubscriptionStatus::canceled);
  Decision decision = shows(subscription->id);
  if (command.mode == CancellationMode::immediate) {
    schema::SubscriptionCanceledT event;
    event.subscription = subscription->id;
    event.account_id = account.details.id;
    event.cancel_reason = to_table(command.reason.sealed);
    event.cancel_comment = to_table(command.comment.sealed);
    decision.events.push_back(PendingEvent::of(std::move(event)));
    return decision;
  }
  if (subscription->cancels_at_period_end) return decision;
  schema::SubscriptionCancellationScheduledT event;
  event.subscription = subscription->id;
  event.account_id = account.details.id;
  event.cancel_at = subscription->period_end;
  event.cancel_reason = to_table(command.reason.sealed);
  event.cancel_comment = to_table(command.comment.sealed);
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

Decision handle(const AccountState& account, const ReactivateSubscription& command, const DecisionContext& context) {
  const Subscription* subscription = account.find_subscription(command.subscription);
  if (subscription == nullptr) return reject(RejectionCode::not_found);
  Decision decision = shows(subscription->id);
  if (subscription->is_live()) {
    if (!subscription->cancels_at_period_end) return refuse_transition(*subscription, SubscriptionStatus::active);
    schema::SubscriptionReactivatedT event;
    event.subscription = subscription->id;
    event.account_id = account.details.id;
    decision.events.push_back(PendingEvent::of(std::move(event)));
    return decision;
  }
  const Plan* plan = find_plan(account, subscription->plan_id, context);
  if (plan == nullptr || !plan->is_active) return reject(RejectionCode::plan_retired);
  const NamedZone zone = zone_named(account.details.time_zone, context.zones);
  const auto period = first_period(*subscription->price, whole_seconds(context.now), zone);
  decision.events.push_back(period_begun<schema::SubscriptionReactivatedT>(account, *subscription, *period));
  const PeriodToBill due{*subscription, *period, schema::BillingReason::subscription_create, account.discounts};
  if (const auto fault = bill(decision, account, due, context)) return refuse_invoice(*fault, {});
  return decision;
}

Decision subscription_due(const AccountState& account, const Subscription& subscription,
                          const DecisionContext& context) {
  Decision decision;
  if (subscription.cancels_at_period_end) {
    decision.events.push_back(canceled(account, subscription, schema::CancellationCause::scheduled));
    return decision;
  }
  if (account.details.status != AccountStatus::active) {
    decision.events.push_back(canceled(account, subscription, schema::CancellationCause::account_deleted));
    return decision;
  }
  const bool is_trial = subscription.status == SubscriptionStatus::trialing;
  const auto period = is_trial ? first_period(*subscription.price, subscription.period_end,
                                              zone_named(subscription.time_zone, context.zones))
                               : next_period(subscription, context.zones);
  decision.events.push_back(is_trial ? period_begun<schema::TrialConvertedT>(account, subscription, *period)
                                     : period_begun<schema::SubscriptionRenewedT>(account, subscription, *period));
  const auto reason = is_trial ? schema::BillingReason::subscription_create : schema::BillingReason::subscription_cycle;
  const auto fault = bill(decision, account, {subscription, *period, reason, account.discounts}, context);
  if (fault) return account_parked(account, subscription, *fault);
  return decision;
}

void cancel_subscriptions(Decision& decision, const AccountState& account) {
  for (const auto& [id, subscription] : account.subscriptions()) {
    if (!subscription.is_live()) continue;
    decision.events.push_back(canceled(account, subscription, schema::CancellationCause::account_deleted));
  }
}

}  // namespace daybook
