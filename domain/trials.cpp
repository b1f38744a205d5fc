// What the events of trials mean: of a subscription's, or of the account's own where they name no subscription.
#include "domain/folds.h"
#include "domain/subscription_fold.h"
#include "domain/tables.h"
#include "schemas/events/accounts_generated.h"
#include "schemas/events/subscriptions_generated.h"

namespace daybook {
namespace {

/// The subscription's own fold, or what changes of the account's trial.
template <class Event, class Change>
void change_trial(AccountState& account, const Event& event, const EventMoment& moment, Change change) {
  const EntityRef id = entity(event.subscription());
  if (!id.is_none()) {
    account.change_subscription(id, [&](Subscription& subscription) { fold(subscription, event, moment); });
    return;
  }
  change(account.details.trial);
  account.note_trial();
  touch(account, moment);
}

}  // namespace

void apply(AccountState& account, const schema::AccountTrialStarted& event, const EventMoment& moment) {
  account.details.trial = {instant(event.start()), instant(event.end()), true, 0,
                           text(event.plan_id()),  event.plan_version()};
  account.note_trial();
  touch(account, moment);
}

void apply(AccountState& account, const schema::TrialReminderIssued& event, const EventMoment& moment) {
  change_trial(account, event, moment, [&](AccountTrial& trial) { trial.reminded = event.days_before(); });
}

void apply(AccountState& account, const schema::TrialExpired& event, const EventMoment& moment) {
  change_trial(account, event, moment, [&](AccountTrial& trial) {
    trial.is_running = false;
    const schema::SubscribedPlan* plan = event.free_plan();
    trial.plan_id = plan != nullptr ? text(plan->plan_id()) : std::string();
    trial.plan_version = plan != nullptr ? plan->plan_version() : 0;
  });
  const bool blocks = event.outcome() == schema::TrialOutcome::blocked;
  if (blocks && !account.has_live_subscription()) account.is_blocked_by_trial = true;
}

void apply(AccountState& account, const schema::TrialEndedEarly& event, const EventMoment& moment) {
  change_trial(account, event, moment, [&](AccountTrial& trial) { trial = {}; });
}

}  // namespace daybook
