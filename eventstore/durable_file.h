// Small files that must survive a crash: written whole or not at all, or in place with a sync of their own.
// POSIX only; a failed call throws StorageFault with the file's name and the system's reason.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace daybook {

/// An owned file descriptor, closed on exec.
class FileDescriptor {
 public:
  /// `flags` as of open(2); a file that is created gets mode 0600.
  FileDescriptor(const std::filesystem::path& path, int flags);
  ~FileDescriptor();
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  int number() const { return number_; }
  const std::filesystem::path& path() const { return path_; }
  void write_at(std::uint64_t offset, std::string_view bytes);
  /// Up to `size` bytes: fewer at the end of the file.
  std::string read_at(std::uint64_t offset, std::size_t size) const;
  void truncate(std::uint64_t size);
  void sync();
  /// Takes flock(2)'s exclusive lock; false if another open file holds it.
  bool try_lock();

 private:
  std::filesystem::path path_;
  int number_;
};

/// Makes the folder, readable by its owner only, unless it is there. The parent must exist.
void make_private_folder(const std::filesystem::path& path);
/// So that names made in the folder survive a power loss.
void sync_folder(const std::filesystem::path& path);
/// Temporary file, sync, rename, sync of the folder: afterwards `path` holds `content`, before it what it held.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);
/// Nothing if there is no such file. Requires the file not to exceed `bytes_max`.
std::optional<std::string> read_small_file(const std::filesystem::path& path, std::size_t bytes_max);

}  // namespace daybook
