#include "projections/projector.h"

#include <algorithm>

#include "eventstore/damaged_row.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr std::chrono::milliseconds retry_pause_min{100};
constexpr std::chrono::milliseconds retry_pause_max{5'000};

std::vector<BatchReader> make_readers(const EventLog& log) {
  std::vector<BatchReader> readers;
  for (ShardNumber shard = 0; shard < log.shards(); ++shard) readers.emplace_back(log, shard);
  return readers;
}

/// Age of an event of the log; 0 if it cannot be read, which its reader will say.
double age_seconds(const EventLog& log, ShardNumber shard, Position position, Instant now) try {
  const std::string bytes = log.read_one(shard, position);
  const schema::Instant* recorded = schema::GetEnvelope(bytes.data())->recorded_at();
  const std::int64_t age = recorded == nullptr ? 0 : micros(now) - recorded->us();
  return static_cast<double>(std::max<std::int64_t>(age, 0)) / static_cast<double>(micros_per_second);
} catch (const StorageFault&) {
  return 0;
}

}  // namespace

Projector::Projector(const Projections::Options& options)
    : options_(options),
      log_(*options.log),
      batch_({options.batch_events_max, options.batch_bytes_max}),
      leading_(make_readers(log_)),
      lagging_(make_readers(log_)) {
  for (const ViewName view : all_views) open_view(view);
}

Projector::~Projector() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_all();
  folded_.notify_all();
  if (follower_.joinable()) follower_.join();
  for (std::thread& thread : background_) thread.join();
}

void Projector::start_following() {
  follower_ = std::thread([this] { follow(); });
}

void Projector::committed() {
  const std::lock_guard lock(mutex_);
  if (has_work_) return;
  has_work_ = true;
  wake_.notify_all();
}

void Projector::follow() {
  auto pause = retry_pause_min;
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return is_stopping_ || has_work_; });
    wake_.wait_for(lock, options_.linger, [&] { return is_stopping_ || waiters_ > 0; });
    if (is_stopping_) return;
    has_work_ = false;
    lock.unlock();
    bool is_retry = false;
    try {
      catch_up();
    } catch (const StorageFault&) {
      is_retry = true;  // status() shows the lag; what is wrong with the log its writer says.
    }
    lock.lock();
    if (!is_retry) {
      pause = retry_pause_min;
      continue;
    }
    has_work_ = true;
    wake_.wait_for(lock, pause, [&] { return is_stopping_; });
    pause = std::min(pause * 2, retry_pause_max);
  }
}

bool Projector::wait_for(ViewName view, ShardNumber shard, Position position, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::unique_lock lock(mutex_);
  const Slot& waited = slot(view);
  const auto holds = [&] { return waited.live && waited.live->checkpoint(shard) >= position; };
  if (holds()) return true;
  ++waiters_;
  has_work_ = true;
  wake_.notify_all();
  folded_.wait_until(lock, deadline, [&] { return is_stopping_ || waited.state == ViewState::failed || holds(); });
  --waiters_;
  return holds();
}

void Projector::catch_up() {
  if (options_.read_only) return;
  for (bool progressed = true; progressed;) {
    progressed = false;
    for (ShardNumber shard = 0; shard < log_.shards(); ++shard) {
      const auto round = lock_round();
      progressed = fold_round(shard) || progressed;
    }
    const std::lock_guard lock(mutex_);
    if (is_stopping_) return;
  }
}

std::unique_lock<std::mutex> Projector::lock_round() {
  const std::lock_guard next(turnstile_);
  return std::unique_lock(round_mutex_);
}

bool Projector::fold_round(ShardNumber shard) {
  std::map<Position, std::vector<ViewName>, std::greater<>> groups;
  std::string fault;
  for (const ViewName view : all_views) {
    try {
      if (slot(view).is_stopped) reopen_view(view);
    } catch (const StorageFault& caught) {
      fault = caught.what();
    }
  }
  {
    const std::lock_guard lock(mutex_);
    for (const ViewName view : all_views) {
      if (slot(view).live && slot(view).state != ViewState::failed) {
        groups[slot(view).live->checkpoint(shard)].push_back(view);
      }
    }
  }
  bool progressed = false;
  for (const auto& [position, views] : groups) {
    const bool leads = position == groups.begin()->first;
    try {
      progressed = fold_group(position, views, leads ? leading_[shard] : lagging_[shard]) || progressed;
    } catch (const StorageFault& caught) {
      fault = caught.what();
    }
  }
  if (!fault.empty()) throw StorageFault(fault);
  return progressed;
}

bool Projector::fold_group(Position position, const std::vector<ViewName>& views, BatchReader& reader) {
  for (bool is_second_look = false;; is_second_look = true) {
    try {
      if (!reader.read(batch_, position + 1)) return false;
      break;
    } catch (const CorruptLog& corrupt) {
      if (!is_second_look) continue;  // It may only have been read wrong.
      for (const ViewName view : views) fail(view, corrupt.what());
      return false;
    }
  }
  std::string fault;
  for (const ViewName view : views) fold_view(view, fault);
  if (!fault.empty()) throw StorageFault(fault);
  return true;
}

void Projector::fold_view(ViewName view, std::string& fault) {
  ViewCopy& copy = *slot(view).live;  // Only exchanged under round_mutex_, which this thread holds.
  try {
    copy.fold(batch_);
    copy.commit();
  } catch (const CorruptLog& corrupt) {
    copy.discard();
    if (corrupt.position() == 0) {  // Not the log, but a file of the view.
      slot(view).is_stopped = true;
      fault = corrupt.what();
      return note_folded(view);
    }
    try {
      copy.fold(batch_, corrupt.position() - 1);
      copy.commit();
    } catch (const StorageFault&) {
      copy.discard();
    }
    fail(view, corrupt.what());
  } catch (const DamagedRow& damaged) {
    copy.discard();
    fail(view, damaged.what());
  } catch (const StorageFault& caught) {
    copy.discard();
    slot(view).is_stopped = true;
    fault = caught.what();
  }
  note_folded(view);
}

void Projector::fail(ViewName view, const std::string& message) {
  const std::lock_guard lock(mutex_);
  slot(view).state = ViewState::failed;
  slot(view).message = message;
  folded_.notify_all();
}

void Projector::note_folded(ViewName view) {
  const std::lock_guard lock(mutex_);
  Slot& folded = slot(view);
  if (folded.state == ViewState::rebuilding) {
    bool is_done = true;
    for (ShardNumber shard = 0; shard < log_.shards(); ++shard) {
      is_done = is_done && folded.live->checkpoint(shard) >= folded.fresh_until[shard];
    }
    if (is_done) {
      folded.state = ViewState::live;
      folded.live->set_cache_bytes(options_.cache_bytes);
    }
  }
  folded_.notify_all();
}

std::shared_ptr<ViewCopy> Projector::live(ViewName view) const {
  const std::lock_guard lock(mutex_);
  if (!slot(view).live) throw StorageFault(slot(view).message);
  return slot(view).live;
}

std::string Projector::failure(ViewName view) const {
  const std::lock_guard lock(mutex_);
  return slot(view).state == ViewState::failed ? slot(view).message : std::string();
}

std::vector<ViewSnapshot> Projector::snapshots_together(std::span<const ViewName> views) {
  const auto round = lock_round();
  std::vector<ViewSnapshot> snapshots;
  for (const ViewName view : views) snapshots.push_back(snapshot_of(live(view)));
  for (ShardNumber shard = 0; shard < log_.shards(); ++shard) {
    for (const ViewSnapshot& one : snapshots) {
      if (one.position(shard) != snapshots.front().position(shard)) return {};
    }
  }
  return snapshots;
}

std::uint64_t Projector::events_in_log() const {
  std::uint64_t events = 0;
  for (ShardNumber shard = 0; shard < log_.shards(); ++shard) events += log_.head(shard);
  return events;
}

std::vector<ViewStatus> Projector::status(Instant now) const {
  std::vector<ViewStatus> all;
  {
    const std::lock_guard lock(mutex_);
    for (const ViewName view : all_views) {
      const Slot& one = slot(view);
      for (ShardNumber shard = 0; shard < log_.shards(); ++shard) {
        ViewStatus& status = all.emplace_back();
        status.name = view;
        status.shard = shard;
        status.position = one.live ? one.live->checkpoint(shard) : 0;
        status.state = one.state;
        status.message = one.message;
        status.rebuild = one.rebuild;
      }
    }
  }
  for (ViewStatus& status : all) {
    status.head = std::max(log_.head(status.shard), status.position);
    status.lag_events = status.head - status.position;
    if (status.lag_events > 0) status.lag_seconds = age_seconds(log_, status.shard, status.position + 1, now);
  }
  return all;
}

}  // namespace daybook
