#include "domain/rules/discounts.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "domain/assert.h"
#include "domain/money.h"

namespace daybook {
namespace {

bool comes_before(const Discount& a, const Discount& b) {
  return std::tuple(a.priority, a.kind, a.lines.empty(), std::string_view(a.id)) <
         std::tuple(b.priority, b.kind, b.lines.empty(), std::string_view(b.id));
}

/// The positive amounts of the lines that a discount is for; zero for the others.
std::vector<std::int64_t> eligible(const Discount& discount, std::span<const std::int64_t> amounts) {
  std::vector<std::int64_t> weights(amounts.size());
  const auto take = [&](std::size_t line) { weights[line] = std::max(amounts[line], std::int64_t{0}); };
  if (discount.lines.empty()) {
    for (std::size_t line = 0; line < amounts.size(); ++line) take(line);
  }
  for (const std::size_t line : discount.lines) {
    ensure(line < amounts.size(), "a discount is for a line that is not there");
    take(line);
  }
  return weights;
}

std::int64_t sum(std::span<const std::int64_t> amounts) {
  return std::accumulate(amounts.begin(), amounts.end(), std::int64_t{0});
}

/// The amount that a discount takes of `base`; the base is at most amount_max, so nothing here can overflow.
std::int64_t amount_of(const Discount& discount, std::int64_t base, Rounding rounding) {
  if (discount.kind == DiscountKind::fixed) return discount.amount;
  const std::int64_t amount = *round(base * discount.percent / 100, rounding);
  return std::min(amount, discount.amount_max.value_or(amount));
}

void apply(DiscountedLines& result, std::span<const std::int64_t> lines, const Discount& discount, std::size_t index,
           const DiscountPolicy& policy) {
  const std::vector<std::int64_t> left = eligible(discount, result.nets);
  const std::int64_t available = sum(left);
  const bool of_original = discount.kind == DiscountKind::percent && policy.arithmetic == PercentArithmetic::stacked;
  AppliedDiscount applied{index, of_original ? sum(eligible(discount, lines)) : available, 0, {}};
  applied.amount = std::min(amount_of(discount, applied.base, policy.rounding), available);
  applied.lines = available > 0 ? allocate(applied.amount, left) : std::vector<std::int64_t>(lines.size());
  for (std::size_t line = 0; line < lines.size(); ++line) result.nets[line] -= applied.lines[line];
  result.discount += applied.amount;
  result.applied.push_back(std::move(applied));
}

Rejection wrong(std::string_view at, std::string_view member, std::string_view expected) {
  return must_be(std::string(at) + std::string(member), expected);
}

}  // namespace

Rejection check_discount(const Discount& discount, std::string_view at) {
  const auto is_amount_off = [](std::int64_t minor) { return minor > 0 && is_amount(minor); };
  if (discount.kind == DiscountKind::percent) {
    const Rational& percent = discount.percent;
    if (percent.sign() <= 0 || percent > 100 || !format_decimal(percent, percent_places_max)) {
      return wrong(at, "/percent", "more than 0, at most 100, with at most 6 decimals");
    }
    if (discount.amount != 0) return wrong(at, "/amount", "none beside a percentage");
    if (discount.amount_max && !is_amount_off(*discount.amount_max))
      return wrong(at, "/amount_max", "a positive amount");
    return {};
  }
  if (discount.kind != DiscountKind::fixed) return wrong(at, "/kind", "percent or fixed");
  if (discount.percent.sign() != 0) return wrong(at, "/percent", "none beside a fixed amount");
  if (!is_amount_off(discount.amount)) return wrong(at, "/amount", "a positive amount");
  if (discount.amount_max) return wrong(at, "/amount_max", "none beside a fixed amount");
  return {};
}

std::optional<DiscountedLines> apply_discounts(std::span<const std::int64_t> lines, std::span<const Discount> discounts,
                                               const DiscountPolicy& policy) {
  std::int64_t positive = 0;
  for (const std::int64_t line : lines) {
    if (!is_amount(line)) return std::nullopt;
    positive += std::max(line, std::int64_t{0});
    if (!is_amount(positive)) return std::nullopt;
  }
  std::vector<std::size_t> order(discounts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return comes_before(discounts[a], discounts[b]); });
  const DiscountedLines none{{}, {lines.begin(), lines.end()}, 0};
  if (policy.stacking == DiscountStacking::exclusive && !order.empty()) order.resize(1);
  DiscountedLines result = none;
  for (const std::size_t index : order) {
    DiscountedLines next = policy.stacking == DiscountStacking::best_of ? none : std::move(result);
    apply(next, lines, discounts[index], index, policy);
    if (policy.stacking != DiscountStacking::best_of || next.discount > result.discount) result = std::move(next);
  }
  return result;
}

}  // namespace daybook
