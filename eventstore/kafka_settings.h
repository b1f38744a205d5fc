// How to reach Kafka, and what can go wrong with it. Nothing here or in the other kafka_*.h shows librdkafka's header:
// the four kafka_*.cpp files of this folder are the only code that includes it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook {

struct KafkaSettings {
  std::string brokers;  ///< "host:port,host:port".
  /// More of librdkafka's properties ("security.protocol", "ssl.ca.location", ...). What exactly-once rests on
  /// (transactional.id, acks, isolation.level, time-outs) is set after these and wins.
  std::map<std::string, std::string> extra;
};

/// Kafka is away, slow or said no: the follower retries with backoff, a tool prints the message and exits 3.
class KafkaFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A topic that would lose or reorder the log. Retrying does not help: an operator has to act.
class KafkaTopicRefused : public KafkaFault {
 public:
  using KafkaFault::KafkaFault;
};

/// Headers in the order they were sent.
using KafkaHeaders = std::vector<std::pair<std::string, std::string>>;

/// The largest record, for the topics that we create and for what a producer takes.
inline constexpr std::size_t kafka_record_bytes_max = 8U << 20U;
/// A transaction that is open for longer is aborted by the broker, so that readers are held up no longer than that.
inline constexpr std::chrono::milliseconds kafka_transaction_timeout{10'000};
/// A record that is not acknowledged by then fails its transaction; below kafka_transaction_timeout on purpose.
inline constexpr std::chrono::milliseconds kafka_message_timeout{8'000};
/// A request without an answer by then counts as lost.
inline constexpr std::chrono::milliseconds kafka_request_timeout{6'000};

}  // namespace daybook
