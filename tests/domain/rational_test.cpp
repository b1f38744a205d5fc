#include "domain/rational.h"

#include <doctest/doctest.h>

#include <limits>

#include "tests/domain/decimal.h"
#include "tests/domain/dies.h"
#include "tests/domain/property.h"

namespace daybook {
namespace {

using test::decimal;

constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t int64_min = std::numeric_limits<std::int64_t>::min();

static_assert(std::regular<Rational>);
static_assert(std::totally_ordered<Rational>);
static_assert(std::is_convertible_v<int, Rational>);
static_assert(std::is_convertible_v<std::int64_t, Rational>);
static_assert(!std::is_constructible_v<Rational, double>);
static_assert(!std::is_constructible_v<Rational, float>);
static_assert(!std::is_constructible_v<Rational, bool>);
static_assert(std::is_same_v<decltype(exactly([] { return Rational(1); })), std::optional<Rational>>);
static_assert(
    std::is_same_v<decltype(exactly([] { return round(1, Rounding::half_even); })), std::optional<std::int64_t>>);

std::optional<std::int64_t> away(const Rational& value) {
  return round(value, Rounding::half_away_from_zero);
}
std::optional<std::int64_t> even(const Rational& value) {
  return round(value, Rounding::half_even);
}

/// 2 to the power of `exponent`, by squaring in steps that all fit if the result does.
Rational power_of_two(int exponent) {
  Rational value = 1;
  for (int i = 0; i < exponent; ++i) value *= 2;
  return value;
}

rc::Gen<Rational> any_rational() {
  const auto part = rc::gen::oneOf(rc::gen::inRange<std::int64_t>(-10, 11), rc::gen::arbitrary<std::int64_t>(),
                                   rc::gen::resize(100, rc::gen::inRange<std::int64_t>(-1'000'000'000, 1'000'000'001)));
  const auto below = rc::gen::nonZero<std::int64_t>();
  return rc::gen::map(rc::gen::pair(part, below), [](const std::pair<std::int64_t, std::int64_t>& parts) {
    return Rational(parts.first, parts.second);
  });
}

TEST_CASE("a fraction is in lowest terms with a positive denominator") {
  CHECK(Rational(2, 4) == Rational(1, 2));
  CHECK(Rational(-1, 2) == Rational(1, -2));
  CHECK(Rational(-3, -6) == Rational(1, 2));
  CHECK(Rational(0, -5) == 0);
  CHECK(-Rational(0) == Rational(0));
  CHECK(Rational(0) * Rational(-1, 3) == 0);
  CHECK(Rational(0) / Rational(-1, 3) == 0);
  CHECK(Rational(int64_min, int64_min) == 1);
  CHECK(Rational(int64_min, 1) == int64_min);
  CHECK(Rational::scaled(12'345, 3) == Rational(2'469, 200));
  CHECK(Rational::scaled(-5, 0) == -5);
  CHECK(Rational::scaled(1, 18) * Rational(1'000'000'000'000'000'000) == 1);
}

TEST_CASE("a third three times is one") {
  CHECK(Rational(1, 3) + Rational(1, 3) + Rational(1, 3) == 1);
  CHECK(Rational(1, 3) * 3 == 1);
  CHECK(1 / Rational(1, 3) == 3);
  CHECK(decimal("0.1") + decimal("0.2") == decimal("0.3"));
}

TEST_CASE("fractions are ordered by value") {
  CHECK(Rational(1, 3) < Rational(1, 2));
  CHECK(Rational(-1, 2) < Rational(-1, 3));
  CHECK(Rational(-1) < 0);
  CHECK(Rational(7, 2) > 3);
  CHECK(Rational(-7, 2).sign() == -1);
  CHECK(Rational(0).sign() == 0);
  CHECK(Rational(1, 9).sign() == 1);
}

TEST_CASE("comparing works where subtracting would overflow") {
  const Rational huge = power_of_two(255);
  const Rational tiny = 1 / huge;
  CHECK(tiny < huge);
  CHECK(-huge < tiny);
  CHECK(tiny > 0);
  CHECK(tiny < 1 / (huge - 1));
}

TEST_CASE("the laws of a field hold") {
  test::always("addition and multiplication commute and associate", [] {
    const Rational a = *any_rational(), b = *any_rational(),
                   c = Rational(*rc::gen::inRange(-9, 10), *rc::gen::inRange(1, 99));
    RC_ASSERT(a + b == b + a);
    RC_ASSERT(a * b == b * a);
    RC_ASSERT((a + b) + c == a + (b + c));
    RC_ASSERT((a * b) * c == a * (b * c));
  });
  test::always("multiplication distributes over addition", [] {
    const Rational a = Rational(*rc::gen::inRange(-999, 1'000), *rc::gen::inRange(1, 999));
    const Rational b = *any_rational(), c = *any_rational();
    RC_ASSERT(a * (b + c) == a * b + a * c);
  });
  test::always("what is added can be taken away, what is multiplied divided", [] {
    const Rational a = *any_rational(), b = *any_rational();
    RC_ASSERT(a + b - b == a);
    RC_ASSERT(a - a == 0);
    RC_ASSERT(a + 0 == a);
    RC_ASSERT(a * 1 == a);
    if (b != 0) RC_ASSERT(a * b / b == a);
  });
  test::always("the order is that of the difference's sign", [] {
    const Rational a = *any_rational(), b = *any_rational();
    RC_ASSERT((a < b) == ((a - b).sign() < 0));
    RC_ASSERT((a == b) == ((a - b).sign() == 0));
  });
}

TEST_CASE("leaving 256 bits is nothing, and so is dividing by zero") {
  const Rational top = power_of_two(255);
  CHECK(exactly([&] { return top + (top - 1); }).has_value());
  CHECK(exactly([&] { return top + top; }) == std::nullopt);
  CHECK(exactly([&] { return -top - top; }) == std::nullopt);
  CHECK(exactly([&] { return top * 2; }) == std::nullopt);
  CHECK(exactly([&] { return 1 / top / 2; }) == std::nullopt);
  CHECK(exactly([&] { return top * top; }) == std::nullopt);
  CHECK(exactly([&] { return top * (1 / top); }) == Rational(1));
  CHECK(exactly([&] { return top / Rational(0); }) == std::nullopt);
  CHECK(exactly([] { return Rational(1, 0); }) == std::nullopt);
  CHECK(exactly([&] { return away(top * 2); }) == std::nullopt);
  CHECK(exactly([&] { return away(Rational(5, 2)); }) == 3);
  CHECK_THROWS_AS(top * 2, std::overflow_error);
}

TEST_CASE("a sum overflows only if it does not fit itself") {
  const Rational shared = power_of_two(60);
  const Rational p = power_of_two(100) + 1;
  const Rational q = power_of_two(100) - 1;
  // The common denominator has 260 bits, the sum's own has 200.
  CHECK(exactly([&] { return 1 / (shared * p) + 1 / (shared * q); }) == power_of_two(41) / (power_of_two(200) - 1));
}

TEST_CASE("the largest price times the largest quantity is exact") {
  const Rational price = decimal("999999999999999.999999999999");
  const Rational quantity = decimal("999999999999999.999999999");
  CHECK(exactly([&] { return price * quantity / quantity; }) == price);
}

TEST_CASE("decimals are read exactly") {
  CHECK(decimal("0") == 0);
  CHECK(decimal("-0") == 0);
  CHECK(decimal("12.34") == Rational(1'234, 100));
  CHECK(decimal("-0.5") == Rational(-1, 2));
  CHECK(decimal("0.000000000001") == Rational(1, 1'000'000'000'000));
  CHECK(decimal("1.500000000000") == Rational(3, 2));
  CHECK(decimal("999999999999999999") == 999'999'999'999'999'999);
}

TEST_CASE("any other text is not a decimal") {
  for (const std::string_view text : {"",
                                      "-",
                                      ".",
                                      "1.",
                                      ".5",
                                      "+1",
                                      "01",
                                      "-01",
                                      "00",
                                      "1e5",
                                      "1E5",
                                      "1,5",
                                      " 1",
                                      "1 ",
                                      "0x1",
                                      "1.2.3",
                                      "--1",
                                      "1-",
                                      "NaN",
                                      "0.0000000000001",
                                      "1000000000000000000",
                                      "1.-5",
                                      "1_000"}) {
    CHECK_MESSAGE(parse_decimal(text) == std::nullopt, text);
  }
}

TEST_CASE("fewer decimals can be asked for") {
  CHECK(parse_decimal("1.123456789", 9).has_value());
  CHECK(parse_decimal("1.1234567891", 9) == std::nullopt);
  CHECK(parse_decimal("1", 0) == Rational(1));
  CHECK(parse_decimal("1.0", 0) == std::nullopt);
  CHECK(test::is_a_bug([] { parse_decimal("1", 13); }));
}

TEST_CASE("a half goes away from zero, or to the even neighbour") {
  CHECK(away(Rational(1, 2)) == 1);
  CHECK(away(Rational(-1, 2)) == -1);
  CHECK(away(Rational(5, 2)) == 3);
  CHECK(away(Rational(-5, 2)) == -3);
  CHECK(even(Rational(1, 2)) == 0);
  CHECK(even(Rational(3, 2)) == 2);
  CHECK(even(Rational(5, 2)) == 2);
  CHECK(even(Rational(-5, 2)) == -2);
  CHECK(even(Rational(-7, 2)) == -4);
  CHECK(away(Rational(499, 1'000)) == 0);
  CHECK(even(Rational(501, 1'000)) == 1);
  CHECK(away(Rational(-501, 1'000)) == -1);
  CHECK(away(7) == 7);
}

TEST_CASE("E15: 6733.945 is 6733.95, or 6733.94 half-even") {
  const Rational exact = decimal("26935.78") * decimal("0.25");
  CHECK(exact == decimal("6733.945"));
  CHECK(away(exact * 100) == 673'395);
  CHECK(even(exact * 100) == 673'394);
  CHECK(away(Rational(673'395) * Rational(19, 100)) == 127'945);
}

TEST_CASE("what does not fit in 64 bits after rounding is nothing") {
  CHECK(away(int64_max) == int64_max);
  CHECK(away(int64_min) == int64_min);
  CHECK(away(Rational(int64_max) + Rational(1, 3)) == int64_max);
  CHECK(away(Rational(int64_max) + Rational(1, 2)) == std::nullopt);
  CHECK(away(Rational(int64_min) - Rational(1, 3)) == int64_min);
  CHECK(away(Rational(int64_min) - 1) == std::nullopt);
  CHECK(even(power_of_two(255)) == std::nullopt);
  CHECK(away(1 / power_of_two(255)) == 0);
}

TEST_CASE("the laws of rounding") {
  test::always("rounding moves by half at most, and by exactly half only as its name says", [] {
    const Rational value(*rc::gen::resize(100, rc::gen::inRange<std::int64_t>(-100'000, 100'001)),
                         *rc::gen::inRange(1, 50));
    for (const Rounding rounding : {Rounding::half_away_from_zero, Rounding::half_even}) {
      const std::int64_t rounded = round(value, rounding).value();
      const Rational moved = rounded - value;
      RC_ASSERT(moved <= Rational(1, 2));
      RC_ASSERT(moved >= Rational(-1, 2));
      if (moved == Rational(1, 2) || moved == Rational(-1, 2)) {
        RC_ASSERT((rounding == Rounding::half_even ? rounded % 2 == 0 : moved.sign() == value.sign()));
      }
    }
  });
  test::always("rounding mirrors at zero", [] {
    const Rational value = *any_rational();
    RC_PRE((value > Rational(int64_min) && value < Rational(int64_max)));
    RC_ASSERT(away(-value).value() == -away(value).value());
    RC_ASSERT(even(-value).value() == -even(value).value());
  });
}

TEST_CASE("a decimal's text is the shortest that is read as the same value") {
  CHECK(format_decimal(0) == "0");
  CHECK(format_decimal(decimal("-0.50")) == "-0.5");
  CHECK(format_decimal(decimal("1200")) == "1200");
  CHECK(format_decimal(decimal("0.000000000001")) == "0.000000000001");
  CHECK(format_decimal(decimal("999999999999999999.999999999999")) == "999999999999999999.999999999999");
  CHECK(format_decimal(decimal("1.25"), 2) == "1.25");
  CHECK(!format_decimal(decimal("1.25"), 1));
  CHECK(!format_decimal(decimal("1.5"), 0));
  CHECK(format_decimal(7, 0) == "7");
  CHECK(!format_decimal(Rational(1, 3)));
  CHECK(!format_decimal(1 / power_of_two(255)));
  CHECK(!format_decimal((power_of_two(255) - 1) / power_of_two(255)));
  CHECK(!format_decimal(Rational(1, 8'192)));
  CHECK(!format_decimal(decimal("999999999999999999") + 1));
  CHECK(test::is_a_bug([] { return format_decimal(1, -1).has_value(); }));
  CHECK(test::is_a_bug([] { return format_decimal(1, 13).has_value(); }));
  test::always("parsing is the inverse", [] {
    const Rational value = Rational(*rc::gen::inRange<std::int64_t>(-1'000'000'000'000, 1'000'000'000'000)) +
                           Rational::scaled(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000), 12);
    const auto text = format_decimal(value);
    RC_ASSERT(text.has_value());
    RC_ASSERT(parse_decimal(*text) == value);
    RC_ASSERT((text->find('.') == text->npos || text->back() != '0'));
  });
}

TEST_CASE("a whole number has no fraction") {
  CHECK(Rational(0).is_whole());
  CHECK(Rational(-6, 3).is_whole());
  CHECK(!Rational(1, 2).is_whole());
  CHECK((decimal("1.25") * 100).is_whole());
  CHECK(!(decimal("1.255") * 100).is_whole());
}

TEST_CASE("the floor is the whole number below") {
  CHECK(floor(Rational(7, 2)) == 3);
  CHECK(floor(Rational(-7, 2)) == -4);
  CHECK(floor(Rational(11, 3)) == 3);
  CHECK(floor(Rational(-1, 9)) == -1);
  CHECK(floor(5) == 5);
  CHECK(floor(-5) == -5);
  CHECK(floor(int64_min) == int64_min);
  CHECK(!floor(Rational(int64_min) - Rational(1, 4)));
  CHECK(!floor(Rational(int64_min) - 1));
  CHECK(!floor(Rational(int64_max) + 1));
  CHECK(floor(Rational(int64_max) + Rational(1, 4)) == int64_max);
}

}  // namespace
}  // namespace daybook
