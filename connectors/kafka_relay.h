// The relay: follows the log and publishes every event to Kafka, exactly once and in order, in all its topics in one
// transaction. It knows positions and bytes; how an event looks in JSON comes from an EventFormat.
//
// Operation: one thread a shard. On every connection it fences its predecessor, reads the tails of all topics back,
// checks them against the log and goes on from there. After any unclear answer it does the same again. A transaction
// holds whole commands. Kafka away: it waits with backoff; the log is the queue, so nothing is lost and nothing grows.
// Concurrency: all members may be called from any thread; start and stop once.
// Limits: below, per transaction.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connectors/kafka_format.h"
#include "eventstore/kafka_client.h"
#include "eventstore/log.h"

namespace daybook {

class KafkaRelayShard;

// A transaction ends after the command that reaches one of these.
inline constexpr std::size_t relay_transaction_events_max = 10'000;
inline constexpr std::size_t relay_transaction_bytes_max = 16U << 20U;
inline constexpr std::chrono::milliseconds relay_transaction_time_max{100};
/// A new transaction waits this long after the last one for company, unless relay_gather_events are there already.
inline constexpr std::chrono::milliseconds relay_gather_time{20};
inline constexpr Position relay_gather_events = 1'000;
// Between attempts while Kafka is away; doubled each time, with jitter.
inline constexpr std::chrono::milliseconds relay_backoff_min{100};
inline constexpr std::chrono::milliseconds relay_backoff_max{10'000};

class KafkaRelay {
 public:
  struct Status {
    Position published = 0;  ///< The last position known to be in Kafka.
    Position head = 0;       ///< The last committed one of the log; head - published is the lag.
    /// "stopped", "connecting", "publishing" (also when it has caught up), "waiting" (Kafka is away; it tries again),
    /// "halted" (Kafka and the log contradict each other, or a topic would lose records: an operator must act).
    std::string state = "stopped";
    std::string message;             ///< Why it waits or halted; else empty.
    std::uint64_t transactions = 0;  ///< Committed.
    std::uint64_t aborted = 0;       ///< Aborted and done again with the same producer.
    std::uint64_t reconnects = 0;    ///< Producers thrown away.
  };
  struct Options {
    KafkaSettings kafka;
    std::string log_id;
    ShardNumber shards = 1;
    std::string topic_prefix;
    std::vector<std::string> topics;  ///< All that EventFormat::topic may answer (billing_topics()).
    /// The signed checkpoint over the shard's first `size` events, published with the transaction that ends there:
    /// every consumer becomes a witness of what the log was. Without it there is no such topic. Called from the relay's
    /// threads; may throw StorageFault.
    std::function<std::string(ShardNumber, std::uint64_t size)> checkpoint;
    /// Called by the relay's threads whenever a shard's state changes, for the log and the metrics.
    std::function<void(ShardNumber, const Status&)> on_state;
    KafkaClient* client = nullptr;  ///< Another Kafka than that of the settings: the simulation's. Must outlive it.
    std::size_t transaction_events_max = relay_transaction_events_max;
    std::chrono::milliseconds transaction_time_max = relay_transaction_time_max;
  };

  /// `log` must outlive the relay.
  KafkaRelay(Options options, const EventLog& log, EventFormat format);
  /// Stops without draining.
  ~KafkaRelay();
  KafkaRelay(const KafkaRelay&) = delete;
  KafkaRelay& operator=(const KafkaRelay&) = delete;

  void start();
  /// One round of a shard, which waits for no event and for no pause: connects, or publishes what fits into one
  /// transaction. False if there was nothing to publish, it could not (status() says why), or the shard has halted. The
  /// threads do nothing else; without start() the caller does it, from one thread.
  bool step(ShardNumber shard);
  /// Tells that the log has reached `position`. Cheap; call it after every group.
  void committed(ShardNumber shard, Position position);
  Status status(ShardNumber shard) const;
  /// Waits until `position` is in Kafka. False if it is not by then, or the shard halted.
  bool wait_published(ShardNumber shard, Position position, std::chrono::milliseconds timeout) const;
  /// Goes on publishing for at most `drain`, then stops. What is left is published after the next start.
  void stop(std::chrono::milliseconds drain);

 private:
  // At fixed addresses: the shards' threads read them.
  std::unique_ptr<Options> options_;
  std::unique_ptr<KafkaClient> owned_client_;  ///< If none was given.
  std::unique_ptr<const EventFormat> format_;
  std::vector<std::unique_ptr<KafkaRelayShard>> shards_;
};

}  // namespace daybook
