#include "eventstore/log_restore.h"

#include <fmt/format.h>

#include "eventstore/directory.h"
#include "eventstore/durable_file.h"
#include "eventstore/envelope_view.h"

namespace daybook {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t group_bytes = 4 << 20;  ///< Appended at a time, or one command if it is larger.

fs::path unfinished_path(const fs::path& data) {
  auto path = fs::absolute(data).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  return path += ".restoring";
}

/// What is to be appended to one shard.
struct Pending {
  std::string bytes;
  std::vector<std::size_t> ends;
  std::size_t whole = 0;  ///< Of `ends`, up to the end of the last whole command.
  Position first = 1;
  Position next = 1;
  MerkleFrontier frontier;
  std::vector<KnownHead> expected;

  std::string_view envelope(std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends[i - 1];
    return std::string_view(bytes).substr(begin, ends[i] - begin);
  }
};

}  // namespace

struct LogRestore::State {
  fs::path data, unfinished;
  std::unique_ptr<DataDirectory> directory;
  std::unique_ptr<EventLog> log;
  std::vector<Pending> shards;
  MerkleHasher hasher;
  std::uint64_t sealing_key_max = 0;
  bool finished = false;

  void check_expected(ShardNumber shard) {
    const Pending& pending = shards[shard];
    for (const KnownHead& known : pending.expected) {
      if (known.head.size != pending.frontier.size() || known.head.root == pending.frontier.root(hasher)) continue;
      throw CorruptLog(shard, 0,
                       fmt::format("the first {} events of shard {} are not those of {}: nothing was restored",
                                   known.head.size, shard, known.source));
    }
  }

  void append_whole(ShardNumber shard) {
    Pending& pending = shards[shard];
    if (pending.whole == 0) return;
    std::vector<std::string_view> envelopes;
    for (std::size_t i = 0; i < pending.whole; ++i) envelopes.push_back(pending.envelope(i));
    log->append(shard, pending.first, envelopes);
    for (const auto envelope : envelopes) {
      pending.frontier.append(hasher.leaf(envelope), hasher);
      check_expected(shard);
    }
    pending.first += pending.whole;
    const std::size_t kept_from = pending.ends[pending.whole - 1];
    pending.bytes.erase(0, kept_from);
    pending.ends.erase(pending.ends.begin(), pending.ends.begin() + static_cast<std::ptrdiff_t>(pending.whole));
    for (std::size_t& end : pending.ends) end -= kept_from;
    pending.whole = 0;
  }
};

LogRestore::LogRestore(const fs::path& data, ShardNumber shards, const std::string& log_id)
    : state_(std::make_unique<State>()) {
  state_->data = data;
  state_->unfinished = unfinished_path(data);
  std::error_code error;
  if (fs::exists(data, error) && !(fs::is_directory(data, error) && fs::is_empty(data, error))) {
    throw StorageFault(
        fmt::format("{} exists: a restore makes a directory of its own; name one that is not there, "
                    "or move this one away",
                    data.string()));
  }
  fs::remove_all(state_->unfinished, error);  // Of a restore that was cut short.
  state_->directory = DataDirectory::open(state_->unfinished, DataDirectory::Access::change, shards, log_id);
  EventLog::Options options;
  options.directory = state_->directory->log_path();
  options.shards = shards;
  state_->log = EventLog::open(options);
  state_->shards.resize(shards);
}

LogRestore::~LogRestore() {
  if (state_->finished) return;
  state_->log.reset();
  state_->directory.reset();
  std::error_code ignored;
  fs::remove_all(state_->unfinished, ignored);
}

void LogRestore::expect(ShardNumber shard, KnownHead known) {
  if (shard >= state_->shards.size()) {
    throw StorageFault(fmt::format("{} is of shard {}, which this log does not have", known.source, shard));
  }
  state_->shards[shard].expected.push_back(std::move(known));
}

void LogRestore::add(ShardNumber shard, Position position, std::string_view envelope) {
  const auto fail = [&](std::string_view why) {
    throw CorruptLog(shard, position,
                     fmt::format("the event at {} {}: nothing was restored", to_string({shard, position}), why));
  };
  if (shard >= state_->shards.size()) fail("is of a shard that the log does not have");
  Pending& pending = state_->shards[shard];
  if (position != pending.next) fail(fmt::format("comes where {} was due", to_string({shard, pending.next})));
  if (!verify_envelope(envelope)) fail("does not verify");
  const EnvelopeView view = view_envelope(envelope);
  if (view.shard != shard || view.position != position) fail("says that it stands elsewhere");
  state_->sealing_key_max = std::max(state_->sealing_key_max, view.sealing_key);
  pending.bytes.append(envelope);
  pending.ends.push_back(pending.bytes.size());
  ++pending.next;
  if (view.command_index + 1 >= view.command_size) {
    pending.whole = pending.ends.size();
    if (pending.bytes.size() >= group_bytes) state_->append_whole(shard);
  }
}

std::vector<TreeHead> LogRestore::close() {
  std::vector<TreeHead> heads;
  for (ShardNumber shard = 0; shard < state_->shards.size(); ++shard) {
    state_->append_whole(shard);
    const Pending& pending = state_->shards[shard];
    heads.push_back({pending.frontier.size(), pending.frontier.root(state_->hasher)});
    for (const KnownHead& known : pending.expected) {
      if (known.head.size <= pending.frontier.size()) continue;
      throw CorruptLog(shard, 0,
                       fmt::format("shard {} has {} events, and {} is of {}: nothing was restored", shard,
                                   pending.frontier.size(), known.source, known.head.size));
    }
    if (pending.frontier.size() == 0) continue;
    state_->directory->witness(shard, {state_->log->head(shard), state_->log->head_checksum(shard)});
  }
  state_->directory->sync_witness();
  state_->log.reset();
  return heads;
}

std::uint64_t LogRestore::sealing_key_max() const {
  return state_->sealing_key_max;
}

fs::path LogRestore::keys_path() const {
  return state_->directory->keys_path();
}

void LogRestore::finish() {
  state_->directory.reset();
  std::error_code error;
  fs::remove(state_->data, error);  // Empty, if it is there.
  fs::rename(state_->unfinished, state_->data, error);
  if (error) {
    throw StorageFault(
        fmt::format("renaming {} to {}: {}", state_->unfinished.string(), state_->data.string(), error.message()));
  }
  sync_folder(state_->unfinished.parent_path());
  state_->finished = true;
}

}  // namespace daybook
