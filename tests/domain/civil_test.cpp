#include "domain/civil.h"

#include <doctest/doctest.h>

#include <chrono>

namespace daybook {
namespace {

TEST_CASE("days and dates are the standard library's, from the year 0 to 9999") {
  using namespace std::chrono;
  for (std::int64_t day = -719'468; day <= 2'932'896; day += 13) {
    const year_month_day expected{sys_days{days{day}}};
    const Date date{int{expected.year()}, static_cast<int>(unsigned{expected.month()}),
                    static_cast<int>(unsigned{expected.day()})};
    if (civil_from_days(day) != date || days_from_civil(date) != day) FAIL(day);
  }
  CHECK(days_from_civil({0, 1, 1}) == -719'528);
  CHECK(civil_from_days(-719'468) == Date{0, 3, 1});
  CHECK(civil_from_days(-1) == Date{1969, 12, 31});
  CHECK(civil_from_days(2'932'896) == Date{9999, 12, 31});
}

TEST_CASE("months are added with the same day or the month's last") {
  CHECK(add_months_clamped({2024, 1, 31}, 1) == Date{2024, 2, 29});
  CHECK(add_months_clamped({2023, 1, 31}, 1) == Date{2023, 2, 28});
  CHECK(add_months_clamped({2024, 1, 31}, 2) == Date{2024, 3, 31});
  CHECK(add_months_clamped({2024, 1, 31}, -1) == Date{2023, 12, 31});
  CHECK(add_months_clamped({2024, 3, 31}, -13) == Date{2023, 2, 28});
  CHECK(add_months_clamped({2024, 2, 30}, 0) == Date{2024, 2, 29});
  CHECK(add_months_clamped({2024, 2, 30}, 1) == Date{2024, 3, 30});
  CHECK(days_in_month(1900, 2) == 28);
  CHECK(days_in_month(2000, 2) == 29);
}

TEST_CASE("dates are read and written in one form") {
  for (const char* text : {"2027-01-31", "2024-02-29", "0001-01-01", "9999-12-31"}) {
    const std::optional<Date> date = parse_date(text);
    REQUIRE(date.has_value());
    CHECK(format_date(*date) == text);
  }
  for (const char* text : {"", "2027-02-29", "2027-13-01", "2027-00-10", "2027-01-00", "0000-01-01", "2027-1-01",
                           "2027-01-1", "2027/01/01", "2027-01-01T", "27-01-01", "-027-01-01", "2027-01-+1"}) {
    CHECK_MESSAGE(!parse_date(text).has_value(), text);
  }
}

}  // namespace
}  // namespace daybook
