// The Gregorian calendar in integers, without a zone: dates, days since 1970 and the lengths of months. Zones and
// billing periods are in domain/rules/.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace daybook {

/// A day of the calendar. What makes one says whether the day exists in its month.
struct Date {
  int year = 1970;
  int month = 1;
  int day = 1;
  auto operator<=>(const Date&) const = default;
};

inline constexpr std::int64_t seconds_per_day = 86'400;

/// Days from 1970-01-01 to the date, negative before it. For years from 0 to 9999; a day past the month's end runs on
/// into the next month.
std::int64_t days_from_civil(Date date);
/// The inverse, for days from 0000-03-01 to the year 9999 and some thousand years more.
Date civil_from_days(std::int64_t days);
/// 28 to 31. Requires a month from 1 to 12.
int days_in_month(int year, int month);
/// The date that many months later or earlier with the same day, clamped to its month's end. Requires a result not
/// before the year 0. Given a day past its own month's end (30 February), no months later is the clamped date.
Date add_months_clamped(Date date, std::int64_t months);

/// "2027-01-31" as a date, if it is one from year 1 to 9999 and nothing else.
std::optional<Date> parse_date(std::string_view text);
/// The inverse, for years to 9999.
std::string format_date(Date date);

}  // namespace daybook
