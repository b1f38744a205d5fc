// The real broker that the tests run against: the one that DAYBOOK_TEST_KAFKA names (host:port, started with
// tools/kafka by tools/test), else one that is started for this process and wiped at its end.
#pragma once

#include <string>

#include "eventstore/kafka_settings.h"

namespace daybook::test {

class Broker {
 public:
  /// The one broker of this process. If it cannot be had: prints "SKIPPED: no Kafka broker" and exits with 77; with
  /// CI=true it exits with 1.
  static Broker& get();

  const std::string& address() const { return address_; }
  KafkaSettings settings() const { return {address_, {}}; }
  /// kill -9, and a start on the data that it left. Requires a broker that tools/kafka started, with its environment.
  void kill();
  void revive();
  ~Broker();

 private:
  Broker();
  std::string address_;
  bool ours_ = false;
};

/// A prefix for topics that no other test and no other run has used: "t<random>.".
std::string fresh_prefix();

/// How long anything may take on a busy machine before a test gives up.
inline constexpr std::chrono::milliseconds patience{90'000};

}  // namespace daybook::test
