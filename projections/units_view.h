// View `units`: for each account and unit the current totals and an index of its movements: stream version, log
// position and both balances after it. The movement itself is read from the log (EventLog::read_one,
// domain/unit_movement.h).
//
// Rows, prefix := 'u' text(book) text(account) text(unit):
//   prefix version:u64be   -> a full chunk: the movements from that version on, unit_movements_per_chunk of them
//   prefix ff*8            -> totals, then the chunk that is still being filled
// A movement is four varints (differences of version and position, zigzag differences of both balances). Where a chunk
// ends depends on the movements' count only, never on batches, so a rebuild gives the same bytes.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/unit_movement.h"
#include "projections/page.h"
#include "projections/view_snapshot.h"

namespace daybook {

class ViewFold;

inline constexpr std::size_t unit_movements_per_chunk = 32;
inline constexpr std::size_t unit_movement_types = 8;

/// What an account has of one unit, and what ever moved.
struct UnitTotals {
  std::string unit;
  std::int64_t available = 0;
  std::int64_t reserved = 0;
  std::uint64_t movements = 0;
  std::uint64_t version = 0;  ///< Stream version of the last movement.
  Position position = 0;      ///< Its place in the log.
  Instant updated_at{};
  /// Per UnitMovementType: how often, and the sum of the movements' `amount` and `reserved_amount`.
  struct Sum {
    std::uint64_t count = 0;
    std::int64_t amount = 0;
    std::int64_t reserved_amount = 0;
    bool operator==(const Sum&) const = default;
  };
  std::array<Sum, unit_movement_types> by_type{};
  const Sum& of(UnitMovementType type) const { return by_type[static_cast<std::size_t>(type)]; }
};

/// One line of the history: where it stands and the balances after it.
struct UnitLine {
  std::uint64_t version = 0;  ///< Stream version; with the account's ordinal it is the entry's id (ue_...).
  Position position = 0;
  std::int64_t available_after = 0;
  std::int64_t reserved_after = 0;
  bool operator==(const UnitLine&) const = default;
};

/// Threads: each reader from one thread at a time.
class UnitsReader {
 public:
  explicit UnitsReader(ViewSnapshot snapshot) : snapshot_(std::move(snapshot)) {}
  /// Nothing if the account never had a movement of that unit.
  std::optional<UnitTotals> totals(std::string_view book, std::string_view account_id, std::string_view unit) const;
  /// Every unit that the account ever had.
  std::vector<UnitTotals> units(std::string_view book, std::string_view account_id) const;
  /// Newest first. Cursors are stream versions. A page costs its own lines.
  Page<UnitLine> history(std::string_view book, std::string_view account_id, std::string_view unit,
                         const PageRequest<std::uint64_t>& request) const;
  const ViewSnapshot& snapshot() const { return snapshot_; }

 private:
  ViewSnapshot snapshot_;
};

std::unique_ptr<ViewFold> make_units_fold();

}  // namespace daybook
