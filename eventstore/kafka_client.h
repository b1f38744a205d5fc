// Kafka as a follower of the log sees it: topics that keep everything, transactional producers, readers of one
// partition. A seam: behind it stands librdkafka, or the simulation's model of a broker.
//
// Threads: any; what it opens says for itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "eventstore/kafka_consumer.h"
#include "eventstore/kafka_producer.h"
#include "eventstore/kafka_settings.h"

namespace daybook {

class KafkaClient {
 public:
  /// The cluster that the settings reach. Connects to nothing yet.
  static std::unique_ptr<KafkaClient> open(const KafkaSettings& settings);
  virtual ~KafkaClient() = default;

  /// As ensure_kafka_topics (kafka_admin.h).
  virtual void ensure_topics(const std::vector<std::string>& topics, std::int32_t partitions,
                             std::chrono::milliseconds timeout, const std::stop_token& stop) = 0;
  /// As KafkaProducer::open.
  virtual std::unique_ptr<KafkaProducer> producer(const std::string& transactional_id) = 0;
  /// As KafkaConsumer::open.
  virtual std::unique_ptr<KafkaConsumer> consumer(const std::string& topic, std::int32_t partition) = 0;
};

}  // namespace daybook
