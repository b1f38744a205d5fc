#include "gateway/http_target.h"

#include <doctest/doctest.h>

#include "gateway/limits.h"

using namespace daybook;

namespace {

HttpTarget accepted(std::string_view text) {
  auto parsed = parse_target(text);
  REQUIRE_MESSAGE(std::holds_alternative<HttpTarget>(parsed), text);
  return std::get<HttpTarget>(parsed);
}

TargetError refused(std::string_view text) {
  const auto parsed = parse_target(text);
  REQUIRE_MESSAGE(std::holds_alternative<TargetError>(parsed), text);
  return std::get<TargetError>(parsed);
}

using Pair = std::pair<std::string, std::string>;

}  // namespace

TEST_CASE("a target is a decoded path and its query's pairs in order") {
  const HttpTarget target = accepted("/v1/accounts/a%20b?limit=10&expand[]=x&expand%5B%5D=y%26z&flag&empty=&a=b=c");
  CHECK(target.path == "/v1/accounts/a b");
  const std::vector<Pair> expected = {{"limit", "10"}, {"expand[]", "x"}, {"expand[]", "y&z"},
                                      {"flag", ""},    {"empty", ""},     {"a", "b=c"}};
  CHECK(target.query == expected);
  CHECK(accepted("/").path == "/");
  CHECK(accepted("/?").query.empty());
  CHECK(accepted("/a//b/").path == "/a//b/");
}

TEST_CASE("a plus is a space in a query and a plus in a path") {
  const HttpTarget target = accepted("/a+b?q=a+b%2Bc");
  CHECK(target.path == "/a+b");
  CHECK(target.query.front().second == "a b+c");
}

TEST_CASE("text beyond ASCII is percent-encoded UTF-8") {
  CHECK(accepted("/%C3%A4%E2%82%AC%F0%9F%98%80").path == "/\u00e4\u20ac\U0001f600");
  CHECK(refused("/\xc3\xa4") == TargetError::bad_character);
  for (const char* bad : {"/%C3", "/%80", "/%C0%AF", "/%E0%80%AF", "/%ED%A0%80", "/%F4%90%80%80", "/%F5%80%80%80",
                          "/%E2%82", "/?a=%FF", "/?%FF=a"}) {
    CHECK_MESSAGE(refused(bad) == TargetError::not_utf8, bad);
  }
}

TEST_CASE("what has no place in a target is refused by name") {
  struct Row {
    const char* text;
    TargetError error;
  };
  const Row rows[] = {
      {"", TargetError::not_origin_form},
      {"*", TargetError::not_origin_form},
      {"http://test/", TargetError::not_origin_form},
      {"test:80", TargetError::not_origin_form},
      {"/a#b", TargetError::bad_character},
      {"/a b", TargetError::bad_character},
      {"/a\"b", TargetError::bad_character},
      {"/a\\b", TargetError::bad_character},
      {"/a[b]", TargetError::bad_character},
      {"/?a={b}", TargetError::bad_character},
      {"/%", TargetError::bad_percent_encoding},
      {"/%4", TargetError::bad_percent_encoding},
      {"/%4g", TargetError::bad_percent_encoding},
      {"/?a=%", TargetError::bad_percent_encoding},
      {"/%00", TargetError::control_character},
      {"/?a=%0A", TargetError::control_character},
      {"/?%1F=a", TargetError::control_character},
      {"/%7F", TargetError::control_character},
      {"/%C2%85", TargetError::control_character},
      {"/a%2Fb", TargetError::encoded_slash},
      {"/a/../b", TargetError::dot_segment},
      {"/a/%2e%2E", TargetError::dot_segment},
      {"/./a", TargetError::dot_segment},
      {"/?=1", TargetError::empty_query_name},
      {"/?a=1&", TargetError::empty_query_name},
      {"/?a=1&&b=2", TargetError::empty_query_name},
  };
  for (const Row& row : rows) CHECK_MESSAGE(refused(row.text) == row.error, row.text);
  CHECK(accepted("/...").path == "/...");
  CHECK(accepted("/?a=%2F").query.front().second == "/");
}

TEST_CASE("a target's length and number of pairs are limited, at the limit and one past") {
  const std::string longest = "/" + std::string(limits::http_target_bytes_max - 1, 'a');
  CHECK(accepted(longest).path == longest);
  CHECK(refused(longest + "a") == TargetError::too_long);

  std::string most = "/?a";
  for (std::size_t i = 1; i < limits::http_query_pairs_max; ++i) most += "&a";
  CHECK(accepted(most).query.size() == limits::http_query_pairs_max);
  CHECK(refused(most + "&a") == TargetError::too_many_pairs);
}

TEST_CASE("every refusal has a sentence") {
  for (int i = 0; i <= static_cast<int>(TargetError::too_many_pairs); ++i) {
    CHECK(to_text(static_cast<TargetError>(i)).ends_with("."));
    CHECK(to_text(static_cast<TargetError>(i)) != "The request target is malformed.");
  }
}
