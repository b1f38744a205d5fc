// Pauses of subscriptions: begun and ended by command. What comes due of a paused one is in subscriptions.cpp.
#include "domain/deciders/subscription_pause.h"

#include "domain/deciders/handlers.h"
#include "domain/deciders/subscription_period.h"
#include "domain/deciders/subscription_states.h"
#include "domain/rules/calendar.h"
#include "domain/tables.h"
#include "schemas/events/subscriptions_generated.h"

namespace daybook {
namespace {

Instant days_later(Instant at, std::int64_t days) {
  return Instant{micros(at) + days * micros_per_day};
}

}  // namespace

PendingEvent subscription_resumed(const AccountState& account, const Subscription& subscription, Instant at,
                                  schema::ResumeMode mode, const DecisionContext& context) {
  schema::SubscriptionResumedT event;
  event.subscription = subscription.id;
  event.account_id = account.details.id;
  event.mode = mode;
  event.paused_at = subscription.paused_at;
  event.resumed_at = at;
  event.trial_end = never;
  if (subscription.is_in_trial()) {
    event.trial_end = end_after_pause(subscription, at);
  } else {
    event.period = resumed_period(subscription, at, context.zones);
  }
  return PendingEvent::of(std::move(event));
}

Decision handle(const AccountState& account, const PauseSubscription& command, const DecisionContext& context) {
  const Subscription* subscription = account.find_subscription(command.subscription);
  if (subscription == nullptr) return reject(RejectionCode::not_found);
  const bool runs =
      subscription->status == SubscriptionStatus::active || subscription->status == SubscriptionStatus::trialing;
  if (!runs) return reject(no_way(*subscription, SubscriptionStatus::paused));
  const Instant at = whole_seconds(context.now);
  const std::int64_t days = context.book->policies.pause_max_days.days;
  const Instant resumes_at = command.resumes_at.value_or(never);
  const bool is_in_time =
      !command.resumes_at || (resumes_at <= days_later(at, days) && context.now < whole_seconds(resumes_at));
  if (!is_in_time) {
    return reject(must_be("/resumes_at", "in the future, at most so many days ahead", {{"maximum_days", days}}));
  }
  Decision decision = shows(SubjectKind::subscription, subscription->id);
  schema::SubscriptionPausedT event;
  event.subscription = subscription->id;
  event.account_id = account.details.id;
  event.paused_at = at;
  event.resumes_at = command.resumes_at ? whole_seconds(resumes_at) : never;
  // The last of the days is paused for still.
  event.cancels_at = days_later(at, days + 1);
  event.reason = to_table(command.reason.sealed);
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

Decision handle(const AccountState& account, const ResumeSubscription& command, const DecisionContext& context) {
  const Subscription* subscription = account.find_subscription(command.subscription);
  if (subscription == nullptr) return reject(RejectionCode::not_found);
  if (subscription->is_paused()) {
    Decision decision = shows(SubjectKind::subscription, subscription->id);
    const Instant at = whole_seconds(context.now);
    decision.events.push_back(subscription_resumed(account, *subscription, at, schema::ResumeMode::manual, context));
    return decision;
  }
  const bool is_to_end = subscription->is_live() && subscription->cancels_at_period_end;
  if (!is_to_end) return reject(no_way(*subscription, SubscriptionStatus::active));
  return handle(account, ReactivateSubscription{command.account_id, command.subscription}, context);
}

}  // namespace daybook
