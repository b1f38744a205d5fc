#include "projections/hash_index.h"

#include <algorithm>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "domain/byte_codec.h"
#include "eventstore/fault.h"
#include "projections/damaged_view.h"
#include "projections/row_key.h"

namespace daybook {
namespace {

constexpr std::size_t blocks_per_segment = hash_segment_positions / 256;
constexpr unsigned bucket_bits = 10;
constexpr std::size_t entry_memory_bytes = 16;

std::uint16_t bucket_of(std::uint64_t hash) {
  return static_cast<std::uint16_t>(hash >> (64 - bucket_bits));
}
std::uint32_t rest_of(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash);
}

KeyWriter segment_key(char table, ShardNumber shard, Position number, char kind) {
  KeyWriter key(table);
  key.number(shard).number(number).number(static_cast<std::uint8_t>(kind));
  return key;
}
std::string block_key(char table, ShardNumber shard, Position number, std::size_t block) {
  return segment_key(table, shard, number, 'o').number(static_cast<std::uint8_t>(block)).take();
}
std::string bucket_key(char table, ShardNumber shard, Position number, std::uint16_t bucket) {
  return segment_key(table, shard, number, 's').number(bucket).take();
}

/// Calls entry(offset within the segment, hash) for a block row.
template <class Use>
void read_block(std::string_view bytes, std::size_t block, Use entry) {
  ByteReader reader(bytes);
  for (std::size_t i = 0; i < bytes.size() / 9; ++i) {
    std::uint8_t place = 0;
    std::uint64_t hash = 0;
    reader.number(place);
    reader.number(hash);
    entry(static_cast<std::uint16_t>(block * 256 + place), hash);
  }
  if (!reader.finished()) throw DamagedView("a damaged hash index");
}

}  // namespace

std::uint64_t hash_text(std::string_view text) {
  return XXH3_64bits(text.data(), text.size());
}

void HashIndex::attach(const RowStore& store, bool is_empty) {
  store_ = &store;
  is_complete_ = is_empty;
}

HashIndex::Segment& HashIndex::open_segment(ShardNumber shard, Position number) {
  const auto [entry, is_new] = segments_.try_emplace(shard);
  Segment& segment = entry->second;
  if (!is_new && segment.number == number) return segment;
  segment = Segment();
  segment.number = number;
  if (!is_new || is_complete_) return segment;  // What was sealed in memory is followed by an empty segment.
  std::vector<std::string> keys;
  for (std::size_t block = 0; block < blocks_per_segment; ++block) {
    keys.push_back(block_key(table_, shard, number, block));
  }
  const auto rows = store_->get_many(keys);
  for (std::size_t block = 0; block < rows.size(); ++block) {
    if (!rows[block]) continue;
    read_block(*rows[block], block, [&](std::uint16_t offset, std::uint64_t hash) {
      segment.entries.push_back({hash, offset});
    });
    segment.stored_blocks = block + 1;
  }
  segment.written = segment.entries.size();
  return segment;
}

void HashIndex::append(ShardNumber shard, Position position, const std::uint64_t* hashes, std::size_t count) {
  Segment& segment = open_segment(shard, position >> hash_segment_bits);
  const auto offset = static_cast<std::uint16_t>(position);
  for (std::size_t i = 0; i < count; ++i) segment.entries.push_back({hashes[i], offset});
  if (offset == hash_segment_positions - 1) seal(shard, segment);
}

void HashIndex::seal(ShardNumber shard, Segment& segment) {
  // bucket, rest, offset: 58 bits, so that one sort of numbers orders the entries of all buckets.
  std::vector<std::uint64_t> packed;
  packed.reserve(segment.entries.size());
  for (const Entry& entry : segment.entries) {
    packed.push_back(static_cast<std::uint64_t>(bucket_of(entry.hash)) << 48 |
                     static_cast<std::uint64_t>(rest_of(entry.hash)) << 16 | entry.offset);
  }
  std::sort(packed.begin(), packed.end());
  for (auto entry = packed.begin(); entry != packed.end();) {
    const auto bucket = static_cast<std::uint16_t>(*entry >> 48);
    std::string bytes;
    ByteWriter writer(bytes);
    for (; entry != packed.end() && *entry >> 48 == bucket; ++entry) {
      writer.number(static_cast<std::uint32_t>(*entry >> 16));
      writer.number(static_cast<std::uint16_t>(*entry));
    }
    puts_.emplace_back(bucket_key(table_, shard, segment.number, bucket), std::move(bytes));
  }
  for (std::size_t block = 0; block < segment.stored_blocks; ++block) {
    erased_.push_back(block_key(table_, shard, segment.number, block));
  }
  const Position next = segment.number + 1;
  segment = Segment();
  segment.number = next;
}

void HashIndex::write(RowBatch& batch) {
  for (const std::string& key : erased_) batch.erase(key);
  for (const auto& [key, bytes] : puts_) batch.put(key, bytes);
  erased_.clear();
  puts_.clear();
  puts_.shrink_to_fit();
  for (auto& [shard, segment] : segments_) {
    if (segment.written == segment.entries.size()) continue;
    // From the first entry of the block that was broken off by the last write.
    const std::size_t first_block = segment.entries[segment.written].offset / 256U;
    std::size_t at = segment.written;
    while (at > 0 && segment.entries[at - 1].offset / 256U == first_block) --at;
    while (at < segment.entries.size()) {
      const std::size_t block = segment.entries[at].offset / 256U;
      std::string bytes;
      ByteWriter writer(bytes);
      for (; at < segment.entries.size() && segment.entries[at].offset / 256U == block; ++at) {
        writer.number(static_cast<std::uint8_t>(segment.entries[at].offset));
        writer.number(segment.entries[at].hash);
      }
      batch.put(block_key(table_, shard, segment.number, block), bytes);
      segment.stored_blocks = block + 1;
    }
    segment.written = segment.entries.size();
  }
}

void HashIndex::forget() {
  segments_.clear();
  puts_.clear();
  erased_.clear();
  is_complete_ = false;
}

std::size_t HashIndex::memory_bytes() const {
  std::size_t bytes = puts_.size() * 500;
  for (const auto& [shard, segment] : segments_) bytes += segment.entries.size() * entry_memory_bytes;
  return bytes;
}

HashSource::HashSource(const RowStore::Snapshot& rows, char table, ShardNumber shard, std::uint64_t hash,
                       Position folded)
    : rows_(rows), table_(table), shard_(shard), hash_(hash), folded_(folded) {}

Position HashSource::next(Position from) {
  for (Position number = from >> hash_segment_bits; number <= folded_ >> hash_segment_bits; ++number) {
    if (const Position found = next_of(segment(number), from); found != 0) return found;
  }
  return 0;
}

Position HashSource::previous(Position from) {
  const Position start = std::min(from, folded_);
  for (Position number = (start >> hash_segment_bits) + 1; number > 0; --number) {
    if (const Position found = previous_of(segment(number - 1), start); found != 0) return found;
  }
  return 0;
}

const std::vector<Position>& HashSource::segment(Position number) {
  if (loaded_ == number) return positions_;
  positions_.clear();
  loaded_ = number;
  const Position base = number << hash_segment_bits;
  if (folded_ >= base + hash_segment_positions - 1) {  // Sealed.
    const auto bytes = rows_.get(bucket_key(table_, shard_, number, bucket_of(hash_)));
    if (!bytes) return positions_;
    ByteReader reader(*bytes);
    for (std::size_t i = 0; i < bytes->size() / 6; ++i) {
      std::uint32_t rest = 0;
      std::uint16_t offset = 0;
      reader.number(rest);
      reader.number(offset);
      if (rest == rest_of(hash_)) positions_.push_back(base + offset);
    }
    if (!reader.finished()) throw DamagedView("a damaged hash index");
    return positions_;
  }
  const std::string from = segment_key(table_, shard_, number, 'o').take();
  rows_.scan(from, after_prefix(from), [&](std::string_view key, std::string_view bytes) {
    read_block(bytes, static_cast<unsigned char>(key.back()), [&](std::uint16_t offset, std::uint64_t hash) {
      if (hash == hash_) positions_.push_back(base + offset);
    });
    return true;
  });
  return positions_;
}

}  // namespace daybook
