// What the exports of the journal have in common: which formats there are, and how ledger accounts, amounts and dates
// are written in them.
#pragma once

#include <string>
#include <string_view>

#include "domain/currency.h"
#include "domain/instant.h"
#include "domain/journal.h"
#include "projections/journal_view.h"

namespace daybook {

enum class JournalFormat : std::uint8_t { ledger, hledger, beancount, csv, jsonl };
/// One transaction an event, or one a book and a UTC day or month of value dates.
enum class JournalGrouping : std::uint8_t { none, day, month };

/// "Liabilities:Customer-Credit": the class from the account's number (1000 assets, 2000 liabilities, 3000 equity, 4000
/// income, else expenses), then its name.
std::string ledger_account_name(LedgerAccount account);

/// Minor units in the currency's own decimals: "12.34" USD, "1200" JPY, "-1.234" KWD. As they are for a currency
/// without a known minor unit.
void append_decimal_amount(std::string& out, Balance128 minor, Currency currency);
int decimals_of(Currency currency);

/// "2026-11-21", the UTC day. Requires is_on_calendar(at).
std::string day_of(Instant at);
/// The last day of that UTC month, "2026-11-30". Requires is_on_calendar(at).
std::string last_day_of_month(Instant at);

}  // namespace daybook
