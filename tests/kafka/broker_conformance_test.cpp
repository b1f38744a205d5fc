#include "tests/simulation/broker_conformance.h"
#include "tests/kafka/broker.h"

namespace daybook::test {

TEST_CASE("a real broker does what a follower may rely on, as the simulation's model does") {
  const auto client = KafkaClient::open(Broker::get().settings());
  BrokerConformance(*client, fresh_prefix()).run();
}

}  // namespace daybook::test
