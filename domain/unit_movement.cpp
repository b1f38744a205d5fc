#include "domain/unit_movement.h"

#include "domain/assert.h"
#include "domain/tables.h"
#include "schemas/envelope_generated.h"

namespace daybook {

std::string_view to_text(UnitMovementType type) {
  switch (type) {
    case UnitMovementType::allocate:
      return "allocate";
    case UnitMovementType::deduct:
      return "deduct";
    case UnitMovementType::adjust:
      return "adjust";
    case UnitMovementType::expire:
      return "expire";
    case UnitMovementType::reserve:
      return "reserve";
    case UnitMovementType::capture:
      return "capture";
    case UnitMovementType::release:
      return "release";
    case UnitMovementType::reservation_expire:
      return "reservation_expire";
  }
  bug("unit movement without a text");
}

std::optional<UnitMovement> unit_movement(const schema::Envelope& envelope) {
  UnitMovement line;
  line.id = {envelope.stream_ordinal(), envelope.stream_version(), envelope.shard(), 0};
  line.at = instant(envelope.decided_at());
  switch (envelope.event_type()) {
    case schema::Event::UnitCreditsAllocated: {
      const auto& event = *envelope.event_as_UnitCreditsAllocated();
      line.type = UnitMovementType::allocate;
      line.unit = text(event.unit());
      line.amount = event.amount();
      line.grant = entity(event.grant());
      line.reference = text(event.reference());
      line.reason = from_table(event.reason());
      return line;
    }
    case schema::Event::UnitCreditsDeducted: {
      const auto& event = *envelope.event_as_UnitCreditsDeducted();
      line.type = UnitMovementType::deduct;
      line.unit = text(event.unit());
      line.amount = -event.amount();
      line.reference = text(event.reference());
      line.reason = from_table(event.reason());
      return line;
    }
    case schema::Event::UnitCreditsAdjusted: {
      const auto& event = *envelope.event_as_UnitCreditsAdjusted();
      line.type = UnitMovementType::adjust;
      line.unit = text(event.unit());
      line.amount = event.amount();
      line.grant = entity(event.grant());
      line.reference = text(event.reference());
      line.reason = from_table(event.reason());
      return line;
    }
    case schema::Event::UnitCreditsExpired: {
      const auto& event = *envelope.event_as_UnitCreditsExpired();
      line.type = UnitMovementType::expire;
      line.unit = text(event.unit());
      line.amount = -event.amount();
      line.grant = entity(event.grant());
      return line;
    }
    case schema::Event::UnitCreditsReserved: {
      const auto& event = *envelope.event_as_UnitCreditsReserved();
      line.type = UnitMovementType::reserve;
      line.unit = text(event.unit());
      line.amount = -event.amount();
      line.reserved_amount = event.amount();
      line.reservation = entity(event.reservation());
      line.reference = text(event.reference());
      return line;
    }
    case schema::Event::UnitReservationCaptured: {
      const auto& event = *envelope.event_as_UnitReservationCaptured();
      line.type = UnitMovementType::capture;
      line.unit = text(event.unit());
      line.amount = event.released();
      line.reserved_amount = -(event.amount() + event.released());
      line.reservation = entity(event.reservation());
      line.reference = text(event.reference());
      return line;
    }
    case schema::Event::UnitReservationReleased: {
      const auto& event = *envelope.event_as_UnitReservationReleased();
      line.type = UnitMovementType::release;
      line.unit = text(event.unit());
      line.amount = event.amount();
      line.reserved_amount = -event.amount();
      line.reservation = entity(event.reservation());
      return line;
    }
    case schema::Event::UnitReservationExpired: {
      const auto& event = *envelope.event_as_UnitReservationExpired();
      line.type = UnitMovementType::reservation_expire;
      line.unit = text(event.unit());
      line.amount = event.amount();
      line.reserved_amount = -event.amount();
      line.reservation = entity(event.reservation());
      return line;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace daybook
