// Making a data directory from events that come from elsewhere: a backup, Kafka. Everything is written beside the
// directory's place and put there by one rename when it is whole, so that nobody ever serves half a log.
//
// Only whole commands are taken: what follows the last complete one is left out, as if it had not been acknowledged.
// Threads: one.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/log.h"
#include "eventstore/merkle_check.h"

namespace daybook {

class LogRestore {
 public:
  /// `data` must not exist, or be an empty folder. `log_id`: that of the log that is restored; empty for a new one (of
  /// a history that goes on differently). Throws StorageFault, as everything here does.
  LogRestore(const std::filesystem::path& data, ShardNumber shards, const std::string& log_id);
  /// Removes what was written unless it was finished.
  ~LogRestore();
  LogRestore(const LogRestore&) = delete;
  LogRestore& operator=(const LogRestore&) = delete;

  /// The restored log must have had this head: CorruptLog from add() or close() if it has not. Before the first add().
  void expect(ShardNumber shard, KnownHead known);
  /// The next event of its shard, which must say so itself. Throws CorruptLog for an envelope that does not verify, has
  /// another place, or does not follow.
  void add(ShardNumber shard, Position position, std::string_view envelope);
  /// Writes what is whole; nothing may be added after it. The heads, by shard, for the caller to compare.
  std::vector<TreeHead> close();
  /// The highest sealing key that an event names; 0 for none.
  std::uint64_t sealing_key_max() const;
  /// Where keys/ of the new directory is, until finish().
  std::filesystem::path keys_path() const;
  /// Puts the directory in its place. Requires close().
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace daybook
