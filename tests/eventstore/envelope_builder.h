// Builds real envelopes for the tests of the store: valid FlatBuffers with the fields that the store reads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::test {

/// The fields of one envelope; the defaults are the first event of a log.
struct EnvelopeFields {
  std::uint16_t shard = 0;
  std::uint64_t position = 1;
  std::string stream = "default/acme";
  std::uint64_t stream_ordinal = 1;
  std::uint64_t stream_version = 1;
  std::int64_t recorded_at_us = 1'700'000'000'000'001;
  std::int64_t decided_at_us = 1'700'000'000'000'000;
  std::string principal = "key:key_1";
  std::string idempotency_key;
  std::string fingerprint;
  std::uint16_t command_index = 0;
  std::uint16_t command_size = 1;
  std::string padding;  ///< Any bytes, to make the envelope larger.
};

std::string build_envelope(const EnvelopeFields& fields);

/// `count` sound envelopes from `first` on: the event at position p belongs to the stream of ordinal
/// 1 + (p - 1) % stream_count, and every clock moves by a second an event.
std::vector<EnvelopeFields> sound_history(std::uint16_t shard, std::uint64_t first, std::uint64_t count,
                                          std::uint64_t stream_count = 3);

/// Owned envelopes with the views that EventLog::append wants.
class Group {
 public:
  Group() = default;
  explicit Group(std::vector<std::string> envelopes) : envelopes_(std::move(envelopes)) {}
  explicit Group(const std::vector<EnvelopeFields>& history);
  std::vector<std::string_view> views() const { return {envelopes_.begin(), envelopes_.end()}; }
  const std::vector<std::string>& envelopes() const { return envelopes_; }

 private:
  std::vector<std::string> envelopes_;
};

}  // namespace daybook::test
