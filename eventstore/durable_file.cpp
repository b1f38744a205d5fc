#include "eventstore/durable_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "eventstore/fault.h"

namespace daybook {
namespace {

constexpr mode_t private_file_mode = 0600;
constexpr mode_t private_folder_mode = 0700;

[[noreturn]] void throw_system_error(std::string_view doing, const std::filesystem::path& path) {
  const bool is_full = errno == ENOSPC || errno == EDQUOT;
  const auto what = fmt::format("{} {}: {}", doing, path.string(), std::strerror(errno));
  if (is_full) throw DiskFull(what);
  throw StorageFault(what);
}

}  // namespace

FileDescriptor::FileDescriptor(const std::filesystem::path& path, int flags)
    : path_(path), number_(::open(path.c_str(), flags | O_CLOEXEC, private_file_mode)) {
  if (number_ < 0) throw_system_error("opening", path_);
}

FileDescriptor::~FileDescriptor() {
  ::close(number_);
}

void FileDescriptor::write_at(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::pwrite(number_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_system_error("writing", path_);
    offset += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string FileDescriptor::read_at(std::uint64_t offset, std::size_t size) const {
  std::string bytes(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const auto got = ::pread(number_, bytes.data() + filled, size - filled, static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_system_error("reading", path_);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

void FileDescriptor::truncate(std::uint64_t size) {
  if (::ftruncate(number_, static_cast<off_t>(size)) != 0) throw_system_error("truncating", path_);
}

void FileDescriptor::sync() {
  if (::fsync(number_) != 0) throw_system_error("syncing", path_);
}

bool FileDescriptor::try_lock() {
  if (::flock(number_, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK) return false;
  throw_system_error("locking", path_);
}

void make_private_folder(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), private_folder_mode) == 0) return;
  if (errno != EEXIST || !std::filesystem::is_directory(path)) throw_system_error("making the folder", path);
}

void sync_folder(const std::filesystem::path& path) {
  FileDescriptor(path, O_RDONLY | O_DIRECTORY).sync();
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  auto temporary = path;
  temporary += ".new";
  {
    FileDescriptor file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    file.write_at(0, content);
    file.sync();
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) throw_system_error("renaming", temporary);
  sync_folder(path.parent_path());
}

std::optional<std::string> read_small_file(const std::filesystem::path& path, std::size_t bytes_max) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) return std::nullopt;
  auto content = FileDescriptor(path, O_RDONLY).read_at(0, bytes_max + 1);
  if (content.size() > bytes_max) throw StorageFault(fmt::format("{} is too large to be ours", path.string()));
  return content;
}

}  // namespace daybook
