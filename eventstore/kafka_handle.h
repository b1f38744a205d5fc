// One librdkafka client with its configuration, owned. Shared by the producer, the consumer and the admin calls; of no
// use outside this folder.
//
// Threads: librdkafka has threads of its own; its error callback runs in whatever thread polls the client.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "eventstore/kafka_settings.h"

struct rd_kafka_s;
struct rd_kafka_conf_s;

namespace daybook {

/// The properties of a client to be: brokers and extra first, then what the caller sets.
class KafkaConf {
 public:
  /// Throws KafkaFault for a property that librdkafka does not know or a value that it refuses, as set() does.
  explicit KafkaConf(const KafkaSettings& settings);
  void set(const std::string& name, const std::string& value);
  /// False if this build of librdkafka cannot do it (a codec that was not built in).
  bool try_set(const std::string& name, const std::string& value);
  rd_kafka_conf_s* get() const { return conf_.get(); }
  /// Gives the configuration away, to rd_kafka_new.
  rd_kafka_conf_s* release() { return conf_.release(); }

 private:
  struct Destroy {
    void operator()(rd_kafka_conf_s* conf) const;
  };
  std::unique_ptr<rd_kafka_conf_s, Destroy> conf_;
};

class KafkaHandle {
 public:
  enum class Kind { producer, consumer };
  /// Creates the client and its threads; connects in the background. Throws KafkaFault for a bad combination.
  KafkaHandle(Kind kind, KafkaConf conf);
  ~KafkaHandle();
  KafkaHandle(const KafkaHandle&) = delete;
  KafkaHandle& operator=(const KafkaHandle&) = delete;

  rd_kafka_s* get() const { return client_; }
  /// What librdkafka complained of last ("Connect to 127.0.0.1:9092 failed: Connection refused"); empty if of nothing.
  std::string last_error() const;
  /// `what`, with the last error appended: "list offsets: Local: Timed out (Connect to ... refused)".
  KafkaFault fault(const std::string& what) const;

 private:
  static void on_error(rd_kafka_s* client, int code, const char* reason, void* self);

  mutable std::mutex mutex_;
  std::string last_error_;
  rd_kafka_s* client_ = nullptr;
};

}  // namespace daybook
