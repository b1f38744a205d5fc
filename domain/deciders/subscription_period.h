// The periods of a subscription as its events tell them. Boundaries are counted from the anchor by domain/rules; here
// is what they are given, and what becomes of them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/instant.h"
#include "domain/rules/time_zone.h"
#include "domain/subscription.h"

namespace daybook::schema {
struct PlanPriceT;
struct SubscriptionPeriodT;
}  // namespace daybook::schema

namespace daybook {

/// A zone with its name and the release of the tz data; UTC where they do not have it, or are null.
struct NamedZone {
  const TimeZone* zone = nullptr;  ///< Never null of one that zone_named returned.
  std::string name, tz_version;
};
NamedZone zone_named(std::string_view name, const TimeZones* zones);

/// The same time of day that many months later on the zone's clock, clamped to the month's end; nothing beyond the
/// calendar.
std::optional<Instant> months_later(Instant at, int months, const NamedZone& zone);

/// The first period of a row of them, anchored at its start. Requires whole seconds, and a price with a valid interval.
std::unique_ptr<schema::SubscriptionPeriodT> first_period(const schema::PlanPriceT& price, Instant start,
                                                          const NamedZone& zone);

/// The period that begins where the subscription's present one ends. What tz data of another release say of boundaries
/// that are past changes nothing: no gap, no overlap.
std::unique_ptr<schema::SubscriptionPeriodT> next_period(const Subscription& subscription, const TimeZones* zones);

/// How far the subscription has used its period at that time, in whole seconds: until its pause, or its end.
Instant used_until(const Subscription& subscription, Instant now);

/// Where the end of its period, or its trial, is if it is resumed at that instant. Requires one that is paused.
Instant end_after_pause(const Subscription& subscription, Instant resumed_at);

/// The present period of a paused subscription as it goes on: its end is moved by the length of the pause, and is what
/// the periods after it are counted from.
std::unique_ptr<schema::SubscriptionPeriodT> resumed_period(const Subscription& subscription, Instant resumed_at,
                                                            const TimeZones* zones);

}  // namespace daybook
