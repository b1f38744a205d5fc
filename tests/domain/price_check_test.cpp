#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "domain/rules/pricing.h"

namespace daybook {
namespace {

/// The pointer of what is wrong, empty if nothing is.
std::string fault(const Price& price) {
  const Rejection rejection = check_price(price, "/price");
  if (rejection.code == RejectionCode::none) return "";
  if (rejection.code == RejectionCode::amount_out_of_range) return rejection.pointer + " is out of range";
  CHECK(rejection.code == RejectionCode::validation_failed);
  CHECK(rejection.details.size() == 1);
  return rejection.pointer;
}

Price graduated(std::vector<PriceTier> tiers) {
  return {.model = PriceModel::graduated, .tiers = std::move(tiers)};
}

TEST_CASE("a price is checked member by member, and what is wrong is pointed at") {
  const Rational too_fine = Rational::scaled(1, 13);
  CHECK(fault({.model = static_cast<PriceModel>(0)}) == "/price/model");
  CHECK(fault({.model = static_cast<PriceModel>(7)}) == "/price/model");
  CHECK(fault({.unit_amount = amount_max}) == "");
  CHECK(fault({.unit_amount = amount_max + Rational::scaled(1, 12)}) == "/price/amount is out of range");
  CHECK(fault({.unit_amount = -1}) == "/price/amount");
  CHECK(fault({.unit_amount = Rational::scaled(1, 12)}) == "");
  CHECK(fault({.unit_amount = too_fine}) == "/price/amount");
  CHECK(fault({.unit_amount = 1, .package_size = 1}) == "/price/package_size");
  CHECK(fault({.model = PriceModel::package, .unit_amount = 1}) == "/price/package_size");
  CHECK(fault({.model = PriceModel::package, .unit_amount = 1, .package_size = -1}) == "/price/package_size");
  CHECK(fault({.model = PriceModel::package, .package_size = Rational::scaled(1, 10)}) == "/price/package_size");
  CHECK(fault({.unit_amount = 1, .tiers = {{}}}) == "/price/tiers");
  CHECK(fault(graduated({})) == "/price/tiers");
  CHECK(fault(graduated({{}})) == "");
  CHECK(fault({.model = PriceModel::volume, .unit_amount = 1, .tiers = {{}}}) == "/price/amount");
  CHECK(fault(graduated({{.up_to = 5}})) == "/price/tiers/0/up_to");
  CHECK(fault(graduated({{}, {}})) == "/price/tiers/0/up_to");
  CHECK(fault(graduated({{.up_to = 0}, {}})) == "/price/tiers/0/up_to");
  CHECK(fault(graduated({{.up_to = 5}, {.up_to = 5}, {}})) == "/price/tiers/1/up_to");
  CHECK(fault(graduated({{.up_to = 5}, {.up_to = 4}, {}})) == "/price/tiers/1/up_to");
  CHECK(fault(graduated({{.up_to = 5}, {.up_to = 6}, {}})) == "");
  CHECK(fault(graduated({{.up_to = quantity_max}, {}})) == "");
  CHECK(fault(graduated({{.up_to = quantity_max + 1}, {}})) == "/price/tiers/0/up_to");
  CHECK(fault(graduated({{.up_to = Rational::scaled(1, 10)}, {}})) == "/price/tiers/0/up_to");
  CHECK(fault(graduated({{.unit_amount = too_fine}})) == "/price/tiers/0/unit_amount");
  CHECK(fault(graduated({{.flat_amount = -1}})) == "/price/tiers/0/flat_amount");
  CHECK(fault({.model = PriceModel::stairstep, .tiers = {{.unit_amount = 1}}}) == "/price/tiers/0/unit_amount");
  CHECK(fault({.model = PriceModel::stairstep, .tiers = {{.flat_amount = 1}}}) == "");
  std::vector<PriceTier> many;
  for (std::size_t i = 1; i < price_tiers_max; ++i) many.push_back({.up_to = static_cast<std::int64_t>(i)});
  many.push_back({});
  CHECK(fault(graduated(many)) == "");
  many.insert(many.begin(), {.up_to = Rational(1, 2)});
  CHECK(fault(graduated(many)) == "/price/tiers");
  CHECK(fault({.model = PriceModel::per_seat, .included_quantity = 3}) == "");
  CHECK(fault({.model = PriceModel::per_seat, .included_quantity = -3}) == "/price/included_quantity");
  CHECK(fault({.model = PriceModel::flat, .included_quantity = 3}) == "/price/included_quantity");
  CHECK(fault({.minimum_amount = -1}) == "/price/minimum_amount");
  CHECK(fault({.minimum_amount = amount_max + 1}) == "/price/minimum_amount is out of range");
  CHECK(fault({.maximum_amount = -1}) == "/price/maximum_amount");
  CHECK(fault({.minimum_amount = 5}) == "");
  CHECK(fault({.minimum_amount = 5, .maximum_amount = 5}) == "");
  CHECK(fault({.minimum_amount = 5, .maximum_amount = 4}) == "/price/maximum_amount");
  CHECK(fault({.setup_fee = amount_max}) == "");
  CHECK(fault({.setup_fee = amount_max + 1}) == "/price/setup_fee is out of range");
  CHECK(fault({.setup_fee = -1}) == "/price/setup_fee");
  CHECK(check_price({.setup_fee = -1}).pointer == "/setup_fee");
}

}  // namespace
}  // namespace daybook
