// The journal as rows for tables and programs: CSV (RFC 4180, a header line first) and JSON lines. One row a posting
// line of an event, or one a ledger account and currency of a group.
//
// CSV amounts are decimals in the currency's own digits, in the column of their side; JSON's are integers in minor
// units, as in the API.
#pragma once

#include <string>
#include <string_view>

#include "projections/journal_entry.h"
#include "projections/journal_format.h"

namespace daybook {

/// What one ledger account was posted to within a group.
struct JournalGroupRow {
  std::string_view date;  ///< The day, or the month's last day.
  std::string_view book;
  LedgerAccount account{};
  Currency currency;
  Sum128 debits = 0;
  Sum128 credits = 0;
  std::uint64_t postings = 0;
};

/// The names of the columns; nothing for JSON lines.
void append_row_header(std::string& out, JournalFormat format, JournalGrouping grouping);
/// The entry's lines, numbered from 1 as they stand in the event.
void append_rows(std::string& out, JournalFormat format, const JournalEntry& entry, std::optional<Currency> currency);
void append_row(std::string& out, JournalFormat format, const JournalGroupRow& row);

/// A field of a CSV record: in quotes, with quotes doubled, if it holds a comma, a quote or a line break.
void append_csv_field(std::string& out, std::string_view text);

}  // namespace daybook
