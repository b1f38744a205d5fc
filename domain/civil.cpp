// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", for years from 0 on.
#include "domain/civil.h"

#include <algorithm>
#include <array>

#include "domain/time_text.h"

namespace daybook {
namespace {

bool is_leap(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

}  // namespace

std::int64_t days_from_civil(Date date) {
  const int year = date.year - (date.month <= 2 ? 1 : 0);
  const int era = (year >= 0 ? year : year - 399) / 400;
  const int year_of_era = year - era * 400;
  const int day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return std::int64_t{era} * 146'097 + day_of_era - 719'468;
}

Date civil_from_days(std::int64_t days) {
  const int shifted = static_cast<int>(days) + 719'468;
  const int era = shifted / 146'097;
  const int day_of_era = shifted - era * 146'097;
  const int year_of_era = (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int shifted_month = (5 * day_of_year + 2) / 153;
  const int month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day_of_year - (153 * shifted_month + 2) / 5 + 1};
}

int days_in_month(int year, int month) {
  constexpr std::array lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : lengths[static_cast<std::size_t>(month - 1)];
}

Date add_months_clamped(Date date, std::int64_t months) {
  const std::int64_t sum = std::int64_t{date.year} * 12 + (date.month - 1) + months;
  const int year = static_cast<int>(sum / 12);
  const int month = static_cast<int>(sum % 12) + 1;
  return {year, month, std::min(date.day, days_in_month(year, month))};
}

std::optional<Date> parse_date(std::string_view text) {
  Scanner scanner(text);
  Date date;
  if (!scanner.eat_date(date) || !scanner.at_end() || date.year < 1) return std::nullopt;
  return date;
}

std::string format_date(Date date) {
  std::string text(10, '0');
  put_date(text.data(), date);
  return text;
}

}  // namespace daybook
