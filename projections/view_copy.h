// One generation of a view: its store, its checkpoints, and the fold that fills it. The live copy of a view and the
// fresh one of a rebuild are both of these.
//
// Rows of every view, before its own tables:
//   00 'v'              -> fold_version:u16 view_format:u16
//   00 'c' shard:u16be  -> position:u64, everything up to there is folded
#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <mutex>

#include "projections/fold_batch.h"
#include "projections/view_fold.h"
#include "projections/view_snapshot.h"

namespace daybook {

/// Changes when the rows of any view change their format: views of another one are folded again.
inline constexpr std::uint16_t view_format = 3;

/// Concurrency: fold, commit and discard from one thread at a time; everything else from any thread.
class ViewCopy {
 public:
  struct Settings {
    std::size_t cache_bytes;
    std::size_t block_cache_bytes;
    bool read_only = false;
    std::size_t flush_bytes = RowStore::Options().flush_bytes;
    rocksdb::Env* env = nullptr;
    EmailDigest email_digest = {};
    OpenRowStore open_rows = RowStore::open;
  };
  /// Opens or creates. Throws StorageFault.
  ViewCopy(ViewName name, std::filesystem::path directory, const Settings& settings);
  /// Closes the store; deletes its folder if retired.
  ~ViewCopy();
  ViewCopy(const ViewCopy&) = delete;
  ViewCopy& operator=(const ViewCopy&) = delete;

  ViewName name() const { return name_; }
  /// It was folded by this build's fold (or is new).
  bool is_current_version() const { return is_current_version_; }
  /// Nothing has ever been committed.
  bool is_new() const { return is_new_; }
  /// What has been committed; what a snapshot taken now holds at least.
  Position checkpoint(ShardNumber shard) const;
  /// What has been folded, committed or not.
  Position folded(ShardNumber shard) const;

  /// Folds the batch's events after folded() and up to `up_to`. Throws CorruptLog for one that cannot be folded, and
  /// StorageFault for a failed read: then discard(). Requires that the batch leaves no gap.
  void fold(const FoldBatch& batch, Position up_to = std::numeric_limits<Position>::max());
  /// Writes rows and checkpoints, atomically. Rows stay in memory if they fit into the cache.
  void commit();
  /// About what the rows in memory take, changed or not.
  std::size_t memory_bytes() const { return fold_->memory_bytes(); }
  /// Forgets the rows in memory; requires that everything is committed.
  void forget() { fold_->forget(); }
  /// Forgets what has been folded since the last commit.
  void discard();
  /// Makes everything committed durable.
  void flush() { store_->flush(); }

  void set_cache_bytes(std::size_t bytes) { settings_.cache_bytes = bytes; }
  /// Deletes the folder once the last reader is gone.
  void retire() { is_retired_ = true; }
  const RowStore& store() const { return *store_; }

 private:
  ViewName name_;
  std::filesystem::path directory_;
  Settings settings_;
  std::unique_ptr<RowStore> store_;
  std::unique_ptr<ViewFold> fold_;
  bool is_current_version_ = true;
  bool is_new_ = false;  ///< The version row is still to be written.
  bool is_retired_ = false;
  std::map<ShardNumber, Position> folded_;
  mutable std::mutex mutex_;  ///< Guards checkpoints_ and folded_.
  std::map<ShardNumber, Position> checkpoints_;
};

/// A snapshot that keeps its copy open.
ViewSnapshot snapshot_of(const std::shared_ptr<ViewCopy>& copy);

}  // namespace daybook
