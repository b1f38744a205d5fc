// A second process for the tests of crashes and of locks: this test binary again, running one test case that is
// skipped otherwise. Parent and child talk in lines over two pipes.
//
//   in the test:   ChildProcess child("child: appends when told", folder);  child.tell("10");  child.hear() == "10"
//   in the child:  TEST_CASE("child: appends when told" * doctest::skip()) { ParentLine parent; parent.folder() ... }
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace daybook::test {

/// One end of the talk: blocking lines of text.
class LinePipe {
 public:
  LinePipe(int read_from, int write_to) : read_from_(read_from), write_to_(write_to) {}
  ~LinePipe();
  LinePipe(const LinePipe&) = delete;
  LinePipe& operator=(const LinePipe&) = delete;
  void tell(const std::string& line);
  /// Nothing when the other end is closed.
  std::optional<std::string> hear();

 private:
  int read_from_;
  int write_to_;
  std::string heard_;
};

class ChildProcess {
 public:
  ChildProcess(const std::string& test_case, const std::filesystem::path& folder);
  /// Kills it if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void tell(const std::string& line) { pipe_->tell(line); }
  /// The child's next line; "(gone)" if it ended.
  std::string hear() { return pipe_->hear().value_or("(gone)"); }
  /// kill -9, and waits for the end.
  void kill();

 private:
  pid_t process_ = -1;
  std::optional<LinePipe> pipe_;
};

/// The child's side.
class ParentLine : public LinePipe {
 public:
  ParentLine();
  /// The folder that the parent passed.
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace daybook::test
