#include "domain/assert.h"

#include <doctest/doctest.h>

#include "tests/domain/dies.h"

namespace daybook {
namespace {

TEST_CASE("a bug writes one JSON line with the place and aborts") {
  const std::string words = test::last_words([] { bug("balance \"-5\" is\nbelow zero"); });
  CHECK(words.starts_with(R"({"level":"fatal","message":"bug","what":"balance \"-5\" is below zero","file":")"));
  CHECK(words.find("assert_test.cpp") != std::string::npos);
  CHECK(words.find('\n') == words.size() - 1);
}

TEST_CASE("a condition that holds costs nothing and one that does not is a bug") {
  ensure(true, "never seen");
  CHECK(test::is_a_bug([] { ensure(false, "seen"); }));
  CHECK_FALSE(test::is_a_bug([] { ensure(true, "never seen"); }));
}

TEST_CASE("ensure works in constant expressions") {
  constexpr int half = [] {
    ensure(2 + 2 == 4, "arithmetic");
    return 2;
  }();
  static_assert(half == 2);
}

}  // namespace
}  // namespace daybook
