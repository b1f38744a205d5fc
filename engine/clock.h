// The wall clock, as a seam: tests and the simulation bring their own.
#pragma once

#include "domain/instant.h"

namespace daybook {

class Clock {
 public:
  virtual ~Clock() = default;
  /// UTC; may stand still or jump, the engine keeps its own times increasing.
  virtual Instant now() = 0;
};

/// The system's real-time clock.
Clock& wall_clock();

}  // namespace daybook
