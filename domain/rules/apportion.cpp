#include "domain/rules/apportion.h"

#include <algorithm>
#include <numeric>

#include "domain/assert.h"

namespace daybook {
namespace {

/// The same for shares whose sum is not negative.
std::optional<Apportioned> apportion_upwards(std::span<const Rational> shares, const Rational& sum, Rounding rounding) {
  Apportioned result;
  const std::optional<std::int64_t> total = round(sum, rounding);
  if (!total) return std::nullopt;
  result.total = *total;
  std::vector<Rational> fractions;
  Rational left = *total;
  for (const Rational& share : shares) {
    const std::optional<std::int64_t> below = floor(share);
    if (!below) return std::nullopt;
    result.parts.push_back(*below);
    fractions.push_back(share - *below);
    left -= *below;
  }
  // What is left is the rounded sum of the fractions: not more than there are shares that are not whole.
  const auto units = static_cast<std::size_t>(*round(left, rounding));
  ensure(units <= shares.size(), "more is left over than there are shares");
  std::vector<std::size_t> order(shares.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return fractions[a] > fractions[b]; });
  for (std::size_t i = 0; i < units; ++i) ++result.parts[order[i]];
  return result;
}

}  // namespace

std::optional<Apportioned> apportion(std::span<const Rational> shares, Rounding rounding) {
  return exactly([&]() -> std::optional<Apportioned> {
    const Rational sum = std::accumulate(shares.begin(), shares.end(), Rational(0));
    if (sum.sign() >= 0) return apportion_upwards(shares, sum, rounding);
    std::vector<Rational> opposite(shares.size());
    std::transform(shares.begin(), shares.end(), opposite.begin(), [](const Rational& share) { return -share; });
    std::optional<Apportioned> result = apportion_upwards(opposite, -sum, rounding);
    if (!result) return std::nullopt;
    result->total = -result->total;
    for (std::int64_t& part : result->parts) part = -part;
    return result;
  });
}

}  // namespace daybook
