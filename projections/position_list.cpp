#include "projections/position_list.h"

#include "projections/damaged_view.h"
#include "projections/row_key.h"
#include "projections/varint.h"

namespace daybook {
namespace {

constexpr Position tail_number = ~Position{0};

std::string number_suffix(Position position) {
  return key_suffix(position);
}

/// False if the bytes are damaged.
bool decode_chunk(std::string_view bytes, std::vector<Position>& positions) {
  positions.clear();
  Position position = 0;
  for (VarintReader reader(bytes); !reader.at_end();) {
    position += reader.number();
    if (!reader.ok()) return false;
    positions.push_back(position);
  }
  return true;
}

void require_chunk(std::string_view bytes, std::vector<Position>& positions) {
  if (!decode_chunk(bytes, positions)) throw DamagedView("a damaged list of positions");
}

}  // namespace

bool PositionLists::TailTraits::decode(std::string_view bytes, Tail& tail) {
  std::vector<Position> positions;
  if (!decode_chunk(bytes, positions)) return false;
  tail.bytes = bytes;
  tail.count = positions.size();
  if (positions.empty()) return true;
  tail.first = positions.front();
  tail.last = positions.back();
  return true;
}

std::string PositionLists::tail_key(std::string prefix) {
  return prefix + number_suffix(tail_number);
}

bool PositionLists::append(RowTable<TailTraits>::Row& row, Position position) {
  Tail& tail = row.value;
  if (position <= tail.last) return false;
  append_varint(tail.bytes, tail.count == 0 ? position : position - tail.last);
  if (tail.count == 0) tail.first = position;
  tail.last = position;
  ++tail.count;
  if (tail.count == positions_per_chunk) {
    const std::string prefix = row.key.substr(0, row.key.size() - sizeof(Position));
    full_chunks_.put(prefix + number_suffix(tail.first), std::move(tail.bytes));
    tail.bytes.clear();
    tail.count = 0;
  }
  tails_.change(row);
  return true;
}

void PositionLists::write(RowBatch& batch) {
  tails_.write(full_chunks_);
  full_chunks_.write(batch);
}

void PositionLists::forget() {
  tails_.forget();
  full_chunks_.forget();
}

PositionListSource::PositionListSource(const RowStore::Snapshot& rows, std::string prefix)
    : rows_(rows), prefix_(std::move(prefix)) {
  const auto bytes = rows_.get(prefix_ + number_suffix(tail_number));
  if (bytes) require_chunk(*bytes, tail_);
}

bool PositionListSource::covers(Position position) const {
  return !chunk_.empty() && chunk_.front() <= position && position <= chunk_.back();
}

Position PositionListSource::next(Position from) {
  if (!tail_.empty() && from > tail_.back()) return 0;
  if (covers(from)) return next_of(chunk_, from);
  const auto read = [&](std::string_view, std::string_view bytes) {
    require_chunk(bytes, chunk_);
    return false;
  };
  // The chunk that begins at or before `from` may reach it; else the next one begins after it.
  chunk_.clear();
  rows_.scan_backward(prefix_, prefix_ + number_suffix(from) + '\0', read);
  if (!chunk_.empty() && chunk_.back() >= from) return next_of(chunk_, from);
  chunk_.clear();
  rows_.scan(prefix_ + number_suffix(from) + '\0', prefix_ + number_suffix(tail_number), read);
  return chunk_.empty() ? next_of(tail_, from) : chunk_.front();
}

Position PositionListSource::previous(Position from) {
  if (const Position found = previous_of(tail_, from); found != 0) return found;
  if (covers(from)) return previous_of(chunk_, from);
  chunk_.clear();
  rows_.scan_backward(prefix_, prefix_ + number_suffix(from) + '\0', [&](std::string_view, std::string_view bytes) {
    require_chunk(bytes, chunk_);
    return false;
  });
  return previous_of(chunk_, from);
}

}  // namespace daybook
