#include "connectors/payment_collector.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "connectors/commit_wake.h"
#include "connectors/log_cursor.h"
#include "connectors/open_intents.h"
#include "connectors/payment_result.h"
#include "engine/keyring.h"
#include "engine/stream_cache.h"
#include "eventstore/fault.h"

namespace daybook {
namespace {

constexpr auto read_pause = std::chrono::milliseconds(500);  ///< After a failed read of the log.

}  // namespace

struct PaymentCollector::Parts {
  explicit Parts(Options the_options)
      : options(std::move(the_options)),
        engine(*options.engine),
        shards(engine.log().shards()),
        open(std::make_shared<OpenIntents>(shards, options.clock != nullptr ? *options.clock : wall_clock())),
        wake(wake_on_commits(engine)) {
    for (ShardNumber shard = 0; shard < shards; ++shard) {
      cursors.emplace_back(engine.directory(), "collector", "payments", shard);
    }
  }

  void read_cursors() {
    for (ShardNumber shard = 0; shard < shards; ++shard) {
      open->note_read({shard, cursors[shard].read(engine.log().head(shard))});
    }
  }

  void follow(const std::stop_token& stop) {
    read_cursors();
    if (!read_old(stop)) return;
    open->begin();
    while (wait_for_events(stop)) {
      for (ShardNumber shard = 0; shard < shards && !stop.stop_requested(); ++shard) {
        if (!try_read(shard, false, stop)) pause(stop);
        const Position cursor = open->cursor(shard);
        if (cursor >= cursors[shard].stored() + collector_cursor_events) cursors[shard].store(cursor);
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
        if (is_old || open->size() < open_intents_max) continue;
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
    while (const std::optional<OpenIntent> intent = open->take_now()) call(*intent);
  }

  void pause(const std::stop_token& stop) {
    std::unique_lock lock(wake->mutex);
    wake->changed.wait_for(lock, stop, read_pause, [] { return false; });
  }

  void call(const OpenIntent& intent) {
    PaymentProvider* provider =
        options.provider ? options.provider(intent.provider, std::string(book_of_stream(intent.stream))) : nullptr;
    if (provider == nullptr) {
      spdlog::warn("{} waits for the provider {}, which is not configured", intent.is_refund ? "a refund" : "a payment",
                   intent.provider);
      return open->put_back(intent.id, payment_pause_max);
    }
    calls.fetch_add(1, std::memory_order_relaxed);
    intent.is_refund ? give_back(*provider, intent) : collect(*provider, intent);
  }

  void collect(PaymentProvider& provider, const OpenIntent& payment) {
    ChargeResult result = ask_or_charge(provider, payment);
    if (result.status == ChargeStatus::unknown || result.status == ChargeStatus::not_found) {
      unknown.fetch_add(1, std::memory_order_relaxed);
      return open->put_back(payment.id, payment_pause_max);
    }
    record(payment, payment_result(payment.id, std::move(result)));
  }

  ChargeResult ask_or_charge(PaymentProvider& provider, const OpenIntent& payment) const {
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

  void give_back(PaymentProvider& provider, const OpenIntent& refund) {
    const RefundCall call{refund.key, format_id("re", refund.id), refund.charge, refund.amount};
    RefundCallResult result;
    result.status = RefundCallStatus::not_found;
    if (refund.may_be_called) result = provider.find_refund(call);
    if (result.status == RefundCallStatus::not_found) result = provider.refund(call);
    if (is_final(result.status)) return record(refund, refund_result(refund.id, std::move(result)));
    const bool is_pending = result.status == RefundCallStatus::pending;
    if (!is_pending) unknown.fetch_add(1, std::memory_order_relaxed);
    open->put_back(refund.id, is_pending ? refund_pause_max : payment_pause_max);
  }

  void record(const OpenIntent& intent, Command result) {
    Work work;
    work.context.principal.book = book_of_stream(intent.stream);
    work.context.principal.name = "system:collector";
    work.context.principal.role = Role::system;
    work.command = std::move(result);
    work.done = [open = open, id = intent.id](const Answer& answer) {
      if (answer.accepted()) return open->settle(id);
      open->put_back(id, payment_pause_max);
    };
    if (!engine.submit(std::move(work))) open->put_back(intent.id, payment_pause_max);
  }

  Options options;
  Engine& engine;
  const ShardNumber shards;
  std::shared_ptr<OpenIntents> open;  ///< Answers of the engine hold it too.
  const std::shared_ptr<CommitWake> wake;
  std::vector<LogCursor> cursors;  ///< By shard; of the thread that follows.
  std::atomic<std::uint64_t> calls{0}, unknown{0};
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
      while (const std::optional<OpenIntent> intent = parts.open->take(stop)) parts.call(*intent);
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
  for (ShardNumber shard = 0; shard < parts.shards; ++shard) parts.cursors[shard].store(parts.open->cursor(shard));
}

}  // namespace daybook
