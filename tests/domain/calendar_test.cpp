#include "domain/rules/calendar.h"

#include "tests/domain/dies.h"
#include "tests/domain/property.h"
#include "tests/domain/zones.h"

namespace daybook {
namespace {

using test::at;
using test::zone;
using test::zones;

const TimeZone utc;
constexpr Interval monthly{IntervalUnit::month, 1};
constexpr Interval quarterly{IntervalUnit::month, 3};
constexpr Interval yearly{IntervalUnit::year, 1};
constexpr Interval weekly{IntervalUnit::week, 1};
constexpr Interval thirty_days{IntervalUnit::day, 30};

Cycle cycle(Instant start, Interval interval, const TimeZone& where = utc) {
  return {start, anchor_at(start, where), interval};
}

Cycle cycle(std::string_view start, Interval interval, int day) {
  return {at(start), anchor_on_day(at(start), day, 0, utc), interval};
}

Cycle cycle(std::string_view start, Interval interval) {
  return cycle(at(start), interval);
}

/// The ends of the periods from the one that holds the start, as dates where they are midnights in UTC.
std::string ends(const Cycle& some, int count, const TimeZone& where = utc) {
  std::string text;
  Instant from = some.start;
  for (int i = 0; i < count; ++i) {
    const auto period = period_at(some, from, where);
    REQUIRE(period.has_value());
    CHECK(period->billed.start == from);
    from = period->billed.end;
    std::string end = format_rfc3339(from);
    if (end.ends_with("T00:00:00Z")) end.resize(10);
    text += (i > 0 ? " " : "") + end;
  }
  return text;
}

std::int64_t completed(const Cycle& some, std::string_view until) {
  return period_at(some, at(until), utc)->index - period_at(some, some.start, utc)->index;
}

TEST_CASE("A02, A04, A31: a day that a month lacks is its last one, and comes back") {
  const Cycle from_31 = cycle("2024-01-31", monthly);
  CHECK(ends(from_31, 3) == "2024-02-29 2024-03-31 2024-04-30");
  CHECK(completed(from_31, "2024-02-15") == 0);
  CHECK(completed(from_31, "2024-02-29") == 1);
  CHECK(completed(from_31, "2024-03-31") == 2);
  CHECK(ends(cycle("2024-01-30", monthly), 4) == "2024-02-29 2024-03-30 2024-04-30 2024-05-30");
  CHECK(ends(cycle("2025-03-31", monthly), 2) == "2025-04-30 2025-05-31");
}

TEST_CASE("A06, A07: the time of day stays and nothing drifts after February") {
  const Cycle from_31 = cycle("2025-01-31T15:00:00Z", monthly);
  CHECK(period_at(from_31, at("2025-08-01"), utc)->whole ==
        Period{at("2025-07-31T15:00:00Z"), at("2025-08-31T15:00:00Z")});
  CHECK(period_at(from_31, at("2025-09-30T15:00:00Z"), utc)->whole ==
        Period{at("2025-09-30T15:00:00Z"), at("2025-10-31T15:00:00Z")});
  CHECK(ends(cycle("2025-01-30T15:00:00Z", monthly), 1) == "2025-02-28T15:00:00Z");
}

TEST_CASE("A09, A10, A11, A12, A15, A16: the first boundary is the first anchor day after the start") {
  CHECK(ends(cycle("2012-01-16", monthly, 17), 1) == "2012-01-17");
  CHECK(ends(cycle("2012-01-16", yearly, 17), 1) == "2012-01-17");
  CHECK(ends(cycle("2012-02-16", monthly, 30), 2) == "2012-02-29 2012-03-30");
  CHECK(ends(cycle("2012-02-16", yearly, 30), 5) == "2012-02-29 2013-02-28 2014-02-28 2015-02-28 2016-02-29");
  CHECK(ends(cycle("2012-01-31", monthly, 30), 1) == "2012-02-29");
  CHECK(ends(cycle("2012-01-31", yearly, 30), 1) == "2013-01-30");
  CHECK(ends(cycle("2012-02-16", monthly, 14), 1) == "2012-03-14");
  CHECK(ends(cycle("2012-02-16", yearly, 14), 1) == "2013-02-14");
  CHECK(ends(cycle("2012-07-16", monthly, 15), 1) == "2012-08-15");
  CHECK(ends(cycle("2012-07-16", monthly, 16), 2) == "2012-08-16 2012-09-16");
  CHECK(period_at(cycle("2012-07-16", monthly, 16), at("2012-09-15"), utc)->whole.start == at("2012-08-16"));
  // An interval in days has no anchor day.
  CHECK(boundary(cycle("2012-02-16", thirty_days), 0, utc) == at("2012-02-16"));
}

TEST_CASE("A17, A18: whole periods between two dates, and seven of them to and fro") {
  const auto whole = [](Interval interval, std::string_view until) {
    return completed(cycle("2012-07-16", interval), until);
  };
  CHECK(whole(monthly, "2012-09-15") == 1);
  CHECK(whole(monthly, "2012-09-16") == 2);
  CHECK(whole(monthly, "2012-09-17") == 2);
  CHECK(whole(thirty_days, "2012-09-13") == 1);
  CHECK(whole(thirty_days, "2012-09-14") == 2);
  CHECK(whole(thirty_days, "2012-09-15") == 2);
  CHECK(whole(weekly, "2012-07-29") == 1);
  CHECK(whole(weekly, "2012-07-30") == 2);
  CHECK(whole(weekly, "2012-07-31") == 2);
  for (const auto& [interval, date] :
       {std::pair{monthly, "2016-11-08"}, {thirty_days, "2016-11-04"}, {weekly, "2016-05-27"}}) {
    CHECK(boundary(cycle("2016-04-08", interval), 7, utc) == at(date));
    CHECK(boundary(cycle(date, interval), -7, utc) == at("2016-04-08"));
  }
}

TEST_CASE("A19, A20, A21: a start off the anchor makes a shorter first period") {
  const Cycle stub = cycle("2024-01-01", monthly, 10);
  CHECK(ends(stub, 2) == "2024-01-10 2024-02-10");
  CHECK(period_at(stub, at("2024-01-05"), utc)->whole == Period{at("2023-12-10"), at("2024-01-10")});
  CHECK(completed(stub, "2024-01-05") == 0);
  CHECK(completed(stub, "2024-01-10") == 1);
  CHECK(completed(stub, "2024-02-10") == 2);
  CHECK(completed(stub, "2024-03-15") == 3);
  CHECK(ends(cycle("2021-01-10", quarterly, 1), 2) == "2021-04-01 2021-07-01");
  CHECK(ends(cycle("2021-01-10", yearly, 1), 2) == "2022-01-01 2023-01-01");
}

TEST_CASE("A23: a trial across the change to daylight time ends on its local day") {
  const TimeZone& los_angeles = zone("America/Los_Angeles");
  const Instant created = *los_angeles.instant({{2017, 3, 1}, 84'600});
  const Instant trial_end = *add_days(created, 30, los_angeles);
  CHECK(los_angeles.local_time(trial_end) == LocalTime{{2017, 3, 31}, 84'600});
  const Period first = period_at(cycle(trial_end, monthly, los_angeles), trial_end, los_angeles)->billed;
  CHECK(first.start == trial_end);
  CHECK(los_angeles.local_time(first.end) == LocalTime{{2017, 4, 30}, 84'600});
}

TEST_CASE("A25: a local date and time is a period's end on either side of the change of the clocks") {
  const TimeZone& los_angeles = zone("America/Los_Angeles");
  const Cycle some = cycle(at("2015-11-01T07:01:01Z"), monthly, los_angeles);
  const Instant end = period_at(some, some.start, los_angeles)->billed.end;
  CHECK(end == at("2015-12-01T08:01:01Z"));
  CHECK(end == los_angeles.instant({{2015, 12, 1}, 61}));
}

TEST_CASE("A26: nineteen months over three changes of the clocks, each from the first") {
  const TimeZone& juneau = zone("America/Juneau");
  const Instant start = *juneau.instant({{2015, 9, 1}, 0});
  const Instant paid_from = *add_days(start, 30, juneau);
  const Cycle some = cycle(paid_from, monthly, juneau);
  Instant from = paid_from;
  for (int i = 0; i < 19; ++i) {
    const Period period = period_at(some, from, juneau)->billed;
    CHECK(juneau.local_time(period.start) == LocalTime{add_months_clamped({2015, 10, 1}, i), 0});
    from = period.end;
  }
}

TEST_CASE("A27: a start that does not exist on the clock moves forward, and its day stays") {
  const TimeZone& los_angeles = zone("America/Los_Angeles");
  const Anchor anchor{{2015, 3, 8}, 7'200};
  const Cycle some{*los_angeles.instant({anchor.date, anchor.second_of_day}), anchor, monthly};
  CHECK(some.start == at("2015-03-08T10:00:00Z"));
  Instant from = some.start;
  for (int i = 1; i <= 30; ++i) {
    from = period_at(some, from, los_angeles)->billed.end;
    CHECK(los_angeles.local_time(from) == LocalTime{add_months_clamped(anchor.date, i), 7'200});
  }
}

TEST_CASE("A28: a month in Budapest begins at Budapest's midnight") {
  const TimeZone& budapest = zone("Europe/Budapest");
  const Instant during = at("2025-01-20");
  const Cycle months{at("2024-11-02"), anchor_on_day(at("2024-11-02"), 1, 0, budapest), monthly};
  CHECK(period_at(months, during, budapest)->whole == Period{at("2024-12-31T23:00:00Z"), at("2025-01-31T23:00:00Z")});
}

TEST_CASE("A32, A35, A38: years and quarters tile, restored in the leap year") {
  const Cycle leap = cycle("2024-02-29", yearly);
  CHECK(ends(leap, 4) == "2025-02-28 2026-02-28 2027-02-28 2028-02-29");
  CHECK(completed(leap, "2025-02-28T12:00:00Z") == 1);
  const Cycle from_30 = cycle("2021-04-30", quarterly);
  CHECK(ends(from_30, 4) == "2021-07-30 2021-10-30 2022-01-30 2022-04-30");
  CHECK(completed(from_30, "2021-05-31") == 0);
  const Cycle from_29 = cycle("2022-01-29", quarterly);
  CHECK(ends(from_29, 2) == "2022-04-29 2022-07-29");
  CHECK(period_at(from_29, at("2022-02-28"), utc)->whole.start == at("2022-01-29"));
}

TEST_CASE("a cycle that starts in the hour that comes twice has whole periods") {
  const TimeZone& berlin = zone("Europe/Berlin");
  const Cycle second_pass = cycle(at("2026-10-25T01:30:00Z"), monthly, berlin);
  const CyclePeriod first = *period_at(second_pass, second_pass.start, berlin);
  CHECK(first.whole == Period{at("2026-10-25T01:30:00Z"), at("2026-11-25T01:30:00Z")});
  CHECK(first.billed == first.whole);
  const Cycle daily = cycle(at("2026-10-20T00:30:00Z"), {IntervalUnit::day, 1}, berlin);
  CHECK(ends(daily, 6, berlin).ends_with("2026-10-25T00:30:00Z 2026-10-26T01:30:00Z"));
}

TEST_CASE("a day that begins, and is then the day before once more, begins the first time") {
  // Newfoundland set its clocks back at a minute past midnight, to a minute past eleven.
  const TimeZone& st_johns = zone("America/St_Johns");
  const Cycle daily{at("2010-11-01T02:30:00Z"), {{2010, 11, 1}, 0}, {IntervalUnit::day, 1}};
  const Period first{at("2010-11-07T02:30:00Z"), at("2010-11-08T03:30:00Z")};
  CHECK(period_at(daily, at("2010-11-07T02:30:00Z"), st_johns)->whole == first);
  CHECK(st_johns.local_time(at("2010-11-07T02:45:00Z")) == LocalTime{{2010, 11, 6}, 83'700});
  CHECK(period_at(daily, at("2010-11-07T02:45:00Z"), st_johns)->whole == first);
  CHECK(period_at(daily, at("2010-11-07T02:29:59Z"), st_johns)->whole.end == first.start);
}

TEST_CASE("a day that a zone leaves out has no period") {
  const TimeZone& apia = zone("Pacific/Apia");
  const Cycle daily = cycle(at("2011-12-28T20:00:00Z"), {IntervalUnit::day, 1}, apia);
  CHECK(ends(daily, 3, apia) == "2011-12-29T20:00:00Z 2011-12-30T20:00:00Z 2011-12-31T20:00:00Z");
  CHECK(boundary(daily, 2, apia) == boundary(daily, 3, apia));
  CHECK(period_at(daily, at("2011-12-30T20:00:00Z"), apia)->index == 3);
}

TEST_CASE("an interval is at least one and at most ten years") {
  for (const auto& [unit, most] : {std::pair{IntervalUnit::day, 3'650},
                                   {IntervalUnit::week, 520},
                                   {IntervalUnit::month, 120},
                                   {IntervalUnit::year, 10}}) {
    CHECK(!valid_interval({unit, 0}));
    CHECK(!valid_interval({unit, -1}));
    CHECK(valid_interval({unit, 1}));
    CHECK(valid_interval({unit, most}));
    CHECK(!valid_interval({unit, most + 1}));
  }
  CHECK(!valid_interval({static_cast<IntervalUnit>(0), 1}));
  CHECK(!valid_interval({static_cast<IntervalUnit>(5), 1}));
}

TEST_CASE("what is not on the calendar is nothing") {
  const Cycle some = cycle("2024-01-31", monthly);
  CHECK(!period_at(some, at("2024-01-30T23:59:59.999999Z"), utc));
  CHECK(!period_at(some, never, utc));
  CHECK(!boundary(some, std::numeric_limits<std::int64_t>::max(), utc));
  CHECK(!boundary(cycle("2024-01-31", quarterly), std::numeric_limits<std::int64_t>::max(), utc));
  CHECK(!boundary(some, 5'000'000, utc));
  CHECK(!boundary(some, -5'000'000, utc));
  CHECK(boundary(some, -648, utc) == at("1970-01-31"));
  CHECK(!boundary(some, -649, utc));
  CHECK(!boundary(some, -650, utc));
  CHECK(boundary(some, 12 * 7'974 + 11, utc) == at("9998-12-31"));
  CHECK(!boundary(some, 12 * 7'974 + 12, utc));
  const Cycle days = cycle("1970-01-01", {IntervalUnit::day, 1});
  CHECK(!boundary(days, -1, utc));
  CHECK(!boundary(days, -2, utc));
  CHECK(boundary(days, 2'932'531, utc) == at("9998-12-31"));
  CHECK(!boundary(days, 2'932'532, utc));
  CHECK(!boundary(days, 3'652'500, utc));
  CHECK(!period_at(days, at("9999-06-01"), utc));
  CHECK_MESSAGE(!period_at(cycle("1970-01-05", monthly, 10), at("1970-01-06"), utc), "its whole period began in 1969");
  CHECK(add_days(at("2024-02-28T10:00:00Z"), 2, utc) == at("2024-03-01T10:00:00Z"));
  CHECK(add_days(at("9998-12-30"), 1, utc) == at("9998-12-31"));
  CHECK(!add_days(at("9998-12-31"), 1, utc));
}

TEST_CASE("misuse is a bug") {
  CHECK(test::is_a_bug([] { return anchor_on_day(at("2024-01-01"), 0, 0, utc).second_of_day; }));
  CHECK(test::is_a_bug([] { return anchor_on_day(at("2024-01-01"), 32, 0, utc).second_of_day; }));
  CHECK(test::is_a_bug([] { return boundary(cycle("2024-01-01", {IntervalUnit::day, 0}), 1, utc).has_value(); }));
  CHECK(test::is_a_bug([] { return period_at(cycle("2024-01-01T00:00:00.5Z", monthly), never, utc).has_value(); }));
  CHECK(test::is_a_bug([] { return micros(whole_seconds(never)); }));
  CHECK(test::is_a_bug([] { return add_days(at("2024-01-01"), -1, utc).has_value(); }));
  CHECK(test::is_a_bug([] { return add_days(at("2024-01-01"), 3'652'501, utc).has_value(); }));
  CHECK(test::is_a_bug([] { return utc.local_time(never).second_of_day; }));
}

Interval any_interval() {
  const auto unit = *rc::gen::element(IntervalUnit::day, IntervalUnit::week, IntervalUnit::month, IntervalUnit::year);
  const std::int32_t most = unit == IntervalUnit::day ? 60 : unit == IntervalUnit::week ? 20 : 12;
  return {unit, *rc::gen::inRange(1, unit == IntervalUnit::year ? 5 : most)};
}

TEST_CASE("periods tile, in every zone, from 1970 to 2100") {
  const auto names = zones().names();
  const Instant end_of_time = at("2100-01-01");
  test::always("each instant is in one period, whose neighbours meet it", [&] {
    const TimeZone& some = zone(names[*rc::gen::inRange<std::size_t>(0, names.size())]);
    // The whole period around a start off its anchor begins as much as its length before: not before 1970 either.
    const bool is_stub = *rc::gen::arbitrary<bool>();
    const std::int64_t year = *rc::gen::inRange<std::int64_t>(is_stub ? 5 : 0, 129);
    const Instant start{(year * 31'556'952 + *rc::gen::inRange<std::int64_t>(0, 31'556'952)) * micros_per_second};
    Cycle tiled = cycle(start, any_interval(), some);
    if (is_stub) {
      tiled.anchor = anchor_on_day(start, *rc::gen::inRange(1, 32), *rc::gen::inRange(0, 86'400), some);
    }
    // From the start, or from somewhere far along.
    const auto skipped = *rc::gen::inRange<std::int64_t>(0, 20) * 365 * micros_per_day;
    Instant from = Instant{micros(start) + skipped};
    auto period = period_at(tiled, from, some);
    RC_ASSERT(period.has_value());
    for (int i = 0; i < 40 && from < end_of_time; ++i) {
      RC_ASSERT(period->whole.start <= from);
      RC_ASSERT(from < period->whole.end);
      RC_ASSERT(period->whole.start <= period->billed.start);
      RC_ASSERT(period->billed.start >= start);
      RC_ASSERT(period->billed.end == period->whole.end);
      const auto last = period_at(tiled, Instant{micros(period->billed.end) - 1}, some);
      RC_ASSERT(last->index == period->index);
      from = period->whole.end;
      const auto next = period_at(tiled, from, some);
      RC_ASSERT(next->index > period->index);
      RC_ASSERT(next->whole.start == from);
      RC_ASSERT(boundary(tiled, next->index, some) == from);
      period = next;
    }
  });
}

}  // namespace
}  // namespace daybook
