#include "eventstore/row_cursor.h"

#include <fmt/format.h>
#include <rocksdb/iterator.h>
#include <rocksdb/options.h>

#include "eventstore/fault.h"

namespace daybook {
namespace {

constexpr std::size_t readahead_bytes = 2 << 20;

rocksdb::ReadOptions read_options(ScanLength length) {
  rocksdb::ReadOptions options;
  if (length == ScanLength::long_scan) {
    options.readahead_size = readahead_bytes;
    options.fill_cache = false;
  }
  return options;
}

}  // namespace

RowCursor::RowCursor(std::shared_ptr<RocksHandle> handle, ShardNumber shard, ScanLength length)
    : handle_(std::move(handle)), shard_(shard), lease_(*handle_, read_options(length)) {}

bool RowCursor::seek(Position at_or_before, Position expected) {
  const auto use = handle_->use();
  auto& iterator = lease_.iterator(use);
  const auto key = make_row_key(shard_, at_or_before);
  iterator.SeekForPrev({key.data(), key.size()});
  return take(iterator, expected);
}

bool RowCursor::seek_after(Position at_or_after, Position expected) {
  const auto use = handle_->use();
  auto& iterator = lease_.iterator(use);
  const auto key = make_row_key(shard_, at_or_after);
  iterator.Seek({key.data(), key.size()});
  return take(iterator, expected);
}

bool RowCursor::next(Position expected) {
  const auto use = handle_->use();
  auto& iterator = lease_.iterator(use);
  if (iterator.Valid()) iterator.Next();
  return take(iterator, expected);
}

bool RowCursor::previous(Position expected) {
  const auto use = handle_->use();
  auto& iterator = lease_.iterator(use);
  if (iterator.Valid()) iterator.Prev();
  return take(iterator, expected);
}

bool RowCursor::take(rocksdb::Iterator& iterator, Position expected) {
  first_ = 0;
  if (!iterator.Valid()) {
    const auto status = iterator.status();
    if (status.ok()) return false;
    const auto what = fmt::format("reading the log at {}: {}", to_string({shard_, expected}), status.ToString());
    if (status.IsCorruption()) throw CorruptLog(shard_, expected, what);
    throw StorageFault(what);
  }
  const auto at = parse_row_key(iterator.key().ToStringView());
  if (!at) throw CorruptLog(shard_, expected, "the log holds a key that is none of ours");
  if (at->shard != shard_) return false;
  first_ = at->position;
  row_.assign(iterator.value().ToStringView());
  return true;
}

}  // namespace daybook
