#include "domain/currency.h"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

#include "tests/domain/dies.h"

namespace daybook {
namespace {

static_assert(currency_of("USD").packed == ('U' << 16 | 'S' << 8 | 'D'));
static_assert(currency_of("EUR") < currency_of("USD"));

TEST_CASE("a currency is its three letters, packed big-endian") {
  REQUIRE(find_currency("USD").has_value());
  CHECK(find_currency("USD") == currency_of("USD"));
  CHECK(code(currency_of("USD")) == "USD");
  CHECK(code(Currency{}) == "");
  CHECK(code(Currency{1}) == "???");
  CHECK(code(Currency{'a' << 16 | 'U' << 8 | 'R'}) == "?UR");
}

TEST_CASE("only upper-case codes of the current list are found") {
  for (const std::string_view text : {"", "US", "usd", "Usd", "USDT", "US ", "QQQ", "AAA", "ZZZ", "\xff\xff\xff"}) {
    CHECK_MESSAGE(find_currency(text) == std::nullopt, text);
  }
  for (const std::string_view withdrawn : {"ANG", "BGN", "CUC", "DEM", "HRK", "MRO", "SLL", "STD", "ZWL"}) {
    CHECK_MESSAGE(find_currency(withdrawn) == std::nullopt, withdrawn);
  }
  for (const std::string_view recent : {"SLE", "VED", "XAD", "XCG", "ZWG"}) {
    CHECK_MESSAGE(find_currency(recent).has_value(), recent);
  }
}

TEST_CASE("every currency has the digits ISO 4217 gives it") {
  std::map<std::string, int> expected;
  for (const char* code : {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
                           "VUV", "XAF", "XOF", "XPF"}) {
    expected[code] = 0;
  }
  for (const char* code : {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}) expected[code] = 3;
  for (const char* code : {"CLF", "UYW"}) expected[code] = 4;
  for (const char* code : {"XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"}) {
    expected[code] = no_minor_unit;
  }
  std::size_t exceptions = 0;
  for (const CurrencyInfo& info : all_currencies()) {
    const auto exception = expected.find(std::string(info.code));
    exceptions += exception != expected.end() ? 1 : 0;
    CHECK_MESSAGE(info.minor_digits == (exception != expected.end() ? exception->second : 2), info.code);
  }
  CHECK(exceptions == expected.size());
}

TEST_CASE("the list has 178 rows, each found by its code, with a number and a name of its own") {
  CHECK(all_currencies().size() == 178);
  std::set<int> numbers;
  for (const CurrencyInfo& info : all_currencies()) {
    const auto currency = find_currency(info.code);
    REQUIRE_MESSAGE(currency.has_value(), info.code);
    CHECK(code(*currency) == info.code);
    CHECK(billable(*currency) == (info.minor_digits != no_minor_unit));
    CHECK(numbers.insert(info.number).second);
    CHECK(!info.name.empty());
  }
}

TEST_CASE("numbers and names are ISO's") {
  const auto row = [](std::string_view code) {
    for (const CurrencyInfo& info : all_currencies()) {
      if (info.code == code) return info;
    }
    return CurrencyInfo{};
  };
  CHECK(row("USD").number == 840);
  CHECK(row("EUR").number == 978);
  CHECK(row("JPY").number == 392);
  CHECK(row("ALL").number == 8);
  CHECK(row("XXX").number == 999);
  CHECK(row("USD").name == "US Dollar");
  CHECK(row("CHF").name == "Swiss Franc");
}

TEST_CASE("metals and codes without a minor unit are known but not billed in") {
  CHECK(find_currency("XAU").has_value());
  CHECK_FALSE(billable(currency_of("XAU")));
  CHECK_FALSE(billable(currency_of("XXX")));
  CHECK_FALSE(billable(currency_of("QQQ")));
  CHECK_FALSE(billable(Currency{}));
  CHECK(billable(currency_of("USD")));
  CHECK(test::is_a_bug([] { minor_digits(currency_of("XAU")); }));
  CHECK(test::is_a_bug([] { minor_digits(currency_of("QQQ")); }));
}

}  // namespace
}  // namespace daybook
