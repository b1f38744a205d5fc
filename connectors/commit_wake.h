// What wakes a follower of the log when something is committed. Shared with the engine's listeners, which may outlive
// it.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "engine/engine.h"

namespace daybook {

struct CommitWake {
  std::mutex mutex;
  std::condition_variable_any changed;
};

inline std::shared_ptr<CommitWake> wake_on_commits(Engine& engine) {
  auto wake = std::make_shared<CommitWake>();
  engine.add_commit_listener([wake](ShardNumber, Position) {
    const std::lock_guard lock(wake->mutex);
    wake->changed.notify_all();
  });
  return wake;
}

}  // namespace daybook
