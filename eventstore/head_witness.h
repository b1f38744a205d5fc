// The head witness: a plain file outside the log's database that remembers how far each shard was, so that a log which
// silently lost its end (RocksDB stops at the first bad record of a torn write-ahead log) is noticed at start.
//
//   head := slot[shards][2]
//   slot := position:u64le row_checksum:u64le root:byte[32] reserved:byte[8] checksum:u64le      (64 bytes)
//   A shard writes its two slots in turn: a slot torn by a power loss leaves the one before it. The newer is the one
//   with the higher position. `root` is that of the Merkle tree over the events up to position; zeros if the writer
//   knew no tree. checksum is XXH3-64 over the 56 bytes before it, seeded with the slot's number in the file; 64 zero
//   bytes are a slot that was never written.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/directory.h"
#include "eventstore/durable_file.h"

namespace daybook {

class WitnessFile {
 public:
  /// Opens `path`, created if absent. Throws StorageFault.
  WitnessFile(const std::filesystem::path& path, ShardNumber shards);

  /// Writes the older slot of the shard. One thread a shard.
  void write(ShardNumber shard, HeadWitness head);
  void sync() { file_.sync(); }

 private:
  FileDescriptor file_;
  std::vector<std::uint8_t> next_slot_;  ///< A shard each: which of its two slots is written next.
};

/// The content of the whole file; empty if there is none yet.
std::string read_witness_file(const std::filesystem::path& path, ShardNumber shards);

/// The newest witness of the shard in the file's content; position 0 if none was ever written.
/// Throws StorageFault if the shard's slots are damaged.
HeadWitness find_head_witness(std::string_view file, ShardNumber shard);

}  // namespace daybook
