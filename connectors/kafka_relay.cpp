#include "connectors/kafka_relay.h"

#include <algorithm>

#include "connectors/kafka_relay_shard.h"

namespace daybook {

KafkaRelay::KafkaRelay(Options options, const EventLog& log, EventFormat format)
    : options_(std::make_unique<Options>(std::move(options))),
      format_(std::make_unique<const EventFormat>(std::move(format))) {
  if (options_->client == nullptr) {
    owned_client_ = KafkaClient::open(options_->kafka);
    options_->client = owned_client_.get();
  }
  for (ShardNumber shard = 0; shard < options_->shards; ++shard) {
    shards_.push_back(std::make_unique<KafkaRelayShard>(*options_, log, *format_, shard));
  }
}

KafkaRelay::~KafkaRelay() {
  stop(std::chrono::milliseconds(0));
}

void KafkaRelay::start() {
  for (const auto& shard : shards_) shard->start();
}

bool KafkaRelay::step(ShardNumber shard) {
  return shards_.at(shard)->step({}) == KafkaRelayShard::Round::progressed;
}

void KafkaRelay::committed(ShardNumber shard, Position position) {
  shards_.at(shard)->committed(position);
}

KafkaRelay::Status KafkaRelay::status(ShardNumber shard) const {
  return shards_.at(shard)->status();
}

bool KafkaRelay::wait_published(ShardNumber shard, Position position, std::chrono::milliseconds timeout) const {
  return shards_.at(shard)->wait_published(position, std::chrono::steady_clock::now() + timeout);
}

void KafkaRelay::stop(std::chrono::milliseconds drain) {
  const auto deadline = std::chrono::steady_clock::now() + drain;
  for (const auto& shard : shards_) {
    if (drain.count() > 0) shard->wait_published(shard->status().head, deadline);
  }
  for (const auto& shard : shards_) shard->request_stop();
  for (const auto& shard : shards_) shard->join();
}

}  // namespace daybook
