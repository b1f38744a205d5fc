// What the store itself reads of an envelope: its place, its stream and its idempotency key. The payload is bytes to
// it. This is the only code of eventstore that sees the generated headers.
#pragma once

#include <cstdint>
#include <string_view>

namespace daybook {

struct EnvelopeView {
  std::uint16_t format = 0;
  std::uint16_t shard = 0;
  std::uint64_t position = 0;
  std::string_view stream;
  std::uint64_t stream_ordinal = 0;
  std::uint64_t stream_version = 0;
  std::int64_t recorded_at_us = 0;
  std::int64_t decided_at_us = 0;
  std::string_view principal;
  std::string_view command;
  std::string_view idempotency_key;
  std::string_view fingerprint;
  std::string_view correlation_id;
  std::uint16_t command_index = 0;
  std::uint16_t command_size = 1;
  std::uint64_t sealing_key = 0;
  std::uint8_t event_type = 0;  ///< The union member; 0 if this build does not know it.
};

/// Fills the view from bytes that were verified before (on append, or by a row checksum). Views point into `envelope`.
EnvelopeView view_envelope(std::string_view envelope);
/// Full FlatBuffers verification with the file identifier. False for anything that cannot be read safely.
bool verify_envelope(std::string_view envelope);

}  // namespace daybook
