#include "projections/journal_rows.h"

#include <fmt/format.h>

#include "domain/id.h"
#include "projections/json_text.h"

namespace daybook {
namespace {

constexpr std::string_view entry_columns =
    "event_id,position,line,type,book,account_id,date,effective_at,recorded_at,ledger_account,number,currency,debit,"
    "credit\r\n";
constexpr std::string_view group_columns = "date,book,ledger_account,number,currency,debit,credit,postings\r\n";

std::string decimal(Sum128 minor, Currency currency) {
  std::string text;
  append_decimal_amount(text, static_cast<Balance128>(minor), currency);
  return text;
}

void append_csv(std::string& out, std::initializer_list<std::string_view> fields) {
  bool is_first = true;
  for (const std::string_view field : fields) {
    if (!is_first) out += ',';
    is_first = false;
    append_csv_field(out, field);
  }
  out += "\r\n";
}

void append_csv_line(std::string& out, const JournalEntry& entry, std::size_t number) {
  const JournalLine& line = entry.lines[number - 1];
  const std::string amount = decimal(static_cast<Sum128>(line.amount.minor), line.amount.currency);
  const bool is_debit = line.side == Side::debit;
  append_csv(out, {format_event_id(entry.at.shard, entry.at.position), to_string(entry.at), std::to_string(number),
                   entry.type, entry.book, entry.account_id, day_of(entry.effective_at),
                   format_rfc3339(entry.effective_at), format_rfc3339(entry.recorded_at), to_text(line.account),
                   std::to_string(static_cast<std::uint16_t>(line.account)), code(line.amount.currency),
                   is_debit ? amount : "", is_debit ? "" : amount});
}

void append_json_line(std::string& out, const JournalEntry& entry, std::size_t number) {
  const JournalLine& line = entry.lines[number - 1];
  JsonText json(out);
  json.begin_object().member("object", "journal_line");
  json.member("event_id", format_event_id(entry.at.shard, entry.at.position));
  json.member("position", to_string(entry.at)).member("line", number).member("type", entry.type);
  json.member("book", entry.book).member("account_id", entry.account_id);
  json.member("effective_at", format_rfc3339(entry.effective_at));
  json.member("recorded_at", format_rfc3339(entry.recorded_at));
  json.member("ledger_account", to_text(line.account)).member("number", static_cast<std::uint16_t>(line.account));
  json.member("side", line.side == Side::debit ? "debit" : "credit");
  json.member("amount", line.amount.minor).member("currency", code(line.amount.currency)).end_object();
  out += '\n';
}

}  // namespace

void append_csv_field(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == text.npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_row_header(std::string& out, JournalFormat format, JournalGrouping grouping) {
  if (format == JournalFormat::csv) out += grouping == JournalGrouping::none ? entry_columns : group_columns;
}

void append_rows(std::string& out, JournalFormat format, const JournalEntry& entry, std::optional<Currency> currency) {
  for (std::size_t number = 1; number <= entry.lines.size(); ++number) {
    if (currency && entry.lines[number - 1].amount.currency != *currency) continue;
    (format == JournalFormat::csv ? append_csv_line : append_json_line)(out, entry, number);
  }
}

void append_row(std::string& out, JournalFormat format, const JournalGroupRow& row) {
  const auto number = static_cast<std::uint16_t>(row.account);
  if (format == JournalFormat::csv) {
    append_csv(out,
               {row.date, row.book, to_text(row.account), std::to_string(number), code(row.currency),
                decimal(row.debits, row.currency), decimal(row.credits, row.currency), std::to_string(row.postings)});
    return;
  }
  JsonText json(out);
  json.begin_object().member("object", "journal_group").member("date", row.date).member("book", row.book);
  json.member("ledger_account", to_text(row.account)).member("number", number).member("currency", code(row.currency));
  json.key("debit").raw(to_decimal(static_cast<Balance128>(row.debits)));
  json.key("credit").raw(to_decimal(static_cast<Balance128>(row.credits)));
  json.member("postings", row.postings).end_object();
  out += '\n';
}

}  // namespace daybook
