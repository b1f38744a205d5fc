#include "connectors/kafka_tails.h"

#include <algorithm>
#include <chrono>
#include <optional>

namespace daybook {
namespace {

constexpr std::chrono::milliseconds tail_timeout{10'000};

std::string place(const std::string& topic, ShardNumber shard) {
  return topic + " partition " + std::to_string(shard);
}

/// The last record of a topic's partition with its origin. Throws RelayHalt for one that is not this log's.
struct Tail {
  std::string value;
  Position position = 0;
};

std::optional<Tail> read_tail(const TailCheck& check, const std::string& topic) {
  const auto consumer = check.kafka.consumer(topic, check.shard);
  if (const auto extent = consumer->extent(tail_timeout); extent.begin > 0) {
    throw RelayHalt(place(topic, check.shard) + " begins at offset " + std::to_string(extent.begin) +
                    ": records were deleted from it. Publish to new topics (--kafka-topic-prefix)");
  }
  auto message = consumer->last(tail_timeout);
  if (!message) return std::nullopt;
  const auto origin = read_origin(*message);
  if (!origin) {
    throw RelayHalt(place(topic, check.shard) + " ends with a record that no relay wrote, at offset " +
                    std::to_string(message->offset) + ". Publish to new topics (--kafka-topic-prefix)");
  }
  if (origin->log_id != check.log_id) {
    throw RelayHalt(place(topic, check.shard) + " holds another log: " + origin->log_id + ", this one is " +
                    check.log_id + ". Publish to other topics (--kafka-topic-prefix)");
  }
  return Tail{std::move(message->value), origin->position};
}

Position read_events_tail(const TailCheck& check) {
  const std::string topic = check.topics.events();
  const auto tail = read_tail(check, topic);
  if (!tail) return 0;
  const LogPosition at{check.shard, tail->position};
  const Position head = check.log.head(check.shard);
  if (tail->position > head) {
    throw RelayHalt("history forked: " + topic + " has reached " + to_string(at) + ", this log only " +
                    to_string(LogPosition{check.shard, head}) +
                    ". It was restored to an older position: import the missing events from Kafka, or keep this state "
                    "as a new log (new log id, new topics)");
  }
  if (check.log.read_one(check.shard, tail->position) != tail->value) {
    throw RelayHalt("history forked: " + topic + " holds other bytes at " + to_string(at) +
                    " than this log. Keep this state as a new log (new log id, new topics), or restore the right one");
  }
  return tail->position;
}

[[noreturn]] void throw_torn(const TailCheck& check, const std::string& topic, Position has, Position should) {
  throw RelayHalt(place(check.topics.name(topic), check.shard) + " ends at position " + std::to_string(has) +
                  ", the log says " + std::to_string(should) +
                  ": a transaction was torn or the topic was written by others. Publish to new topics "
                  "(--kafka-topic-prefix)");
}

/// A topic must end with an event that the log puts there.
void check_last_record(const TailCheck& check, const std::string& topic, Position last, Position published) {
  if (last == 0) return;
  if (last > published) throw_torn(check, topic, last, published);
  if (check.format.topic(check.log.read_one(check.shard, last)) != topic) throw_torn(check, topic, last, 0);
}

/// No event after a topic's end, up to the last published one, may belong to it.
void check_no_record_missing(const TailCheck& check, const PublishedTails& tails, const std::stop_token& stop) {
  Position lowest = tails.events;
  for (const auto& [topic, last] : tails.topics) lowest = std::min(lowest, last);
  const auto reader = check.log.read_backward(check.shard, tails.events);
  StoredEvent event;
  for (Position seen = 0; seen < tail_check_events_max && reader->next(event) && event.position > lowest; ++seen) {
    if (stop.stop_requested()) return;
    const std::string topic = check.format.topic(event.envelope);
    const auto tail = tails.topics.find(topic);
    if (tail != tails.topics.end() && event.position > tail->second) {
      throw_torn(check, topic, tail->second, event.position);
    }
  }
}

}  // namespace

PublishedTails read_tails(const TailCheck& check, const std::stop_token& stop) {
  PublishedTails tails;
  tails.events = read_events_tail(check);
  for (const auto& topic : check.topics.billing) {
    if (stop.stop_requested()) throw KafkaFault("kafka: stopped while reading the tails");
    const auto tail = read_tail(check, check.topics.name(topic));
    tails.topics[topic] = tail ? tail->position : 0;
    check_last_record(check, topic, tails.topics[topic], tails.events);
  }
  if (tails.events > 0) check_no_record_missing(check, tails, stop);
  return tails;
}

}  // namespace daybook
