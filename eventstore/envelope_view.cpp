#include "eventstore/envelope_view.h"

#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

/// Deep enough for every table of the schemas, and counted tables bound the work that hostile bytes can ask for.
constexpr flatbuffers::uoffset_t tables_max = 100'000;
constexpr flatbuffers::uoffset_t depth_max = 32;

std::string_view text(const flatbuffers::String* string) {
  return string == nullptr ? std::string_view() : string->string_view();
}

std::string_view bytes(const flatbuffers::Vector<std::uint8_t>* vector) {
  if (vector == nullptr) return {};
  return {reinterpret_cast<const char*>(vector->data()), vector->size()};
}

std::int64_t microseconds(const schema::Instant* instant) {
  return instant == nullptr ? 0 : instant->us();
}

/// 0 for a member that a newer build added.
std::uint8_t known_event_type(schema::Event type) {
  return type > schema::Event::MAX ? std::uint8_t{0} : static_cast<std::uint8_t>(type);
}

}  // namespace

EnvelopeView view_envelope(std::string_view envelope) {
  const auto& root = *schema::GetEnvelope(envelope.data());
  EnvelopeView view;
  view.format = root.format();
  view.shard = root.shard();
  view.position = root.position();
  view.stream = text(root.stream());
  view.stream_ordinal = root.stream_ordinal();
  view.stream_version = root.stream_version();
  view.recorded_at_us = microseconds(root.recorded_at());
  view.decided_at_us = microseconds(root.decided_at());
  view.principal = root.actor() == nullptr ? std::string_view() : text(root.actor()->principal());
  view.command = text(root.command());
  view.idempotency_key = text(root.idempotency_key());
  view.fingerprint = bytes(root.fingerprint());
  view.correlation_id = text(root.correlation_id());
  view.command_index = root.command_index();
  view.command_size = root.command_size();
  view.sealing_key = root.sealing_key();
  view.event_type = known_event_type(root.event_type());
  return view;
}

bool verify_envelope(std::string_view envelope) {
  if (envelope.size() > FLATBUFFERS_MAX_BUFFER_SIZE) return false;
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(envelope.data()), envelope.size(), depth_max,
                                 tables_max);
  return schema::VerifyEnvelopeBuffer(verifier);
}

}  // namespace daybook
