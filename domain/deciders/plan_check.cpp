#include "domain/deciders/plan_check.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

#include "schemas/events/plans_generated.h"

namespace daybook {
namespace {

/// The metrics that limits can be set for.
constexpr std::array<std::string_view, 8> metrics = {"referred_users", "campaigns", "seats",     "leaderboard_entries",
                                                     "email_sends",    "users",     "api_calls", "storage_gb"};

/// An absent decimal is zero. False: the text is none.
bool read_decimal(const std::string& text, int places_max, Rational& out) {
  if (text.empty()) return true;
  const std::optional<Rational> value = parse_decimal(text, places_max);
  if (value) out = *value;
  return value.has_value();
}

std::string item(std::string_view list, std::size_t index) {
  return "/" + std::string(list) + "/" + std::to_string(index);
}

std::optional<Rejection> check_prices(const schema::PlanTermsT& terms) {
  for (std::size_t i = 0; i < terms.prices.size(); ++i) {
    const schema::PlanPriceT& price = *terms.prices[i];
    const std::string at = item("prices", i);
    const std::optional<Price> computed = price_of_terms(price);
    if (!computed) return must_be(at, "of decimals");
    if (Rejection wrong = check_price(*computed, at); wrong.code != RejectionCode::none) return wrong;
    const auto is_same = [&price](const std::unique_ptr<schema::PlanPriceT>& other) {
      return std::tie(other->currency, other->interval, other->interval_count) ==
             std::tie(price.currency, price.interval, price.interval_count);
    };
    const auto end = terms.prices.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::any_of(terms.prices.begin(), end, is_same)) {
      return must_be(at, "the only price for its currency and interval");
    }
  }
  return std::nullopt;
}

std::optional<Rejection> check_limits(const schema::PlanTermsT& terms) {
  for (const auto& limit : terms.limits) {
    if (std::find(metrics.begin(), metrics.end(), limit->metric) == metrics.end()) {
      return must_be("/limits/" + limit->metric, "a metric that is known");
    }
    if (limit->limit.has_value() && *limit->limit < 0)
      return must_be("/limits/" + limit->metric, "zero or more, or null");
  }
  return std::nullopt;
}

template <class Terms>
bool says_interval(const Terms& terms) {
  return terms.interval != schema::IntervalUnit{} || terms.interval_count != 0;
}

/// What is left out of an interval: its unit, or that it is one of them.
template <class Terms>
void complete_interval(Terms& terms, schema::IntervalUnit unit) {
  if (terms.interval == schema::IntervalUnit{}) terms.interval = unit;
  if (terms.interval_count == 0) terms.interval_count = 1;
}

}  // namespace

void complete_intervals(schema::PlanTermsT& terms) {
  if (!says_interval(terms)) {
    const auto is_for_a_month = [](const std::unique_ptr<schema::PlanPriceT>& price) {
      const bool is_by_month =
          price->interval == schema::IntervalUnit{} || price->interval == schema::IntervalUnit::month;
      return is_by_month && price->interval_count <= 1;
    };
    if (!terms.prices.empty() && std::none_of(terms.prices.begin(), terms.prices.end(), is_for_a_month)) {
      terms.interval = terms.prices.front()->interval;
      terms.interval_count = terms.prices.front()->interval_count;
    }
  }
  complete_interval(terms, schema::IntervalUnit::month);
  for (const auto& price : terms.prices) {
    if (!says_interval(*price)) {
      price->interval = terms.interval;
      price->interval_count = terms.interval_count;
    }
    complete_interval(*price, terms.interval);
  }
}

std::optional<Price> price_of_terms(const schema::PlanPriceT& terms) {
  Price price;
  price.model = static_cast<PriceModel>(terms.model);
  if (!read_decimal(terms.unit_amount, unit_amount_places_max, price.unit_amount)) return std::nullopt;
  if (!read_decimal(terms.package_size, quantity_places_max, price.package_size)) return std::nullopt;
  if (!read_decimal(terms.included_quantity, quantity_places_max, price.included_quantity)) return std::nullopt;
  for (const auto& row : terms.tiers) {
    PriceTier tier;
    if (!read_decimal(row->unit_amount, unit_amount_places_max, tier.unit_amount)) return std::nullopt;
    if (!row->up_to.empty() && !read_decimal(row->up_to, quantity_places_max, tier.up_to.emplace())) {
      return std::nullopt;
    }
    tier.flat_amount = row->flat_amount;
    price.tiers.push_back(std::move(tier));
  }
  if (terms.minimum_amount.has_value()) price.minimum_amount = *terms.minimum_amount;
  if (terms.maximum_amount.has_value()) price.maximum_amount = *terms.maximum_amount;
  price.setup_fee = terms.setup_fee;
  return price;
}

std::optional<Rejection> check_plan_terms(const schema::PlanTermsT& terms) {
  if (auto wrong = check_prices(terms)) return wrong;
  if (auto wrong = check_limits(terms)) return wrong;
  if (const auto pointer = find_shared_provider_price(terms, {})) {
    return Rejection{RejectionCode::duplicate_provider_price, *pointer, {}};
  }
  return std::nullopt;
}

std::optional<std::string> find_shared_provider_price(const schema::PlanTermsT& terms,
                                                      const schema::PlanTermsT& other) {
  const auto count = [](const schema::PlanTermsT& where, const schema::ProviderPriceT& wanted) {
    std::size_t found = 0;
    for (const auto& price : where.prices) {
      for (const auto& row : price->provider_prices) {
        found += row->provider == wanted.provider && row->price_id == wanted.price_id ? 1U : 0U;
      }
    }
    return found;
  };
  for (std::size_t i = 0; i < terms.prices.size(); ++i) {
    const auto& rows = terms.prices[i]->provider_prices;
    for (std::size_t k = 0; k < rows.size(); ++k) {
      if (count(other, *rows[k]) > 0 || count(terms, *rows[k]) > 1) {
        return item("prices", i) + item("provider_prices", k) + "/price_id";
      }
    }
  }
  return std::nullopt;
}

}  // namespace daybook
