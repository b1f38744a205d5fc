// A rebuild that is stopped at any operation on the disk, by a failure and then a power loss: the view that served is
// there as before, or the new one is, and both are what a clean fold gives. In a child process, because RocksDB may
// abort where a write fails.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "tests/eventstore/failing_disk.h"
#include "tests/projections/views_fixture.h"

namespace daybook::test {
namespace {

constexpr const char* rebuild_case = "child: rebuilds a view on a disk that fails";
constexpr const char* rebuild_folder = "DAYBOOK_TEST_FOLDER";
constexpr const char* nth_variable = "DAYBOOK_TEST_NTH";
constexpr int operations_max = 1'000;
constexpr int stride = 8;      ///< Every eighth operation in a run, from another one each time.
constexpr int exit_whole = 7;  ///< Of a child in which nothing failed.

Projections::Options options_of(const std::filesystem::path& views, const EventLog& log) {
  Projections::Options options;
  options.directory = views;
  options.log = &log;
  options.follow = false;
  options.email_digest = ViewsFixture::email_digest;
  return options;
}

/// True if nothing failed in the child.
bool rebuild_in_child(const std::filesystem::path& folder, int nth) {
  const std::string filter = std::string("--test-case=") + rebuild_case;
  const pid_t process = fork();
  REQUIRE(process >= 0);
  if (process == 0) {
    setenv(rebuild_folder, folder.c_str(), 1);
    setenv(nth_variable, std::to_string(nth).c_str(), 1);
    execl("/proc/self/exe", "test_projections", filter.c_str(), "--no-skip", nullptr);
    _exit(127);
  }
  int status = 0;
  REQUIRE(waitpid(process, &status, 0) == process);
  return WIFEXITED(status) && WEXITSTATUS(status) == exit_whole;
}

}  // namespace

TEST_CASE("child: rebuilds a view on a disk that fails" * doctest::skip()) {
  const char* folder = std::getenv(rebuild_folder);
  if (folder == nullptr) return;  // Run by hand with --no-skip.
  // Where RocksDB says why it aborts, and doctest that it did.
  REQUIRE(std::freopen("/dev/null", "w", stderr) != nullptr);
  REQUIRE(std::freopen("/dev/null", "w", stdout) != nullptr);
  const std::filesystem::path path(folder);
  EventLog::Options log_options;
  log_options.directory = path / "log";
  log_options.read_only = true;  // The parent has it open.
  const auto log = EventLog::open(log_options);
  FailingDisk disk(path / "views", path / "shadow");
  Projections::open(options_of(path / "views", *log))->catch_up();  // Closing it makes it durable.
  disk.fail_from(std::atoi(std::getenv(nth_variable)));
  try {
    const auto views = Projections::open(options_of(path / "views", *log));
    views->rebuild(ViewName::credits);
  } catch (const StorageFault&) {  // The failure that was planned.
  }
  _exit(disk.has_failed() ? 0 : exit_whole);
}

TEST_CASE("a rebuild that is stopped at any operation leaves the old view or the new one, whole") {
  ViewsFixture fixture;
  std::mt19937_64 random(5);
  fixture.book.random_commands(random, 60);
  const auto expected = fixture.digests();
  fixture.close();
  const auto views_path = fixture.path() / "views", shadow = fixture.path() / "shadow";
  for (int nth = 1 + static_cast<int>(std::random_device()() % stride); nth <= operations_max; nth += stride) {
    CAPTURE(nth);
    for (const auto& folder : {views_path, shadow}) {
      std::filesystem::remove_all(folder);
      std::filesystem::create_directory(folder);
    }
    const bool is_whole = rebuild_in_child(fixture.path(), nth);
    lose_power(views_path, shadow);
    CHECK(fixture.digests() == expected);
    fixture.close();
    if (!is_whole) continue;
    std::cout << "crash matrix: rebuild of a view, " << nth - 1 << " operations at most" << std::endl;
    CHECK(nth > stride);
    return;
  }
  FAIL("the rebuild never came to its end");
}

}  // namespace daybook::test
