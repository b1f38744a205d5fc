// daybook export: the journal for accounting programs and tables, the events for everything else, from a snapshot of
// the log beside a live server. Same log, same bytes; no personal data in clear.
#include <fmt/format.h>

#include <map>

#include "eventstore/envelope_view.h"
#include "projections/event_rows.h"
#include "projections/fold_batch.h"
#include "projections/journal_export.h"
#include "tools/command_line.h"
#include "tools/export_output.h"
#include "tools/export_source.h"

namespace daybook {
namespace {

constexpr std::size_t buffer_bytes = 256 * 1024;

struct JournalOptions {
  ExportOptions what;
  JournalFormat format = JournalFormat::ledger;
  JournalGrouping group = JournalGrouping::none;
  std::string currency;
};

struct EventExportOptions {
  ExportOptions what;
  bool is_csv = false;
  std::string type;
};

const std::vector<std::pair<std::string, JournalFormat>> journal_formats{{"ledger", JournalFormat::ledger},
                                                                         {"hledger", JournalFormat::hledger},
                                                                         {"beancount", JournalFormat::beancount},
                                                                         {"csv", JournalFormat::csv},
                                                                         {"jsonl", JournalFormat::jsonl}};
const std::vector<std::pair<std::string, JournalGrouping>> groupings{
    {"none", JournalGrouping::none}, {"day", JournalGrouping::day}, {"month", JournalGrouping::month}};
const std::vector<std::pair<std::string, bool>> event_formats{{"jsonl", false}, {"csv", true}};

/// Text that has gathered goes out; the summary goes where the export did not.
class ExportSink {
 public:
  explicit ExportSink(const ExportOptions& options) : output_(options.output) {}
  std::string& text() { return text_; }
  void flush_if_full() {
    if (text_.size() >= buffer_bytes) flush();
  }
  void finish() {
    flush();
    output_.finish();
  }
  void print_summary(const std::string& summary) const {
    fmt::print(output_.is_stdout() ? stderr : stdout, "{}\n", summary);
  }
  /// The members that both summaries begin and end with.
  std::string json_summary(const ExportSource& source, const std::string& counts) const {
    return fmt::format("{{\"read\":{},\"positions\":\"{}\",{},\"bytes\":{}}}", source.events(), source.range_text(),
                       counts, output_.bytes());
  }

 private:
  void flush() {
    output_.write(text_);
    text_.clear();
  }

  ExportOutput output_;
  std::string text_;
};

std::string sums_text(const JournalExportTotals& totals) {
  std::string text;
  for (const auto& [currency, sums] : totals.sums) {
    std::string amount;
    append_decimal_amount(amount, static_cast<Balance128>(sums.debits), currency);
    text += fmt::format("\n  {:>20} {} debited, and as much credited", amount, code(currency));
  }
  return text;
}

std::string sums_json(const JournalExportTotals& totals) {
  std::string text;
  for (const auto& [currency, sums] : totals.sums) {
    text += fmt::format("{}\"{}\":{{\"debits\":{},\"credits\":{}}}", text.empty() ? "" : ",", code(currency),
                        to_decimal(static_cast<Balance128>(sums.debits)),
                        to_decimal(static_cast<Balance128>(sums.credits)));
  }
  return "{" + text + "}";
}

int export_journal(const JournalOptions& options) {
  std::optional<Currency> currency;
  if (!options.currency.empty()) {
    currency = find_currency(options.currency);
    if (!currency) throw std::invalid_argument("--currency takes an ISO 4217 code such as USD");
  }
  ExportSource source(options.what);
  ExportSink sink(options.what);
  JournalExport journal(options.format, options.group, currency);
  journal.begin(sink.text(), "Daybook journal, " + source.book_text() + ", positions " + source.range_text());
  FoldBatch one({.events_max = 1, .bytes_max = 1});
  source.for_each([&](ShardNumber shard, const StoredEvent& event) {
    one.clear(shard);
    one.add(event);
    one.finish();
    const auto entry = journal_entry_of(one.events().front());
    if (!entry || !source.is_within(entry->effective_at)) return;
    journal.add(sink.text(), *entry);
    sink.flush_if_full();
  });
  journal.finish(sink.text());
  sink.finish();
  const JournalExportTotals& totals = journal.totals();
  if (options.what.common.json) {
    sink.print_summary(sink.json_summary(source, fmt::format("\"transactions\":{},\"postings\":{},\"sums\":{}",
                                                             totals.transactions, totals.postings, sums_json(totals))));
  } else {
    sink.print_summary(fmt::format("{} transactions of {} postings, from {} events at {}{}", totals.transactions,
                                   totals.postings, source.events(), source.range_text(), sums_text(totals)));
  }
  return exit_done;
}

int export_events(const EventExportOptions& options) {
  const EventRenderer renderer;
  if (!options.type.empty() && renderer.topic_of(options.type).empty()) {
    throw std::invalid_argument("--type takes the name of an event such as CreditIssued");
  }
  ExportSource source(options.what);
  ExportSink sink(options.what);
  std::uint64_t exported = 0;
  if (options.is_csv) append_event_row_header(sink.text());
  source.for_each([&](ShardNumber, const StoredEvent& event) {
    if (!source.is_within(Instant{view_envelope(event.envelope).recorded_at_us})) return;
    if (!options.type.empty() && renderer.type_name(event.envelope) != options.type) return;
    if (options.is_csv) {
      append_event_row(sink.text(), renderer, event.envelope);
    } else {
      renderer.append_event(sink.text(), event.envelope, &unseal_nothing());
      sink.text() += '\n';
    }
    sink.flush_if_full();
    ++exported;
  });
  sink.finish();
  if (options.what.common.json) {
    sink.print_summary(sink.json_summary(source, fmt::format("\"events\":{}", exported)));
  } else {
    sink.print_summary(fmt::format("{} events, of {} read at {}", exported, source.events(), source.range_text()));
  }
  return exit_done;
}

void add_what(Subcommand command, ExportOptions& options) {
  add_common(command, options.common);
  command.add_option("--output", &options.output, "A file, there whole or not at all; without: stdout");
  command.add_option("--book", &options.book, "The book").shows_default();
  command.add_flag("--all-books", options.all_books, "Every book");
  command.add_option("--account", &options.account, "One customer's account only");
  command.add_option("--after", &options.after, "After this position (shard:position): goes on from an earlier export");
  command.add_option("--at", &options.at, "Up to this position (shard:position)");
}

void add_export_journal(Subcommand app, Action& action) {
  auto options = std::make_shared<JournalOptions>();
  const Subcommand command = app.subcommand("journal", "The balanced postings of every event that moves money");
  add_what(command, options->what);
  command.add_choice("--format", options->format, journal_formats,
                     "ledger, hledger, beancount, csv or jsonl; default: ledger");
  command.add_choice("--group", options->group, groupings,
                     "none: by event; day, month: summed by value date; default: none");
  command.add_option("--currency", &options->currency, "One currency only, such as USD");
  command.add_option("--from", &options->what.from, "Value date at or after this RFC 3339 time");
  command.add_option("--to", &options->what.to, "Value date before this RFC 3339 time");
  command.footer(
      "The chart of accounts and the currencies are declared, so that strict modes pass. A ledger account's number "
      "never changes meaning.\nExamples:\n"
      "  daybook export journal --output book.ledger && ledger -f book.ledger --strict --pedantic balance\n"
      "  daybook export journal --format hledger --output book.journal && hledger -f book.journal check -s\n"
      "  daybook export journal --format beancount --output book.beancount && bean-check book.beancount\n"
      "  daybook export journal --format csv --group month --currency USD --from 2026-01-01T00:00:00Z\n"
      "Parquet is not written: make it from JSON lines, for example with DuckDB:\n"
      "  daybook export journal --format jsonl --output j.jsonl\n"
      "  duckdb -c \"COPY (FROM 'j.jsonl') TO 'j.parquet'\"");
  command.callback([options, &action] { action = [options] { return export_journal(*options); }; });
}

void add_export_events(Subcommand app, Action& action) {
  auto options = std::make_shared<EventExportOptions>();
  const Subcommand command = app.subcommand("events", "Every event, personal data left out");
  add_what(command, options->what);
  command.add_choice("--format", options->is_csv, event_formats, "jsonl or csv; default: jsonl");
  command.add_option("--type", &options->type, "One type only, such as CreditIssued");
  command.add_option("--from", &options->what.from, "Recorded at or after this RFC 3339 time");
  command.add_option("--to", &options->what.to, "Recorded before this RFC 3339 time");
  command.footer(
      "daybook events prints the same beside filters of its own, can follow, and can unseal.\nExamples:\n"
      "  daybook export events --output events.jsonl\n"
      "  daybook export events --format csv --type CreditIssued --after 0:1000 --output credits.csv");
  command.callback([options, &action] { action = [options] { return export_events(*options); }; });
}

}  // namespace

void add_export(Subcommand app, Action& action) {
  const Subcommand command = app.subcommand("export", "The journal or the events, for other programs");
  command.require_subcommand();
  command.footer(
      "Examples:\n  daybook export journal --output book.ledger\n"
      "  daybook export events --format csv --output events.csv");
  add_export_journal(command, action);
  add_export_events(command, action);
}

}  // namespace daybook
