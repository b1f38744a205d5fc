#include "tests/engine/broken_file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <string>

namespace daybook::test {

BrokenFile::BrokenFile(const std::filesystem::path& file, Fault fault) {
  const auto target = std::filesystem::canonical(file);
  // Linux's /dev/full takes no byte; a descriptor for reading takes none either, and reads go on.
  const int elsewhere = fault == Fault::full ? open("/dev/full", O_RDWR) : open(target.c_str(), O_RDONLY);
  REQUIRE(elsewhere >= 0);
  std::vector<int> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry.path(), gone) == target) {
      found.push_back(std::stoi(entry.path().filename().string()));
    }
  }
  REQUIRE_FALSE(found.empty());
  for (const int descriptor : found) {
    redirected_.emplace_back(descriptor, dup(descriptor));
    REQUIRE(dup2(elsewhere, descriptor) == descriptor);
  }
  close(elsewhere);
}

BrokenFile::~BrokenFile() {
  for (const auto& [descriptor, original] : redirected_) {
    dup2(original, descriptor);
    close(original);
  }
}

}  // namespace daybook::test
