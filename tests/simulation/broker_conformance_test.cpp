#include "tests/simulation/broker_conformance.h"

#include "tests/simulation/model_broker.h"

namespace daybook::test {

TEST_CASE("the model of a broker does what a follower may rely on") {
  ModelBroker broker{Random(1)};
  BrokerConformance(broker, "model.").run();
}

TEST_CASE("a broker that is away answers nothing, and what it held is there when it is back") {
  ModelBroker broker{Random(1)};
  broker.ensure_topics({"topic"}, 1, std::chrono::milliseconds(0), {});
  const auto producer = broker.producer("id");
  producer->init_transactions(std::chrono::milliseconds(0), {});
  producer->begin();
  producer->send({"topic", 0, "key", "value", nullptr});
  broker.set_away(true);
  CHECK(producer->commit({}) == KafkaOutcome::unknown);
  const auto consumer = broker.consumer("topic", 0);
  CHECK_THROWS_AS(consumer->extent(std::chrono::milliseconds(0)), KafkaFault);
  CHECK_THROWS_AS(broker.producer("id")->init_transactions(std::chrono::milliseconds(0), {}), KafkaFault);
  broker.set_away(false);
  CHECK_THROWS_AS(consumer->last(std::chrono::milliseconds(0)), KafkaFault);
  broker.end_open_transactions();
  CHECK_FALSE(consumer->last(std::chrono::milliseconds(0)));
  CHECK(producer->commit({}) == KafkaOutcome::fenced);
}

}  // namespace daybook::test
