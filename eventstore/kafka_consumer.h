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
#include <utility>

#include "eventstore/kafka_settings.h"

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

  /// Throws KafkaFault for settings that librdkafka refuses. Connects in the background.
  static std::unique_ptr<KafkaConsumer> open(const KafkaSettings& settings, const std::string& topic,
                                             std::int32_t partition);
  virtual ~KafkaConsumer() = default;

  /// Asks the broker. Throws KafkaFault if it does not answer within `timeout`.
  virtual KafkaExtent extent(std::chrono::milliseconds timeout) = 0;
  /// Reads on from `offset`; may be called again at any time. Throws KafkaFault.
  virtual void read_from(std::int64_t offset) = 0;
  /// The next message into `message`; `end` once each time everything up to the end was read; `timeout` if nothing
  /// came. Throws KafkaFault for an offset that Kafka no longer has and for an unknown topic; a broker that is away is
  /// waited for.
  virtual Next next(KafkaMessage& message, std::chrono::milliseconds timeout) = 0;
  /// Until the next read_from().
  virtual void stop() = 0;

  /// Where the last `end` was, and one past what had been written by then. If they differ, a transaction is open in
  /// between, or its marker is still on its way: a commit is answered before readers see it.
  struct End {
    std::int64_t offset = 0;
    std::int64_t written = 0;
  };
  virtual End last_end() const = 0;

  /// The last data record, nothing in an empty partition. Looks back ever further, because control records and aborted
  /// data take offsets too. Throws KafkaFault at the deadline, and while a transaction is open on the partition: what
  /// is behind it cannot be seen, so that nobody can say what the last record is.
  std::optional<KafkaMessage> last(std::chrono::milliseconds timeout);

 protected:
  explicit KafkaConsumer(std::string topic) : topic_name_(std::move(topic)) {}
  const std::string& topic_name() const { return topic_name_; }
  /// `what`, with what the client complained of last.
  virtual KafkaFault fault(const std::string& what) const = 0;

 private:
  std::optional<KafkaMessage> last_since(std::int64_t offset, std::chrono::steady_clock::time_point deadline);

  std::string topic_name_;
};

}  // namespace daybook
