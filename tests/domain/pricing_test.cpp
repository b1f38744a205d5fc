#include "domain/rules/pricing.h"

#include <string>

#include "tests/domain/decimal.h"
#include "tests/domain/dies.h"
#include "tests/domain/property.h"

namespace daybook {
namespace {

using test::decimal;

/// Tiers as "5 @700 +100, 10 @650, @600": up to, unit amount, flat amount.
Price tiered(PriceModel model, std::string_view text) {
  Price price{.model = model};
  while (!text.empty()) {
    PriceTier tier;
    std::string_view part = text.substr(0, text.find(", "));
    text.remove_prefix(std::min(text.size(), part.size() + 2));
    while (!part.empty()) {
      const std::string_view word = part.substr(0, part.find(' '));
      part.remove_prefix(std::min(part.size(), word.size() + 1));
      if (word[0] == '@') {
        tier.unit_amount = decimal(word.substr(1));
      } else if (word[0] == '+') {
        tier.flat_amount = decimal(word.substr(1));
      } else {
        tier.up_to = decimal(word);
      }
    }
    price.tiers.push_back(tier);
  }
  REQUIRE(check_price(price).code == RejectionCode::none);
  return price;
}

Price package(std::int64_t size, std::int64_t amount, std::int64_t included = 0) {
  return {.model = PriceModel::package, .unit_amount = amount, .package_size = size, .included_quantity = included};
}

std::int64_t cost(const Price& price, std::string_view quantity, Rounding rounding = Rounding::half_away_from_zero) {
  const auto result = price_of(price, decimal(quantity), rounding);
  REQUIRE(result.has_value());
  Rational sum = 0;
  for (const PriceStep& step : result->steps) {
    CHECK(step.amount == step.quantity * step.unit_amount);
    sum += step.amount;
  }
  CHECK(sum == result->exact);
  return result->amount;
}

std::vector<PriceStep> steps_of(const Price& price, const Rational& quantity) {
  const auto result = price_of(price, quantity);
  REQUIRE(result.has_value());
  return result->steps;
}

struct PriceRow {
  std::string_view quantity;
  std::int64_t cents;
};

void check_rows(const Price& price, std::initializer_list<PriceRow> rows) {
  for (const PriceRow& row : rows) CHECK_MESSAGE(cost(price, row.quantity) == row.cents, row.quantity);
}

TEST_CASE("a flat price is the same for every quantity") {
  const Price price{.model = PriceModel::flat, .unit_amount = 2'900};
  check_rows(price, {{"0", 2'900}, {"1", 2'900}, {"17.5", 2'900}});
}

TEST_CASE("a price for a seat is paid for each, down to a millionth of a millionth") {
  check_rows({.model = PriceModel::per_seat, .unit_amount = 2'995}, {{"0", 0}, {"1", 2'995}, {"7", 20'965}});
  const Price tiny{.model = PriceModel::per_seat, .unit_amount = decimal("0.000000000001")};
  CHECK(cost(tiny, "1000000000000000") == 1'000);
  CHECK(cost(tiny, "499999999999.999999999") == 0);
  CHECK(cost(tiny, "500000000000") == 1);
}

TEST_CASE("the one rounding is half away from zero, or half to even by policy") {
  const Price price{.model = PriceModel::per_seat, .unit_amount = decimal("0.5")};
  CHECK(cost(price, "1") == 1);
  CHECK(cost(price, "5") == 3);
  CHECK(cost(price, "1", Rounding::half_even) == 0);
  CHECK(cost(price, "3", Rounding::half_even) == 2);
  CHECK(cost(price, "5", Rounding::half_even) == 2);
}

TEST_CASE("E15, E19: exact until the line is rounded") {
  const Price quarter{.model = PriceModel::per_seat, .unit_amount = decimal("2693578")};
  CHECK(cost(quarter, "0.25") == 673'395);
  CHECK(cost(quarter, "0.25", Rounding::half_even) == 673'394);
  CHECK(cost({.model = PriceModel::flat, .unit_amount = decimal("1234.99")}, "1") == 1'235);
}

TEST_CASE("C01, C02: volume and graduated over the same tiers") {
  constexpr std::string_view tiers = "5 @700, 10 @650, @600";
  check_rows(tiered(PriceModel::volume, tiers),
             {{"1", 700}, {"5", 3'500}, {"6", 3'900}, {"20", 12'000}, {"25", 15'000}});
  check_rows(tiered(PriceModel::graduated, tiers),
             {{"1", 700}, {"5", 3'500}, {"6", 4'150}, {"20", 12'750}, {"25", 15'750}});
}

TEST_CASE("PLN-13: graduated and volume of 1,500") {
  constexpr std::string_view tiers = "100 @10, 1000 @8, @5";
  CHECK(cost(tiered(PriceModel::graduated, tiers), "1500") == 10'700);
  CHECK(cost(tiered(PriceModel::volume, tiers), "1500") == 7'500);
}

TEST_CASE("C04: tiers may end between whole units") {
  check_rows(tiered(PriceModel::graduated, "0.1 @1000, 1 @500, @200"), {{"0.05", 50}, {"0.5", 300}});
}

TEST_CASE("C05, C18, C30: volume with flat amounts, also where the price falls at a boundary") {
  check_rows(tiered(PriceModel::volume, "100 @200 +1000, 200 @100, @50 +5000"), {{"0", 1'000},
                                                                                 {"1", 1'200},
                                                                                 {"100", 21'000},
                                                                                 {"100.5", 10'050},
                                                                                 {"101", 10'100},
                                                                                 {"200", 20'000},
                                                                                 {"210", 15'500},
                                                                                 {"300", 20'000}});
  check_rows(
      tiered(PriceModel::volume, "5 +10000, 10 +15000, 15 @1000, @500"),
      {{"0", 10'000}, {"3", 10'000}, {"5", 10'000}, {"14", 14'000}, {"15", 15'000}, {"16", 8'000}, {"100", 50'000}});
  CHECK(cost(tiered(PriceModel::volume, "10000 @0.1, 50000 @0.08, 100000 @0.06 +1000, @0.05"), "65000") == 4'900);
}

TEST_CASE("C06, C07, C08: a package that is begun is paid, after what is included") {
  CHECK(cost(package(10, 10'000), "121") == 130'000);
  CHECK(cost(package(10, 10'000, 10), "121") == 120'000);
  CHECK(cost(package(10, 10'000, 200), "121") == 0);
  CHECK(cost(package(20, 500), "45") == 1'500);
  check_rows(package(10, 1'500), {{"0", 0}, {"5", 1'500}, {"10", 1'500}, {"10.000000001", 3'000}});
  CHECK(price_of_more(package(10, 1'500), 17, 5) == 1'500);
}

TEST_CASE("C09, C10, C15, C16, C19: a cap discounts and a commitment is made up for in the last part") {
  const auto more = price_of_more(package(10, 1'500), 60, 50);
  CHECK(more == 7'500);
  CHECK(bound_spend(9'000, *more, {}, 10'000, true).discount == 6'500);
  CHECK(bound_spend(10'000, 500, {}, 10'000, true).discount == 500);
  CHECK(bound_spend(12'000, 500, {}, 10'000, true).discount == 500);
  CHECK(bound_spend(0, 0, 10'000, {}, true).true_up == 10'000);
  CHECK(bound_spend(0, 0, 10'000, {}, false).true_up == 0);
  CHECK(bound_spend(16'000, 2'200, {}, 17'000, true).discount == 1'200);
  CHECK(bound_spend(0, 10'000, 100'000, {}, true).true_up == 90'000);
  CHECK(bound_spend(0, 10'000, 15'000, {}, true).true_up == 5'000);
  CHECK(bound_spend(0, 50'000, 10'000, {}, true).true_up == 0);
  CHECK(bound_spend(0, 10'000, 10'000, 10'000, true).discount == 0);
}

TEST_CASE("C13: percentages are tiers whose unit is money") {
  check_rows(tiered(PriceModel::graduated, "10 @1 +20000, 20 @2 +30000, @3 +40000"),
             {{"0", 20'000}, {"1", 20'001}, {"10", 20'010}, {"11", 50'012}, {"12", 50'014}, {"21", 90'033}});
}

TEST_CASE("C14, C17: graduated with flat amounts, whole and in parts") {
  const Price flats = tiered(PriceModel::graduated, "5 +10000, 10 +5000, 15 @500, @100");
  CHECK(cost(flats, "22") == 18'200);
  CHECK(price_of_more(flats, 12, 10) == 2'200);
  check_rows(
      tiered(PriceModel::graduated, "5 +10000, 10 +5000, 15 @1000, @500"),
      {{"0", 10'000}, {"3", 10'000}, {"5", 10'000}, {"5.001", 15'000}, {"7", 15'000}, {"12", 17'000}, {"22", 23'500}});
}

TEST_CASE("C20, C25: what the tiers and what the last tier alone makes of the same quantity") {
  constexpr std::string_view tiers = "100 @100, 200 @50, @25";
  CHECK(cost(tiered(PriceModel::graduated, tiers), "150") == 12'500);
  CHECK(cost(tiered(PriceModel::volume, tiers), "150") == 7'500);
  constexpr std::string_view blocks = "10 @150, 110 @100, @50";
  CHECK(cost(tiered(PriceModel::graduated, blocks), "111") == 11'550);
  CHECK(cost(tiered(PriceModel::volume, blocks), "111") == 5'550);
}

TEST_CASE("a stairstep is the price of the step, whatever the quantity on it") {
  check_rows(tiered(PriceModel::stairstep, "10 +1000, 50 +4000, +9000"),
             {{"0", 1'000}, {"10", 1'000}, {"11", 4'000}, {"50", 4'000}, {"50.5", 9'000}, {"9999", 9'000}});
}

TEST_CASE("an included quantity costs nothing and what is over is priced from the first tier on") {
  Price price = tiered(PriceModel::graduated, "5 @700, @600");
  price.included_quantity = 100;
  check_rows(price, {{"0", 0}, {"99", 0}, {"100", 0}, {"101", 700}, {"106", 4'100}});
}

/// Kind, tier and amount of each step: "units 0 3500, tier_flat 0 100".
std::string story(const Price& price, std::string_view quantity) {
  constexpr std::string_view names[] = {"", "included", "flat", "units", "packages", "tier_flat"};
  std::string text;
  for (const PriceStep& step : steps_of(price, decimal(quantity))) {
    if (!text.empty()) text += ", ";
    text += names[static_cast<std::size_t>(step.kind)];
    if (step.tier >= 0) text += " " + std::to_string(step.tier);
    text += ": " + *format_decimal(step.quantity) + " x " + *format_decimal(step.unit_amount) + " = " +
            *format_decimal(step.amount);
  }
  return text;
}

TEST_CASE("an amount says how it came about") {
  CHECK(story({.model = PriceModel::flat, .unit_amount = 100}, "3") == "flat: 1 x 100 = 100");
  CHECK(story({.model = PriceModel::per_seat, .unit_amount = 100}, "3") == "units: 3 x 100 = 300");
  CHECK(story(package(10, 100, 5), "26") == "included: 5 x 0 = 0, packages: 3 x 100 = 300");
  CHECK(story(tiered(PriceModel::graduated, "5 @7 +1, 10 @6, @5 +2"), "12.5") ==
        "units 0: 5 x 7 = 35, tier_flat 0: 1 x 1 = 1, units 1: 5 x 6 = 30, units 2: 2.5 x 5 = 12.5, tier_flat 2: 1 x 2 "
        "= 2");
  CHECK(story(tiered(PriceModel::volume, "5 @7, @6 +9"), "8") == "units 1: 8 x 6 = 48, tier_flat 1: 1 x 9 = 9");
  CHECK(story(tiered(PriceModel::stairstep, "5 +7, +9"), "8") == "tier_flat 1: 1 x 9 = 9");
}

TEST_CASE("C33, C34: seats that come and go are prorated tier by tier from the same steps") {
  const Price price = tiered(PriceModel::graduated, "5 @1000 +10000, 15 @500 +5000, @200");
  const auto units = [&](int seats) {
    Rational sum = 0;
    for (const PriceStep& step : steps_of(price, seats)) {
      if (step.kind == PriceStepKind::units) sum += step.amount;
    }
    return sum;
  };
  const auto change = [&](int from, int to, int days_left, int days) {
    return (units(to) - units(from)) * Rational(days_left, days);
  };
  // The flat amounts come with the first seat of their tier: 100.00 with the first, 50.00 with the sixth.
  Rational sum = 10'000 + change(0, 2, 21, 30);
  CHECK(round(sum, Rounding::half_away_from_zero) == 11'400);
  sum += 5'000 + change(2, 7, 15, 30);
  CHECK(round(sum, Rounding::half_away_from_zero) == 18'400);
  sum += change(7, 1, 11, 30);
  CHECK(round(sum, Rounding::half_away_from_zero) == 16'567);
  sum += change(1, 11, 6, 30);
  CHECK(round(sum, Rounding::half_away_from_zero) == 17'967);
  sum += change(11, 15, 5, 30);
  CHECK(round(sum, Rounding::half_away_from_zero) == 18'300);
  sum += change(15, 75, 1, 30);
  CHECK(round(sum, Rounding::half_away_from_zero) == 18'700);
  CHECK(cost(price, "75") == 37'000);
  CHECK(round(37'000 + change(75, 95, 15, 31), Rounding::half_away_from_zero) == 38'935);
}

TEST_CASE("an amount beyond the largest is nothing") {
  const Price million{.model = PriceModel::per_seat, .unit_amount = 1'000'000};
  CHECK(price_of(million, 1'000'000'000)->amount == amount_max);
  CHECK(!price_of(million, 1'000'000'001));
  CHECK(!price_of(million, quantity_max));
  CHECK(!price_of({.model = PriceModel::per_seat, .unit_amount = amount_max}, quantity_max));
  CHECK(!price_of_more(million, 1, 1'000'000'000));
  CHECK(!price_of_more(million, 1'000'000'001, 1));
  CHECK(!price_of_more(million, quantity_max, 1));
  Price specks = package(1, 1);
  specks.package_size = decimal("0.000000001");
  CHECK(!price_of(specks, quantity_max));
  CHECK(price_of(specks, 1'000'000)->amount == amount_max);
  CHECK(test::is_a_bug([&] { return price_of(million, -1).has_value(); }));
  CHECK(test::is_a_bug([&] { return price_of_more(million, 1, -1).has_value(); }));
}

Price any_price() {
  Price price{.model = static_cast<PriceModel>(*rc::gen::inRange(1, 7))};
  const auto amount = [] { return Rational::scaled(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000), 6); };
  if (price.model == PriceModel::flat || price.model == PriceModel::per_seat || price.model == PriceModel::package) {
    price.unit_amount = amount();
  } else {
    Rational up_to = 0;
    for (int i = *rc::gen::inRange(0, 5); i > 0; --i) {
      up_to += Rational::scaled(*rc::gen::inRange<std::int64_t>(1, 100'000'000), 6);
      price.tiers.push_back({up_to, amount(), amount()});
    }
    price.tiers.push_back({{}, amount(), amount()});
    if (price.model == PriceModel::stairstep) {
      for (PriceTier& tier : price.tiers) tier.unit_amount = 0;
    }
  }
  if (price.model == PriceModel::package) price.package_size = *rc::gen::inRange(1, 100);
  if (price.model != PriceModel::flat) price.included_quantity = *rc::gen::inRange(0, 50);
  return price;
}

TEST_CASE("parts of a period cost what the whole does, and the steps sum to the amount") {
  test::always("whatever the model", [] {
    const Price price = any_price();
    RC_ASSERT(check_price(price).code == RejectionCode::none);
    const Rational first = Rational::scaled(*rc::gen::inRange<std::int64_t>(0, 500'000'000), 6);
    const Rational second = Rational::scaled(*rc::gen::inRange<std::int64_t>(0, 500'000'000), 6);
    const auto whole = price_of(price, first + second);
    RC_ASSERT(whole.has_value());
    RC_ASSERT(price_of(price, first)->amount + *price_of_more(price, first, second) == whole->amount);
    Rational sum = 0;
    Rational quantity = 0;
    for (const PriceStep& step : whole->steps) {
      sum += step.amount;
      if (step.kind == PriceStepKind::units || step.kind == PriceStepKind::included) quantity += step.quantity;
    }
    RC_ASSERT(sum == whole->exact);
    RC_ASSERT(round(sum, Rounding::half_away_from_zero) == whole->amount);
    if (price.model == PriceModel::per_seat || price.model == PriceModel::graduated ||
        price.model == PriceModel::volume) {
      RC_ASSERT(quantity == first + second);
    }
  });
}

}  // namespace
}  // namespace daybook
