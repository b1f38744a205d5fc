// The job ledger-verify: a server checks its own ledger in the background, soon after its start and then again and
// again. The judge is `daybook verify` itself, run as a child process beside the server: at the lowest priority, with
// one thread, with memory and files that are gone when it ends, and so that whatever it meets in a damaged directory
// meets the child and not the server.
//
// Concurrency: everything from any thread. One thread of its own waits, and reads what the child says.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "gateway/jobs.h"
#include "gateway/metrics.h"

namespace daybook {

inline constexpr std::string_view verify_job_name = "ledger-verify";

class VerifyJob {
 public:
  struct Options {
    std::filesystem::path data;  ///< Its views/ gets a folder verify/ for what the check folds, deleted afterwards.
    std::filesystem::path master_key_file;
    /// From the end of one run to the next, an hour at most if it was stopped; 0: only on demand.
    std::chrono::hours period{24};
    /// Why it must not run now, or go on; empty: it may. Asked several times a second.
    std::function<std::string()> obstacle;
  };

  VerifyJob(Options options, Metrics& metrics);
  ~VerifyJob();
  VerifyJob(const VerifyJob&) = delete;
  VerifyJob& operator=(const VerifyJob&) = delete;

  /// Runs it now; false if it is running.
  bool start();
  LedgerVerification state() const;
  /// Wall time; `never` while it runs, and if only on demand.
  Instant next_run_at() const;
  /// For the gateway's list. Must not outlive this.
  Job job();
  /// Ends a run that is under way, at once, and starts no more.
  void stop();

 private:
  struct Ending {
    JobStatus status = JobStatus::failed;
    std::string message = {}, verdict = {};
  };

  void work();
  void schedule(std::chrono::steady_clock::duration from_now);
  void begin();
  void finish(Ending ending);
  Ending run();
  Ending run_child(const std::filesystem::path& scratch);
  std::string reason_to_stop() const;
  void note_progress(const std::string& line);

  const Options options_;
  Metrics& metrics_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false, is_asked_for_ = false;
  std::chrono::steady_clock::time_point due_ = std::chrono::steady_clock::time_point::max();
  Instant next_run_at_ = never;
  LedgerVerification state_;
  std::thread thread_;
};

}  // namespace daybook
