// The log: the one thing that must be synced, backed up and proved. It stores envelopes as bytes, in rows of whole
// groups, and knows nothing of billing.
//
// Format of a row (docs/log-format.md has a worked example). All integers little-endian, except in the key.
//   key   := shard:u16be first_position:u64be
//   row   := count:u32 end:u32[count] (pad envelope)[count] checksum:u64
//   Envelope i ends at end[i], counted from the row's first byte; it starts at the next multiple of 8 after the end of
//   the one before (the first: after the table). pad is zero. So the exact bytes come back, whatever their length.
//   checksum is XXH3-64 over everything before it, seeded with first_position xor (shard << 48).
//
// Threads: append from one thread a shard at a time; everything else from any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/fault.h"
#include "eventstore/position.h"

namespace rocksdb {
class Env;
}

namespace daybook {

/// The largest envelope; a larger one is refused before anything is written.
inline constexpr std::size_t envelope_bytes_max = 16 << 20;

/// One stored event: its place and its exact bytes, 8-byte aligned in memory, valid until the reader that gave it
/// moves on (also when the log is reopened meanwhile).
struct StoredEvent {
  Position position = 0;
  std::string_view envelope;
};

/// Forward or backward over one shard. Each row's checksum is checked as it is entered.
/// Throws CorruptLog for a bad row or a gap between rows, StorageFault for a failed read.
class LogReader {
 public:
  virtual ~LogReader() = default;
  /// Moves to the next event and fills it; false at the end of what was committed when the reader was opened
  /// (at position 1 when reading backwards).
  virtual bool next(StoredEvent& event) = 0;
  /// Positions so that the following next() gives `position`, or the nearest after it in the reading direction.
  virtual void seek(Position position) = 0;
};

class EventLog {
 public:
  struct Options {
    std::filesystem::path directory;        ///< The log/ folder itself.
    ShardNumber shards = 1;                 ///< Number of shards; fixed when the data directory is made.
    bool read_only = false;                 ///< A consistent snapshot beside a live server; append throws.
    bool sync = true;                       ///< fdatasync before append returns. Off only in benchmarks of other parts.
    std::size_t row_bytes_max = 32 * 1024;  ///< A row closes at this size; a larger event has a row of its own.
    std::size_t block_cache_bytes = 64 << 20;
    rocksdb::Env* env = nullptr;  ///< For fault injection in tests; the default one if null.
  };

  /// Opens or creates. Throws StorageFault; CorruptLog when RocksDB finds its files damaged.
  static std::unique_ptr<EventLog> open(const Options& options);
  virtual ~EventLog() = default;

  virtual ShardNumber shards() const = 0;
  /// The last committed position of the shard; 0 if empty.
  virtual Position head(ShardNumber shard) const = 0;
  /// XXH3 checksum of the last committed row of the shard, for the head witness; 0 if empty.
  virtual std::uint64_t head_checksum(ShardNumber shard) const = 0;

  /// Appends a group, all or nothing, in one synced write. Throws StorageFault. After a failed write the state on disk
  /// is unknown and every append of every shard throws until reopen(): the shard must stop and reload. DiskFull if
  /// there was no room; then readers go on over what is open until reopen(), which itself needs room. Refused before
  /// anything is written: `first` other than head + 1, an empty group, an envelope of 0 or over envelope_bytes_max.
  virtual void append(ShardNumber shard, Position first, std::span<const std::string_view> envelopes) = 0;

  /// Closes and opens the database again after a failed write; heads are what the disk holds. Waits for calls that are
  /// under way in other threads. Readers opened before throw StorageFault when they enter their next row. If it throws,
  /// the log stays closed (everything throws) until a later reopen() succeeds. A read-only log gets a new snapshot.
  virtual void reopen() = 0;
  /// A write failed, and the log was not reopened since (or reopening failed).
  virtual bool has_failed() const = 0;

  /// Reads forward from `from` (1 is the beginning) up to the head as of now.
  virtual std::unique_ptr<LogReader> read_forward(ShardNumber shard, Position from) const = 0;
  /// Reads backward from `from` down to 1; from = head(shard) for the newest.
  virtual std::unique_ptr<LogReader> read_backward(ShardNumber shard, Position from) const = 0;
  /// Copies one event's bytes. Throws CorruptLog if it is damaged or missing at or below the head.
  virtual std::string read_one(ShardNumber shard, Position position) const = 0;

  /// Rows as stored, nothing checked: for checks of the raw bytes and for statistics. Calls `row(first_position,
  /// bytes)` in order, from the row that holds `from`, until it returns false or the head as of now is reached.
  virtual void for_each_row(ShardNumber shard, Position from,
                            const std::function<bool(Position, std::string_view)>& row) const = 0;
  /// Reads every SST file and compares it with the checksum that was kept when it was written. Throws CorruptLog
  /// (without a position).
  virtual void check_files() const = 0;
  /// Bytes on disk (SST and WAL files) of the whole log.
  virtual std::uint64_t disk_bytes() const = 0;
  /// Bytes that may still be written to the disk that holds the log; the largest number if it does not say.
  virtual std::uint64_t free_disk_bytes() const = 0;
};

}  // namespace daybook
