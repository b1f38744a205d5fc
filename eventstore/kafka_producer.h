// A transactional producer of bytes: what is sent between begin() and commit() becomes visible in every topic, or in
// none. Its rule: a producer whose commit had a time-out, a lost connection or any unclear answer is not used again.
// Kafka's transactions are a fence, not a proof (a delayed request can lose or tear one, KAFKA-17754), so the caller
// throws the producer away, makes a new one, which fences the old one's requests, and reads the tails to decide.
//
// Threads: one. Of two producers with the same transactional id the one that called init_transactions last lives.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "eventstore/kafka_settings.h"

namespace daybook {

/// A record to be sent. Its bytes are copied by send().
struct KafkaRecord {
  std::string_view topic;
  std::int32_t partition = 0;
  std::string_view key;
  std::string_view value;
  const KafkaHeaders* headers = nullptr;  ///< None if null.
};

enum class KafkaOutcome {
  committed,  ///< Everything sent is visible.
  aborted,    ///< Nothing is, and the producer is good: send the same again.
  fenced,     ///< Nothing is: another producer took the transactional id, or the broker's time-out did.
  unknown     ///< Throw this producer away, make a new one, read the tails.
};

class KafkaProducer {
 public:
  struct Options {
    KafkaSettings settings;
    std::string transactional_id;
  };
  /// Throws KafkaFault for settings that librdkafka refuses. Connects in the background.
  static std::unique_ptr<KafkaProducer> open(const Options& options);
  virtual ~KafkaProducer() = default;

  /// Fences every older producer with this id and ends its open transaction; returns once readers see the outcome.
  /// Throws KafkaFault if that is not done within `timeout` or `stop` is requested.
  virtual void init_transactions(std::chrono::milliseconds timeout, const std::stop_token& stop) = 0;
  /// Throws KafkaFault if the producer is no longer usable: it is to be thrown away then, as after any throw here.
  virtual void begin() = 0;
  /// Queues a record; waits while the queue is full. Throws KafkaFault.
  virtual void send(const KafkaRecord& record) = 0;
  /// Delivers what was sent and ends the transaction. Answers within kafka_transaction_timeout and a little; when
  /// `stop` is requested, soon, with `unknown` if it was not done. Never throws.
  virtual KafkaOutcome commit(const std::stop_token& stop) = 0;
  /// Why the last commit() did not answer `committed`.
  virtual const std::string& reason() const = 0;
};

}  // namespace daybook
