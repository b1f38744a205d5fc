#include "eventstore/log_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace daybook {
namespace {

/// From this many events on, reading ahead pays for what it costs to open.
constexpr Position long_scan_events_min = 20'000;

ScanLength scan_length(Direction direction, Position from, Position head) {
  const bool is_long = direction == Direction::forward && from < head && head - from >= long_scan_events_min;
  return is_long ? ScanLength::long_scan : ScanLength::few_rows;
}

[[noreturn]] void throw_missing(ShardNumber shard, Position position) {
  throw CorruptLog(shard, position,
                   fmt::format("the log has no row that holds {}, which was committed; restore it from a backup or "
                               "from Kafka",
                               to_string({shard, position})));
}

/// The cursor's row, checked. Throws CorruptLog naming the row's first position.
RowView checked_row(ShardNumber shard, const RowCursor& cursor) {
  RowView row(shard, cursor.first(), cursor.bytes());
  if (row.damage().empty()) return row;
  throw CorruptLog(shard, cursor.first(),
                   fmt::format("the log's row at {} is damaged: {}; restore it from a backup or from Kafka",
                               to_string({shard, cursor.first()}), row.damage()));
}

}  // namespace

RowLogReader::RowLogReader(std::shared_ptr<RocksHandle> handle, ShardNumber shard, Direction direction, Position from,
                           Position head)
    : shard_(shard),
      direction_(direction),
      head_(head),
      cursor_(std::move(handle), shard, scan_length(direction, from, head)) {
  seek(from);
}

void RowLogReader::seek(Position position) {
  next_ = direction_ == Direction::forward ? std::max<Position>(position, 1) : std::min(position, head_);
}

bool RowLogReader::next(StoredEvent& event) {
  if (next_ == 0 || next_ > head_) return false;
  if (!row_.contains(next_)) enter_row();
  event = {next_, row_.envelope(next_)};
  next_ += direction_ == Direction::forward ? 1 : std::uint64_t(-1);
  return true;
}

void RowLogReader::enter_row() {
  const bool forward = direction_ == Direction::forward;
  const bool standing = row_.count() > 0;
  const bool step = standing && (forward ? next_ == row_.last() + 1 : next_ + 1 == row_.first());
  row_ = RowView();
  const bool found = !step ? cursor_.seek(next_, next_) : forward ? cursor_.next(next_) : cursor_.previous(next_);
  if (!found) throw_missing(shard_, next_);
  const auto row = checked_row(shard_, cursor_);
  const bool joins = !step ? row.contains(next_) : next_ == (forward ? row.first() : row.last());
  if (!joins) throw_missing(shard_, next_);
  row_ = row;
}

std::string read_one_event(const std::shared_ptr<RocksHandle>& handle, ShardNumber shard, Position position) {
  RowCursor cursor(handle, shard, ScanLength::few_rows);
  if (!cursor.seek(position, position)) throw_missing(shard, position);
  const auto row = checked_row(shard, cursor);
  if (!row.contains(position)) throw_missing(shard, position);
  return std::string(row.envelope(position));
}

}  // namespace daybook
