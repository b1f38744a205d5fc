// The packed lines of a unit's history, and what a unit event changes: the parts of units_view that know bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/unit_movement.h"
#include "projections/units_view.h"

namespace daybook {

/// Lines of ascending versions, four varints each: differences of version and position from the line before, zigzag
/// differences of both balances.
class UnitChunk {
 public:
  /// Requires a larger version and position than the line before.
  void append(const UnitLine& line);
  /// From bytes(); false if they are damaged.
  bool restore(std::string_view bytes);
  std::size_t count() const { return count_; }
  /// Requires count() > 0.
  std::uint64_t first_version() const { return first_version_; }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  UnitLine last_;
  std::uint64_t first_version_ = 0;
  std::size_t count_ = 0;
};

/// Nothing if the bytes are damaged.
std::optional<std::vector<UnitLine>> decode_unit_chunk(std::string_view bytes);

/// What unit_movement() (domain) says of the balances, without copying what only the history's reader wants.
struct UnitChange {
  UnitMovementType type{};
  std::string_view unit;
  std::int64_t amount = 0;
  std::int64_t reserved_amount = 0;
};

/// Nothing if the event moves no units. Equal to unit_movement() in these four members.
std::optional<UnitChange> unit_change(const schema::Envelope& envelope);

}  // namespace daybook
