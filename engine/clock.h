// The wall clock, as a seam: tests and the simulation bring their own.
#pragma once

#include <chrono>

#include "domain/instant.h"

namespace daybook {

class Clock {
 public:
  virtual ~Clock() = default;
  /// UTC; may stand still or jump, the engine keeps its own times increasing.
  virtual Instant now() = 0;
  /// For periods and pauses; never goes back. The system's monotonic clock, unless a simulation brings its own.
  virtual std::chrono::steady_clock::time_point steady() { return std::chrono::steady_clock::now(); }
};

/// The system's real-time clock.
Clock& wall_clock();

}  // namespace daybook
