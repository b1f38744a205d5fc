// What must hold of every event as it comes into the log, and of every record as it comes into Kafka, looked at once
// each: places are dense, times are in order, money balances, Kafka holds the log's bytes. Copied where a moment must
// be kept.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "eventstore/log.h"
#include "tests/simulation/model_broker.h"
#include "tests/simulation/shop_audit.h"

namespace daybook::test {

class LogAudit {
 public:
  explicit LogAudit(ShardNumber shards) : shards_(shards) {}

  /// Looks at what follows head(shard).
  void look(const EventLog& log, ShardNumber shard, const Complain& complain);
  /// That what was looked at before is still the same.
  void look_again(const EventLog& log, ShardNumber shard, const Complain& complain) const;
  Position head(ShardNumber shard) const { return shards_[shard].head; }
  /// Of the stream's last event; 0 if it has none.
  std::uint64_t version(ShardNumber shard, const std::string& stream) const;
  std::uint64_t digest() const;
  /// How many streams the shard has, and when its last event was recorded.
  std::uint64_t ordinals(ShardNumber shard) const { return shards_[shard].ordinals; }
  Instant recorded_at(ShardNumber shard) const { return Instant{shards_[shard].recorded_us}; }
  /// Of the streams that are shops'.
  ShopAudit shops;

 private:
  struct Stream {
    std::uint64_t ordinal = 0, version = 0;
    std::int64_t decided_us = 0;
  };
  struct Shard {
    Position head = 0;
    std::uint64_t digest = 0;
    std::int64_t recorded_us = 0;
    std::uint64_t ordinals = 0;
    unsigned in_command = 0, command_size = 0;
    std::map<std::string, Stream, std::less<>> streams;
  };
  void look_at(Shard& shard, ShardNumber number, const StoredEvent& event, const Complain& complain);

  std::vector<Shard> shards_;
};

class KafkaAudit {
 public:
  explicit KafkaAudit(ShardNumber shards) : shards_(shards) {}

  /// Looks at what has been committed to the topic since the last time.
  void look(const ModelBroker& broker, const std::string& topic, const EventLog& log, ShardNumber shard,
            const Complain& complain);
  Position published(ShardNumber shard) const { return shards_[shard].position; }
  /// Up to where the topic is committed, looked at or not.
  static Position reached(const ModelBroker& broker, const std::string& topic, ShardNumber shard);

 private:
  struct Shard {
    std::size_t offset = 0;
    Position position = 0;
  };
  std::vector<Shard> shards_;
};

}  // namespace daybook::test
