#include "projections/position_source.h"

#include <algorithm>

namespace daybook {

AnySource::AnySource(PositionSources sources)
    : sources_(std::move(sources)), next_(sources_.size()), previous_(sources_.size()) {}

Position AnySource::next(Position from) {
  Position nearest = 0;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    auto& last = next_[i];
    const bool holds = last && last->asked <= from && (last->said == 0 || from <= last->said);
    if (!holds) last = Answer{from, sources_[i]->next(from)};
    if (last->said != 0 && (nearest == 0 || last->said < nearest)) nearest = last->said;
  }
  return nearest;
}

Position AnySource::previous(Position from) {
  Position nearest = 0;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    auto& last = previous_[i];
    const bool holds = last && from <= last->asked && (last->said == 0 || last->said <= from);
    if (!holds) last = Answer{from, sources_[i]->previous(from)};
    nearest = std::max(nearest, last->said);
  }
  return nearest;
}

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
