// RFC 3339 and ISO 8601 texts.
#include "domain/instant.h"

#include <algorithm>
#include <array>

#include "domain/assert.h"
#include "domain/civil.h"

namespace daybook {
namespace {

/// Writes `value` as `width` digits with leading zeros and returns the place after them.
char* put_digits(char* out, int value, int width) {
  for (int i = width - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + width;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Eats a text from its front; every function leaves the text alone if it does not match.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool eat(char expected) {
    if (rest_.empty() || rest_.front() != expected) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Exactly `width` digits with a value from `low` to `high`.
  bool eat_field(int width, int low, int high, int& value) {
    if (count_digits() < static_cast<std::size_t>(width)) return false;
    const int number = take(static_cast<std::size_t>(width));
    value = number;
    return low <= number && number <= high;
  }

  /// One to nine digits.
  bool eat_number(int& value) {
    const std::size_t digits = count_digits();
    if (digits == 0 || digits > 9) return false;
    value = take(digits);
    return true;
  }

  /// One to six digits, read as decimals of a second.
  bool eat_fraction(int& micros) {
    const std::size_t digits = count_digits();
    if (digits == 0 || digits > 6) return false;
    micros = take(digits);
    for (std::size_t i = digits; i < 6; ++i) micros *= 10;
    return true;
  }

 private:
  std::size_t count_digits() const {
    return static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), is_digit) - rest_.begin());
  }

  int take(std::size_t digits) {
    int number = 0;
    for (const char c : rest_.substr(0, digits)) number = number * 10 + (c - '0');
    rest_.remove_prefix(digits);
    return number;
  }

  std::string_view rest_;
};

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
  char* end = put_digits(text.data(), date.year, 4);
  *end++ = '-';
  end = put_digits(end, date.month, 2);
  *end++ = '-';
  end = put_digits(end, date.day, 2);
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
  if (!scanner.eat_field(4, 0, 9999, date.year) || !scanner.eat('-')) return std::nullopt;
  if (!scanner.eat_field(2, 1, 12, date.month) || !scanner.eat('-')) return std::nullopt;
  if (!scanner.eat_field(2, 1, days_in_month(date.year, date.month), date.day) || !scanner.eat('T'))
    return std::nullopt;
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
