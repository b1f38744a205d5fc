// Amounts of money in minor units of a currency, and the two things that may be done to them: checked addition and
// splitting. Rounding happens once, on exact rationals (domain/rational.h), before an amount exists.
// Deliberately light: every generated event header includes it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/currency.h"

namespace daybook {

/// The largest amount in minor units, either sign. Beyond it: a rejection, `amount_out_of_range`.
inline constexpr std::int64_t amount_max = 1'000'000'000'000'000;

constexpr bool is_amount(std::int64_t minor) {
  return -amount_max <= minor && minor <= amount_max;
}

/// An amount. No operators: adding can fail, and plain numbers have no currency. No order: amounts of two currencies
/// have none; compare `minor` where the currency is known to be the same.
struct Money {
  std::int64_t minor = 0;
  Currency currency;
  bool operator==(const Money&) const = default;
};

/// The sum, nothing if it is beyond amount_max. Different currencies are a bug.
std::optional<Money> add(Money a, Money b);
/// a - b, nothing if it is beyond amount_max. Different currencies are a bug.
std::optional<Money> subtract(Money a, Money b);
/// -a, nothing if it is beyond amount_max.
std::optional<Money> negate(Money a);

/// Splits `total` in proportion to `weights` by largest remainder, ties to the earliest. The parts always sum to the
/// total, a zero weight gets zero, a negative total gives the mirror image of the positive one, and each part differs
/// from its exact share by less than one. Negative weights, and weights that are all zero (or none), are a bug.
std::vector<std::int64_t> allocate(std::int64_t total, std::span<const std::int64_t> weights);

/// For people and logs: "12.34 USD", "-0.05 USD", "1200 JPY", "1.234 BHD". Without a known minor unit: "12 XAU".
std::string format(Money amount);

}  // namespace daybook
