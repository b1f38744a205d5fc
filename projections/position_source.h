// Ascending sets of positions that can be asked for the next member in either direction, their union and their
// intersection. What a filtered list of events is made of.
#pragma once

#include <memory>
#include <optional>
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

/// What any of the sources has. It remembers what each of them said last, so that a walk asks one of them a step.
class AnySource : public PositionSource {
 public:
  explicit AnySource(PositionSources sources);
  Position next(Position from) override;
  Position previous(Position from) override;

 private:
  /// No member of a source lies between `asked` and `said`; 0: it has none on that side of `asked`.
  struct Answer {
    Position asked = 0, said = 0;
  };
  PositionSources sources_;
  std::vector<std::optional<Answer>> next_, previous_;
};

/// The smallest position in [from, to] that every source has; 0 if there is none. Requires a source.
Position next_common(const PositionSources& sources, Position from, Position to);
/// The largest position in [from, to] that every source has; 0 if there is none.
Position previous_common(const PositionSources& sources, Position from, Position to);

/// The member of ascending `positions` at or above, or at or below; 0 if there is none.
Position next_of(const std::vector<Position>& positions, Position from);
Position previous_of(const std::vector<Position>& positions, Position from);

}  // namespace daybook
