// The data directory: log/, views/, keys/, FORMAT, LOCK and the head witness.
//
// FORMAT (text, one "name value" a line): "daybook 1", "shards N", "log_id <32 hex>". Written once, synced with its
// folder. LOCK: flock()ed while a changing process lives; holds "pid <n>" and, once it listens, "address <host:port>".
// The lock goes with the open file, so a child made by fork() without exec() shares it.
// head (the witness; format in head_witness.h): written before each answer (pwrite), synced by sync_witness() every
// 100 ms. After a crash of the process nothing acknowledged is missing below it; after a power loss up to the last
// 100 ms of it may be old, never ahead of what was acknowledged.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "eventstore/fault.h"
#include "eventstore/merkle.h"
#include "eventstore/position.h"

namespace daybook {

/// The FORMAT version that this build writes, and the only one it reads.
inline constexpr int directory_format_version = 1;
inline constexpr ShardNumber shards_max = 1024;

struct DirectoryFormat {
  int version = directory_format_version;
  ShardNumber shards = 1;
  std::string log_id;  ///< 32 hex digits, random; a restore to an older position gets a new one.
};

struct HeadWitness {
  Position position = 0;           ///< The last position of a group; 0: none was written yet.
  std::uint64_t row_checksum = 0;  ///< Of the row that ends there (EventLog::head_checksum).
  MerkleHash root{};               ///< Of the Merkle tree over the events up to there; zeros: not known.
};

class DataDirectory {
 public:
  enum class Access { change, read };
  /// Opens `path`; with Access::change creates it if absent (shards and log_id, drawn if empty: for a new one) and
  /// takes the lock.
  /// Throws DirectoryInUse if another process holds it, StorageFault for an unknown FORMAT, for a folder that holds
  /// something else, or a failed file operation.
  static std::unique_ptr<DataDirectory> open(const std::filesystem::path& path, Access access, ShardNumber shards = 1,
                                             const std::string& log_id = {});
  virtual ~DataDirectory() = default;

  virtual const DirectoryFormat& format() const = 0;
  virtual std::filesystem::path log_path() const = 0;
  virtual std::filesystem::path views_path() const = 0;
  virtual std::filesystem::path keys_path() const = 0;
  /// Writes the address that this process serves on into LOCK, for other commands to find.
  virtual void publish_address(const std::string& host_and_port) = 0;

  /// Records the head before its answers go out. One thread a shard; shards may call at the same time.
  /// Throws StorageFault; also in a directory that was opened for reading.
  virtual void witness(ShardNumber shard, HeadWitness head) = 0;
  virtual void sync_witness() = 0;
  /// The newest one; in a directory that was opened for reading, as of its opening: a snapshot of a live server's log
  /// that is opened later must reach it. Throws StorageFault if it is damaged beyond the one slot that a power loss may
  /// tear.
  virtual HeadWitness read_witness(ShardNumber shard) const = 0;
};

class EventLog;

/// Refuses a log that has lost its end: throws StorageFault, saying what to do, if the head of a shard is below the
/// witnessed one, or the row that ends at the witnessed position has another checksum.
void check_witness(const EventLog& log, const DataDirectory& directory);

}  // namespace daybook
