// Lists of ascending positions packed into chunks: about a byte a position. Members are appended only.
//
// Rows, under a prefix that names the list:
//   prefix first:u64be  -> a full chunk of positions_per_chunk positions
//   prefix ff*8         -> the chunk that is still being filled; absent before the list's first position
// A chunk is the first position and then the differences, as varints. Where one ends depends on the number of positions
// only, so that the rows are the same however the fold was batched.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "projections/position_source.h"
#include "projections/row_table.h"

namespace daybook {

inline constexpr std::size_t positions_per_chunk = 256;

/// The lists of one table while they are folded.
class PositionLists {
 public:
  void attach(const RowStore& store, bool is_empty) { tails_.attach(store, is_empty); }
  /// `make_prefix` gives the list's prefix; it is called for lists not in memory only.
  template <class MakePrefix>
  void want(RowId id, MakePrefix make_prefix) {
    tails_.want(id, [&] { return tail_key(make_prefix()); });
  }
  void load() { tails_.load(); }
  /// Requires a position above the list's last one; false (and nothing happens) if it is not.
  template <class MakePrefix>
  bool append(RowId id, Position position, MakePrefix make_prefix) {
    return append(tails_.at(id, [&] { return tail_key(make_prefix()); }), position);
  }
  void write(RowBatch& batch);
  void forget();
  std::size_t memory_bytes() const { return tails_.memory_bytes() + full_chunks_.memory_bytes(); }

 private:
  struct Tail {
    std::string bytes;
    std::size_t count = 0;
    Position first = 0, last = 0;
  };
  struct TailTraits {
    using Value = Tail;
    static constexpr std::size_t memory_bytes = 300;
    static std::string encode(const Tail& tail) { return tail.bytes; }
    static bool decode(std::string_view bytes, Tail& tail);
  };
  static std::string tail_key(std::string prefix);
  bool append(RowTable<TailTraits>::Row& row, Position position);

  RowTable<TailTraits> tails_;
  RowChanges full_chunks_;
};

/// One list, read chunk by chunk as needed. `rows` must outlive it.
class PositionListSource : public PositionSource {
 public:
  PositionListSource(const RowStore::Snapshot& rows, std::string prefix);
  Position next(Position from) override;
  Position previous(Position from) override;

 private:
  bool covers(Position position) const;

  const RowStore::Snapshot& rows_;
  std::string prefix_;
  std::vector<Position> tail_;
  std::vector<Position> chunk_;  ///< The one read last.
};

}  // namespace daybook
