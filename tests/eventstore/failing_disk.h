// A disk that fails at the nth operation, whatever it is and whoever asks for it. It stands between this test binary
// and the kernel: the functions of libc that open, write, sync, cut, rename and delete are defined here, for RocksDB's
// files as for our own. FaultyFileSystem aims at one kind of file; this one is for "at every point".
#pragma once

#include <filesystem>
#include <random>

namespace daybook::test {

/// While it lives, operations below `folder` are counted. One object a process; any threads.
class FailingDisk {
 public:
  /// `shadow` is a folder elsewhere, where the content of each file is kept as of its last sync.
  FailingDisk(const std::filesystem::path& folder, const std::filesystem::path& shadow);
  ~FailingDisk();
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;

  /// The nth operation from now on fails with EIO, and so does every later one: nothing more reaches the disk.
  void fail_from(int nth);
  bool has_failed() const;
  /// How many operations have come since fail_from().
  int operations() const;
};

/// Power loss: each file below the folder holds what it held at its last sync, and nothing if there was none. Names
/// stay as they are. Nobody may have the files open.
void lose_power(const std::filesystem::path& folder, const std::filesystem::path& shadow);
/// The same with what was on its way: some of the sectors that were appended since are there, from the first on, and
/// each that was written over is the old or the new one.
void tear(const std::filesystem::path& folder, const std::filesystem::path& shadow, std::mt19937_64& random);

}  // namespace daybook::test
