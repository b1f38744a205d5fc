#include "projections/position_source.h"

#include <algorithm>

namespace daybook {

Position next_common(const PositionSources& sources, Position from, Position to) {
  for (Position candidate = from; candidate <= to;) {
    const Position tried = candidate;
    for (const auto& source : sources) {
      candidate = source->next(candidate);
      if (candidate == 0) return 0;
    }
    if (candidate == tried && candidate <= to) return candidate;
  }
  return 0;
}

Position previous_common(const PositionSources& sources, Position from, Position to) {
  for (Position candidate = to; candidate >= from && candidate != 0;) {
    const Position tried = candidate;
    for (const auto& source : sources) {
      candidate = source->previous(candidate);
      if (candidate == 0) return 0;
    }
    if (candidate == tried) return candidate;
  }
  return 0;
}

Position next_of(const std::vector<Position>& positions, Position from) {
  const auto found = std::lower_bound(positions.begin(), positions.end(), from);
  return found == positions.end() ? 0 : *found;
}

Position previous_of(const std::vector<Position>& positions, Position from) {
  const auto found = std::upper_bound(positions.begin(), positions.end(), from);
  return found == positions.begin() ? 0 : *std::prev(found);
}

}  // namespace daybook
