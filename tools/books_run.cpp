#include "tools/books_run.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "engine/clock.h"

namespace daybook {

bool BooksRun::start(Engine& engine, const std::vector<std::string>& books,
                     const std::function<Work(const std::string&)>& work_of) {
  if (!begin(books.size())) return false;
  for (const std::string& book : books) {
    Work work = work_of(book);
    work.context.principal.book = book;
    work.context.principal.name = "system:" + job_;
    work.context.principal.role = Role::system;
    work.done = [run = shared_from_this(), book](const Answer& answer) { run->note(book, answer.rejection); };
    if (!engine.submit(std::move(work))) note(book, {RejectionCode::not_ready, {}, {}});
  }
  return true;
}

JobRun BooksRun::state() const {
  const std::lock_guard lock(mutex_);
  return run_;
}

bool BooksRun::begin(std::size_t books) {
  const std::lock_guard lock(mutex_);
  if (run_.status == JobStatus::running) return false;
  run_ = {JobStatus::running, wall_clock().now(), never, 0, books, {}};
  if (books == 0) finish();
  return true;
}

void BooksRun::note(const std::string& book, const Rejection& rejection) {
  const std::lock_guard lock(mutex_);
  ++run_.done;
  if (rejection.code != RejectionCode::none && run_.message.empty()) {
    run_.message = book + ": " + std::string(rejection_info(rejection.code).name);
  }
  if (run_.done == run_.total) finish();
}

void BooksRun::finish() {
  run_.status = run_.message.empty() ? JobStatus::passed : JobStatus::failed;
  run_.finished_at = wall_clock().now();
  if (!run_.message.empty()) spdlog::error("the job {} failed: {}", job_, run_.message);
}

std::vector<std::string> open_books(const Engine& engine) {
  std::vector<std::string> names;
  for (const BookShown& book : engine.books()) {
    if (!book.profile.is_closed()) names.push_back(book.id);
  }
  return names;
}

}  // namespace daybook
