// A Stripe account's products and prices as plans: what is read, what stays out, and what is said of it.
#include "connectors/stripe_catalogue.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "connectors/simulated_provider.h"
#include "domain/currency.h"
#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "schemas/events/plans_generated.h"

using namespace daybook;

namespace {

const std::string monthly = R"("recurring":{"interval":"month"})";

/// Of one product with those members, and those prices.
std::string catalogue_of(const std::string& product, const std::string& prices) {
  return R"({"products":{"data":[{"id":"prod_1","active":true,"name":"One")" + product + R"(}]},"prices":{"data":[)" +
         prices + "]}}";
}
std::string price_with(const std::string& members) {
  return R"({"id":"price_1","active":true,"product":"prod_1","currency":"usd",)" + members + "}";
}

ProviderProduct read_one(const std::string& product, const std::string& prices) {
  const ProviderCatalogue catalogue = read_stripe_catalogue("simulator", catalogue_of(product, prices));
  REQUIRE(catalogue.fault == RejectionCode::none);
  REQUIRE(catalogue.products.size() == 1);
  return catalogue.products.front();
}

std::string fault_of(const std::string& product, const std::string& prices) {
  const ProviderProduct read = read_one(product, prices);
  CHECK(read.terms == nullptr);
  return read.fault.pointer;
}

schema::PlanPriceT price_of(const std::string& members) {
  const ProviderProduct read = read_one("", price_with(members));
  REQUIRE(read.terms != nullptr);
  REQUIRE(read.terms->prices.size() == 1);
  return *read.terms->prices.front();
}

}  // namespace

TEST_CASE("PLN-11: the catalogue that comes along is read as plans") {
  const auto file = std::filesystem::path(DAYBOOK_SOURCE_DIR) / "tests/support/stripe_catalogue.json";
  const ProviderCatalogue catalogue = simulated_catalogue(file);
  REQUIRE(catalogue.fault == RejectionCode::none);
  CHECK(catalogue.provider == "simulator");
  REQUIRE(catalogue.products.size() == 4);
  const ProviderProduct& team = catalogue.products[0];
  CHECK(team.product_id == "prod_team");
  CHECK(team.plan_id == "imported-team");
  REQUIRE(team.terms != nullptr);
  CHECK(team.terms->name == "Team");
  CHECK(team.terms->code == "IMPORTED-TEAM");
  CHECK(team.terms->tier == "professional");
  CHECK(team.terms->trial_days == 14);
  CHECK(team.terms->features == std::vector<std::string>{"Shared inbox"});
  REQUIRE(team.terms->limits.size() == 2);
  CHECK(team.terms->limits[0]->metric == "api_calls");
  CHECK_FALSE(team.terms->limits[0]->limit.has_value());
  CHECK(*team.terms->limits[1]->limit == 25);
  REQUIRE(team.terms->prices.size() == 2);  // what is paid once is no plan's
  CHECK(team.terms->prices[0]->provider_prices.front()->price_id == "price_team_month");
  CHECK(team.terms->prices[1]->provider_prices.front()->product_id == "prod_team");
  CHECK(team.terms->interval == schema::IntervalUnit::month);
  const ProviderProduct& tiers = catalogue.products[1];
  REQUIRE(tiers.terms != nullptr);
  CHECK(tiers.plan_id.empty());
  CHECK(tiers.terms->interval_count == 3);
  const schema::PlanPriceT& price = *tiers.terms->prices.front();
  CHECK(price.model == schema::PriceModel::graduated);
  REQUIRE(price.tiers.size() == 2);
  CHECK(price.tiers[0]->up_to == "10");
  CHECK(price.tiers[0]->unit_amount == "500");
  CHECK(price.tiers[1]->up_to.empty());
  CHECK(price.tiers[1]->unit_amount == "250.5");
  CHECK(price.tiers[1]->flat_amount == 100);
  CHECK(catalogue.products[2].fault.pointer == "/prices");
  CHECK_FALSE(catalogue.products[3].is_offered);
}

TEST_CASE("PLN-11: each kind of price that can be a plan's is one") {
  const auto seat = price_of(R"("unit_amount":100,)" + monthly);
  CHECK(seat.model == schema::PriceModel::per_seat);
  CHECK(seat.unit_amount == "100");
  CHECK(seat.currency == currency_of("USD").packed);
  CHECK(seat.tax_behavior == schema::TaxBehavior::exclusive);
  CHECK(price_of(R"("unit_amount":null,"unit_amount_decimal":"0.50",)" + monthly).unit_amount == "0.5");
  CHECK(price_of(R"("unit_amount":1,"tax_behavior":"inclusive",)" + monthly).tax_behavior ==
        schema::TaxBehavior::inclusive);
  const auto package = price_of(R"("unit_amount":1,"transform_quantity":{"divide_by":12,"round":"up"},)" + monthly);
  CHECK(package.model == schema::PriceModel::package);
  CHECK(package.package_size == "12");
  const auto volume = price_of(
      R"("billing_scheme":"tiered","tiers_mode":"volume","tiers":[{"up_to":null,"unit_amount":7}],)" + monthly);
  CHECK(volume.model == schema::PriceModel::volume);
  const auto weeks = price_of(R"("unit_amount":1,"recurring":{"interval":"week","interval_count":2})");
  CHECK(weeks.interval == schema::IntervalUnit::week);
  CHECK(weeks.interval_count == 2);
}

TEST_CASE("PLN-11: a product that can be no plan names the member") {
  const std::string price = price_with(R"("unit_amount":1,)" + monthly);
  CHECK(fault_of("", "") == "/prices");
  CHECK(fault_of("", price_with(R"("unit_amount":1,"recurring":null)")) == "/prices");
  CHECK(fault_of("", price_with(R"("unit_amount":1,"recurring":{"interval":"decade"})")) == "/prices");
  CHECK(fault_of("", price_with(R"("unit_amount":1,"recurring":{"interval":"day","interval_count":0})")) == "/prices");
  CHECK(fault_of("", price_with(R"("unit_amount":1,"recurring":{"interval":"day","usage_type":"metered"})")) ==
        "/prices");
  CHECK(fault_of("", price_with(monthly)) == "/prices");  // the customer chooses how much
  CHECK(fault_of("", price_with(R"("unit_amount_decimal":"a",)" + monthly)) == "/prices");
  CHECK(fault_of("", price_with(R"("unit_amount":1,"transform_quantity":{"divide_by":2,"round":"down"},)" + monthly)) ==
        "/prices");
  CHECK(fault_of("", price_with(R"("billing_scheme":"tiered",)" + monthly)) == "/prices");
  CHECK(fault_of("", price_with(R"("billing_scheme":"tiered","tiers_mode":"volume",)" + monthly)) == "/prices");
  CHECK(fault_of("", R"({"id":"p","active":true,"product":"prod_1","currency":"xau","unit_amount":1,)" + monthly +
                         "}") == "/prices");
  CHECK(fault_of(R"(,"metadata":{"daybook_trial_days":"731"})", price) == "/trial_days");
  CHECK(fault_of(R"(,"metadata":{"daybook_trial_days":"-1"})", price) == "/trial_days");
  CHECK(fault_of(R"(,"metadata":{"daybook_trial_days":"1x"})", price) == "/trial_days");
  CHECK(fault_of(R"(,"metadata":{"daybook_code":"a b"})", price) == "/code");
  CHECK(fault_of(R"(,"metadata":{"daybook_tier":"A tier"})", price) == "/tier");
  CHECK(fault_of(R"(,"metadata":{"daybook_limit_seats":"many"})", price) == "/limits/seats");
  CHECK(fault_of(R"(,"description":")" + std::string(501, 'a') + '"', price) == "/description");
  const ProviderCatalogue nameless =
      read_stripe_catalogue("simulator", R"({"products":{"data":[{"id":"p","active":true}]},"prices":{"data":[]}})");
  CHECK(nameless.products.front().fault.pointer == "/name");
}

TEST_CASE("PLN-11: a price that is no longer offered, or another product's, is none of the plan's; no order counts") {
  const std::string one = price_with(R"("unit_amount":1,)" + monthly);
  const std::string two =
      R"({"id":"price_0","active":true,"product":{"id":"prod_1"},"currency":"eur","unit_amount":2,)" + monthly + "}";
  const std::string old =
      R"({"id":"price_2","active":false,"product":"prod_1","currency":"gbp","unit_amount":3,)" + monthly + "}";
  const std::string other =
      R"({"id":"price_3","active":true,"product":"prod_2","currency":"gbp","unit_amount":3,)" + monthly + "}";
  const ProviderProduct read = read_one(R"(,"default_price":"price_1")", one + "," + two + "," + old + "," + other);
  REQUIRE(read.terms != nullptr);
  CHECK(read.terms->prices.size() == 2);
  CHECK(*read.terms == *read_one(R"(,"default_price":"price_1")", other + "," + two + "," + one).terms);
}

TEST_CASE("PLN-11: what is no catalogue, or only a part of one, is the provider's fault") {
  for (const std::string text : {"", "{", "[]", R"({"products":{"data":[]}})", R"({"products":[],"prices":[]})",
                                 R"({"products":{"has_more":true,"data":[]},"prices":{"data":[]}})",
                                 R"({"products":{"data":[]},"prices":{"has_more":true,"data":[]}})"}) {
    CAPTURE(text);
    CHECK(read_stripe_catalogue("simulator", text).fault == RejectionCode::provider_error);
  }
  const ProviderCatalogue empty =
      read_stripe_catalogue("simulator", R"({"products":{"data":[]},"prices":{"data":[]}})");
  CHECK(empty.fault == RejectionCode::none);
  CHECK(empty.products.empty());
  std::string products;
  for (std::size_t i = 0; i <= provider_products_max; ++i) {
    products += (i == 0 ? R"({"id":"p)" : R"(,{"id":"p)") + std::to_string(i) + R"("})";
  }
  const auto with = [](const std::string& rows) {
    return read_stripe_catalogue("simulator", R"({"products":{"data":[)" + rows + R"(]},"prices":{"data":[]}})");
  };
  CHECK(with(products).fault == RejectionCode::provider_error);
  products.resize(products.rfind(','));
  CHECK(with(products).products.size() == provider_products_max);
  CHECK(simulated_catalogue("/nowhere/at/all.json").fault == RejectionCode::provider_error);
}
