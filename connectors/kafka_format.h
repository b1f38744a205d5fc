// What the relay publishes and where: topic names, record headers, and the CloudEvents form of an event. The format is
// described for consumers in schemas/asyncapi.yaml; a change here is a change there.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/kafka_consumer.h"
#include "eventstore/kafka_settings.h"
#include "eventstore/position.h"

namespace daybook {

class EventRenderer;

/// How an envelope becomes the record of a billing topic. Called from the relay's threads, one a shard, at once.
struct EventFormat {
  /// "accounts", without "billing."; empty for an event that this build does not know.
  std::function<std::string(std::string_view envelope)> topic;
  /// The record's value. `previous_in_topic`: the position before it in the same topic and partition, 0 for the first.
  std::function<std::string(std::string_view envelope, Position previous_in_topic)> cloud_event;
};

/// CloudEvents 1.0, structured JSON: {"specversion":"1.0","id":"evt_...","source":"/daybook/<log_id>",
/// "type":"com.daybook.CreditIssued","subject":"default/acme",...,"data":{the event as in GET /v1/events}}.
/// Positions are strings: a CloudEvents integer has 32 bits. `renderer` must outlive the format.
EventFormat cloud_event_format(const EventRenderer& renderer, std::string log_id);
/// Every topic that the schemas name, each once: "accounts", "credits", ...
std::vector<std::string> billing_topics(const EventRenderer& renderer);

/// The topics of one log. `prefix` goes in front of every name, so that several logs can share a cluster.
struct KafkaTopics {
  std::string prefix;
  std::vector<std::string> billing;  ///< "accounts", "credits", ...
  bool with_checkpoints = false;     ///< Signed heads of the log's tree are published too.

  std::string events() const { return prefix + "daybook.events"; }
  std::string checkpoints() const { return prefix + "daybook.checkpoints"; }
  std::string name(std::string_view topic) const { return prefix + "billing." + std::string(topic); }
  std::vector<std::string> all() const;
};

/// Where a record comes from, as its headers say.
struct KafkaOrigin {
  Position position = 0;
  std::optional<Position> previous_position;  ///< In billing topics only.
  std::string log_id;
};

KafkaHeaders origin_headers(const KafkaOrigin& origin);
/// Nothing if the record was not written by a relay of ours.
std::optional<KafkaOrigin> read_origin(const KafkaMessage& message);

}  // namespace daybook
