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

}  // namespace

void apply(AccountState& account, const schema::SubscriptionCreated& event, const EventMoment& moment) {
  account.add_subscription(created_subscription(event, moment));
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
}

void apply(AccountState& account, const schema::SubscriptionCancellationScheduled& event, const EventMoment& moment) {
  change(account, event, moment);
}

void apply(AccountState& account, const schema::SubscriptionCanceled& event, const EventMoment& moment) {
  change(account, event, moment);
}

void apply(AccountState& account, const schema::SubscriptionReactivated& event, const EventMoment& moment) {
  change(account, event, moment);
}

}  // namespace daybook
