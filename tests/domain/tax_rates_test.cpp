#include "domain/rules/tax_rates.h"

#include <doctest/doctest.h>

#include "tests/domain/decimal.h"

namespace daybook {
namespace {

using test::decimal;

std::string rate(std::string_view country, std::string_view region, Date day) {
  std::string text;
  for (const TaxRate& found : rates_at(default_tax_rates(), country, region, day)) {
    if (!text.empty()) text += ", ";
    text += found.jurisdiction + ' ' + found.name + ' ' + *format_decimal(found.percent);
  }
  return text;
}

TEST_CASE("the default table has the EU's members, their neighbours, and the states and provinces") {
  constexpr Date today{2025, 12, 31};
  int members = 0;
  for (char first = 'A'; first <= 'Z'; ++first) {
    for (char second = 'A'; second <= 'Z'; ++second) {
      const std::string country{first, second};
      if (!is_eu_member(country)) continue;
      ++members;
      CHECK_MESSAGE(rates_at(default_tax_rates(), country, "", today).size() == 1, country);
    }
  }
  CHECK(members == 27);
  CHECK(rate("GB", "", today) == "GB VAT 20");
  CHECK(rate("CH", "", today) == "CH VAT 8.1");
  CHECK(rate("NO", "", today) == "NO VAT 25");
  CHECK(rate("AU", "NSW", today) == "AU GST 10");
  CHECK(rate("JP", "", today) == "JP consumption_tax 10");
  CHECK(rate("US", "CA", today) == "US-CA sales_tax 7.25");
  CHECK(rate("US", "", today) == "");
  CHECK(rate("CA", "ON", today) == "CA-ON HST 13");
  CHECK(rate("CA", "QC", today) == "CA-QC GST 5, CA-QC QST 9.975");
  CHECK(rate("CA", "", today) == "CA GST 5");
  CHECK(rate("BR", "", today) == "");
  int states = 0;
  int provinces = 0;
  for (const DatedTaxRate& row : default_tax_rates()) {
    const bool open = !row.until;
    states += row.country == "US" && open;
    provinces += row.country == "CA" && open && !row.region.empty() && row.name != "PST" && row.name != "RST" &&
                 row.name != "QST";
    CHECK(row.state_rate_only == (row.country == "US"));
  }
  CHECK(states == 51);
  CHECK(provinces == 13);
}

TEST_CASE("TAX-05: a rate holds from its first day to its last") {
  CHECK(rate("DE", "", {2006, 12, 31}) == "");
  CHECK(rate("DE", "", {2007, 1, 1}) == "DE VAT 19");
  CHECK(rate("DE", "", {2020, 6, 30}) == "DE VAT 19");
  CHECK(rate("DE", "", {2020, 7, 1}) == "DE VAT 16");
  CHECK(rate("DE", "", {2020, 12, 31}) == "DE VAT 16");
  CHECK(rate("DE", "", {2021, 1, 1}) == "DE VAT 19");
  CHECK(rate("EE", "", {2025, 6, 30}) == "EE VAT 22");
  CHECK(rate("EE", "", {2025, 7, 1}) == "EE VAT 24");
  CHECK(rate("RO", "", {2025, 8, 1}) == "RO VAT 21");
  CHECK(rate("SK", "", {2025, 1, 1}) == "SK VAT 23");
  CHECK(rate("FI", "", {2024, 9, 1}) == "FI VAT 25.5");
  CHECK(rate("CH", "", {2023, 12, 31}) == "CH VAT 7.7");
  CHECK(rate("CA", "NS", {2025, 4, 1}) == "CA-NS HST 14");
  CHECK(rate("US", "LA", {2024, 12, 31}) == "US-LA sales_tax 4.45");
}

TEST_CASE("TAX-01, TAX-02, TAX-04, F03: who pays which tax") {
  const TaxRates& table = default_tax_rates();
  constexpr Date today{2025, 12, 31};
  const auto treatment = [&](std::string_view seller, const TaxedBuyer& buyer) {
    return tax_treatment(table, seller, buyer, today);
  };
  const TaxDecision consumer = treatment("IE", {"DE", ""});
  CHECK(consumer.reason == TaxReason::rate);
  CHECK(consumer.treatment.category == TaxCategory::standard);
  CHECK(consumer.treatment.rates == std::vector<TaxRate>{{"DE", "VAT", 19}});

  const TaxDecision business = treatment("IE", {.country = "DE", .region = "", .valid_vat_id = true});
  CHECK(business.reason == TaxReason::reverse_charge);
  CHECK(business.treatment.category == TaxCategory::reverse_charge);
  CHECK(business.treatment.rates.empty());
  for (const char* country : {"GB", "CH", "NO"}) {
    CHECK(treatment("IE", {.country = country, .region = "", .valid_vat_id = true}).reason ==
          TaxReason::reverse_charge);
  }
  CHECK(treatment("US", {.country = "FR", .region = "", .valid_vat_id = true}).reason == TaxReason::reverse_charge);

  const TaxDecision domestic = treatment("DE", {.country = "DE", .region = "", .valid_vat_id = true});
  CHECK(domestic.reason == TaxReason::rate);
  CHECK(domestic.treatment.rates[0].percent == 19);
  // An id of a country without reverse charge changes nothing.
  CHECK(treatment("IE", {.country = "JP", .region = "", .valid_vat_id = true}).reason == TaxReason::rate);

  const TaxDecision exempt = treatment("IE", {.country = "DE", .region = "", .exempt = true, .valid_vat_id = true});
  CHECK(exempt.reason == TaxReason::customer_exempt);
  CHECK(exempt.treatment.category == TaxCategory::exempt);

  CHECK(treatment("IE", {"US", "CA"}).treatment.rates ==
        std::vector<TaxRate>{{"US-CA", "sales_tax", decimal("7.25"), true}});
  const TaxDecision oregon = treatment("IE", {"US", "OR"});
  CHECK(oregon.treatment.category == TaxCategory::zero_rated);
  CHECK(oregon.reason == TaxReason::rate);

  const TaxDecision unknown = treatment("IE", {"BR", "SP"});
  CHECK(unknown.reason == TaxReason::no_rate);
  CHECK(unknown.treatment.category == TaxCategory::outside_scope);
  CHECK(unknown.treatment.rates.empty());
}

TEST_CASE("a table that cannot be read names its line") {
  int line = 0;
  const auto bad_line = [&](std::string_view text) {
    line = 0;
    CHECK_MESSAGE(!parse_tax_rates(text, &line), text);
    CHECK(!parse_tax_rates(text));
    return line;
  };
  const auto good =
      parse_tax_rates("# note\n\nDE,,VAT,19,2007-01-01,2020-06-30,full\nUS,CA,sales_tax,0,2024-01-01,,state_rate_only");
  REQUIRE(good.has_value());
  REQUIRE(good->size() == 2);
  CHECK((*good)[0].from == Date{2007, 1, 1});
  CHECK((*good)[0].until == Date{2020, 6, 30});
  CHECK((*good)[1].region == "CA");
  CHECK(!(*good)[1].until);
  CHECK((*good)[1].state_rate_only);
  CHECK(parse_tax_rates("")->empty());
  CHECK(bad_line("# note\nDE,,VAT,19,2007-01-01,full") == 2);
  CHECK(bad_line("DE,,VAT,19,2007-01-01,,full,more") == 1);
  CHECK(bad_line("XX,,VAT,19,2007-01-01,,full") == 1);
  CHECK(bad_line("DE,,,19,2007-01-01,,full") == 1);
  CHECK(bad_line("DE,,VAT,x,2007-01-01,,full") == 1);
  CHECK(bad_line("DE,,VAT,-1,2007-01-01,,full") == 1);
  CHECK(bad_line("DE,,VAT,100.1,2007-01-01,,full") == 1);
  CHECK(bad_line("DE,,VAT,19,2007-02-29,,full") == 1);
  CHECK(bad_line("DE,,VAT,19,2007-01-01,soon,full") == 1);
  CHECK(bad_line("DE,,VAT,19,2007-01-01,2006-12-31,full") == 1);
  CHECK(bad_line("DE,,VAT,19,2007-01-01,,half") == 1);
  CHECK(bad_line("DE,,VAT,19,2007-01-01,2020-06-30,full\nDE,,VAT,16,2020-06-30,,full") == 2);
  CHECK(bad_line("DE,,VAT,19,2007-01-01,,full\nDE,,VAT,16,2006-01-01,,full") == 2);
  CHECK(bad_line("DE,,VAT,19,2007-01-01,,full\nDE,,VAT,16,2006-01-01,2007-01-01,full") == 2);
  CHECK(parse_tax_rates("DE,,VAT,19,2007-01-01,2020-06-30,full\nDE,,VAT,16,2020-07-01,,full").has_value());
  CHECK(parse_tax_rates("CA,QC,GST,5,2008-01-01,,full\nCA,QC,QST,9,2013-01-01,,full").has_value());
}

}  // namespace
}  // namespace daybook
