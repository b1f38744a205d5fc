#include "projections/journal_export.h"

#include "domain/id.h"
#include "projections/journal_rows.h"

namespace daybook {

void JournalExport::begin(std::string& out, std::string_view title) {
  if (is_text()) return text_.begin(out, title);
  append_row_header(out, format_, grouping_);
}

void JournalExport::add(std::string& out, const JournalEntry& entry) {
  std::uint64_t postings = 0;
  for (const JournalLine& line : entry.lines) {
    if (!counts(line)) continue;
    auto& sums = totals_.sums[line.amount.currency];
    (line.side == Side::debit ? sums.debits : sums.credits) += static_cast<Sum128>(line.amount.minor);
    ++postings;
  }
  if (postings == 0) return;
  totals_.postings += postings;
  if (grouping_ != JournalGrouping::none) return add_to_group(entry);
  ++totals_.transactions;
  append_entry(out, entry);
}

void JournalExport::append_entry(std::string& out, const JournalEntry& entry) {
  if (!is_text()) return append_rows(out, format_, entry, currency_);
  TextTransaction transaction{.date = day_of(entry.effective_at),
                              .id = format_event_id(entry.at.shard, entry.at.position),
                              .payee = entry.account_id,
                              .narration = std::string(entry.type),
                              .tags = {},
                              .lines = {}};
  transaction.tags = {{"type", std::string(entry.type)},
                      {"book", entry.book},
                      {"position", to_string(entry.at)},
                      {"recorded", format_rfc3339(entry.recorded_at)}};
  for (const JournalLine& line : entry.lines) {
    if (!counts(line)) continue;
    const Balance128 minor = line.amount.minor;
    transaction.lines.push_back({line.account, line.side == Side::debit ? minor : -minor, line.amount.currency});
  }
  text_.add(out, transaction);
}

void JournalExport::add_to_group(const JournalEntry& entry) {
  const bool is_day = grouping_ == JournalGrouping::day;
  std::string date = is_day ? day_of(entry.effective_at) : last_day_of_month(entry.effective_at);
  Group& group = groups_[{std::move(date), entry.book}];
  if (group.events++ == 0) group.first = entry.at;
  group.last = entry.at;
  for (const JournalLine& line : entry.lines) {
    if (!counts(line)) continue;
    JournalTotal& total = group.lines[{line.amount.currency, line.account}];
    (line.side == Side::debit ? total.debits : total.credits) += static_cast<Sum128>(line.amount.minor);
    ++total.postings;
  }
}

void JournalExport::append_group(std::string& out, const std::string& date, const std::string& book,
                                 const Group& group) {
  if (!is_text()) {
    for (const auto& [key, total] : group.lines) {
      const auto& [currency, account] = key;
      append_row(out, format_, {date, book, account, currency, total.debits, total.credits, total.postings});
    }
    return;
  }
  const bool is_day = grouping_ == JournalGrouping::day;
  TextTransaction transaction{.date = date,
                              .id = {},
                              .payee = book,
                              .narration = is_day ? "day " + date : "month " + date.substr(0, 7),
                              .tags = {},
                              .lines = {}};
  transaction.tags = {{"book", book},
                      {"events", std::to_string(group.events)},
                      {"first", to_string(group.first)},
                      {"last", to_string(group.last)}};
  for (const auto& [key, total] : group.lines) {
    const auto& [currency, account] = key;
    if (total.debits != 0) transaction.lines.push_back({account, static_cast<Balance128>(total.debits), currency});
    if (total.credits != 0) transaction.lines.push_back({account, -static_cast<Balance128>(total.credits), currency});
  }
  text_.add(out, transaction);
}

void JournalExport::finish(std::string& out) {
  for (const auto& [key, group] : groups_) {
    ++totals_.transactions;
    append_group(out, key.first, key.second, group);
  }
  groups_.clear();
}

}  // namespace daybook
