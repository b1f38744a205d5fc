// Points in time and lengths of time, and their texts: RFC 3339 and ISO 8601. UTC only: local calendars and zones are
// in domain/calendar.h. Knows no clock. Deliberately light: every generated event header includes it.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace daybook {

/// Microseconds since 1970-01-01T00:00:00Z, without leap seconds. Valid from `earliest` to `latest`, or `never`.
enum class Instant : std::int64_t {};

inline constexpr Instant earliest{0};
inline constexpr Instant latest{253'402'300'799'999'999};  // 9999-12-31T23:59:59.999999Z
/// Later than every instant: "does not expire". It has no text and nothing can be added to it.
inline constexpr Instant never{std::numeric_limits<std::int64_t>::max()};

inline constexpr std::int64_t micros_per_second = 1'000'000;
inline constexpr std::int64_t micros_per_day = 86'400 * micros_per_second;

constexpr std::int64_t micros(Instant at) {
  return static_cast<std::int64_t>(at);
}
/// Whether `at` is on the calendar, 1970 to 9999; `never` is not.
constexpr bool is_on_calendar(Instant at) {
  return earliest <= at && at <= latest;
}

/// `2026-11-21T03:14:06Z`, or with exactly six decimals if there is a fraction. Requires is_on_calendar(at).
std::string format_rfc3339(Instant at);
/// The same at the end of `out`: no locale, no allocation but the string's own.
void append_rfc3339(std::string& out, Instant at);

/// RFC 3339 §5.6 `date-time`, any offset, converted to UTC. Narrower than the RFC where it leaves the choice:
/// `T` and `Z` in upper case only, no leap second (`:60`), one to six decimals, a result on the calendar.
/// Nothing for any other text, and for dates that do not exist.
std::optional<Instant> parse_rfc3339(std::string_view text);

/// A length of time in the calendar's parts, which are not convertible into each other. Never negative.
struct Duration {
  int months = 0;
  int days = 0;
  std::int64_t micros = 0;
  bool operator==(const Duration&) const = default;
};

inline constexpr int duration_months_max = 120'000;  // 10,000 years, the calendar's whole length and more
inline constexpr int duration_days_max = 3'652'500;
inline constexpr std::int64_t duration_micros_max = duration_days_max * micros_per_day;

/// ISO 8601 `PnYnMnDTnHnMnS` or `PnW`: parts in that order, each at most once, at least one (and one after `T`);
/// whole numbers of at most nine digits, seconds with up to six decimals after a point. No sign.
/// Nothing for any other text or beyond the three maxima.
std::optional<Duration> parse_duration(std::string_view text);

/// Adds months (clamped to the month's end), then days, then micros, in UTC: 31 January and one month is 28 or 29
/// February. Nothing if `at` or the result is not on the calendar.
std::optional<Instant> add(Instant at, Duration length);

}  // namespace daybook
