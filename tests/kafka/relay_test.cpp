// What the relay publishes when nothing goes wrong, and what it refuses to publish onto.
#include "connectors/kafka_relay.h"

#include <map>

#include "eventstore/envelope_view.h"
#include "eventstore/kafka_admin.h"
#include "eventstore/kafka_consumer.h"
#include "eventstore/kafka_producer.h"
#include "tests/kafka/relay_fixture.h"

namespace daybook::test {
namespace {

/// Publishes records of the test's own, as some other program would.
void write_as_stranger(const std::string& topic, const std::string& value, const KafkaHeaders& headers) {
  const auto producer = KafkaProducer::open({Broker::get().settings(), "stranger-" + fresh_prefix()});
  producer->init_transactions(patience, {});
  producer->begin();
  producer->send({topic, 0, "key", value, &headers});
  REQUIRE(producer->commit({}) == KafkaOutcome::committed);
}

TEST_CASE("every event is in daybook.events and in its billing topic, once, in order, byte for byte") {
  TestLog log(11);
  const Published published;
  log.append(200);
  const auto relay = published.relay(log.log());
  relay->start();
  REQUIRE(relay->wait_published(0, log.log().head(0), patience));
  for (int i = 0; i < 30; ++i) relay->committed(0, log.append(5));
  relay->stop(patience);
  CHECK(relay->status(0).published == log.log().head(0));
  CHECK(relay->status(0).state == "stopped");
  published.expect_exact(log.log());
}

TEST_CASE("each shard has its partition, its own positions and its own relay") {
  TestLog log(12, 4);
  const Published published;
  for (ShardNumber shard = 0; shard < 3; ++shard) log.append(20 + shard, shard);  // the last one stays empty
  published.publish(log.log());
  published.expect_exact(log.log());
}

TEST_CASE("a relay that is started again goes on where the topics end") {
  TestLog log(13);
  const Published published;
  published.publish(log.log());  // an empty log
  for (int round = 0; round < 3; ++round) {
    log.append(10);
    published.publish(log.log());
    published.expect_exact(log.log());
  }
  published.publish(log.log());  // nothing new
  published.expect_exact(log.log());
}

TEST_CASE("a transaction never splits a command") {
  TestLog log(14);
  const Published published;
  const auto relay = published.relay(log.log());
  relay->start();
  for (int i = 0; i < 40; ++i) {
    relay->committed(0, log.append(3));
    REQUIRE(relay->wait_published(0, log.log().head(0), patience));
  }
  log.append(6000);  // more than one transaction takes
  relay->committed(0, log.log().head(0));
  relay->stop(patience);

  const auto consumer = KafkaConsumer::open(Broker::get().settings(), published.prefix + "daybook.events", 0);
  consumer->read_from(0);
  KafkaMessage message;
  std::int64_t expected_offset = 0;
  int transactions = 0;
  bool within_command = false;
  while (consumer->next(message, patience) == KafkaConsumer::Next::message) {
    // The control record that ends a transaction takes an offset: a hole in the offsets is a transaction's end.
    if (message.offset != expected_offset) {
      ++transactions;
      CHECK_FALSE(within_command);
    }
    expected_offset = message.offset + 1;
    const EnvelopeView view = view_envelope(message.value);
    within_command = view.command_index + 1 < view.command_size;
  }
  CHECK(transactions >= 40);
  CHECK_FALSE(within_command);
}

TEST_CASE("each transaction ends with the checkpoint of the log as it ends there") {
  const Published published;
  TestLog log(21);
  log.append(40);
  KafkaRelay::Options options = published.relay_options();
  options.checkpoint = [](ShardNumber shard, std::uint64_t size) {
    return "origin/shard-" + std::to_string(shard) + "\n" + std::to_string(size) + "\nroot\n";
  };
  KafkaRelay relay(options, log.log(), event_format(published.log_id));
  relay.start();
  REQUIRE(relay.wait_published(0, log.log().head(0), patience));
  log.append(10);
  relay.committed(0, log.log().head(0));
  REQUIRE(relay.wait_published(0, log.log().head(0), patience));
  const auto notes = read_published_checkpoints(options.kafka, published.prefix, 0, published.log_id, patience);
  REQUIRE(notes.size() >= 2);
  CHECK(notes.back() == "origin/shard-0\n" + std::to_string(log.log().head(0)) + "\nroot\n");
  CHECK(read_published_checkpoints(options.kafka, published.prefix, 0, std::string(32, 'f'), patience).empty());
  published.expect_exact(log.log());
}

TEST_CASE("a log that is behind its topic has forked and is refused") {
  const Published published;
  TestLog original(15);
  original.append(30);
  published.publish(original.log());
  TestLog restored(15);  // from a backup: the same history, less of it
  restored.append(20);
  const std::string message = published.message_of_halt(restored.log());
  CHECK(contains(message, "history forked"));
  CHECK(contains(message, "import the missing events"));
  CHECK(contains(message, to_string(LogPosition{0, original.log().head(0)})));
  published.expect_exact(original.log());  // nothing was added
}

TEST_CASE("a log with another event at the published position is refused") {
  const Published published;
  TestLog original(16);
  original.append(30);
  published.publish(original.log());
  TestLog other(17);  // the same log id, other events
  other.append(60);
  const std::string message = published.message_of_halt(other.log());
  CHECK(contains(message, "other bytes"));
  published.expect_exact(original.log());
}

TEST_CASE("the topics of another log are refused") {
  Published published;
  TestLog original(18);
  original.append(10);
  published.publish(original.log());
  published.log_id = "ffffffffffffffffffffffffffffffff";
  TestLog other(19);
  other.append(10);
  const std::string message = published.message_of_halt(other.log());
  CHECK(contains(message, "another log"));
  CHECK(contains(message, test_log_id));
  published.log_id = test_log_id;
  published.expect_exact(original.log());
}

TEST_CASE("a billing topic that does not end where the log says is refused") {
  const Published published;
  TestLog log(20);
  log.append(30);
  published.publish(log.log());
  SUBCASE("a record of another relay version or a script") {
    write_as_stranger(published.prefix + "billing.credits", "{}", {});
    CHECK(contains(published.message_of_halt(log.log()), "no relay wrote"));
  }
  SUBCASE("a record too many") {
    const Position beyond = log.log().head(0) + 1;
    write_as_stranger(published.prefix + "billing.credits", "{}", origin_headers({beyond, 1, published.log_id}));
    CHECK(contains(published.message_of_halt(log.log()), "torn"));
  }
  SUBCASE("events without their billing record") {
    const Position last = log.append(1);
    const std::string topic = published.prefix + "daybook.events";
    write_as_stranger(topic, log.log().read_one(0, last), origin_headers({last, std::nullopt, published.log_id}));
    CHECK(contains(published.message_of_halt(log.log()), "torn"));
  }
}

TEST_CASE("a topic that would lose records is refused") {
  const Published published;
  TestLog log(21);
  log.append(5);
  const auto create = [&](std::int32_t partitions, const std::map<std::string, std::string>& config) {
    create_kafka_topics(Broker::get().settings(), {published.prefix + "daybook.events"}, partitions, config, patience);
  };
  SUBCASE("finite retention") {
    create(1, {{"retention.ms", "604800000"}});
    const std::string message = published.message_of_halt(log.log());
    CHECK(contains(message, "retention.ms=604800000"));
    CHECK(contains(message, "--add-config retention.ms=-1"));
  }
  SUBCASE("compaction") {
    create(1, {{"retention.ms", "-1"}, {"cleanup.policy", "compact"}});
    CHECK(contains(published.message_of_halt(log.log()), "cleanup.policy=compact"));
  }
  SUBCASE("another number of partitions") {
    create(3, {{"retention.ms", "-1"}});
    CHECK(contains(published.message_of_halt(log.log()), "3 partitions"));
  }
}

TEST_CASE("an open transaction of a stranger holds the relay back, and it goes on at its end") {
  const Published published;
  TestLog log(22);
  log.append(10);
  published.publish(log.log());
  const std::string id = "stranger-" + published.prefix;
  {
    const auto stranger = KafkaProducer::open({Broker::get().settings(), id});
    stranger->init_transactions(patience, {});
    stranger->begin();
    const KafkaHeaders headers;
    stranger->send({published.prefix + "daybook.events", 0, "key", "never committed", &headers});
    // Thrown away once its record is there: the transaction stays open until its time-out.
    const auto watch = KafkaConsumer::open(Broker::get().settings(), published.prefix + "daybook.events", 0);
    std::string seen;
    for (const auto deadline = std::chrono::steady_clock::now() + patience;
         seen.empty() && std::chrono::steady_clock::now() < deadline;) {
      try {
        watch->last(std::chrono::milliseconds(5'000));
      } catch (const KafkaFault& fault) {
        seen = fault.what();
      }
    }
    CHECK(contains(seen, "a transaction is open"));
  }
  log.append(10);
  published.publish(log.log());
  published.expect_exact(log.log());
}

}  // namespace
}  // namespace daybook::test
