#include "projections/money_text.h"

#include <unicode/numberformatter.h>

#include "domain/assert.h"

namespace daybook {
namespace {

/// Exact: "-1234.56".
std::string decimal_of(Money money) {
  const auto digits = static_cast<std::size_t>(minor_digits(money.currency));
  const bool is_negative = money.minor < 0;
  std::string text = std::to_string(money.minor);
  if (is_negative) text.erase(0, 1);
  if (text.size() <= digits) text.insert(0, digits + 1 - text.size(), '0');
  if (digits != 0) text.insert(text.size() - digits, 1, '.');
  return is_negative ? "-" + text : text;
}

}  // namespace

std::string format_money(Money money, std::string_view locale) {
  UErrorCode status = U_ZERO_ERROR;
  icu::Locale known = icu::Locale::forLanguageTag({locale.data(), static_cast<std::int32_t>(locale.size())}, status);
  if (U_FAILURE(status) != 0 || known.isBogus() != 0) known = icu::Locale::getEnglish();
  status = U_ZERO_ERROR;
  const icu::CurrencyUnit unit(icu::UnicodeString::fromUTF8(code(money.currency)).getTerminatedBuffer(), status);
  const auto digits = static_cast<std::int32_t>(minor_digits(money.currency));
  const icu::number::FormattedNumber formatted = icu::number::NumberFormatter::withLocale(known)
                                                     .unit(unit)
                                                     .precision(icu::number::Precision::fixedFraction(digits))
                                                     .formatDecimal(decimal_of(money), status);
  std::string text;
  formatted.toString(status).toUTF8String(text);
  ensure(U_SUCCESS(status) != 0, "ICU formats no money: its data are missing");
  return text;
}

}  // namespace daybook
