// Key hash -> position for the keys that are not written yet: open addressing with linear probing in one block of
// memory, because the writer inserts each command's key here. Insert and find only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "eventstore/position.h"

namespace daybook {

class KeyTable {
 public:
  struct Entry {
    std::array<std::uint64_t, 2> hash{};
    Position position = 0;  ///< 0: a free place.
  };

  /// The later position wins. Requires position != 0.
  void insert(const std::array<std::uint64_t, 2>& hash, Position position) {
    if ((size_ + 1) * 2 > places_.size()) grow();
    Entry& place = place_of(hash);
    size_ += place.position == 0 ? 1 : 0;
    place = {hash, position};
  }
  std::optional<Position> find(const std::array<std::uint64_t, 2>& hash) const {
    if (size_ == 0) return std::nullopt;
    const Entry& place = const_cast<KeyTable*>(this)->place_of(hash);
    if (place.position == 0) return std::nullopt;
    return place.position;
  }
  /// Free places have position 0.
  const std::vector<Entry>& places() const { return places_; }
  std::size_t size() const { return size_; }

 private:
  Entry& place_of(const std::array<std::uint64_t, 2>& hash) {
    const std::size_t mask = places_.size() - 1;
    std::size_t at = hash[0] & mask;
    while (places_[at].position != 0 && (places_[at].hash[0] != hash[0] || places_[at].hash[1] != hash[1])) {
      at = (at + 1) & mask;
    }
    return places_[at];
  }
  void grow() {
    std::vector<Entry> old(places_.empty() ? 1'024 : places_.size() * 2);
    old.swap(places_);
    for (const Entry& entry : old) {
      if (entry.position != 0) place_of(entry.hash) = entry;
    }
  }

  std::vector<Entry> places_;
  std::size_t size_ = 0;
};

}  // namespace daybook
