// What folds the log into the views: the follower, the state of each view, and rebuilding. Queries are elsewhere.
//
// Operation: a round gives each group of views that stand at the same position one batch, the leading group first, so
// that a view that is folded from the beginning does not hold up the others. Each view commits each batch by itself.
// Concurrency: round_mutex_ is held while live copies are folded or exchanged; mutex_ guards everything that is read
// from other threads, and is never held while folding. Order: round_mutex_, mutex_, a copy's own.
#pragma once

#include <array>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "projections/projections.h"
#include "projections/view_copy.h"
#include "projections/view_folder.h"

namespace daybook {

class Projector {
 public:
  /// Opens the views; throws StorageFault.
  explicit Projector(const Projections::Options& options);
  /// Stops the follower and rebuilds under way.
  ~Projector();

  void start_following();
  void committed();
  bool wait_for(ViewName view, ShardNumber shard, Position position, std::chrono::milliseconds timeout);
  void catch_up();

  /// The live copy; throws StorageFault if the view could not be opened.
  std::shared_ptr<ViewCopy> live(ViewName view) const;
  /// Why the view has stopped; empty if it has not.
  std::string failure(ViewName view) const;
  /// Snapshots of several views at one position of each shard; nothing if they do not stand at the same one.
  std::vector<ViewSnapshot> snapshots_together(std::span<const ViewName> views);
  std::vector<ViewStatus> status(Instant now) const;

  /// Folds fresh copies of the views with one reading of the log, and exchanges them. Throws StorageFault.
  void rebuild(const std::vector<ViewName>& views);
  bool start_rebuild(ViewName view);
  /// The sums over the rebuilds under way.
  RebuildProgress total_progress() const;
  const Projections::Options& options() const { return options_; }

 private:
  struct Slot {
    std::shared_ptr<ViewCopy> live;  // shared with its readers, who may outlive it as the live one; null: not open
    bool is_stopped = false;         ///< Its store failed and must be opened again; of who holds round_mutex_.
    ViewState state = ViewState::live;
    std::string message;
    std::vector<Position> fresh_until;  ///< While state is rebuilding: where it ends, by shard.
    RebuildProgress rebuild;
    std::chrono::steady_clock::time_point rebuild_started{};
  };
  struct Fresh {
    ViewName name;
    std::uint64_t generation;
    std::shared_ptr<ViewCopy> copy;
  };

  ViewCopy::Settings settings_of(std::size_t cache_bytes) const;
  void open_view(ViewName view);
  /// A store that failed takes nothing more: it is opened again, at its last durable batch. Throws StorageFault; its
  /// readers keep the old one locked, so this may need another try.
  void reopen_view(ViewName view);
  /// The copy named by CURRENT; null, and why, if there is none that this build can go on with.
  std::shared_ptr<ViewCopy> open_current(ViewName view, std::string& why_not) const;
  void follow();
  /// One batch for each group of views; false if there was nothing to fold.
  bool fold_round(ShardNumber shard);
  bool fold_group(Position position, const std::vector<ViewName>& views, BatchReader& reader);
  /// Folds batch_. `fault` becomes what a retry may mend.
  void fold_view(ViewName view, std::string& fault);
  void fail(ViewName view, const std::string& message);
  void note_folded(ViewName view);

  /// False if a rebuild of one of them is under way.
  bool claim_rebuild(const std::vector<ViewName>& views);
  void run_rebuild(const std::vector<ViewName>& views);
  void fold_fresh(std::vector<Fresh>& fresh);
  /// Folds a batch; false when it was the last one as of now.
  bool fold_fresh_batch(std::vector<Fresh>& fresh, ShardNumber shard, BatchReader& reader, FoldBatch& batch);
  /// How far the live copies of these views are.
  Position committed_position(const std::vector<Fresh>& fresh, ShardNumber shard) const;
  void exchange(std::vector<Fresh>& fresh);
  void note_rebuild(const std::vector<Fresh>& fresh);
  void end_rebuild(const std::vector<ViewName>& views, const std::string& error);

  /// round_mutex_, in turn: a thread that folds round after round does not keep the others out.
  std::unique_lock<std::mutex> lock_round();
  Slot& slot(ViewName view) { return slots_[index_of(view)]; }
  const Slot& slot(ViewName view) const { return slots_[index_of(view)]; }
  std::uint64_t events_in_log() const;

  const Projections::Options options_;
  const EventLog& log_;

  std::mutex turnstile_, round_mutex_;
  FoldBatch batch_;
  std::vector<BatchReader> leading_, lagging_;  ///< By shard.

  mutable std::mutex mutex_;
  std::condition_variable wake_, folded_;
  std::array<Slot, view_count> slots_;
  bool has_work_ = true;
  bool is_stopping_ = false;
  std::size_t waiters_ = 0;
  std::vector<std::thread> background_;
  std::thread follower_;
};

}  // namespace daybook
