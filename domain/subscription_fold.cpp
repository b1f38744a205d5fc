#include "domain/subscription_fold.h"

#include <tuple>

#include "domain/assert.h"
#include "domain/tables.h"
#include "schemas/events/coupons_generated.h"
#include "schemas/events/subscriptions_generated.h"

namespace daybook {
namespace {

void touch(Subscription& subscription, const EventMoment& moment) {
  subscription.updated_at = moment.at;
  subscription.version = moment.version;
}

void begin_period(Subscription& subscription, const schema::SubscriptionPeriod* period, const EventMoment& moment) {
  ensure(period != nullptr, "a subscription's period that an event does not tell");
  subscription.status = SubscriptionStatus::active;
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
  }
  bug("a status of a subscription without a name");
}

bool Subscription::operator==(const Subscription& other) const {
  const auto all = [](const Subscription& one) {
    return std::tie(one.id, one.plan_id, one.plan_version, one.plan_name, one.quantity, one.net_days,
                    one.collects_automatically, one.status, one.trial_start, one.trial_end, one.period_start,
                    one.period_end, one.period_number, one.cycle_start, one.anchor, one.anchor_second, one.time_zone,
                    one.tz_version, one.cancels_at_period_end, one.canceled_at, one.cancellation_cause,
                    one.cancel_reason, one.cancel_comment, one.discounts, one.metadata, one.created_at, one.updated_at,
                    one.version);
  };
  return all(*this) == all(other) && *price == *other.price;
}

Subscription created_subscription(const schema::SubscriptionCreated& event, const EventMoment& moment) {
  ensure(event.price() != nullptr, "a subscription without its price");
  Subscription subscription;
  subscription.id = entity(event.subscription());
  subscription.plan_id = text(event.plan_id());
  subscription.plan_version = event.plan_version();
  subscription.plan_name = text(event.plan_name());
  auto price = std::make_shared<schema::PlanPriceT>();
  event.price()->UnPackTo(price.get());
  subscription.price = std::move(price);
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

void fold(Subscription& subscription, const schema::DiscountApplied& event, const EventMoment& moment) {
  subscription.discounts.push_back({entity(event.discount()), text(event.discount_id()), text(event.code())});
  touch(subscription, moment);
}

}  // namespace daybook
