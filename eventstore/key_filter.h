// A Bloom filter over key hashes: says "certainly new" without looking at the disk. Blocks of one cache line; grows by
// generations, each twice as large as the one before, so that the share of false answers stays near one in a hundred.
// About 12 bits a key. One thread, or a lock around it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace daybook {

class KeyFilter {
 public:
  explicit KeyFilter(std::size_t keys_expected = 1 << 16) { grow(keys_expected); }

  void add(const std::array<std::uint64_t, 2>& hash) {
    if (generations_.back().keys == generations_.back().capacity) grow(generations_.back().capacity * 2);
    Generation& newest = generations_.back();
    ++newest.keys;
    Block& block = newest.blocks[hash[0] % newest.blocks.size()];
    for (int probe = 0; probe < probes; ++probe) block[word(hash[1], probe)] |= bit(hash[1], probe);
  }

  /// False: the hash was never added.
  bool may_hold(const std::array<std::uint64_t, 2>& hash) const {
    for (const Generation& generation : generations_) {
      const Block& block = generation.blocks[hash[0] % generation.blocks.size()];
      bool is_held = true;
      for (int probe = 0; probe < probes && is_held; ++probe) {
        is_held = (block[word(hash[1], probe)] & bit(hash[1], probe)) != 0;
      }
      if (is_held) return true;
    }
    return false;
  }

  std::size_t memory_bytes() const {
    std::size_t bytes = 0;
    for (const Generation& generation : generations_) bytes += generation.blocks.size() * sizeof(Block);
    return bytes;
  }

 private:
  static constexpr int probes = 6;
  static constexpr std::size_t bits_per_key = 12;
  using Block = std::array<std::uint64_t, 8>;
  struct Generation {
    std::vector<Block> blocks;
    std::size_t keys = 0, capacity = 0;
  };
  /// Nine bits of the second hash a probe: which of 512 bits.
  static std::size_t word(std::uint64_t hash, int probe) { return (hash >> (9 * probe + 6)) & 7; }
  static std::uint64_t bit(std::uint64_t hash, int probe) { return std::uint64_t{1} << ((hash >> (9 * probe)) & 63); }

  void grow(std::size_t capacity) {
    Generation& made = generations_.emplace_back();
    made.capacity = capacity;
    made.blocks.resize(capacity * bits_per_key / 512 + 1);
  }

  std::vector<Generation> generations_;
};

}  // namespace daybook
