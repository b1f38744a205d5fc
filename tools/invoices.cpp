// daybook invoices gaps: whether the numbers of invoices and credit notes are dense, read from the log. In each series
// of a book they are 1, 2, 3 and so on, each given once, to the document that was finalised with it.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "domain/flat_string.h"
#include "projections/json_text.h"
#include "projections/number_check.h"
#include "schemas/envelope_generated.h"
#include "tools/command_line.h"
#include "tools/log_access.h"

namespace daybook {
namespace {

struct InvoicesOptions {
  CommonOptions common;
  std::string book;
};

void print_json(const NumberCheck& check) {
  std::string out;
  JsonText json(out);
  const auto name = [&](const SeriesName& series) {
    json.begin_object().member("book", series.book).member("kind", series.kind).member("series", series.series);
  };
  json.begin_object().key("series").begin_array();
  for (const auto& [series, last] : check.last()) {
    name(series);
    json.member("last", last).end_object();
  }
  json.end_array().key("faults").begin_array();
  for (const auto& [series, what] : check.faults()) {
    name(series);
    json.member("fault", what).end_object();
  }
  json.end_array().end_object();
  fmt::print("{}\n", out);
}

int find_gaps(const InvoicesOptions& options) {
  const LogAccess access = open_log(options.common.data);
  std::uint64_t events = 0, total = 0;
  for (ShardNumber shard = 0; shard < access.log->shards(); ++shard) total += access.log->head(shard);
  Progress progress("invoices gaps", "events", options.common.json);
  NumberCheck check;
  for (ShardNumber shard = 0; shard < access.log->shards(); ++shard) {
    const auto reader = access.log->read_forward(shard, 1);
    StoredEvent event;
    while (reader->next(event)) {
      const schema::Envelope& envelope = *schema::GetEnvelope(event.envelope.data());
      const bool is_asked = options.book.empty() || view(envelope.stream()).starts_with(options.book + "/");
      if (is_asked) check.see(envelope);
      if (++events % 65'536 == 0) progress.update(events, total);
    }
  }
  check.finish();
  if (options.common.json) {
    print_json(check);
  } else {
    for (const auto& [series, last] : check.last()) {
      fmt::print(stderr, "{}: {} {} in the series {}\n", series.book, last, series.kind, series.series);
    }
    for (const auto& [series, what] : check.faults()) {
      fmt::print("{}: {} of the series {}: {}\n", series.book, series.kind, series.series, what);
    }
  }
  return check.faults().empty() ? exit_done : exit_check_failed;
}

}  // namespace

void add_invoices(Subcommand app, Action& action) {
  const Subcommand invoices = app.subcommand("invoices", "The numbers of invoices and credit notes");
  invoices.require_subcommand();
  auto options = std::make_shared<InvoicesOptions>();
  const Subcommand gaps =
      invoices.subcommand("gaps", "Print numbers that are missing, or were given twice; nothing if all is well");
  add_common(gaps, options->common);
  gaps.add_option("--book", &options->book, "One book. Without: all");
  gaps.footer(
      "Reads the log, also beside a live server. Exits with 1 if a series is not dense.\n\nExamples:\n"
      "  daybook invoices gaps\n  daybook invoices gaps --book default --json");
  gaps.callback([options, &action] { action = [options] { return find_gaps(*options); }; });
}

}  // namespace daybook
