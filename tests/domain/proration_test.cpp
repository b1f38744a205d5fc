#include "domain/rules/proration.h"

#include <string>

#include "domain/money.h"
#include "tests/domain/decimal.h"
#include "tests/domain/property.h"
#include "tests/domain/zones.h"

namespace daybook {
namespace {

using test::at;
using test::decimal;
using test::zone;

const TimeZone utc;
constexpr Interval monthly{IntervalUnit::month, 1};
constexpr Interval yearly{IntervalUnit::year, 1};

Period between(std::string_view start, std::string_view end) {
  return {at(start), at(end)};
}

std::int64_t charge(std::int64_t price, Period part, Period whole, ProrationUnit unit = ProrationUnit::day) {
  const auto prorated = prorate(price, part, whole, unit, utc);
  REQUIRE(prorated.has_value());
  return prorated->amount;
}

std::int64_t credit(std::int64_t billed, Period period, std::string_view from,
                    ProrationUnit unit = ProrationUnit::day) {
  const auto unused = credit_unused({billed, period}, at(from), unit, utc);
  REQUIRE(unused.has_value());
  CHECK(unused->credit + unused->used == billed);
  return unused->credit;
}

/// "14/365 1 12/366": the shares from start to end, period by period of a cycle anchored on another day.
std::string pieces(std::string_view start, std::string_view end, Interval interval, Anchor anchor) {
  std::string text;
  Instant from = at(start);
  const Cycle cycle{from, anchor, interval};
  while (from < at(end)) {
    const CyclePeriod period = *period_at(cycle, from, utc);
    const Period part{from, std::min(period.whole.end, at(end))};
    const Share share = *share_of(part, period.whole, ProrationUnit::day, utc);
    if (!text.empty()) text += ' ';
    text += share.part == share.whole ? "1" : std::to_string(share.part) + '/' + std::to_string(share.whole);
    from = part.end;
  }
  return text;
}

std::string pieces(std::string_view start, std::string_view end, Interval interval, int day) {
  return pieces(start, end, interval, anchor_on_day(at(start), day, 0, utc));
}

TEST_CASE("B02, B03, B04, B06: days of the month that there is, or of thirty") {
  struct Row {
    Period part;
    Period whole;
    Share days;
  };
  for (const Row& row : {Row{between("2023-06-23", "2023-07-15"), between("2023-06-15", "2023-07-15"), {22, 30}},
                         Row{between("2023-02-23", "2023-03-15"), between("2023-02-15", "2023-03-15"), {20, 28}},
                         Row{between("2024-02-23", "2024-03-15"), between("2024-02-15", "2024-03-15"), {21, 29}}}) {
    CHECK(share_of(row.part, row.whole, ProrationUnit::day, utc) == row.days);
    CHECK(share_of(row.part, row.whole, ProrationUnit::thirty_360, utc) == Share{22, 30});
  }
  CHECK(share_of(between("2023-05-23", "2023-06-15"), between("2023-05-15", "2023-06-15"), ProrationUnit::thirty_360,
                 utc) == Share{22, 30});
  CHECK(share_of(between("2023-05-15", "2023-05-23"), between("2023-05-15", "2023-06-15"), ProrationUnit::thirty_360,
                 utc) == Share{8, 30});
  CHECK(share_of(between("2023-06-15", "2023-06-23"), between("2023-06-15", "2023-07-15"), ProrationUnit::thirty_360,
                 utc) == Share{8, 30});
}

TEST_CASE("B10, B11, B12, B15, B16: a stretch of time in the periods that it crosses") {
  CHECK(pieces("2011-01-01", "2012-01-27", yearly, 15) == "14/365 1 12/366");
  CHECK(pieces("2012-02-01", "2012-02-15", monthly, 1) == "14/29");
  CHECK(pieces("2011-01-31", "2011-03-10", monthly, 7) == "7/31 1 3/31");
  CHECK(pieces("2011-02-14", "2011-02-28", monthly, 31) == "14/28");
  CHECK(pieces("2011-02-10", "2011-02-24", monthly, 10) == "14/28");
}

TEST_CASE("B17, B65: a month in a leap year, and a third of a quarter") {
  CHECK(charge(900'000, between("2025-02-01", "2025-02-04"), between("2025-02-01", "2025-03-01")) == 96'429);
  CHECK(charge(900'000, between("2020-02-01", "2020-02-29"), between("2020-02-01", "2020-03-01")) == 868'966);
  CHECK(charge(900, between("2024-01-01", "2024-02-01"), between("2024-01-01", "2024-04-01")) == 307);
}

TEST_CASE("B18, B19: changes of plan on two days running") {
  const Period may = between("2012-05-01", "2012-06-01");
  CHECK(credit(59'995, may, "2012-05-07") == 48'383);
  CHECK(charge(995, between("2012-05-07", "2012-06-01"), may) == 802);
  CHECK(charge(2'995, between("2012-05-08", "2012-06-01"), may) == 2'319);
  // The second credit is a share of what the first change billed, for the period that it billed.
  CHECK(credit(802, between("2012-05-07", "2012-06-01"), "2012-05-08") == 770);
}

TEST_CASE("B21, B22, B23, B24, B25, B26, B27, B30: a price for the part of a period that ends at a new boundary") {
  CHECK(charge(24'995, between("2016-05-01", "2016-05-15"), between("2016-04-15", "2016-05-15")) == 11'664);
  CHECK(charge(24'995, between("2016-06-01", "2016-06-15"), between("2016-05-15", "2016-06-15")) == 11'288);
  CHECK(charge(24'995, between("2016-07-15", "2016-08-10"), between("2016-07-10", "2016-08-10")) == 20'964);
  CHECK(charge(59'995, between("2016-05-05", "2016-05-10"), between("2016-04-10", "2016-05-10")) == 9'999);
  CHECK(credit(24'995, between("2016-05-01", "2016-06-01"), "2016-05-05") == 21'770);
  CHECK(charge(59'995, between("2016-05-05", "2016-06-01"), between("2016-05-01", "2016-06-01")) == 52'254);
  CHECK(charge(59'995, between("2016-06-01", "2016-06-10"), between("2016-05-10", "2016-06-10")) == 17'418);
  CHECK(charge(239'995, between("2017-05-01", "2017-05-10"), between("2016-05-10", "2017-05-10")) == 5'918);
  CHECK(charge(199'995, between("2016-07-01", "2016-07-04"), between("2016-06-04", "2016-07-04")) == 20'000);
  CHECK(charge(239'995, between("2012-05-12", "2013-05-01"), between("2012-05-01", "2013-05-01")) == 232'762);
  CHECK(credit(24'995, between("2012-05-01", "2012-06-01"), "2012-05-12") == 16'126);
  CHECK(charge(599'995, between("2015-03-15", "2016-03-01"), between("2015-03-01", "2016-03-01")) == 577'044);
  CHECK(credit(239'995, between("2015-01-01", "2016-01-01"), "2015-03-15") == 191'996);
}

TEST_CASE("B33, B35, B37, B39: pauses, cancellations and add-ons") {
  const Period july = between("2012-06-30", "2012-07-31");
  CHECK(charge(24'995, between("2012-07-10", "2012-07-20"), july) == 8'063);
  CHECK(credit(24'995, july, "2012-07-10") == 16'932);
  CHECK(credit(1'200, between("2011-04-05", "2011-05-05"), "2011-04-29") == 240);
  CHECK(10'000 - credit(1'000, between("2011-07-20", "2011-08-20"), "2011-07-31") == 9'355);
  const Period may = between("2012-04-25", "2012-05-25");
  const Period from_28 = between("2012-04-28", "2012-05-25");
  CHECK(charge(500, from_28, may) + charge(2'000, from_28, may) == 2'250);
}

TEST_CASE("B34: a price for seven seats, then for ten, on the boundary") {
  const Period may = between("2012-05-01", "2012-06-01");
  CHECK(charge(7 * 2'995, may, may) == 20'965);
  CHECK(charge(10 * 2'995, may, may) == 29'950);
  CHECK(credit(7 * 2'995, may, "2012-06-01") == 0);
}

TEST_CASE("B41, B43, B45, B48, B53, B54, B55: the days that are used or left") {
  CHECK(charge(118'800, between("2023-11-19", "2024-07-19"), between("2023-07-19", "2024-07-19")) == 78'875);
  const Period august = between("2023-08-01", "2023-09-01");
  CHECK(charge(100, between("2023-08-01", "2023-08-21"), august) == 65);
  const Period july = between("2023-07-01", "2023-08-01");
  CHECK(charge(1'000, between("2023-07-19", "2023-08-01"), july) == 419);
  CHECK(charge(1'500, between("2023-07-19", "2023-08-01"), july) == 629);
  CHECK(charge(200'000, between("2024-02-04", "2024-03-01"), between("2024-02-01", "2024-03-01")) == 179'310);
  CHECK(charge(5'000, between("2023-01-08", "2023-02-01"), between("2023-01-01", "2023-02-01")) == 3'871);
  const Period february = between("2023-02-01", "2023-03-01");
  CHECK(credit(5'000, february, "2023-02-26") == 536);
  CHECK(charge(1'000, between("2023-02-01", "2023-02-26"), february) - 800 == 93);
}

TEST_CASE("B56, B57, B58: changes in the middle, on the first day and on the last") {
  const Period january = between("2025-01-01", "2025-01-31");
  const auto change = [&](std::int64_t old_price, std::int64_t new_price, std::string_view day) {
    return std::pair(-credit(old_price, january, day), charge(new_price, {at(day), january.end}, january));
  };
  CHECK(change(10'000, 20'000, "2025-01-16") == std::pair<std::int64_t, std::int64_t>(-5'000, 10'000));
  CHECK(change(10'000, 20'000, "2025-01-01") == std::pair<std::int64_t, std::int64_t>(-10'000, 20'000));
  CHECK(change(10'000, 20'000, "2025-01-31") == std::pair<std::int64_t, std::int64_t>(0, 0));
  CHECK(change(30'000, 60'000, "2025-01-30") == std::pair<std::int64_t, std::int64_t>(-1'000, 2'000));
  CHECK(change(3'000, 5'000, "2025-01-16") == std::pair<std::int64_t, std::int64_t>(-1'500, 2'500));
}

TEST_CASE("B61, B62, B63, B64, B66: shares of seconds, and none at all") {
  const Period january = between("2025-01-01", "2025-01-31");
  CHECK(credit(1'000, january, "2025-01-16", ProrationUnit::second) == 500);
  CHECK(charge(2'000, between("2025-01-16", "2025-01-31"), january, ProrationUnit::second) == 1'000);
  const auto stripe = credit_unused({1'000, between("2017-02-14", "2017-03-14")},
                                    Instant{1'488'568'488 * micros_per_second}, ProrationUnit::second, utc);
  CHECK(stripe->credit == 364);
  CHECK(stripe->share == Share{881'112, 2'419'200});
  const std::int64_t end = 1'529'161'019;
  const Period month{Instant{(end - 2'678'400) * micros_per_second}, Instant{end * micros_per_second}};
  const auto second =
      credit_unused({1'000, month}, Instant{1'526'487'083 * micros_per_second}, ProrationUnit::second, utc);
  CHECK(second->credit == 998);
  CHECK(second->share == Share{2'673'936, 2'678'400});
  const Period stub = between("2024-01-21T21:55:18Z", "2024-02-01");
  CHECK(charge(2'000, stub, between("2024-01-01", "2024-02-01"), ProrationUnit::second) == 651);
  CHECK(charge(2'000, stub, between("2024-01-01", "2024-02-01"), ProrationUnit::none) == 2'000);
  CHECK(credit(2'000, between("2024-01-01", "2024-02-01"), "2024-01-21", ProrationUnit::none) == 0);
}

TEST_CASE("B67, B68: downgrades by the day") {
  CHECK(credit(6'000, between("2012-04-01", "2012-05-01"), "2012-04-21") == 2'000);
  CHECK(charge(3'000, between("2012-04-21", "2012-05-01"), between("2012-04-01", "2012-05-01")) == 1'000);
  const Period april = between("2013-04-01", "2013-05-01");
  CHECK(credit(9'000, april, "2013-04-10") == 6'300);
  CHECK(charge(6'000, between("2013-04-10", "2013-05-01"), april) == 4'200);
}

TEST_CASE("a day is the zone's day, also when the clocks change in it") {
  const TimeZone& berlin = zone("Europe/Berlin");
  const Period march{at("2026-02-28T23:00:00Z"), at("2026-03-31T22:00:00Z")};
  CHECK(share_of({at("2026-03-28T23:00:00Z"), march.end}, march, ProrationUnit::day, berlin) == Share{3, 31});
  CHECK(share_of({at("2026-03-29T21:59:59Z"), march.end}, march, ProrationUnit::day, berlin) == Share{3, 31});
  CHECK(share_of({at("2026-03-29T22:00:00Z"), march.end}, march, ProrationUnit::day, berlin) == Share{2, 31});
  CHECK(share_of(march, march, ProrationUnit::second, berlin)->whole == 31 * 86'400 - 3'600);
}

TEST_CASE("in months of thirty days the 31st is the 30th") {
  const Period january = between("2023-01-01", "2023-02-01");
  CHECK(share_of(between("2023-01-30", "2023-01-31"), january, ProrationUnit::thirty_360, utc) == Share{0, 30});
  CHECK(share_of(between("2023-01-31", "2023-02-01"), january, ProrationUnit::thirty_360, utc) == Share{1, 30});
  CHECK(share_of(between("2023-02-01", "2023-02-15"), between("2023-02-01", "2023-03-01"), ProrationUnit::thirty_360,
                 utc) == Share{14, 30});
}

TEST_CASE("what cannot be shared is nothing") {
  const Period january = between("2025-01-01", "2025-02-01");
  for (const auto unit : {ProrationUnit::second, ProrationUnit::day, ProrationUnit::thirty_360, ProrationUnit::none}) {
    CHECK(!share_of(between("2024-12-31", "2025-01-05"), january, unit, utc));
    CHECK(!share_of(between("2025-01-31", "2025-02-02"), january, unit, utc));
    CHECK(!share_of(between("2025-01-05", "2025-01-04"), january, unit, utc));
    CHECK(!credit_unused({100, january}, at("2024-12-31"), unit, utc));
    CHECK(!credit_unused({100, january}, at("2025-02-02"), unit, utc));
  }
  const Period hour = between("2025-01-01T10:00:00Z", "2025-01-01T11:00:00Z");
  CHECK(!share_of(hour, hour, ProrationUnit::day, utc));
  CHECK(!credit_unused({100, hour}, hour.start, ProrationUnit::day, utc));
  CHECK(share_of(hour, hour, ProrationUnit::second, utc) == Share{3'600, 3'600});
  CHECK(prorate(amount_max, january, january, ProrationUnit::day, utc)->amount == amount_max);
  CHECK(!prorate(Rational(amount_max) + 1, january, january, ProrationUnit::day, utc));
  CHECK(!prorate(Rational(amount_max) * amount_max, january, january, ProrationUnit::day, utc));
  CHECK(prorate(decimal("0.5"), january, january, ProrationUnit::day, utc)->amount == 1);
  CHECK(prorate(decimal("0.5"), january, january, ProrationUnit::day, utc, Rounding::half_even)->amount == 0);
}

TEST_CASE("credits of one line never sum to more than the line") {
  const Period january = between("2025-01-01", "2025-01-31");
  const auto second = credit_unused({1'000, january, 600}, at("2025-01-11"), ProrationUnit::day, utc);
  CHECK(second->credit == 400);
  CHECK(second->used == 0);
  const auto negative = credit_unused({-1'000, january, -600}, at("2025-01-11"), ProrationUnit::day, utc);
  CHECK(negative->credit == -400);
  CHECK(negative->used == 0);
  const auto half = credit_unused({1'001, january, 100}, at("2025-01-16"), ProrationUnit::day, utc);
  CHECK(half->credit == 501);
  CHECK(half->used == 400);
  CHECK(credit_unused({1'001, january}, at("2025-01-16"), ProrationUnit::day, utc, Rounding::half_even)->credit == 500);
}

TEST_CASE("CHG-07: credit and used part are the whole, and a change to the same plan nets to zero") {
  const auto names = test::zones().names();
  test::always("for each way of counting", [&] {
    const TimeZone& some = zone(names[*rc::gen::inRange<std::size_t>(0, names.size())]);
    const auto unit = *rc::gen::element(ProrationUnit::second, ProrationUnit::day, ProrationUnit::thirty_360);
    const auto rounding = *rc::gen::element(Rounding::half_away_from_zero, Rounding::half_even);
    const auto price = *rc::gen::inRange<std::int64_t>(0, 100'000'000);
    const Instant start{*rc::gen::inRange<std::int64_t>(86'400 * 40, 4'000'000'000) * micros_per_second};
    const Period whole = period_at({start, anchor_at(start, some), monthly}, start, some)->whole;
    const std::int64_t length = micros(whole.end) - micros(whole.start);
    const Instant change{micros(start) +
                         *rc::gen::inRange<std::int64_t>(0, length / micros_per_second + 1) * micros_per_second};
    const auto unused = credit_unused({price, whole}, change, unit, some, rounding);
    RC_ASSERT(unused.has_value());
    RC_ASSERT(unused->credit + unused->used == price);
    RC_ASSERT(unused->credit >= 0);
    RC_ASSERT(unused->used >= 0);
    const auto charged = prorate(price, {change, whole.end}, whole, unit, some, rounding);
    RC_ASSERT(charged->amount == unused->credit);
    const auto used_share = share_of({whole.start, change}, whole, unit, some);
    RC_ASSERT(used_share->part + unused->share.part == unused->share.whole);
    const auto none = credit_unused({price, whole}, change, ProrationUnit::none, some, rounding);
    RC_ASSERT(none->credit == 0);
    RC_ASSERT(none->used == price);
  });
}

}  // namespace
}  // namespace daybook
