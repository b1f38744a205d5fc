// A log, a relay for it and a reader that judges what the relay published: append(40); relay.start(); expect_exact();
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "connectors/kafka_check.h"
#include "connectors/kafka_relay.h"
#include "tests/kafka/broker.h"
#include "tests/kafka/test_log.h"

namespace daybook::test {

inline constexpr const char* test_log_id = "0123456789abcdef0123456789abcdef";

struct Published {
  std::string prefix = fresh_prefix();  ///< Of the topics.
  std::string log_id = test_log_id;

  KafkaRelay::Options relay_options(ShardNumber shards = 1) const {
    return {Broker::get().settings(), log_id, shards, prefix, all_topics(), {}, {}};
  }
  std::unique_ptr<KafkaRelay> relay(const EventLog& log) const {
    return std::make_unique<KafkaRelay>(relay_options(log.shards()), log, event_format(log_id));
  }
  KafkaCheckOptions check_options(const EventLog& log) const {
    KafkaCheckOptions options;
    options.kafka = Broker::get().settings();
    options.topic_prefix = prefix;
    options.topics = all_topics();
    options.shards = log.shards();
    options.format = event_format(log_id);
    options.log = &log;
    options.log_id = log_id;
    return options;
  }

  /// Everything in the log is in Kafka once, in order, with its bytes, in every topic.
  void expect_exact(const EventLog& log) const {
    const KafkaCheckReport report = check_kafka(check_options(log));
    CHECK(report.difference == "");
    CHECK(report.other_renderings == 0);
    CHECK(report.billing_records == report.events);
    for (ShardNumber shard = 0; shard < log.shards(); ++shard) CHECK(report.last.at(shard) == log.head(shard));
  }

  /// Publishes all of the log and stops the relay.
  void publish(const EventLog& log) const {
    const auto relay_of_log = relay(log);
    relay_of_log->start();
    for (ShardNumber shard = 0; shard < log.shards(); ++shard) {
      REQUIRE_MESSAGE(relay_of_log->wait_published(shard, log.head(shard), patience),
                      relay_of_log->status(shard).message);
    }
    relay_of_log->stop(patience);
  }

  /// Starts a relay that must halt, and returns its message.
  std::string message_of_halt(const EventLog& log) const {
    const auto relay_of_log = relay(log);
    relay_of_log->start();
    CHECK_FALSE(relay_of_log->wait_published(0, log.head(0) + 1, patience));
    const auto status = relay_of_log->status(0);
    CHECK(status.state == "halted");
    return status.message;
  }
};

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace daybook::test
