// One unit event as a line of the account's unit history. amount is the change of the available balance and
// reserved_amount the change of the reserved one, so that running sums of both are the balances after each line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/account.h"

namespace daybook::schema {
struct Envelope;
}

namespace daybook {

enum class UnitMovementType : std::uint8_t {
  allocate,
  deduct,
  adjust,
  expire,
  reserve,
  capture,
  release,
  reservation_expire
};
std::string_view to_text(UnitMovementType type);

struct UnitMovement {
  EntityRef id;  ///< Stream ordinal, version of the event: ue_...
  UnitMovementType type = UnitMovementType::allocate;
  std::string unit;
  std::int64_t amount = 0;
  std::int64_t reserved_amount = 0;
  EntityRef grant;        ///< The grant it made or ended, if one.
  EntityRef reservation;  ///< The hold it is about, if one.
  std::string reference;
  Sealed reason;
  Instant at{};
};

/// Nothing if the event does not move units.
std::optional<UnitMovement> unit_movement(const schema::Envelope& envelope);

}  // namespace daybook
