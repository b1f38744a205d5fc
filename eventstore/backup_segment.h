// One file of a backup: rows of one shard of the log as they are stored, compressed in frames.
//
//   segment := magic "DBKSEG01" shard:u16le zero:byte[6] frame*
//   frame   := raw_bytes:u32le stored_bytes:u32le zstd(rows)
//   rows    := (first_position:u64le row_bytes:u32le row)*        the row's own checksum covers its shard and place
//
// The file's length and SHA-256 are in the manifest, so `sha256sum` alone can check it.
// Threads: one.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "eventstore/backup_manifest.h"
#include "eventstore/log_row.h"

namespace daybook {

/// Writes a segment under a temporary name; finish() makes it durable under its own.
class SegmentWriter {
 public:
  /// The file's name follows from `shard` and `first`. Throws StorageFault, as everything here does.
  SegmentWriter(const std::filesystem::path& folder, ShardNumber shard, Position first);
  /// Removes the file unless it was finished.
  ~SegmentWriter();
  SegmentWriter(const SegmentWriter&) = delete;
  SegmentWriter& operator=(const SegmentWriter&) = delete;

  /// Requires rows to follow on each other.
  void add(Position first, Position last, std::string_view row);
  std::uint64_t bytes() const;
  /// Requires at least one row.
  BackupSegment finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Reads a segment from the beginning, and checks length, digest, frames, rows and positions. Calls `row` for each, in
/// order, before the digest is known: what it got counts only when this returns. Throws CorruptLog naming the file and
/// the first position that cannot be trusted.
void read_segment(const std::filesystem::path& folder, const BackupSegment& segment,
                  const std::function<void(const RowView&)>& row);

}  // namespace daybook
