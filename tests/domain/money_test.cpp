#include "domain/money.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "tests/domain/dies.h"
#include "tests/domain/property.h"

namespace daybook {
namespace {

__extension__ typedef __int128 Wide;

constexpr Currency usd = currency_of("USD");
constexpr Currency eur = currency_of("EUR");
constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t int64_min = std::numeric_limits<std::int64_t>::min();

template <class A, class B>
concept Adds = requires(A a, B b) { a + b; };
template <class A, class B>
concept Subtracts = requires(A a, B b) { a - b; };
template <class A, class B>
concept Multiplies = requires(A a, B b) { a* b; };
template <class A, class B>
concept Orders = requires(A a, B b) { a < b; };
template <class A, class B>
concept Equals = requires(A a, B b) { a == b; };

static_assert(std::regular<Money>);
static_assert(Equals<Money, Money>);
static_assert(!Equals<Money, int>);
static_assert(!Adds<Money, Money>);
static_assert(!Adds<Money, int>);
static_assert(!Adds<int, Money>);
static_assert(!Subtracts<Money, int>);
static_assert(!Multiplies<Money, int>);
static_assert(!Orders<Money, Money>);
static_assert(!std::is_convertible_v<std::int64_t, Money>);
static_assert(!std::is_convertible_v<Money, std::int64_t>);
static_assert(!std::is_convertible_v<std::uint32_t, Currency>);

using Parts = std::vector<std::int64_t>;

Parts split(std::int64_t total, Parts weights) {
  return allocate(total, weights);
}

std::int64_t sum_of(const Parts& parts) {
  return std::accumulate(parts.begin(), parts.end(), std::int64_t{0});
}

/// At least one weight, at least one of them positive; zeros, equal ones and very large ones are common.
rc::Gen<Parts> any_weights() {
  const auto weight = rc::gen::oneOf(rc::gen::just(std::int64_t{0}), rc::gen::inRange<std::int64_t>(0, 5),
                                     rc::gen::resize(100, rc::gen::inRange<std::int64_t>(0, int64_max)));
  return rc::gen::suchThat(rc::gen::container<Parts>(weight), [](const Parts& weights) {
    return std::any_of(weights.begin(), weights.end(), [](std::int64_t w) { return w > 0; });
  });
}

rc::Gen<std::int64_t> any_total() {
  return rc::gen::oneOf(rc::gen::inRange<std::int64_t>(-20, 21), rc::gen::arbitrary<std::int64_t>(),
                        rc::gen::resize(100, rc::gen::inRange<std::int64_t>(-amount_max, amount_max + 1)));
}

TEST_CASE("amounts of one currency are added, subtracted and negated") {
  CHECK(add(Money{1'050, usd}, Money{250, usd}) == Money{1'300, usd});
  CHECK(subtract(Money{1'050, usd}, Money{2'000, usd}) == Money{-950, usd});
  CHECK(negate(Money{5, eur}) == Money{-5, eur});
  CHECK(negate(Money{0, eur}) == Money{0, eur});
}

TEST_CASE("an amount beyond 10^15 is nothing, exactly 10^15 is an amount") {
  CHECK(amount_max == 1'000'000'000'000'000);
  CHECK(is_amount(amount_max));
  CHECK(is_amount(-amount_max));
  CHECK_FALSE(is_amount(amount_max + 1));
  CHECK_FALSE(is_amount(-amount_max - 1));
  CHECK(add(Money{amount_max - 1, usd}, Money{1, usd}) == Money{amount_max, usd});
  CHECK(add(Money{amount_max, usd}, Money{1, usd}) == std::nullopt);
  CHECK(subtract(Money{-amount_max, usd}, Money{1, usd}) == std::nullopt);
  CHECK(subtract(Money{1 - amount_max, usd}, Money{1, usd}) == Money{-amount_max, usd});
  CHECK(negate(Money{-amount_max, usd}) == Money{amount_max, usd});
}

TEST_CASE("amounts that wrap 64 bits are nothing too") {
  CHECK(add(Money{int64_max, usd}, Money{int64_max, usd}) == std::nullopt);
  CHECK(add(Money{int64_min, usd}, Money{int64_min, usd}) == std::nullopt);
  CHECK(subtract(Money{int64_min, usd}, Money{int64_max, usd}) == std::nullopt);
  CHECK(negate(Money{int64_min, usd}) == std::nullopt);
}

TEST_CASE("amounts of two currencies never meet") {
  CHECK(test::is_a_bug([] { add(Money{1, usd}, Money{1, eur}); }));
  CHECK(test::is_a_bug([] { subtract(Money{1, usd}, Money{1, eur}); }));
  CHECK(Money{1, usd} != Money{1, eur});
}

TEST_CASE("addition agrees with wide integers") {
  test::always("a sum is exact or nothing", [](std::int64_t a, std::int64_t b) {
    const Wide sum = Wide{a} + b;
    const Wide difference = Wide{a} - b;
    const auto within = [](Wide value) { return -Wide{amount_max} <= value && value <= amount_max; };
    const auto added = add(Money{a, usd}, Money{b, usd});
    const auto subtracted = subtract(Money{a, usd}, Money{b, usd});
    RC_ASSERT(added.has_value() == within(sum));
    RC_ASSERT(subtracted.has_value() == within(difference));
    RC_ASSERT((!added || added->minor == sum));
    RC_ASSERT((!subtracted || subtracted->minor == difference));
  });
}

TEST_CASE("a split gives what is left to the largest remainders, ties to the earliest") {
  CHECK(split(100, {1, 1, 1}) == Parts{34, 33, 33});
  CHECK(split(101, {1, 1, 1}) == Parts{34, 34, 33});
  CHECK(split(5, {3, 7}) == Parts{2, 3});
  CHECK(split(10, {1, 2, 3}) == Parts{2, 3, 5});
  CHECK(split(1, {1, 2}) == Parts{0, 1});
  CHECK(split(1, {1, 1}) == Parts{1, 0});
  CHECK(split(7, {7}) == Parts{7});
  CHECK(split(0, {1, 2}) == Parts{0, 0});
}

TEST_CASE("a zero weight gets nothing") {
  CHECK(split(100, {0, 1, 0, 1, 0, 1}) == Parts{0, 34, 0, 33, 0, 33});
  CHECK(split(1, {0, 0, 5}) == Parts{0, 0, 1});
}

TEST_CASE("a negative total is split as the mirror image") {
  CHECK(split(-100, {1, 1, 1}) == Parts{-34, -33, -33});
  CHECK(split(-1, {1, 2}) == Parts{0, -1});
}

TEST_CASE("a split of the largest numbers does not overflow") {
  CHECK(split(int64_max, {int64_max}) == Parts{int64_max});
  CHECK(split(int64_min, {int64_max}) == Parts{int64_min});
  CHECK(split(int64_min, {int64_max, int64_max}) == Parts{int64_min / 2, int64_min / 2});
  CHECK(split(int64_max, {int64_max, int64_max, int64_max, int64_max}) ==
        Parts{int64_max / 4 + 1, int64_max / 4 + 1, int64_max / 4 + 1, int64_max / 4});
}

TEST_CASE("splitting without any weight, or by a negative one, is a bug") {
  CHECK(test::is_a_bug([] { split(10, {}); }));
  CHECK(test::is_a_bug([] { split(10, {0, 0}); }));
  CHECK(test::is_a_bug([] { split(0, {0}); }));
  CHECK(test::is_a_bug([] { split(10, {1, -1, 3}); }));
}

TEST_CASE("the laws of splitting") {
  test::always("parts sum to the total", [] {
    const std::int64_t total = *any_total();
    const Parts weights = *any_weights();
    RC_ASSERT(sum_of(allocate(total, weights)) == total);
  });
  test::always("a negative total mirrors the positive one", [] {
    const std::int64_t total = *any_total();
    RC_PRE(total != int64_min);
    const Parts weights = *any_weights();
    Parts mirrored = allocate(-total, weights);
    for (std::int64_t& part : mirrored) part = -part;
    RC_ASSERT(allocate(total, weights) == mirrored);
  });
  test::always("a part is within one of its exact share, and zero for a zero weight", [] {
    const std::int64_t total = *rc::gen::resize(100, rc::gen::inRange<std::int64_t>(-1'000'000, 1'000'001));
    const Parts weights = *rc::gen::suchThat(rc::gen::container<Parts>(rc::gen::inRange<std::int64_t>(0, 1'000)),
                                             [](const Parts& w) { return sum_of(w) > 0; });
    const std::int64_t sum = sum_of(weights);
    const Parts parts = allocate(total, weights);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      RC_ASSERT(std::abs(parts[i] * sum - total * weights[i]) < sum);
      RC_ASSERT((weights[i] > 0 || parts[i] == 0));
    }
  });
  test::always("equal weights get parts that never grow, a unit apart at most", [] {
    const std::int64_t total = *rc::gen::inRange<std::int64_t>(0, amount_max);
    const Parts parts = allocate(total, Parts(static_cast<std::size_t>(*rc::gen::inRange(1, 50)), 7));
    RC_ASSERT(std::is_sorted(parts.rbegin(), parts.rend()));
    RC_ASSERT(parts.front() - parts.back() <= 1);
  });
}

TEST_CASE("an amount is written with its currency's decimals") {
  CHECK(format(Money{1'234, usd}) == "12.34 USD");
  CHECK(format(Money{-1'234, usd}) == "-12.34 USD");
  CHECK(format(Money{5, usd}) == "0.05 USD");
  CHECK(format(Money{12, usd}) == "0.12 USD");
  CHECK(format(Money{-5, usd}) == "-0.05 USD");
  CHECK(format(Money{0, usd}) == "0.00 USD");
  CHECK(format(Money{100, usd}) == "1.00 USD");
  CHECK(format(Money{1'200, currency_of("JPY")}) == "1200 JPY");
  CHECK(format(Money{-1, currency_of("JPY")}) == "-1 JPY");
  CHECK(format(Money{1'234, currency_of("BHD")}) == "1.234 BHD");
  CHECK(format(Money{-7, currency_of("BHD")}) == "-0.007 BHD");
  CHECK(format(Money{12'345, currency_of("CLF")}) == "1.2345 CLF");
  CHECK(format(Money{amount_max, usd}) == "10000000000000.00 USD");
  CHECK(format(Money{int64_min, usd}) == "-92233720368547758.08 USD");
  CHECK(format(Money{12, currency_of("XAU")}) == "12 XAU");
  CHECK(format(Money{12, currency_of("QQQ")}) == "12 QQQ");
}

}  // namespace
}  // namespace daybook
