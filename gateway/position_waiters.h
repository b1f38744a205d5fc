// Requests that wait until the log has reached a position (?min_position), without holding a thread each.
//
// Concurrency: all members from any thread. One thread hands over what has come or is late; it sleeps while nobody
// waits.
// Limits: position_waiters_max wait at once; one more is refused.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>

#include "engine/engine.h"

namespace daybook {

inline constexpr std::size_t position_waiters_max = 1024;

class PositionWaiters {
 public:
  explicit PositionWaiters(Engine& engine, std::size_t waiters_max = position_waiters_max);
  /// Whoever still waits is told that it is late.
  ~PositionWaiters();
  PositionWaiters(const PositionWaiters&) = delete;
  PositionWaiters& operator=(const PositionWaiters&) = delete;

  /// Calls `then(true)` once the book's shard has committed the position, or `then(false)` after `patience`; on this
  /// object's thread. False if too many wait: nothing was taken.
  bool wait(std::string book, Position position, std::chrono::milliseconds patience, std::function<void(bool)> then);

  /// For Engine::add_commit_listener.
  std::function<void(ShardNumber, Position)> commit_listener() const;

 private:
  struct Shared;
  void run();

  Engine& engine_;
  const std::size_t waiters_max_;
  const std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace daybook
