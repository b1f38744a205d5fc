#include "domain/deciders/subscription_period.h"

#include <algorithm>

#include "domain/assert.h"
#include "domain/deciders/subscription_plan.h"
#include "domain/rules/calendar.h"
#include "schemas/events/subscriptions_generated.h"

namespace daybook {
namespace {

constexpr std::string_view utc_name = "UTC";
const TimeZone utc;

std::unique_ptr<schema::SubscriptionPeriodT> period_of(const Cycle& cycle, std::uint64_t number, Instant start,
                                                       Instant end, const NamedZone& zone) {
  auto period = std::make_unique<schema::SubscriptionPeriodT>();
  period->number = number;
  period->start = start;
  period->end = end;
  period->cycle_start = cycle.start;
  period->anchor = std::make_unique<schema::PeriodAnchorT>();
  period->anchor->year = static_cast<std::uint16_t>(cycle.anchor.date.year);
  period->anchor->month = static_cast<std::uint8_t>(cycle.anchor.date.month);
  period->anchor->day = static_cast<std::uint8_t>(cycle.anchor.date.day);
  period->anchor->second = static_cast<std::uint32_t>(cycle.anchor.second_of_day);
  period->time_zone = zone.name;
  period->tz_version = zone.tz_version;
  return period;
}

/// The period from `start` to the boundary of that number, or to the next one where a zone leaves out a day and two
/// boundaries are one instant.
std::unique_ptr<schema::SubscriptionPeriodT> period_until(const Cycle& cycle, std::uint64_t number, Instant start,
                                                          const NamedZone& zone) {
  for (;; ++number) {
    const std::optional<Instant> end = boundary(cycle, static_cast<std::int64_t>(number), *zone.zone);
    ensure(end.has_value(), "a subscription's period that ends after the calendar");
    if (*end > start) return period_of(cycle, number, start, *end, zone);
  }
}

Cycle cycle_of(const Subscription& subscription) {
  const Anchor anchor{subscription.anchor, static_cast<std::int32_t>(subscription.anchor_second)};
  return {subscription.cycle_start, anchor, interval_of(*subscription.price)};
}

/// An anchor from which a boundary is so many intervals away.
struct AnchorBefore {
  Anchor anchor;
  std::uint64_t intervals = 1;
};

/// The nearest one before the boundary on a date that there is: the boundary's own day must not be clamped.
AnchorBefore anchor_before(Anchor boundary, Interval interval) {
  AnchorBefore before{boundary, 0};
  const int months = interval.unit == IntervalUnit::year ? 12 * interval.count : interval.count;
  const int days = interval.unit == IntervalUnit::week ? 7 * interval.count : interval.count;
  const bool counts_days = interval.unit == IntervalUnit::day || interval.unit == IntervalUnit::week;
  do {
    Date& date = before.anchor.date;
    if (counts_days) {
      date = civil_from_days(days_from_civil(date) - days);
    } else {
      const int month = date.year * 12 + date.month - 1 - months;
      date = {month / 12, month % 12 + 1, date.day};
    }
    ++before.intervals;
  } while (before.anchor.date.day > days_in_month(before.anchor.date.year, before.anchor.date.month));
  return before;
}

}  // namespace

NamedZone zone_named(std::string_view name, const TimeZones* zones) {
  const TimeZone* found = zones != nullptr ? zones->find(name) : nullptr;
  const std::string version = zones != nullptr ? zones->version() : std::string();
  if (found == nullptr) return {&utc, std::string(utc_name), version};
  return {found, std::string(name), version};
}

std::optional<Instant> months_later(Instant at, int months, const NamedZone& zone) {
  const Instant start = whole_seconds(at);
  return boundary({start, anchor_at(start, *zone.zone), {IntervalUnit::month, 1}}, months, *zone.zone);
}

std::unique_ptr<schema::SubscriptionPeriodT> first_period(const schema::PlanPriceT& price, Instant start,
                                                          const NamedZone& zone) {
  return period_until({start, anchor_at(start, *zone.zone), interval_of(price)}, 1, start, zone);
}

std::unique_ptr<schema::SubscriptionPeriodT> next_period(const Subscription& subscription, const TimeZones* zones) {
  const NamedZone zone = zone_named(subscription.time_zone, zones);
  return period_until(cycle_of(subscription), subscription.period_number + 1, subscription.period_end, zone);
}

Instant used_until(const Subscription& subscription, Instant now) {
  if (subscription.is_paused()) return subscription.paused_at;
  // One whose account is parked may be past its period.
  return std::min(whole_seconds(now), subscription.period_end);
}

Instant end_after_pause(const Subscription& subscription, Instant resumed_at) {
  ensure(subscription.paused_at <= resumed_at, "a pause that ends before it begins");
  return Instant{micros(subscription.period_end) + micros(resumed_at) - micros(subscription.paused_at)};
}

std::unique_ptr<schema::SubscriptionPeriodT> resumed_period(const Subscription& subscription, Instant resumed_at,
                                                            const TimeZones* zones) {
  const NamedZone zone = zone_named(subscription.time_zone, zones);
  const Instant end = end_after_pause(subscription, resumed_at);
  if (end == subscription.period_end) {
    return period_of(cycle_of(subscription), subscription.period_number, subscription.period_start, end, zone);
  }
  const AnchorBefore before = anchor_before(anchor_at(end, *zone.zone), interval_of(*subscription.price));
  const Cycle cycle{subscription.period_start, before.anchor, interval_of(*subscription.price)};
  return period_of(cycle, before.intervals, subscription.period_start, end, zone);
}

}  // namespace daybook
