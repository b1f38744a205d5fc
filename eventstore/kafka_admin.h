// Makes the topics that a log is published to, and refuses existing ones that would lose part of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "eventstore/kafka_settings.h"

namespace daybook {

/// Creates what is absent of `topics`, each with `partitions` partitions, the broker's own replication factor, and
/// settings that keep everything (retention.ms -1, retention.bytes -1, cleanup.policy delete). Then checks all of them.
/// Throws KafkaTopicRefused, naming the topic, its setting and the command that mends it, for a topic that expires or
/// compacts records or has another number of partitions; KafkaFault if Kafka does not answer within `timeout` or
/// `stop` is requested.
void ensure_kafka_topics(const KafkaSettings& settings, const std::vector<std::string>& topics, std::int32_t partitions,
                         std::chrono::milliseconds timeout, const std::stop_token& stop = {});

/// Creates topics with the settings given ("retention.ms" ...) and waits for nothing; one that exists stays as it is.
/// Throws KafkaFault.
void create_kafka_topics(const KafkaSettings& settings, const std::vector<std::string>& topics, std::int32_t partitions,
                         const std::map<std::string, std::string>& config, std::chrono::milliseconds timeout);

}  // namespace daybook
