// The manifest of a backup: which log, how far, and which files hold it. It is written last, so a backup without one,
// or with files that it does not name, is what an interrupted run leaves: the next run goes on from the manifest.
//
//   MANIFEST := "daybook-backup 1\n" "log_id <32 hex>\n" "shards N\n" "taken <microseconds since the epoch>\n"
//               ("shard <n> <head> <root: 64 hex>\n"){N} ("segment <n> <first> <last> <bytes> <SHA-256: 64 hex>\n")*
//               "sum <SHA-256 of everything before: 64 hex>\n"
//   Segments are in order of shard and position, and follow on each other without a gap from position 1 to the head.
//   root is that of the Merkle tree over the shard's events (eventstore/merkle.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/directory.h"
#include "eventstore/merkle.h"

namespace daybook {

inline constexpr int backup_format_version = 1;

struct BackupSegment {
  ShardNumber shard = 0;
  Position first = 0;
  Position last = 0;
  std::uint64_t bytes = 0;
  MerkleHash digest{};  ///< SHA-256 of the file.
  std::filesystem::path file_name() const;
};

struct BackupManifest {
  std::string log_id;
  std::int64_t taken_us = 0;
  std::vector<TreeHead> heads;  ///< One a shard; size is the head's position.
  std::vector<BackupSegment> segments;
  ShardNumber shards() const { return static_cast<ShardNumber>(heads.size()); }
};

std::string format_manifest(const BackupManifest& manifest);
/// The folder's manifest; nothing if it has none. Throws StorageFault if it is damaged or of another version.
std::optional<BackupManifest> read_manifest(const std::filesystem::path& folder);
void write_manifest(const std::filesystem::path& folder, const BackupManifest& manifest);

/// 64 lower-case hex digits, and back; nothing for any other text.
std::string to_hex(const MerkleHash& hash);
std::optional<MerkleHash> parse_hex_hash(std::string_view text);

}  // namespace daybook
