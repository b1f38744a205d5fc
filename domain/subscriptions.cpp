// What the events of subscriptions mean to their account.
#include "domain/folds.h"
#include "domain/subscription_fold.h"
#include "domain/tables.h"
#include "schemas/events/subscriptions_generated.h"

namespace daybook {
namespace {

template <class Event>
void change(AccountState& account, const Event& event, const EventMoment& moment) {
  account.change_subscription(entity(event.subscription()),
                              [&](Subscription& subscription) { fold(subscription, event, moment); });
}

/// What was billed for time before the period that it is in now is over.
void end_lines(AccountState& account, EntityRef subscription) {
  account.end_billed(subscription, account.find_subscription(subscription)->period_start);
}

}  // namespace

void apply(AccountState& account, const schema::SubscriptionCreated& event, const EventMoment& moment) {
  account.add_subscription(created_subscription(event, moment));
  account.is_currency_fixed = true;
  account.is_blocked_by_trial = false;
}

void apply(AccountState& account, const schema::SubscriptionTrialStarted& event, const EventMoment& moment) {
  account.has_trialed = true;
  change(account, event, moment);
}

void apply(AccountState& account, const schema::SubscriptionActivated& event, const EventMoment& moment) {
  change(account, event, moment);
}

void apply(AccountState& account, const schema::TrialConverted& event, const EventMoment& moment) {
  change(account, event, moment);
}

void apply(AccountState& account, const schema::SubscriptionRenewed& event, const EventMoment& moment) {
  change(account, event, moment);
  end_lines(account, entity(event.subscription()));
}

void apply(AccountState& account, const schema::SubscriptionCancellationScheduled& event, const EventMoment& moment) {
  change(account, event, moment);
}

void apply(AccountState& account, const schema::SubscriptionCanceled& event, const EventMoment& moment) {
  change(account, event, moment);
  account.billed.end(entity(event.subscription()),
                     [&](EntityRef invoice) { return account.has_open_invoice(invoice); });
}

void apply(AccountState& account, const schema::SubscriptionReactivated& event, const EventMoment& moment) {
  change(account, event, moment);
  if (event.period() == nullptr) return;
  account.end_billed(entity(event.subscription()), never);
  account.is_blocked_by_trial = false;
}

void apply(AccountState& account, const schema::PlanChanged& event, const EventMoment& moment) {
  change(account, event, moment);
  end_lines(account, entity(event.subscription()));
}

void apply(AccountState& account, const schema::SubscriptionQuantityChanged& event, const EventMoment& moment) {
  change(account, event, moment);
}

void apply(AccountState& account, const schema::ProrationCalculated& event, const EventMoment& moment) {
  change(account, event, moment);
  account.billed.wait(account.find_subscription(entity(event.subscription()))->waiting);
}

void apply(AccountState& account, const schema::PlanChangeScheduled& event, const EventMoment& moment) {
  change(account, event, moment);
}

void apply(AccountState& account, const schema::ScheduledPlanChangeCanceled& event, const EventMoment& moment) {
  change(account, event, moment);
}

void apply(AccountState& account, const schema::SubscriptionDetailsChanged& event, const EventMoment& moment) {
  change(account, event, moment);
}

void apply(AccountState& account, const schema::SubscriptionPaused& event, const EventMoment& moment) {
  change(account, event, moment);
}

void apply(AccountState& account, const schema::SubscriptionResumed& event, const EventMoment& moment) {
  change(account, event, moment);
  account.billed.pause(entity(event.subscription()), instant(event.paused_at()), instant(event.resumed_at()));
}

void apply(AccountState& account, const schema::SubscriptionBecamePastDue& event, const EventMoment& moment) {
  change(account, event, moment);
}

void apply(AccountState& account, const schema::ProviderSubscriptionMirrored& event, const EventMoment& moment) {
  change(account, event, moment);
}

void apply(AccountState& account, const schema::SubscriptionRecovered& event, const EventMoment& moment) {
  change(account, event, moment);
}

}  // namespace daybook
