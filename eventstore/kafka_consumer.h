// Reads one partition of a topic: only what committed transactions hold, in order, without a consumer group and without
// a stored offset. "The end" is the last stable offset: records behind it belong to a transaction that is still open.
//
// Threads: one.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "eventstore/kafka_handle.h"
#include "eventstore/kafka_settings.h"

struct rd_kafka_topic_s;
struct rd_kafka_queue_s;

namespace daybook {

struct KafkaMessage {
  std::int64_t offset = 0;
  std::string key;
  std::string value;
  KafkaHeaders headers;

  /// The first header of that name.
  std::optional<std::string_view> header(std::string_view name) const;
};

/// Offsets of a partition. Not a count: control records and aborted records take offsets too.
struct KafkaExtent {
  std::int64_t begin = 0;  ///< The oldest that Kafka still has; 0 if nothing was ever deleted.
  std::int64_t end = 0;    ///< One past the last that a read-committed reader may see.
};

class KafkaConsumer {
 public:
  /// Why next() returned.
  enum class Next { message, end, timeout };

  KafkaConsumer(const KafkaSettings& settings, std::string topic, std::int32_t partition);
  ~KafkaConsumer();
  KafkaConsumer(const KafkaConsumer&) = delete;
  KafkaConsumer& operator=(const KafkaConsumer&) = delete;

  /// Asks the broker. Throws KafkaFault if it does not answer within `timeout`.
  KafkaExtent extent(std::chrono::milliseconds timeout);
  /// Reads on from `offset`; may be called again at any time. Throws KafkaFault.
  void read_from(std::int64_t offset);
  /// The next message into `message`; `end` once each time everything up to the end was read; `timeout` if nothing
  /// came. Throws KafkaFault for an offset that Kafka no longer has and for an unknown topic; a broker that is away is
  /// waited for.
  Next next(KafkaMessage& message, std::chrono::milliseconds timeout);

  /// Where the last `end` was, and one past what had been written by then. If they differ, a transaction is open in
  /// between, or its marker is still on its way: a commit is answered before readers see it.
  struct End {
    std::int64_t offset = 0;
    std::int64_t written = 0;
  };
  const End& last_end() const { return end_; }

  /// The last data record, nothing in an empty partition. Looks back ever further, because control records and aborted
  /// data take offsets too. Throws KafkaFault at the deadline, and while a transaction is open on the partition: what
  /// is behind it cannot be seen, so that nobody can say what the last record is.
  std::optional<KafkaMessage> last(std::chrono::milliseconds timeout);

 private:
  void stop();
  void note_end(std::int64_t offset);
  std::optional<KafkaMessage> last_since(std::int64_t offset, std::chrono::steady_clock::time_point deadline);

  struct DestroyTopic {
    void operator()(rd_kafka_topic_s* topic) const;
  };
  struct DestroyQueue {
    void operator()(rd_kafka_queue_s* queue) const;
  };
  std::string name_;
  std::int32_t partition_;
  KafkaHandle handle_;
  std::unique_ptr<rd_kafka_topic_s, DestroyTopic> topic_;
  std::unique_ptr<rd_kafka_queue_s, DestroyQueue> queue_;
  End end_;
  bool reading_ = false;
};

}  // namespace daybook
