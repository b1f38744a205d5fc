// An event as decided, before it has a place in the log. A decider makes it from flatc's object-API struct; the engine
// packs it into an envelope. Only events.cpp knows the whole union.
#pragma once

#include <flatbuffers/flatbuffers.h>
#include <cstdint>
#include <memory>

namespace daybook {

class PendingEvent {
 public:
  /// Takes the payload, e.g. PendingEvent::of(schema::CreditIssuedT{...}). Instantiated in events.cpp for every member
  /// of the union; a new event that is missing there does not link.
  template <class Payload>
  static PendingEvent of(Payload payload);

  PendingEvent(PendingEvent&&) = default;
  PendingEvent& operator=(PendingEvent&&) = default;

  /// The union member (schema::Event).
  std::uint8_t type() const { return operations_->type; }
  /// The payload if it is of that type, for as long as the event is there; else null. Instantiated in events.cpp for
  /// what is asked for.
  template <class Payload>
  const Payload* as() const;
  flatbuffers::Offset<void> pack(flatbuffers::FlatBufferBuilder& builder) const {
    return operations_->pack(builder, payload_.get());
  }

 private:
  struct Operations {
    std::uint8_t type;
    flatbuffers::Offset<void> (*pack)(flatbuffers::FlatBufferBuilder&, const void*);
  };
  PendingEvent(const Operations* operations, std::shared_ptr<void> payload)
      : operations_(operations), payload_(std::move(payload)) {}

  const Operations* operations_;
  std::shared_ptr<void> payload_;  // shared only because it deletes by the type it was made with; never copied
};

}  // namespace daybook
