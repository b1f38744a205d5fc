// Threads for reads that touch the disk or fold history, so that neither the I/O threads nor the writers wait for them.
//
// Concurrency: post() from any thread. Jobs run in the order they were taken in, two at a time.
// Limits: reader_queue_max jobs wait; one more is refused, and answered 503.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace daybook {

inline constexpr std::size_t reader_threads = 2;
inline constexpr std::size_t reader_queue_max = 1024;

class ReaderPool {
 public:
  using Job = std::function<void()>;

  explicit ReaderPool(std::size_t threads = reader_threads, std::size_t queue_max = reader_queue_max);
  /// Runs what is queued, then stops.
  ~ReaderPool();
  ReaderPool(const ReaderPool&) = delete;
  ReaderPool& operator=(const ReaderPool&) = delete;

  /// False if the queue is full: nothing was taken. A job must not throw.
  bool post(Job job);

 private:
  void run();

  const std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace daybook
