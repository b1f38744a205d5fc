// The grammar (POSIX.1-2017 §8.3 "TZ", with RFC 8536's hours):
//   zone   = name offset [ name [ offset ] "," day "," day ]
//   name   = 3*letter / "<" 3*( letter / digit / "+" / "-" ) ">"
//   offset = [ "+" / "-" ] hours [ ":" minutes [ ":" seconds ] ]      hours to 24, in a day's time to 167
//   day    = ( "M" m "." w "." d / "J" n / n ) [ "/" offset ]
#include "domain/rules/posix_time_zone.h"

#include "domain/ascii.h"
#include "domain/civil.h"

namespace daybook {
namespace {

bool eat(std::string_view& rest, char expected) {
  if (!rest.starts_with(expected)) return false;
  rest.remove_prefix(1);
  return true;
}

/// One to three digits with a value of at most `high`.
bool eat_number(std::string_view& rest, int low, int high, int& value) {
  std::size_t digits = 0;
  value = 0;
  while (digits < rest.size() && digits < 3 && is_digit(rest[digits])) value = value * 10 + (rest[digits++] - '0');
  rest.remove_prefix(digits);
  return digits > 0 && low <= value && value <= high;
}

bool eat_name(std::string_view& rest) {
  const bool quoted = eat(rest, '<');
  std::size_t size = 0;
  while (size < rest.size() &&
         (is_letter(rest[size]) || (quoted && (is_digit(rest[size]) || rest[size] == '+' || rest[size] == '-')))) {
    ++size;
  }
  rest.remove_prefix(size);
  return size >= 3 && (!quoted || eat(rest, '>'));
}

bool eat_time(std::string_view& rest, int hours_max, std::int32_t& seconds) {
  const bool negative = eat(rest, '-');
  if (!negative) eat(rest, '+');
  int hours = 0;
  int minutes = 0;
  int more = 0;
  if (!eat_number(rest, 0, hours_max, hours)) return false;
  if (eat(rest, ':') && !eat_number(rest, 0, 59, minutes)) return false;
  if (eat(rest, ':') && !eat_number(rest, 0, 59, more)) return false;
  seconds = (hours * 60 + minutes) * 60 + more;
  if (negative) seconds = -seconds;
  return true;
}

bool eat_day(std::string_view& rest, YearlyDay& day) {
  if (!eat(rest, ',')) return false;
  if (eat(rest, 'M')) {
    if (!eat_number(rest, 1, 12, day.month) || !eat(rest, '.')) return false;
    if (!eat_number(rest, 1, 5, day.week) || !eat(rest, '.')) return false;
    if (!eat_number(rest, 0, 6, day.day)) return false;
  } else if (eat(rest, 'J')) {
    day.kind = YearlyDay::Kind::day_without_leap;
    if (!eat_number(rest, 1, 365, day.day)) return false;
  } else {
    day.kind = YearlyDay::Kind::day_with_leap;
    if (!eat_number(rest, 0, 365, day.day)) return false;
  }
  return !eat(rest, '/') || eat_time(rest, 167, day.time);
}

/// Local seconds since 1970 at which that day's time comes in that year.
std::int64_t in_year(const YearlyDay& yearly, int year) {
  std::int64_t day = days_from_civil({year, 1, 1});
  if (yearly.kind == YearlyDay::Kind::day_with_leap) {
    day += yearly.day;
  } else if (yearly.kind == YearlyDay::Kind::day_without_leap) {
    day += yearly.day - 1 + (yearly.day >= 60 ? days_in_month(year, 2) - 28 : 0);
  } else {
    const std::int64_t first = days_from_civil({year, yearly.month, 1});
    const int weekday = static_cast<int>(((first + 4) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
    int of_month = (yearly.day - weekday + 7) % 7 + (yearly.week - 1) * 7;
    if (of_month >= days_in_month(year, yearly.month)) of_month -= 7;
    day = first + of_month;
  }
  return day * seconds_per_day + yearly.time;
}

}  // namespace

std::int32_t PosixTimeZone::offset_at(std::int64_t second) const {
  if (!has_daylight) return standard_offset;
  const std::int64_t local = second + standard_offset;
  const std::int64_t day = local >= 0 ? local / seconds_per_day : -((-local - 1) / seconds_per_day) - 1;
  const int year = civil_from_days(day).year;
  const std::int64_t start = in_year(daylight_starts, year) - standard_offset;
  const std::int64_t end = in_year(daylight_ends, year) - daylight_offset;
  const bool daylight = start < end ? start <= second && second < end : second < end || start <= second;
  return daylight ? daylight_offset : standard_offset;
}

std::optional<PosixTimeZone> parse_posix_time_zone(std::string_view text) {
  PosixTimeZone zone;
  std::int32_t west = 0;
  if (!eat_name(text) || !eat_time(text, 24, west)) return std::nullopt;
  zone.standard_offset = -west;
  if (text.empty()) return zone;
  zone.has_daylight = true;
  if (!eat_name(text)) return std::nullopt;
  west -= 3'600;
  if (!text.starts_with(',') && !eat_time(text, 24, west)) return std::nullopt;
  zone.daylight_offset = -west;
  if (!eat_day(text, zone.daylight_starts) || !eat_day(text, zone.daylight_ends) || !text.empty()) return std::nullopt;
  return zone;
}

}  // namespace daybook
