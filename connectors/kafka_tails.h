// The relay's resume point. It is never stored: it is read back from the tail of every topic's partition, because the
// published data is the only cursor that cannot disagree with what was published.
#pragma once

#include <cstddef>
#include <map>
#include <stdexcept>
#include <stop_token>
#include <string>

#include "connectors/kafka_format.h"
#include "eventstore/kafka_client.h"
#include "eventstore/log.h"

namespace daybook {

/// Kafka and the log contradict each other. Going on would publish a wrong stream: an operator has to decide.
class RelayHalt : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// How far a shard's partitions have got.
struct PublishedTails {
  Position events = 0;                     ///< The last position in daybook.events.
  std::map<std::string, Position> topics;  ///< The last one in each billing topic; 0 if there is none.
};

/// How far before the last published event each billing topic's tail is compared with the log. A torn transaction is
/// within the last one's events; older differences are for `daybook consume` to find.
inline constexpr Position tail_check_events_max = 100'000;

struct TailCheck {
  KafkaClient& kafka;
  const KafkaTopics& topics;
  const std::string& log_id;
  const EventLog& log;
  const EventFormat& format;
  ShardNumber shard = 0;
};

/// Reads all tails and checks them against the log: the last record of daybook.events is this log's, byte for byte;
/// the log is not behind it (history forked); each billing topic ends where the log says.
/// Throws RelayHalt if not, with what to do; KafkaFault if Kafka does not answer; StorageFault or CorruptLog by the
/// log.
PublishedTails read_tails(const TailCheck& check, const std::stop_token& stop);

}  // namespace daybook
