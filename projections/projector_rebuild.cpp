// Rebuilding: fresh copies are folded beside the live ones and take their place when they have caught up.
#include <algorithm>

#include "projections/projector.h"

namespace daybook {

bool Projector::claim_rebuild(const std::vector<ViewName>& views) {
  const std::lock_guard lock(mutex_);
  for (const ViewName view : views) {
    if (slot(view).rebuild.running || is_stopping_) return false;
  }
  for (const ViewName view : views) {
    slot(view).rebuild = {.running = true, .done = 0, .total = events_in_log(), .rate = 0, .error = {}};
    slot(view).rebuild_started = std::chrono::steady_clock::now();
  }
  return true;
}

void Projector::end_rebuild(const std::vector<ViewName>& views, const std::string& error) {
  const std::lock_guard lock(mutex_);
  for (const ViewName view : views) {
    slot(view).rebuild.running = false;
    slot(view).rebuild.error = error;
  }
}

void Projector::rebuild(const std::vector<ViewName>& views) {
  if (options_.read_only) throw StorageFault("the views are open for reading only");
  if (!claim_rebuild(views)) throw StorageFault("a rebuild of that view is under way");
  run_rebuild(views);
}

bool Projector::start_rebuild(ViewName view) {
  if (options_.read_only || !claim_rebuild({view})) return false;
  const std::lock_guard lock(mutex_);
  background_.emplace_back([this, view] {
    try {
      run_rebuild({view});
    } catch (const std::exception&) {  // The view's progress says it.
    }
  });
  return true;
}

void Projector::run_rebuild(const std::vector<ViewName>& views) {
  std::vector<Fresh> fresh;
  try {
    for (const ViewName view : views) {
      const ViewFolder folder(options_.directory, view);
      const std::uint64_t number = folder.new_generation();
      auto copy =
          std::make_shared<ViewCopy>(view, folder.generation(number), settings_of(options_.rebuild_cache_bytes));
      fresh.push_back({view, number, std::move(copy)});
    }
    fold_fresh(fresh);
    exchange(fresh);
  } catch (const std::exception& fault) {
    for (const Fresh& one : fresh) {
      if (slot(one.name).live != one.copy) one.copy->retire();
    }
    end_rebuild(views, fault.what());
    throw;
  }
  end_rebuild(views, {});
  committed();
}

bool Projector::fold_fresh_batch(std::vector<Fresh>& fresh, ShardNumber shard, BatchReader& reader, FoldBatch& batch) {
  if (!reader.read(batch, fresh.front().copy->folded(shard) + 1)) return false;
  std::size_t memory = 0;
  for (Fresh& one : fresh) {
    one.copy->fold(batch);
    memory += one.copy->memory_bytes();
  }
  // The fewer and larger the writes, the less they cost: the copy with most in memory makes room.
  if (memory > options_.rebuild_cache_bytes) {
    ViewCopy& largest = *std::max_element(fresh.begin(), fresh.end(), [](const Fresh& a, const Fresh& b) {
                           return a.copy->memory_bytes() < b.copy->memory_bytes();
                         })->copy;
    const std::size_t before = largest.memory_bytes();
    largest.commit();
    if (largest.memory_bytes() > before / 2) largest.forget();
  }
  note_rebuild(fresh);
  return batch.is_full();
}

void Projector::fold_fresh(std::vector<Fresh>& fresh) {
  FoldBatch batch({options_.batch_events_max, options_.batch_bytes_max});
  for (ShardNumber shard = 0; shard < log_.shards(); ++shard) {
    BatchReader reader(log_, shard);
    while (fold_fresh_batch(fresh, shard, reader, batch)) {
      const std::lock_guard lock(mutex_);
      if (is_stopping_) throw StorageFault("the rebuild was stopped");
    }
  }
  for (Fresh& one : fresh) {
    one.copy->commit();
    one.copy->flush();
  }
}

Position Projector::committed_position(const std::vector<Fresh>& fresh, ShardNumber shard) const {
  const std::lock_guard lock(mutex_);
  Position last = 0;
  for (const Fresh& one : fresh) {
    if (slot(one.name).live) last = std::max(last, slot(one.name).live->checkpoint(shard));
  }
  return last;
}

void Projector::exchange(std::vector<Fresh>& fresh) {
  const auto round = lock_round();
  // What was committed since: little, and the live copies stand still meanwhile. Reads never go back.
  for (ShardNumber shard = 0; shard < log_.shards(); ++shard) {
    BatchReader reader(log_, shard);
    const Position end = committed_position(fresh, shard);
    while (fresh.front().copy->folded(shard) < end) fold_fresh_batch(fresh, shard, reader, batch_);
  }
  for (Fresh& one : fresh) {
    one.copy->commit();
    one.copy->flush();
    one.copy->set_cache_bytes(options_.cache_bytes);
    ViewFolder(options_.directory, one.name).make_current(one.generation);
    const std::lock_guard lock(mutex_);
    Slot& exchanged = slot(one.name);
    if (exchanged.live) exchanged.live->retire();
    exchanged.live = one.copy;
    exchanged.is_stopped = false;
    exchanged.state = ViewState::live;
    exchanged.message.clear();
    folded_.notify_all();
  }
}

void Projector::note_rebuild(const std::vector<Fresh>& fresh) {
  const std::lock_guard lock(mutex_);
  for (const Fresh& one : fresh) {
    RebuildProgress& progress = slot(one.name).rebuild;
    progress.done = 0;
    for (ShardNumber shard = 0; shard < log_.shards(); ++shard) progress.done += one.copy->folded(shard);
    progress.total = std::max(events_in_log(), progress.done);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - slot(one.name).rebuild_started;
    progress.rate = elapsed.count() > 0 ? static_cast<double>(progress.done) / elapsed.count() : 0;
  }
}

RebuildProgress Projector::total_progress() const {
  const std::lock_guard lock(mutex_);
  RebuildProgress total;
  for (const Slot& one : slots_) {
    if (!one.rebuild.running) continue;
    total.running = true;
    total.done += one.rebuild.done;
    total.total += one.rebuild.total;
    total.rate += one.rebuild.rate;
  }
  return total;
}

}  // namespace daybook
