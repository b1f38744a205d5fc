#include "eventstore/kafka_producer.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <atomic>
#include <optional>
#include <vector>

#include "eventstore/kafka_handle.h"

namespace daybook {
namespace {

/// What librdkafka's threads and callbacks tell the producer's thread about the current transaction.
struct Signals {
  std::atomic<int> lost_request{0};   ///< Error of a Produce, AddPartitionsToTxn or EndTxn that got no answer.
  std::atomic<int> lost_record{0};    ///< Error of a record that failed and yet may have been stored.
  std::atomic<bool> end_sent{false};  ///< An EndTxn left this process.

  void reset() {
    lost_request = 0;
    lost_record = 0;
    end_sent = false;
  }
};

using std::chrono::milliseconds;
using ErrorPointer = std::unique_ptr<rd_kafka_error_t, decltype(&rd_kafka_error_destroy)>;

constexpr milliseconds call_slice{200};      // how long a stop may go unnoticed
constexpr milliseconds commit_grace{2'000};  // beyond the transaction's time-out, for the answer to arrive
constexpr milliseconds queue_full_wait{20};
constexpr std::int16_t api_produce = 0;  // Kafka protocol, "Api Keys"
constexpr std::int16_t api_add_partitions = 24;
constexpr std::int16_t api_end_transaction = 26;

int as_int(milliseconds duration) {
  return static_cast<int>(duration.count());
}

ErrorPointer own(rd_kafka_error_t* error) {
  return {error, rd_kafka_error_destroy};
}

bool is_fence(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
         code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
}

/// The error that made the client unusable, if one did. rd_kafka_error_is_fatal alone misses some: a later call may
/// answer with the state that the fatal error left, not with the error.
std::optional<rd_kafka_resp_err_t> fatal_error(rd_kafka_t* client, std::string& text) {
  std::array<char, 512> buffer{};
  const auto code = rd_kafka_fatal_error(client, buffer.data(), buffer.size());
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  text = buffer.data();
  return code;
}

/// The C callbacks; they run in librdkafka's threads (interceptors) or in ours while it polls (deliveries).
struct Hooks {
  static rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t* /*conf*/, void* signals, char* /*text*/,
                                    std::size_t /*size*/) {
    rd_kafka_interceptor_add_on_request_sent(client, "daybook", on_request_sent, signals);
    rd_kafka_interceptor_add_on_response_received(client, "daybook", on_response_received, signals);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }

  static rd_kafka_resp_err_t on_request_sent(rd_kafka_t* /*client*/, int /*socket*/, const char* /*broker*/,
                                             std::int32_t /*broker_id*/, std::int16_t api, std::int16_t /*version*/,
                                             std::int32_t /*correlation*/, std::size_t /*size*/, void* signals) {
    if (api == api_end_transaction) static_cast<Signals*>(signals)->end_sent = true;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }

  static rd_kafka_resp_err_t on_response_received(rd_kafka_t* /*client*/, int /*socket*/, const char* /*broker*/,
                                                  std::int32_t /*broker_id*/, std::int16_t api,
                                                  std::int16_t /*version*/, std::int32_t /*correlation*/,
                                                  std::size_t /*size*/, std::int64_t /*round_trip*/,
                                                  rd_kafka_resp_err_t error, void* signals) {
    const bool matters = api == api_produce || api == api_add_partitions || api == api_end_transaction;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && matters) static_cast<Signals*>(signals)->lost_request = error;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }

  static void on_delivery(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* /*handle*/) {
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || is_fence(message->err)) return;
    if (rd_kafka_message_status(message) != RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED) return;
    static_cast<Signals*>(message->_private)->lost_record = message->err;
  }
};

class RdKafkaProducer final : public KafkaProducer {
 public:
  explicit RdKafkaProducer(const Options& options);
  void init_transactions(milliseconds timeout, const std::stop_token& stop) override;
  void begin() override;
  void send(const KafkaRecord& record) override;
  KafkaOutcome commit(const std::stop_token& stop) override;
  const std::string& reason() const override { return reason_; }

 private:
  KafkaOutcome after_failed_commit(rd_kafka_error_t* error);
  KafkaOutcome abort();
  KafkaOutcome give_up(KafkaOutcome outcome, const std::string& what);
  KafkaOutcome unless_suspicious(KafkaOutcome outcome);

  std::unique_ptr<Signals> signals_;  ///< Written by librdkafka's threads, so it outlives handle_.
  std::unique_ptr<KafkaHandle> handle_;
  std::string reason_;
};

RdKafkaProducer::RdKafkaProducer(const Options& options) : signals_(std::make_unique<Signals>()) {
  KafkaConf conf(options.settings);
  conf.set("transactional.id", options.transactional_id);
  conf.set("enable.idempotence", "true");
  conf.set("acks", "all");
  conf.set("transaction.timeout.ms", std::to_string(kafka_transaction_timeout.count()));
  conf.set("message.timeout.ms", std::to_string(kafka_message_timeout.count()));
  conf.set("socket.timeout.ms", std::to_string(kafka_request_timeout.count()));
  conf.set("message.max.bytes", std::to_string(kafka_record_bytes_max));
  conf.set("linger.ms", "5");
  conf.set("delivery.report.only.error", "true");
  conf.try_set("compression.type", "lz4");
  rd_kafka_conf_set_dr_msg_cb(conf.get(), Hooks::on_delivery);
  rd_kafka_conf_interceptor_add_on_new(conf.get(), "daybook", Hooks::on_new, signals_.get());
  handle_ = std::make_unique<KafkaHandle>(KafkaHandle::Kind::producer, std::move(conf));
}

void RdKafkaProducer::init_transactions(milliseconds timeout, const std::stop_token& stop) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    const auto error = own(rd_kafka_init_transactions(handle_->get(), as_int(call_slice)));
    if (error == nullptr) return;
    rd_kafka_poll(handle_->get(), 0);
    const std::string text = rd_kafka_error_string(error.get());
    if (rd_kafka_error_is_retriable(error.get()) == 0) throw handle_->fault("init transactions: " + text);
    if (stop.stop_requested()) throw handle_->fault("init transactions: stopped");
    if (std::chrono::steady_clock::now() > deadline) throw handle_->fault("init transactions: " + text);
  }
}

void RdKafkaProducer::begin() {
  signals_->reset();
  reason_.clear();
  const auto error = own(rd_kafka_begin_transaction(handle_->get()));
  if (error != nullptr) {
    throw handle_->fault(std::string("begin transaction: ") + rd_kafka_error_string(error.get()));
  }
}

void RdKafkaProducer::send(const KafkaRecord& record) {
  const std::string topic(record.topic);
  std::vector<rd_kafka_vu_t> fields;
  const auto add = [&fields](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
    fields.push_back({});
    fields.back().vtype = type;
    return fields.back();
  };
  const auto add_bytes = [&add](rd_kafka_vtype_t type, std::string_view bytes) {
    // librdkafka copies (RD_KAFKA_MSG_F_COPY) and does not write: its C signature only lacks the const.
    add(type).u.mem = {const_cast<char*>(bytes.data()), bytes.size()};
  };
  add(RD_KAFKA_VTYPE_TOPIC).u.cstr = topic.c_str();
  add(RD_KAFKA_VTYPE_PARTITION).u.i32 = record.partition;
  add(RD_KAFKA_VTYPE_MSGFLAGS).u.i = RD_KAFKA_MSG_F_COPY;
  add(RD_KAFKA_VTYPE_OPAQUE).u.ptr = signals_.get();
  add_bytes(RD_KAFKA_VTYPE_KEY, record.key);
  add_bytes(RD_KAFKA_VTYPE_VALUE, record.value);
  if (record.headers != nullptr) {
    for (const auto& [name, value] : *record.headers) {
      add(RD_KAFKA_VTYPE_HEADER).u.header = {name.c_str(), value.data(), static_cast<ssize_t>(value.size())};
    }
  }
  while (true) {
    const auto error = own(rd_kafka_produceva(handle_->get(), fields.data(), fields.size()));
    if (error == nullptr) break;
    if (rd_kafka_error_code(error.get()) != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      throw handle_->fault("send to " + topic + ": " + rd_kafka_error_string(error.get()));
    }
    rd_kafka_poll(handle_->get(), as_int(queue_full_wait));
  }
  rd_kafka_poll(handle_->get(), 0);
}

KafkaOutcome RdKafkaProducer::commit(const std::stop_token& stop) {
  const auto deadline = std::chrono::steady_clock::now() + kafka_transaction_timeout + commit_grace;
  while (true) {
    auto error = own(rd_kafka_commit_transaction(handle_->get(), as_int(call_slice)));
    rd_kafka_poll(handle_->get(), 0);
    if (error == nullptr) return unless_suspicious(KafkaOutcome::committed);
    // A retriable error is mostly our own slice running out; the call goes on where it was.
    if (rd_kafka_error_is_retriable(error.get()) == 0) return after_failed_commit(error.get());
    if (unless_suspicious(KafkaOutcome::committed) != KafkaOutcome::committed) return KafkaOutcome::unknown;
    if (stop.stop_requested()) return give_up(KafkaOutcome::unknown, "stopped during commit");
    if (std::chrono::steady_clock::now() > deadline) return give_up(KafkaOutcome::unknown, "commit took too long");
  }
}

KafkaOutcome RdKafkaProducer::after_failed_commit(rd_kafka_error_t* error) {
  std::string text = rd_kafka_error_string(error);
  const auto fatal = fatal_error(handle_->get(), text);
  if (is_fence(fatal.value_or(rd_kafka_error_code(error)))) {
    return signals_->end_sent ? give_up(KafkaOutcome::unknown, "fenced after the commit was sent: " + text)
                              : give_up(KafkaOutcome::fenced, text);
  }
  if (fatal || rd_kafka_error_txn_requires_abort(error) == 0) return give_up(KafkaOutcome::unknown, text);
  reason_ = text;
  return abort();
}

KafkaOutcome RdKafkaProducer::abort() {
  if (unless_suspicious(KafkaOutcome::aborted) != KafkaOutcome::aborted) return KafkaOutcome::unknown;
  const auto error = own(rd_kafka_abort_transaction(handle_->get(), as_int(kafka_request_timeout)));
  rd_kafka_poll(handle_->get(), 0);
  if (error != nullptr) {
    return give_up(KafkaOutcome::unknown, reason_ + "; abort: " + rd_kafka_error_string(error.get()));
  }
  return unless_suspicious(KafkaOutcome::aborted);
}

KafkaOutcome RdKafkaProducer::give_up(KafkaOutcome outcome, const std::string& what) {
  reason_ = handle_->fault(what).what();
  return outcome;
}

KafkaOutcome RdKafkaProducer::unless_suspicious(KafkaOutcome outcome) {
  const int lost = signals_->lost_request != 0 ? signals_->lost_request : signals_->lost_record;
  if (lost == 0) return outcome;
  const char* name = rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(lost));
  return give_up(KafkaOutcome::unknown, std::string("a request was lost during the transaction: ") + name);
}

}  // namespace

std::unique_ptr<KafkaProducer> KafkaProducer::open(const Options& options) {
  return std::make_unique<RdKafkaProducer>(options);
}

}  // namespace daybook
