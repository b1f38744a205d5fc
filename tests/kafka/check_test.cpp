// The reader that judges the relay must see every kind of difference itself; and the JSON form is what it promises.
#include "connectors/kafka_check.h"

#include "eventstore/envelope_view.h"
#include "eventstore/kafka_admin.h"
#include "eventstore/kafka_consumer.h"
#include "eventstore/kafka_producer.h"
#include "tests/kafka/relay_fixture.h"

namespace daybook::test {
namespace {

/// Publishes the records of a small log by hand, so that a test can do one of them wrong.
class HandPublisher {
 public:
  HandPublisher()
      : producer_(KafkaProducer::open({Broker::get().settings(), "by-hand-" + published_.prefix})), log_(41) {
    log_.append(6);
    const KafkaTopics topics{published_.prefix, all_topics()};
    ensure_kafka_topics(Broker::get().settings(), topics.all(), 1, patience);
    producer_->init_transactions(patience, {});
    producer_->begin();
  }

  Position head() { return log_.log().head(0); }
  std::string envelope(Position position) { return log_.log().read_one(0, position); }
  void send_event(Position position, const std::string& value) {
    const KafkaHeaders headers = origin_headers({position, std::nullopt, published_.log_id});
    const std::string key(view_envelope(envelope(position)).stream);
    producer_->send({published_.prefix + "daybook.events", 0, key, value, &headers});
  }
  void send_billing(Position position) {
    const std::string value = envelope(position);
    const std::string topic = event_format(published_.log_id).topic(value);
    const KafkaHeaders headers = origin_headers({position, last_[topic], published_.log_id});
    const std::string json = event_format(published_.log_id).cloud_event(value, last_[topic]);
    producer_->send({published_.prefix + "billing." + topic, 0, view_envelope(value).stream, json, &headers});
    last_[topic] = position;
  }
  void send(Position position) {
    send_event(position, envelope(position));
    send_billing(position);
  }
  void send_all(Position from) {
    for (Position position = from; position <= head(); ++position) send(position);
  }
  /// The records are in the topic, in a transaction that is open.
  void wait_until_written() {
    const auto watch = KafkaConsumer::open(Broker::get().settings(), published_.prefix + "daybook.events", 0);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < deadline) {
      watch->read_from(0);
      KafkaMessage message;
      if (watch->next(message, patience) == KafkaConsumer::Next::end && watch->last_end().written > 0) return;
    }
    FAIL("nothing was written");
  }
  void commit() { REQUIRE(producer_->commit({}) == KafkaOutcome::committed); }
  std::string difference() {
    commit();
    return check().difference;
  }
  KafkaCheckReport check() {
    KafkaCheckOptions options = published_.check_options(log_.log());
    options.timeout = std::chrono::milliseconds(5'000);
    return check_kafka(options);
  }

 private:
  Published published_;
  std::unique_ptr<KafkaProducer> producer_;
  TestLog log_;
  std::map<std::string, Position> last_;
};

TEST_CASE("the check accepts the log and names the first difference of anything else") {
  HandPublisher by_hand;
  REQUIRE(by_hand.head() >= 6);
  SUBCASE("the log") {
    by_hand.send_all(1);
    CHECK(by_hand.difference() == "");
  }
  SUBCASE("an event missing") {
    by_hand.send(1);
    by_hand.send_all(3);
    CHECK(contains(by_hand.difference(), "position 3, expected 2"));
  }
  SUBCASE("an event twice") {
    by_hand.send(1);
    by_hand.send_event(1, by_hand.envelope(1));
    CHECK(contains(by_hand.difference(), "position 1, expected 2"));
  }
  SUBCASE("one byte changed") {
    by_hand.send(1);
    std::string changed = by_hand.envelope(2);
    const std::size_t at = changed.find("account-");
    REQUIRE(at != std::string::npos);
    changed[at + 8] ^= 1;  // the digit of the first account-N: in the payload or the stream
    by_hand.send_event(2, changed);
    by_hand.send_billing(2);
    CHECK(contains(by_hand.difference(), "other bytes than the log's"));
  }
  SUBCASE("no envelope at all") {
    const std::string torn = by_hand.envelope(1).substr(0, 40);
    by_hand.send_event(1, torn);
    CHECK(contains(by_hand.difference(), "no envelope"));
  }
  SUBCASE("a billing record missing") {
    by_hand.send(1);
    by_hand.send_event(2, by_hand.envelope(2));
    CHECK(contains(by_hand.difference(), "no record for position 2"));
  }
  SUBCASE("a billing record twice") {
    by_hand.send_all(1);
    by_hand.send_billing(by_hand.head());
    CHECK(contains(by_hand.difference(), "a record more than the events"));
  }
}

TEST_CASE("the check does not end before a transaction that is still open, having seen nothing") {
  HandPublisher by_hand;
  by_hand.send_all(1);
  by_hand.wait_until_written();
  CHECK_THROWS_AS(by_hand.check(), KafkaFault);
  by_hand.commit();
  const KafkaCheckReport report = by_hand.check();  // the commit is answered before readers see it
  CHECK(report.difference == "");
  CHECK(report.events == by_hand.head());
}

TEST_CASE("a CloudEvent has the attributes of the specification and the event as its data") {
  TestLog log(42);
  log.append(1);
  const std::string envelope = log.log().read_one(0, 1);
  const std::string json = event_format("abc").cloud_event(envelope, 0);
  const EventRenderer renderer;
  std::string event;
  renderer.append_event(event, envelope);
  const std::string stream(view_envelope(envelope).stream);
  CHECK(json == R"({"specversion":"1.0","id":"evt_000000000001","source":"/daybook/abc","type":"com.daybook.)" +
                    std::string(renderer.type_name(envelope)) + R"(","subject":")" + stream +
                    R"(","time":"2023-11-14T22:13:20.000001Z","datacontenttype":"application/json","partitionkey":")" +
                    stream + R"(","shard":0,"position":"1","previousposition":"0","data":)" + event + "}");
}

}  // namespace
}  // namespace daybook::test
