// One run of a job that hands the engine a piece of work for each open book, and is over when all are answered. It has
// no thread of its own.
//
// Concurrency: everything from any thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "domain/rejection.h"
#include "engine/engine.h"
#include "gateway/jobs.h"

namespace daybook {

class BooksRun : public std::enable_shared_from_this<BooksRun> {
 public:
  explicit BooksRun(std::string job) : job_(std::move(job)) {}

  /// Hands over what `work_of` makes for each of the books, in the name of the job, with the answers' closures as its
  /// own. False if a run is under way. Requires to be held by a shared_ptr; the engine must outlive the answers.
  bool start(Engine& engine, const std::vector<std::string>& books,
             const std::function<Work(const std::string&)>& work_of);
  /// The run under way, or the last one.
  JobRun state() const;

 private:
  bool begin(std::size_t books);
  void note(const std::string& book, const Rejection& rejection);
  /// Requires the mutex.
  void finish();

  const std::string job_;
  mutable std::mutex mutex_;
  JobRun run_;
};

/// The books that are not closed, in the order of their ids.
std::vector<std::string> open_books(const Engine& engine);

}  // namespace daybook
