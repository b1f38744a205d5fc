// ISO 4217: which currencies there are and how many decimals each has. The table is in currency.cpp.
// Deliberately light: every generated event header includes it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace daybook {

/// A currency as its three letters packed big-endian: 'U' << 16 | 'S' << 8 | 'D'. Zero is "none".
/// Made by find_currency or currency_of; a value read from the log may be a code that has since left the list.
struct Currency {
  std::uint32_t packed = 0;
  auto operator<=>(const Currency&) const = default;
};

/// One row of ISO 4217 list one.
struct CurrencyInfo {
  std::string_view code;
  std::uint16_t number;
  /// Decimals of the minor unit, or `no_minor_unit`.
  std::int8_t minor_digits;
  std::string_view name;
};

/// Metals, bond market units, XDR, XSU, XUA, XTS and XXX have no minor unit and cannot be billed in.
inline constexpr std::int8_t no_minor_unit = -1;

/// The currency of a literal, unknown codes included: currency_of("USD"). Does not compile without three upper-case
/// letters.
consteval Currency currency_of(const char (&code)[4]) {
  std::uint32_t packed = 0;
  for (int i = 0; i < 3; ++i) {
    if (code[i] < 'A' || code[i] > 'Z') throw "a currency code has three upper-case letters";
    packed = packed << 8 | static_cast<std::uint32_t>(code[i]);
  }
  return {packed};
}

/// The currency with that upper-case code; nothing if ISO 4217 list one does not have it.
/// Input must also pass `billable` before anything is charged in it.
std::optional<Currency> find_currency(std::string_view code);

/// Whether the currency is on the list and has a minor unit.
bool billable(Currency currency);

/// Decimals of the minor unit: 2 for USD, 0 for JPY, 3 for BHD, 4 for CLF. Requires billable(currency).
int minor_digits(Currency currency);

/// Three letters, for any packed code; empty for none.
std::string code(Currency currency);

/// The whole list in the order of the codes.
std::span<const CurrencyInfo> all_currencies();

}  // namespace daybook
