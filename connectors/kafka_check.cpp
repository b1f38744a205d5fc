#include "connectors/kafka_check.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>

#include "eventstore/envelope_view.h"

namespace daybook {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds follow_turn{50};  // how long one shard is listened to while following several

/// Ends the check; its text becomes the report's difference.
class Difference : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::unique_ptr<KafkaConsumer> open_consumer(const KafkaCheckOptions& options, const std::string& topic,
                                             ShardNumber shard) {
  if (options.client != nullptr) return options.client->consumer(topic, shard);
  return KafkaConsumer::open(options.kafka, topic, shard);
}

/// One topic's partition from its beginning.
class TopicReader {
 public:
  TopicReader(const KafkaCheckOptions& options, const std::string& topic, ShardNumber shard)
      : consumer_(open_consumer(options, topic, shard)), place_(topic + " partition " + std::to_string(shard)) {
    const auto extent = consumer_->extent(options.timeout);
    if (extent.begin > 0) fail("begins at offset " + std::to_string(extent.begin) + ": records were deleted");
    consumer_->read_from(0);
  }

  /// False at the end and when nothing came in time; timed_out() tells. The end is not one while a transaction is open
  /// before what was written when it was first seen: a check that ended there would have looked at nothing.
  bool next(milliseconds timeout) {
    if (std::exchange(kept_, false)) return true;
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (true) {
      const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
      const auto result = consumer_->next(message_, std::max(milliseconds(0), left));
      timed_out_ = result == KafkaConsumer::Next::timeout;
      if (timed_out_) return false;
      if (result == KafkaConsumer::Next::message) break;
      if (written_ == 0) written_ = consumer_->last_end().written;
      if (consumer_->last_end().offset < written_) {
        timed_out_ = std::chrono::steady_clock::now() >= deadline;
        if (timed_out_) return false;
        continue;
      }
      written_ = 0;
      return false;
    }
    auto origin = read_origin(message_);
    if (!origin) fail("holds a record that no relay wrote");
    origin_ = std::move(*origin);
    return true;
  }
  /// The following next() gives the same record again.
  void keep() { kept_ = true; }
  bool timed_out() const { return timed_out_; }
  const KafkaMessage& message() const { return message_; }
  const KafkaOrigin& origin() const { return origin_; }
  [[noreturn]] void fail(const std::string& what) const {
    throw Difference(place_ + ", offset " + std::to_string(message_.offset) + ": " + what);
  }

 private:
  std::unique_ptr<KafkaConsumer> consumer_;
  std::string place_;
  KafkaMessage message_;
  KafkaOrigin origin_;
  bool kept_ = false;
  bool timed_out_ = false;
  std::int64_t written_ = 0;  ///< The offset that an end must reach; 0: none was seen.
};

struct BillingTopic {
  std::unique_ptr<TopicReader> reader;
  Position last = 0;
};

class ShardCheck {
 public:
  ShardCheck(const KafkaCheckOptions& options, ShardNumber shard, KafkaCheckReport& report)
      : options_(options), report_(report), shard_(shard) {
    const KafkaTopics topics{options.topic_prefix, options.topics};
    events_ = std::make_unique<TopicReader>(options, topics.events(), shard);
    for (const auto& topic : options.topics) {
      billing_[topic].reader = std::make_unique<TopicReader>(options, topics.name(topic), shard);
    }
    report_.last[shard] = 0;
  }

  /// Checks what is there. False if on_event asked to stop.
  bool read_to_end(milliseconds timeout, const std::stop_token& stop) {
    while (!stop.stop_requested() && events_->next(timeout)) {
      check_event();
      check_billing();
      ++report_.events;
      const LogPosition at{shard_, report_.last[shard_] = events_->origin().position};
      if (options_.on_event && !options_.on_event(at, events_->message().value)) return false;
    }
    return true;
  }
  bool timed_out() const { return events_->timed_out(); }

  /// Billing topics hold nothing but what events up to the last one put there.
  void check_billing_ends() {
    for (auto& [topic, billing] : billing_) {
      if (!billing.reader->next(options_.timeout)) {
        if (billing.reader->timed_out()) throw KafkaFault("kafka: billing." + topic + ": no answer in time");
        continue;
      }
      if (billing.reader->origin().position <= report_.last[shard_]) {
        billing.reader->fail("a record more than the events, position " +
                             std::to_string(billing.reader->origin().position));
      }
      billing.reader->keep();
    }
  }

 private:
  void check_event() {
    const auto& origin = events_->origin();
    const Position expected = report_.last[shard_] + 1;
    if (origin.position != expected) {
      events_->fail("position " + std::to_string(origin.position) + ", expected " + std::to_string(expected));
    }
    if (report_.log_id.empty()) report_.log_id = origin.log_id;
    if (origin.log_id != report_.log_id) events_->fail("log " + origin.log_id + ", expected " + report_.log_id);
    const auto& message = events_->message();
    if (!verify_envelope(message.value)) events_->fail("the value is no envelope");
    const EnvelopeView view = view_envelope(message.value);
    if (view.position != origin.position) events_->fail("the envelope's own position differs from the header");
    if (view.shard != shard_) events_->fail("the envelope is of shard " + std::to_string(view.shard));
    if (view.stream != message.key) events_->fail("the key is not the envelope's stream");
    check_against_log(message.value, expected);
  }

  void check_against_log(const std::string& value, Position position) {
    if (options_.log == nullptr) return;
    StoredEvent stored;
    // A reader ends at the head that it was opened at: opened again when it is used up.
    if (local_ == nullptr || !local_->next(stored)) {
      local_ = options_.log->read_forward(shard_, position);
      if (!local_->next(stored)) events_->fail("the log ends at " + std::to_string(position - 1));
    }
    if (stored.position != position || stored.envelope != value) events_->fail("other bytes than the log's");
  }

  void check_billing() {
    if (billing_.empty()) return;
    const auto& envelope = events_->message().value;
    const Position position = events_->origin().position;
    const auto found = billing_.find(options_.format.topic(envelope));
    if (found == billing_.end()) events_->fail("an event of a topic that is not checked");
    auto& [reader, last] = found->second;
    await_record(*reader, position);
    const auto& origin = reader->origin();
    if (origin.position != position) {
      reader->fail("position " + std::to_string(origin.position) + ", expected " + std::to_string(position));
    }
    if (origin.log_id != report_.log_id) reader->fail("log " + origin.log_id + ", expected " + report_.log_id);
    if (origin.previous_position != last) reader->fail("previous_position is not " + std::to_string(last));
    if (reader->message().key != events_->message().key) reader->fail("the key is not the envelope's stream");
    if (reader->message().value != options_.format.cloud_event(envelope, last)) ++report_.other_renderings;
    last = position;
    ++report_.billing_records;
  }

  /// A transaction ends in each partition on its own: a record may be a moment behind its event.
  void await_record(TopicReader& reader, Position position) const {
    const auto deadline = std::chrono::steady_clock::now() + options_.timeout;
    while (!reader.next(follow_turn)) {
      if (std::chrono::steady_clock::now() > deadline)
        reader.fail("no record for position " + std::to_string(position));
    }
  }

  const KafkaCheckOptions& options_;
  KafkaCheckReport& report_;
  const ShardNumber shard_;
  std::unique_ptr<TopicReader> events_;
  std::map<std::string, BillingTopic> billing_;
  std::unique_ptr<LogReader> local_;
};

void follow_shards(std::vector<std::unique_ptr<ShardCheck>>& shards, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    for (const auto& shard : shards) {
      if (!shard->read_to_end(follow_turn, stop)) return;
    }
  }
}

}  // namespace

std::vector<std::string> read_published_checkpoints(const KafkaSettings& kafka, const std::string& topic_prefix,
                                                    ShardNumber shard, const std::string& log_id,
                                                    milliseconds timeout) {
  const std::string topic = KafkaTopics{topic_prefix, {}}.checkpoints();
  const auto consumer = KafkaConsumer::open(kafka, topic, shard);
  consumer->read_from(consumer->extent(timeout).begin);
  std::vector<std::string> notes;
  for (KafkaMessage message;;) {
    const KafkaConsumer::Next next = consumer->next(message, timeout);
    if (next == KafkaConsumer::Next::timeout) throw KafkaFault("kafka: " + topic + ": no answer in time");
    if (next == KafkaConsumer::Next::end) return notes;
    const auto origin = read_origin(message);
    if (origin && (log_id.empty() || origin->log_id == log_id)) notes.push_back(std::move(message.value));
  }
}

KafkaCheckReport check_kafka(const KafkaCheckOptions& options, const std::stop_token& stop) {
  KafkaCheckReport report;
  report.log_id = options.log_id;
  try {
    std::vector<std::unique_ptr<ShardCheck>> shards;
    for (ShardNumber shard = 0; shard < options.shards; ++shard) {
      shards.push_back(std::make_unique<ShardCheck>(options, shard, report));
    }
    if (options.follow) {
      follow_shards(shards, stop);
      return report;
    }
    for (const auto& shard : shards) {
      if (!shard->read_to_end(options.timeout, stop) || stop.stop_requested()) return report;
      if (shard->timed_out()) throw KafkaFault("kafka: daybook.events: no answer in time, or a transaction is open");
      shard->check_billing_ends();
    }
  } catch (const Difference& difference) {
    report.difference = difference.what();
  }
  return report;
}

}  // namespace daybook
