#include "projections/json_text.h"

#include <doctest/doctest.h>
#include <simdjson.h>

#include <limits>
#include <random>
#include <utility>

namespace daybook {
namespace {

std::string as_json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string decimal(std::int64_t scaled, unsigned places) {
  std::string out;
  append_json_decimal(out, scaled, places);
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out;
  append_json_base64(out, bytes);
  return out;
}

TEST_CASE("a string escapes the quote, the backslash and the control characters, and nothing else") {
  CHECK(as_json("") == "\"\"");
  CHECK(as_json("plain text, longer than eight characters") == "\"plain text, longer than eight characters\"");
  CHECK(as_json("a\"b\\c/d") == R"("a\"b\\c/d")");
  CHECK(as_json("\b\f\n\r\t") == R"("\b\f\n\r\t")");
  CHECK(as_json(std::string_view("\0\x01\x1f\x7f", 4)) == "\"\\u0000\\u0001\\u001f\x7f\"");
  CHECK(as_json("gr\xC3\xBC\xC3\x9F dich \xE2\x82\xAC \xF0\x9F\x98\x80") ==
        "\"gr\xC3\xBC\xC3\x9F dich \xE2\x82\xAC \xF0\x9F\x98\x80\"");
}

TEST_CASE("an escape is found at every place of a word") {
  for (std::size_t at = 0; at < 20; ++at) {
    for (const char special : {'"', '\\', '\n', '\x1f'}) {
      std::string text(20, 'x');
      text[at] = special;
      const std::string out = as_json(text);
      CHECK(out.substr(0, at + 1) == "\"" + std::string(at, 'x'));
      CHECK(out[at + 1] == '\\');
      CHECK(out.ends_with(std::string(19 - at, 'x') + "\""));
    }
  }
}

TEST_CASE("each maximal part of an invalid sequence becomes one replacement character") {
  const std::string r = "\xEF\xBF\xBD";
  const std::pair<std::string_view, std::string> rows[] = {
      {"a\x80z", "a" + r + "z"},                                 // a lone continuation byte
      {"\xC0\xAF", r + r},                                       // overlong
      {"\xE0\x80\xAF", r + r + r},                               // overlong
      {"\xED\xA0\x80", r + r + r},                               // a surrogate
      {"\xF4\x90\x80\x80", r + r + r + r},                       // beyond U+10FFFF
      {"\xF0\x9F\x98", r},                                       // cut short
      {"\xF0\x9F\x98z", r + "z"},                                // cut short
      {"\xE2\x82\xC3\xA9", r + "\xC3\xA9"},                      // cut short by a good one
      {"\xFF\xFE", r + r},                                       // never in UTF-8
      {"\xED\x9F\xBF\xEE\x80\x80", "\xED\x9F\xBF\xEE\x80\x80"},  // beside the surrogates
      {"\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},                  // U+10FFFF
  };
  for (const auto& [text, expected] : rows) CHECK(as_json(text) == '"' + expected + '"');
}

TEST_CASE("any bytes make a string that parses") {
  const std::uint64_t seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  simdjson::dom::parser parser;
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 40, ' ');
    for (char& c : text) c = static_cast<char>(random() % 3 == 0 ? random() : 0xE0 + random() % 24);
    std::string_view parsed;
    const auto failure = parser.parse(as_json(text)).get(parsed);
    REQUIRE(failure == simdjson::SUCCESS);
    REQUIRE(as_json(parsed) == as_json(text));
  }
}

TEST_CASE("a decimal has no trailing zeros and no exponent") {
  CHECK(decimal(1250, 3) == "\"1.25\"");
  CHECK(decimal(1000, 3) == "\"1\"");
  CHECK(decimal(0, 12) == "\"0\"");
  CHECK(decimal(5, 3) == "\"0.005\"");
  CHECK(decimal(-5, 1) == "\"-0.5\"");
  CHECK(decimal(100, 0) == "\"100\"");
  CHECK(decimal(500, 3) == "\"0.5\"");
  CHECK(decimal(std::numeric_limits<std::int64_t>::min(), 18) == "\"-9.223372036854775808\"");
}

TEST_CASE("base64 is that of RFC 4648 section 10") {
  CHECK(base64("") == R"("")");
  CHECK(base64("f") == R"("Zg==")");
  CHECK(base64("fo") == R"("Zm8=")");
  CHECK(base64("foo") == R"("Zm9v")");
  CHECK(base64("foob") == R"("Zm9vYg==")");
  CHECK(base64("fooba") == R"("Zm9vYmE=")");
  CHECK(base64("foobar") == R"("Zm9vYmFy")");
  CHECK(base64("\xFB\xEF\xFF") == R"("++//")");
}

TEST_CASE("a JSON value is taken over on one line, and anything else is refused") {
  std::string out = "x";
  CHECK(append_json_value(out, " {\n \"a b\" : [ 1, 2.50, \"\\n \" ] }\n"));
  CHECK(out == R"(x{"a b":[1,2.50,"\n "]})");
  for (const std::string_view text : {"", "  ", "{", "{\"a\":1}}", "nul", "{'a':1}", "\"\xFF\"", "1 2", "[1,]"}) {
    CHECK_FALSE(append_json_value(out, text));
  }
  CHECK(out == R"(x{"a b":[1,2.50,"\n "]})");
}

TEST_CASE("the writer puts the commas where they belong") {
  std::string out = "data: [";
  JsonText json(out);
  json.begin_object().member("object", "list").member("has_more", false).member("count", 2);
  json.key("data").begin_array().integer(-1).string("}").begin_object().end_object().null().end_array();
  json.key("empty").begin_array().end_array().key("raw").raw("[1]").member("largest", ~std::uint64_t{0}).end_object();
  CHECK(out == R"(data: [{"object":"list","has_more":false,"count":2,"data":[-1,"}",{},null],"empty":[],"raw":[1],)"
               R"("largest":18446744073709551615})");
}

TEST_CASE("a string that ends like a bracket or a colon is followed by a comma") {
  std::string out;
  JsonText(out).begin_array().string("[").string("{").string(":").string("").end_array();
  CHECK(out == R"(["[","{",":",""])");
}

}  // namespace
}  // namespace daybook
