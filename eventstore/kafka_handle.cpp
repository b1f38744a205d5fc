#include "eventstore/kafka_handle.h"

#include <librdkafka/rdkafka.h>

#include <array>

namespace daybook {
namespace {

constexpr std::size_t error_text_bytes = 512;

/// librdkafka's log lines are not ours to print: what matters of them arrives as errors.
void drop_log(const rd_kafka_t* /*client*/, int /*level*/, const char* /*facility*/, const char* /*text*/) {}

}  // namespace

void KafkaConf::Destroy::operator()(rd_kafka_conf_s* conf) const {
  rd_kafka_conf_destroy(conf);
}

KafkaConf::KafkaConf(const KafkaSettings& settings) : conf_(rd_kafka_conf_new()) {
  for (const auto& [name, value] : settings.extra) set(name, value);
  set("bootstrap.servers", settings.brokers);
  set("client.id", "daybook");
  set("reconnect.backoff.ms", "50");
  set("reconnect.backoff.max.ms", "1000");
  set("allow.auto.create.topics", "false");
  rd_kafka_conf_set_log_cb(conf_.get(), drop_log);
}

void KafkaConf::set(const std::string& name, const std::string& value) {
  std::array<char, error_text_bytes> text{};
  if (rd_kafka_conf_set(conf_.get(), name.c_str(), value.c_str(), text.data(), text.size()) != RD_KAFKA_CONF_OK) {
    throw KafkaFault("kafka setting " + name + ": " + text.data());
  }
}

bool KafkaConf::try_set(const std::string& name, const std::string& value) {
  std::array<char, error_text_bytes> text{};
  return rd_kafka_conf_set(conf_.get(), name.c_str(), value.c_str(), text.data(), text.size()) == RD_KAFKA_CONF_OK;
}

KafkaHandle::KafkaHandle(Kind kind, KafkaConf conf) {
  rd_kafka_conf_set_opaque(conf.get(), this);
  rd_kafka_conf_set_error_cb(conf.get(), on_error);
  std::array<char, error_text_bytes> text{};
  const auto type = kind == Kind::producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER;
  client_ = rd_kafka_new(type, conf.get(), text.data(), text.size());
  if (client_ == nullptr) throw KafkaFault(std::string("kafka client: ") + text.data());
  conf.release();
}

KafkaHandle::~KafkaHandle() {
  rd_kafka_destroy(client_);
}

std::string KafkaHandle::last_error() const {
  const std::lock_guard lock(mutex_);
  return last_error_;
}

KafkaFault KafkaHandle::fault(const std::string& what) const {
  const std::string detail = last_error();
  return KafkaFault("kafka: " + what + (detail.empty() ? "" : " (" + detail + ")"));
}

void KafkaHandle::on_error(rd_kafka_s* /*client*/, int /*code*/, const char* reason, void* self) {
  auto* handle = static_cast<KafkaHandle*>(self);
  const std::lock_guard lock(handle->mutex_);
  handle->last_error_ = reason;
}

}  // namespace daybook
