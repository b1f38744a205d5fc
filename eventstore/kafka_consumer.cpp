#include "eventstore/kafka_consumer.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <thread>

#include "eventstore/kafka_handle.h"

namespace daybook {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t look_back_first = 32;  // offsets; the tail of a transaction and its marker are in there
constexpr std::int64_t look_back_factor = 8;
constexpr milliseconds leader_retry_after(100);

KafkaConf consumer_conf(const KafkaSettings& settings) {
  KafkaConf conf(settings);
  conf.set("isolation.level", "read_committed");
  conf.set("enable.partition.eof", "true");
  conf.set("auto.offset.reset", "error");
  conf.set("check.crcs", "true");
  conf.set("fetch.message.max.bytes", std::to_string(kafka_record_bytes_max));
  conf.set("fetch.wait.max.ms", "20");  // the end is only reported after a fetch that waited in vain
  conf.set("fetch.error.backoff.ms", "50");
  conf.set("queued.max.messages.kbytes", "16384");
  return conf;
}

std::string_view bytes_of(const void* data, std::size_t size) {
  return {static_cast<const char*>(data), size};
}

KafkaHeaders headers_of(const rd_kafka_message_t* message) {
  KafkaHeaders headers;
  rd_kafka_headers_t* raw = nullptr;
  if (rd_kafka_message_headers(message, &raw) != RD_KAFKA_RESP_ERR_NO_ERROR) return headers;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(raw, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    headers.emplace_back(name, bytes_of(value, size));
  }
  return headers;
}

milliseconds left_until(Clock::time_point deadline) {
  return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(deadline - Clock::now()));
}

// A partition that was just made, or whose broker was just restarted: passes within moments, by itself.
bool is_changing_leader(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION || error == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
         error == RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH || error == RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH;
}

class RdKafkaConsumer final : public KafkaConsumer {
 public:
  RdKafkaConsumer(const KafkaSettings& settings, std::string topic, std::int32_t partition);
  ~RdKafkaConsumer() override { RdKafkaConsumer::stop(); }
  KafkaExtent extent(milliseconds timeout) override;
  void read_from(std::int64_t offset) override;
  Next next(KafkaMessage& message, milliseconds timeout) override;
  void stop() override;
  End last_end() const override { return end_; }

 protected:
  KafkaFault fault(const std::string& what) const override { return handle_.fault(what); }

 private:
  void note_end(std::int64_t offset);

  struct DestroyTopic {
    void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  };
  struct DestroyQueue {
    void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  };
  std::int32_t partition_;
  KafkaHandle handle_;
  std::unique_ptr<rd_kafka_topic_t, DestroyTopic> topic_;
  std::unique_ptr<rd_kafka_queue_t, DestroyQueue> queue_;
  End end_;
  bool reading_ = false;
};

RdKafkaConsumer::RdKafkaConsumer(const KafkaSettings& settings, std::string topic, std::int32_t partition)
    : KafkaConsumer(std::move(topic)),
      partition_(partition),
      handle_(KafkaHandle::Kind::consumer, consumer_conf(settings)),
      topic_(rd_kafka_topic_new(handle_.get(), topic_name().c_str(), nullptr)),
      queue_(rd_kafka_queue_new(handle_.get())) {
  if (topic_ == nullptr) throw handle_.fault("open topic " + topic_name());
}

void RdKafkaConsumer::stop() {
  if (reading_) rd_kafka_consume_stop(topic_.get(), partition_);
  reading_ = false;
}

KafkaExtent RdKafkaConsumer::extent(milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  while (true) {
    KafkaExtent extent;
    // Under isolation.level read_committed Kafka answers with the last stable offset as the high one.
    const auto error = rd_kafka_query_watermark_offsets(handle_.get(), topic_name().c_str(), partition_, &extent.begin,
                                                        &extent.end, static_cast<int>(left_until(deadline).count()));
    rd_kafka_poll(handle_.get(), 0);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return extent;
    if (!is_changing_leader(error) || left_until(deadline) <= leader_retry_after) {
      throw handle_.fault("list offsets of " + topic_name() + ": " + rd_kafka_err2str(error));
    }
    std::this_thread::sleep_for(leader_retry_after);
  }
}

void RdKafkaConsumer::read_from(std::int64_t offset) {
  stop();
  // A queue of its own for each start: nothing fetched for the old offset can come out of it.
  queue_.reset(rd_kafka_queue_new(handle_.get()));
  if (rd_kafka_consume_start_queue(topic_.get(), partition_, offset, queue_.get()) != 0) {
    throw handle_.fault("read " + topic_name() + ": " + rd_kafka_err2str(rd_kafka_last_error()));
  }
  reading_ = true;
}

KafkaConsumer::Next RdKafkaConsumer::next(KafkaMessage& message, milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  do {
    const std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)> got(
        rd_kafka_consume_queue(queue_.get(), static_cast<int>(left_until(deadline).count())), rd_kafka_message_destroy);
    rd_kafka_poll(handle_.get(), 0);
    if (got == nullptr) return Next::timeout;
    switch (got->err) {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
        message.offset = got->offset;
        message.key = bytes_of(got->key, got->key_len);
        message.value = bytes_of(got->payload, got->len);
        message.headers = headers_of(got.get());
        return Next::message;
      case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        note_end(got->offset);
        return Next::end;
      case RD_KAFKA_RESP_ERR__TRANSPORT:
      case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      case RD_KAFKA_RESP_ERR__RESOLVE:
      case RD_KAFKA_RESP_ERR__TIMED_OUT:
        break;  // librdkafka reconnects by itself
      default:
        throw handle_.fault("read " + topic_name() + ": " + rd_kafka_message_errstr(got.get()));
    }
  } while (Clock::now() < deadline);
  return Next::timeout;
}

void RdKafkaConsumer::note_end(std::int64_t offset) {
  std::int64_t begin = 0;
  std::int64_t written = offset;
  // What the last fetch told: the high watermark, which counts open transactions too.
  rd_kafka_get_watermark_offsets(handle_.get(), topic_name().c_str(), partition_, &begin, &written);
  end_ = {offset, std::max(offset, written)};
}

}  // namespace

std::optional<std::string_view> KafkaMessage::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& one) { return one.first == name; });
  if (found == headers.end()) return std::nullopt;
  return found->second;
}

std::optional<KafkaMessage> KafkaConsumer::last(milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  const KafkaExtent has = extent(timeout);
  for (std::int64_t back = look_back_first;; back *= look_back_factor) {
    const std::int64_t from = std::max(has.begin, has.end - back);
    auto found = last_since(from, deadline);
    if (found || from == has.begin) return found;
  }
}

std::optional<KafkaMessage> KafkaConsumer::last_since(std::int64_t offset, Clock::time_point deadline) {
  read_from(offset);
  std::optional<KafkaMessage> last;
  KafkaMessage message;
  while (true) {
    switch (next(message, left_until(deadline))) {
      case Next::message:
        last = std::move(message);
        break;
      case Next::timeout:
        throw fault("read the tail of " + topic_name_ + ": no answer in time");
      case Next::end: {
        stop();
        if (last_end().written > last_end().offset) {
          throw fault("read the tail of " + topic_name_ + ": a transaction is open on it; waiting for its end");
        }
        return last;
      }
    }
  }
}

std::unique_ptr<KafkaConsumer> KafkaConsumer::open(const KafkaSettings& settings, const std::string& topic,
                                                   std::int32_t partition) {
  return std::make_unique<RdKafkaConsumer>(settings, topic, partition);
}

}  // namespace daybook
