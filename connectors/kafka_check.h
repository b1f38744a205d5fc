// Reads what a relay published, as any consumer would (read-committed, from the beginning), and says whether it is the
// log: `daybook consume`, and the judge in the relay's tests. It shares no code with the relay's writing side but the
// format.
//
// What is checked. daybook.events: positions are dense from 1, envelopes verify, and shard, stream (the key), position
// and log id are what the record says; with a log at hand the bytes are the log's. Each billing topic: exactly its
// events, in order, each with the position of the one before it, none missing, none twice.
//
// Threads: one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/kafka_format.h"
#include "eventstore/kafka_client.h"
#include "eventstore/log.h"

namespace daybook {

struct KafkaCheckOptions {
  KafkaSettings kafka;
  KafkaClient* client = nullptr;  ///< Another Kafka than that of the settings: the simulation's.
  std::string topic_prefix;
  std::vector<std::string> topics;  ///< "accounts", ...; none: daybook.events only.
  ShardNumber shards = 1;
  EventFormat format;
  const EventLog* log = nullptr;              ///< Compared with if given.
  std::string log_id;                         ///< Expected if given; else the first record's.
  bool follow = false;                        ///< Go on at the end until `stop` is requested.
  std::chrono::milliseconds timeout{30'000};  ///< For each answer of Kafka.
  /// Sees every event after its checks; false stops.
  std::function<bool(LogPosition, std::string_view envelope)> on_event;
};

struct KafkaCheckReport {
  std::uint64_t events = 0;
  std::uint64_t billing_records = 0;
  /// Billing records whose JSON this build renders otherwise: an older release wrote them. Not a difference.
  std::uint64_t other_renderings = 0;
  std::map<ShardNumber, Position> last;  ///< The last position of each shard.
  std::string log_id;
  std::string difference;  ///< The first one, with its place; empty if there is none.

  bool ok() const { return difference.empty(); }
};

/// What daybook.checkpoints holds of the log's shard, in order: signed notes, unchecked. Throws KafkaFault, also if
/// there is no such topic.
std::vector<std::string> read_published_checkpoints(const KafkaSettings& kafka, const std::string& topic_prefix,
                                                    ShardNumber shard, const std::string& log_id,
                                                    std::chrono::milliseconds timeout);

/// Stops at the first difference. Throws KafkaFault if Kafka does not answer, StorageFault or CorruptLog by the log.
KafkaCheckReport check_kafka(const KafkaCheckOptions& options, const std::stop_token& stop = {});

}  // namespace daybook
