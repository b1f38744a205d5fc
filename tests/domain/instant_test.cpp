#include "domain/instant.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/domain/dies.h"
#include "tests/domain/property.h"

namespace daybook {
namespace {

Instant read(std::string_view text) {
  const auto instant = parse_rfc3339(text);
  REQUIRE_MESSAGE(instant.has_value(), text);
  return *instant;
}

std::string plus(std::string_view start, std::string_view length) {
  const auto duration = parse_duration(length);
  REQUIRE_MESSAGE(duration.has_value(), length);
  const auto sum = add(read(start), *duration);
  return sum ? format_rfc3339(*sum) : "none";
}

rc::Gen<Instant> any_instant() {
  return rc::gen::map(rc::gen::resize(100, rc::gen::inRange<std::int64_t>(micros(earliest), micros(latest) + 1)),
                      [](std::int64_t us) { return Instant{us}; });
}

// Compiles only if an instant cannot be mixed up with a number.
template <class T>
concept AddsNumbers = requires(T value) { value + 1; };
static_assert(!AddsNumbers<Instant>);
static_assert(!std::is_convertible_v<std::int64_t, Instant>);
static_assert(latest < never);

TEST_CASE("an instant is written in RFC 3339, with six decimals or none") {
  CHECK(format_rfc3339(Instant{0}) == "1970-01-01T00:00:00Z");
  CHECK(format_rfc3339(Instant{1}) == "1970-01-01T00:00:00.000001Z");
  CHECK(format_rfc3339(Instant{1'795'230'846'000'000}) == "2026-11-21T03:14:06Z");
  CHECK(format_rfc3339(Instant{1'795'230'846'500'000}) == "2026-11-21T03:14:06.500000Z");
  CHECK(format_rfc3339(Instant{951'782'399'999'999}) == "2000-02-28T23:59:59.999999Z");
  CHECK(format_rfc3339(Instant{951'782'400'000'000}) == "2000-02-29T00:00:00Z");
  CHECK(format_rfc3339(latest) == "9999-12-31T23:59:59.999999Z");
}

TEST_CASE("appending keeps what was there") {
  std::string out = "at ";
  append_rfc3339(out, Instant{0});
  CHECK(out == "at 1970-01-01T00:00:00Z");
}

TEST_CASE("what is off the calendar has no text, and asking for it is a bug") {
  CHECK(test::is_a_bug([] { format_rfc3339(never); }));
  CHECK(test::is_a_bug([] { format_rfc3339(Instant{-1}); }));
  CHECK(test::is_a_bug([] { format_rfc3339(Instant{micros(latest) + 1}); }));
}

TEST_CASE("offsets are converted to UTC") {
  CHECK(read("2026-11-21T03:14:06+00:00") == read("2026-11-21T03:14:06Z"));
  CHECK(read("2026-11-21T03:14:06-00:00") == read("2026-11-21T03:14:06Z"));
  CHECK(read("2026-11-21T08:44:06+05:30") == read("2026-11-21T03:14:06Z"));
  CHECK(read("2026-11-20T19:14:06-08:00") == read("2026-11-21T03:14:06Z"));
  CHECK(read("1970-01-01T23:59:00+23:59") == earliest);
  CHECK(read("1969-12-31T23:00:00-01:00") == earliest);
  CHECK(read("9999-12-31T00:00:00-23:59") < latest);
}

TEST_CASE("a fraction may have one to six decimals") {
  CHECK(read("1970-01-01T00:00:00.5Z") == Instant{500'000});
  CHECK(read("1970-01-01T00:00:00.05Z") == Instant{50'000});
  CHECK(read("1970-01-01T00:00:00.000001Z") == Instant{1});
  CHECK(read("1970-01-01T00:00:00.000000Z") == Instant{0});
}

TEST_CASE("any other text is not an instant") {
  for (const std::string_view text : {"",
                                      "2026",
                                      "2026-11-21",
                                      "2026-11-21T03:14Z",
                                      "2026-11-21T03:14:06",
                                      "2026-11-21 03:14:06Z",
                                      "2026-11-21t03:14:06Z",
                                      "2026-11-21T03:14:06z",
                                      "2026-11-21T03:14:60Z",
                                      "2026-11-21T24:00:00Z",
                                      "2026-11-21T03:60:00Z",
                                      "2026-00-21T03:14:06Z",
                                      "2026-13-21T03:14:06Z",
                                      "2026-11-00T03:14:06Z",
                                      "2026-11-31T03:14:06Z",
                                      "2026-02-29T03:14:06Z",
                                      "2100-02-29T03:14:06Z",
                                      "1969-12-31T23:59:59Z",
                                      "1970-01-01T00:30:00+01:00",
                                      "9999-12-31T23:59:59-00:01",
                                      "2026-11-21T03:14:06.Z",
                                      "2026-11-21T03:14:06.1234567Z",
                                      "2026-11-21T03:14:06,5Z",
                                      "2026-11-21T03:14:06+0530",
                                      "2026-11-21T03:14:06+05",
                                      "2026-11-21T03:14:06+24:00",
                                      "2026-11-21T03:14:06+05:60",
                                      "2026-11-21T03:14:06+5:30",
                                      "2026-11-21T03:14:06ZZ",
                                      " 2026-11-21T03:14:06Z",
                                      "2026-11-21T03:14:06Z ",
                                      "+2026-11-21T03:14:06Z",
                                      "-026-11-21T03:14:06Z",
                                      "02026-11-21T03:14:06Z",
                                      "2026-1-21T03:14:06Z",
                                      "20261121T031406Z",
                                      "2026-11-21T03.14:06Z",
                                      "2026-11-21T03:14.06Z",
                                      "2026-11-21T3:14:06Z",
                                      "0000-01-01T00:00:00Z"}) {
    CHECK_MESSAGE(parse_rfc3339(text) == std::nullopt, text);
  }
  CHECK(parse_rfc3339(std::string_view("2026-11-21T03:14:06\0", 20)) == std::nullopt);
}

TEST_CASE("29 February exists in leap years only") {
  CHECK(parse_rfc3339("2000-02-29T00:00:00Z").has_value());
  CHECK(parse_rfc3339("2024-02-29T00:00:00Z").has_value());
  CHECK(parse_rfc3339("2025-02-29T00:00:00Z") == std::nullopt);
}

TEST_CASE("instants and their texts are one to one, and sort alike at whole seconds") {
  test::always("parsing gives back what was formatted", [] {
    const Instant instant = *any_instant();
    RC_ASSERT(parse_rfc3339(format_rfc3339(instant)) == instant);
  });
  test::always("texts of whole seconds sort as instants do", [] {
    const Instant a{micros(*any_instant()) / micros_per_second * micros_per_second};
    const Instant b{micros(*any_instant()) / micros_per_second * micros_per_second};
    RC_ASSERT((a < b) == (format_rfc3339(a) < format_rfc3339(b)));
  });
}

TEST_CASE("the calendar agrees with the standard library's on every day from 1970 to 9999") {
  namespace chrono = std::chrono;
  for (std::int64_t day = 0; day <= micros(latest) / micros_per_day; ++day) {
    const chrono::year_month_day date{chrono::sys_days{chrono::days{day}}};
    const std::string text = format_rfc3339(Instant{day * micros_per_day});
    const int shown =
        std::stoi(text.substr(0, 4)) * 10'000 + std::stoi(text.substr(5, 2)) * 100 + std::stoi(text.substr(8, 2));
    const int expected = static_cast<int>(date.year()) * 10'000 +
                         static_cast<int>(static_cast<unsigned>(date.month())) * 100 +
                         static_cast<int>(static_cast<unsigned>(date.day()));
    REQUIRE(shown == expected);
  }
}

TEST_CASE("a duration is read part by part") {
  CHECK(parse_duration("P3D") == Duration{0, 3, 0});
  CHECK(parse_duration("P2W") == Duration{0, 14, 0});
  CHECK(parse_duration("PT31M") == Duration{0, 0, 31 * 60 * micros_per_second});
  CHECK(parse_duration("P1Y2M3DT4H5M6S") == Duration{14, 3, (4 * 3'600 + 5 * 60 + 6) * micros_per_second});
  CHECK(parse_duration("P1M") == Duration{1, 0, 0});
  CHECK(parse_duration("PT1M") == Duration{0, 0, 60 * micros_per_second});
  CHECK(parse_duration("PT0.5S") == Duration{0, 0, 500'000});
  CHECK(parse_duration("PT0.000001S") == Duration{0, 0, 1});
  CHECK(parse_duration("PT36H") == Duration{0, 0, 36 * 3'600 * micros_per_second});
  CHECK(parse_duration("P0D") == Duration{});
  CHECK(parse_duration("P1DT1S") == Duration{0, 1, micros_per_second});
}

TEST_CASE("any other text is not a duration") {
  for (const std::string_view text :
       {"",       "P",       "PT",     "P1",     "1D",     "P1YT",         "p1d",         "P-1D",   "-P1D",
        "+P1D",   "P1D1Y",   "P1M1M",  "P1H",    "PT1D",   "PT1Y",         "P1.5D",       "PT1.S",  "PT.5S",
        "P1W1D",  "P1Y1W",   "P1WT1H", "PT1S1M", "PT1H1H", "P 1D",         "P1D ",        "PT1,5S", "PT1.1234567S",
        "PT1.5M", "PT1ST1S", "P1T1S",  "P1DT",   "PTT1S",  "P1000000000D", "P4294967297D"}) {
    CHECK_MESSAGE(parse_duration(text) == std::nullopt, text);
  }
}

TEST_CASE("a duration is bounded in every part") {
  CHECK(parse_duration("P10000Y") == Duration{duration_months_max, 0, 0});
  CHECK(parse_duration("P10000Y1M") == std::nullopt);
  CHECK(parse_duration("P3652500D") == Duration{0, duration_days_max, 0});
  CHECK(parse_duration("P3652501D") == std::nullopt);
  CHECK(parse_duration("P521786W") == std::nullopt);
  CHECK(parse_duration("PT87660000H") == Duration{0, 0, duration_micros_max});
  CHECK(parse_duration("PT87660000H0.000001S") == std::nullopt);
  CHECK(parse_duration("PT999999999H999999999M999999999.999999S") == std::nullopt);
}

TEST_CASE("months are clamped to the month's end, then days and time are added") {
  CHECK(plus("2026-01-31T10:00:00Z", "P1M") == "2026-02-28T10:00:00Z");
  CHECK(plus("2028-01-31T10:00:00Z", "P1M") == "2028-02-29T10:00:00Z");
  CHECK(plus("2026-01-31T10:00:00Z", "P2M") == "2026-03-31T10:00:00Z");
  CHECK(plus("2024-02-29T00:00:00Z", "P1Y") == "2025-02-28T00:00:00Z");
  CHECK(plus("2026-12-15T00:00:00Z", "P1M") == "2027-01-15T00:00:00Z");
  CHECK(plus("2026-01-31T00:00:00Z", "P1M1D") == "2026-03-01T00:00:00Z");
  CHECK(plus("2026-11-21T23:59:59.999999Z", "PT0.000001S") == "2026-11-22T00:00:00Z");
  CHECK(plus("2026-11-21T03:14:06Z", "P3D") == "2026-11-24T03:14:06Z");
  CHECK(plus("2026-11-21T03:14:06.25Z", "P0D") == "2026-11-21T03:14:06.250000Z");
}

TEST_CASE("nothing is added past the calendar's end or to never") {
  CHECK(plus("9999-12-31T23:59:59Z", "PT0.999999S") == "9999-12-31T23:59:59.999999Z");
  CHECK(plus("9999-12-31T23:59:59Z", "PT1S") == "none");
  CHECK(plus("9999-12-31T00:00:00Z", "P1D") == "none");
  CHECK(plus("9999-12-31T00:00:00Z", "P1M") == "none");
  CHECK(plus("2026-01-01T00:00:00Z", "P10000YT87660000H") == "none");
  CHECK(plus("1970-01-01T00:00:00Z", "P10000Y3652500DT87660000H") == "none");
  CHECK(add(never, Duration{}) == std::nullopt);
  CHECK(add(Instant{-1}, Duration{}) == std::nullopt);
  CHECK(add(Instant{-1}, Duration{0, 0, 2}) == std::nullopt);
  CHECK(add(earliest, Duration{duration_months_max + 1, 0, 0}) == std::nullopt);
  CHECK(add(earliest, Duration{0, duration_days_max + 1, 0}) == std::nullopt);
  CHECK(add(earliest, Duration{0, 0, duration_micros_max + 1}) == std::nullopt);
  CHECK(test::is_a_bug([] { add(earliest, Duration{0, -1, 0}); }));
}

TEST_CASE("adding agrees with the standard library's calendar") {
  test::always("year, month and clamped day are those of <chrono>", [] {
    namespace chrono = std::chrono;
    const Instant start = *any_instant();
    const int months = *rc::gen::inRange(0, 5'000);
    const chrono::sys_days day{chrono::days{micros(start) / micros_per_day}};
    auto date = chrono::year_month_day{day} + chrono::months{months};
    if (!date.ok()) date = date.year() / date.month() / chrono::last;
    const std::int64_t us =
        chrono::sys_days{date}.time_since_epoch().count() * micros_per_day + micros(start) % micros_per_day;
    const auto sum = add(start, Duration{months, 0, 0});
    RC_ASSERT(sum == (us <= micros(latest) ? std::optional(Instant{us}) : std::nullopt));
  });
}

}  // namespace
}  // namespace daybook
