#include "tools/due_work_jobs.h"

#include <memory>
#include <string>

#include "tools/books_run.h"

namespace daybook {
namespace {

constexpr const char* due_work_names[] = {
    "billing-cycle", "trial-lifecycle",         "pause-lifecycle",
    "credit-expiry", "unit-reservation-expiry", "invoice-overdue",
};

/// Nothing is asked of the book but to have come so far.
Work wait_for_due_work(const std::string& /*book*/) {
  Work work;
  work.read_book = [](const BookState&, LogPosition, Instant) {};
  work.context.waits = true;
  return work;
}

}  // namespace

std::vector<Job> due_work_jobs(Engine& engine) {
  std::vector<Job> jobs;
  for (const char* name : due_work_names) {
    const auto run = std::make_shared<BooksRun>(name);
    jobs.push_back({.name = name,
                    .is_of_billing = true,
                    .run = [run] { return run->state(); },
                    .next_run_at = [] { return never; },
                    .start = [run, &engine] { return run->start(engine, open_books(engine), wait_for_due_work); }});
  }
  return jobs;
}

}  // namespace daybook
