// A log in a temporary folder, with verbs: append, reopen, read, plant damage.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/log.h"
#include "eventstore/rocks_open.h"

namespace daybook::test {

class LogFixture {
 public:
  LogFixture();

  /// Settings for the next open(); the directory is set.
  EventLog::Options options;

  EventLog& open();
  void close() { log_.reset(); }
  EventLog& log() { return log_ ? *log_ : open(); }
  /// Closes cleanly and opens again.
  EventLog& restart();

  /// One group behind the head. Returns its first position.
  Position append(const std::vector<std::string>& envelopes, ShardNumber shard = 0);
  /// `count` events of `bytes` bytes each that say their position, in one group.
  void append_numbered(std::size_t count, std::size_t bytes = 40, ShardNumber shard = 0);
  /// The text that append_numbered() wrote at `position`.
  static std::string numbered(Position position, std::size_t bytes = 40);

  std::vector<std::string> read_forward(Position from = 1, ShardNumber shard = 0);
  std::vector<std::string> read_backward(Position from, ShardNumber shard = 0);
  /// First position and bytes of every row.
  std::vector<std::pair<Position, std::string>> rows(ShardNumber shard = 0);

  /// Behind the log's back, through RocksDB; the log must be closed.
  void plant_row(ShardNumber shard, Position first, std::string_view bytes);
  void delete_row(ShardNumber shard, Position first);
  std::string stored_row(ShardNumber shard, Position first);

  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  ScratchFolder folder_;
  std::unique_ptr<EventLog> log_;
};

}  // namespace daybook::test
