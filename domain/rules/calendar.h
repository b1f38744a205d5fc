// Billing periods: where one ends and the next begins, on the clock of the account's time zone. Boundary k is the
// anchor and k intervals, always computed from the anchor: clamped to the month's end and restored (31 January, 28
// February, 31 March), through every change of daylight time. Pure; the zone is an argument.
#pragma once

#include <cstdint>
#include <optional>

#include "domain/instant.h"
#include "domain/rules/time_zone.h"

namespace daybook {

enum class IntervalUnit : std::uint8_t { day = 1, week = 2, month = 3, year = 4 };

/// A period's length: every `count` days, weeks, months or years.
struct Interval {
  IntervalUnit unit = IntervalUnit::month;
  std::int32_t count = 1;
  bool operator==(const Interval&) const = default;
};

inline constexpr std::int32_t interval_years_max = 10;

/// Whether the count is at least 1 and the interval at most ten years (3,650 days, 520 weeks, 120 months).
bool valid_interval(Interval interval);

/// Where the boundaries are counted from: a time on the zone's clock. The day may be past the month's end (30
/// February): boundaries in longer months have it.
struct Anchor {
  Date date;
  std::int32_t second_of_day = 0;
  bool operator==(const Anchor&) const = default;
};

/// The anchor at a start: every boundary at its own day of the month and time of day.
Anchor anchor_at(Instant start, const TimeZone& zone);
/// The anchor for boundaries on another day, 1 to 31, of the start's month: what comes before the first of them is a
/// shorter period. Requires a day from 1 to 31 and a second of the day. 1 and 0 are the calendar's own months.
Anchor anchor_on_day(Instant start, int day, std::int32_t second_of_day, const TimeZone& zone);

/// Half-open: the end is the first instant that is not in it.
struct Period {
  Instant start{};
  Instant end{};
  bool operator==(const Period&) const = default;
};

/// A row of periods without gap or overlap from `start` on. Requires a start in whole seconds on the calendar and a
/// valid interval.
struct Cycle {
  Instant start{};
  Anchor anchor;
  Interval interval;
};

/// The instant without its fraction of a second: billing instants are whole seconds. Requires is_on_calendar(at).
Instant whole_seconds(Instant at);

/// Boundary `k`, negative ones before the anchor; nothing outside 1970 to 9999. Never decreasing with k. Where a zone
/// leaves out a day, two boundaries of a daily cycle may be the same instant.
std::optional<Instant> boundary(const Cycle& cycle, std::int64_t k, const TimeZone& zone);

/// The period that holds an instant.
struct CyclePeriod {
  std::int64_t index = 0;  ///< k of its first boundary. Consecutive periods' indexes rise, as a rule by one.
  Period billed;           ///< Begins at the cycle's start if that is inside.
  Period whole;            ///< From boundary to boundary: what a price is for, and a proration's denominator.
};

/// Found from the anchor in a few steps, however far away. Never empty; the next is the period at its end. Nothing if
/// the instant is before the cycle's start, or if one of the period's boundaries is outside 1970 to 9999: also the one
/// before a start off its anchor.
std::optional<CyclePeriod> period_at(const Cycle& cycle, Instant at, const TimeZone& zone);

/// The same time of day that many days later on the zone's clock (a trial's end). Nothing outside 1970 to 9999.
/// Requires an instant on the calendar and 0 to duration_days_max days.
std::optional<Instant> add_days(Instant at, int days, const TimeZone& zone);

}  // namespace daybook
