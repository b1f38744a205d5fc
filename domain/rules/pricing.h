// What a quantity costs: the price models, and how each amount came about, step by step. Exact until the one rounding
// at the line. Prices are in minor units, with up to twelve decimals where a unit costs less than one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "domain/money.h"
#include "domain/rational.h"
#include "domain/rejection.h"

namespace daybook {

inline constexpr std::int64_t quantity_max = 1'000'000'000'000'000;
inline constexpr int quantity_places_max = 9;
inline constexpr int unit_amount_places_max = 12;
inline constexpr std::size_t price_tiers_max = 100;

/// From 0 to quantity_max, with at most quantity_places_max decimals.
bool valid_quantity(const Rational& quantity);

enum class PriceModel : std::uint8_t {
  flat = 1,       ///< `unit_amount`, whatever the quantity.
  per_seat = 2,   ///< `unit_amount` for each unit.
  graduated = 3,  ///< Each unit at the price of the tier it falls in.
  volume = 4,     ///< All units at the price of the tier that the last one falls in.
  package = 5,    ///< `unit_amount` for each package begun.
  stairstep = 6,  ///< The flat amount of the tier that the last unit falls in.
};

struct PriceTier {
  std::optional<Rational> up_to{};  ///< The last quantity in it; nothing in the last tier, and only there.
  Rational unit_amount{};
  Rational flat_amount{};  ///< Once, when the tier is reached; the first tier's at quantity zero too.
};

/// A plan's price for one thing. `minimum_amount`, `maximum_amount` and `setup_fee` make lines of their own.
struct Price {
  PriceModel model = PriceModel::flat;
  Rational unit_amount{};  ///< Zero where there are tiers.
  Rational package_size{};
  std::vector<PriceTier> tiers{};
  Rational included_quantity{};  ///< Units that cost nothing; the model prices what is over.
  std::optional<std::int64_t> minimum_amount{};
  std::optional<std::int64_t> maximum_amount{};
  std::int64_t setup_fee = 0;
};

/// The first thing wrong with a price, `code` none if nothing is: `validation_failed` with the pointer of the member
/// below `at` ("/prices/0" and "/tiers/1/up_to") and what was `expected`.
Rejection check_price(const Price& price, std::string_view at = {});

enum class PriceStepKind : std::uint8_t { included = 1, flat = 2, units = 3, packages = 4, tier_flat = 5 };

/// One line of the explanation: quantity times unit amount is amount.
struct PriceStep {
  PriceStepKind kind = PriceStepKind::flat;
  std::int32_t tier = -1;  ///< Index of the tier, -1 if there are none.
  Rational quantity;
  Rational unit_amount;
  Rational amount;
};

struct PricedQuantity {
  std::vector<PriceStep> steps;  ///< Their amounts sum to `exact`.
  Rational exact;                ///< Minor units before rounding: what a proration takes a share of.
  std::int64_t amount = 0;       ///< Rounded, minor units.
};

/// What the quantity costs. Nothing if the amount is beyond amount_max. Requires a price that check_price accepts and a
/// valid quantity.
std::optional<PricedQuantity> price_of(const Price& price, const Rational& quantity,
                                       Rounding rounding = Rounding::half_away_from_zero);

/// What `quantity` more units cost after `before` units of the same period were charged, so that tiers and packages are
/// counted over the whole period and the parts sum to the whole. Negative where a volume price falls. Nothing beyond
/// amount_max or quantity_max.
std::optional<std::int64_t> price_of_more(const Price& price, const Rational& before, const Rational& quantity,
                                          Rounding rounding = Rounding::half_away_from_zero);

/// What a commitment or a cap does to a period's charge: amounts of lines of their own, in minor units.
struct BoundedSpend {
  std::int64_t true_up = 0;   ///< Charged on top to reach the minimum, with the period's last part only.
  std::int64_t discount = 0;  ///< Taken off what is charged now so that the maximum holds.
};

/// `before` was charged in this period already (after discounts), `charge` is new; none is negative. Minimum and
/// maximum are the whole period's, prorated by the caller where the period is.
BoundedSpend bound_spend(std::int64_t before, std::int64_t charge, std::optional<std::int64_t> minimum,
                         std::optional<std::int64_t> maximum, bool last_part);

}  // namespace daybook
