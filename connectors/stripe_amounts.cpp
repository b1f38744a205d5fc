#include "connectors/stripe_amounts.h"

#include <algorithm>
#include <array>

#include "domain/ascii.h"

namespace daybook {
namespace {

struct StripeUnit {
  Currency currency;
  int digits = 2;         ///< Decimals of Stripe's unit.
  std::int64_t step = 1;  ///< What its amounts are multiples of.
};

constexpr int stripe_digits_default = 2;

/// All that are not two decimals in both. HUF and TWD need no row: Stripe treats them as whole units when it pays out,
/// not when it charges.
constexpr std::array stripe_units = {
    // Zero-decimal. The standard gives MGA two.
    StripeUnit{currency_of("BIF"), 0, 1},
    StripeUnit{currency_of("CLP"), 0, 1},
    StripeUnit{currency_of("DJF"), 0, 1},
    StripeUnit{currency_of("GNF"), 0, 1},
    StripeUnit{currency_of("JPY"), 0, 1},
    StripeUnit{currency_of("KMF"), 0, 1},
    StripeUnit{currency_of("KRW"), 0, 1},
    StripeUnit{currency_of("MGA"), 0, 1},
    StripeUnit{currency_of("PYG"), 0, 1},
    StripeUnit{currency_of("RWF"), 0, 1},
    StripeUnit{currency_of("VND"), 0, 1},
    StripeUnit{currency_of("VUV"), 0, 1},
    StripeUnit{currency_of("XAF"), 0, 1},
    StripeUnit{currency_of("XOF"), 0, 1},
    StripeUnit{currency_of("XPF"), 0, 1},
    // Special cases: no decimals in the standard, two at Stripe that are always 00.
    StripeUnit{currency_of("ISK"), 2, 100},
    StripeUnit{currency_of("UGX"), 2, 100},
    // Three-decimal: the last one is 0.
    StripeUnit{currency_of("BHD"), 3, 10},
    StripeUnit{currency_of("JOD"), 3, 10},
    StripeUnit{currency_of("KWD"), 3, 10},
    StripeUnit{currency_of("OMR"), 3, 10},
    StripeUnit{currency_of("TND"), 3, 10},
};

/// Nothing: what Stripe's unit would be is not known.
std::optional<StripeUnit> stripe_unit_of(Currency currency) {
  if (!billable(currency)) return std::nullopt;
  const auto row = std::find_if(stripe_units.begin(), stripe_units.end(),
                                [&](const StripeUnit& unit) { return unit.currency == currency; });
  if (row != stripe_units.end()) return *row;
  if (minor_digits(currency) != stripe_digits_default) return std::nullopt;
  return StripeUnit{currency, stripe_digits_default, 1};
}

/// `amount` in units of 10^-from as one in units of 10^-to; nothing if that is no whole number or out of range.
std::optional<std::int64_t> rescale(std::int64_t amount, int from, int to) {
  for (; from < to; ++from) {
    if (__builtin_mul_overflow(amount, 10, &amount)) return std::nullopt;
  }
  for (; from > to; --from) {
    if (amount % 10 != 0) return std::nullopt;
    amount /= 10;
  }
  return amount;
}

}  // namespace

std::optional<std::int64_t> to_stripe_amount(Money amount) {
  const std::optional<StripeUnit> unit = stripe_unit_of(amount.currency);
  if (!unit || amount.minor <= 0) return std::nullopt;
  const std::optional<std::int64_t> units = rescale(amount.minor, minor_digits(amount.currency), unit->digits);
  if (!units || *units % unit->step != 0 || *units > stripe_amount_max) return std::nullopt;
  return units;
}

std::optional<Money> from_stripe_amount(std::int64_t amount, std::string_view stripe_code) {
  std::string upper(stripe_code);
  for (char& c : upper) c = is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
  const std::optional<Currency> currency = find_currency(upper);
  const std::optional<StripeUnit> unit = currency ? stripe_unit_of(*currency) : std::nullopt;
  if (!unit) return std::nullopt;
  const std::optional<std::int64_t> minor = rescale(amount, unit->digits, minor_digits(*currency));
  if (!minor || !is_amount(*minor)) return std::nullopt;
  return Money{*minor, *currency};
}

std::string stripe_currency(Currency currency) {
  std::string lower = code(currency);
  for (char& c : lower) c = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

}  // namespace daybook
