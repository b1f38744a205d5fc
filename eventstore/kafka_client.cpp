#include "eventstore/kafka_client.h"

#include "eventstore/kafka_admin.h"

namespace daybook {
namespace {

class RdKafkaClient final : public KafkaClient {
 public:
  explicit RdKafkaClient(KafkaSettings settings) : settings_(std::move(settings)) {}

  void ensure_topics(const std::vector<std::string>& topics, std::int32_t partitions, std::chrono::milliseconds timeout,
                     const std::stop_token& stop) override {
    ensure_kafka_topics(settings_, topics, partitions, timeout, stop);
  }
  std::unique_ptr<KafkaProducer> producer(const std::string& transactional_id) override {
    return KafkaProducer::open({settings_, transactional_id});
  }
  std::unique_ptr<KafkaConsumer> consumer(const std::string& topic, std::int32_t partition) override {
    return KafkaConsumer::open(settings_, topic, partition);
  }

 private:
  KafkaSettings settings_;
};

}  // namespace

std::unique_ptr<KafkaClient> KafkaClient::open(const KafkaSettings& settings) {
  return std::make_unique<RdKafkaClient>(settings);
}

}  // namespace daybook
