#include "eventstore/position.h"

#include <doctest/doctest.h>

using namespace daybook;

TEST_CASE("a position is written shard:position and read back") {
  CHECK(to_string({0, 42}) == "0:42");
  CHECK(to_string({65535, 18446744073709551615U}) == "65535:18446744073709551615");
  CHECK(parse_log_position("0:42") == LogPosition{0, 42});
  CHECK(parse_log_position("65535:18446744073709551615") == LogPosition{65535, 18446744073709551615U});
  CHECK(parse_log_position("0:0") == LogPosition{0, 0});
}

TEST_CASE("any other text is no position") {
  for (const auto* text : {"", ":", "0", "0:", ":1", "00:1", "0:01", "+0:1", "0:+1", "0:-1", " 0:1", "0:1 ", "0:1:2",
                           "65536:1", "0:18446744073709551616", "0x1:1", "a:b", "0:1e3"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_log_position(text));
  }
}

TEST_CASE("positions order by shard, then by number") {
  CHECK(LogPosition{0, 9} < LogPosition{0, 10});
  CHECK(LogPosition{0, 10} < LogPosition{1, 1});
}
