#include "domain/rules/taxes.h"

#include <numeric>

#include "domain/money.h"
#include "domain/rules/apportion.h"
#include "tests/domain/decimal.h"
#include "tests/domain/dies.h"
#include "tests/domain/property.h"

namespace daybook {
namespace {

using test::decimal;

TaxableLine taxed(std::int64_t amount, std::string_view percent) {
  return {amount, {TaxCategory::standard, {{"DE", "VAT", decimal(percent)}}}};
}

TaxedLines compute(const std::vector<TaxableLine>& lines, TaxBasis basis = TaxBasis::exclusive,
                   Rounding rounding = Rounding::half_away_from_zero) {
  const auto result = compute_tax(lines, basis, rounding);
  REQUIRE(result.has_value());
  return *result;
}

std::vector<std::int64_t> line_taxes(const TaxedLines& result) {
  std::vector<std::int64_t> taxes;
  for (const TaxedLine& line : result.lines) taxes.push_back(line.tax);
  return taxes;
}

TEST_CASE("E02, E03: tax by rate, and lines whose taxes sum to it") {
  const std::int64_t nets[] = {323, 647, 2'912, 3'882, 874, 1'747, 2'621, 3'494};
  std::vector<TaxableLine> lines;
  for (std::size_t i = 0; i < 8; ++i) lines.push_back(taxed(nets[i], i == 1 || i == 5 ? "20" : "10"));
  const TaxedLines result = compute(lines);
  REQUIRE(result.groups.size() == 2);
  CHECK(result.groups[0].base == 14'106);
  CHECK(result.groups[0].tax == 1'411);
  CHECK(result.groups[1].base == 2'394);
  CHECK(result.groups[1].tax == 479);
  CHECK(result.tax == 1'890);
  CHECK(result.total == 18'390);
  const auto taxes = line_taxes(result);
  CHECK(std::accumulate(taxes.begin(), taxes.end(), std::int64_t{0}) == 1'890);
}

TEST_CASE("E14 to E17: a group's tax is its base times its rate, rounded once") {
  CHECK(compute({taxed(1'993'566, "15")}).tax == 299'035);
  CHECK(compute({taxed(673'395, "19")}).total == 801'340);
  CHECK(compute({taxed(69'622, "25")}).tax == 17'406);
  CHECK(compute({taxed(69'622, "25")}, TaxBasis::exclusive, Rounding::half_even).tax == 17'406);
  CHECK(compute({taxed(69'622, "25"), taxed(69'622, "25")}).tax == 34'811);
  const TaxedLines three = compute({taxed(9'999, "25"), taxed(9'999, "25"), taxed(9'999, "25")});
  CHECK(three.tax == 7'499);
  CHECK(line_taxes(three) == std::vector<std::int64_t>{2'500, 2'500, 2'499});
}

TEST_CASE("E18: of a price with tax the tax is rounded and the net is the rest") {
  const TaxedLines result = compute({taxed(299, "4")}, TaxBasis::inclusive);
  CHECK(result.tax == 12);
  CHECK(result.net == 287);
  CHECK(result.total == 299);
  CHECK(result.groups[0].base == 287);
  const TaxedLines lines = compute({taxed(299, "4"), taxed(299, "4"), taxed(11'900, "19")}, TaxBasis::inclusive);
  CHECK(line_taxes(lines) == std::vector<std::int64_t>{12, 11, 1'900});
  CHECK(lines.total == 299 + 299 + 11'900);
}

TEST_CASE("E19: a currency without decimals") {
  const TaxedLines result = compute({taxed(1'127, "10")});
  CHECK(result.tax == 113);
  CHECK(result.total == 1'240);
}

TEST_CASE("F02, F04, F14: several rates, and one fraction that the whole rounds away") {
  const TaxedLines two = compute({taxed(10'000, "20"), taxed(5'000, "20"), taxed(8'000, "5")});
  CHECK(two.tax == 3'400);
  CHECK(two.total == 26'400);
  CHECK(two.groups.size() == 2);
  CHECK(compute({taxed(6'833, "20"), taxed(6'833, "20"), taxed(5'750, "20"), taxed(8'500, "20")}).total == 33'499);
  CHECK(compute({taxed(2'999, "23.33")}).total == 3'699);
}

TEST_CASE("two jurisdictions tax the same net, each as its own group") {
  const TaxTreatment quebec{TaxCategory::standard, {{"CA-QC", "GST", 5}, {"CA-QC", "QST", decimal("9.975")}}};
  const TaxedLines result = compute({{10'000, quebec}, {5'000, quebec}});
  REQUIRE(result.groups.size() == 2);
  CHECK(result.groups[0].tax == 750);
  CHECK(result.groups[1].tax == 1'496);
  CHECK(result.groups[1].base == 15'000);
  CHECK(result.lines[0].parts.size() == 2);
  CHECK(result.lines[0].tax == 500 + 997);
  CHECK(result.lines[1].tax == 250 + 499);
  const TaxedLines gross = compute({{11'498, quebec}}, TaxBasis::inclusive);
  CHECK(gross.net == 10'000);
  CHECK(gross.tax == 500 + 998);
}

TEST_CASE("lines without tax are groups of their own, with their reason kept in the category") {
  const TaxedLines result = compute({{10'000, {TaxCategory::reverse_charge, {}}},
                                     {500, {TaxCategory::exempt, {}}},
                                     {700, {TaxCategory::zero_rated, {{"US-OR", "sales_tax", 0}}}},
                                     {20, {TaxCategory::reverse_charge, {}}}});
  REQUIRE(result.groups.size() == 3);
  CHECK(result.groups[0].category == TaxCategory::reverse_charge);
  CHECK(result.groups[0].base == 10'020);
  CHECK(result.groups[2].rate.jurisdiction == "US-OR");
  CHECK(result.tax == 0);
  CHECK(result.total == 11'220);
  CHECK(code(TaxCategory::standard) == "S");
  CHECK(code(TaxCategory::zero_rated) == "Z");
  CHECK(code(TaxCategory::exempt) == "E");
  CHECK(code(TaxCategory::reverse_charge) == "AE");
  CHECK(code(TaxCategory::outside_scope) == "O");
  CHECK(test::is_a_bug([] { return code(static_cast<TaxCategory>(6)).size(); }));
}

TEST_CASE("credit lines lower the base, and an invoice of credits mirrors one of charges") {
  const TaxedLines mixed = compute({taxed(10'000, "19"), taxed(-3'333, "19")});
  CHECK(mixed.tax == 1'267);
  CHECK(line_taxes(mixed) == std::vector<std::int64_t>{1'900, -633});
  const TaxedLines zero = compute({taxed(333, "19"), taxed(-333, "19")});
  CHECK(zero.tax == 0);
  CHECK(zero.lines[0].tax == -zero.lines[1].tax);
  const TaxedLines charge = compute({taxed(6'833, "20"), taxed(6'833, "20")});
  const TaxedLines credit = compute({taxed(-6'833, "20"), taxed(-6'833, "20")});
  CHECK(charge.tax == -credit.tax);
  CHECK(line_taxes(credit) == std::vector<std::int64_t>{-1'367, -1'366});
  CHECK(compute({}).total == 0);
}

TEST_CASE("amounts beyond the largest are nothing") {
  CHECK(compute_tax(std::vector{taxed(amount_max, "0")}, TaxBasis::exclusive).has_value());
  CHECK(!compute_tax(std::vector{taxed(amount_max, "1")}, TaxBasis::exclusive));
  CHECK(compute_tax(std::vector{taxed(amount_max, "19")}, TaxBasis::inclusive).has_value());
  CHECK(!compute_tax(std::vector{taxed(amount_max + 1, "0")}, TaxBasis::exclusive));
  CHECK(!compute_tax(std::vector{taxed(amount_max, "0"), taxed(1, "0")}, TaxBasis::exclusive));
  CHECK(!compute_tax(
      std::vector{taxed(9'000'000'000'000'000 / 10, "100"), taxed(amount_max / 5, "100"), taxed(-amount_max / 5, "0")},
      TaxBasis::exclusive));
  CHECK(!compute_tax(std::vector{taxed(amount_max, "101"), taxed(-1, "0")}, TaxBasis::exclusive));
  TaxableLine absurd = taxed(amount_max, "100");
  absurd.treatment.rates[0].percent = Rational(amount_max) * amount_max;
  CHECK(!compute_tax(std::vector{absurd}, TaxBasis::exclusive));
  CHECK(!apportion(std::vector<Rational>{Rational(amount_max) * amount_max}, Rounding::half_even));
  const Rational huge = Rational(amount_max) * amount_max;
  CHECK(!apportion(std::vector<Rational>{huge, -huge}, Rounding::half_even));
  CHECK(!apportion(std::vector<Rational>{huge, -huge, -1}, Rounding::half_even));
}

TEST_CASE("TAX-06: the lines' taxes, the groups' and the invoice's are one sum") {
  test::always("on net and on gross prices", [] {
    std::vector<TaxableLine> lines;
    for (int i = *rc::gen::inRange(1, 12); i > 0; --i) {
      TaxTreatment treatment{TaxCategory::standard, {{"XX", "VAT", Rational(*rc::gen::inRange(0, 4) * 5)}}};
      if (*rc::gen::inRange(0, 3) == 0) treatment.rates.push_back({"XX-Y", "local", decimal("1.375")});
      if (*rc::gen::inRange(0, 5) == 0) treatment = {TaxCategory::exempt, {}};
      lines.push_back({*rc::gen::inRange<std::int64_t>(-20'000, 100'000), treatment});
    }
    const auto basis = *rc::gen::element(TaxBasis::exclusive, TaxBasis::inclusive);
    const auto rounding = *rc::gen::element(Rounding::half_away_from_zero, Rounding::half_even);
    const auto result = compute_tax(lines, basis, rounding);
    std::int64_t groups = 0;
    std::vector<std::int64_t> by_group(result->groups.size());
    std::vector<Rational> exact(result->groups.size());
    for (const TaxGroup& group : result->groups) groups += group.tax;
    std::int64_t taxes = 0;
    std::int64_t nets = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const TaxedLine& line = result->lines[i];
      taxes += line.tax;
      nets += line.net;
      RC_ASSERT((basis == TaxBasis::inclusive ? line.net + line.tax : line.net) == lines[i].amount);
      std::int64_t parts = 0;
      for (const LineTaxPart& part : line.parts) {
        parts += part.tax;
        by_group[part.group] += part.tax;
        exact[part.group] += lines[i].amount * result->groups[part.group].rate.percent / 100;
      }
      RC_ASSERT(parts == line.tax);
    }
    RC_ASSERT(groups == result->tax);
    RC_ASSERT(taxes == result->tax);
    RC_ASSERT(nets == result->net);
    for (std::size_t i = 0; i < by_group.size(); ++i) {
      RC_ASSERT(by_group[i] == result->groups[i].tax);
      if (basis == TaxBasis::exclusive) RC_ASSERT(round(exact[i], rounding) == result->groups[i].tax);
    }
  });
}

TEST_CASE("exact shares are rounded so that they sum to their rounded sum") {
  test::always("each to a whole number next to it", [] {
    std::vector<Rational> shares;
    Rational sum = 0;
    for (int i = *rc::gen::inRange(0, 12); i > 0; --i) {
      shares.push_back(Rational(*rc::gen::inRange(-1'000, 1'000), *rc::gen::inRange(1, 12)));
      sum += shares.back();
    }
    const auto rounding = *rc::gen::element(Rounding::half_away_from_zero, Rounding::half_even);
    const auto result = apportion(shares, rounding);
    RC_ASSERT(result->total == round(sum, rounding));
    RC_ASSERT(std::accumulate(result->parts.begin(), result->parts.end(), std::int64_t{0}) == result->total);
    for (std::size_t i = 0; i < shares.size(); ++i) {
      RC_ASSERT(result->parts[i] - shares[i] < 1);
      RC_ASSERT(shares[i] - result->parts[i] < 1);
    }
  });
}

}  // namespace
}  // namespace daybook
