// The log's indexes of one shard, written behind: stream -> positions, idempotency key -> position, state rows, rows
// of ended entities, what is due when. All bytes and numbers; all folds of the log, in a row store of its own that may
// be deleted (views/index-<shard>).
//
// Operation: the shard's writer add()s what each committed group changed; it is visible at once (held in memory) and
// written in sorted runs by a background thread, with the position up to which everything is in it. After a crash the
// owner adds again what follows checkpoint(); adding something twice changes nothing.
// Keys: 'p' ordinal version -> positions of a run of versions; 'k' hash128 -> position; 's' stream -> state row;
//       'o' ordinal -> stream; 'n' stream -> ordinal; 'e' ordinal version slot -> ended entity; 'd' book 0 instant
//       ordinal -> nothing; 'm' -> checkpoint, streams, highest position. Numbers in keys are big-endian.
// Threads: add from one thread; everything else from any.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/fault.h"
#include "eventstore/position.h"
#include "eventstore/row_store.h"

namespace daybook {

/// 128-bit hash of (book, principal, idempotency key).
using KeyHash = std::array<std::uint64_t, 2>;
KeyHash hash_key(std::string_view book, std::string_view principal, std::string_view key);

/// What a committed group changed.
struct IndexUpdate {
  struct StreamPosition {
    std::uint64_t ordinal = 0;
    std::uint64_t version = 0;
    Position position = 0;
  };
  struct Due {
    std::string list;  ///< What is due is kept by lists; a list's name has no NUL.
    std::int64_t at_us = 0;
    std::uint64_t ordinal = 0;
    bool erase = false;
  };
  struct EntityRow {
    std::uint64_t ordinal = 0, version = 0;
    std::uint16_t slot = 0;
    std::string row;
  };
  std::vector<StreamPosition> positions;
  std::vector<std::pair<KeyHash, Position>> keys;
  std::vector<std::pair<std::uint64_t, std::string>> new_streams;  ///< ordinal, name
  std::vector<std::pair<std::string, std::string>> state_rows;     ///< stream, row
  std::vector<EntityRow> entity_rows;
  std::vector<Due> due;
  /// Every event up to here is reflected in what was added so far, state rows included.
  Position checkpoint = 0;
  std::size_t entries() const {
    return positions.size() + keys.size() + new_streams.size() + state_rows.size() + entity_rows.size() + due.size();
  }
};

class StreamIndex {
 public:
  struct Options {
    std::filesystem::path directory;
    /// Of the state and entity rows, which are not looked into here; see RowStore::Options.
    std::uint32_t row_format = 0;
    std::size_t block_cache_bytes = 64 << 20;
    rocksdb::Env* env = nullptr;  ///< For fault injection in tests.
    /// What is written so far, as of now, also beside the process that writes it; add() and flush() throw.
    bool read_only = false;
    OpenRowStore open_rows = RowStore::open;
    bool threads = true;  ///< False: nothing is written but by write_waiting() and flush().
  };
  /// Throws StorageFault, and read-only OtherRowFormat.
  static std::unique_ptr<StreamIndex> open(const Options& options);
  virtual ~StreamIndex() = default;

  /// Up to where a start need not look at the log again; 0 for a new index.
  virtual Position checkpoint() const = 0;
  /// Number of streams known, that is the highest ordinal.
  virtual std::uint64_t streams() const = 0;

  /// Throws StorageFault once a run could not be written: the index must be opened again, and what follows its
  /// checkpoint added again. Until then reads see everything that was added.
  virtual void add(IndexUpdate update) = 0;
  /// Entries added and not yet written; the writer holds back while it is high. 0 once a run could not be written:
  /// there is nothing to wait for, the next add() says it.
  virtual std::size_t backlog() const = 0;
  /// Without threads: writes what was added, as the background thread would. What goes wrong the next add() says.
  virtual void write_waiting() = 0;
  /// Waits until everything added is written and durable.
  virtual void flush() = 0;

  virtual std::optional<Position> find_key(const KeyHash& key) const = 0;
  /// How many keys are written for positions up to there, counted one by one: for checks.
  virtual std::uint64_t count_keys(Position up_to) const = 0;
  virtual std::optional<std::string> state_row(std::string_view stream) const = 0;
  /// state_row() of many streams at once, in their order, which costs less than one by one.
  virtual std::vector<std::optional<std::string>> state_rows(const std::vector<std::string>& streams) const = 0;
  virtual std::optional<std::string> entity_row(std::uint64_t ordinal, std::uint64_t version,
                                                std::uint16_t slot) const = 0;
  virtual std::optional<std::string> stream_name(std::uint64_t ordinal) const = 0;
  /// stream_name() of many at once, in their order.
  virtual std::vector<std::optional<std::string>> stream_names(const std::vector<std::uint64_t>& ordinals) const = 0;
  virtual std::optional<std::uint64_t> stream_ordinal(std::string_view stream) const = 0;
  /// Positions of the stream's events with versions in [from, to], ascending and dense as far as they are added.
  virtual std::vector<Position> positions(std::uint64_t ordinal, std::uint64_t from, std::uint64_t to) const = 0;
  struct DueRow {
    std::int64_t at_us = 0;
    std::uint64_t ordinal = 0;
  };
  /// Due rows of a list with at in [from_us, to_us), in order. May hold rows that are no longer true.
  virtual std::vector<DueRow> due(std::string_view list, std::int64_t from_us, std::int64_t to_us) const = 0;
  /// The books (the part of a stream's name before the slash) that have a stream.
  virtual std::vector<std::string> books() const = 0;
  virtual std::uint64_t disk_bytes() const = 0;
};

}  // namespace daybook
