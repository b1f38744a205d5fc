#include "domain/rules/time_zone.h"

#include <time.h>

#include <cstdlib>

#include "tests/domain/property.h"
#include "tests/domain/zones.h"

namespace daybook {
namespace {

using test::at;
using test::read_zoneinfo;
using test::zone;
using test::zones;

const Instant year_2100 = *parse_rfc3339("2100-01-01T00:00:00Z");

std::int32_t posix_offset(std::string_view text, std::string_view instant) {
  const auto rule = parse_posix_time_zone(text);
  REQUIRE_MESSAGE(rule.has_value(), text);
  return rule->offset_at(micros(at(instant)) / micros_per_second);
}

TEST_CASE("a rule without daylight time is one offset") {
  CHECK(posix_offset("UTC0", "2050-07-01") == 0);
  CHECK(posix_offset("<+0545>-5:45", "2050-07-01") == 20'700);
  CHECK(posix_offset("<-0930>9:30", "2050-07-01") == -34'200);
  CHECK(posix_offset("ABC+1:02:03", "2050-07-01") == -3'723);
}

TEST_CASE("a rule's daylight time begins and ends at its second") {
  constexpr std::string_view new_york = "EST5EDT,M3.2.0,M11.1.0";
  CHECK(posix_offset(new_york, "2050-03-13T06:59:59Z") == -18'000);
  CHECK(posix_offset(new_york, "2050-03-13T07:00:00Z") == -14'400);
  CHECK(posix_offset(new_york, "2050-11-06T05:59:59Z") == -14'400);
  CHECK(posix_offset(new_york, "2050-11-06T06:00:00Z") == -18'000);
  // Week 5 is the last, and a time before midnight is on the day before.
  constexpr std::string_view nuuk = "<-02>2<-01>,M3.5.0/-1,M10.5.0/0";
  CHECK(posix_offset(nuuk, "2050-03-27T00:59:59Z") == -7'200);
  CHECK(posix_offset(nuuk, "2050-03-27T01:00:00Z") == -3'600);
  // Daylight time over the new year, and one of its own length.
  constexpr std::string_view lord_howe = "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0";
  CHECK(posix_offset(lord_howe, "2050-01-01") == 39'600);
  CHECK(posix_offset(lord_howe, "2050-07-01") == 37'800);
  CHECK(posix_offset(lord_howe, "2050-12-31") == 39'600);
  // Before 1970, where days are negative.
  const auto rule = parse_posix_time_zone(new_york);
  CHECK(rule->offset_at(-15'768'000) == -14'400);
  CHECK(rule->offset_at(-1) == -18'000);
}

TEST_CASE("a rule's days may be days of the year, with or without 29 February") {
  CHECK(posix_offset("AAA0BBB,J60/0,J300/0", "2024-02-29T23:59:59Z") == 0);
  CHECK(posix_offset("AAA0BBB,J60/0,J300/0", "2024-03-01T00:00:00Z") == 3'600);
  CHECK(posix_offset("AAA0BBB,J60/0,J300/0", "2023-03-01T00:00:00Z") == 3'600);
  CHECK(posix_offset("AAA0BBB,J59/0,J300/0", "2024-02-28T00:00:00Z") == 3'600);
  CHECK(posix_offset("AAA0BBB,59/0,300/0", "2024-02-28T23:59:59Z") == 0);
  CHECK(posix_offset("AAA0BBB,59/0,300/0", "2024-02-29T00:00:00Z") == 3'600);
}

TEST_CASE("a text that is no rule is refused") {
  for (const char* text : {"",
                           "A",
                           "AB5",
                           "A_B5",
                           "EST",
                           "EST25",
                           "EST5:60",
                           "EST5:00:60",
                           "EST5EDT",
                           "EST5EDT4",
                           "EST5EDT,M3.2.0",
                           "EST5EDT,M13.2.0,M11.1.0",
                           "EST5EDT,M3.6.0,M11.1.0",
                           "EST5EDT,M3.2.7,M11.1.0",
                           "EST5EDT,M3,M11.1.0",
                           "EST5EDT,M3.2,M11.1.0",
                           "EST5EDT,M3.2.0/168,M11.1.0",
                           "EST5EDT,J0,J1",
                           "EST5EDT,J366,J1",
                           "EST5EDT,366,1",
                           "EST5EDT,M3.2.0,M11.1.0x",
                           "<+05-5",
                           "<+05>",
                           "<+5>5",
                           "EST5E,M3.2.0,M11.1.0",
                           "EST5EDT25,M3.2.0,M11.1.0",
                           "EST5,",
                           "EST5EDT,x,M11.1.0"}) {
    CHECK_MESSAGE(!parse_posix_time_zone(text), text);
  }
}

TEST_CASE("the zones of the tz data are there, with their release") {
  MESSAGE("tz data ", zones().version());
  CHECK(zones().version().size() == 5);
  CHECK(zones().version() >= "2024a");
  CHECK(zones().names().size() > 500);
  CHECK(zones().find("Europe/Berlin") != nullptr);
  CHECK(zones().find("US/Pacific") != nullptr);
  CHECK(zones().find("Mars/Olympus") == nullptr);
  CHECK(zones().find("../../../etc/passwd") == nullptr);
}

TEST_CASE("local times are the C library's in every zone, also after the last recorded transition") {
  constexpr std::int64_t step = 97 * 86'400 + 12'345;
  for (const std::string_view name : zones().names()) {
    setenv("TZ", std::string(name).c_str(), 1);
    tzset();
    int wrong = 0;
    for (time_t second = 86'400; second < micros(year_2100) / micros_per_second; second += step) {
      tm expected{};
      localtime_r(&second, &expected);
      const LocalTime local = zone(name).local_time(Instant{second * micros_per_second});
      const LocalTime from_c{{expected.tm_year + 1900, expected.tm_mon + 1, expected.tm_mday},
                             (expected.tm_hour * 60 + expected.tm_min) * 60 + expected.tm_sec};
      wrong += local != from_c;
    }
    CHECK_MESSAGE(wrong == 0, name);
  }
  unsetenv("TZ");
  tzset();
}

TEST_CASE("a local time that exists once is that instant") {
  const TimeZone& berlin = zone("Europe/Berlin");
  CHECK(berlin.instant({{2026, 1, 15}, 43'200}) == at("2026-01-15T11:00:00Z"));
  CHECK(berlin.instant({{2026, 7, 15}, 43'200}) == at("2026-07-15T10:00:00Z"));
  CHECK(berlin.instant({{2099, 7, 15}, 43'200}) == at("2099-07-15T10:00:00Z"));
  CHECK(TimeZone().instant({{2026, 1, 15}, 0}) == at("2026-01-15"));
  CHECK(TimeZone().local_time(at("2026-01-15T00:00:01.999999Z")) == LocalTime{{2026, 1, 15}, 1});
}

TEST_CASE("a local time that exists twice is the first") {
  CHECK(zone("Europe/Berlin").instant({{2026, 10, 25}, 9'000}) == at("2026-10-25T00:30:00Z"));
  CHECK(zone("America/Los_Angeles").instant({{2015, 11, 1}, 5'400}) == at("2015-11-01T08:30:00Z"));
  CHECK(zone("Australia/Lord_Howe").instant({{2050, 4, 3}, 6'000}) == at("2050-04-02T14:40:00Z"));
}

TEST_CASE("a local time that does not exist is as much later as the clock leaps") {
  CHECK(zone("America/Los_Angeles").instant({{2015, 3, 8}, 7'200}) == at("2015-03-08T10:00:00Z"));
  CHECK(zone("America/Los_Angeles").instant({{2015, 3, 8}, 9'000}) == at("2015-03-08T10:30:00Z"));
  CHECK(zone("America/Los_Angeles").instant({{2060, 3, 14}, 9'000}) == at("2060-03-14T10:30:00Z"));
  // Samoa went from the 29th to the 31st.
  CHECK(zone("Pacific/Apia").instant({{2011, 12, 30}, 36'000}) == at("2011-12-30T20:00:00Z"));
  CHECK(zone("Pacific/Apia").instant({{2011, 12, 31}, 36'000}) == at("2011-12-30T20:00:00Z"));
}

TEST_CASE("a local time outside the calendar has no instant") {
  CHECK(!TimeZone().instant({{1969, 12, 31}, 86'399}));
  CHECK(TimeZone().instant({{1970, 1, 1}, 0}) == earliest);
  CHECK(zone("America/Los_Angeles").instant({{1969, 12, 31}, 57'600}) == earliest);
  CHECK(zone("America/Los_Angeles").local_time(earliest) == LocalTime{{1969, 12, 31}, 57'600});
  CHECK(!TimeZone().instant({{10'000, 1, 1}, 0}));
}

TEST_CASE("an instant's local time leads back to it or to the same local time an hour or so earlier") {
  const auto names = zones().names();
  test::always("local time and instant are inverse, but for what is shown twice", [&] {
    const TimeZone& some = zone(names[*rc::gen::inRange<std::size_t>(0, names.size())]);
    const auto second = *rc::gen::inRange<std::int64_t>(86'400, micros(year_2100) / micros_per_second);
    const Instant instant{second * micros_per_second};
    const LocalTime local = some.local_time(instant);
    const auto back = some.instant(local);
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back <= instant);
    RC_ASSERT(micros(instant) - micros(*back) <= 3 * 3'600 * micros_per_second);
    RC_ASSERT(some.local_time(*back) == local);
  });
}

TEST_CASE("bytes that are no zone are refused") {
  const std::string berlin = *read_zoneinfo("Europe/Berlin");
  REQUIRE(TimeZone::parse(berlin).has_value());
  for (std::size_t size = 0; size < berlin.size(); ++size) {
    CHECK_MESSAGE(!TimeZone::parse(std::string_view(berlin).substr(0, size)), size);
  }
  std::string changed = berlin;
  changed[0] = 't';
  CHECK(!TimeZone::parse(changed));
  changed = berlin;
  changed[4] = '\0';  // version 1 has only 32-bit times
  CHECK(!TimeZone::parse(changed));
  changed = berlin;
  changed[20] = '\x7f';  // a count beyond any file
  CHECK(!TimeZone::parse(changed));
  changed = berlin;
  changed[berlin.rfind("TZif") + 32] = '\x7f';
  CHECK(!TimeZone::parse(changed));
  changed = berlin;
  changed[berlin.rfind("CET")] = '1';
  CHECK(!TimeZone::parse(changed));
}

/// The smallest zone: no transitions, one type of one hour east, and a footer.
std::string small_zone(std::string_view footer, char type_count = 1, std::string_view times_and_types = {}) {
  const auto header = [&](bool full) {
    std::string text = "TZif2" + std::string(15, '\0') + std::string(12, '\0');
    text += std::string{0, 0, 0, full ? static_cast<char>(times_and_types.size() / 9) : '\0'};
    text += std::string{0, 0, 0, full ? type_count : '\1'} + std::string(4, '\0');
    return text;
  };
  const std::string type = {0, 0, '\x0e', '\x10', 0, 0};
  return header(false) + type + header(true) + std::string(times_and_types) + type + std::string(footer);
}

TEST_CASE("a zone without a rule for afterwards keeps its last offset") {
  const auto parsed = TimeZone::parse(small_zone("\n\n"));
  REQUIRE(parsed.has_value());
  CHECK(parsed->local_time(at("2090-01-01")) == LocalTime{{2090, 1, 1}, 3'600});
  CHECK(!TimeZone::parse(small_zone("\nnonsense\n")));
  CHECK(!TimeZone::parse(small_zone("xCET-1\n")));
  CHECK(!TimeZone::parse(small_zone("\nCET-1")));
  CHECK(!TimeZone::parse(small_zone("\n\n", 0)));
  using namespace std::string_literals;
  CHECK(TimeZone::parse(small_zone("\n\n", 1, "\0\0\0\0\0\0\0\1\0"s)));
  CHECK_MESSAGE(!TimeZone::parse(small_zone("\n\n", 1, "\0\0\0\0\0\0\0\1\1"s)), "a type that is not there");
  CHECK(TimeZone::parse(small_zone("\n\n", 1, "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\0\0"s)));
  CHECK_MESSAGE(!TimeZone::parse(small_zone("\n\n", 1, "\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\2\0\0"s)), "out of order");
  for (const auto& [offset, good] : {std::pair("\x00\x01\x6d\xa0"s, true),
                                     {"\x00\x01\x6d\xa1"s, false},
                                     {"\xff\xfe\xa0\x70"s, true},
                                     {"\xff\xfe\xa0\x6f"s, false}}) {
    std::string bytes = small_zone("\n\n");
    bytes.replace(bytes.rfind("\x0e\x10") - 2, 4, offset);
    CHECK(TimeZone::parse(bytes).has_value() == good);
  }
}

TEST_CASE("tz data that are not whole are refused") {
  const auto load = [](std::string list, std::string zone_bytes) {
    return TimeZones::load([=](const std::string& name) -> std::optional<std::string> {
      if (name == "tzdata.zi") return list;
      return name == "A/B" ? std::optional(zone_bytes) : std::nullopt;
    });
  };
  const std::string bytes = small_zone("\n\n");
  const auto good = load("# version 2031a\nZ A/B 1 - X\nL A/B C", bytes);
  REQUIRE(good.has_value());
  CHECK(good->version() == "2031a");
  CHECK(good->names() == std::vector<std::string_view>{"A/B", "C"});
  CHECK(good->find("C") == good->find("A/B"));
  CHECK(!load("Z A/B 1 - X\n", bytes));
  CHECK(!load("# version \nZ A/B 1 - X\n", bytes));
  CHECK(!load("# version 2031a\n", bytes));
  CHECK(!load("# version 2031a\nZ A/B 1 - X\n", "broken"));
  CHECK(!load("# version 2031a\nZ A/B 1 - X\nZ D 1 - X\n", bytes));
  CHECK(!load("# version 2031a\nZ A/B 1 - X\nL A/B", bytes));
  CHECK(!load("# version 2031a\nZ A/B 1 - X\nL Q C", bytes));
  CHECK(!TimeZones::load([](const std::string&) { return std::nullopt; }));
}

}  // namespace
}  // namespace daybook
