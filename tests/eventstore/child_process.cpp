#include "tests/eventstore/child_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <vector>

namespace daybook::test {
namespace {

constexpr int child_reads = 3;
constexpr int child_writes = 4;
constexpr const char* folder_variable = "DAYBOOK_TEST_FOLDER";

struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

/// Above the descriptors that the child uses, so that dup2() does not overwrite one it still needs.
Pipe make_pipe() {
  constexpr int lowest = 10;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  const Pipe pipe{::fcntl(ends[0], F_DUPFD_CLOEXEC, lowest), ::fcntl(ends[1], F_DUPFD_CLOEXEC, lowest)};
  ::close(ends[0]);
  ::close(ends[1]);
  return pipe;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

}  // namespace

LinePipe::~LinePipe() {
  ::close(read_from_);
  ::close(write_to_);
}

void LinePipe::tell(const std::string& line) {
  const auto text = line + "\n";
  if (::write(write_to_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw std::runtime_error("the other process does not listen");
  }
}

std::optional<std::string> LinePipe::hear() {
  for (;;) {
    if (const auto end = heard_.find('\n'); end != std::string::npos) {
      auto line = heard_.substr(0, end);
      heard_.erase(0, end + 1);
      return line;
    }
    std::array<char, 256> bytes{};
    const auto got = ::read(read_from_, bytes.data(), bytes.size());
    if (got <= 0) return std::nullopt;
    heard_.append(bytes.data(), static_cast<std::size_t>(got));
  }
}

ChildProcess::ChildProcess(const std::string& test_case, const std::filesystem::path& folder) {
  std::signal(SIGPIPE, SIG_IGN);
  std::vector<std::string> arguments{"test", "--no-skip", "--test-case=" + test_case};
  std::vector<std::string> variables{std::string(folder_variable) + "=" + folder.string()};
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  const auto argument_pointers = pointers(arguments);
  const auto variable_pointers = pointers(variables);
  const auto to_child = make_pipe();
  const auto to_parent = make_pipe();
  process_ = ::fork();
  if (process_ == 0) {  // Only calls that are safe between fork and exec in a process with threads.
    ::dup2(to_child.read_end, child_reads);
    ::dup2(to_parent.write_end, child_writes);
    ::dup2(::open("/dev/null", O_WRONLY), STDOUT_FILENO);
    ::execve("/proc/self/exe", argument_pointers.data(), variable_pointers.data());
    ::_exit(127);
  }
  ::close(to_child.read_end);
  ::close(to_parent.write_end);
  pipe_.emplace(to_parent.read_end, to_child.write_end);
}

ChildProcess::~ChildProcess() {
  kill();
}

void ChildProcess::kill() {
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

ParentLine::ParentLine() : LinePipe(child_reads, child_writes) {
  const auto* folder = std::getenv(folder_variable);
  if (folder == nullptr) throw std::runtime_error("this test case is run by another one only");
  folder_ = folder;
}

}  // namespace daybook::test
