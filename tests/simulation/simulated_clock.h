// Time as the simulation has it: it stands still until somebody moves it. The wall clock may jump either way, the
// monotonic one only goes on.
#pragma once

#include "engine/clock.h"

namespace daybook::test {

class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(Instant start) : wall_(start) {}

  Instant now() override { return wall_; }
  std::chrono::steady_clock::time_point steady() override { return steady_; }

  /// Both clocks go on.
  void pass(std::int64_t us) {
    wall_ = Instant{micros(wall_) + us};
    steady_ += std::chrono::microseconds(us);
  }
  /// Somebody sets the wall clock.
  void jump(std::int64_t us) { wall_ = Instant{micros(wall_) + us}; }

 private:
  Instant wall_;
  std::chrono::steady_clock::time_point steady_{};
};

}  // namespace daybook::test
