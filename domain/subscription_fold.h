// What an event does to one subscription, without the rest of its account: for the account's state (account.h) and for
// the view that keeps subscriptions as rows.
#pragma once

#include "domain/evolve.h"
#include "domain/subscription.h"

namespace daybook::schema {
struct SubscriptionCreated;
struct SubscriptionTrialStarted;
struct SubscriptionActivated;
struct TrialConverted;
struct SubscriptionRenewed;
struct SubscriptionCancellationScheduled;
struct SubscriptionCanceled;
struct SubscriptionReactivated;
struct PlanChanged;
struct SubscriptionQuantityChanged;
struct ProrationCalculated;
struct PlanChangeScheduled;
struct ScheduledPlanChangeCanceled;
struct SubscriptionDetailsChanged;
struct SubscriptionPaused;
struct SubscriptionResumed;
struct TrialEndedEarly;
struct TrialReminderIssued;
struct TrialExpired;
struct SubscriptionBecamePastDue;
struct SubscriptionRecovered;
struct ProviderSubscriptionMirrored;
struct DiscountApplied;
struct DiscountRemoved;
}  // namespace daybook::schema

namespace daybook {

/// Requires the event's price to be there.
Subscription created_subscription(const schema::SubscriptionCreated& event, const EventMoment& moment);

void fold(Subscription& subscription, const schema::SubscriptionTrialStarted& event, const EventMoment& moment);
/// The three require the event's period to be there.
void fold(Subscription& subscription, const schema::SubscriptionActivated& event, const EventMoment& moment);
void fold(Subscription& subscription, const schema::TrialConverted& event, const EventMoment& moment);
void fold(Subscription& subscription, const schema::SubscriptionRenewed& event, const EventMoment& moment);
void fold(Subscription& subscription, const schema::SubscriptionCancellationScheduled& event,
          const EventMoment& moment);
void fold(Subscription& subscription, const schema::SubscriptionCanceled& event, const EventMoment& moment);
void fold(Subscription& subscription, const schema::SubscriptionReactivated& event, const EventMoment& moment);
/// The two require the event's plan, with its price, to be there.
void fold(Subscription& subscription, const schema::PlanChanged& event, const EventMoment& moment);
void fold(Subscription& subscription, const schema::PlanChangeScheduled& event, const EventMoment& moment);
void fold(Subscription& subscription, const schema::SubscriptionQuantityChanged& event, const EventMoment& moment);
void fold(Subscription& subscription, const schema::ProrationCalculated& event, const EventMoment& moment);
void fold(Subscription& subscription, const schema::ScheduledPlanChangeCanceled& event, const EventMoment& moment);
void fold(Subscription& subscription, const schema::SubscriptionDetailsChanged& event, const EventMoment& moment);
void fold(Subscription& subscription, const schema::SubscriptionPaused& event, const EventMoment& moment);
void fold(Subscription& subscription, const schema::SubscriptionResumed& event, const EventMoment& moment);
/// Requires the event's period to be there.
void fold(Subscription& subscription, const schema::TrialEndedEarly& event, const EventMoment& moment);
/// The three are for the subscription, and not for the account.
void fold(Subscription& subscription, const schema::TrialReminderIssued& event, const EventMoment& moment);
/// Requires a downgrade's plan, with its price, and period to be there.
void fold(Subscription& subscription, const schema::TrialExpired& event, const EventMoment& moment);
void fold(Subscription& subscription, const schema::SubscriptionBecamePastDue& event, const EventMoment& moment);
void fold(Subscription& subscription, const schema::SubscriptionRecovered& event, const EventMoment& moment);
void fold(Subscription& subscription, const schema::ProviderSubscriptionMirrored& event, const EventMoment& moment);
void fold(Subscription& subscription, const schema::DiscountApplied& event, const EventMoment& moment);
void fold(Subscription& subscription, const schema::DiscountRemoved& event, const EventMoment& moment);

}  // namespace daybook
