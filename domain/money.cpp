// Checked addition, splitting by largest remainder, and the text of an amount.
#include "domain/money.h"

#include <algorithm>
#include <numeric>

#include "domain/assert.h"

namespace daybook {
namespace {

__extension__ typedef unsigned __int128 Wide;

std::optional<Money> checked(bool overflowed, std::int64_t minor, Currency currency) {
  if (overflowed || !is_amount(minor)) return std::nullopt;
  return Money{minor, currency};
}

std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
}

/// `value` with the sign of `model`; `value` is at most the magnitude of `model`.
std::int64_t with_sign_of(std::int64_t model, std::uint64_t value) {
  return static_cast<std::int64_t>(model < 0 ? ~value + 1 : value);
}

}  // namespace

std::optional<Money> add(Money a, Money b) {
  ensure(a.currency == b.currency, "amounts of two currencies cannot be added");
  std::int64_t sum = 0;
  const bool overflowed = __builtin_add_overflow(a.minor, b.minor, &sum);
  return checked(overflowed, sum, a.currency);
}

std::optional<Money> subtract(Money a, Money b) {
  ensure(a.currency == b.currency, "amounts of two currencies cannot be subtracted");
  std::int64_t difference = 0;
  const bool overflowed = __builtin_sub_overflow(a.minor, b.minor, &difference);
  return checked(overflowed, difference, a.currency);
}

std::optional<Money> negate(Money a) {
  return subtract(Money{0, a.currency}, a);
}

std::vector<std::int64_t> allocate(std::int64_t total, std::span<const std::int64_t> weights) {
  Wide sum = 0;
  for (const std::int64_t weight : weights) {
    ensure(weight >= 0, "a weight is negative");
    sum += static_cast<std::uint64_t>(weight);
  }
  ensure(sum > 0, "there is no weight to split by");

  // Magnitudes below 2^64 times weights below 2^63 fit in 128 bits.
  std::uint64_t left = magnitude(total);
  std::vector<std::uint64_t> parts(weights.size());
  std::vector<Wide> remainders(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Wide product = Wide{magnitude(total)} * static_cast<std::uint64_t>(weights[i]);
    parts[i] = static_cast<std::uint64_t>(product / sum);
    remainders[i] = product % sum;
    left -= parts[i];
  }

  // What is left is less than the number of remainders that are not zero, so a zero weight never gets a unit.
  ensure(left < weights.size(), "more is left over than there are parts");
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto favoured = order.begin() + static_cast<std::ptrdiff_t>(left);
  std::partial_sort(order.begin(), favoured, order.end(), [&](std::size_t a, std::size_t b) {
    return remainders[a] != remainders[b] ? remainders[a] > remainders[b] : a < b;
  });
  std::for_each(order.begin(), favoured, [&](std::size_t i) { ++parts[i]; });

  std::vector<std::int64_t> signed_parts(parts.size());
  std::transform(parts.begin(), parts.end(), signed_parts.begin(),
                 [&](std::uint64_t part) { return with_sign_of(total, part); });
  return signed_parts;
}

std::string format(Money amount) {
  std::string digits = std::to_string(magnitude(amount.minor));
  const auto decimals = static_cast<std::size_t>(billable(amount.currency) ? minor_digits(amount.currency) : 0);
  if (decimals > 0) {
    if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
    digits.insert(digits.size() - decimals, 1, '.');
  }
  if (amount.minor < 0) digits.insert(0, 1, '-');
  return digits + ' ' + code(amount.currency);
}

}  // namespace daybook
