// The two directions of LogReader over a RowCursor: enters rows, checks each once, and that they join without a gap.
#pragma once

#include <memory>

#include "eventstore/log.h"
#include "eventstore/log_row.h"
#include "eventstore/row_cursor.h"

namespace daybook {

enum class Direction { forward, backward };

class RowLogReader : public LogReader {
 public:
  /// Gives positions from `from`, within 1 to `head`.
  RowLogReader(std::shared_ptr<RocksHandle> handle, ShardNumber shard, Direction direction, Position from,
               Position head);
  bool next(StoredEvent& event) override;
  void seek(Position position) override;

 private:
  /// Moves to the row that holds next_ and checks it. Throws CorruptLog if there is none.
  void enter_row();

  ShardNumber shard_;
  Direction direction_;
  Position head_;
  Position next_ = 0;  ///< What next() gives; 0 or above head_: nothing is left.
  RowCursor cursor_;
  RowView row_;
};

/// Reads one event by its position, which must be within 1 to head. Throws CorruptLog.
std::string read_one_event(const std::shared_ptr<RocksHandle>& handle, ShardNumber shard, Position position);

}  // namespace daybook
