#include "domain/rules/calendar.h"

#include "domain/assert.h"

namespace daybook {
namespace {

constexpr int year_last = 9'998;  // a year short of the calendar's end, so that no zone leaves it

bool counts_days(Interval interval) {
  return interval.unit == IntervalUnit::day || interval.unit == IntervalUnit::week;
}

/// The interval in days or in months.
std::int64_t steps(Interval interval) {
  const bool larger = interval.unit == IntervalUnit::week || interval.unit == IntervalUnit::year;
  return std::int64_t{interval.count} * (larger ? counts_days(interval) ? 7 : 12 : 1);
}

std::int64_t months(Date date) {
  return std::int64_t{date.year} * 12 + date.month;
}

std::int64_t floor_divide(std::int64_t number, std::int64_t divisor) {
  return number >= 0 ? number / divisor : -((-number - 1) / divisor) - 1;
}

/// The date of boundary k; nothing where no instant of the calendar can be.
std::optional<Date> boundary_date(const Cycle& cycle, std::int64_t k) {
  std::int64_t distance = 0;
  if (__builtin_mul_overflow(k, steps(cycle.interval), &distance)) return std::nullopt;
  if (distance < -duration_days_max || distance > duration_days_max) return std::nullopt;
  const Date anchor = cycle.anchor.date;
  Date date;
  if (counts_days(cycle.interval)) {
    const std::int64_t days = days_from_civil(anchor) + distance;
    if (days < -1) return std::nullopt;
    date = civil_from_days(days);
  } else {
    const std::int64_t sum = months(anchor) + distance;
    if (sum < months({1969, 12, 1}) || sum > months({year_last, 12, 1})) return std::nullopt;
    date = add_months_clamped(anchor, distance);
  }
  return date.year <= year_last ? std::optional(date) : std::nullopt;
}

}  // namespace

bool valid_interval(Interval interval) {
  if (interval.count < 1) return false;
  switch (interval.unit) {
    case IntervalUnit::day:
      return interval.count <= interval_years_max * 365;
    case IntervalUnit::week:
      return interval.count <= interval_years_max * 52;
    case IntervalUnit::month:
      return interval.count <= interval_years_max * 12;
    case IntervalUnit::year:
      return interval.count <= interval_years_max;
  }
  return false;
}

Anchor anchor_at(Instant start, const TimeZone& zone) {
  const LocalTime local = zone.local_time(start);
  return {local.date, local.second_of_day};
}

Anchor anchor_on_day(Instant start, int day, std::int32_t second_of_day, const TimeZone& zone) {
  ensure(day >= 1, "an anchor's day is at least 1");
  ensure(day <= 31, "an anchor's day is at most 31");
  const Date date = zone.local_time(start).date;
  return {{date.year, date.month, day}, second_of_day};
}

Instant whole_seconds(Instant at) {
  ensure(is_on_calendar(at), "an instant outside 1970..9999 has no whole seconds");
  return Instant{micros(at) - micros(at) % micros_per_second};
}

std::optional<Instant> boundary(const Cycle& cycle, std::int64_t k, const TimeZone& zone) {
  ensure(valid_interval(cycle.interval), "a cycle's interval is not valid");
  const std::optional<Date> date = boundary_date(cycle, k);
  if (!date) return std::nullopt;
  const LocalTime local{*date, cycle.anchor.second_of_day};
  // A cycle that started when the clock showed its time for the second time has that instant as its boundary.
  if (local == zone.local_time(cycle.start)) return cycle.start;
  return zone.instant(local);
}

std::optional<CyclePeriod> period_at(const Cycle& cycle, Instant at, const TimeZone& zone) {
  ensure(cycle.start == whole_seconds(cycle.start), "a cycle starts at a whole second");
  if (at < cycle.start || !is_on_calendar(at)) return std::nullopt;
  const Date date = zone.local_time(at).date;
  const std::int64_t distance = counts_days(cycle.interval) ? days_from_civil(date) - days_from_civil(cycle.anchor.date)
                                                            : months(date) - months(cycle.anchor.date);
  // One too many rather than one too few: the first boundary from here down that is not after `at` is the one.
  std::int64_t k = floor_divide(distance, steps(cycle.interval)) + 1;
  std::optional<Instant> end = boundary(cycle, k, zone);
  while (end && *end <= at) end = boundary(cycle, ++k, zone);
  std::optional<Instant> start = end;
  while (start && *start > at) {
    end = start;
    start = boundary(cycle, --k, zone);
  }
  if (!start) return std::nullopt;
  const Period whole{*start, *end};
  return CyclePeriod{k, {whole.start < cycle.start ? cycle.start : whole.start, whole.end}, whole};
}

std::optional<Instant> add_days(Instant at, int days, const TimeZone& zone) {
  ensure(days >= 0, "days to add are not negative");
  ensure(days <= duration_days_max, "more days than the calendar has");
  LocalTime local = zone.local_time(at);
  local.date = civil_from_days(days_from_civil(local.date) + days);
  return local.date.year <= year_last ? zone.instant(local) : std::nullopt;
}

}  // namespace daybook
