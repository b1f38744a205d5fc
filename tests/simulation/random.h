// The simulation's source of chance: xoshiro256** from one seed, the same numbers on every machine. Parts that must not
// disturb each other's numbers draw from a fork.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

namespace daybook::test {

class Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {  // splitmix64, so that similar seeds give unlike numbers
      std::uint64_t mixed = seed += 0x9E3779B97F4A7C15U;
      mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
      mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
      word = mixed ^ (mixed >> 31U);
    }
  }
  Random fork() { return Random(next()); }

  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }
  /// 0 to `end` - 1. Requires end > 0.
  std::uint64_t below(std::uint64_t end) { return next() % end; }
  /// `from` to `to`, both included.
  std::int64_t between(std::int64_t from, std::int64_t to) {
    return from + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(to - from) + 1));
  }
  /// True once in `n` times.
  bool once_in(std::uint64_t n) { return below(n) == 0; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace daybook::test
