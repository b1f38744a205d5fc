#include "connectors/payment_collector.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "connectors/open_payments.h"
#include "engine/keyring.h"
#include "engine/stream_cache.h"
#include "eventstore/durable_file.h"
#include "eventstore/fault.h"

namespace daybook {
namespace {

constexpr std::string_view cursor_head = "daybook collector 1\nlog_id ";
constexpr std::size_t cursor_bytes_max = 256;
constexpr auto read_pause = std::chrono::milliseconds(500);  ///< After a failed read of the log.

std::string cursor_text(const std::string& log_id, ShardNumber shard, Position position) {
  return fmt::format("{}{}\nat {}\n", cursor_head, log_id, to_string(LogPosition{shard, position}));
}

/// 0 if there is none, or it is of another log or another format: all of the log is read then.
Position read_cursor(const std::filesystem::path& file, const std::string& log_id, ShardNumber shard, Position head) {
  std::optional<std::string> found;
  try {
    found = read_small_file(file, cursor_bytes_max);
  } catch (const StorageFault& fault) {
    spdlog::warn("the cursor of shard {}'s payments is not used: {}", shard, fault.what());
  }
  if (!found) return 0;
  const std::size_t at = found->rfind(' ');
  const std::size_t end = found->rfind('\n');
  if (at == std::string::npos || end == std::string::npos || end < at) return 0;
  const auto position = parse_log_position(std::string_view(*found).substr(at + 1, end - at - 1));
  if (!position || position->shard != shard || position->position > head) return 0;
  return *found == cursor_text(log_id, shard, position->position) ? position->position : 0;
}

RecordPaymentResult command_of(EntityRef payment, ChargeResult result) {
  RecordPaymentResult command;
  command.payment = payment;
  command.outcome = result.status == ChargeStatus::succeeded ? PaymentOutcome::succeeded
                    : result.status == ChargeStatus::failed  ? PaymentOutcome::failed
                                                             : PaymentOutcome::action_required;
  command.transaction_id = std::move(result.transaction_id);
  command.code = std::move(result.code);
  command.message = std::move(result.message);
  command.action_url = std::move(result.action_url);
  return command;
}

/// What the engine's commits wake; they may outlive the collector.
struct Wake {
  std::mutex mutex;
  std::condition_variable_any changed;
};

}  // namespace

struct PaymentCollector::Parts {
  explicit Parts(Options the_options)
      : options(std::move(the_options)),
        engine(*options.engine),
        shards(engine.log().shards()),
        open(std::make_shared<OpenPayments>(shards, options.clock != nullptr ? *options.clock : wall_clock())),
        stored(shards, 0) {
    engine.add_commit_listener([wake = wake](ShardNumber, Position) {
      const std::lock_guard lock(wake->mutex);
      wake->changed.notify_all();
    });
  }

  std::filesystem::path cursor_file(ShardNumber shard) const {
    return engine.directory().views_path() / fmt::format("collector-{}", shard);
  }

  void read_cursors() {
    for (ShardNumber shard = 0; shard < shards; ++shard) {
      const Position head = engine.log().head(shard);
      stored[shard] = read_cursor(cursor_file(shard), engine.directory().format().log_id, shard, head);
      open->note_read({shard, stored[shard]});
    }
  }

  void follow(const std::stop_token& stop) {
    read_cursors();
    if (!read_old(stop)) return;
    open->begin();
    while (wait_for_events(stop)) {
      for (ShardNumber shard = 0; shard < shards && !stop.stop_requested(); ++shard) {
        if (!try_read(shard, false, stop)) pause(stop);
        if (open->cursor(shard) >= stored[shard] + collector_cursor_events) store_cursor(shard);
      }
    }
  }

  /// What is in the log already, of every shard; false when stop is requested.
  bool read_old(const std::stop_token& stop) {
    for (ShardNumber shard = 0; shard < shards; ++shard) {
      while (!try_read(shard, true, stop)) pause(stop);
      if (stop.stop_requested()) return false;
    }
    return true;
  }

  /// False if the log could not be read: its shard is being opened again, or it is damaged.
  bool try_read(ShardNumber shard, bool is_old, const std::stop_token& stop) {
    try {
      read_shard(shard, is_old, stop);
      return true;
    } catch (const StorageFault& fault) {
      spdlog::error("payments of shard {} are not collected: {}", shard, fault.what());
      return stop.stop_requested();
    }
  }

  void read_shard(ShardNumber shard, bool is_old, const std::stop_token& stop) {
    Position read = open->read(shard);
    try {
      const auto reader = engine.log().read_forward(shard, read + 1);
      StoredEvent event;
      while (reader->next(event)) {
        open->fold(event, is_old);
        read = event.position;
        if (is_old || open->size() < open_payments_max) continue;
        open->note_read({shard, read});
        if (!open->wait_for_room(stop)) return;
      }
    } catch (const StorageFault&) {
      open->note_read({shard, read});  // folded once: an attempt may be in hand already
      throw;
    }
    open->note_read({shard, read});
  }

  bool wait_for_events(const std::stop_token& stop) {
    std::unique_lock lock(wake->mutex);
    return wake->changed.wait(lock, stop, [this] { return is_behind(); }) && !stop.stop_requested();
  }

  bool is_behind() const {
    for (ShardNumber shard = 0; shard < shards; ++shard) {
      if (open->read(shard) < engine.log().head(shard)) return true;
    }
    return false;
  }

  void step() {
    std::stop_source waits_for_nothing;
    waits_for_nothing.request_stop();
    if (!std::exchange(is_stepped, true)) read_cursors();
    for (ShardNumber shard = 0; shard < shards; ++shard) try_read(shard, !has_begun, waits_for_nothing.get_token());
    if (!has_begun) {
      if (is_behind()) return;
      open->begin();
      has_begun = true;
    }
    while (const std::optional<OpenPayment> payment = open->take_now()) call(*payment);
  }

  void pause(const std::stop_token& stop) {
    std::unique_lock lock(wake->mutex);
    wake->changed.wait_for(lock, stop, read_pause, [] { return false; });
  }

  void store_cursor(ShardNumber shard) {
    const Position cursor = open->cursor(shard);
    if (cursor == stored[shard]) return;
    try {
      write_file_atomically(cursor_file(shard), cursor_text(engine.directory().format().log_id, shard, cursor));
      stored[shard] = cursor;
    } catch (const StorageFault& fault) {
      spdlog::error("the cursor of shard {}'s payments could not be written: {}", shard, fault.what());
    }
  }

  void call(const OpenPayment& payment) {
    PaymentProvider* provider = options.provider ? options.provider(payment.provider) : nullptr;
    if (provider == nullptr) {
      spdlog::warn("a payment waits for the provider {}, which is not configured", payment.provider);
      return open->put_back(payment.payment);
    }
    calls.fetch_add(1, std::memory_order_relaxed);
    ChargeResult result = ask_or_charge(*provider, payment);
    if (result.status == ChargeStatus::unknown || result.status == ChargeStatus::not_found) {
      unknown.fetch_add(1, std::memory_order_relaxed);
      return open->put_back(payment.payment);
    }
    record(payment, std::move(result));
  }

  ChargeResult ask_or_charge(PaymentProvider& provider, const OpenPayment& payment) const {
    if (payment.may_be_called) {
      ChargeResult known = provider.find(payment.key);
      if (known.status != ChargeStatus::not_found) return known;
    }
    const auto token = engine.keyring().unseal(payment.token, payment.stream, "token");
    if (token) return provider.charge({payment.key, *token, payment.amount, payment.attempt});
    ChargeResult gone;  // the account was purged meanwhile, and nothing was charged before
    gone.status = ChargeStatus::failed;
    gone.code = "payment_method_unavailable";
    return gone;
  }

  void record(const OpenPayment& payment, ChargeResult result) {
    Work work;
    work.context.principal.book = book_of_stream(payment.stream);
    work.context.principal.name = "system:collector";
    work.context.principal.role = Role::system;
    work.command = command_of(payment.payment, std::move(result));
    work.done = [open = open, id = payment.payment](const Answer& answer) {
      if (answer.accepted()) return open->settle(id);
      open->put_back(id);
    };
    if (!engine.submit(std::move(work))) open->put_back(payment.payment);
  }

  Options options;
  Engine& engine;
  const ShardNumber shards;
  std::shared_ptr<OpenPayments> open;  ///< Answers of the engine hold it too.
  std::vector<Position> stored;        ///< The cursors, as their files have them; of the thread that follows.
  std::atomic<std::uint64_t> calls{0}, unknown{0};
  std::shared_ptr<Wake> wake = std::make_shared<Wake>();
  std::vector<std::jthread> callers;
  std::jthread follower;
  bool is_stepped = false, has_begun = false;  ///< Without threads.
};

PaymentCollector::PaymentCollector(Options options) : parts_(std::make_unique<Parts>(std::move(options))) {}

PaymentCollector::~PaymentCollector() {
  stop();
}

void PaymentCollector::start() {
  Parts& parts = *parts_;
  parts.follower = std::jthread([&parts](const std::stop_token& stop) { parts.follow(stop); });
  for (std::size_t i = 0; i < payment_calls_max; ++i) {
    parts.callers.emplace_back([&parts](const std::stop_token& stop) {
      while (const std::optional<OpenPayment> payment = parts.open->take(stop)) parts.call(*payment);
    });
  }
}

void PaymentCollector::step() {
  parts_->step();
}

PaymentCollector::Status PaymentCollector::status() const {
  return {parts_->open->size(), parts_->calls, parts_->unknown};
}

bool PaymentCollector::wait_answered(std::chrono::milliseconds timeout) const {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (ShardNumber shard = 0; shard < parts_->shards; ++shard) {
    const LogPosition head{shard, parts_->engine.log().head(shard)};
    if (!parts_->open->wait_settled(head, deadline)) return false;
  }
  return true;
}

void PaymentCollector::stop() {
  Parts& parts = *parts_;
  const bool has_threads = parts.follower.joinable();
  if (!has_threads && !parts.is_stepped) return;
  if (has_threads) {
    parts.follower.request_stop();
    for (std::jthread& caller : parts.callers) caller.request_stop();
    parts.follower.join();
    for (std::jthread& caller : parts.callers) caller.join();
    parts.callers.clear();
  }
  parts.is_stepped = false;
  for (ShardNumber shard = 0; shard < parts.shards; ++shard) parts.store_cursor(shard);
}

}  // namespace daybook
