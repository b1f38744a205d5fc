#include "gateway/position_waiters.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace daybook {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

struct Waiter {
  std::string book;
  Position position = 0;
  SteadyTime deadline;
  std::function<void(bool)> then;
};

}  // namespace

/// Shared with the commit listener, which the engine may call while this object is being destroyed.
struct PositionWaiters::Shared {
  std::mutex mutex;
  std::condition_variable wake;
  std::vector<Waiter> waiting;
  std::atomic<std::size_t> count = 0;  ///< Of waiting; read without the mutex by the writers.
  bool has_news = false;
  bool is_stopping = false;
};

PositionWaiters::PositionWaiters(Engine& engine, std::size_t waiters_max)
    : engine_(engine), waiters_max_(waiters_max), shared_(std::make_shared<Shared>()), thread_([this] { run(); }) {}

PositionWaiters::~PositionWaiters() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->is_stopping = true;
  }
  shared_->wake.notify_all();
  thread_.join();
  for (const Waiter& waiter : shared_->waiting) waiter.then(false);
  shared_->waiting.clear();
}

bool PositionWaiters::wait(std::string book, Position position, std::chrono::milliseconds patience,
                           std::function<void(bool)> then) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->is_stopping || shared_->waiting.size() >= waiters_max_) return false;
    const SteadyTime deadline = std::chrono::steady_clock::now() + patience;
    shared_->waiting.push_back({std::move(book), position, deadline, std::move(then)});
    shared_->count = shared_->waiting.size();
    shared_->has_news = true;  // what it waits for may have come since its request looked
  }
  shared_->wake.notify_one();
  return true;
}

std::function<void(ShardNumber, Position)> PositionWaiters::commit_listener() const {
  return [shared = shared_](ShardNumber, Position) {
    // Either this sees the waiter, or the waiter's first look sees what was committed.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (shared->count == 0) return;
    {
      const std::lock_guard lock(shared->mutex);
      if (std::exchange(shared->has_news, true)) return;
    }
    shared->wake.notify_one();
  };
}

void PositionWaiters::run() {
  std::unique_lock lock(shared_->mutex);
  while (!shared_->is_stopping) {
    SteadyTime next = SteadyTime::max();
    for (const Waiter& waiter : shared_->waiting) next = std::min(next, waiter.deadline);
    if (!shared_->has_news && std::chrono::steady_clock::now() < next) {
      if (next == SteadyTime::max()) {
        shared_->wake.wait(lock);
      } else {
        shared_->wake.wait_until(lock, next);
      }
      continue;
    }
    shared_->has_news = false;
    std::atomic_thread_fence(std::memory_order_seq_cst);  // see commit_listener
    const SteadyTime now = std::chrono::steady_clock::now();
    const auto stays = [this, now](const Waiter& waiter) {
      return engine_.committed(waiter.book).position < waiter.position && now < waiter.deadline;
    };
    const auto gone = std::stable_partition(shared_->waiting.begin(), shared_->waiting.end(), stays);
    std::vector<Waiter> done(std::make_move_iterator(gone), std::make_move_iterator(shared_->waiting.end()));
    shared_->waiting.erase(gone, shared_->waiting.end());
    shared_->count = shared_->waiting.size();
    lock.unlock();
    for (const Waiter& waiter : done) waiter.then(engine_.committed(waiter.book).position >= waiter.position);
    done.clear();
    lock.lock();
  }
}

}  // namespace daybook
