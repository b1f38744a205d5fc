// When calls to a provider fail at once, and when one is let through again.
#include "connectors/circuit_breaker.h"

#include <doctest/doctest.h>

namespace daybook::test {
namespace {

using State = CircuitBreaker::State;

CircuitBreaker::Time second(int count) {
  return CircuitBreaker::Time{} + std::chrono::hours(1) + std::chrono::seconds(count);
}

CircuitBreaker three_then_ten_seconds() {
  return CircuitBreaker({3, std::chrono::seconds(10)});
}

void fail_times(CircuitBreaker& breaker, int count, CircuitBreaker::Time at) {
  for (int i = 0; i < count; ++i) {
    const auto permit = breaker.admit(at);
    REQUIRE(permit);
    breaker.failed(*permit, at);
  }
}

}  // namespace

TEST_CASE("so many failures in a row open the circuit, one fewer does not, and a success begins anew") {
  CircuitBreaker breaker = three_then_ten_seconds();
  fail_times(breaker, 2, second(0));
  breaker.succeeded(breaker.admit(second(0)).value());
  fail_times(breaker, 2, second(0));
  CHECK(breaker.state(second(0)) == State::closed);
  fail_times(breaker, 1, second(0));
  CHECK(breaker.state(second(0)) == State::open);
  CHECK_FALSE(breaker.admit(second(0)));
}

TEST_CASE("behind the pause one call goes, and its success lets all go") {
  CircuitBreaker breaker = three_then_ten_seconds();
  fail_times(breaker, 3, second(0));
  CHECK_FALSE(breaker.admit(second(9)));
  CHECK(breaker.state(second(10)) == State::half_open);
  const auto trial = breaker.admit(second(10));
  REQUIRE(trial);
  CHECK_FALSE(breaker.admit(second(10)));
  CHECK_FALSE(breaker.admit(second(19)));
  breaker.succeeded(*trial);
  CHECK(breaker.state(second(19)) == State::closed);
  fail_times(breaker, 2, second(19));
  CHECK(breaker.state(second(19)) == State::closed);
}

TEST_CASE("a trial that fails opens it for another pause") {
  CircuitBreaker breaker = three_then_ten_seconds();
  fail_times(breaker, 3, second(0));
  fail_times(breaker, 1, second(10));
  CHECK(breaker.state(second(10)) == State::open);
  CHECK_FALSE(breaker.admit(second(19)));
  CHECK(breaker.admit(second(20)));
}

TEST_CASE("a trial of which nothing is heard gives way to another one, and then decides nothing") {
  CircuitBreaker breaker = three_then_ten_seconds();
  fail_times(breaker, 3, second(0));
  const auto lost = breaker.admit(second(10));
  const auto next = breaker.admit(second(20));
  REQUIRE(next);
  breaker.succeeded(*lost);
  CHECK(breaker.state(second(20)) == State::half_open);
  breaker.succeeded(*next);
  CHECK(breaker.state(second(20)) == State::closed);
}

TEST_CASE("calls that began before the circuit opened neither close it nor prolong its pause") {
  CircuitBreaker breaker = three_then_ten_seconds();
  const auto early = breaker.admit(second(0)), slow = breaker.admit(second(0));
  fail_times(breaker, 3, second(0));
  breaker.succeeded(*early);
  breaker.failed(*slow, second(9));
  CHECK(breaker.state(second(9)) == State::open);
  CHECK(breaker.admit(second(10)));
}

}  // namespace daybook::test
