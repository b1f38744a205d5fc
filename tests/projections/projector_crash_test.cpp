// kill -9 of a process that folds. The child is this test binary again, running one test case that is skipped
// otherwise; it says over a pipe what it has committed, so the parent kills it at a point and not at a time.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "tests/projections/views_fixture.h"

namespace daybook::test {
namespace {

constexpr const char* folder_variable = "DAYBOOK_TEST_FOLDER";
constexpr const char* child_case = "child: folds in small batches and says so";

struct Child {
  pid_t process;
  int commits;  ///< A byte for each batch that was committed.
};

Child start_child(const std::filesystem::path& folder) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const std::string filter = std::string("--test-case=") + child_case;
  const pid_t process = fork();
  REQUIRE(process >= 0);
  if (process == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    setenv(folder_variable, folder.c_str(), 1);
    execl("/proc/self/exe", "test_projections", filter.c_str(), "--no-skip", nullptr);
    _exit(127);
  }
  close(ends[1]);
  return {process, ends[0]};
}

/// Waits for that many commits (or the child's end) and kills it.
void kill_after(const Child& child, std::size_t commits) {
  for (char byte = 0; commits > 0 && read(child.commits, &byte, 1) == 1;) commits -= byte == '+' ? 1U : 0U;
  kill(child.process, SIGKILL);
  int status = 0;
  waitpid(child.process, &status, 0);
  close(child.commits);
}

}  // namespace

TEST_CASE(child_case* doctest::skip()) {
  const char* folder = std::getenv(folder_variable);
  if (folder == nullptr) return;  // Run by hand with --no-skip.
  EventLog::Options log_options;
  log_options.directory = std::filesystem::path(folder) / "log";
  log_options.read_only = true;  // The parent has it open.
  const auto log = EventLog::open(log_options);
  Projections::Options options;
  options.directory = std::filesystem::path(folder) / "views";
  options.log = log.get();
  options.follow = true;
  options.email_digest = ViewsFixture::email_digest;
  options.batch_events_max = 17;
  const auto views = Projections::open(options);
  for (Position position = 17; position <= log->head(0); position += 17) {
    if (!views->wait_for(ViewName::audit, 0, position, std::chrono::hours(1))) break;
    // The store has no log of its own: now and then something of it must be on the disk for the next life to go on.
    if (position % 3 == 0) views->rebuild(all_views[position % view_count]);
    [[maybe_unused]] const auto written = write(STDOUT_FILENO, "+", 1);
  }
}

TEST_CASE("a process killed while it folds goes on where its views stood, and they are those of a clean fold") {
  ViewsFixture fixture;
  std::mt19937_64 random(21);
  for (int life = 0; life < 8; ++life) {
    fixture.book.random_commands(random, 400);
    kill_after(start_child(fixture.path()), 1 + random() % 20);
    if (life % 2 == 1) continue;  // Killed twice without anybody looking.
    fixture.open(fixture.options());
    const TestFolder other;
    auto options = fixture.options();
    options.directory = other.path() / "views";
    const auto clean = Projections::open(options);
    clean->catch_up();
    for (const ViewName view : all_views) CHECK(fixture.views().digest(view) == clean->digest(view));
    fixture.close();
  }
}

}  // namespace daybook::test
