#include "tests/eventstore/envelope_builder.h"

#include "schemas/envelope_generated.h"

namespace daybook::test {
namespace {

constexpr std::int64_t first_instant_us = 1'700'000'000'000'000;
constexpr std::int64_t second_us = 1'000'000;

}  // namespace

std::string build_envelope(const EnvelopeFields& fields) {
  flatbuffers::FlatBufferBuilder builder;
  const auto stream = builder.CreateString(fields.stream);
  const auto principal = builder.CreateString(fields.principal);
  const auto actor = schema::CreateActor(builder, principal);
  const auto command = builder.CreateString("IssueCredit");
  const auto key = fields.idempotency_key.empty() ? 0 : builder.CreateString(fields.idempotency_key);
  const auto fingerprint =
      builder.CreateVector(reinterpret_cast<const std::uint8_t*>(fields.fingerprint.data()), fields.fingerprint.size());
  const auto request = builder.CreateString(fields.padding);
  const auto payload = schema::CreateSandboxClockAdvanced(builder, 1);
  const schema::Instant recorded_at(fields.recorded_at_us);
  const schema::Instant decided_at(fields.decided_at_us);
  schema::EnvelopeBuilder envelope(builder);
  envelope.add_shard(fields.shard);
  envelope.add_position(fields.position);
  envelope.add_stream(stream);
  envelope.add_stream_ordinal(fields.stream_ordinal);
  envelope.add_stream_version(fields.stream_version);
  envelope.add_recorded_at(&recorded_at);
  envelope.add_decided_at(&decided_at);
  envelope.add_effective_at(&decided_at);
  envelope.add_actor(actor);
  envelope.add_command(command);
  envelope.add_idempotency_key(key);
  envelope.add_fingerprint(fingerprint);
  envelope.add_request_id(request);
  envelope.add_command_index(fields.command_index);
  envelope.add_command_size(fields.command_size);
  envelope.add_event_type(schema::Event::SandboxClockAdvanced);
  envelope.add_event(payload.Union());
  schema::FinishEnvelopeBuffer(builder, envelope.Finish());
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

std::vector<EnvelopeFields> sound_history(std::uint16_t shard, std::uint64_t first, std::uint64_t count,
                                          std::uint64_t stream_count) {
  std::vector<EnvelopeFields> history(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    auto& fields = history[i];
    fields.shard = shard;
    fields.position = first + i;
    fields.stream_ordinal = 1 + (fields.position - 1) % stream_count;
    fields.stream_version = 1 + (fields.position - 1) / stream_count;
    fields.stream = "default/account-" + std::to_string(fields.stream_ordinal);
    fields.recorded_at_us = first_instant_us + static_cast<std::int64_t>(fields.position) * second_us;
    fields.decided_at_us = fields.recorded_at_us;
  }
  return history;
}

Group::Group(const std::vector<EnvelopeFields>& history) {
  for (const auto& fields : history) envelopes_.push_back(build_envelope(fields));
}

}  // namespace daybook::test
