// This very program once more, with other arguments, as a child whose output is read line by line. It has memory, files
// and threads of its own, which end with it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace daybook {

/// One thread, which must live as long as the object: a child that asks to end with its parent ends with that thread.
class ChildProcess {
 public:
  /// Starts it with `arguments` behind the program's name. Its stdout and stderr are one stream, its temporary folder
  /// is `temporary_folder`; it inherits the environment, and of the open files none. Throws std::system_error.
  ChildProcess(const std::vector<std::string>& arguments, const std::string& temporary_folder);
  /// Kills it if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  enum class Read { line, nothing_yet, end };
  /// Waits at most `timeout` for the next line, which comes without its end.
  Read read_line(std::string& line, std::chrono::milliseconds timeout);
  /// At once, whatever it does.
  void kill();
  /// Waits until it has ended; its status as waitpid(2) gives it. Once.
  int wait();

 private:
  bool take_line(std::string& line);

  pid_t pid_ = 0;  ///< 0: it has been waited for.
  int output_ = -1;
  bool at_end_ = false;
  std::string buffer_;
};

}  // namespace daybook
