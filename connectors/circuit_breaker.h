// Keeps a provider that does not work from holding up every call: after some failures in a row calls fail at once for a
// while, then one is let through to see.
//
//   closed     calls go; `failures_max` failures in a row open it
//   open       none goes for `pause`
//   half open  one goes: its success closes, its failure opens again
//
// Concurrency: any thread. Knows no clock: whoever asks says when.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace daybook {

class CircuitBreaker {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class State : std::uint8_t { closed, open, half_open };
  struct Options {
    std::uint32_t failures_max = 5;           ///< In a row; at least 1.
    std::chrono::milliseconds pause{30'000};  ///< Also how long a trial may take before there is another one.
  };
  /// That a call may be made; its outcome is told with it. One that began before the state changed decides nothing.
  struct Permit {
    std::uint64_t round = 0;
  };

  explicit CircuitBreaker(Options options) : options_(options) {}

  /// Nothing: fail at once.
  std::optional<Permit> admit(Time now);
  void succeeded(Permit permit);
  void failed(Permit permit, Time now);
  State state(Time now) const;

 private:
  const Options options_;
  mutable std::mutex mutex_;
  State state_ = State::closed;
  std::uint64_t round_ = 0;     ///< Counts changes of state.
  std::uint32_t failures_ = 0;  ///< In a row, while closed.
  Time since_{};                ///< When it opened, or when the trial began.
};

}  // namespace daybook
