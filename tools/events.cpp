// daybook events: the log as JSON lines, filtered, from a snapshot beside a live server; --follow goes on with it.
#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "eventstore/envelope_view.h"
#include "tools/command_line.h"
#include "tools/log_access.h"

namespace daybook {
namespace {

struct EventsOptions {
  CommonOptions common;
  std::string book = "default", account, type, actor, from, to, after;
  std::uint64_t limit = 0;
  bool unseal = false, follow = false, all_books = false;
};

constexpr auto follow_pause = std::chrono::milliseconds(100);
/// How often a snapshot may fail while a server starts or stops beside it: five seconds.
constexpr int follow_failures_max = 50;
std::sig_atomic_t volatile follow_ended = 0;

class EventPrinter {
 public:
  explicit EventPrinter(const EventsOptions& options) : options_(options) {
    if (!options.account.empty()) stream_ = options.book + "/" + options.account;
    if (!options.from.empty()) from_ = time_option("--from", options.from);
    if (!options.to.empty()) to_ = time_option("--to", options.to);
  }

  void use_keys(Keyring& keys) { unseal_ = unseal_with(keys); }

  /// False when the limit is reached.
  bool print(std::string_view envelope) {
    const EnvelopeView view = view_envelope(envelope);
    if (!matches(view, envelope)) return true;
    line_.clear();
    renderer_.append_event(line_, envelope, unseal_ ? &unseal_ : nullptr);
    line_.push_back('\n');
    std::fwrite(line_.data(), 1, line_.size(), stdout);
    ++printed_;
    return options_.limit == 0 || printed_ < options_.limit;
  }

 private:
  bool matches(const EnvelopeView& view, std::string_view envelope) const {
    if (!stream_.empty() && view.stream != stream_) return false;
    if (!options_.all_books && !view.stream.starts_with(options_.book + "/")) return false;
    if (!options_.actor.empty() && view.principal != options_.actor) return false;
    if (view.recorded_at_us < micros(from_) || view.recorded_at_us >= micros(to_)) return false;
    return options_.type.empty() || renderer_.type_name(envelope) == options_.type;
  }

  const EventsOptions& options_;
  EventRenderer renderer_;
  Unseal unseal_;
  std::string stream_, line_;
  Instant from_ = earliest, to_ = never;
  std::uint64_t printed_ = 0;
};

/// A new snapshot of the log, for what has been appended meanwhile.
void reopen_patiently(EventLog& log) {
  for (int failures = 0;;) {
    std::this_thread::sleep_for(follow_pause);
    try {
      return log.reopen();
    } catch (const StorageFault&) {
      if (follow_ended != 0 || ++failures == follow_failures_max) throw;
    }
  }
}

int run_events(const EventsOptions& options) {
  LogAccess access = open_log(options.common.data);
  std::vector<Position> next(access.log->shards(), 1);
  if (!options.after.empty()) {
    const auto at = parse_log_position(options.after);
    if (!at || at->shard >= next.size()) throw std::invalid_argument("--after takes a position such as 0:42");
    next[at->shard] = at->position + 1;
  }
  EventPrinter printer(options);
  std::unique_ptr<Keyring> keys;
  if (options.unseal) {
    keys = Keyring::open(access.directory->keys_path(), {}, true);
    printer.use_keys(*keys);
  }
  std::signal(SIGINT, [](int) { follow_ended = 1; });
  std::signal(SIGPIPE, SIG_DFL);
  while (true) {
    for (ShardNumber shard = 0; shard < access.log->shards(); ++shard) {
      if (access.log->head(shard) < next[shard]) continue;
      const auto reader = access.log->read_forward(shard, next[shard]);
      StoredEvent event;
      while (follow_ended == 0 && reader->next(event)) {
        next[shard] = event.position + 1;
        if (!printer.print(event.envelope)) return exit_done;
      }
    }
    if (!options.follow || follow_ended != 0) return exit_done;
    std::fflush(stdout);
    reopen_patiently(*access.log);
  }
}

}  // namespace

void add_events(Subcommand app, Action& action) {
  auto options = std::make_shared<EventsOptions>();
  const Subcommand command = app.subcommand("events", "Print the log's events as JSON lines");
  add_common(command, options->common);
  command.add_option("--book", &options->book, "The book").shows_default();
  command.add_flag("--all-books", options->all_books, "Every book");
  command.add_option("--account", &options->account, "One account's events only");
  command.add_option("--type", &options->type, "One type only, such as CreditIssued");
  command.add_option("--actor", &options->actor, "One principal's only, such as key:dev");
  command.add_option("--from", &options->from, "Recorded at or after this RFC 3339 time");
  command.add_option("--to", &options->to, "Recorded before this RFC 3339 time");
  command.add_option("--after", &options->after, "Start after this position (shard:position): resumes a listing");
  command.add_option("--limit", &options->limit, "Stop after so many; 0: no limit").shows_default();
  command.add_flag("--unseal", options->unseal, "Show personal data in clear (needs keys/)");
  command.add_flag("--follow", options->follow, "Go on with what is appended, until interrupted");
  command.footer(
      "Examples:\n  daybook events --account acme\n  daybook events --type CreditIssued --after 0:100 --limit 10"
      "\n  daybook events --follow | jq .type");
  command.callback([options, &action] { action = [options] { return run_events(*options); }; });
}

}  // namespace daybook
