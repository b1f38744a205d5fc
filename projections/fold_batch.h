// A run of consecutive events of one shard, copied out of the log once and folded into every view that wants it.
#pragma once

#include <memory>
#include <vector>

#include "eventstore/log.h"
#include "projections/fold_event.h"

namespace daybook {

/// Not copied or moved: the events point into it.
class FoldBatch {
 public:
  struct Limits {
    std::size_t events_max;
    std::size_t bytes_max;
  };
  explicit FoldBatch(Limits limits) : limits_(limits) {}
  FoldBatch(const FoldBatch&) = delete;
  FoldBatch& operator=(const FoldBatch&) = delete;

  void clear(ShardNumber shard);
  bool is_full() const { return events_.size() >= limits_.events_max || bytes_ >= limits_.bytes_max; }
  void add(const StoredEvent& stored);
  /// Splits the envelopes; before it there are no events to be seen.
  void finish();

  const std::vector<FoldEvent>& events() const { return events_; }
  ShardNumber shard() const { return shard_; }
  bool empty() const { return events_.empty(); }
  Position first() const { return events_.front().position; }
  Position last() const { return events_.back().position; }

 private:
  char* room(std::size_t size);

  Limits limits_;
  ShardNumber shard_ = 0;
  std::vector<FoldEvent> events_;
  std::vector<const char*> starts_;
  /// Blocks of 8-byte words, kept from batch to batch.
  std::vector<std::vector<std::uint64_t>> blocks_;
  std::size_t block_ = 0, used_words_ = 0, bytes_ = 0;
};

/// Fills batches from the log, going on where the last one ended.
class BatchReader {
 public:
  BatchReader(const EventLog& log, ShardNumber shard) : log_(log), shard_(shard) {}
  /// Fills `batch` from `from`; false (and an empty batch) if there is nothing there yet. Events before a damaged row
  /// are given first; the next call throws. Throws StorageFault and CorruptLog as the log does.
  bool read(FoldBatch& batch, Position from);

 private:
  const EventLog& log_;
  ShardNumber shard_;
  std::unique_ptr<LogReader> reader_;
  Position next_ = 0;
};

}  // namespace daybook
