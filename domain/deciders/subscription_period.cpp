#include "domain/deciders/subscription_period.h"

#include "domain/assert.h"
#include "domain/rules/calendar.h"
#include "schemas/events/subscriptions_generated.h"

namespace daybook {
namespace {

constexpr std::string_view utc_name = "UTC";

Interval interval_of(const schema::PlanPriceT& price) {
  return {static_cast<IntervalUnit>(price.interval), price.interval_count};
}

/// The period from `start` to the boundary of that number, or to the next one where a zone leaves out a day and two
/// boundaries are one instant.
std::unique_ptr<schema::SubscriptionPeriodT> period_until(const Cycle& cycle, std::uint64_t number, Instant start,
                                                          const NamedZone& zone) {
  std::optional<Instant> end;
  for (;; ++number) {
    end = boundary(cycle, static_cast<std::int64_t>(number), *zone.zone);
    ensure(end.has_value(), "a subscription's period that ends after the calendar");
    if (*end > start) break;
  }
  auto period = std::make_unique<schema::SubscriptionPeriodT>();
  period->number = number;
  period->start = start;
  period->end = *end;
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

}  // namespace

NamedZone zone_named(std::string_view name, const TimeZones* zones) {
  static const TimeZone utc;
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
  const Anchor anchor{subscription.anchor, static_cast<std::int32_t>(subscription.anchor_second)};
  const Cycle cycle{subscription.cycle_start, anchor, interval_of(*subscription.price)};
  return period_until(cycle, subscription.period_number + 1, subscription.period_end,
                      zone_named(subscription.time_zone, zones));
}

}  // namespace daybook
