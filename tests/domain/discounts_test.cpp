#include "domain/rules/discounts.h"

#include <algorithm>
#include <numeric>

#include "domain/money.h"
#include "tests/domain/decimal.h"
#include "tests/domain/dies.h"
#include "tests/domain/property.h"

namespace daybook {
namespace {

using test::decimal;
using Amounts = std::vector<std::int64_t>;

Discount percent(std::string id, std::string_view value, std::vector<std::size_t> lines = {}) {
  return {.id = std::move(id), .kind = DiscountKind::percent, .percent = decimal(value), .lines = std::move(lines)};
}

Discount fixed(std::string id, std::int64_t amount, std::vector<std::size_t> lines = {}) {
  return {.id = std::move(id), .kind = DiscountKind::fixed, .amount = amount, .lines = std::move(lines)};
}

DiscountedLines apply(const Amounts& lines, const std::vector<Discount>& discounts, const DiscountPolicy& policy = {}) {
  const auto result = apply_discounts(lines, discounts, policy);
  REQUIRE(result.has_value());
  Amounts nets = lines;
  std::int64_t discount = 0;
  for (const AppliedDiscount& applied : result->applied) {
    CHECK(std::accumulate(applied.lines.begin(), applied.lines.end(), std::int64_t{0}) == applied.amount);
    for (std::size_t i = 0; i < nets.size(); ++i) nets[i] -= applied.lines[i];
    discount += applied.amount;
  }
  CHECK(nets == result->nets);
  CHECK(discount == result->discount);
  return *result;
}

TEST_CASE("E01: coupons for two lines, for a plan and for all, in whole cents") {
  const Amounts fees{1'000, 2'000, 3'000, 4'000, 1'000, 2'000, 3'000, 4'000};
  const auto result = apply(fees, {fixed("A", 2'000, {0, 1}), fixed("B", 1'000, {4, 5, 6, 7}), fixed("C", 500)});
  CHECK(result.discount == 3'500);
  Amounts off(8);
  for (std::size_t i = 0; i < 8; ++i) off[i] = fees[i] - result.nets[i];
  CHECK(off == Amounts{677, 1'353, 88, 118, 126, 253, 379, 506});
  const auto turned = apply(fees, {fixed("C", 500), fixed("B", 1'000, {4, 5, 6, 7}), fixed("A", 2'000, {0, 1})});
  CHECK(turned.nets == result.nets);
}

TEST_CASE("E04, E10: a fixed amount is split over the lines in proportion") {
  CHECK(apply({10'000, 5'000, 3'000, 2'000}, {fixed("A", 1'000)}).applied[0].lines == Amounts{500, 250, 150, 100});
  CHECK(apply({6'000, 4'000}, {fixed("A", 1'000)}).nets == Amounts{5'400, 3'600});
  CHECK(apply({1'000, 2'000}, {fixed("A", 3'000)}).nets == Amounts{0, 0});
  CHECK(apply({1'000, 2'000}, {fixed("A", 4'000)}).nets == Amounts{0, 0});
}

TEST_CASE("E05: discounts end where there is nothing left") {
  const auto result = apply({10'000}, {fixed("A", 1'000), fixed("B", 11'000)});
  CHECK(result.nets == Amounts{0});
  CHECK(result.applied[1].amount == 9'000);
  const auto third = apply({10'000}, {fixed("A", 1'000), fixed("B", 11'000), fixed("C", 5)});
  CHECK(third.applied[2].amount == 0);
  CHECK(third.applied[2].lines == Amounts{0});
}

TEST_CASE("E06, E11: percentages chain, in any order") {
  CHECK(apply({10'000}, {percent("A", "10"), percent("B", "25")}).discount == 3'250);
  CHECK(apply({10'000}, {percent("B", "10"), percent("A", "25")}).discount == 3'250);
  CHECK(apply({10'000}, {percent("A", "10"), percent("B", "10")}).discount == 1'900);
}

TEST_CASE("percentages may stack on the amount before discounts") {
  const std::vector<Discount> three{percent("A", "5"), percent("B", "10"), percent("C", "15")};
  CHECK(apply({10'000}, three).discount == 2'733);
  const DiscountPolicy stacked{.arithmetic = PercentArithmetic::stacked};
  const auto result = apply({10'000}, three, stacked);
  CHECK(result.discount == 3'000);
  CHECK(result.applied[2].base == 10'000);
  CHECK(apply({10'000}, {percent("A", "60"), percent("B", "60")}, stacked).discount == 10'000);
  CHECK(apply({10'000, 500}, {percent("A", "50", {0}), percent("B", "10")}, stacked).discount == 6'050);
}

TEST_CASE("E08: percentages come before fixed amounts") {
  CHECK(apply({10'000}, {percent("A", "10"), fixed("B", 5'000)}).discount == 6'000);
  CHECK(apply({10'000}, {fixed("A", 5'000), percent("B", "10")}).discount == 6'000);
}

TEST_CASE("a priority comes before all") {
  Discount first = fixed("B", 5'000);
  Discount second = percent("A", "10");
  second.priority = 1;
  const auto result = apply({10'000}, {second, first});
  CHECK(result.discount == 5'500);
  CHECK(result.applied[0].discount == 1);
  CHECK(result.applied[1].base == 5'000);
}

TEST_CASE("CPN-06: stacked by priority, the best alone, or the first alone") {
  const std::vector<Discount> both{fixed("B", 500), percent("A", "10")};
  CHECK(apply({10'000}, both).nets == Amounts{8'500});
  const auto best = apply({10'000}, both, {.stacking = DiscountStacking::best_of});
  CHECK(best.nets == Amounts{9'000});
  CHECK(best.applied.size() == 1);
  CHECK(best.applied[0].discount == 1);
  CHECK(apply({2'000}, both, {.stacking = DiscountStacking::best_of}).nets == Amounts{1'500});
  CHECK(apply({5'000}, both, {.stacking = DiscountStacking::best_of}).applied[0].discount == 1);
  CHECK(apply({2'000}, both, {.stacking = DiscountStacking::exclusive}).nets == Amounts{1'800});
  CHECK(apply({2'000}, {}, {.stacking = DiscountStacking::exclusive}).nets == Amounts{2'000});
  CHECK(apply({0}, both, {.stacking = DiscountStacking::best_of}).applied.empty());
}

TEST_CASE("a cap is the most that a percentage takes") {
  Discount capped = percent("A", "50");
  capped.amount_max = 1'000;
  CHECK(apply({10'000}, {capped}).discount == 1'000);
  CHECK(apply({2'000}, {capped}).discount == 1'000);
  CHECK(apply({1'999}, {capped}).discount == 1'000);
  CHECK(apply({1'997}, {capped}).discount == 999);
}

TEST_CASE("the rounding is the policy's, once a discount") {
  CHECK(apply({5, 5, 5}, {percent("A", "10")}).discount == 2);
  CHECK(apply({25}, {percent("A", "10")}).discount == 3);
  CHECK(apply({25}, {percent("A", "10")}, {.rounding = Rounding::half_even}).discount == 2);
}

TEST_CASE("credit lines are not discounted") {
  const auto result = apply({-500, 1'000, -200}, {percent("A", "10"), fixed("B", 5'000)});
  CHECK(result.nets == Amounts{-500, 0, -200});
  CHECK(result.discount == 1'000);
  CHECK(apply({-500, 1'000}, {fixed("A", 5, {0})}).nets == Amounts{-500, 1'000});
  CHECK(apply({}, {fixed("A", 5)}).discount == 0);
}

TEST_CASE("lines beyond what can be billed are nothing, and a line that is not there is a bug") {
  CHECK(apply({amount_max}, {percent("A", "100")}).nets == Amounts{0});
  CHECK(!apply_discounts(Amounts{amount_max, 1}, {}));
  CHECK(!apply_discounts(Amounts{amount_max + 1}, {}));
  CHECK(!apply_discounts(Amounts{-amount_max - 1}, {}));
  CHECK(apply_discounts(Amounts{-amount_max, -amount_max}, {}).has_value());
  CHECK(test::is_a_bug([] { return apply({1}, {fixed("A", 1, {1})}).discount; }));
}

std::string fault(const Discount& discount) {
  const Rejection rejection = check_discount(discount, "/discount");
  if (rejection.code == RejectionCode::none) return "";
  CHECK(rejection.code == RejectionCode::validation_failed);
  return rejection.pointer;
}

TEST_CASE("CPN-01: a discount is checked member by member") {
  CHECK(fault(percent("A", "100")) == "");
  CHECK(fault(percent("A", "0.000001")) == "");
  CHECK(fault(percent("A", "100.000001")) == "/discount/percent");
  CHECK(fault(percent("A", "0")) == "/discount/percent");
  CHECK(fault(percent("A", "-1")) == "/discount/percent");
  CHECK(fault(percent("A", "0.0000001")) == "/discount/percent");
  CHECK(fault(fixed("A", 1)) == "");
  CHECK(fault(fixed("A", amount_max)) == "");
  CHECK(fault(fixed("A", amount_max + 1)) == "/discount/amount");
  CHECK(fault(fixed("A", 0)) == "/discount/amount");
  CHECK(fault(fixed("A", -1)) == "/discount/amount");
  Discount both = percent("A", "10");
  both.amount = 5;
  CHECK(fault(both) == "/discount/amount");
  both = fixed("A", 5);
  both.percent = 1;
  CHECK(fault(both) == "/discount/percent");
  both = fixed("A", 5);
  both.amount_max = 1;
  CHECK(fault(both) == "/discount/amount_max");
  both = percent("A", "10");
  both.amount_max = 0;
  CHECK(fault(both) == "/discount/amount_max");
  both.amount_max = amount_max;
  CHECK(fault(both) == "");
  both.amount_max = amount_max + 1;
  CHECK(fault(both) == "/discount/amount_max");
  both.kind = static_cast<DiscountKind>(3);
  CHECK(fault(both) == "/discount/kind");
  CHECK(check_discount(fixed("A", 0)).pointer == "/amount");
}

TEST_CASE("the order in which discounts are given changes nothing, and no line falls below zero") {
  test::always("under every policy", [] {
    Amounts lines;
    for (int i = *rc::gen::inRange(1, 8); i > 0; --i) lines.push_back(*rc::gen::inRange<std::int64_t>(-5'000, 20'000));
    std::vector<Discount> discounts;
    for (int i = *rc::gen::inRange(0, 6); i > 0; --i) {
      const std::string id(1, static_cast<char>('A' + i));
      std::vector<std::size_t> some;
      if (*rc::gen::arbitrary<bool>()) some.push_back(*rc::gen::inRange<std::size_t>(0, lines.size()));
      Discount discount =
          *rc::gen::arbitrary<bool>() ? percent(id, "1", some) : fixed(id, *rc::gen::inRange(1, 9'000), some);
      if (discount.kind == DiscountKind::percent) {
        discount.percent = Rational::scaled(*rc::gen::inRange<std::int64_t>(1, 100'000'001), 6);
        if (*rc::gen::arbitrary<bool>()) discount.amount_max = *rc::gen::inRange(1, 2'000);
      }
      discount.priority = *rc::gen::inRange(0, 3);
      discounts.push_back(discount);
    }
    const DiscountPolicy policy{
        *rc::gen::element(DiscountStacking::priority_stack, DiscountStacking::best_of, DiscountStacking::exclusive),
        *rc::gen::element(PercentArithmetic::chained, PercentArithmetic::stacked),
        *rc::gen::element(Rounding::half_away_from_zero, Rounding::half_even)};
    const auto result = apply_discounts(lines, discounts, policy);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      RC_ASSERT(result->nets[i] <= lines[i]);
      RC_ASSERT(result->nets[i] >= std::min<std::int64_t>(lines[i], 0));
    }
    std::reverse(discounts.begin(), discounts.end());
    const auto turned = apply_discounts(lines, discounts, policy);
    RC_ASSERT(turned->nets == result->nets);
    RC_ASSERT(turned->discount == result->discount);
  });
}

}  // namespace
}  // namespace daybook
