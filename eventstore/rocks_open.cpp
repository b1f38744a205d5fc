#include "eventstore/rocks_open.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/file_system.h>
#include <rocksdb/options.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "eventstore/fault.h"
#include "eventstore/manifest_check.h"

namespace daybook {
namespace {

constexpr int background_jobs = 2;
constexpr std::uint64_t bytes_per_sync = 512 * 1024;
constexpr std::size_t info_log_bytes_max = 1 << 20;
constexpr std::size_t info_logs_kept = 4;
constexpr std::size_t manifest_bytes_max = 16 << 20;
constexpr int open_files_max = 512;
/// A live server may delete a file between our reading of the manifest and our opening it.
constexpr int secondary_attempts = 5;
constexpr std::chrono::milliseconds secondary_pause{20};
/// L0 triggers "out of the way": our own back-pressure bounds the writers, RocksDB's slowed bulk runs to a tenth.
constexpr int l0_trigger_never = 1 << 20;

/// A snapshot keeps every file open, so that a live server's compaction cannot take one away: one descriptor each.
void raise_open_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);  // Best effort: opening says "too many open files" if it was not enough.
}

/// Oldest first.
std::vector<std::filesystem::path> write_ahead_logs(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> logs;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".log") logs.push_back(entry.path());
  }
  std::sort(logs.begin(), logs.end());
  return logs;
}

/// Copies the write-ahead logs, oldest first. Must be done before the manifest is read: what is gone by then, or was
/// made later, can only be newer than what the manifest has, or in it. So the snapshot is a prefix of what was written.
/// (A secondary instance that reads them in place reads them after the manifest, and may miss one in the middle that
/// the live server flushed and deleted in between.)
void copy_write_ahead_logs(const std::filesystem::path& from, const std::filesystem::path& to) {
  const auto logs = write_ahead_logs(from);
  std::filesystem::remove_all(to);
  std::filesystem::create_directory(to);
  for (const auto& log : logs) {
    std::error_code error;
    std::filesystem::copy_file(log, to / log.filename(), error);
    if (error && std::filesystem::exists(log)) {
      throw StorageFault(fmt::format("copying {} to {}: {}", log.string(), to.string(), error.message()));
    }
  }
}

rocksdb::Status open_secondary(const rocksdb::Options& options, const std::string& directory, OpenedRocks& opened) {
  copy_write_ahead_logs(directory, options.wal_dir);
  rocksdb::DB* db = nullptr;
  const auto status = rocksdb::DB::OpenAsSecondary(options, directory, opened.scratch->path().string(), &db);
  opened.db.reset(db);
  std::filesystem::remove_all(options.wal_dir);  // It is in memory now.
  return status;
}

/// A secondary instance passes over table files that it cannot open, as if they were still to come, and shows what was
/// before them. Where there are tables that it does not show, an instance that is not so kind says whether one is
/// damaged; they may also be a compaction's leftovers, or have come or gone meanwhile.
void check_hidden_tables(const rocksdb::Options& options, const std::string& directory, rocksdb::DB& shown) {
  std::vector<rocksdb::LiveFileMetaData> live;
  shown.GetLiveFilesMetaData(&live);
  const auto is_shown = [&](const std::filesystem::path& file) {
    const std::string name = "/" + file.filename().string();
    return std::ranges::any_of(live, [&](const rocksdb::LiveFileMetaData& one) { return one.name == name; });
  };
  bool all_shown = true;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    all_shown = all_shown && (entry.path().extension() != ".sst" || is_shown(entry.path()));
  }
  if (all_shown) return;
  rocksdb::DB* db = nullptr;
  const auto status = rocksdb::DB::OpenForReadOnly(options, directory, &db);
  const std::unique_ptr<rocksdb::DB> closed(db);
  if (status.IsCorruption()) require_ok(status, "opening a snapshot of " + directory);
}

/// RocksDB does not say which write-ahead log or manifest is damaged. With no write-ahead log to read it opens, or it
/// is the manifest.
[[noreturn]] void throw_damaged(const rocksdb::Options& options, const std::string& directory,
                                const rocksdb::Status& status) {
  std::filesystem::create_directory(options.wal_dir);
  const ScratchFolder scratch;
  rocksdb::DB* db = nullptr;
  const auto without_logs = rocksdb::DB::OpenAsSecondary(options, directory, scratch.path().string(), &db);
  const std::unique_ptr<rocksdb::DB> closed(db);
  std::string named = "MANIFEST, CURRENT or a table";
  if (without_logs.ok()) {
    named.clear();
    for (const auto& log : write_ahead_logs(directory)) named += (named.empty() ? "" : ", ") + log.filename().string();
  }
  throw CorruptLog(0, 0,
                   fmt::format("opening a snapshot of {}: {}; damaged is {}", directory, status.ToString(), named));
}

/// A manifest or a write-ahead log that is read twice at every step. RocksDB takes a last record whose length or type
/// was read wrong for one that a crash cut off, opens what was before it, and deletes for good what it then does not
/// know.
class FileReadTwice : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  FileReadTwice(std::unique_ptr<rocksdb::FSSequentialFile>&& file, std::unique_ptr<rocksdb::FSSequentialFile>&& again,
                std::string path)
      : FSSequentialFileOwnerWrapper(std::move(file)), again_(std::move(again)), path_(std::move(path)) {}

  rocksdb::IOStatus Read(std::size_t size, const rocksdb::IOOptions& options, rocksdb::Slice* result, char* scratch,
                         rocksdb::IODebugContext* debug) override {
    const auto status = FSSequentialFileOwnerWrapper::Read(size, options, result, scratch, debug);
    if (!status.ok()) return status;
    second_.resize(size);
    rocksdb::Slice second;
    const auto second_status = again_->Read(size, options, &second, second_.data(), debug);
    if (!second_status.ok()) return second_status;
    return second == *result ? status : rocksdb::IOStatus::Corruption("two reads of it differ", path_);
  }
  rocksdb::IOStatus Skip(std::uint64_t size) override {
    const auto status = FSSequentialFileOwnerWrapper::Skip(size);
    return status.ok() ? again_->Skip(size) : status;
  }

 private:
  std::unique_ptr<rocksdb::FSSequentialFile> again_;
  std::string path_, second_;
};

class RecordsReadTwice : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "daybook"; }
  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override {
    const auto status = FileSystemWrapper::NewSequentialFile(path, options, file, debug);
    if (!status.ok() || (path.find("/MANIFEST-") == path.npos && !path.ends_with(".log"))) return status;
    std::unique_ptr<rocksdb::FSSequentialFile> again;
    const auto second_status = FileSystemWrapper::NewSequentialFile(path, options, &again, debug);
    if (second_status.ok()) *file = std::make_unique<FileReadTwice>(std::move(*file), std::move(again), path);
    return second_status;
  }
};

OpenedRocks open_snapshot(rocksdb::Options options, const std::string& directory) {
  if (!std::filesystem::is_directory(directory)) {
    throw StorageFault(fmt::format("opening a snapshot of {}: there is no such folder", directory));
  }
  raise_open_file_limit();
  if (std::filesystem::exists(std::filesystem::path(directory) / "CURRENT")) check_manifest(directory);
  OpenedRocks opened;
  opened.scratch = std::make_unique<ScratchFolder>();
  options.create_if_missing = false;
  options.max_open_files = -1;
  options.wal_dir = (opened.scratch->path() / "wal").string();
  rocksdb::Status status;
  for (int attempt = 0; attempt < secondary_attempts; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(secondary_pause);
    status = open_secondary(options, directory, opened);
    if (status.ok()) break;
  }
  if (status.IsCorruption()) throw_damaged(options, directory, status);
  require_ok(status, "opening a snapshot of " + directory);
  check_hidden_tables(options, directory, *opened.db);
  return opened;
}

}  // namespace

ScratchFolder::ScratchFolder() {
  auto pattern = (std::filesystem::temp_directory_path() / "daybook-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    throw StorageFault(fmt::format("making a temporary folder {}: {}", pattern, std::strerror(errno)));
  }
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

rocksdb::Options common_rocks_options(rocksdb::Env* env) {
  rocksdb::Options options;
  options.env = env != nullptr ? env : rocksdb::Env::Default();
  options.env->LowerThreadPoolCPUPriority(rocksdb::Env::HIGH, rocksdb::CpuPriority::kLow);
  options.env->LowerThreadPoolCPUPriority(rocksdb::Env::LOW, rocksdb::CpuPriority::kLow);
  options.create_if_missing = true;
  options.max_background_jobs = background_jobs;
  options.max_open_files = open_files_max;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.max_log_file_size = info_log_bytes_max;
  options.keep_log_file_num = info_logs_kept;
  options.max_manifest_file_size = manifest_bytes_max;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.skip_stats_update_on_db_open = true;
  // After a failed write memory may be ahead of disk: stop, and let the caller reopen. RocksDB must not resume.
  options.max_bgerror_resume_count = 0;
  options.bytes_per_sync = bytes_per_sync;
  options.wal_bytes_per_sync = bytes_per_sync;
  options.compression = rocksdb::kLZ4Compression;
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();  // Covers a file's padding as well.
  options.level_compaction_dynamic_level_bytes = true;
  options.level0_slowdown_writes_trigger = l0_trigger_never;
  options.level0_stop_writes_trigger = l0_trigger_never;
  options.soft_pending_compaction_bytes_limit = 0;
  options.hard_pending_compaction_bytes_limit = 0;
  return options;
}

OpenedRocks open_rocks(rocksdb::Options options, const std::filesystem::path& directory, bool read_only) {
  if (read_only) return open_snapshot(std::move(options), directory.string());
  OpenedRocks opened;
  opened.env = rocksdb::NewCompositeEnv(std::make_shared<RecordsReadTwice>(options.env->GetFileSystem()));
  options.env = opened.env.get();
  rocksdb::DB* db = nullptr;
  const auto status = rocksdb::DB::Open(options, directory.string(), &db);
  opened.db.reset(db);
  require_ok(status, "opening " + directory.string());
  return opened;
}

void require_ok(const rocksdb::Status& status, std::string_view doing) {
  if (status.ok()) return;
  const auto what = fmt::format("{}: {}", doing, status.ToString());
  if (status.IsCorruption()) throw CorruptLog(0, 0, what);
  if (status.IsNoSpace()) throw DiskFull(what);
  throw StorageFault(what);
}

std::uint64_t rocks_disk_bytes(const std::filesystem::path& directory) {
  std::uint64_t bytes = 0;
  std::error_code error;
  std::filesystem::directory_iterator files(directory, error);
  for (; !error && files != std::filesystem::directory_iterator(); files.increment(error)) {
    const auto extension = files->path().extension();
    if (extension != ".sst" && extension != ".log") continue;
    std::error_code vanished;  // Under a live server's compaction a file may go while we look.
    const auto size = files->file_size(vanished);
    if (!vanished) bytes += size;
  }
  return bytes;
}

}  // namespace daybook
