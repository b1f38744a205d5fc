#include "connectors/stripe_catalogue.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "domain/check.h"
#include "domain/currency.h"
#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "domain/rational.h"
#include "domain/rules/pricing.h"
#include "schemas/events/plans_generated.h"

namespace daybook {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;
using PricePointer = std::unique_ptr<schema::PlanPriceT>;

constexpr std::string_view limit_member = "daybook_limit_";
constexpr std::size_t product_name_characters_max = 200;  ///< As of any plan; the same below.
constexpr std::size_t product_text_characters_max = 500;
constexpr std::size_t feature_characters_max = 100;
constexpr std::int64_t trial_days_max = 730;
constexpr std::int64_t interval_count_max = 3'650;
constexpr std::array<std::pair<std::string_view, schema::IntervalUnit>, 4> intervals = {
    {{"day", schema::IntervalUnit::day},
     {"week", schema::IntervalUnit::week},
     {"month", schema::IntervalUnit::month},
     {"year", schema::IntervalUnit::year}}};

/// Thrown of a product that can be no plan.
struct Unusable {
  Rejection fault;
};

[[noreturn]] void refuse(std::string_view pointer, std::string_view expected) {
  throw Unusable{must_be(pointer, expected)};
}

/// The text there; empty if there is none.
std::string text_of(const element& from, std::string_view pointer) {
  std::string_view text;
  return from.at_pointer(pointer).get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::optional<std::int64_t> number_of(const element& from, std::string_view pointer) {
  std::int64_t number = 0;
  if (from.at_pointer(pointer).get(number) != simdjson::SUCCESS) return std::nullopt;
  return number;
}

bool is_set(const element& from, std::string_view pointer) {
  bool value = false;
  return from.at_pointer(pointer).get(value) == simdjson::SUCCESS && value;
}

/// A member that is an object's id, or the object itself.
std::string id_of(const element& from, const std::string& pointer) {
  const std::string id = text_of(from, pointer);
  return id.empty() ? text_of(from, pointer + "/id") : id;
}

std::int64_t whole_number(const std::string& text, std::string_view pointer, std::int64_t most) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (!is_whole || number < 0 || number > most) refuse(pointer, "a whole number from 0 to " + std::to_string(most));
  return number;
}

/// An amount in minor units: Stripe tells it as an integer and, where that is not exact, as a decimal only.
std::string amount_of(const element& price, const std::string& name) {
  std::string text = text_of(price, "/" + name + "_decimal");
  if (text.empty()) {
    const std::optional<std::int64_t> minor = number_of(price, "/" + name);
    if (!minor) return {};
    text = std::to_string(*minor);
  }
  const std::optional<Rational> value = parse_decimal(text, unit_amount_places_max);
  if (!value) refuse("/prices", "of amounts with up to 12 decimals");
  return *format_decimal(*value, unit_amount_places_max);
}

void read_tiers(schema::PlanPriceT& price, const element& from) {
  const std::string mode = text_of(from, "/tiers_mode");
  if (mode != "graduated" && mode != "volume") refuse("/prices", "graduated or volume where they are tiered");
  price.model = mode == "volume" ? schema::PriceModel::volume : schema::PriceModel::graduated;
  simdjson::dom::array tiers;
  if (from.at_pointer("/tiers").get(tiers) != simdjson::SUCCESS) refuse("/prices", "told with their tiers");
  for (const element row : tiers) {
    auto tier = std::make_unique<schema::PriceTierT>();
    if (const auto up_to = number_of(row, "/up_to")) tier->up_to = std::to_string(*up_to);
    tier->unit_amount = amount_of(row, "unit_amount");
    tier->flat_amount = number_of(row, "/flat_amount").value_or(0);
    price.tiers.push_back(std::move(tier));
  }
}

void read_unit_price(schema::PlanPriceT& price, const element& from) {
  price.model = schema::PriceModel::per_seat;
  price.unit_amount = amount_of(from, "unit_amount");
  if (price.unit_amount.empty()) refuse("/prices", "of fixed amounts");
  const std::optional<std::int64_t> size = number_of(from, "/transform_quantity/divide_by");
  if (!size) return;
  if (text_of(from, "/transform_quantity/round") != "up") refuse("/prices", "rounded up to whole packages");
  price.model = schema::PriceModel::package;
  price.package_size = std::to_string(*size);
}

PricePointer read_price(std::string_view provider, const std::string& product_id, const element& from) {
  auto price = std::make_unique<schema::PlanPriceT>();
  std::string code = text_of(from, "/currency");
  for (char& c : code) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  const std::optional<Currency> currency = find_currency(code);
  if (!currency || !billable(*currency)) refuse("/prices", "in currencies that can be billed in");
  price->currency = currency->packed;
  const std::string interval = text_of(from, "/recurring/interval");
  const auto* const unit =
      std::find_if(intervals.begin(), intervals.end(), [&](const auto& row) { return row.first == interval; });
  const std::int64_t count = number_of(from, "/recurring/interval_count").value_or(1);
  if (unit == intervals.end() || count < 1 || count > interval_count_max)
    refuse("/prices", "for days, weeks, months or years");
  price->interval = unit->second;
  price->interval_count = static_cast<std::uint16_t>(count);
  if (text_of(from, "/recurring/usage_type") == "metered")
    refuse("/prices", "for what is bought, not for what is used");
  if (text_of(from, "/billing_scheme") == "tiered") {
    read_tiers(*price, from);
  } else {
    read_unit_price(*price, from);
  }
  price->tax_behavior =
      text_of(from, "/tax_behavior") == "inclusive" ? schema::TaxBehavior::inclusive : schema::TaxBehavior::exclusive;
  auto row = std::make_unique<schema::ProviderPriceT>();
  row->provider = provider;
  row->product_id = product_id;
  row->price_id = text_of(from, "/id");
  price->provider_prices.push_back(std::move(row));
  return price;
}

std::string checked(std::string text, std::string_view pointer, std::size_t most, Lines lines = Lines::one) {
  if (check_text(text, most, lines) != TextFault::none) {
    refuse(pointer, "text of up to " + std::to_string(most) + " characters");
  }
  return text;
}

/// Reads what a product tells of its plan.
class ProductReader {
 public:
  ProductReader(std::string_view provider, const element& from) : provider_(provider), from_(from) {}

  ProviderProduct read(const std::vector<element>& prices) {
    product_.product_id = text_of(from_, "/id");
    product_.is_offered = is_set(from_, "/active");
    product_.terms = std::make_shared<schema::PlanTermsT>();
    product_.terms->proration = schema::ProrationUnit::by_policy;
    try {
      read_texts();
      read_metadata();
      read_prices(prices);
    } catch (Unusable& unusable) {
      product_.terms.reset();
      product_.fault = std::move(unusable.fault);
    }
    return std::move(product_);
  }

 private:
  void tells(std::string_view member) { product_.members.emplace_back(member); }

  void read_texts() {
    schema::PlanTermsT& terms = *product_.terms;
    terms.name = checked(text_of(from_, "/name"), "/name", product_name_characters_max);
    if (terms.name.empty()) refuse("/name", "a text");
    tells("name");
    terms.description =
        checked(text_of(from_, "/description"), "/description", product_text_characters_max, Lines::many);
    tells("description");
    simdjson::dom::array features;
    if (from_.at_pointer("/marketing_features").get(features) != simdjson::SUCCESS) return;
    for (const element feature : features) {
      terms.features.push_back(checked(text_of(feature, "/name"), "/features", feature_characters_max));
    }
    tells("features");
  }

  void read_metadata() {
    object metadata;
    if (from_.at_pointer("/metadata").get(metadata) != simdjson::SUCCESS) return;
    schema::PlanTermsT& terms = *product_.terms;
    for (const auto& [name, value] : metadata) {
      std::string_view view;
      if (value.get(view) != simdjson::SUCCESS) continue;
      const std::string text(view);
      if (name == "daybook_plan") {
        product_.plan_id = text;
      } else if (name == "daybook_code") {
        if (!valid_client_id(text)) refuse("/code", "letters, digits, dots, dashes and underscores");
        terms.code = text;
        tells("code");
      } else if (name == "daybook_tier") {
        if (!valid_unit_name(text)) refuse("/tier", "a lower-case name");
        terms.tier = text;
        tells("tier");
      } else if (name == "daybook_trial_days") {
        terms.trial_days = static_cast<std::uint16_t>(whole_number(text, "/trial_days", trial_days_max));
        tells("trial_days");
      } else if (name == "daybook_unit_credits_per_cycle") {
        terms.unit_credits_per_cycle = whole_number(text, "/unit_credits_per_cycle", amount_max);
        tells("unit_credits_per_cycle");
      } else if (name.starts_with(limit_member)) {
        add_limit(std::string(name.substr(limit_member.size())), text);
      }
    }
    // In an order of our own: another one of the provider's is no other plan.
    std::ranges::sort(terms.limits, {}, [](const auto& limit) { return limit->metric; });
    if (!terms.limits.empty()) tells("limits");
  }

  void add_limit(std::string metric, const std::string& text) {
    auto limit = std::make_unique<schema::PlanLimitT>();
    if (text != "unlimited") limit->limit = whole_number(text, "/limits/" + metric, amount_max);
    limit->metric = std::move(metric);
    product_.terms->limits.push_back(std::move(limit));
  }

  void read_prices(const std::vector<element>& prices) {
    schema::PlanTermsT& terms = *product_.terms;
    const std::string usual = id_of(from_, "/default_price");
    const schema::PlanPriceT* meant = nullptr;
    for (const element& from : prices) {
      terms.prices.push_back(read_price(provider_, product_.product_id, from));
      if (meant == nullptr || text_of(from, "/id") == usual) meant = terms.prices.back().get();
    }
    if (meant == nullptr) refuse("/prices", "one or more that are paid again and again");
    terms.interval = meant->interval;
    terms.interval_count = meant->interval_count;
    for (const std::string_view member : {"prices", "interval", "interval_count"}) tells(member);
  }

  std::string_view provider_;
  const element& from_;
  ProviderProduct product_;
};

}  // namespace

ProviderCatalogue read_stripe_catalogue(std::string_view provider, std::string_view text) {
  ProviderCatalogue catalogue;
  catalogue.provider = provider;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array products, prices;
  const bool is_one = parser.parse(text.data(), text.size()).get(root) == simdjson::SUCCESS &&
                      root.at_pointer("/products/data").get(products) == simdjson::SUCCESS &&
                      root.at_pointer("/prices/data").get(prices) == simdjson::SUCCESS;
  // A page of more would look as if the rest were gone.
  const bool is_whole = is_one && !is_set(root, "/products/has_more") && !is_set(root, "/prices/has_more") &&
                        products.size() <= provider_products_max;
  if (!is_whole) {
    catalogue.fault = RejectionCode::provider_error;
    return catalogue;
  }
  std::map<std::string, std::vector<element>> prices_of;
  for (const element price : prices) {
    const bool is_recurring = price.at_pointer("/recurring").is_object();
    if (is_recurring && is_set(price, "/active")) prices_of[id_of(price, "/product")].push_back(price);
  }
  for (auto& [product, rows] : prices_of) {
    std::ranges::sort(rows, {}, [](const element& price) { return text_of(price, "/id"); });
  }
  for (const element product : products) {
    if (text_of(product, "/id").empty()) continue;
    catalogue.products.push_back(ProductReader(provider, product).read(prices_of[text_of(product, "/id")]));
  }
  return catalogue;
}

}  // namespace daybook
