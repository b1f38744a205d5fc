// The codec of one log row: a group's envelopes, or a part of them, with a table of their ends and a checksum.
// The grammar is in log.h and docs/log-format.md. Knows bytes only: neither RocksDB nor what an envelope says.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/position.h"

namespace daybook {

inline constexpr std::size_t row_key_bytes = 10;
inline constexpr std::size_t row_alignment_bytes = 8;
inline constexpr std::size_t row_checksum_bytes = 8;

/// shard:u16be first_position:u64be, so that RocksDB's byte order is the order of shards and positions.
using RowKey = std::array<char, row_key_bytes>;
RowKey make_row_key(ShardNumber shard, Position first);
/// Nothing if `key` has another length.
std::optional<LogPosition> parse_row_key(std::string_view key);

/// How many of `envelopes`, from the first, one row takes without growing over `row_bytes_max`: at least 1.
/// Requires envelopes not to be empty.
std::size_t count_row_envelopes(std::span<const std::string_view> envelopes, std::size_t row_bytes_max);

/// Replaces `row` by the row of `envelopes`, the first of which stands at `first`. Returns its checksum.
std::uint64_t encode_row(ShardNumber shard, Position first, std::span<const std::string_view> envelopes,
                         std::string& row);

/// A row's parts, as views into the bytes it was made from. Checks everything once, when it is made.
class RowView {
 public:
  RowView() = default;
  RowView(ShardNumber shard, Position first, std::string_view bytes);

  /// What is wrong with the bytes; empty if they are what was written. The rest is meaningful only then.
  std::string_view damage() const { return damage_; }
  std::uint32_t count() const { return count_; }
  Position first() const { return first_; }
  /// The position of the last envelope; first() - 1 in an empty or damaged row.
  Position last() const { return first_ + count_ - 1; }
  bool contains(Position position) const { return position - first_ < count_; }
  /// The exact bytes that were appended. Requires contains(position).
  std::string_view envelope(Position position) const;
  std::uint64_t checksum() const { return checksum_; }

 private:
  std::uint32_t end_of(std::uint64_t index) const;
  std::string_view check_table() const;

  std::string_view bytes_;
  Position first_ = 1;
  std::uint32_t count_ = 0;
  std::uint64_t checksum_ = 0;
  std::string_view damage_;
};

/// Bytes at an address that is a multiple of 8, so that FlatBuffers may read its scalars in place.
class AlignedBytes {
 public:
  void assign(std::string_view bytes);
  std::string_view view() const { return {reinterpret_cast<const char*>(words_.data()), size_}; }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t size_ = 0;
};

}  // namespace daybook
