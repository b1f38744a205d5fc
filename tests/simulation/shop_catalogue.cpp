#include "tests/simulation/shop_catalogue.h"

#include <algorithm>

#include "domain/currency.h"
#include "schemas/events/plans_generated.h"

namespace daybook::test {
namespace {

struct ShopPlan {
  const char* name;
  schema::IntervalUnit interval;
  std::uint16_t interval_count;
  schema::PriceModel model;
  std::int64_t unit_amount;
  std::uint16_t trial_days;
  bool is_sent;  ///< Its invoices are, and wait until they are due.
};

using Unit = schema::IntervalUnit;
using Model = schema::PriceModel;
const std::vector<ShopPlan> plans{
    {"monthly", Unit::month, 1, Model::flat, 2'900, 0, false},
    {"seats", Unit::month, 1, Model::per_seat, 1'000, 0, false},
    {"trial", Unit::month, 1, Model::flat, 4'900, 14, false},
    {"quarterly", Unit::month, 3, Model::per_seat, 2'500, 0, true},
    {"yearly", Unit::year, 1, Model::flat, 99'000, 30, false},
    {"weekly", Unit::week, 2, Model::flat, 700, 0, false},
    {"daily", Unit::day, 5, Model::per_seat, 90, 0, false},
    {"free", Unit::month, 1, Model::flat, 0, 0, false},
    {"steps", Unit::month, 1, Model::graduated, 500, 0, true},
};

std::unique_ptr<schema::PlanPriceT> price_of(const ShopPlan& plan, const char* currency, schema::IntervalUnit interval,
                                             std::uint16_t count, std::int64_t unit_amount) {
  auto price = std::make_unique<schema::PlanPriceT>();
  price->currency = find_currency(currency)->packed;
  price->interval = interval;
  price->interval_count = count;
  price->model = plan.model;
  if (plan.model != Model::graduated) {
    price->unit_amount = std::to_string(unit_amount);
    return price;
  }
  for (const char* up_to : {"10", ""}) {
    auto tier = std::make_unique<schema::PriceTierT>();
    tier->up_to = up_to;
    tier->unit_amount = std::to_string(unit_amount);
    tier->flat_amount = 100;
    price->tiers.push_back(std::move(tier));
    unit_amount /= 2;
  }
  return price;
}

}  // namespace

const std::vector<std::string>& shop_plans() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> made;
    for (const ShopPlan& plan : plans) made.emplace_back(plan.name);
    return made;
  }();
  return names;
}

CreatePlan create_shop_plan(const std::string& name) {
  const auto plan = std::find_if(plans.begin(), plans.end(), [&](const ShopPlan& one) { return one.name == name; });
  CreatePlan command;
  command.plan_id = name;
  command.terms = std::make_shared<schema::PlanTermsT>();
  command.terms->name = name;
  command.terms->interval = plan->interval;
  command.terms->interval_count = plan->interval_count;
  for (const char* currency : {"USD", "EUR", "JPY"}) {
    command.terms->prices.push_back(price_of(*plan, currency, plan->interval, plan->interval_count, plan->unit_amount));
  }
  // By the year as well: a change of the interval begins a new row of periods.
  if (plan->interval == Unit::month) {
    command.terms->prices.push_back(price_of(*plan, "USD", Unit::year, 1, plan->unit_amount * 10));
  }
  command.terms->trial_days = plan->trial_days;
  command.terms->manual_invoicing = plan->is_sent;
  return command;
}

}  // namespace daybook::test
