#include "domain/subscription_fold.h"

#include <algorithm>
#include <tuple>

#include "domain/assert.h"
#include "domain/billed_charges.h"
#include "domain/tables.h"
#include "schemas/events/coupons_generated.h"
#include "schemas/events/invoices_generated.h"
#include "schemas/events/subscriptions_generated.h"

namespace daybook {
namespace {

void begin_period(Subscription& subscription, const schema::SubscriptionPeriod* period, const EventMoment& moment) {
  ensure(period != nullptr, "a subscription's period that an event does not tell");
  // What is owed is owed still.
  if (!subscription.is_past_due()) subscription.status = SubscriptionStatus::active;
  subscription.paused_seconds = 0;
  subscription.period_number = period->number();
  subscription.period_start = instant(period->start());
  subscription.period_end = instant(period->end());
  subscription.cycle_start = instant(period->cycle_start());
  if (const schema::PeriodAnchor* anchor = period->anchor()) {
    subscription.anchor = {anchor->year(), anchor->month(), anchor->day()};
    subscription.anchor_second = anchor->second();
  }
  subscription.time_zone = text(period->time_zone());
  subscription.tz_version = text(period->tz_version());
  touch(subscription, moment);
}

template <class Table>
auto unpacked(const Table& table) {
  auto copy = std::make_shared<typename Table::NativeTableType>();
  table.UnPackTo(copy.get());
  return copy;
}

const schema::SubscribedPlan& plan_of(const schema::SubscribedPlan* plan) {
  ensure(plan != nullptr && plan->price() != nullptr, "a change of plan that does not tell the plan");
  return *plan;
}

void put_on(Subscription& subscription, const schema::SubscribedPlan* subscribed) {
  const schema::SubscribedPlan& plan = plan_of(subscribed);
  subscription.plan_id = text(plan.plan_id());
  subscription.plan_version = plan.plan_version();
  subscription.plan_name = text(plan.plan_name());
  subscription.price = unpacked(*plan.price());
  subscription.net_days = plan.net_days();
  subscription.collects_automatically = plan.collects_automatically();
}

void keep_plan(Subscription& subscription) {
  subscription.scheduled_plan.reset();
  subscription.scheduled_quantity = 0;
}

void end_past_due(Subscription& subscription) {
  subscription.past_due_at = subscription.grace_period_end = subscription.dunning_until = never;
}

void end_pause(Subscription& subscription) {
  subscription.paused_at = subscription.resumes_at = subscription.pause_ends_at = never;
  subscription.pause_reason = {};
}

/// Nothing of a cancellation is left.
void keep(Subscription& subscription) {
  subscription.cancels_at_period_end = false;
  subscription.canceled_at = never;
  subscription.cancellation_cause = 0;
  subscription.cancel_reason = {};
  subscription.cancel_comment = {};
}

}  // namespace

std::string_view to_text(SubscriptionStatus status) {
  switch (status) {
    case SubscriptionStatus::trialing:
      return "trialing";
    case SubscriptionStatus::active:
      return "active";
    case SubscriptionStatus::canceled:
      return "canceled";
    case SubscriptionStatus::paused:
      return "paused";
    case SubscriptionStatus::expired:
      return "expired";
    case SubscriptionStatus::past_due:
      return "past_due";
  }
  bug("a status of a subscription without a name");
}

bool Subscription::operator==(const Subscription& other) const {
  const auto all = [](const Subscription& one) {
    return std::tie(one.id, one.plan_id, one.plan_version, one.plan_name, one.quantity, one.net_days,
                    one.collects_automatically, one.status, one.trial_start, one.trial_end, one.trial_reminded,
                    one.period_start, one.period_end, one.paused_seconds, one.period_number, one.cycle_start,
                    one.anchor, one.anchor_second, one.time_zone, one.tz_version, one.cancels_at_period_end,
                    one.canceled_at, one.cancellation_cause, one.cancel_reason, one.cancel_comment, one.paused_at,
                    one.resumes_at, one.pause_ends_at, one.pause_reason, one.past_due_at, one.grace_period_end,
                    one.dunning_until, one.discounts, one.mirrored, one.metadata, one.created_at, one.updated_at,
                    one.version);
  };
  const auto same = [](const auto& a, const auto& b) { return a == b || (a && b && *a == *b); };
  return all(*this) == all(other) && *price == *other.price && same(scheduled_plan, other.scheduled_plan) &&
         scheduled_quantity == other.scheduled_quantity &&
         std::equal(waiting.begin(), waiting.end(), other.waiting.begin(), other.waiting.end(), same);
}

Subscription created_subscription(const schema::SubscriptionCreated& event, const EventMoment& moment) {
  ensure(event.price() != nullptr, "a subscription without its price");
  Subscription subscription;
  subscription.id = entity(event.subscription());
  subscription.plan_id = text(event.plan_id());
  subscription.plan_version = event.plan_version();
  subscription.plan_name = text(event.plan_name());
  subscription.price = unpacked(*event.price());
  subscription.quantity = event.quantity();
  subscription.net_days = event.net_days();
  subscription.collects_automatically = event.collects_automatically();
  subscription.metadata = from_table(event.metadata());
  subscription.created_at = moment.at;
  touch(subscription, moment);
  return subscription;
}

void fold(Subscription& subscription, const schema::SubscriptionTrialStarted& event, const EventMoment& moment) {
  subscription.status = SubscriptionStatus::trialing;
  subscription.trial_start = subscription.period_start = instant(event.start());
  subscription.trial_end = subscription.period_end = instant(event.end());
  subscription.time_zone = text(event.time_zone());
  subscription.tz_version = text(event.tz_version());
  touch(subscription, moment);
}

void fold(Subscription& subscription, const schema::SubscriptionActivated& event, const EventMoment& moment) {
  begin_period(subscription, event.period(), moment);
}

void fold(Subscription& subscription, const schema::TrialConverted& event, const EventMoment& moment) {
  begin_period(subscription, event.period(), moment);
}

void fold(Subscription& subscription, const schema::SubscriptionRenewed& event, const EventMoment& moment) {
  subscription.waiting.clear();
  begin_period(subscription, event.period(), moment);
}

void fold(Subscription& subscription, const schema::SubscriptionCancellationScheduled& event,
          const EventMoment& moment) {
  subscription.cancels_at_period_end = true;
  subscription.cancel_reason = from_table(event.cancel_reason());
  subscription.cancel_comment = from_table(event.cancel_comment());
  touch(subscription, moment);
}

void fold(Subscription& subscription, const schema::SubscriptionCanceled& event, const EventMoment& moment) {
  subscription.status = SubscriptionStatus::canceled;
  subscription.waiting.clear();
  keep_plan(subscription);
  end_pause(subscription);
  end_past_due(subscription);
  subscription.canceled_at = moment.at;
  subscription.cancellation_cause = static_cast<std::uint8_t>(event.cause());
  if (event.cause() == schema::CancellationCause::requested) {
    subscription.cancels_at_period_end = false;
    subscription.cancel_reason = from_table(event.cancel_reason());
    subscription.cancel_comment = from_table(event.cancel_comment());
  }
  touch(subscription, moment);
}

void fold(Subscription& subscription, const schema::SubscriptionReactivated& event, const EventMoment& moment) {
  keep(subscription);
  if (event.period() != nullptr) begin_period(subscription, event.period(), moment);
  touch(subscription, moment);
}

void fold(Subscription& subscription, const schema::PlanChanged& event, const EventMoment& moment) {
  put_on(subscription, event.plan());
  subscription.quantity = event.quantity();
  if (event.scheduled()) keep_plan(subscription);
  if (event.period() != nullptr) {
    subscription.waiting.clear();
    begin_period(subscription, event.period(), moment);
  }
  touch(subscription, moment);
}

void fold(Subscription& subscription, const schema::SubscriptionQuantityChanged& event, const EventMoment& moment) {
  subscription.quantity = event.quantity();
  if (event.scheduled()) keep_plan(subscription);
  touch(subscription, moment);
}

void fold(Subscription& subscription, const schema::ProrationCalculated& event, const EventMoment& moment) {
  subscription.waiting.clear();
  if (event.waiting() != nullptr) {
    for (const schema::InvoiceLine* line : *event.waiting()) subscription.waiting.push_back(unpacked(*line));
  }
  touch(subscription, moment);
}

void fold(Subscription& subscription, const schema::PlanChangeScheduled& event, const EventMoment& moment) {
  subscription.scheduled_plan = unpacked(plan_of(event.plan()));
  subscription.scheduled_quantity = event.quantity();
  touch(subscription, moment);
}

void fold(Subscription& subscription, const schema::ScheduledPlanChangeCanceled&, const EventMoment& moment) {
  keep_plan(subscription);
  touch(subscription, moment);
}

void fold(Subscription& subscription, const schema::SubscriptionDetailsChanged& event, const EventMoment& moment) {
  subscription.metadata = from_table(event.metadata());
  touch(subscription, moment);
}

void fold(Subscription& subscription, const schema::SubscriptionPaused& event, const EventMoment& moment) {
  subscription.status = SubscriptionStatus::paused;
  subscription.paused_at = instant(event.paused_at());
  subscription.resumes_at = instant(event.resumes_at());
  subscription.pause_ends_at = instant(event.cancels_at());
  subscription.pause_reason = from_table(event.reason());
  touch(subscription, moment);
}

void fold(Subscription& subscription, const schema::SubscriptionResumed& event, const EventMoment& moment) {
  const Instant from = instant(event.paused_at()), to = instant(event.resumed_at());
  const std::int64_t paused_seconds = subscription.paused_seconds + (micros(to) - micros(from)) / micros_per_second;
  end_pause(subscription);
  for (auto& line : subscription.waiting) line = after_pause(line, from, to);
  if (event.period() != nullptr) {
    begin_period(subscription, event.period(), moment);
  } else {
    subscription.status = SubscriptionStatus::trialing;
    subscription.trial_end = subscription.period_end = instant(event.trial_end());
    touch(subscription, moment);
  }
  subscription.paused_seconds = paused_seconds;
}

void fold(Subscription& subscription, const schema::TrialEndedEarly& event, const EventMoment& moment) {
  subscription.waiting.clear();
  subscription.trial_start = subscription.trial_end = never;
  begin_period(subscription, event.period(), moment);
}

void fold(Subscription& subscription, const schema::TrialReminderIssued& event, const EventMoment& moment) {
  subscription.trial_reminded = event.days_before();
  touch(subscription, moment);
}

void fold(Subscription& subscription, const schema::TrialExpired& event, const EventMoment& moment) {
  keep_plan(subscription);
  subscription.waiting.clear();
  if (event.outcome() == schema::TrialOutcome::downgraded) {
    put_on(subscription, event.free_plan());
    begin_period(subscription, event.period(), moment);
  } else if (event.outcome() == schema::TrialOutcome::blocked) {
    subscription.status = SubscriptionStatus::expired;
  }
  touch(subscription, moment);
}

void fold(Subscription& subscription, const schema::SubscriptionBecamePastDue& event, const EventMoment& moment) {
  subscription.status = SubscriptionStatus::past_due;
  subscription.past_due_at = moment.at;
  subscription.grace_period_end = instant(event.grace_period_end());
  subscription.dunning_until = instant(event.dunning_until());
  touch(subscription, moment);
}

void fold(Subscription& subscription, const schema::SubscriptionRecovered&, const EventMoment& moment) {
  subscription.status = SubscriptionStatus::active;
  end_past_due(subscription);
  touch(subscription, moment);
}

void fold(Subscription& subscription, const schema::ProviderSubscriptionMirrored& event, const EventMoment& moment) {
  subscription.mirrored = {text(event.provider()), text(event.provider_subscription_id()),
                           text(event.provider_status()), event.has_ended()};
  touch(subscription, moment);
}

void fold(Subscription& subscription, const schema::DiscountApplied& event, const EventMoment& moment) {
  subscription.discounts.push_back({entity(event.discount()), text(event.discount_id()), text(event.code())});
  touch(subscription, moment);
}

void fold(Subscription& subscription, const schema::DiscountRemoved& event, const EventMoment& moment) {
  const EntityRef id = entity(event.discount());
  std::erase_if(subscription.discounts, [&](const SubscriptionDiscount& one) { return one.id == id; });
  touch(subscription, moment);
}

}  // namespace daybook
