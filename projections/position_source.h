// Ascending sets of positions that can be asked for the next member in either direction, and their intersection. What a
// filtered list of events is made of.
#pragma once

#include <memory>
#include <vector>

#include "eventstore/position.h"

namespace daybook {

class PositionSource {
 public:
  virtual ~PositionSource() = default;
  /// The smallest member at or above `from`; 0 if there is none.
  virtual Position next(Position from) = 0;
  /// The largest member at or below `from`; 0 if there is none.
  virtual Position previous(Position from) = 0;
};

using PositionSources = std::vector<std::unique_ptr<PositionSource>>;

/// The smallest position in [from, to] that every source has; 0 if there is none. Requires a source.
Position next_common(const PositionSources& sources, Position from, Position to);
/// The largest position in [from, to] that every source has; 0 if there is none.
Position previous_common(const PositionSources& sources, Position from, Position to);

/// The member of ascending `positions` at or above, or at or below; 0 if there is none.
Position next_of(const std::vector<Position>& positions, Position from);
Position previous_of(const std::vector<Position>& positions, Position from);

}  // namespace daybook
