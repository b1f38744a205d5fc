// daybook replay: folds the log again. With --account: the state after each event of that account. Without: every
// account, with the rate, and the sums.
#include <fmt/format.h>

#include <map>
#include <memory>
#include <unordered_map>

#include "domain/evolve.h"
#include "domain/state_codec.h"
#include "engine/stream_cache.h"
#include "eventstore/envelope_view.h"
#include "projections/json_text.h"
#include "schemas/envelope_generated.h"
#include "tools/command_line.h"
#include "tools/log_access.h"

namespace daybook {
namespace {

struct ReplayOptions {
  CommonOptions common;
  std::string book = "default", account, until, at;
};

std::string wallets_text(const AccountState& state) {
  std::string text;
  for (const auto& [asset, wallet] : state.wallets()) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {} available", wallet.available, asset.code);
    if (wallet.reserved != 0) text += fmt::format(" and {} reserved", wallet.reserved);
  }
  return text.empty() ? "no balance" : text;
}

void append_state(std::string& out, const AccountState& state) {
  out += fmt::format("{{\"version\":{},\"wallets\":[", state.version);
  bool is_first = true;
  for (const auto& [asset, wallet] : state.wallets()) {
    if (!is_first) out += ',';
    is_first = false;
    out += "{\"asset\":";
    append_json_string(out, asset.code);
    out += fmt::format(",\"available\":{},\"reserved\":{},\"granted\":{},\"consumed\":{},\"expired\":{}}}",
                       wallet.available, wallet.reserved, wallet.granted, wallet.consumed, wallet.expired);
  }
  std::size_t open_grants = 0, open_holds = 0;
  for (const auto& [id, grant] : state.grants()) open_grants += grant.is_open() ? 1 : 0;
  for (const auto& [id, hold] : state.holds()) open_holds += hold.is_open() ? 1 : 0;
  out += fmt::format("],\"open_grants\":{},\"open_holds\":{}}}", open_grants, open_holds);
}

int replay_account(const ReplayOptions& options, const EventLog& log) {
  const std::string stream = account_stream(options.book, options.account);
  const Instant until = options.until.empty() ? never : time_option("--until", options.until);
  std::optional<LogPosition> at;
  if (!options.at.empty()) {
    at = parse_log_position(options.at);
    if (!at) throw std::invalid_argument("--at takes a position such as 0:42");
  }
  const EventRenderer renderer;
  AccountState state;
  std::uint64_t shown = 0;
  // Streams of a book share a shard, but which one is the engine's business: the account's events are in one of them.
  for (ShardNumber shard = 0; shard < log.shards(); ++shard) {
    if (at && at->shard != shard) continue;
    const auto reader = log.read_forward(shard, 1);
    StoredEvent event;
    while (reader->next(event)) {
      if (at && event.position > at->position) break;
      const EnvelopeView view = view_envelope(event.envelope);
      if (view.stream != stream) continue;
      if (view.decided_at_us > micros(until)) break;
      evolve(state, *schema::GetEnvelope(event.envelope.data()));
      ++shown;
      if (options.common.json) {
        std::string line = "{\"event\":";
        renderer.append_event(line, event.envelope);
        line += ",\"state\":";
        append_state(line, state);
        fmt::print("{}}}\n", line);
      } else {
        fmt::print("{:>10}  v{:<6} {}  {:<26} {}\n", to_string({shard, event.position}), view.stream_version,
                   format_rfc3339(Instant{view.decided_at_us}), renderer.type_name(event.envelope),
                   wallets_text(state));
      }
    }
  }
  if (shown == 0) {
    fmt::print(stderr, "daybook: the log has no event of account {} in book {}{}\n", options.account, options.book,
               until == never ? "" : " until then");
    return exit_check_failed;
  }
  return exit_done;
}

int replay_all(const ReplayOptions& options, const EventLog& log) {
  std::uint64_t events = 0, total = 0, accounts = 0;
  for (ShardNumber shard = 0; shard < log.shards(); ++shard) total += log.head(shard);
  Progress progress("replay", "events", options.common.json);
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> sums;  // available, reserved by asset
  for (ShardNumber shard = 0; shard < log.shards(); ++shard) {
    std::vector<std::unique_ptr<AccountState>> states;
    const auto reader = log.read_forward(shard, 1);
    StoredEvent event;
    while (reader->next(event)) {
      const schema::Envelope& envelope = *schema::GetEnvelope(event.envelope.data());
      if (!is_book_stream(envelope.stream()->string_view())) {
        if (states.size() <= envelope.stream_ordinal()) states.resize(envelope.stream_ordinal() * 2 + 16);
        auto& state = states[envelope.stream_ordinal()];
        if (!state) state = std::make_unique<AccountState>();
        evolve(*state, envelope);
        if (state->has_ended()) state->take_ended();
      }
      if (++events % 65'536 == 0) progress.update(events, total);
    }
    for (const auto& state : states) {
      if (!state) continue;
      ++accounts;
      for (const auto& [asset, wallet] : state->wallets()) {
        auto& sum = sums[asset.code];
        sum.first += wallet.available;
        sum.second += wallet.reserved;
      }
    }
  }
  const double seconds = progress.seconds();
  const double rate = seconds > 0 ? static_cast<double>(events) / seconds : 0;
  if (options.common.json) {
    std::string out = fmt::format(
        "{{\"events\":{},\"accounts\":{},\"seconds\":{:.3f},\"events_per_second\":{:.0f},"
        "\"balances\":{{",
        events, accounts, seconds, rate);
    bool is_first = true;
    for (const auto& [asset, sum] : sums) {
      if (!is_first) out += ',';
      is_first = false;
      append_json_string(out, asset);
      out += fmt::format(":{{\"available\":{},\"reserved\":{}}}", sum.first, sum.second);
    }
    fmt::print("{}}}}}\n", out);
  } else {
    fmt::print("{} events of {} accounts folded in {:.2f} s ({:.0f}/s)\n", events, accounts, seconds, rate);
    for (const auto& [asset, sum] : sums) {
      fmt::print("  {:<10} {} available, {} reserved\n", asset, sum.first, sum.second);
    }
  }
  return exit_done;
}

}  // namespace

void add_replay(Subcommand app, Action& action) {
  auto options = std::make_shared<ReplayOptions>();
  const Subcommand command = app.subcommand("replay", "Fold the log again and show the states");
  add_common(command, options->common);
  command.add_option("--book", &options->book, "The book").shows_default();
  command.add_option("--account", &options->account, "One account: its state after each event. Without: all, and sums");
  command.add_option("--until", &options->until, "Events decided up to this RFC 3339 time");
  command.add_option("--at", &options->at, "Events up to this position (shard:position)");
  command.footer(
      "Examples:\n  daybook replay --account acme\n  daybook replay --account acme --until 2026-12-01T00:00:00Z"
      "\n  daybook replay --json");
  command.callback([options, &action] {
    action = [options] {
      const LogAccess access = open_log(options->common.data);
      return options->account.empty() ? replay_all(*options, *access.log) : replay_account(*options, *access.log);
    };
  });
}

}  // namespace daybook
