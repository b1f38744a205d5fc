#include "domain/check.h"

#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/domain/property.h"

namespace daybook {
namespace {

using Texts = std::initializer_list<std::string>;

template <class Check>
void accepts(Check check, Texts texts) {
  for (const std::string& text : texts) CHECK_MESSAGE(check(text), text);
}

template <class Check>
void refuses(Check check, Texts texts) {
  for (const std::string& text : texts) CHECK_MESSAGE(!check(text), text);
}

std::string times(std::size_t count, const std::string& text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST_CASE("a client's id is letters, digits, dots, dashes and underscores, not `me`") {
  accepts(valid_client_id, {"a", "0", "acme", "Acme-1_2.3", "ME", "men", times(64, "a")});
  refuses(valid_client_id, {"", "me", "_a", "-a", ".a", "a b", "a/b", "~book", "caf\xc3\xa9", "a\n",
                            std::string("a\0", 2), times(65, "a")});
}

TEST_CASE("a unit's name is a lower-case identifier") {
  accepts(valid_unit_name, {"a", "api_calls", "storage_gb", "x2", times(32, "a")});
  refuses(valid_unit_name, {"", "_a", "2x", "Api", "api-calls", "api.calls", "a b", times(33, "a")});
}

TEST_CASE("an e-mail address is one that mail can be sent to") {
  accepts(valid_email, {"a@b.co", "first.last+tag@example.com", "o'brien@example.co.uk", "x_y%z@sub-domain.example.org",
                        "!#$%&'*+-/=?^_`{|}~@example.com", "1@1.de", "a@xn--bcher-kva.example", "A@EXAMPLE.COM",
                        "a@b.xn--p1ai", times(64, "a") + "@example.com", "a@" + times(63, "b") + ".com"});
  refuses(valid_email, {"",
                        "@",
                        "a",
                        "a@",
                        "@example.com",
                        "a@b",
                        "a@b.c",
                        "a@@b.co",
                        "a@b@c.co",
                        ".a@b.co",
                        "a.@b.co",
                        "a..b@c.co",
                        "a b@c.co",
                        "a@b..co",
                        "a@.b.co",
                        "a@b.co.",
                        "a@-b.co",
                        "a@b-.co",
                        "a@b_c.co",
                        "a@192.168.0.1",
                        "a@192.168.0.10",
                        "a@localhost",
                        "a@[192.168.0.1]",
                        "\"a b\"@c.co",
                        "a(comment)@b.co",
                        "a,b@c.co",
                        "a@b.co\n",
                        " a@b.co",
                        "Name <a@b.co>",
                        "\xc3\xa4@b.co",
                        "a@b\xc3\xbc"
                        "cher.example",
                        times(65, "a") + "@example.com",
                        "a@" + times(64, "b") + ".com"});
}

TEST_CASE("an e-mail address has 254 bytes at most") {
  const std::string at_limit = times(64, "a") + "@" + times(63, "b") + "." + times(63, "c") + "." + times(61, "d");
  REQUIRE(at_limit.size() == email_bytes_max);
  CHECK(valid_email(at_limit));
  CHECK_FALSE(valid_email(at_limit + "d"));
}

TEST_CASE("a time zone's name has the shape of tzdata's") {
  accepts(valid_time_zone_name, {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "Etc/GMT-14",
                                 "EST5EDT", "America/Port-au-Prince", "GMT0", times(64, "a")});
  refuses(valid_time_zone_name,
          {"", "/", "Europe/", "/Europe", "Europe//Berlin", "a/b/c/d", "+01:00", "1Europe", "Europe/Ber lin",
           "../etc/passwd", "Europe/..", "posixrules.", "Europe\\Berlin", times(65, "a")});
}

TEST_CASE("every zone of the system's tzdata has a valid name") {
  std::ifstream table("/usr/share/zoneinfo/zone1970.tab");
  REQUIRE(table.is_open());
  int zones = 0;
  for (std::string line; std::getline(table, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t start = line.find('\t', line.find('\t') + 1) + 1;
    const std::string name = line.substr(start, line.find('\t', start) - start);
    CHECK_MESSAGE(valid_time_zone_name(name), name);
    ++zones;
  }
  CHECK(zones > 300);
}

TEST_CASE("a country is one of ISO 3166-1's 249 codes") {
  accepts(valid_country, {"DE", "US", "GB", "AD", "ZW", "SS", "BQ", "CW", "SX", "AX"});
  refuses(valid_country,
          {"", "D", "DEU", "de", "De", "XX", "XK", "EU", "UK", "EL", "XI", "AN", "SU", "YU", "E ", " D"});
  int valid = 0;
  for (char a = 'A'; a <= 'Z'; ++a) {
    for (char b = 'A'; b <= 'Z'; ++b) valid += valid_country(std::string{a, b}) ? 1 : 0;
  }
  CHECK(valid == 249);
}

TEST_CASE("the countries are those of the system's tzdata") {
  std::ifstream table("/usr/share/zoneinfo/iso3166.tab");
  REQUIRE(table.is_open());
  int countries = 0;
  for (std::string line; std::getline(table, line);) {
    if (line.empty() || line[0] == '#') continue;
    CHECK_MESSAGE(valid_country(line.substr(0, 2)), line);
    ++countries;
  }
  CHECK(countries == 249);
}

TEST_CASE("a locale is a language, a script and a region in canonical case") {
  accepts(valid_locale, {"en", "en-US", "zh-Hans", "zh-Hans-CN", "es-419", "fil", "sr-Latn-RS"});
  refuses(valid_locale, {"",         "e",          "engl",       "EN",       "en-us", "en_US",   "en-",          "-en",
                         "en-US-",   "zh-hans-CN", "zh-CN-Hans", "en-US-GB", "en-41", "en-4190", "en-Latn-Latn", "*",
                         "en-Hans1", "en-latn",    "en-LaTN",    "en-abc",   "en-4a9"});
}

TEST_CASE("a colour is six hexadecimal digits behind a number sign") {
  accepts(valid_color, {"#000000", "#0b5fff", "#FFFFFF", "#aF09fA"});
  refuses(valid_color, {"", "#", "000000", "#fff", "#0b5ff", "#0b5fff0", "#0b5ffg", "#0b5ff/", "#0b5ff:", "#0b5ff@",
                        "#0b5ffG", "#0b5ff`", "0#b5fff", "red"});
}

TEST_CASE("a page to come back to is under HTTPS, or on this machine, and names nobody") {
  accepts(valid_redirect_url, {"https://shop.example", "https://shop.example/", "https://shop.example:8443/a?b=c#d",
                               "https://[2001:db8::1]/", "https://[2001:db8::1]:443", "https://a?b", "https://a#b",
                               "http://localhost", "http://localhost:3000/done", "http://127.0.0.1:1/",
                               "http://[::1]:80/", "https://" + times(redirect_url_bytes_max - 8, "a")});
  refuses(valid_redirect_url, {"",
                               "shop.example",
                               "ftp://shop.example",
                               "http://shop.example/",
                               "http://127.0.0.2/",
                               "http://localhost.example/",
                               "https://",
                               "https:///path",
                               "https://:443/",
                               "https://ann@shop.example/",
                               "https://shop.example:/",
                               "https://shop.example:123456/",
                               "https://shop.example:8a/",
                               "https://[2001:db8::1/",
                               "https://[::1]x/",
                               "https://[::1]x8/",
                               "https://shop.example/ a",
                               "https://shop.example/\x7f",
                               "https://shop.example/<a>",
                               "https://shop.example/\"",
                               "https://shop.example/\\",
                               "https://" + times(redirect_url_bytes_max - 7, "a")});
}

TEST_CASE("UTF-8 is what RFC 3629 says") {
  accepts(valid_utf8,
          {"", "abc", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
           "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "caf\xc3\xa9 \xf0\x9f\x92\xb6", std::string("a\0b", 3)});
  refuses(valid_utf8,
          {"\x80", "\xa2\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
           "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc2", "\xe2\x82", "\xf0\x9f\x92",
           "\xc2"
           "a",
           "\xe2\x28\xa1", "a\xc3"});
}

TEST_CASE("a code point that is cut off is refused without reading past the text") {
  for (const std::vector<char>& cut : {std::vector{'\xe2'}, std::vector{'\xe2', '\x82'}, std::vector{'a', '\xc2'}}) {
    CHECK_FALSE(valid_utf8({cut.data(), cut.size()}));  // on the heap, where AddressSanitizer sees one byte too many
  }
}

TEST_CASE("every code point and nothing else is UTF-8") {
  const auto encode = [](char32_t c) {
    const auto tail = [&](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3f)); };
    if (c < 0x80) return std::string{static_cast<char>(c)};
    if (c < 0x800) return std::string{static_cast<char>(0xc0 | c >> 6), tail(0)};
    if (c < 0x1'0000) return std::string{static_cast<char>(0xe0 | c >> 12), tail(6), tail(0)};
    return std::string{static_cast<char>(0xf0 | c >> 18), tail(12), tail(6), tail(0)};
  };
  for (char32_t c = 0; c < 0x12'0000; ++c) {
    const bool expected = c < 0xd800 || (c > 0xdfff && c <= 0x10'ffff);
    if (valid_utf8(encode(c)) != expected) FAIL_CHECK("code point ", static_cast<unsigned>(c));
  }
}

TEST_CASE("free text has no control characters and so many code points at most") {
  CHECK(check_text("", 0) == TextFault::none);
  CHECK(check_text("caf\xc3\xa9", 4) == TextFault::none);
  CHECK(check_text("caf\xc3\xa9", 3) == TextFault::too_long);
  CHECK(check_text("\xf0\x9f\x92\xb6", 1) == TextFault::none);
  CHECK(check_text("a\xff", 10) == TextFault::not_utf8);
  for (const std::string text :
       {"\x01", "\x1f", "\x7f", "\xc2\x80", "\xc2\x9f", "\xe2\x80\xa8", "\xe2\x80\xa9", "\r", "\n", "\t"}) {
    CHECK_MESSAGE(check_text("a" + text, 10) == TextFault::control_character, text);
  }
  CHECK(check_text(std::string_view("\0", 1), 10) == TextFault::control_character);
  CHECK(check_text("\xc2\xa0", 10) == TextFault::none);
}

TEST_CASE("text of many lines may have line feeds and tabs, and nothing else") {
  CHECK(check_text("a\n\tb", 10, Lines::many) == TextFault::none);
  CHECK(check_text("a\r\nb", 10, Lines::many) == TextFault::control_character);
}

TEST_CASE("of several faults the first of the enum is named") {
  CHECK(check_text("\n\xff", 1) == TextFault::not_utf8);
  CHECK(check_text("a\n", 1) == TextFault::control_character);
}

TEST_CASE("checks are total") {
  test::always("no text makes a check fail otherwise than by refusing it", [](const std::string& text) {
    valid_time_zone_name(text);
    const bool utf8 = valid_utf8(text);
    RC_ASSERT(utf8 == (check_text(text, text.size(), Lines::many) != TextFault::not_utf8));
    if (valid_client_id(text) || valid_unit_name(text) || valid_email(text) || valid_locale(text)) RC_ASSERT(utf8);
  });
}

}  // namespace
}  // namespace daybook
