#include "gateway/event_streams.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "gateway/event_reader.h"

namespace daybook {

using SteadyTime = std::chrono::steady_clock::time_point;

struct EventStreams::Shared {
  std::mutex mutex;
  std::condition_variable wake;
  std::vector<std::shared_ptr<Stream>> waiting;  ///< Those that have asked for a piece.
  bool is_asked = false;                         ///< One of them has something to read for certain.
  bool has_news = false;                         ///< Something was committed, or may have been.
  bool is_stopping = false;
  std::atomic<std::size_t> open = 0;
};

class EventStreams::Stream final : public BodySource, public std::enable_shared_from_this<Stream> {
 public:
  Stream(std::shared_ptr<Shared> shared, EventReader its_reader)
      : reader(std::move(its_reader)), shared_(std::move(shared)) {}
  ~Stream() override { --shared_->open; }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void next(Ready ready) override {
    bool has_ended_with_all = false;
    {
      const std::lock_guard lock(shared_->mutex);
      has_ended_with_all = shared_->is_stopping;
      if (!has_ended_with_all) {
        ready_ = std::move(ready);
        shared_->waiting.push_back(shared_from_this());
        (is_behind ? shared_->is_asked : shared_->has_news) = true;
      }
    }
    if (has_ended_with_all) return ready({});
    shared_->wake.notify_one();
  }

  void stop() noexcept override {
    // Destroyed after the lock is gone: it may hold the connection, and that this stream.
    const Ready forgotten = take();
  }

  /// What to call with the next piece; empty if nobody waits. Any thread.
  Ready take() {
    const std::lock_guard lock(shared_->mutex);
    std::erase_if(shared_->waiting, [this](const auto& one) { return one.get() == this; });
    return std::exchange(ready_, nullptr);
  }

  EventReader reader;                  ///< Of the thread that serves.
  std::atomic<bool> is_behind = true;  ///< There was more to read when the last piece was made.
  bool has_ended = false;
  SteadyTime spoke_at{};

 private:
  const std::shared_ptr<Shared> shared_;
  Ready ready_;  ///< Under the mutex.
};

EventStreams::EventStreams(Engine& engine, const EventRenderer& renderer, std::size_t streams_max,
                           std::uint32_t heartbeat_ms)
    : engine_(engine),
      renderer_(renderer),
      streams_max_(streams_max),
      heartbeat_(heartbeat_ms),
      shared_(std::make_shared<Shared>()),
      thread_([this] { run(); }) {}

EventStreams::~EventStreams() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->is_stopping = true;
  }
  shared_->wake.notify_all();
  thread_.join();
  std::vector<std::shared_ptr<Stream>> waiting;
  {
    const std::lock_guard lock(shared_->mutex);
    waiting = shared_->waiting;
  }
  for (const auto& stream : waiting) {
    if (const auto ready = stream->take()) ready({});
  }
}

std::shared_ptr<BodySource> EventStreams::open(FollowedEvents what) {
  if (shared_->open.fetch_add(1) >= streams_max_) {
    --shared_->open;
    return nullptr;
  }
  std::atomic_thread_fence(std::memory_order_seq_cst);  // see commit_listener
  try {
    return std::make_shared<Stream>(shared_, EventReader(engine_, renderer_, std::move(what)));
  } catch (...) {
    --shared_->open;
    throw;
  }
}

std::function<void(ShardNumber, Position)> EventStreams::commit_listener() const {
  return [shared = shared_](ShardNumber, Position) {
    // Either this sees the stream, or the stream's first look at the log sees what was committed.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (shared->open == 0) return;
    {
      const std::lock_guard lock(shared->mutex);
      if (std::exchange(shared->has_news, true)) return;
    }
    shared->wake.notify_one();
  };
}

void EventStreams::run() {
  SteadyTime heartbeat_at = std::chrono::steady_clock::now() + heartbeat_, rested_at{};
  std::unique_lock lock(shared_->mutex);
  while (!shared_->is_stopping) {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (!shared_->is_asked && !(shared_->has_news && now >= rested_at) && now < heartbeat_at) {
      shared_->wake.wait_until(lock, shared_->has_news ? std::min(rested_at, heartbeat_at) : heartbeat_at);
      continue;
    }
    shared_->is_asked = shared_->has_news = false;
    auto turn = shared_->waiting;
    lock.unlock();
    for (const auto& stream : turn) serve(stream, now);
    heartbeat_at = std::chrono::steady_clock::now() + heartbeat_;
    for (const auto& stream : turn) heartbeat_at = std::min(heartbeat_at, stream->spoke_at + heartbeat_);
    turn.clear();
    rested_at = std::chrono::steady_clock::now() + event_stream_linger;
    lock.lock();
  }
}

void EventStreams::serve(const std::shared_ptr<Stream>& stream, SteadyTime now) {
  std::string piece;
  bool has_ended = stream->has_ended;
  if (!has_ended) {
    try {
      stream->is_behind = stream->reader.read(piece);
    } catch (const CorruptLog& damage) {
      spdlog::error("an event stream has ended: {}", damage.what());
      append_problem_message(piece, damage);
      stream->has_ended = stream->is_behind = true;
    } catch (const StorageFault& fault) {  // the shard reloads after a failed write: its readers start again
      spdlog::warn("an event stream waits: {}", fault.what());
      stream->is_behind = false;
    } catch (const std::exception& error) {  // a bug: this stream's, and not the others'
      spdlog::error("an event stream has ended: {}", error.what());
      has_ended = true;
      piece.clear();
    }
    if (!has_ended && piece.empty() && now >= stream->spoke_at + heartbeat_) stream->reader.append_heartbeat(piece);
    if (!piece.empty() && !stream->reader.is_allowed()) {
      has_ended = true;
      piece.clear();
    }
  }
  if (piece.empty() && !has_ended) {
    if (!stream->is_behind) return;
    const std::lock_guard lock(shared_->mutex);
    shared_->is_asked = true;  // its turn is over, its log is not
    return;
  }
  stream->spoke_at = std::chrono::steady_clock::now();
  if (const auto ready = stream->take()) ready(std::move(piece));
}

}  // namespace daybook
