// Makes writes to a file that this process holds open fail, as a failing or full disk does, and heals it again. For the
// small files that are not RocksDB's: the head witness, the keys.
#pragma once

#include <filesystem>
#include <utility>
#include <vector>

namespace daybook::test {

/// While it lives, every descriptor of the file leads elsewhere. The file must stay open meanwhile.
class BrokenFile {
 public:
  enum class Fault { full, failing };  ///< Writes fail with ENOSPC (and reads give zeros), with another error.
  BrokenFile(const std::filesystem::path& file, Fault fault);
  ~BrokenFile();
  BrokenFile(const BrokenFile&) = delete;
  BrokenFile& operator=(const BrokenFile&) = delete;

 private:
  std::vector<std::pair<int, int>> redirected_;  ///< The descriptor, and a copy of what it led to.
};

}  // namespace daybook::test
