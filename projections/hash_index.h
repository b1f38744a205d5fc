// From the hash of a text (a request's id) to the positions of the events that have it: about six bytes an entry and no
// put for each, at the price of one read for each hash_segment_positions of the log when it is asked.
//
// Rows, prefix := table shard:u16be segment:u64be (position div hash_segment_positions):
//   prefix 'o' block:u8     -> (place:u8 hash:u64)*, the open segment, a row for each 256 positions
//   prefix 's' bucket:u16be -> (rest:u32 offset:u16)*, a full segment, ascending; the bucket is the hash's top 10 bits,
//                              the rest its low 32
// A segment becomes full with its last position, whatever the batches. Hashes can collide: the caller looks at the
// event.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/row_store.h"
#include "projections/position_source.h"

namespace daybook {

inline constexpr unsigned hash_segment_bits = 16;
inline constexpr Position hash_segment_positions = Position{1} << hash_segment_bits;

/// Stable for ever: XXH3-64.
std::uint64_t hash_text(std::string_view text);

/// The index while it is folded.
class HashIndex {
 public:
  explicit HashIndex(char table) : table_(table) {}
  void attach(const RowStore& store, bool is_empty);
  /// Positions ascend, each is passed once with all of its hashes (none, one or several).
  void append(ShardNumber shard, Position position, const std::uint64_t* hashes, std::size_t count);
  void write(RowBatch& batch);
  void forget();
  std::size_t memory_bytes() const;

 private:
  struct Entry {
    std::uint64_t hash;
    std::uint16_t offset;
  };
  struct Segment {
    Position number = 0;
    std::vector<Entry> entries;
    std::size_t written = 0;        ///< Entries that the store has, in whole or broken blocks.
    std::size_t stored_blocks = 0;  ///< Blocks below this may have rows in the store.
  };
  Segment& open_segment(ShardNumber shard, Position number);
  void seal(ShardNumber shard, Segment& segment);

  char table_;
  const RowStore* store_ = nullptr;
  bool is_complete_ = false;
  std::map<ShardNumber, Segment> segments_;
  std::vector<std::pair<std::string, std::string>> puts_;
  std::vector<std::string> erased_;
};

/// The positions of one hash. `rows` must outlive it.
class HashSource : public PositionSource {
 public:
  /// `folded`: the checkpoint of `rows`, which says what segments are full.
  HashSource(const RowStore::Snapshot& rows, char table, ShardNumber shard, std::uint64_t hash, Position folded);
  Position next(Position from) override;
  Position previous(Position from) override;

 private:
  /// The positions in a segment, ascending.
  const std::vector<Position>& segment(Position number);

  const RowStore::Snapshot& rows_;
  char table_;
  ShardNumber shard_;
  std::uint64_t hash_;
  Position folded_;
  Position loaded_ = ~Position{0};
  std::vector<Position> positions_;
};

}  // namespace daybook
