// Amounts as Stripe counts them: the rows of its page on currencies, and what it cannot hold.
#include "connectors/stripe_amounts.h"

#include <doctest/doctest.h>

namespace daybook::test {

TEST_CASE("amounts are told in Stripe's units, and come back as they went") {
  struct Row {
    Money ours;
    std::int64_t stripes;
    std::string code;
  };
  for (const Row& row : {
           Row{{1'000, currency_of("USD")}, 1'000, "usd"},    // 10 USD
           Row{{1'045, currency_of("HUF")}, 1'045, "huf"},    // whole units are for payouts
           Row{{80'045, currency_of("TWD")}, 80'045, "twd"},  // likewise
           Row{{500, currency_of("JPY")}, 500, "jpy"},
           Row{{500, currency_of("CLP")}, 500, "clp"},
           Row{{500, currency_of("KRW")}, 500, "krw"},
           Row{{500, currency_of("VND")}, 500, "vnd"},
           Row{{500, currency_of("XOF")}, 500, "xof"},
           Row{{500, currency_of("MGA")}, 5, "mga"},  // two decimals in the standard, none at Stripe
           Row{{5, currency_of("ISK")}, 500, "isk"},  // none in the standard, two at Stripe
           Row{{5, currency_of("UGX")}, 500, "ugx"},  // likewise
           Row{{5'120, currency_of("KWD")}, 5'120, "kwd"},
           Row{{10, currency_of("BHD")}, 10, "bhd"},
           Row{{999'999'999'999, currency_of("EUR")}, 999'999'999'999, "eur"},
           Row{{9'999'999'999, currency_of("ISK")}, 999'999'999'900, "isk"},
       }) {
    CAPTURE(row.code);
    CHECK(to_stripe_amount(row.ours) == row.stripes);
    CHECK(from_stripe_amount(row.stripes, row.code) == row.ours);
    CHECK(stripe_currency(row.ours.currency) == row.code);
  }
}

TEST_CASE("an amount that Stripe has no unit for is refused") {
  for (const Money amount : {
           Money{5'124, currency_of("KWD")},  // the last of three decimals is 0
           Money{1, currency_of("TND")},
           Money{550, currency_of("MGA")},  // a fraction of what has none
           Money{1, currency_of("MGA")},
           Money{0, currency_of("USD")},
           Money{-1, currency_of("USD")},
           Money{1'000'000'000'000, currency_of("USD")},
           Money{10'000'000'000, currency_of("ISK")},
           Money{amount_max, currency_of("UGX")},
           Money{100, currency_of("CLF")},  // four decimals: Stripe does not say
           Money{100, currency_of("IQD")},  // three, and not on its list
           Money{100, currency_of("UYI")},  // none, and not on its list
           Money{100, currency_of("XAU")},
           Money{100, Currency{}},
       }) {
    CAPTURE(format(amount));
    CHECK_FALSE(to_stripe_amount(amount));
  }
  CHECK_FALSE(from_stripe_amount(550, "isk"));
  CHECK_FALSE(from_stripe_amount(5, ""));
  CHECK_FALSE(from_stripe_amount(5, "usdd"));
  CHECK_FALSE(from_stripe_amount(5, "clf"));
  CHECK_FALSE(from_stripe_amount(amount_max, "mga"));
}

TEST_CASE("every currency of the standard is either told exactly or refused") {
  for (const CurrencyInfo& info : all_currencies()) {
    const Money amount{123'000, *find_currency(info.code)};
    const std::optional<std::int64_t> told = to_stripe_amount(amount);
    CAPTURE(info.code);
    if (told) CHECK(from_stripe_amount(*told, stripe_currency(amount.currency)) == amount);
    if (info.minor_digits == 2) CHECK(told);
  }
}

}  // namespace daybook::test
