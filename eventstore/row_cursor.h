// A place among the stored rows of one shard, with a copy of the row that it stands on: the copy is aligned for
// FlatBuffers (RocksDB's blocks are not) and stays readable when the database is closed under the cursor.
// Knows nothing of what a row says; log_reader.h checks that.
#pragma once

#include <memory>

#include "eventstore/log_row.h"
#include "eventstore/position.h"
#include "eventstore/rocks_handle.h"

namespace daybook {

/// What the cursor is going to be used for: a long scan reads ahead and leaves the block cache alone.
enum class ScanLength { few_rows, long_scan };

class RowCursor {
 public:
  RowCursor(std::shared_ptr<RocksHandle> handle, ShardNumber shard, ScanLength length);

  /// Each moves and copies the row; false if there is no such row in the shard. Throw StorageFault for a failed read,
  /// CorruptLog (naming `expected`) for a block that RocksDB finds damaged.
  bool seek(Position at_or_before, Position expected);
  bool seek_after(Position at_or_after, Position expected);
  bool next(Position expected);
  bool previous(Position expected);

  Position first() const { return first_; }
  std::string_view bytes() const { return row_.view(); }

 private:
  bool take(rocksdb::Iterator& iterator, Position expected);

  std::shared_ptr<RocksHandle> handle_;
  ShardNumber shard_;
  RocksHandle::Lease lease_;
  Position first_ = 0;
  AlignedBytes row_;
};

}  // namespace daybook
