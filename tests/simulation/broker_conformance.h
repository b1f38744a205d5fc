// What a follower may rely on of Kafka, asked alike of the simulation's model and of a real broker.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "eventstore/kafka_client.h"

namespace daybook::test {

class BrokerConformance {
 public:
  /// Makes topics whose names begin with `prefix`, which nobody has used before.
  BrokerConformance(KafkaClient& client, const std::string& prefix)
      : client_(client), one_(prefix + "one"), two_(prefix + "two"), id_(prefix + "producer") {}

  void run() {
    client_.ensure_topics({one_, two_}, 2, patience_, {});
    client_.ensure_topics({one_, two_}, 2, patience_, {});
    CHECK_THROWS_AS(client_.ensure_topics({one_}, 3, patience_, {}), KafkaTopicRefused);
    a_committed_transaction_is_visible_whole_and_in_order();
    an_open_transaction_hides_what_follows_until_its_id_is_taken();
    a_producer_whose_id_was_taken_publishes_nothing();
  }

 private:
  std::unique_ptr<KafkaProducer> producer() {
    auto made = client_.producer(id_);
    made->init_transactions(patience_, {});
    return made;
  }
  void send(KafkaProducer& producer, const std::string& topic, const std::string& value, std::int32_t partition = 0) {
    const KafkaHeaders headers{{"position", value}, {"position", "second"}};
    producer.send({topic, partition, "key " + value, value, &headers});
  }
  std::vector<std::string> values(const std::string& topic, std::int32_t partition = 0) {
    const auto consumer = client_.consumer(topic, partition);
    consumer->read_from(0);
    std::vector<std::string> found;
    KafkaMessage message;
    std::int64_t offset = -1;
    while (consumer->next(message, patience_) == KafkaConsumer::Next::message) {
      CHECK(message.offset > offset);
      offset = message.offset;
      CHECK(message.key == "key " + message.value);
      CHECK(message.header("position") == message.value);
      CHECK_FALSE(message.header("absent"));
      found.push_back(message.value);
    }
    CHECK(consumer->last_end().offset > offset);
    CHECK(consumer->extent(patience_).begin == 0);
    const auto last =
        consumer->last_end().written > consumer->last_end().offset ? std::nullopt : consumer->last(patience_);
    if (last) CHECK(last->value == found.back());
    return found;
  }

  void a_committed_transaction_is_visible_whole_and_in_order() {
    CHECK(values(one_).empty());
    const auto writer = producer();
    writer->begin();
    send(*writer, one_, "a");
    send(*writer, one_, "b");
    send(*writer, two_, "c");
    send(*writer, one_, "d", 1);
    CHECK(writer->commit({}) == KafkaOutcome::committed);
    writer->begin();
    send(*writer, one_, "e");
    CHECK(writer->commit({}) == KafkaOutcome::committed);
    writer->begin();
    CHECK(writer->commit({}) == KafkaOutcome::committed);
    CHECK(values(one_) == std::vector<std::string>{"a", "b", "e"});
    CHECK(values(two_) == std::vector<std::string>{"c"});
    CHECK(values(one_, 1) == std::vector<std::string>{"d"});
    CHECK(values(two_, 1).empty());
  }

  void an_open_transaction_hides_what_follows_until_its_id_is_taken() {
    {
      const auto left = producer();
      left->begin();
      send(*left, one_, "never");
      const auto watch = client_.consumer(one_, 0);
      const auto give_up = std::chrono::steady_clock::now() + patience_;
      KafkaMessage message;
      do {
        REQUIRE(std::chrono::steady_clock::now() < give_up);
        watch->read_from(0);
        while (watch->next(message, patience_) == KafkaConsumer::Next::message) CHECK(message.value != "never");
      } while (watch->last_end().written == watch->last_end().offset);
      CHECK_THROWS_AS(watch->last(patience_), KafkaFault);
    }
    const auto next = producer();
    CHECK(values(one_) == std::vector<std::string>{"a", "b", "e"});
    next->begin();
    send(*next, one_, "f");
    CHECK(next->commit({}) == KafkaOutcome::committed);
    CHECK(values(one_) == std::vector<std::string>{"a", "b", "e", "f"});
  }

  void a_producer_whose_id_was_taken_publishes_nothing() {
    const auto old = producer();
    old->begin();
    send(*old, one_, "old");
    const auto young = producer();
    const KafkaOutcome outcome = old->commit({});
    CHECK((outcome == KafkaOutcome::fenced || outcome == KafkaOutcome::unknown));
    young->begin();
    send(*young, one_, "g");
    CHECK(young->commit({}) == KafkaOutcome::committed);
    CHECK(values(one_) == std::vector<std::string>{"a", "b", "e", "f", "g"});
  }

  KafkaClient& client_;
  const std::string one_, two_, id_;
  const std::chrono::milliseconds patience_{60'000};
};

}  // namespace daybook::test
