// The positions of one stream's events, through the engine's stream index (version -> position).
#pragma once

#include <string>

#include "projections/audit_view.h"
#include "projections/position_source.h"

namespace daybook {

class StreamSource : public PositionSource {
 public:
  StreamSource(StreamPositions positions, std::string stream)
      : positions_(std::move(positions)), stream_(std::move(stream)) {}
  Position next(Position from) override;
  Position previous(Position from) override;

 private:
  /// The first version whose event stands at or above `position`; one past the last version if none does.
  std::uint64_t first_version_at(Position position);
  /// 0 past the last version.
  Position position_of(std::uint64_t version) const;
  bool covers(Position position) const;

  StreamPositions positions_;
  std::string stream_;
  std::vector<Position> page_;  ///< Consecutive versions, the ones asked for last.
};

}  // namespace daybook
