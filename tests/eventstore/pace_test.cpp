#include "eventstore/pace.h"

#include <doctest/doctest.h>

using namespace daybook;
using namespace std::chrono_literals;

TEST_CASE("work rests nine times as long as it ran while somebody waits for the processors, and not when alone") {
  PaceRule rule;
  CHECK(rule.rest(1s, 1ms, 0ns) == 0ns);
  CHECK(rule.rest(1s, 1ms, 100us) == 0ns);  // A tenth of it: that is nobody.
  CHECK(rule.rest(1s, 1ms, 101us) == 9ms);
  CHECK(rule.rest(1s + 299ms, 2ms, 0ns) == 18ms);  // Who was let in at once does not know yet.
  CHECK(rule.rest(1s + 300ms, 2ms, 0ns) == 0ns);
  CHECK(rule.rest(2s, 0ns, 1ns) == 0ns);
  CHECK(rule.rest(2s + 1ms, 1ms, 0ns) == 9ms);
}
