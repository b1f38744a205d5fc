// What the server does by itself in the background, as the gateway shows and starts it. Who does the work tells it
// through these; the gateway does not know what a job does.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "domain/instant.h"

namespace daybook {

enum class JobStatus : std::uint8_t {
  not_run,  ///< Not since the server started.
  running,
  passed,
  failed,
  stopped,  ///< Ended before it was done, on purpose; what it found until then counts for nothing.
};
/// "never", "running", "passed", "failed", "stopped".
std::string_view to_text(JobStatus status);

/// The run that is under way, or else the last one. Times are wall time.
struct JobRun {
  JobStatus status = JobStatus::not_run;
  Instant started_at = never, finished_at = never;
  std::uint64_t done = 0, total = 0;  ///< How far it is; total 0: not known.
  std::string message;                ///< What failed first, or why it was stopped; else empty.
};

struct Job {
  std::string name;
  std::chrono::hours period{0};  ///< 0: only on demand.
  bool is_of_billing = false;    ///< Also roles that run jobs with a limit may run it.
  std::function<JobRun()> run;
  std::function<Instant()> next_run_at;  ///< `never` while it runs, and if only on demand.
  /// False: it runs already, and goes on as it was.
  std::function<bool()> start;
};

/// What the ledger's check of itself has found.
struct LedgerVerification {
  JobRun run;
  std::string verdict = {};  ///< The last one, as `daybook verify --json` prints it; empty: none yet.
  Instant verdict_at = never;
  bool has_failed = false;  ///< The last run that was not stopped did.
};

}  // namespace daybook
