// Amounts as Stripe counts them. Its smallest unit is ISO 4217's minor unit for most currencies, and not for all: a few
// have no decimals there although the standard gives them two, two have decimals there although the standard gives them
// none, and those with three must end in 0. The table in stripe_amounts.cpp follows Stripe's page "Supported
// currencies" (docs.stripe.com/currencies: minor units, zero-decimal, three-decimal and special cases).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/money.h"

namespace daybook {

/// Twelve digits: the most that Stripe takes of any currency.
inline constexpr std::int64_t stripe_amount_max = 999'999'999'999;

/// The amount for Stripe's `amount`; nothing if Stripe cannot hold exactly that: a fraction that it has no unit for, a
/// currency whose unit there is not known, zero or less, or more than stripe_amount_max. Any thread.
std::optional<std::int64_t> to_stripe_amount(Money amount);
/// Back again, of Stripe's code ("usd"); nothing if the currency is unknown or our unit is too large.
std::optional<Money> from_stripe_amount(std::int64_t amount, std::string_view stripe_code);
/// "usd"
std::string stripe_currency(Currency currency);

}  // namespace daybook
