#include "domain/rules/pricing.h"

#include <algorithm>
#include <string>

#include "domain/assert.h"

namespace daybook {
namespace {

constexpr std::int64_t power_of_ten(int exponent) {
  return exponent == 0 ? 1 : 10 * power_of_ten(exponent - 1);
}

bool is_decimal(const Rational& value, std::int64_t most, int places_max) {
  return value.sign() >= 0 && value <= most && (value * power_of_ten(places_max)).is_whole();
}

bool is_price(const Rational& value) {
  return is_decimal(value, amount_max, unit_amount_places_max);
}

bool is_charge(std::int64_t minor) {
  return minor >= 0 && is_amount(minor);
}

bool has_tiers(PriceModel model) {
  return model == PriceModel::graduated || model == PriceModel::volume || model == PriceModel::stairstep;
}

Rejection wrong_price(std::string_view at, const std::string& member, std::string_view expected) {
  return must_be(std::string(at) + member, expected);
}

/// An amount for a unit, a package or a tier.
Rejection wrong_amount(std::string_view at, const std::string& member, const Rational& amount) {
  if (amount > amount_max) return {RejectionCode::amount_out_of_range, std::string(at) + member, {}};
  return wrong_price(at, member, "0 or more minor units with at most 12 decimals");
}

Rejection check_tiers(const Price& price, std::string_view at) {
  if (!has_tiers(price.model)) {
    return price.tiers.empty() ? Rejection{} : wrong_price(at, "/tiers", "left out with this model");
  }
  if (price.tiers.empty()) return wrong_price(at, "/tiers", "at least one tier");
  if (price.tiers.size() > price_tiers_max) return wrong_price(at, "/tiers", "at most 100 tiers");
  Rational below = 0;
  for (std::size_t i = 0; i < price.tiers.size(); ++i) {
    const PriceTier& tier = price.tiers[i];
    const std::string path = "/tiers/" + std::to_string(i);
    const bool is_last = i + 1 == price.tiers.size();
    if (is_last && tier.up_to) return wrong_price(at, path + "/up_to", "left out in the last tier");
    if (!is_last && !tier.up_to) return wrong_price(at, path + "/up_to", "a quantity in all tiers but the last");
    if (tier.up_to && !valid_quantity(*tier.up_to)) return wrong_price(at, path + "/up_to", "a quantity");
    if (tier.up_to && *tier.up_to <= below) return wrong_price(at, path + "/up_to", "more than the tier before");
    if (!is_price(tier.unit_amount)) return wrong_amount(at, path + "/unit_amount", tier.unit_amount);
    if (price.model == PriceModel::stairstep && tier.unit_amount.sign() != 0) {
      return wrong_price(at, path + "/unit_amount", "left out with this model");
    }
    if (!is_price(tier.flat_amount)) return wrong_amount(at, path + "/flat_amount", tier.flat_amount);
    if (tier.up_to) below = *tier.up_to;
  }
  return {};
}

/// Multiplies and adds up the steps.
class Steps {
 public:
  void add(PriceStepKind kind, std::int32_t tier, const Rational& quantity, const Rational& unit_amount) {
    const Rational amount = quantity * unit_amount;
    priced_.steps.push_back({kind, tier, quantity, unit_amount, amount});
    priced_.exact += amount;
  }
  void add_flat(std::int32_t index, const PriceTier& tier) {
    if (tier.flat_amount.sign() != 0) add(PriceStepKind::tier_flat, index, 1, tier.flat_amount);
  }
  PricedQuantity take() { return std::move(priced_); }

 private:
  PricedQuantity priced_;
};

void add_graduated(Steps& steps, const std::vector<PriceTier>& tiers, const Rational& quantity) {
  Rational below = 0;
  for (std::size_t i = 0;; ++i) {
    const bool holds_it = !tiers[i].up_to || quantity <= *tiers[i].up_to;
    const Rational top = holds_it ? quantity : *tiers[i].up_to;
    steps.add(PriceStepKind::units, static_cast<std::int32_t>(i), top - below, tiers[i].unit_amount);
    steps.add_flat(static_cast<std::int32_t>(i), tiers[i]);
    if (holds_it) return;
    below = top;
  }
}

/// Index of the tier that holds the quantity.
std::size_t tier_of(const std::vector<PriceTier>& tiers, const Rational& quantity) {
  std::size_t i = 0;
  while (tiers[i].up_to && quantity > *tiers[i].up_to) ++i;
  return i;
}

PricedQuantity priced(const Price& price, const Rational& quantity) {
  Steps steps;
  const Rational free = std::min(quantity, price.included_quantity);
  if (free.sign() > 0) steps.add(PriceStepKind::included, -1, free, 0);
  const Rational billable = quantity - free;
  switch (price.model) {
    case PriceModel::flat:
      steps.add(PriceStepKind::flat, -1, 1, price.unit_amount);
      break;
    case PriceModel::per_seat:
      steps.add(PriceStepKind::units, -1, billable, price.unit_amount);
      break;
    case PriceModel::graduated:
      add_graduated(steps, price.tiers, billable);
      break;
    case PriceModel::volume:
    case PriceModel::stairstep: {
      const std::size_t tier = tier_of(price.tiers, billable);
      const auto index = static_cast<std::int32_t>(tier);
      if (price.model == PriceModel::volume) {
        steps.add(PriceStepKind::units, index, billable, price.tiers[tier].unit_amount);
      }
      steps.add_flat(index, price.tiers[tier]);
      break;
    }
    case PriceModel::package: {
      // Quantities of up to 10^15 in packages of 10^-9 and more: 10^24 at the most, beyond 64 bits.
      const std::optional<std::int64_t> negative = floor(-(billable / price.package_size));
      if (!negative) throw std::overflow_error("more packages than can be counted");
      steps.add(PriceStepKind::packages, -1, -Rational(*negative), price.unit_amount);
      break;
    }
  }
  return steps.take();
}

}  // namespace

bool valid_quantity(const Rational& quantity) {
  return is_decimal(quantity, quantity_max, quantity_places_max);
}

Rejection check_price(const Price& price, std::string_view at) {
  if (price.model < PriceModel::flat || price.model > PriceModel::stairstep)
    return wrong_price(at, "/model", "a price model");
  if (!is_price(price.unit_amount)) return wrong_amount(at, "/amount", price.unit_amount);
  if (has_tiers(price.model) && price.unit_amount.sign() != 0) {
    return wrong_price(at, "/amount", "left out where there are tiers");
  }
  const bool is_package = price.model == PriceModel::package;
  if (is_package && (price.package_size.sign() <= 0 || !valid_quantity(price.package_size))) {
    return wrong_price(at, "/package_size", "a quantity of more than 0");
  }
  if (!is_package && price.package_size.sign() != 0)
    return wrong_price(at, "/package_size", "left out with this model");
  if (Rejection tiers = check_tiers(price, at); tiers.code != RejectionCode::none) return tiers;
  if (!valid_quantity(price.included_quantity)) {
    return wrong_price(at, "/included_quantity", "0 to 1000000000000000 with at most 9 decimals");
  }
  if (price.model == PriceModel::flat && price.included_quantity.sign() != 0) {
    return wrong_price(at, "/included_quantity", "left out with this model");
  }
  for (const auto& [member, bound] :
       {std::pair{"/minimum_amount", price.minimum_amount}, std::pair{"/maximum_amount", price.maximum_amount}}) {
    if (bound && !is_charge(*bound)) return wrong_amount(at, member, *bound);
  }
  if (price.minimum_amount && price.maximum_amount && *price.minimum_amount > *price.maximum_amount) {
    return wrong_price(at, "/maximum_amount", "at least the minimum");
  }
  if (!is_charge(price.setup_fee)) return wrong_amount(at, "/setup_fee", price.setup_fee);
  return {};
}

std::optional<PricedQuantity> price_of(const Price& price, const Rational& quantity, Rounding rounding) {
  ensure(valid_quantity(quantity), "a quantity is not valid");
  std::optional<PricedQuantity> result = exactly([&] { return priced(price, quantity); });
  if (!result) return std::nullopt;
  const std::optional<std::int64_t> amount = round(result->exact, rounding);
  if (!amount || !is_amount(*amount)) return std::nullopt;
  result->amount = *amount;
  return result;
}

std::optional<std::int64_t> price_of_more(const Price& price, const Rational& before, const Rational& quantity,
                                          Rounding rounding) {
  ensure(valid_quantity(quantity), "a quantity is not valid");
  const Rational sum = before + quantity;
  if (!valid_quantity(sum)) return std::nullopt;
  const std::optional<PricedQuantity> charged = price_of(price, before, rounding);
  const std::optional<PricedQuantity> whole = price_of(price, sum, rounding);
  if (!charged || !whole) return std::nullopt;
  return whole->amount - charged->amount;
}

BoundedSpend bound_spend(std::int64_t before, std::int64_t charge, std::optional<std::int64_t> minimum,
                         std::optional<std::int64_t> maximum, bool last_part) {
  const std::int64_t sum = before + charge;
  BoundedSpend bounded;
  if (maximum && sum > *maximum) bounded.discount = std::min(charge, sum - *maximum);
  if (minimum && last_part && sum < *minimum) bounded.true_up = *minimum - sum;
  return bounded;
}

}  // namespace daybook
