#include "tools/export_source.h"

#include <fmt/format.h>

#include <csignal>
#include <stdexcept>

#include "eventstore/envelope_view.h"

namespace daybook {
namespace {

constexpr std::uint64_t progress_events = 4096;
std::sig_atomic_t volatile interrupted = 0;

}  // namespace

ExportSource::ExportSource(const ExportOptions& options) : options_(options), access_(open_log(options.common.data)) {
  if (!options.from.empty()) from_ = time_option("--from", options.from);
  if (!options.to.empty()) to_ = time_option("--to", options.to);
  for (ShardNumber shard = 0; shard < log().shards(); ++shard) {
    first_.push_back(1);
    last_.push_back(log().head(shard));
  }
  for (const std::string& text : options.after) {
    const LogPosition after = position_option("--after", text);
    first_[after.shard] = after.position + 1;
  }
  for (const std::string& text : options.at) {
    const LogPosition at = position_option("--at", text);
    last_[at.shard] = at.position;
    if (first_[at.shard] > at.position + 1) throw std::invalid_argument("--at is before --after");
  }
}

LogPosition ExportSource::position_option(const std::string& option, const std::string& text) const {
  const auto at = parse_log_position(text);
  if (!at || at->shard >= log().shards()) {
    throw std::invalid_argument(option + " takes a position such as 0:42, of a shard that the log has");
  }
  const LogPosition head{at->shard, log().head(at->shard)};
  if (*at > head) {
    throw std::invalid_argument(fmt::format("{} {} is beyond the log's end, {}", option, text, to_string(head)));
  }
  return *at;
}

bool ExportSource::matches(std::string_view stream) const {
  const auto slash = stream.find('/');
  if (slash == stream.npos) return false;
  if (!options_.all_books && stream.substr(0, slash) != options_.book) return false;
  return options_.account.empty() || stream.substr(slash + 1) == options_.account;
}

void ExportSource::for_each(const std::function<void(ShardNumber, const StoredEvent&)>& use) {
  std::signal(SIGINT, [](int) { interrupted = 1; });
  std::signal(SIGTERM, [](int) { interrupted = 1; });
  std::uint64_t total = 0;
  for (std::size_t shard = 0; shard < first_.size(); ++shard) total += last_[shard] + 1 - first_[shard];
  Progress progress("export", "events", options_.common.json);
  for (ShardNumber shard = 0; shard < log().shards(); ++shard) {
    if (first_[shard] > last_[shard]) continue;
    const auto reader = log().read_forward(shard, first_[shard]);
    StoredEvent event;
    while (reader->next(event) && event.position <= last_[shard]) {
      if (matches(view_envelope(event.envelope).stream)) use(shard, event);
      if (++events_ % progress_events != 0) continue;
      progress.update(events_, total);
      if (interrupted != 0) throw StorageFault("interrupted: the export is not whole; run it again");
    }
  }
}

std::string ExportSource::range_text() const {
  std::string text;
  for (ShardNumber shard = 0; shard < first_.size(); ++shard) {
    if (!text.empty()) text += ", ";
    text += to_string(LogPosition{shard, first_[shard]}) + " to " + to_string(LogPosition{shard, last_[shard]});
  }
  return text;
}

}  // namespace daybook
