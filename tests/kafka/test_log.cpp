#include "tests/kafka/test_log.h"

#include <stdlib.h>

#include <stdexcept>
#include <vector>

#include "domain/native.h"
#include "schemas/envelope_generated.h"

namespace daybook::test {
namespace {

constexpr int streams = 7;
constexpr int command_events_max = 6;
constexpr int group_commands_max = 4;
constexpr std::int64_t start_us = 1'700'000'000'000'000;

std::filesystem::path temporary_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "daybook-kafka-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  return name;
}

/// What the event at a position is follows from the seed, the shard and the position alone.
std::uint64_t mix(std::uint64_t seed, ShardNumber shard, Position position) {
  std::uint64_t z = seed * 0x9E3779B97F4A7C15U + (std::uint64_t{shard} << 56U) + position;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

/// One in sixteen is of governance, so that one topic's tail lies far behind the others'.
void set_event(schema::EnvelopeT& envelope, std::uint64_t random, const std::string& account) {
  switch (random % 16) {
    case 0: {
      schema::CommandAnsweredT answered;
      answered.account_id = account;
      answered.code = static_cast<std::uint16_t>(random >> 40U);
      return envelope.event.Set(std::move(answered));
    }
    case 1: {
      schema::AccountOpenedT opened;
      opened.account_id = account;
      opened.time_zone = "Europe/Berlin";
      return envelope.event.Set(std::move(opened));
    }
    default:
      break;
  }
  if (random % 2 == 0) {
    schema::CreditIssuedT issued;
    issued.account_id = account;
    issued.priority = static_cast<std::int32_t>(random >> 40U);
    return envelope.event.Set(std::move(issued));
  }
  schema::UnitCreditsAllocatedT allocated;
  allocated.account_id = account;
  allocated.unit = "tokens \"\\ \n\u00e4";
  allocated.amount = static_cast<std::int64_t>(random >> 20U);
  envelope.event.Set(std::move(allocated));
}

std::string make_envelope(std::uint64_t seed, ShardNumber shard, Position position, std::uint16_t index,
                          std::uint16_t size) {
  const std::uint64_t random = mix(seed, shard, position);
  const std::string account = "account-" + std::to_string(random % streams);
  schema::EnvelopeT envelope;
  envelope.shard = shard;
  envelope.position = position;
  envelope.stream = "book-" + std::to_string(seed) + "/" + account;
  envelope.stream_ordinal = random % streams + 1;
  envelope.stream_version = position;
  envelope.recorded_at = Instant{start_us + static_cast<std::int64_t>(position)};
  envelope.decided_at = envelope.recorded_at;
  envelope.effective_at = envelope.recorded_at;
  envelope.command = "Test";
  envelope.command_index = index;
  envelope.command_size = size;
  set_event(envelope, random, account);
  flatbuffers::FlatBufferBuilder builder;
  schema::FinishEnvelopeBuffer(builder, schema::Envelope::Pack(builder, &envelope));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

std::uint16_t command_size_at(std::uint64_t seed, ShardNumber shard, Position first) {
  return static_cast<std::uint16_t>(1 + (mix(seed, shard, first) >> 33U) % command_events_max);
}

}  // namespace

TestLog::TestLog(std::uint64_t seed, ShardNumber shards)
    : temporary_(true), directory_(temporary_directory()), seed_(seed) {
  EventLog::Options options;
  options.directory = directory_ / "log";
  options.shards = shards;
  log_ = EventLog::open(options);
}

TestLog::TestLog(std::uint64_t seed, std::filesystem::path directory)
    : temporary_(false), directory_(std::move(directory)), seed_(seed) {
  std::filesystem::create_directories(directory_);
  EventLog::Options options;
  options.directory = directory_ / "log";
  log_ = EventLog::open(options);
}

TestLog::~TestLog() {
  log_.reset();
  if (temporary_) std::filesystem::remove_all(directory_);
}

Position TestLog::append(int commands, ShardNumber shard) {
  while (commands > 0) {
    const Position first = log_->head(shard) + 1;
    std::vector<std::string> group;
    for (int in_group = 0; in_group < group_commands_max && commands > 0; ++in_group, --commands) {
      const Position command_first = first + group.size();
      const std::uint16_t size = command_size_at(seed_, shard, command_first);
      for (std::uint16_t i = 0; i < size; ++i) group.push_back(make_envelope(seed_, shard, command_first + i, i, size));
    }
    const std::vector<std::string_view> views(group.begin(), group.end());
    log_->append(shard, first, views);
  }
  return log_->head(shard);
}

EventFormat event_format(const std::string& log_id) {
  static const EventRenderer renderer;
  return cloud_event_format(renderer, log_id);
}

std::vector<std::string> all_topics() {
  return billing_topics(EventRenderer());
}

}  // namespace daybook::test
