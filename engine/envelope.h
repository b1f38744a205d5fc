// Packing decided events into envelopes: the stored bytes.
#pragma once

#include <flatbuffers/flatbuffers.h>
#include <string_view>

#include "domain/event.h"
#include "domain/instant.h"
#include "engine/principal.h"
#include "eventstore/position.h"

namespace daybook {

/// Everything of an envelope but the payload.
struct EnvelopeHead {
  LogPosition at;
  std::string_view stream;
  std::uint64_t stream_ordinal = 0;
  std::uint64_t stream_version = 0;
  Instant recorded_at{}, decided_at{}, effective_at{};
  const CommandContext* context = nullptr;  ///< Actor, idempotency key, fingerprint, request.
  std::string_view command;
  std::string_view causation_id;
  std::uint16_t command_index = 0, command_size = 1;
  std::uint64_t sealing_key = 0;
};

/// One builder, reused. Not for several threads.
class EnvelopeEncoder {
 public:
  /// The bytes stay valid until the next call.
  std::string_view encode(const EnvelopeHead& head, const PendingEvent& event);

 private:
  flatbuffers::FlatBufferBuilder builder_{1024};
};

}  // namespace daybook
