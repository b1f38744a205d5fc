#include "tests/eventstore/faulty_file_system.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

namespace daybook::test {
namespace {

/// True for the call that reaches 0 and all after it.
bool counts_down_to_failure(std::atomic<int>& counter) {
  const int before = counter.load();
  if (before < 0) return false;
  if (before > 0) --counter;
  return before <= 1;
}

/// Of tables and of RocksDB's own small files.
class FaultyOtherFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyOtherFile(std::unique_ptr<rocksdb::FSWritableFile>&& file, bool is_table, std::shared_ptr<FaultPlan> plan)
      : FSWritableFileOwnerWrapper(std::move(file)), is_table_(is_table), plan_(std::move(plan)) {}

  rocksdb::IOStatus Append(const rocksdb::Slice& bytes, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    if (plan_->no_room) return rocksdb::IOStatus::NoSpace("planned full disk");
    if (is_table_ && counts_down_to_failure(plan_->table_appends_until_failure)) {
      return rocksdb::IOStatus::IOError("planned failure of an append to a table");
    }
    return FSWritableFileOwnerWrapper::Append(bytes, options, debug);
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& bytes, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* debug) override {
    return Append(bytes, options, debug);
  }

 private:
  bool is_table_;
  std::shared_ptr<FaultPlan> plan_;
};

class FaultyLogFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyLogFile(std::unique_ptr<rocksdb::FSWritableFile>&& file, std::string path, std::shared_ptr<FaultPlan> plan)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), plan_(std::move(plan)) {}

  rocksdb::IOStatus Append(const rocksdb::Slice& bytes, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    if (plan_->no_room) return rocksdb::IOStatus::NoSpace("planned full disk");
    if (!counts_down_to_failure(plan_->appends_until_failure)) return append(bytes, options, debug);
    if (plan_->tear_failing_append) {
      const auto status = append({bytes.data(), bytes.size() / 2}, options, debug);
      if (!status.ok()) return status;
    }
    return rocksdb::IOStatus::IOError("planned failure of an append");
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& bytes, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* debug) override {
    return Append(bytes, options, debug);
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    if (counts_down_to_failure(plan_->syncs_until_failure)) {
      return rocksdb::IOStatus::IOError("planned failure of a sync");
    }
    const auto status = FSWritableFileOwnerWrapper::Sync(options, debug);
    if (status.ok()) remember_synced();
    return status;
  }
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return Sync(options, debug);
  }

 private:
  rocksdb::IOStatus append(const rocksdb::Slice& bytes, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) {
    const auto status = FSWritableFileOwnerWrapper::Append(bytes, options, debug);
    if (status.ok()) written_bytes_ += bytes.size();
    return status;
  }
  void remember_synced() {
    const std::lock_guard lock(plan_->mutex);
    plan_->synced_bytes[path_] = written_bytes_;
  }

  std::string path_;
  std::shared_ptr<FaultPlan> plan_;
  std::uint64_t written_bytes_ = 0;
};

class FaultySequentialFile : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  FaultySequentialFile(std::unique_ptr<rocksdb::FSSequentialFile>&& file, std::string path,
                       std::shared_ptr<FaultPlan> plan)
      : FSSequentialFileOwnerWrapper(std::move(file)), path_(std::move(path)), plan_(std::move(plan)) {}

  rocksdb::IOStatus Read(std::size_t size, const rocksdb::IOOptions& options, rocksdb::Slice* result, char* scratch,
                         rocksdb::IODebugContext* debug) override {
    const auto status = FSSequentialFileOwnerWrapper::Read(size, options, result, scratch, debug);
    if (status.ok()) plan_->flip(path_, scratch, result->data() == scratch ? result->size() : 0);
    return status;
  }

 private:
  std::string path_;
  std::shared_ptr<FaultPlan> plan_;
};

class FaultyRandomAccessFile : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  FaultyRandomAccessFile(std::unique_ptr<rocksdb::FSRandomAccessFile>&& file, std::string path,
                         std::shared_ptr<FaultPlan> plan)
      : FSRandomAccessFileOwnerWrapper(std::move(file)), path_(std::move(path)), plan_(std::move(plan)) {}

  rocksdb::IOStatus Read(std::uint64_t offset, std::size_t size, const rocksdb::IOOptions& options,
                         rocksdb::Slice* result, char* scratch, rocksdb::IODebugContext* debug) const override {
    const auto status = FSRandomAccessFileOwnerWrapper::Read(offset, size, options, result, scratch, debug);
    if (status.ok()) plan_->flip(path_, scratch, result->data() == scratch ? result->size() : 0);
    return status;
  }
  rocksdb::IOStatus MultiRead(rocksdb::FSReadRequest* requests, std::size_t count, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* debug) override {
    for (std::size_t i = 0; i < count; ++i) {
      auto& one = requests[i];
      one.status = Read(one.offset, one.len, options, &one.result, one.scratch, debug);
    }
    return rocksdb::IOStatus::OK();
  }

 private:
  std::string path_;
  std::shared_ptr<FaultPlan> plan_;
};

class Faulty : public rocksdb::FileSystemWrapper {
 public:
  explicit Faulty(std::shared_ptr<FaultPlan> plan)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), plan_(std::move(plan)) {}
  const char* Name() const override { return "daybook-faulty"; }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    const bool is_table = path.ends_with(".sst");
    if (plan_->no_room || (is_table && plan_->disk_is_full)) return rocksdb::IOStatus::NoSpace("planned full disk");
    const auto status = FileSystemWrapper::NewWritableFile(path, options, file, debug);
    if (!status.ok()) return status;
    if (!path.ends_with(".log")) {
      *file = std::make_unique<FaultyOtherFile>(std::move(*file), is_table, plan_);
      return status;
    }
    {
      const std::lock_guard lock(plan_->mutex);
      plan_->synced_bytes[path] = 0;
    }
    *file = std::make_unique<FaultyLogFile>(std::move(*file), path, plan_);
    return status;
  }

  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options, std::uint64_t* bytes,
                                 rocksdb::IODebugContext* debug) override {
    const std::int64_t told = plan_->no_room ? 0 : plan_->free_bytes.load();
    if (told < 0) return FileSystemWrapper::GetFreeSpace(path, options, bytes, debug);
    *bytes = static_cast<std::uint64_t>(told);
    return rocksdb::IOStatus::OK();
  }

  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override {
    if (path.find("MANIFEST") != std::string::npos) manifest_was_read_ = true;
    if (path.ends_with(".log")) before_log_read();
    const auto status = FileSystemWrapper::NewSequentialFile(path, options, file, debug);
    if (status.ok()) *file = std::make_unique<FaultySequentialFile>(std::move(*file), path, plan_);
    return status;
  }
  rocksdb::IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* debug) override {
    const auto status = FileSystemWrapper::NewRandomAccessFile(path, options, file, debug);
    if (status.ok()) *file = std::make_unique<FaultyRandomAccessFile>(std::move(*file), path, plan_);
    return status;
  }
  rocksdb::IOStatus GetChildren(const std::string& folder, const rocksdb::IOOptions& options,
                                std::vector<std::string>* names, rocksdb::IODebugContext* debug) override {
    before_log_read();
    return FileSystemWrapper::GetChildren(folder, options, names, debug);
  }

 private:
  void before_log_read() {
    if (manifest_was_read_ && plan_->before_log_read) plan_->before_log_read();
  }

  std::atomic<bool> manifest_was_read_{false};
  std::shared_ptr<FaultPlan> plan_;
};

}  // namespace

void FaultPlan::heal() {
  appends_until_failure = -1;
  syncs_until_failure = -1;
  table_appends_until_failure = -1;
  tear_failing_append = false;
  disk_is_full = false;
  no_room = false;
  free_bytes = -1;
  reads_until_flip = -1;
}

void FaultPlan::flip(const std::string& path, char* bytes, std::size_t size) {
  const std::lock_guard lock(mutex);
  if (reads_until_flip < 0 || size == 0) return;
  if (path.find(flipped_folder) == path.npos || path.find(flipped_file) == path.npos) return;
  if (--reads_until_flip > 0) return;
  reads_until_flip = -1;
  const std::uint64_t bit = flipped_bit % (size * 8);
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
}

void FaultPlan::lose_power(const std::filesystem::path& folder) {
  const std::lock_guard lock(mutex);
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto known = synced_bytes.find(entry.path().string());
    if (known != synced_bytes.end()) std::filesystem::resize_file(entry.path(), known->second);
  }
  synced_bytes.clear();
}

FaultyFileSystem::FaultyFileSystem()
    : plan_(std::make_shared<FaultPlan>()), env_(rocksdb::NewCompositeEnv(std::make_shared<Faulty>(plan_))) {}

FaultyFileSystem::~FaultyFileSystem() = default;

}  // namespace daybook::test
