// Reading and writing the digits of dates and times, for the texts of civil.h and instant.h.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "domain/ascii.h"
#include "domain/civil.h"

namespace daybook {

/// Writes `value` as `width` digits with leading zeros and returns the place after them.
inline char* put_digits(char* out, int value, int width) {
  for (int i = width - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + width;
}

/// The same with a date as YYYY-MM-DD.
inline char* put_date(char* out, Date date) {
  out = put_digits(out, date.year, 4);
  *out++ = '-';
  out = put_digits(out, date.month, 2);
  *out++ = '-';
  return put_digits(out, date.day, 2);
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

  /// A day of the calendar as YYYY-MM-DD.
  bool eat_date(Date& date) {
    return eat_field(4, 0, 9999, date.year) && eat('-') && eat_field(2, 1, 12, date.month) && eat('-') &&
           eat_field(2, 1, days_in_month(date.year, date.month), date.day);
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

}  // namespace daybook
