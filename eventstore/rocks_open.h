// Opening RocksDB the way Daybook uses it: for changing, or as a snapshot beside a live process. The settings are
// reasoned in rocks_open.cpp. Forward declarations only: RocksDB's headers stay in .cpp files of this folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

namespace rocksdb {
class DB;
class Env;
class Status;
struct Options;
}  // namespace rocksdb

namespace daybook {

/// A folder under the system's temporary one, removed with its content when the object goes.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// An open database. The scratch folder of a read-only one, and what the database stands on, are declared first: they
/// must go last.
struct OpenedRocks {
  std::unique_ptr<ScratchFolder> scratch;
  std::unique_ptr<rocksdb::Env> env;
  std::unique_ptr<rocksdb::DB> db;
};

/// What all our databases have in common: quiet, no automatic resume, low-priority background threads, LZ4, no stalls.
rocksdb::Options common_rocks_options(rocksdb::Env* env);

/// Read-only: a snapshot as of now, which sees every synced write of a live process; it never moves, so open another
/// one for later. Throws as require_ok() does.
OpenedRocks open_rocks(rocksdb::Options options, const std::filesystem::path& directory, bool read_only);

/// Throws StorageFault ("doing: what RocksDB says") unless the status is ok; CorruptLog, without a position, when it
/// says that files are damaged; DiskFull when it found no room.
void require_ok(const rocksdb::Status& status, std::string_view doing);

/// Bytes of the SST and WAL files in the folder.
std::uint64_t rocks_disk_bytes(const std::filesystem::path& directory);

}  // namespace daybook
