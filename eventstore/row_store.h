// An ordered map of bytes to bytes with a checkpoint, for everything that is folded from the log and may be deleted:
// indexes, state rows, views. A batch and its checkpoint become visible and durable together or not at all; the last
// batches may be lost in a crash (they are folded again from the checkpoint), never torn or reordered. No write-ahead
// log; the memtable is flushed every `flush_bytes`, by flush(), and when the store is closed. A row is bound to its key
// by a checksum, checked whenever it is read: one that is not what was put there throws DamagedRow.
//
// Threads: write from one thread at a time; everything else from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/fault.h"

namespace rocksdb {
class Env;
}

namespace daybook {

/// Puts and deletes, applied in order.
class RowBatch {
 public:
  virtual ~RowBatch() = default;
  virtual void put(std::string_view key, std::string_view value) = 0;
  virtual void erase(std::string_view key) = 0;
  virtual std::size_t count() const = 0;
  virtual void clear() = 0;
};

/// A store of another release, or whose rows have another format, cannot be read; open() with write access empties it.
class OtherRowFormat : public StorageFault {
 public:
  using StorageFault::StorageFault;
};

class RowStore {
 public:
  struct Options {
    std::filesystem::path directory;
    /// Of the rows, which are not looked into here. A store of rows of another format, or of another release, is
    /// emptied when it is opened.
    std::uint32_t row_format = 0;
    bool read_only = false;
    std::size_t block_cache_bytes = 64 << 20;
    std::size_t flush_bytes = 32 << 20;
    rocksdb::Env* env = nullptr;  ///< For fault injection in tests; the default one if null.
  };
  /// A consistent view of the store at one moment. Keeps the store's files alive; must not outlive the store.
  class Snapshot {
   public:
    virtual ~Snapshot() = default;
    virtual std::optional<std::string> get(std::string_view key) const = 0;
    /// Calls `row(key, value)` in ascending key order over [from, to) until it returns false. Empty `to`: to the end.
    virtual void scan(std::string_view from, std::string_view to,
                      const std::function<bool(std::string_view, std::string_view)>& row) const = 0;
    /// The same, descending, over [from, to).
    virtual void scan_backward(std::string_view from, std::string_view to,
                               const std::function<bool(std::string_view, std::string_view)>& row) const = 0;
  };

  /// Opens or creates. A damaged store throws StorageFault: the caller deletes it and folds again. Read-only, one of
  /// another format throws OtherRowFormat.
  static std::unique_ptr<RowStore> open(const Options& options);
  /// Reads every table file of the store in `directory`, as of now, also beside the process that writes it, and
  /// compares it with the checksum that was kept when it was written. Throws CorruptLog that names the file,
  /// StorageFault.
  static void check_files(const std::filesystem::path& directory);
  /// Closes cleanly: everything written is flushed.
  virtual ~RowStore() = default;

  virtual std::unique_ptr<RowBatch> new_batch() const = 0;
  /// Applies the batch atomically. Throws StorageFault: then nothing of it is applied, and nothing will be until the
  /// store is closed and opened again (which goes back to the last durable batch).
  virtual void write(RowBatch& batch) = 0;
  /// Makes everything written so far durable.
  virtual void flush() = 0;

  virtual std::optional<std::string> get(std::string_view key) const = 0;
  /// get() for many keys at once, in their order.
  virtual std::vector<std::optional<std::string>> get_many(const std::vector<std::string>& keys) const = 0;
  virtual std::unique_ptr<Snapshot> snapshot() const = 0;
  virtual std::uint64_t disk_bytes() const = 0;
};

/// How a store is opened: RowStore::open, or the simulation's own.
using OpenRowStore = std::function<std::unique_ptr<RowStore>(const RowStore::Options&)>;

}  // namespace daybook
