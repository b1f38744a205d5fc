// Exact shares in whole minor units: the rounding of many parts and of their sum at once.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "domain/rational.h"

namespace daybook {

struct Apportioned {
  std::int64_t total = 0;           ///< The rounded sum of the shares.
  std::vector<std::int64_t> parts;  ///< In the shares' order; they sum to the total.
};

/// Rounds the sum of the shares once and each share to a whole number next to it, so that the parts sum to the total:
/// by largest remainder, ties to the earliest. A share that is whole stays. Shares may have any sign; if their sum is
/// negative the result mirrors that of the opposite shares. Nothing beyond 64 bits.
std::optional<Apportioned> apportion(std::span<const Rational> shares, Rounding rounding);

}  // namespace daybook
