// The journal written for other programs: entries in, text out, event by event or summed by day or month. The same
// entries give the same bytes. It reads nothing itself: the caller hands in the entries in the order of the log.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "projections/journal_entry.h"
#include "projections/journal_text.h"

namespace daybook {

struct JournalExportTotals {
  struct Sums {
    Sum128 debits = 0;
    Sum128 credits = 0;
  };
  std::uint64_t transactions = 0;
  std::uint64_t postings = 0;  ///< Lines of events; grouped exports show sums of them.
  std::map<Currency, Sums> sums;
};

/// Operation: begin(), add() for every entry, finish(). Each appends to the caller's text, which he may empty between.
/// Memory: nothing but currencies without grouping; with it, a row for each book, period, ledger account and currency.
/// Concurrency: one thread at a time.
class JournalExport {
 public:
  /// With a currency, only lines in it are written: they balance among themselves.
  JournalExport(JournalFormat format, JournalGrouping grouping, std::optional<Currency> currency)
      : format_(format), grouping_(grouping), currency_(currency), text_(format) {}

  /// The title is one line without quotes; formats without comments leave it out.
  void begin(std::string& out, std::string_view title);
  void add(std::string& out, const JournalEntry& entry);
  /// What is grouped, by date and book.
  void finish(std::string& out);
  const JournalExportTotals& totals() const { return totals_; }

 private:
  struct Group {
    std::map<std::pair<Currency, LedgerAccount>, JournalTotal> lines;
    LogPosition first, last;
    std::uint64_t events = 0;
  };
  bool is_text() const { return format_ != JournalFormat::csv && format_ != JournalFormat::jsonl; }
  bool counts(const JournalLine& line) const { return !currency_ || line.amount.currency == *currency_; }
  void add_to_group(const JournalEntry& entry);
  void append_entry(std::string& out, const JournalEntry& entry);
  void append_group(std::string& out, const std::string& date, const std::string& book, const Group& group);

  JournalFormat format_;
  JournalGrouping grouping_;
  std::optional<Currency> currency_;
  JournalText text_;
  std::map<std::pair<std::string, std::string>, Group> groups_;  ///< By date and book.
  JournalExportTotals totals_;
};

}  // namespace daybook
