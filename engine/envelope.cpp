#include "engine/envelope.h"

#include "domain/native.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

flatbuffers::Offset<flatbuffers::String> text(flatbuffers::FlatBufferBuilder& builder, std::string_view value) {
  if (value.empty()) return 0;  // absent
  return builder.CreateString(value.data(), value.size());
}

}  // namespace

std::string_view EnvelopeEncoder::encode(const EnvelopeHead& head, const PendingEvent& event) {
  builder_.Clear();
  const CommandContext& context = *head.context;
  const auto payload = event.pack(builder_);
  const auto principal = text(builder_, context.principal.name);
  const auto credential = text(builder_, context.principal.credential);
  const auto role = static_cast<schema::Role>(context.principal.role);
  const auto actor = schema::CreateActor(builder_, principal, role, credential, 0);
  const auto stream = text(builder_, head.stream);
  const auto command = text(builder_, head.command);
  const auto key = text(builder_, context.idempotency_key);
  flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> fingerprint = 0;
  if (!context.fingerprint.empty()) {
    fingerprint = builder_.CreateVector(reinterpret_cast<const std::uint8_t*>(context.fingerprint.data()),
                                        context.fingerprint.size());
  }
  const auto request_id = text(builder_, context.request_id);
  const auto causation = text(builder_, head.causation_id);
  const auto traceparent = text(builder_, context.traceparent);
  const auto recorded = flatbuffers::Pack(head.recorded_at);
  const auto decided = flatbuffers::Pack(head.decided_at);
  const auto effective = flatbuffers::Pack(head.effective_at);

  schema::EnvelopeBuilder envelope(builder_);
  envelope.add_shard(head.at.shard);
  envelope.add_position(head.at.position);
  envelope.add_stream(stream);
  envelope.add_stream_ordinal(head.stream_ordinal);
  envelope.add_stream_version(head.stream_version);
  envelope.add_recorded_at(&recorded);
  envelope.add_decided_at(&decided);
  envelope.add_effective_at(&effective);
  envelope.add_actor(actor);
  envelope.add_command(command);
  envelope.add_idempotency_key(key);
  envelope.add_fingerprint(fingerprint);
  envelope.add_correlation_id(request_id);  // one text, stored once: both fields point to it
  envelope.add_causation_id(causation);
  envelope.add_request_id(request_id);
  envelope.add_traceparent(traceparent);
  envelope.add_command_index(head.command_index);
  envelope.add_command_size(head.command_size);
  envelope.add_sealing_key(head.sealing_key);
  envelope.add_event_type(static_cast<schema::Event>(event.type()));
  envelope.add_event(payload);
  schema::FinishEnvelopeBuffer(builder_, envelope.Finish());
  return {reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize()};
}

}  // namespace daybook
