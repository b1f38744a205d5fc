// Exact fractions for everything between a price and an amount: quantities, tiers, prorations, tax rates. 256 bits
// above and below the line, always in lowest terms; leaving them throws, and `exactly` turns that into "nothing" for a
// decider to reject. One rounding, at the line. Boost.Multiprecision does the work and stays in rational.cpp.
#pragma once

#include <array>
#include <compare>
#include <concepts>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace daybook {

/// A fraction in lowest terms, the denominator positive. Whole numbers convert to it; floating point does not.
/// Arithmetic throws std::overflow_error beyond 256 bits and on division by zero: evaluate inside `exactly`.
class Rational {
 public:
  constexpr Rational() = default;
  template <std::signed_integral Whole>
  constexpr Rational(Whole whole)  // implicit on purpose: price * 3
      : numerator_{magnitude(whole), 0, 0, 0}, negative_(whole < 0) {}
  /// numerator / denominator.
  Rational(std::int64_t numerator, std::int64_t denominator);
  /// digits / 10^places: how the schemas store decimals. `places` from 0 to 18.
  static Rational scaled(std::int64_t digits, int places);

  Rational operator-() const;
  friend Rational operator+(const Rational& a, const Rational& b);
  friend Rational operator-(const Rational& a, const Rational& b);
  friend Rational operator*(const Rational& a, const Rational& b);
  friend Rational operator/(const Rational& a, const Rational& b);
  Rational& operator+=(const Rational& other) { return *this = *this + other; }
  Rational& operator-=(const Rational& other) { return *this = *this - other; }
  Rational& operator*=(const Rational& other) { return *this = *this * other; }
  Rational& operator/=(const Rational& other) { return *this = *this / other; }

  // Comparing never throws.
  bool operator==(const Rational& other) const = default;
  std::strong_ordering operator<=>(const Rational& other) const;
  /// -1, 0 or 1.
  int sign() const;
  /// Whether it has no fraction: `(value * 100).is_whole()` says that two decimals hold it.
  bool is_whole() const { return denominator_ == Limbs{1, 0, 0, 0}; }

 private:
  using Limbs = std::array<std::uint64_t, 4>;  // least significant first
  friend struct RationalAccess;

  static constexpr std::uint64_t magnitude(std::int64_t whole) {
    return whole < 0 ? ~static_cast<std::uint64_t>(whole) + 1 : static_cast<std::uint64_t>(whole);
  }

  Limbs numerator_{};
  Limbs denominator_{1, 0, 0, 0};
  bool negative_ = false;
};

inline constexpr int decimal_digits_max = 18;
inline constexpr int decimal_places_max = 12;

/// `-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,12})?` with at most `places_max` decimals, JSON's number without an exponent.
/// Nothing for any other text. Requires places_max from 0 to decimal_places_max.
std::optional<Rational> parse_decimal(std::string_view text, int places_max = decimal_places_max);

/// The shortest text that parse_decimal reads as the value, with at most `places_max` decimals; nothing if that many do
/// not hold it exactly, or if it has more than decimal_digits_max digits before the point. Requires places_max from 0
/// to decimal_places_max.
std::optional<std::string> format_decimal(const Rational& value, int places_max = decimal_places_max);

enum class Rounding : std::uint8_t { half_away_from_zero = 1, half_even = 2 };

/// The nearest whole number; nothing if it does not fit in 64 bits. Whether it is an amount, is_amount says.
std::optional<std::int64_t> round(const Rational& value, Rounding rounding);

/// The largest whole number that is not above the value; nothing if it does not fit in 64 bits.
std::optional<std::int64_t> floor(const Rational& value);

/// What `compute()` returns, or nothing if it left 256 bits or divided by zero. An optional stays one optional:
///   const auto minor = exactly([&] { return round(price * quantity, rounding); });
///   if (!minor) return Rejection::amount_out_of_range;
/// Misuse: building a Rational by arithmetic outside of it lets the exception escape from a decider.
template <std::invocable Compute>
auto exactly(Compute&& compute) {
  using Value = std::invoke_result_t<Compute>;
  using Result = decltype(std::optional(std::declval<Value>()));  // deduces optional<T> from T and from optional<T>
  try {
    return Result(std::forward<Compute>(compute)());
  } catch (const std::overflow_error&) {
    return Result();
  }
}

}  // namespace daybook
