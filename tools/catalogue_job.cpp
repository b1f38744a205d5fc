#include "tools/catalogue_job.h"

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

CatalogueJob::CatalogueJob(Options options, Engine& engine)
    : options_(std::move(options)),
      engine_(engine),
      first_run_at_(later(wall_clock().now(), first_sync_after)),
      run_(std::make_shared<BooksRun>(std::string(catalogue_job_name))) {}

bool CatalogueJob::start() {
  std::vector<std::string> books = open_books(engine_);
  std::erase_if(books, [this](const std::string& book) { return engine_.mode_of(book) != BookMode::test; });
  SyncCatalogue sync;
  sync.found = options_.read();
  return run_->start(engine_, books, [&sync](const std::string&) {
    Work work;
    work.command = sync;
    return work;
  });
}

void CatalogueJob::tick() {
  if (next_run_at() <= wall_clock().now()) start();
}

Instant CatalogueJob::next_run_at() const {
  const JobRun run = state();
  if (options_.period.count() == 0 || run.status == JobStatus::running) return never;
  return run.status == JobStatus::not_run ? first_run_at_ : later(run.finished_at, options_.period);
}

Job CatalogueJob::job() {
  return {std::string(catalogue_job_name),  options_.period,           true, [this] { return state(); },
          [this] { return next_run_at(); }, [this] { return start(); }};
}

}  // namespace daybook
