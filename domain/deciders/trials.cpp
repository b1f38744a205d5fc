#include "domain/deciders/trials.h"

#include <utility>

#include "domain/assert.h"
#include "domain/deciders/plan_check.h"
#include "domain/deciders/subscription_period.h"
#include "domain/deciders/subscription_plan.h"
#include "domain/native.h"
// native.h comes before the generated headers, which name its functions.
#include "schemas/events/accounts_generated.h"
#include "schemas/events/plans_generated.h"
#include "schemas/events/subscriptions_generated.h"

namespace daybook {
namespace {

/// What everybody can subscribe to.
struct Offer {
  const Plan* plan = nullptr;  ///< Null: there is no such plan.
  const schema::PlanPriceT* price = nullptr;
};

/// The plan of that tier whose id is the first in the alphabet, of those that are public, active and have a price in
/// the currency that fits; of such prices that of the plan's usual interval, else the first.
template <class Fits>
Offer offer_of(std::string_view tier, Currency currency, const DecisionContext& context, Fits fits) {
  for (const auto& [id, plan] : context.book->catalogue->plans) {
    const schema::PlanTermsT& terms = *plan.current().terms;
    if (terms.tier != tier || !plan.is_active || !plan.account_id.empty()) continue;
    const Interval usual{static_cast<IntervalUnit>(terms.interval), terms.interval_count};
    const schema::PlanPriceT* best = nullptr;
    for (const auto& price : terms.prices) {
      if (price->currency != currency.packed || !fits(*price)) continue;
      if (best == nullptr || interval_of(*price) == usual) best = price.get();
    }
    if (best != nullptr) return {&plan, best};
  }
  return {};
}

/// The free plan with its price, as an event tells it; null if the book has none for the account.
std::unique_ptr<schema::SubscribedPlanT> free_plan(const AccountState& account, std::int64_t quantity,
                                                   const DecisionContext& context) {
  const Offer offer = offer_of("free", account.details.currency, context,
                               [&](const schema::PlanPriceT& price) { return costs_nothing(price, quantity); });
  if (offer.plan == nullptr) return nullptr;
  return std::make_unique<schema::SubscribedPlanT>(subscribed_plan(*offer.plan, *offer.price, context));
}

/// The last one that is due and has not been issued: what was to come before it is too late.
Decision reminder(const AccountState& account, EntityRef subscription, Instant trial_end,
                  const DecisionContext& context) {
  schema::TrialReminderIssuedT event;
  event.subscription = subscription;
  event.account_id = account.details.id;
  event.trial_end = trial_end;
  for (const std::uint8_t days : trial_reminder_days) {
    if (trial_reminder_at(trial_end, days) <= context.now) event.days_before = days;
  }
  ensure(event.days_before != 0, "a reminder that is not due");
  Decision decision;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

schema::TrialExpiredT expired(const AccountState& account, EntityRef subscription, Instant trial_end,
                              schema::TrialOutcome outcome) {
  schema::TrialExpiredT event;
  event.subscription = subscription;
  event.account_id = account.details.id;
  event.outcome = outcome;
  event.trial_end = trial_end;
  return event;
}

}  // namespace

void start_account_trial(Decision& decision, const OpenAccount& command, const DecisionContext& context) {
  const TrialOnOpeningPolicy& policy = context.book->policies.trial_on_opening;
  if (policy.starts == TrialOnOpening::off) return;
  const Offer offer = offer_of("starter", *command.currency, context, [](const schema::PlanPriceT&) { return true; });
  if (offer.plan == nullptr) return;
  const NamedZone zone = zone_named(command.time_zone, context.zones);
  const Instant start = whole_seconds(context.now);
  const std::optional<Instant> end = add_days(start, policy.days, *zone.zone);
  ensure(end.has_value(), "a trial that ends after the calendar");
  schema::AccountTrialStartedT event;
  event.account_id = command.account_id;
  event.plan_id = offer.plan->id;
  event.plan_version = offer.plan->current().number;
  event.start = start;
  event.end = *end;
  event.days = policy.days;
  event.time_zone = zone.name;
  event.tz_version = zone.tz_version;
  decision.events.push_back(PendingEvent::of(std::move(event)));
}

void end_account_trial(Decision& decision, const AccountState& account) {
  if (!account.details.trial.is_running) return;
  schema::TrialEndedEarlyT event;
  event.account_id = account.details.id;
  event.trial_end = account.details.trial.end;
  decision.events.push_back(PendingEvent::of(std::move(event)));
}

Decision account_trial_due(const AccountState& account, const DecisionContext& context) {
  const AccountTrial& trial = account.details.trial;
  if (context.now < trial.end) return reminder(account, {}, trial.end, context);
  using Outcome = schema::TrialOutcome;
  schema::TrialExpiredT event = expired(account, {}, trial.end, Outcome::ended);
  if (context.book->policies.trial_end == TrialEnd::convert_or_block) {
    event.outcome = Outcome::blocked;
  } else if (context.book->policies.trial_end == TrialEnd::convert_or_downgrade) {
    event.free_plan = free_plan(account, 1, context);
    if (event.free_plan) event.outcome = Outcome::downgraded;
  }
  Decision decision;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

Decision trial_reminder_due(const AccountState& account, const Subscription& subscription,
                            const DecisionContext& context) {
  return reminder(account, subscription.id, subscription.trial_end, context);
}

std::optional<Decision> unpaid_trial_end(const AccountState& account, const Subscription& subscription,
                                         const DecisionContext& context) {
  using Outcome = schema::TrialOutcome;
  schema::TrialExpiredT event = expired(account, subscription.id, subscription.trial_end, Outcome::blocked);
  const TrialEnd policy = context.book->policies.trial_end;
  if (policy == TrialEnd::cancel) event.outcome = Outcome::canceled;
  if (policy == TrialEnd::convert_or_downgrade) {
    event.free_plan = free_plan(account, subscription.quantity, context);
    if (!event.free_plan) return std::nullopt;
    event.outcome = Outcome::downgraded;
    const NamedZone zone = zone_named(subscription.time_zone, context.zones);
    event.period = first_period(*event.free_plan->price, subscription.period_end, zone);
  }
  Decision decision;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  if (policy != TrialEnd::cancel) return decision;
  schema::SubscriptionCanceledT canceled;
  canceled.subscription = subscription.id;
  canceled.account_id = account.details.id;
  canceled.cause = schema::CancellationCause::trial_expired;
  decision.events.push_back(PendingEvent::of(std::move(canceled)));
  return decision;
}

bool is_blocked_by_trial(const AccountState& account, Role role) {
  const bool is_customer = role == Role::account_owner || role == Role::account_member || role == Role::api_key;
  return is_customer && account.is_blocked_by_trial;
}

Decision refuse_after_trial() {
  return reject(RejectionCode::trial_expired, {}, {{"upgrade_url", std::string("/v1/subscriptions")}});
}

}  // namespace daybook
