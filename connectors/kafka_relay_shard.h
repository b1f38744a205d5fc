// One shard of the relay: its thread and its loop (kafka_relay.h says what it promises).
//
// Threads: start, request_stop, join from the relay's owner; committed, status, wait_published from any.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "connectors/kafka_relay.h"
#include "connectors/kafka_tails.h"
#include "eventstore/kafka_client.h"

namespace daybook {

class KafkaRelayShard {
 public:
  KafkaRelayShard(const KafkaRelay::Options& options, const EventLog& log, const EventFormat& format,
                  ShardNumber shard);

  void start();
  enum class Round : std::uint8_t { progressed, idle, failed, halted };
  /// See KafkaRelay::step.
  Round step(const std::stop_token& stop);
  void committed(Position position);
  KafkaRelay::Status status() const;
  bool wait_published(Position position, std::chrono::steady_clock::time_point deadline) const;
  void request_stop() { thread_.request_stop(); }
  void join();

 private:
  void run(const std::stop_token& stop);
  /// Throws what read_tails() and KafkaProducer throw.
  void connect(const std::stop_token& stop);
  /// One transaction. Throws likewise, also if the producer is no longer to be trusted.
  void publish(const std::stop_token& stop);
  Round end_session(Round round, const std::string& state, const std::string& why);
  Position waiting() const { return log_.head(shard_) - tails_.events; }
  void refuse_rival(Position published);
  /// Waits until there is something to publish; false when stop is requested.
  bool wait_for_events(const std::stop_token& stop);
  /// Sends events after `tails` up to a limit, whole commands only, and moves `tails` past them.
  void send_commands(PublishedTails& tails) const;
  void send_checkpoint(Position size) const;
  void send_event(PublishedTails& tails, const StoredEvent& event) const;
  void back_off(const std::stop_token& stop);

  void set_state(const std::string& state, const std::string& message);
  void set_published(Position published);

  const KafkaRelay::Options& options_;
  const EventLog& log_;
  const EventFormat& format_;
  const ShardNumber shard_;
  const KafkaTopics topics_;

  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;  ///< Of anything below.
  KafkaRelay::Status status_;

  // Of the thread alone:
  std::unique_ptr<KafkaProducer> producer_;  ///< Null while not connected.
  PublishedTails tails_;
  Position attempted_ = 0;  ///< The last position that this relay may have published, known or not.
  bool connected_before_ = false;
  std::chrono::milliseconds backoff_ = relay_backoff_min;
  std::chrono::steady_clock::time_point last_commit_;

  std::jthread thread_;  ///< Last: it stops before the rest goes.
};

}  // namespace daybook
