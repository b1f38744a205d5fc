// Amounts as people write them.
#include "projections/money_text.h"

#include <string>

#include "doctest/doctest.h"

using namespace daybook;

namespace {

std::string written(std::int64_t minor, const char* currency, std::string_view locale) {
  return format_money({minor, *find_currency(currency)}, locale);
}

}  // namespace

TEST_CASE("CUR-03: an amount has its currency's decimals and the locale's signs") {
  CHECK(written(123'456, "EUR", "de") == "1.234,56\u00a0€");
  CHECK(written(123'456, "EUR", "en") == "€1,234.56");
  CHECK(written(500, "JPY", "en") == "¥500");
  CHECK(written(1'500, "KWD", "en") == "KWD\u00a01.500");
  CHECK(written(-5, "USD", "en-US") == "-$0.05");
  CHECK(written(0, "USD", "en") == "$0.00");
}

TEST_CASE("an amount is written exactly, to the largest that there is, in any locale") {
  CHECK(written(999'999'999'999'999, "USD", "en") == "$9,999,999,999,999.99");
  CHECK(written(1'000'000'000'000'000, "JPY", "en") == "¥1,000,000,000,000,000");
  std::string digits = written(123'456, "EUR", "xx-unknown");
  std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
  CHECK(digits == "123456");
  CHECK(written(1, "EUR", "not a tag").find("0.01") != std::string::npos);
}
