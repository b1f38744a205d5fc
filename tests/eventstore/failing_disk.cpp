#include "tests/eventstore/failing_disk.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdlib>
#include <functional>
#include <string>

namespace daybook::test {
namespace {

/// What the functions below share with the one FailingDisk.
struct Disk {
  std::atomic<bool> is_watched{false};
  std::atomic<int> operations_until_failure{-1};  ///< Negative: none fails.
  std::atomic<bool> has_failed{false};
  int first_to_fail = 0;
  std::string folder, shadow;  ///< With a slash behind them; never changed while is_watched.
};
Disk disk;

bool is_below(const std::string& path) {
  return path.starts_with(disk.folder) || path + "/" == disk.folder;
}

std::string path_of(int descriptor) {
  char target[PATH_MAX];
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const auto length = ::readlink(link.c_str(), target, sizeof target);
  return length < 0 ? std::string() : std::string(target, static_cast<std::size_t>(length));
}

/// Counts an operation on that path; true if it fails.
bool fails(const std::string& path) {
  if (!disk.is_watched || !is_below(path)) return false;
  int left = disk.operations_until_failure;
  while (left > 0 && !disk.operations_until_failure.compare_exchange_weak(left, left - 1)) {
  }
  if (left < 0 || left > 1) return false;
  disk.has_failed = true;
  errno = EIO;
  return true;
}

bool fails(int descriptor) {
  return disk.is_watched && fails(path_of(descriptor));
}

std::string shadow_of(ino_t file) {
  return disk.shadow + std::to_string(file);
}

/// Around the functions below: nobody fails here.
int open_anyway(const std::string& path, int flags) {
  return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path.c_str(), flags | O_CLOEXEC, 0600));
}
std::string read_anyway(const std::string& path) {
  const int file = open_anyway(path, O_RDONLY);
  if (file < 0) return {};
  struct stat status {};
  ::fstat(file, &status);
  std::string content(static_cast<std::size_t>(status.st_size), '\0');
  const auto got = ::syscall(SYS_pread64, file, content.data(), content.size(), 0);
  ::syscall(SYS_close, file);
  content.resize(static_cast<std::size_t>(std::max<long>(got, 0)));
  return content;
}
void write_anyway(const std::string& path, const std::string& content) {
  const int file = open_anyway(path, O_WRONLY | O_CREAT | O_TRUNC);
  const bool is_written = file >= 0 && ::syscall(SYS_pwrite64, file, content.data(), content.size(), 0) ==
                                           static_cast<long>(content.size());
  if (file >= 0) ::syscall(SYS_close, file);
  if (!is_written) std::abort();
}

void remember_synced(int descriptor) {
  struct stat status {};
  if (!disk.is_watched || ::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return;
  const std::string path = path_of(descriptor);
  if (is_below(path)) write_anyway(shadow_of(status.st_ino), read_anyway(path));
}

int open_file(const char* path, int flags, mode_t mode) {
  const bool writes = (flags & (O_CREAT | O_TRUNC)) != 0;
  if (!writes || !disk.is_watched) return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
  const std::string full_path = std::filesystem::absolute(path).string();
  if (fails(full_path)) return -1;
  const bool is_new = ::access(path, F_OK) != 0;
  const int file = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
  // A deleted file's number is given again: what the shadow has under it is not this file's.
  struct stat status {};
  if (file >= 0 && is_new && is_below(full_path) && ::fstat(file, &status) == 0) {
    ::syscall(SYS_unlink, shadow_of(status.st_ino).c_str());
  }
  return file;
}

/// Below the folder a sync only remembers: the power that is lost is ours.
int sync_file(int descriptor, long number) {
  if (fails(descriptor)) return -1;
  if (!disk.is_watched || !is_below(path_of(descriptor))) return static_cast<int>(::syscall(number, descriptor));
  remember_synced(descriptor);
  return 0;
}

bool fails_path(const char* path) {
  return disk.is_watched && fails(std::filesystem::absolute(path).string());
}

}  // namespace

FailingDisk::FailingDisk(const std::filesystem::path& folder, const std::filesystem::path& shadow) {
  REQUIRE_FALSE(disk.is_watched);
  disk.folder = std::filesystem::canonical(folder).string() + "/";
  disk.shadow = std::filesystem::canonical(shadow).string() + "/";
  disk.operations_until_failure = -1;
  disk.is_watched = true;
}

FailingDisk::~FailingDisk() {
  disk.is_watched = false;
}

void FailingDisk::fail_from(int nth) {
  disk.has_failed = false;
  disk.first_to_fail = nth;
  disk.operations_until_failure = nth;
}

int FailingDisk::operations() const {
  return disk.first_to_fail - disk.operations_until_failure;
}

bool FailingDisk::has_failed() const {
  return disk.has_failed;
}

namespace {

/// Writes into each file what `left` makes of what it held at its last sync and what it holds.
void write_all(const std::filesystem::path& folder, const std::filesystem::path& shadow,
               const std::function<std::string(std::string synced, const std::string& written)>& left) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    struct stat status {};
    if (!entry.is_regular_file() || ::stat(entry.path().c_str(), &status) != 0) continue;
    const std::string path = entry.path().string();
    write_anyway(path, left(read_anyway((shadow / std::to_string(status.st_ino)).string()), read_anyway(path)));
  }
}

}  // namespace

void lose_power(const std::filesystem::path& folder, const std::filesystem::path& shadow) {
  write_all(folder, shadow, [](std::string synced, const std::string&) { return synced; });
}

void tear(const std::filesystem::path& folder, const std::filesystem::path& shadow, std::mt19937_64& random) {
  constexpr std::size_t sector_bytes = 512;
  write_all(folder, shadow, [&](std::string synced, const std::string& written) {
    const std::size_t both = std::min(synced.size(), written.size());
    for (std::size_t at = 0; at < both; at += sector_bytes) {
      if (random() % 2 == 0) continue;
      const std::size_t bytes = std::min(sector_bytes, both - at);
      synced.replace(at, bytes, written, at, bytes);
    }
    if (written.size() <= synced.size()) return synced;
    const std::size_t end = synced.size() + random() % (written.size() - synced.size() + sector_bytes);
    const std::size_t whole = std::clamp(end - end % sector_bytes, synced.size(), written.size());
    return synced.append(written, synced.size(), whole - synced.size());
  });
}

}  // namespace daybook::test

// libc's own, for this binary: the linker takes these for every library that is linked into it, and the loader for the
// shared ones.
using daybook::test::fails;
using daybook::test::fails_path;

extern "C" {

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return daybook::test::open_file(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return daybook::test::open_file(path, flags, mode);
}
ssize_t write(int descriptor, const void* bytes, size_t size) {
  return fails(descriptor) ? -1 : ::syscall(SYS_write, descriptor, bytes, size);
}
ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t offset) {
  return fails(descriptor) ? -1 : ::syscall(SYS_pwrite64, descriptor, bytes, size, offset);
}
ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off64_t offset) {
  return fails(descriptor) ? -1 : ::syscall(SYS_pwrite64, descriptor, bytes, size, offset);
}
int fsync(int descriptor) {
  return daybook::test::sync_file(descriptor, SYS_fsync);
}
int fdatasync(int descriptor) {
  return daybook::test::sync_file(descriptor, SYS_fdatasync);
}
int ftruncate(int descriptor, off_t size) noexcept {
  return fails(descriptor) ? -1 : static_cast<int>(::syscall(SYS_ftruncate, descriptor, size));
}
int ftruncate64(int descriptor, off64_t size) noexcept {
  return fails(descriptor) ? -1 : static_cast<int>(::syscall(SYS_ftruncate, descriptor, size));
}
int rename(const char* from, const char* to) noexcept {
  return fails_path(from) ? -1 : static_cast<int>(::syscall(SYS_rename, from, to));
}
int unlink(const char* path) noexcept {
  return fails_path(path) ? -1 : static_cast<int>(::syscall(SYS_unlink, path));
}
int mkdir(const char* path, mode_t mode) noexcept {
  return fails_path(path) ? -1 : static_cast<int>(::syscall(SYS_mkdir, path, mode));
}
}
