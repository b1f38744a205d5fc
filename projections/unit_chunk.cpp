#include "projections/unit_chunk.h"

#include "domain/flat_string.h"
#include "projections/varint.h"
#include "schemas/envelope_generated.h"

namespace daybook {
void UnitChunk::append(const UnitLine& line) {
  append_varint(bytes_, line.version - last_.version);
  append_varint(bytes_, line.position - last_.position);
  append_signed_varint(bytes_, line.available_after - last_.available_after);
  append_signed_varint(bytes_, line.reserved_after - last_.reserved_after);
  if (count_ == 0) first_version_ = line.version;
  last_ = line;
  ++count_;
}

bool UnitChunk::restore(std::string_view bytes) {
  const auto lines = decode_unit_chunk(bytes);
  if (!lines) return false;
  bytes_ = bytes;
  count_ = lines->size();
  if (count_ == 0) return true;
  first_version_ = lines->front().version;
  last_ = lines->back();
  return true;
}

std::optional<std::vector<UnitLine>> decode_unit_chunk(std::string_view bytes) {
  std::vector<UnitLine> lines;
  UnitLine line;
  for (VarintReader reader(bytes); !reader.at_end();) {
    line.version += reader.number();
    line.position += reader.number();
    line.available_after += reader.signed_number();
    line.reserved_after += reader.signed_number();
    if (!reader.ok()) return std::nullopt;
    lines.push_back(line);
  }
  return lines;
}

std::optional<UnitChange> unit_change(const schema::Envelope& envelope) {
  using Type = UnitMovementType;
  switch (envelope.event_type()) {
    case schema::Event::UnitCreditsAllocated: {
      const auto& event = *envelope.event_as_UnitCreditsAllocated();
      return UnitChange{Type::allocate, view(event.unit()), event.amount(), 0};
    }
    case schema::Event::UnitCreditsDeducted: {
      const auto& event = *envelope.event_as_UnitCreditsDeducted();
      return UnitChange{Type::deduct, view(event.unit()), -event.amount(), 0};
    }
    case schema::Event::UnitCreditsAdjusted: {
      const auto& event = *envelope.event_as_UnitCreditsAdjusted();
      return UnitChange{Type::adjust, view(event.unit()), event.amount(), 0};
    }
    case schema::Event::UnitCreditsExpired: {
      const auto& event = *envelope.event_as_UnitCreditsExpired();
      return UnitChange{Type::expire, view(event.unit()), -event.amount(), 0};
    }
    case schema::Event::UnitCreditsReserved: {
      const auto& event = *envelope.event_as_UnitCreditsReserved();
      return UnitChange{Type::reserve, view(event.unit()), -event.amount(), event.amount()};
    }
    case schema::Event::UnitReservationCaptured: {
      const auto& event = *envelope.event_as_UnitReservationCaptured();
      return UnitChange{Type::capture, view(event.unit()), event.released(), -(event.amount() + event.released())};
    }
    case schema::Event::UnitReservationReleased: {
      const auto& event = *envelope.event_as_UnitReservationReleased();
      return UnitChange{Type::release, view(event.unit()), event.amount(), -event.amount()};
    }
    case schema::Event::UnitReservationExpired: {
      const auto& event = *envelope.event_as_UnitReservationExpired();
      return UnitChange{Type::reservation_expire, view(event.unit()), event.amount(), -event.amount()};
    }
    default:
      return std::nullopt;
  }
}

}  // namespace daybook
