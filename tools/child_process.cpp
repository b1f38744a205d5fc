#include "tools/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

namespace daybook {
namespace {

/// The file that this process was started from, also when another release stands at its path by now.
constexpr const char* own_program = "/proc/self/exe";
constexpr std::size_t read_bytes = 16 * 1024;

void require_done(int error, const char* doing) {
  if (error != 0) throw std::system_error(error, std::generic_category(), doing);
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(const std::string& temporary_folder) {
  constexpr std::string_view name = "TMPDIR=";
  std::vector<std::string> texts;
  for (char** one = environ; *one != nullptr; ++one) {
    if (!std::string_view(*one).starts_with(name)) texts.emplace_back(*one);
  }
  texts.push_back(std::string(name) + temporary_folder);
  return texts;
}

/// What the child begins with: no signal blocked, `output` as its stdout and stderr, and no other file of ours.
class SpawnSettings {
 public:
  explicit SpawnSettings(int output) {
    require_done(posix_spawn_file_actions_init(&files_), "posix_spawn_file_actions_init");
    require_done(posix_spawnattr_init(&attributes_), "posix_spawnattr_init");
    sigset_t none;
    sigemptyset(&none);
    require_done(posix_spawnattr_setsigmask(&attributes_, &none), "posix_spawnattr_setsigmask");
    require_done(posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK), "posix_spawnattr_setflags");
    require_done(posix_spawn_file_actions_adddup2(&files_, output, STDOUT_FILENO), "posix_spawn: stdout");
    require_done(posix_spawn_file_actions_adddup2(&files_, output, STDERR_FILENO), "posix_spawn: stderr");
    require_done(posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0),
                 "posix_spawn: stdin");
    require_done(posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1), "posix_spawn: other files");
  }
  ~SpawnSettings() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&files_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  const posix_spawn_file_actions_t* files() const { return &files_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& arguments, const std::string& temporary_folder) {
  std::vector<std::string> words{"daybook"}, environment = environment_with(temporary_folder);
  words.insert(words.end(), arguments.begin(), arguments.end());
  int ends[2];
  require_done(pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno, "pipe2");
  output_ = ends[0];
  int error = 0;
  try {
    const SpawnSettings settings(ends[1]);
    error = posix_spawn(&pid_, own_program, settings.files(), settings.attributes(), pointers_to(words).data(),
                        pointers_to(environment).data());
  } catch (const std::system_error& failed) {
    error = failed.code().value();
  }
  close(ends[1]);
  if (error == 0) return;
  close(output_);
  throw std::system_error(error, std::generic_category(), "starting the program once more");
}

ChildProcess::~ChildProcess() {
  if (pid_ != 0) {
    kill();
    wait();
  }
  close(output_);
}

bool ChildProcess::take_line(std::string& line) {
  std::size_t end = buffer_.find('\n');
  if (end == buffer_.npos && !(at_end_ && !buffer_.empty())) return false;
  line = buffer_.substr(0, end);
  buffer_.erase(0, end == buffer_.npos ? end : end + 1);
  return true;
}

ChildProcess::Read ChildProcess::read_line(std::string& line, std::chrono::milliseconds timeout) {
  while (!take_line(line)) {
    if (at_end_) return Read::end;
    pollfd readable{.fd = output_, .events = POLLIN, .revents = 0};
    const int found = poll(&readable, 1, static_cast<int>(timeout.count()));
    if (found < 0 && errno != EINTR) require_done(errno, "poll");
    if (found <= 0) return Read::nothing_yet;
    char bytes[read_bytes];
    const ssize_t size = read(output_, bytes, sizeof(bytes));
    if (size < 0 && errno != EINTR) require_done(errno, "reading a child's output");
    if (size > 0) buffer_.append(bytes, static_cast<std::size_t>(size));
    at_end_ = size == 0;
  }
  return Read::line;
}

void ChildProcess::kill() {
  ::kill(pid_, SIGKILL);
}

int ChildProcess::wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  return status;
}

}  // namespace daybook
