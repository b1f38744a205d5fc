// Fractions over Boost's checked 256-bit integers. Operands are reduced crosswise before they are multiplied (Knuth,
// TAOCP volume 2, 4.5.1), so a result overflows only if it does not fit, or nearly so for sums.
#include "domain/rational.h"

#include <boost/multiprecision/cpp_int.hpp>
#include <limits>

#include "domain/assert.h"

namespace daybook {
namespace {

namespace mp = boost::multiprecision;

using Integer = mp::number<mp::cpp_int_backend<256, 256, mp::signed_magnitude, mp::checked, void>, mp::et_off>;
using DoubleWidth = mp::number<mp::cpp_int_backend<512, 512, mp::signed_magnitude, mp::checked, void>, mp::et_off>;

template <class Number, std::size_t size>
Number from_limbs(const std::array<std::uint64_t, size>& limbs, bool negative) {
  Number value;
  mp::import_bits(value, limbs.begin(), limbs.end(), 64, false);
  return negative ? Number(-value) : value;
}

}  // namespace

/// Reads and makes Rationals from Boost's integers.
struct RationalAccess {
  template <class Number = Integer>
  static Number numerator(const Rational& value) {
    return from_limbs<Number>(value.numerator_, value.negative_);
  }
  template <class Number = Integer>
  static Number denominator(const Rational& value) {
    return from_limbs<Number>(value.denominator_, false);
  }
  static bool is_negative(const Rational& value) { return value.negative_; }
  static bool is_zero(const Rational& value) { return value.numerator_ == Rational::Limbs{}; }

  /// Requires lowest terms and a positive denominator.
  static Rational make(const Integer& numerator, const Integer& denominator) {
    Rational value;
    value.negative_ = numerator < 0;
    value.numerator_ = to_limbs(numerator);
    value.denominator_ = to_limbs(denominator);
    return value;
  }

  static Rational reduce(const Integer& numerator, const Integer& denominator) {
    if (denominator == 0) throw std::overflow_error("division by zero");
    const Integer divisor = denominator < 0 ? Integer(-gcd(numerator, denominator)) : gcd(numerator, denominator);
    return make(numerator / divisor, denominator / divisor);
  }

 private:
  static Rational::Limbs to_limbs(const Integer& value) {
    Rational::Limbs limbs{};
    mp::export_bits(Integer(abs(value)), limbs.begin(), 64, false);
    return limbs;
  }
};

namespace {

using Access = RationalAccess;

Integer power_of_ten(int exponent) {
  return pow(Integer(10), static_cast<unsigned>(exponent));
}

/// a.n * b.n / (a.d * b.d) in lowest terms; the denominators are not zero, those of `b` may be negative.
Rational multiply(const Integer& a_n, const Integer& a_d, const Integer& b_n, const Integer& b_d) {
  const Integer cross_a = gcd(a_n, b_d);
  const Integer cross_b = gcd(b_n, a_d);
  const Integer numerator = (a_n / cross_a) * (b_n / cross_b);
  const Integer denominator = (a_d / cross_b) * (b_d / cross_a);
  return denominator < 0 ? Access::make(-numerator, -denominator) : Access::make(numerator, denominator);
}

bool rounds_up(const Integer& quotient, const Integer& remainder, const Integer& denominator, Rounding rounding) {
  const Integer other = denominator - remainder;  // not 2 * remainder: that may overflow
  if (remainder != other) return remainder > other;
  return rounding == Rounding::half_away_from_zero || bit_test(quotient, 0);
}

}  // namespace

Rational::Rational(std::int64_t numerator, std::int64_t denominator)
    : Rational(Access::reduce(Integer(numerator), Integer(denominator))) {}

Rational Rational::scaled(std::int64_t digits, int places) {
  ensure(places >= 0, "a decimal has no negative places");
  ensure(places <= 18, "a decimal has at most 18 places");
  return Access::reduce(Integer(digits), power_of_ten(places));
}

Rational Rational::operator-() const {
  Rational value = *this;
  value.negative_ = sign() > 0;
  return value;
}

Rational operator+(const Rational& a, const Rational& b) {
  const Integer a_d = Access::denominator(a);
  const Integer b_d = Access::denominator(b);
  const Integer common = gcd(a_d, b_d);
  const Integer sum = Access::numerator(a) * (b_d / common) + Access::numerator(b) * (a_d / common);
  // Only factors of `common` can still cancel, so take them out before the denominators are multiplied.
  const Integer cancelled = gcd(sum, common);
  return Access::reduce(sum / cancelled, (a_d / common) * (b_d / cancelled));
}

Rational operator-(const Rational& a, const Rational& b) {
  return a + -b;
}

Rational operator*(const Rational& a, const Rational& b) {
  return multiply(Access::numerator(a), Access::denominator(a), Access::numerator(b), Access::denominator(b));
}

Rational operator/(const Rational& a, const Rational& b) {
  if (Access::is_zero(b)) throw std::overflow_error("division by zero");
  return multiply(Access::numerator(a), Access::denominator(a), Access::denominator(b), Access::numerator(b));
}

std::strong_ordering Rational::operator<=>(const Rational& other) const {
  const auto left = Access::numerator<DoubleWidth>(*this) * Access::denominator<DoubleWidth>(other);
  const auto right = Access::numerator<DoubleWidth>(other) * Access::denominator<DoubleWidth>(*this);
  return left.compare(right) <=> 0;
}

int Rational::sign() const {
  if (Access::is_zero(*this)) return 0;
  return Access::is_negative(*this) ? -1 : 1;
}

std::optional<Rational> parse_decimal(std::string_view text, int places_max) {
  ensure(places_max >= 0, "a decimal has no negative places");
  ensure(places_max <= decimal_places_max, "more decimals than a Rational is parsed with");
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view decimals = point == text.npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() || whole.size() > decimal_digits_max || (whole.size() > 1 && whole[0] == '0')) return std::nullopt;
  if (point != text.npos && (decimals.empty() || decimals.size() > static_cast<std::size_t>(places_max))) {
    return std::nullopt;
  }
  Integer digits = 0;
  for (const std::string_view part : {whole, decimals}) {
    for (const char c : part) {
      if (c < '0' || c > '9') return std::nullopt;
      digits = digits * 10 + (c - '0');
    }
  }
  return Access::reduce(negative ? Integer(-digits) : digits, power_of_ten(static_cast<int>(decimals.size())));
}

std::optional<std::string> format_decimal(const Rational& value, int places_max) {
  ensure(places_max >= 0, "a decimal has no negative places");
  ensure(places_max <= decimal_places_max, "more decimals than a Rational is parsed with");
  const Integer denominator = Access::denominator(value);
  Integer whole;
  Integer rest;
  divide_qr(Integer(abs(Access::numerator(value))), denominator, whole, rest);
  std::string text = whole.str();
  if (text.size() > decimal_digits_max) return std::nullopt;
  if (rest != 0) text += '.';
  for (int place = 0; rest != 0; ++place) {
    // A denominator that twelve decimals hold is at most 10^12, so ten times what is left fits.
    if (place == places_max || denominator > power_of_ten(decimal_places_max)) return std::nullopt;
    rest *= 10;
    const Integer digit = rest / denominator;
    rest %= denominator;
    text += static_cast<char>('0' + static_cast<int>(digit));
  }
  return value.sign() < 0 ? '-' + text : text;
}

std::optional<std::int64_t> floor(const Rational& value) {
  const std::optional<std::int64_t> nearest = round(value, Rounding::half_even);
  if (!nearest || Rational(*nearest) <= value) return nearest;
  return *nearest == std::numeric_limits<std::int64_t>::min() ? std::nullopt : std::optional(*nearest - 1);
}

std::optional<std::int64_t> round(const Rational& value, Rounding rounding) {
  const Integer denominator = Access::denominator(value);
  const Integer numerator = abs(Access::numerator(value));
  Integer quotient;
  Integer remainder;
  divide_qr(numerator, denominator, quotient, remainder);
  // Adding cannot overflow: a remainder means a denominator of two or more, so the quotient is below half of the range.
  if (rounds_up(quotient, remainder, denominator, rounding)) quotient += 1;
  const bool negative = Access::is_negative(value);
  const Integer limit = Integer(std::numeric_limits<std::int64_t>::max()) + (negative ? 1 : 0);
  if (quotient > limit) return std::nullopt;
  const auto magnitude = static_cast<std::uint64_t>(quotient);
  return static_cast<std::int64_t>(negative ? ~magnitude + 1 : magnitude);
}

}  // namespace daybook
