#include "projections/journal_format.h"

namespace daybook {
namespace {

std::string_view class_of(LedgerAccount account) {
  switch (static_cast<std::uint16_t>(account) / 1000) {
    case 1:
      return "Assets";
    case 2:
      return "Liabilities";
    case 3:
      return "Equity";
    case 4:
      return "Income";
    default:
      return "Expenses";
  }
}

}  // namespace

std::string ledger_account_name(LedgerAccount account) {
  std::string name(class_of(account));
  name += ':';
  bool is_first_letter = true;
  for (const char c : to_text(account)) {
    name += is_first_letter ? static_cast<char>(c - 'a' + 'A') : c == '_' ? '-' : c;
    is_first_letter = c == '_';
  }
  return name;
}

int decimals_of(Currency currency) {
  return billable(currency) ? minor_digits(currency) : 0;
}

void append_decimal_amount(std::string& out, Balance128 minor, Currency currency) {
  const auto decimals = static_cast<std::size_t>(decimals_of(currency));
  std::string digits = to_decimal(minor < 0 ? -minor : minor);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) digits.insert(digits.size() - decimals, 1, '.');
  if (minor < 0) out += '-';
  out += digits;
}

std::string day_of(Instant at) {
  return format_rfc3339(at).substr(0, 10);
}

std::string last_day_of_month(Instant at) {
  const std::string month = format_rfc3339(at).substr(0, 8);
  // The calendar's last month has no successor: its last day is the calendar's.
  const auto next = add(*parse_rfc3339(month + "01T00:00:00Z"), {.months = 1, .days = 0, .micros = 0});
  return next ? day_of(Instant{micros(*next) - 1}) : day_of(latest);
}

}  // namespace daybook
