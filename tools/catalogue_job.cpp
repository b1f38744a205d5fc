#include "tools/catalogue_job.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/clock.h"

namespace daybook {
namespace {

/// After a start, when what a start brings with it is over.
constexpr std::chrono::minutes first_sync_after{1};

Instant later(Instant at, std::chrono::microseconds by) {
  return Instant{micros(at) + by.count()};
}

}  // namespace

/// What the answers come back to, also those that come when the job itself is gone.
struct CatalogueJob::Progress {
  /// Of one book.
  void note(const std::string& book, const Rejection& rejection) {
    const std::lock_guard lock(mutex);
    ++run.done;
    if (rejection.code != RejectionCode::none && run.message.empty()) {
      run.message = book + ": " + std::string(rejection_info(rejection.code).name);
    }
    if (run.done == run.total) finish();
  }
  /// Requires the mutex.
  void finish() {
    run.status = run.message.empty() ? JobStatus::passed : JobStatus::failed;
    run.finished_at = wall_clock().now();
    if (period.count() > 0) due = later(run.finished_at, period);
    if (!run.message.empty()) spdlog::error("the job {} failed: {}", catalogue_job_name, run.message);
  }

  mutable std::mutex mutex;
  std::chrono::hours period{0};
  JobRun run;
  Instant due = never;
};

CatalogueJob::CatalogueJob(Options options, Engine& engine)
    : options_(std::move(options)), engine_(engine), progress_(std::make_shared<Progress>()) {
  progress_->period = options_.period;
  if (options_.period.count() > 0) progress_->due = later(wall_clock().now(), first_sync_after);
}

bool CatalogueJob::start() {
  std::vector<std::string> books;
  for (const BookShown& book : engine_.books()) {
    if (engine_.mode_of(book.id) == BookMode::test && !book.profile.is_closed()) books.push_back(book.id);
  }
  {
    const std::lock_guard lock(progress_->mutex);
    JobRun& run = progress_->run;
    if (run.status == JobStatus::running) return false;
    run = {JobStatus::running, wall_clock().now(), never, 0, books.size(), {}};
    progress_->due = never;
    if (books.empty()) progress_->finish();
  }
  const ProviderCatalogue found = options_.read();
  for (const std::string& book : books) {
    Work work;
    work.context.principal.book = book;
    work.context.principal.name = "system:" + std::string(catalogue_job_name);
    work.context.principal.role = Role::system;
    SyncCatalogue sync;
    sync.found = found;
    work.command = std::move(sync);
    work.done = [progress = progress_, book](const Answer& answer) { progress->note(book, answer.rejection); };
    if (!engine_.submit(std::move(work))) progress_->note(book, {RejectionCode::not_ready, {}, {}});
  }
  return true;
}

void CatalogueJob::tick() {
  if (next_run_at() <= wall_clock().now()) start();
}

JobRun CatalogueJob::state() const {
  const std::lock_guard lock(progress_->mutex);
  return progress_->run;
}

Instant CatalogueJob::next_run_at() const {
  const std::lock_guard lock(progress_->mutex);
  return progress_->due;
}

Job CatalogueJob::job() {
  return {std::string(catalogue_job_name),  options_.period,           true, [this] { return state(); },
          [this] { return next_run_at(); }, [this] { return start(); }};
}

}  // namespace daybook
