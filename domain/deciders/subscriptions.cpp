// Subscriptions: created with their first invoice or a trial, renewed, cancelled, begun again, and what comes due of
// paused ones. Each goes the ways of its states (subscription_states.h) and no others.
#include <utility>

#include "domain/assert.h"
#include "domain/deciders/account_parking.h"
#include "domain/deciders/handlers.h"
#include "domain/deciders/payment_collect.h"
#include "domain/deciders/subscription_invoice.h"
#include "domain/deciders/subscription_pause.h"
#include "domain/deciders/subscription_period.h"
#include "domain/deciders/subscription_plan.h"
#include "domain/deciders/subscription_states.h"
#include "domain/deciders/trials.h"
#include "domain/rules/calendar.h"
#include "domain/tables.h"
#include "schemas/events/accounts_generated.h"
#include "schemas/events/invoices_generated.h"
#include "schemas/events/plans_generated.h"
#include "schemas/events/subscriptions_generated.h"

namespace daybook {
namespace {

/// How long its trial is; 0: none.
struct TrialChoice {
  std::int32_t days = 0;
  Rejection refusal;
};

TrialChoice choose_trial(const AccountState& account, const CreateSubscription& command,
                         const schema::PlanTermsT& terms, Role role) {
  const std::int32_t days = command.trial_days.value_or(terms.trial_days);
  if (days > terms.trial_days && !may_override(role)) return {0, {RejectionCode::forbidden, "/trial_days", {}}};
  if (days == 0 || !account.has_trialed) return {days, {}};
  if (command.trial_days && may_override(role)) return {days, {}};
  return {0, {RejectionCode::trial_already_used, "/trial_days", {}}};
}

/// The subscription before its first period, as the event that creates it will make it.
Subscription begun(const AccountState& account, const CreateSubscription& command, const Plan& plan,
                   const schema::PlanPriceT& price, const DecisionContext& context) {
  Subscription subscription = on_plan({}, subscribed_plan(plan, price, context), command.quantity);
  subscription.id = context.new_id();
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

PendingEvent canceled(const AccountState& account, const Subscription& subscription, schema::CancellationCause cause) {
  schema::SubscriptionCanceledT event;
  event.subscription = subscription.id;
  event.account_id = account.details.id;
  event.cause = cause;
  return PendingEvent::of(std::move(event));
}

/// With its end: what changes gave back and billed, and waits for an invoice that will not come; where unused time is
/// credited, only what was used of it, and the rest of what was billed is given back.
std::optional<schema::ParkReason> bill_end(Decision& decision, const AccountState& account,
                                           const Subscription& subscription, UnusedTime unused_time,
                                           const DecisionContext& context) {
  InvoiceLines lines = waiting_lines(subscription);
  if (unused_time == UnusedTime::prorated_credit) {
    const Instant at = used_until(subscription, context.now);
    const NamedZone zone = zone_named(subscription.time_zone, context.zones);
    const bool tax_inclusive = subscription.price->tax_behavior == schema::TaxBehavior::inclusive;
    lines = joined(cut_lines(subscription.waiting, at, context, *zone.zone),
                   credit_lines(account, subscription.id, at, tax_inclusive, context, *zone.zone));
  }
  const LinesToBill due{subscription, schema::BillingReason::subscription_update, account.discounts};
  return bill_lines(decision, account, std::move(lines), due, context);
}

/// It ends because its time has come. Of a deleted account nothing is billed.
Decision end_when_due(const AccountState& account, const Subscription& subscription, schema::CancellationCause cause,
                      UnusedTime unused_time, const DecisionContext& context) {
  Decision decision;
  decision.events.push_back(canceled(account, subscription, cause));
  if (account.details.status != AccountStatus::active) return decision;
  const auto fault = bill_end(decision, account, subscription, unused_time, context);
  return fault ? account_parked(account, subscription, *fault) : std::move(decision);
}

Decision pause_due(const AccountState& account, const Subscription& subscription, const DecisionContext& context) {
  using Cause = schema::CancellationCause;
  const bool is_active = account.details.status == AccountStatus::active;
  if (is_active && subscription.resumes_at <= subscription.pause_ends_at) {
    Decision decision;
    decision.events.push_back(
        subscription_resumed(account, subscription, subscription.resumes_at, schema::ResumeMode::auto_, context));
    return decision;
  }
  return end_when_due(account, subscription, is_active ? Cause::pause_limit : Cause::account_deleted,
                      context.book->policies.cancel_unused_time.unused_time, context);
}

/// Whether the account may have one more live subscription; why not.
std::optional<Rejection> check_live(const AccountState& account, const DecisionContext& context) {
  if (context.book->policies.max_live != LiveSubscriptions::single) return std::nullopt;
  for (const auto& [id, subscription] : account.subscriptions()) {
    if (!subscription.is_live()) continue;
    return Rejection{RejectionCode::subscription_exists, {}, {{"subscription_id", format_id("sub", id)}}};
  }
  return std::nullopt;
}

}  // namespace

Decision handle(const AccountState& account, const CreateSubscription& command, const DecisionContext& context) {
  const Plan* plan = find_plan(account, command.plan_id, context);
  if (plan == nullptr) return reject(RejectionCode::not_found, "/plan_id");
  if (!plan->is_active) return reject(RejectionCode::plan_retired, "/plan_id");
  const Currency currency = command.currency.value_or(account.details.currency);
  if (currency != account.details.currency) {
    return reject(
        must_be("/currency", "the account's", {{"account_currency", std::string(code(account.details.currency))}}));
  }
  const schema::PlanTermsT& terms = *plan->current().terms;
  const Interval usual{static_cast<IntervalUnit>(terms.interval), terms.interval_count};
  const auto* price = find_price(terms, currency, asked_interval(command.interval, command.interval_count, usual));
  if (price == nullptr) return reject(RejectionCode::price_not_available, command.interval ? "/interval" : "/plan_id");
  if (!is_in_range(*price, command.quantity)) return reject(RejectionCode::amount_out_of_range, "/quantity");
  if (account.subscriptions().size() >= subscriptions_max) {
    return reject(RejectionCode::limit_reached, {}, {{"limit", std::string("subscriptions of an account")}});
  }
  if (auto refusal = check_live(account, context)) return reject(std::move(*refusal));
  const TrialChoice trial = choose_trial(account, command, terms, context.role);
  if (trial.refusal.code != RejectionCode::none) return reject(trial.refusal);

  const Subscription subscription = begun(account, command, *plan, *price, context);
  Decision decision = shows(SubjectKind::subscription, subscription.id);
  decision.events.push_back(created(account, subscription));
  end_account_trial(decision, account);
  std::vector<AccountDiscount> discounts = account.discounts;
  if (!command.coupon.empty()) {
    const RedeemCoupon redeem{command.coupon, account.details.id, command.user_id, command.plan_id};
    Rejection refusal =
        redeem_for_subscription(decision, discounts.emplace_back(), account, redeem, subscription.id, context);
    if (refusal.code != RejectionCode::none) return reject(std::move(refusal));
  }
  std::optional<PaymentMethod> method;
  Rejection no_method = choose_method(decision, method, account, command, context);
  if (no_method.code != RejectionCode::none) return reject(std::move(no_method));
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
  const LinesToBill due{subscription, schema::BillingReason::subscription_create, discounts,
                        method ? &*method : nullptr};
  if (const auto fault = bill_period(decision, account, *period, due, context)) {
    return refuse_invoice(*fault, "/quantity");
  }
  return decision;
}

Decision handle(const AccountState& account, const CancelSubscription& command, const DecisionContext& context) {
  const Subscription* subscription = account.find_subscription(command.subscription);
  if (subscription == nullptr) return reject(RejectionCode::not_found);
  if (!subscription->is_live()) return reject(no_way(*subscription, SubscriptionStatus::canceled));
  const Policies& policies = context.book->policies;
  const CancellationMode mode = command.mode.value_or(policies.cancel_default);
  const UnusedTime usual = policies.cancel_unused_time.unused_time;
  const UnusedTime unused_time = command.unused_time.value_or(usual);
  if (command.unused_time && mode != CancellationMode::immediate) {
    return reject(must_be("/unused_time", "left out of a cancellation at the end of the period"));
  }
  if (unused_time != usual && !may_override(context.role)) return reject(RejectionCode::forbidden, "/unused_time");
  Decision decision = shows(SubjectKind::subscription, subscription->id);
  if (mode == CancellationMode::immediate) {
    schema::SubscriptionCanceledT event;
    event.subscription = subscription->id;
    event.account_id = account.details.id;
    event.cancel_reason = to_table(command.reason.sealed);
    event.cancel_comment = to_table(command.comment.sealed);
    decision.events.push_back(PendingEvent::of(std::move(event)));
    const auto fault = bill_end(decision, account, *subscription, unused_time, context);
    return fault ? refuse_invoice(*fault, {}) : std::move(decision);
  }
  if (subscription->cancels_at_period_end) return decision;
  schema::SubscriptionCancellationScheduledT event;
  event.subscription = subscription->id;
  event.account_id = account.details.id;
  event.cancel_at = subscription->is_paused() ? never : subscription->period_end;
  event.cancel_reason = to_table(command.reason.sealed);
  event.cancel_comment = to_table(command.comment.sealed);
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

Decision handle(const AccountState& account, const MirrorProviderSubscription& command,
                const DecisionContext& context) {
  const Subscription* subscription = account.find_subscription(command.subscription);
  if (subscription == nullptr) return reject(RejectionCode::not_found);
  Decision decision = shows(SubjectKind::subscription, subscription->id);
  const ProviderSubscription& known = subscription->mirrored;
  const ProviderSubscription told{command.provider, command.provider_subscription_id, command.provider_status,
                                  command.has_ended};
  // Messages may come in any order: what has ended there stays so.
  const bool is_late = known.has_ended && !told.has_ended && known.provider == told.provider && known.id == told.id;
  if (told == known || is_late) return decision;
  schema::ProviderSubscriptionMirroredT event;
  event.subscription = subscription->id;
  event.account_id = account.details.id;
  event.provider = told.provider;
  event.provider_subscription_id = told.id;
  event.provider_status = told.status;
  event.has_ended = told.has_ended;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  if (!told.has_ended || !subscription->is_live()) return decision;
  decision.events.push_back(canceled(account, *subscription, schema::CancellationCause::provider));
  const auto fault =
      bill_end(decision, account, *subscription, context.book->policies.cancel_unused_time.unused_time, context);
  return fault ? refuse_invoice(*fault, {}) : std::move(decision);
}

Decision handle(const AccountState& account, const ReactivateSubscription& command, const DecisionContext& context) {
  const Subscription* subscription = account.find_subscription(command.subscription);
  if (subscription == nullptr) return reject(RejectionCode::not_found);
  Decision decision = shows(SubjectKind::subscription, subscription->id);
  if (subscription->is_live()) {
    if (!subscription->cancels_at_period_end) return reject(no_way(*subscription, SubscriptionStatus::active));
    schema::SubscriptionReactivatedT event;
    event.subscription = subscription->id;
    event.account_id = account.details.id;
    decision.events.push_back(PendingEvent::of(std::move(event)));
    return decision;
  }
  if (auto refusal = check_live(account, context)) return reject(std::move(*refusal));
  const Plan* plan = find_plan(account, subscription->plan_id, context);
  ensure(plan != nullptr, "a subscription to a plan that its book does not have");
  if (!plan->is_active) return reject(RejectionCode::plan_retired);
  const NamedZone zone = zone_named(account.details.time_zone, context.zones);
  const auto period = first_period(*subscription->price, whole_seconds(context.now), zone);
  decision.events.push_back(period_begun<schema::SubscriptionReactivatedT>(account, *subscription, *period));
  end_account_trial(decision, account);
  const LinesToBill due{*subscription, schema::BillingReason::subscription_create, account.discounts};
  if (const auto fault = bill_period(decision, account, *period, due, context)) return refuse_invoice(*fault, {});
  return decision;
}

Decision subscription_due(const AccountState& account, const Subscription& subscription,
                          const DecisionContext& context) {
  if (subscription.is_paused()) return pause_due(account, subscription, context);
  if (context.now < subscription.period_end) return trial_reminder_due(account, subscription, context);
  using Cause = schema::CancellationCause;
  const bool is_active = account.details.status == AccountStatus::active;
  if (subscription.cancels_at_period_end || !is_active) {
    return end_when_due(account, subscription,
                        subscription.cancels_at_period_end ? Cause::scheduled : Cause::account_deleted,
                        UnusedTime::no_credit, context);
  }
  Decision decision;
  const Subscription next = change_as_scheduled(decision, account, subscription);
  const bool is_trial = subscription.status == SubscriptionStatus::trialing;
  const bool begins_anew = interval_of(*next.price) != interval_of(*subscription.price);
  const NamedZone zone = zone_named(is_trial ? subscription.time_zone : account.details.time_zone, context.zones);
  const auto period = is_trial || begins_anew ? first_period(*next.price, subscription.period_end, zone)
                                              : next_period(subscription, context.zones);
  decision.events.push_back(is_trial ? period_begun<schema::TrialConvertedT>(account, subscription, *period)
                                     : period_begun<schema::SubscriptionRenewedT>(account, subscription, *period));
  const auto reason = is_trial ? schema::BillingReason::subscription_create : schema::BillingReason::subscription_cycle;
  const auto fault = bill_period(decision, account, *period, {next, reason, account.discounts}, context);
  if (fault) return account_parked(account, subscription, *fault);
  if (!is_trial || !lacks_payment_method(decision)) return decision;
  auto end = unpaid_trial_end(account, subscription, context);
  return end ? std::move(*end) : std::move(decision);
}

void cancel_subscriptions(Decision& decision, const AccountState& account) {
  for (const auto& [id, subscription] : account.subscriptions()) {
    if (!subscription.is_live()) continue;
    decision.events.push_back(canceled(account, subscription, schema::CancellationCause::account_deleted));
  }
}

}  // namespace daybook
