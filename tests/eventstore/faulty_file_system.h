// A file system that fails on demand: the nth append to or sync of a write-ahead log, torn appends, the nth append to a
// table file, a full disk for table files or for everything, a power loss that drops what was not synced, and one bit
// flipped on its way from the disk. It stands under RocksDB as a rocksdb::Env.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace rocksdb {
class Env;
}

namespace daybook::test {

/// What goes wrong, shared with the files. Counters count down with each call on a file of their kind; the call that
/// brings one to 0 fails, and so does every later one until the counter is set again. Negative: never.
struct FaultPlan {
  std::atomic<int> appends_until_failure{-1};
  std::atomic<int> syncs_until_failure{-1};
  std::atomic<bool> tear_failing_append{false};  ///< The failing append leaves half of its bytes.
  std::atomic<int> table_appends_until_failure{-1};
  std::atomic<bool> disk_is_full{false};     ///< No new table file can be made.
  std::atomic<bool> no_room{false};          ///< Nothing can be written and no file made; 0 bytes are free.
  std::atomic<std::int64_t> free_bytes{-1};  ///< What the disk says is free; negative: the truth.
  /// Called before write-ahead logs are listed or opened for reading: after a snapshot has read the manifest.
  std::function<void()> before_log_read;

  /// The read that brings the counter to 0 gets one bit flipped, and none after it. Counted are reads of files whose
  /// path contains both texts; set these before the counter.
  std::atomic<int> reads_until_flip{-1};
  std::string flipped_folder, flipped_file;
  std::uint64_t flipped_bit = 0;  ///< Of what is read, from its beginning around.
  /// Called by the files for what they have read.
  void flip(const std::string& path, char* bytes, std::size_t size);

  std::mutex mutex;
  std::map<std::string, std::uint64_t> synced_bytes;  ///< By path, of the write-ahead logs.

  /// Nothing fails any more.
  void heal();
  /// Cuts every write-ahead log in the folder to what was synced. The database must be closed, or gone.
  void lose_power(const std::filesystem::path& folder);
};

/// Owns the Env; the plan may be changed at any time.
class FaultyFileSystem {
 public:
  FaultyFileSystem();
  ~FaultyFileSystem();
  FaultyFileSystem(const FaultyFileSystem&) = delete;
  FaultyFileSystem& operator=(const FaultyFileSystem&) = delete;

  rocksdb::Env* env() const { return env_.get(); }
  FaultPlan& plan() { return *plan_; }

 private:
  std::shared_ptr<FaultPlan> plan_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace daybook::test
