// What coupons take off an invoice's lines: percentages and fixed amounts, of some lines or of all, in an order that
// does not depend on how they were given. Pure arithmetic: who may redeem what is decided elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/policies.h"
#include "domain/rational.h"
#include "domain/rejection.h"

namespace daybook {

enum class DiscountKind : std::uint8_t { percent = 1, fixed = 2 };

inline constexpr int percent_places_max = 6;

struct Discount {
  std::string id;
  DiscountKind kind = DiscountKind::percent;
  Rational percent{};                        ///< Above 0, at most 100. Zero for a fixed one.
  std::int64_t amount = 0;                   ///< Minor units, positive. Zero for a percentage.
  std::optional<std::int64_t> amount_max{};  ///< The most that a percentage takes off one invoice.
  std::int32_t priority = 0;                 ///< Lower first.
  std::vector<std::size_t> lines{};          ///< Indexes of the lines it is for; empty: the whole invoice.
};

/// The first thing wrong with a discount (its lines left out), `code` none if nothing is: `validation_failed` with the
/// pointer of the member below `at`.
Rejection check_discount(const Discount& discount, std::string_view at = {});

struct DiscountPolicy {
  DiscountStacking stacking = DiscountStacking::priority_stack;
  PercentArithmetic arithmetic = PercentArithmetic::chained;
  Rounding rounding = Rounding::half_away_from_zero;
};

struct AppliedDiscount {
  std::size_t discount = 0;         ///< Its index among those given.
  std::int64_t base = 0;            ///< What it was taken of.
  std::int64_t amount = 0;          ///< What it took off; zero if nothing was left.
  std::vector<std::int64_t> lines;  ///< The amount's parts, one a line of the invoice.
};

struct DiscountedLines {
  std::vector<AppliedDiscount> applied;  ///< In the order in which they were applied.
  std::vector<std::int64_t> nets;        ///< The lines' amounts less all discounts. None that was positive is negative.
  std::int64_t discount = 0;             ///< The sum of what was taken off.
};

/// Applies discounts to lines (minor units; negative lines are no one's to discount). The order is priority,
/// percentages before fixed amounts, those for some lines before those for all, id. Each is rounded once and split over
/// its lines by largest remainder in proportion to what is left of them. Nothing if the positive lines sum to more than
/// amount_max. Requires discounts that check_discount accepts and indexes of lines that are there.
std::optional<DiscountedLines> apply_discounts(std::span<const std::int64_t> lines, std::span<const Discount> discounts,
                                               const DiscountPolicy& policy = {});

}  // namespace daybook
