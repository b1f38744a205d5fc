#include "tests/simulation/audit.h"

#include <fmt/format.h>

#include <algorithm>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "domain/instant.h"
#include "eventstore/envelope_view.h"
#include "projections/postings.h"
#include "schemas/envelope_generated.h"

namespace daybook::test {
namespace {

std::uint64_t chained(std::uint64_t digest, std::string_view bytes) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), digest);
}

/// Debits less credits, by currency.
bool balances(const FoldEvent& event) {
  std::map<std::uint32_t, std::int64_t> sums;
  const Postings* postings = postings_of(event);
  if (postings == nullptr) return true;
  for (const schema::Posting* posting : *postings) {
    const std::int64_t minor = posting->amount()->minor();
    sums[posting->amount()->currency()] += posting->side() == schema::Side::debit ? minor : -minor;
  }
  for (const auto& [currency, sum] : sums) {
    if (sum != 0) return false;
  }
  return true;
}

FoldEvent placed(FoldEvent event, const EnvelopeView& view) {
  const std::size_t slash = view.stream.find('/');
  event.stream = view.stream;
  event.book = view.stream.substr(0, slash);
  event.account = view.stream.substr(slash + 1);
  if (event.account.starts_with('~')) event.account = {};
  event.ordinal = view.stream_ordinal;
  event.version = view.stream_version;
  event.decided_at = Instant{view.decided_at_us};
  return event;
}

}  // namespace

void LogAudit::look_at(Shard& shard, ShardNumber number, const StoredEvent& stored, const Complain& complain) {
  const auto fail = [&](const char* what) {
    complain(fmt::format("the event at {}:{} {}", number, stored.position, what));
  };
  if (stored.position != shard.head + 1) fail("does not follow the one before it");
  if (!verify_envelope(stored.envelope)) fail("is no envelope");
  const EnvelopeView view = view_envelope(stored.envelope);
  if (view.shard != number || view.position != stored.position) fail("says that it is elsewhere");
  if (view.recorded_at_us <= shard.recorded_us) fail("was not recorded later than the one before it");
  if (view.command_index != (shard.in_command == shard.command_size ? 0 : shard.in_command))
    fail("is not the next of its command");
  shard.in_command = view.command_index + 1U;
  shard.command_size = view.command_size;
  const auto [found, is_new] = shard.streams.try_emplace(std::string(view.stream));
  Stream& stream = found->second;
  if (is_new) stream.ordinal = ++shard.ordinals;
  if (view.stream_ordinal != stream.ordinal) fail("has another ordinal than its stream");
  if (view.stream_version != stream.version + 1) fail("is not the next of its stream");
  if (view.decided_at_us < stream.decided_us) fail("was decided before the one before it in its stream");
  stream.version = view.stream_version;
  stream.decided_us = view.decided_at_us;
  FoldEvent event;
  event.shard = number;
  event.position = stored.position;
  event.envelope = schema::GetEnvelope(stored.envelope.data());
  if (!balances(event)) fail("does not balance");
  if (is_of_shop(view.stream)) shops.look(placed(event, view), complain);
  shard.recorded_us = view.recorded_at_us;
  shard.head = stored.position;
  shard.digest = chained(shard.digest, stored.envelope);
}

void LogAudit::look(const EventLog& log, ShardNumber number, const Complain& complain) {
  Shard& shard = shards_[number];
  if (log.head(number) == shard.head) return;
  const auto reader = log.read_forward(number, shard.head + 1);
  for (StoredEvent event; reader->next(event);) look_at(shard, number, event, complain);
  if (shard.head != log.head(number)) complain("the log cannot be read to its head");
  if (shard.in_command != shard.command_size) complain("the log ends within a command");
}

void LogAudit::look_again(const EventLog& log, ShardNumber number, const Complain& complain) const {
  std::uint64_t digest = 0;
  const auto reader = log.read_forward(number, 1);
  for (StoredEvent event; reader->next(event) && event.position <= shards_[number].head;) {
    digest = chained(digest, event.envelope);
  }
  if (digest != shards_[number].digest) complain("an event of the log has changed since it was appended");
}

std::uint64_t LogAudit::version(ShardNumber shard, const std::string& stream) const {
  const auto found = shards_[shard].streams.find(stream);
  return found == shards_[shard].streams.end() ? 0 : found->second.version;
}

std::uint64_t LogAudit::digest() const {
  std::uint64_t digest = 0;
  for (const Shard& shard : shards_) digest = digest * 31 + shard.digest;
  return digest;
}

void KafkaAudit::look(const ModelBroker& broker, const std::string& topic, const EventLog& log, ShardNumber number,
                      const Complain& complain) {
  Shard& shard = shards_[number];
  const ModelBroker::Partition& records = broker.partition(topic, number);
  for (; shard.offset < records.size(); ++shard.offset) {
    const ModelBroker::Record& record = records[shard.offset];
    if (record.is_control) continue;
    const auto state = broker.state(record.transaction);
    if (state == ModelBroker::State::open) return;
    if (state == ModelBroker::State::aborted) continue;
    const Position expected = shard.position + 1;
    const EnvelopeView view = view_envelope(record.value);
    if (view.position != expected) {
      complain(fmt::format("Kafka has the event {}:{} where {} belongs", number, view.position, expected));
    }
    if (expected > log.head(number)) complain("Kafka has an event that the log has not");
    if (log.read_one(number, expected) != record.value) {
      complain(fmt::format("Kafka has other bytes at {}:{} than the log", number, expected));
    }
    shard.position = expected;
  }
}

Position KafkaAudit::reached(const ModelBroker& broker, const std::string& topic, ShardNumber shard) {
  const ModelBroker::Partition& records = broker.partition(topic, shard);
  const auto last = std::find_if(records.rbegin(), records.rend(), [&](const ModelBroker::Record& record) {
    return !record.is_control && broker.state(record.transaction) == ModelBroker::State::committed;
  });
  return last == records.rend() ? 0 : view_envelope(last->value).position;
}

}  // namespace daybook::test
