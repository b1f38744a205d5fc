#include "tools/demo_company.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "projections/json_text.h"

namespace daybook {
namespace {

/// A price in a currency: so many thousandths of its cents of a dollar, in minor units.
struct Market {
  std::string_view currency;
  std::int64_t per_mille;
};
constexpr Market markets[] = {{"USD", 1'000}, {"EUR", 920}, {"GBP", 800}, {"CHF", 900}, {"JPY", 1'500}};

struct Place {
  std::string_view country, region, currency, zone, locale;
};
constexpr Place places[] = {
    {"DE", "", "EUR", "Europe/Berlin", "de-DE"},         {"DE", "", "EUR", "Europe/Berlin", "de-DE"},
    {"FR", "", "EUR", "Europe/Paris", "fr-FR"},          {"NL", "", "EUR", "Europe/Amsterdam", "nl-NL"},
    {"ES", "", "EUR", "Europe/Madrid", "es-ES"},         {"IT", "", "EUR", "Europe/Rome", "it-IT"},
    {"US", "CA", "USD", "America/Los_Angeles", "en-US"}, {"US", "NY", "USD", "America/New_York", "en-US"},
    {"US", "TX", "USD", "America/Chicago", "en-US"},     {"GB", "", "GBP", "Europe/London", "en-GB"},
    {"CH", "", "CHF", "Europe/Zurich", "de-CH"},         {"JP", "", "JPY", "Asia/Tokyo", "ja-JP"},
};

constexpr std::array<std::string_view, 20> first_names = {
    "Amber", "Birch", "Cedar", "Delta", "Ember", "Fjord", "Grove", "Harbor", "Indigo", "Juniper",
    "Kite",  "Lumen", "Maple", "North", "Opal",  "Pixel", "Quill", "River",  "Slate",  "Tundra"};
constexpr std::array<std::string_view, 10> second_names = {"Works", "Labs",   "Studio", "Foods",  "Motors",
                                                           "Books", "Health", "Energy", "Travel", "Systems"};

constexpr std::array<std::string_view, 4> plans = {"demo-starter", "demo-team", "demo-business", "demo-enterprise"};

std::int64_t price_in(const Market& market, std::int64_t cents) {
  return (cents * market.per_mille / 1'000 + 25) / 50 * 50;
}

std::string flat_price(const Market& market, std::int64_t cents, std::string_view model, std::string_view interval) {
  return fmt::format(R"({{"currency":"{}","interval":"{}","model":"{}","amount":{}}})", market.currency, interval,
                     model, price_in(market, cents));
}

/// The first ten seats, the next forty, and all above; a setup fee, and a least amount.
std::string tiered_price(const Market& market) {
  return fmt::format(
      R"({{"currency":"{}","model":"graduated","setup_fee":{},"minimum_amount":{},"tiers":[{{"up_to":10,"unit_amount":{}}},)"
      R"({{"up_to":50,"unit_amount":{}}},{{"unit_amount":{}}}]}})",
      market.currency, price_in(market, 9'900), price_in(market, 15'000), price_in(market, 2'000),
      price_in(market, 1'800), price_in(market, 1'500));
}

/// With what `price` makes of each market.
template <class Price>
std::string prices(Price price) {
  std::string list;
  for (const Market& market : markets) list += (list.empty() ? "" : ",") + price(market);
  return "[" + list + "]";
}

DemoRequest plan(std::string_view id, std::string_view name, std::string_view more, const std::string& list) {
  return {"POST", "/v1/plans", fmt::format(R"({{"id":"{}","name":"{}",{}"prices":{}}})", id, name, more, list)};
}

}  // namespace

std::vector<DemoRequest> demo_catalogue() {
  std::vector<DemoRequest> requests;
  requests.push_back(plan("demo-starter", "Starter", R"("tier":"starter","trial_days":14,"limits":{"seats":3},)",
                          prices([](const Market& market) {
                            return flat_price(market, 1'900, "flat", "month") + "," +
                                   flat_price(market, 19'000, "flat", "year");
                          })));
  requests.push_back(plan(
      "demo-team", "Team", R"("tier":"pro","trial_days":14,"limits":{"seats":100},)", prices([](const Market& market) {
        return flat_price(market, 1'200, "per_seat", "month") + "," + flat_price(market, 12'000, "per_seat", "year");
      })));
  requests.push_back(plan("demo-business", "Business", R"("tier":"pro",)", prices(tiered_price)));
  requests.push_back(plan("demo-enterprise", "Enterprise",
                          R"("tier":"enterprise","interval":"year","manual_invoicing":true,"net_days":30,)",
                          prices([](const Market& market) { return flat_price(market, 1'200'000, "flat", "year"); })));
  requests.push_back({"POST", "/v1/discounts",
                      R"({"id":"demo-welcome","name":"Welcome","percent":20,"duration":"repeating","months":3})"});
  requests.push_back(
      {"POST", "/v1/discounts", R"({"id":"demo-partner","name":"Partner","percent":"7.5","duration":"forever"})"});
  requests.push_back({"POST", "/v1/coupons", R"({"code":"DEMO-WELCOME","discount_id":"demo-welcome"})"});
  requests.push_back({"POST", "/v1/coupons", R"({"code":"DEMO-PARTNER","discount_id":"demo-partner"})"});
  return requests;
}

DemoCustomer demo_customer(DemoRandom& random, std::uint32_t number, std::uint32_t weeks, std::string_view test_clock) {
  const Place& place = random.one_of(places);
  DemoCustomer customer;
  customer.id = fmt::format("demo-{:03}", number);
  const std::string name = fmt::format("{} {}", random.one_of(first_names), random.one_of(second_names));
  JsonText json(customer.body);
  json.begin_object().member("id", customer.id).member("name", name).member("company", name);
  json.member("email", fmt::format("billing-{}@example.com", number)).member("currency", place.currency);
  json.member("time_zone", place.zone).member("locale", place.locale).member("test_clock", test_clock);
  json.key("address").begin_object().member("country", place.country);
  if (!place.region.empty()) json.member("region", place.region);
  json.end_object();
  if (random.chance(30)) json.member("tax_exempt", true);
  // Nearly all can be charged; some pay by bank, and have no method.
  const std::size_t method = random.below(20);
  if (method < 19)
    json.member("payment_method_token", method < 17 ? "tok_ok" : method < 18 ? "tok_declined" : "tok_fail_then_ok:1");
  json.end_object();
  const std::size_t choice = random.below(20);
  customer.plan = plans[choice < 8 ? 0 : choice < 16 ? 1 : choice < 19 ? 2 : 3];
  const bool may_be_annual = choice < 16;
  customer.interval = choice == 19 || (may_be_annual && random.chance(250)) ? "year" : "month";
  if (has_seats(customer.plan)) customer.seats = static_cast<std::uint32_t>(2 + random.below(18));
  if (random.chance(250)) customer.coupon = random.chance(700) ? "DEMO-WELCOME" : "DEMO-PARTNER";
  // A third of them are there from the first weeks on.
  customer.week = static_cast<std::uint32_t>(random.chance(330) ? random.below(std::min(weeks, 4U))
                                                                : random.below(std::max(weeks, 2U) - 1));
  return customer;
}

std::string other_plan(DemoRandom& random, std::string_view plan) {
  // Enterprise is sold by people.
  std::string_view chosen = plan;
  while (chosen == plan) chosen = plans[random.below(3)];
  return std::string(chosen);
}

std::size_t rank_of(std::string_view plan) {
  return static_cast<std::size_t>(std::find(plans.begin(), plans.end(), plan) - plans.begin());
}

bool has_seats(std::string_view plan) {
  return plan == "demo-team" || plan == "demo-business";
}

}  // namespace daybook
