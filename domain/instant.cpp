// RFC 3339 and ISO 8601 texts.
#include "domain/instant.h"

#include <algorithm>
#include <array>

#include "domain/assert.h"
#include "domain/civil.h"
#include "domain/time_text.h"

namespace daybook {
namespace {

/// RFC 3339 `time-offset`, in minutes east of UTC. `-00:00` (offset unknown) is UTC too, as §4.3 says.
bool eat_offset(Scanner& scanner, int& minutes) {
  minutes = 0;
  if (scanner.eat('Z')) return true;
  const bool west = scanner.eat('-');
  if (!west && !scanner.eat('+')) return false;
  int hour = 0;
  int minute = 0;
  if (!scanner.eat_field(2, 0, 23, hour) || !scanner.eat(':') || !scanner.eat_field(2, 0, 59, minute)) return false;
  minutes = (hour * 60 + minute) * (west ? -1 : 1);
  return true;
}

std::optional<Instant> on_calendar(std::int64_t us) {
  const Instant at{us};
  return is_on_calendar(at) ? std::optional(at) : std::nullopt;
}

}  // namespace

void append_rfc3339(std::string& out, Instant at) {
  ensure(is_on_calendar(at), "an instant outside 1970..9999 has no RFC 3339 text");
  const std::int64_t us = micros(at);
  const Date date = civil_from_days(us / micros_per_day);
  const int second_of_day = static_cast<int>(us % micros_per_day / micros_per_second);
  const int fraction = static_cast<int>(us % micros_per_second);
  std::array<char, 27> text;
  char* end = put_date(text.data(), date);
  *end++ = 'T';
  end = put_digits(end, second_of_day / 3'600, 2);
  *end++ = ':';
  end = put_digits(end, second_of_day / 60 % 60, 2);
  *end++ = ':';
  end = put_digits(end, second_of_day % 60, 2);
  if (fraction != 0) {
    *end++ = '.';
    end = put_digits(end, fraction, 6);
  }
  *end++ = 'Z';
  out.append(text.data(), end);
}

std::string format_rfc3339(Instant at) {
  std::string text;
  append_rfc3339(text, at);
  return text;
}

std::optional<Instant> parse_rfc3339(std::string_view text) {
  Scanner scanner(text);
  Date date{};
  int hour = 0;
  int minute = 0;
  int second = 0;
  int fraction = 0;
  int offset_minutes = 0;
  if (!scanner.eat_date(date) || !scanner.eat('T')) return std::nullopt;
  if (!scanner.eat_field(2, 0, 23, hour) || !scanner.eat(':')) return std::nullopt;
  if (!scanner.eat_field(2, 0, 59, minute) || !scanner.eat(':')) return std::nullopt;
  if (!scanner.eat_field(2, 0, 59, second)) return std::nullopt;
  if (scanner.eat('.') && !scanner.eat_fraction(fraction)) return std::nullopt;
  if (!eat_offset(scanner, offset_minutes) || !scanner.at_end()) return std::nullopt;
  const std::int64_t seconds = std::int64_t{hour} * 3'600 + (minute - offset_minutes) * 60 + second;
  return on_calendar(days_from_civil(date) * micros_per_day + seconds * micros_per_second + fraction);
}

std::optional<Duration> parse_duration(std::string_view text) {
  struct Unit {
    char letter;
    bool is_time;
    std::int64_t months;
    std::int64_t days;
    std::int64_t micros;
  };
  constexpr std::array units{Unit{'Y', false, 12, 0, 0},
                             Unit{'M', false, 1, 0, 0},
                             Unit{'W', false, 0, 7, 0},
                             Unit{'D', false, 0, 1, 0},
                             Unit{'H', true, 0, 0, 3'600 * micros_per_second},
                             Unit{'M', true, 0, 0, 60 * micros_per_second},
                             Unit{'S', true, 0, 0, micros_per_second}};
  Scanner scanner(text);
  if (!scanner.eat('P')) return std::nullopt;
  std::int64_t months = 0;
  std::int64_t days = 0;
  std::int64_t us = 0;
  bool in_time = false;
  bool weeks = false;
  int parts = 0;
  const auto* unit = units.begin();
  do {
    if (!in_time && scanner.eat('T')) in_time = true;
    int number = 0;
    int fraction = 0;
    if (!scanner.eat_number(number)) return std::nullopt;
    const bool has_fraction = scanner.eat('.');
    if (has_fraction && !scanner.eat_fraction(fraction)) return std::nullopt;
    unit =
        std::find_if(unit, units.end(), [&](const Unit& u) { return u.is_time == in_time && scanner.eat(u.letter); });
    if (unit == units.end()) return std::nullopt;
    if (has_fraction && unit->letter != 'S') return std::nullopt;
    weeks = weeks || unit->letter == 'W';
    months += number * unit->months;
    days += number * unit->days;
    us += number * unit->micros + fraction;
    ++unit;
    ++parts;
  } while (!scanner.at_end());
  if (weeks && parts > 1) return std::nullopt;
  if (months > duration_months_max || days > duration_days_max || us > duration_micros_max) return std::nullopt;
  return Duration{static_cast<int>(months), static_cast<int>(days), us};
}

std::optional<Instant> add(Instant at, Duration length) {
  ensure(length.months >= 0, "a duration has no negative months");
  ensure(length.days >= 0, "a duration has no negative days");
  ensure(length.micros >= 0, "a duration has no negative micros");
  if (!is_on_calendar(at)) return std::nullopt;
  if (length.months > duration_months_max || length.days > duration_days_max || length.micros > duration_micros_max) {
    return std::nullopt;
  }
  const Date date = add_months_clamped(civil_from_days(micros(at) / micros_per_day), length.months);
  const std::int64_t days = days_from_civil(date) + length.days;  // the maxima keep the sum far below 2^63
  return on_calendar(days * micros_per_day + micros(at) % micros_per_day + length.micros);
}

}  // namespace daybook
