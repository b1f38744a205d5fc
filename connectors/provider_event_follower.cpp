#include "connectors/provider_event_follower.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "connectors/commit_wake.h"
#include "connectors/log_cursor.h"
#include "connectors/payment_result.h"
#include "domain/tables.h"
#include "engine/keyring.h"
#include "engine/stream_cache.h"
#include "eventstore/fault.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr auto retry_pause = std::chrono::milliseconds(500);  ///< After the engine or the log could not be used.
constexpr std::string_view follower_name = "system:webhooks";

/// As its event tells it.
struct ReceivedEvent {
  EntityRef id;
  std::string book, provider, type, account_id;
  EntityRef payment, checkout, subscription, refund;
  Sealed body;
};

ReceivedEvent received(const schema::Envelope& envelope) {
  const auto& event = *envelope.event_as_ProviderEventReceived();
  ReceivedEvent one;
  one.id = entity(event.provider_event());
  one.book = book_of_stream(text(envelope.stream()));
  one.provider = text(event.provider());
  one.type = text(event.type());
  one.account_id = text(event.account_id());
  one.payment = entity(event.payment());
  one.checkout = entity(event.checkout_session());
  one.subscription = entity(event.subscription());
  one.refund = entity(event.refund());
  one.body = from_table(event.body());
  return one;
}

ProcessProviderEvent processed(bool changed) {
  ProcessProviderEvent verdict;
  verdict.changed = changed;
  return verdict;
}

ProcessProviderEvent unusable(ProviderEventOutcome outcome, std::string_view reason) {
  ProcessProviderEvent verdict;
  verdict.outcome = outcome;
  verdict.reason = reason;
  return verdict;
}

ProcessProviderEvent ignored(std::string_view reason) {
  return unusable(ProviderEventOutcome::ignored, reason);
}

ProcessProviderEvent failed_with(std::string_view reason) {
  return unusable(ProviderEventOutcome::failed, reason);
}

bool is_for_later(RejectionCode code) {
  return code == RejectionCode::not_ready || code == RejectionCode::storage_full;
}

/// The engine's answer, also when nobody waits for it any more.
struct Reply {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::optional<Answer> answer;
  std::optional<Payment> payment;  ///< What was read, as the next.
  std::optional<Refund> refund;
};

}  // namespace

struct ProviderEventFollower::Parts {
  explicit Parts(Options the_options)
      : options(std::move(the_options)), engine(*options.engine), wake(wake_on_commits(engine)) {
    for (ShardNumber shard = 0; shard < engine.log().shards(); ++shard) {
      shards.emplace_back(LogCursor(engine.directory(), "webhooks", "webhooks", shard));
    }
  }

  struct OneShard {
    explicit OneShard(LogCursor the_cursor) : cursor(std::move(the_cursor)) {}
    LogCursor cursor;
    Position read = 0;  ///< Guarded by progress_mutex, as the next.
    Position done = 0;  ///< Up to here everything is processed.
    std::map<EntityRef, ReceivedEvent> open;
  };

  void follow(const std::stop_token& stop) {
    for (ShardNumber shard = 0; shard < shards.size(); ++shard) {
      const Position from = shards[shard].cursor.read(engine.log().head(shard));
      note_progress(shards[shard], from, from);
    }
    while (!stop.stop_requested()) {
      bool is_behind = false;
      for (ShardNumber shard = 0; shard < shards.size(); ++shard) is_behind |= !work_off(shard, stop);
      if (is_behind) {
        pause(stop);
      } else {
        wait_for_events(stop);
      }
    }
    for (OneShard& one : shards) one.cursor.store(one.done);
  }

  /// Up to the log's end; false if something stays that must be tried again.
  bool work_off(ShardNumber shard, const std::stop_token& stop) {
    OneShard& one = shards[shard];
    do {
      if (!try_read(shard)) return false;
      for (auto next = one.open.begin(); next != one.open.end();) {
        if (!process(next->second, stop)) return false;
        next = one.open.erase(next);
        open_count = one.open.size();
      }
      note_progress(one, one.read, one.read);
      if (one.done >= one.cursor.stored() + provider_cursor_events) one.cursor.store(one.done);
    } while (one.read < engine.log().head(shard) && !stop.stop_requested());
    return true;
  }

  /// False if the log could not be read: its shard is being opened again, or it is damaged.
  bool try_read(ShardNumber shard) {
    OneShard& one = shards[shard];
    try {
      const auto reader = engine.log().read_forward(shard, one.read + 1);
      StoredEvent event;
      while (one.open.size() < open_provider_events_max && reader->next(event)) {
        fold(one, *schema::GetEnvelope(event.envelope.data()));
        note_progress(one, event.position, one.done);
      }
      open_count = one.open.size();
      return true;
    } catch (const StorageFault& fault) {
      spdlog::error("webhooks of shard {} are not processed: {}", shard, fault.what());
      return false;
    }
  }

  static void fold(OneShard& one, const schema::Envelope& envelope) {
    const auto settled = [&one](const auto* event) { one.open.erase(entity(event->provider_event())); };
    switch (envelope.event_type()) {
      case schema::Event::ProviderEventReceived: {
        ReceivedEvent event = received(envelope);
        one.open.emplace(event.id, std::move(event));
        return;
      }
      case schema::Event::ProviderEventProcessed:
        return settled(envelope.event_as_ProviderEventProcessed());
      case schema::Event::ProviderEventIgnored:
        return settled(envelope.event_as_ProviderEventIgnored());
      case schema::Event::ProviderEventFailed:
        return settled(envelope.event_as_ProviderEventFailed());
      default:
        return;
    }
  }

  /// Whether the log says what became of it.
  bool process(const ReceivedEvent& event, const std::stop_token& stop) {
    std::optional<ProcessProviderEvent> verdict = judge(event, stop);
    if (!verdict) return false;
    verdict->provider_event = event.id;
    Work work = work_for(event);
    work.context.idempotency_key = format_id("whe", event.id);
    work.context.keeps_key = true;
    work.context.fingerprint = engine.keyring().hmac("fingerprint", work.context.idempotency_key);
    work.command = std::move(*verdict);
    const std::shared_ptr<Reply> reply = run(std::move(work), stop);
    if (!reply->answer || is_for_later(reply->answer->rejection.code)) return false;
    if (!reply->answer->accepted()) {
      spdlog::error("what became of {} could not be recorded: {}", format_id("whe", event.id),
                    rejection_info(reply->answer->rejection.code).name);
    }
    return true;
  }

  /// Nothing: the engine takes nothing at present.
  std::optional<ProcessProviderEvent> judge(const ReceivedEvent& event, const std::stop_token& stop) {
    const PaymentProvider* provider = options.provider ? options.provider(event.provider) : nullptr;
    if (provider == nullptr) return failed_with("provider_not_configured");
    const ProviderTopic topic = provider->topic_of(event.type);
    if (topic == ProviderTopic::none) return ignored("not_supported");
    if (about(event, topic).is_none()) return ignored("unknown_object");
    const auto body = engine.keyring().unseal(event.body, account_stream(event.book, event.account_id), "body");
    if (!body) return ignored("body_gone");
    ProviderNotice notice = provider->read_message(*body);
    if (notice.message.fault != RejectionCode::none) return failed_with("unreadable");
    if (topic == ProviderTopic::checkout) return judge_checkout(*provider, event, std::move(notice), stop);
    if (topic == ProviderTopic::subscription) return judge_subscription(event, std::move(notice), stop);
    if (topic == ProviderTopic::refund) return judge_refund(event, std::move(notice), stop);
    if (topic == ProviderTopic::dispute) return judge_dispute(event, std::move(notice), stop);
    return judge_charge(event, std::move(notice), stop);
  }

  /// What of ours an event of that topic must be about.
  static EntityRef about(const ReceivedEvent& event, ProviderTopic topic) {
    if (topic == ProviderTopic::checkout) return event.checkout;
    if (topic == ProviderTopic::subscription) return event.subscription;
    return topic == ProviderTopic::refund ? event.refund : event.payment;
  }

  std::optional<ProcessProviderEvent> judge_charge(const ReceivedEvent& event, ProviderNotice notice,
                                                   const std::stop_token& stop) {
    const std::shared_ptr<Reply> found = read(event, event.payment, stop);
    if (!found->answer || is_for_later(found->answer->rejection.code)) return std::nullopt;
    if (!found->payment) return ignored("unknown_object");
    const Money charged{found->payment->amount, found->payment->currency};
    if (notice.amount && *notice.amount != charged) return failed_with("amount_differs");
    return record(event, std::move(notice.result), stop);
  }

  /// Of a refund: the first result stands, whoever tells of it first.
  std::optional<ProcessProviderEvent> judge_refund(const ReceivedEvent& event, ProviderNotice notice,
                                                   const std::stop_token& stop) {
    if (notice.refund.status == RefundCallStatus::pending) return processed(false);
    if (!is_final(notice.refund.status)) return failed_with("unreadable");
    const std::shared_ptr<Reply> found = read(event, event.refund, stop);
    if (!found->answer || is_for_later(found->answer->rejection.code)) return std::nullopt;
    if (!found->refund) return ignored("unknown_object");
    const Money asked{found->refund->amount, found->refund->currency};
    if (notice.amount && *notice.amount != asked) return failed_with("amount_differs");
    const bool is_success = notice.refund.status == RefundCallStatus::succeeded;
    // What went back of a refund that is over without it: somebody should look. So should they of the opposite.
    const bool differs = !found->refund->is_open() && is_success != (found->refund->status == RefundStatus::succeeded);
    if (differs) return failed_with("result_differs");
    Work work = work_for(event);
    work.command = refund_result(event.refund, std::move(notice.refund));
    return decide(std::move(work), stop);
  }

  /// Of a dispute: one that is told of for the first time when it is over was open before.
  std::optional<ProcessProviderEvent> judge_dispute(const ReceivedEvent& event, ProviderNotice notice,
                                                    const std::stop_token& stop) {
    ProviderDispute& told = notice.dispute;
    if (told.id.empty() || !notice.amount) return failed_with("unreadable");
    const std::shared_ptr<Reply> found = read(event, event.payment, stop);
    if (!found->answer || is_for_later(found->answer->rejection.code)) return std::nullopt;
    if (!found->payment) return ignored("unknown_object");
    if (notice.amount->currency != found->payment->currency) return failed_with("amount_differs");
    OpenDispute open;
    open.payment = event.payment;
    open.amount = notice.amount->minor;
    open.reason = std::move(told.reason);
    open.provider_dispute_id = told.id;
    open.due_by = told.due_by;
    Work opening = work_for(event);
    opening.command = std::move(open);
    std::optional<ProcessProviderEvent> verdict = decide(std::move(opening), stop);
    if (!told.outcome || !verdict || verdict->outcome != ProviderEventOutcome::processed) return verdict;
    Work closing = work_for(event);
    closing.command = CloseDispute{event.payment, std::move(told.id), *told.outcome};
    const bool has_opened = verdict->changed;
    verdict = decide(std::move(closing), stop);
    if (verdict) verdict->changed |= has_opened;
    return verdict;
  }

  /// Of a checkout session: its own state decides, and a refusal stays in the log with its reason.
  std::optional<ProcessProviderEvent> judge_checkout(const PaymentProvider& provider, const ReceivedEvent& event,
                                                     ProviderNotice notice, const std::stop_token& stop) {
    const bool is_completed = notice.checkout == CheckoutNews::completed;
    const bool is_readable = notice.checkout != CheckoutNews::none && (!is_completed || !notice.payment_method.empty());
    if (!is_readable) return failed_with("unreadable");
    Work work = work_for(event);
    if (is_completed) {
      CompleteCheckout complete;
      complete.checkout_session = event.checkout;
      complete.found = provider.find_method(notice.payment_method);
      complete.payment_method.clear = std::move(notice.payment_method);
      work.command = std::move(complete);
    } else {
      work.command = ExpireCheckout{event.checkout};
    }
    return decide(std::move(work), stop);
  }

  /// Of a subscription: likewise.
  std::optional<ProcessProviderEvent> judge_subscription(const ReceivedEvent& event, ProviderNotice notice,
                                                         const std::stop_token& stop) {
    ProviderSubscription& told = notice.subscription;
    if (told.id.empty() || told.status.empty()) return failed_with("unreadable");
    Work work = work_for(event);
    work.command = MirrorProviderSubscription{event.subscription, event.provider, std::move(told.id),
                                              std::move(told.status), told.has_ended};
    return decide(std::move(work), stop);
  }

  /// What the engine makes of the command.
  std::optional<ProcessProviderEvent> decide(Work work, const std::stop_token& stop) {
    const std::shared_ptr<Reply> reply = run(std::move(work), stop);
    if (!reply->answer || is_for_later(reply->answer->rejection.code)) return std::nullopt;
    const Answer& answer = *reply->answer;
    return answer.accepted() ? processed(!answer.is_unchanged)
                             : failed_with(rejection_info(answer.rejection.code).name);
  }

  std::optional<ProcessProviderEvent> record(const ReceivedEvent& event, ChargeResult result,
                                             const std::stop_token& stop) {
    const bool is_success = result.status == ChargeStatus::succeeded;
    Work work = work_for(event);
    work.command = payment_result(event.payment, std::move(result));
    const std::shared_ptr<Reply> reply = run(std::move(work), stop);
    if (!reply->answer || is_for_later(reply->answer->rejection.code)) return std::nullopt;
    const Answer& answer = *reply->answer;
    if (!answer.accepted()) return failed_with("result_refused");
    // Money that moved for a payment that is over without it: the first result stands, and somebody should look.
    const auto* shown = std::get_if<PaymentShown>(&answer.shown);
    const bool differs = is_success && shown != nullptr && shown->payment.status == PaymentStatus::failed;
    return differs ? failed_with("result_differs") : processed(!answer.is_unchanged);
  }

  /// Of the account that has it: the payment or the refund.
  std::shared_ptr<Reply> read(const ReceivedEvent& event, EntityRef id, const std::stop_token& stop) {
    Work work = work_for(event);
    work.entity = id;
    const auto reply = std::make_shared<Reply>();
    work.read_account = [reply, id](const AccountState* account, LogPosition, Instant) {
      if (account == nullptr) return;
      if (const Payment* payment = account->find_payment(id)) reply->payment = account->with_reversals(*payment);
      if (const Refund* refund = account->find_refund(id)) reply->refund = *refund;
    };
    return run(std::move(work), stop, reply);
  }

  static Work work_for(const ReceivedEvent& event) {
    Work work;
    work.context.principal.book = event.book;
    work.context.principal.name = follower_name;
    work.context.principal.role = Role::system;
    return work;
  }

  /// Waits for the answer; there is none if the engine did not take it or stop is requested.
  std::shared_ptr<Reply> run(Work work, const std::stop_token& stop,
                             std::shared_ptr<Reply> reply = std::make_shared<Reply>()) {
    work.done = [reply](Answer answer) {
      const std::lock_guard lock(reply->mutex);
      reply->answer = std::move(answer);
      reply->changed.notify_all();
    };
    if (!engine.submit(std::move(work))) return reply;
    std::unique_lock lock(reply->mutex);
    if (reply->changed.wait(lock, stop, [&] { return reply->answer.has_value(); })) return reply;
    return std::make_shared<Reply>();
  }

  void note_progress(OneShard& one, Position read, Position done) {
    const std::lock_guard lock(progress_mutex);
    one.read = read;
    one.done = done;
    progress.notify_all();
  }

  void wait_for_events(const std::stop_token& stop) {
    std::unique_lock lock(wake->mutex);
    wake->changed.wait(lock, stop, [this] {
      for (ShardNumber shard = 0; shard < shards.size(); ++shard) {
        if (shards[shard].read < engine.log().head(shard)) return true;
      }
      return false;
    });
  }

  void pause(const std::stop_token& stop) {
    std::unique_lock lock(wake->mutex);
    wake->changed.wait_for(lock, stop, retry_pause, [] { return false; });
  }

  Options options;
  Engine& engine;
  const std::shared_ptr<CommitWake> wake;
  std::vector<OneShard> shards;
  std::atomic<std::uint64_t> open_count{0};
  mutable std::mutex progress_mutex;
  mutable std::condition_variable progress;
  std::jthread thread;
};

ProviderEventFollower::ProviderEventFollower(Options options) : parts_(std::make_unique<Parts>(std::move(options))) {}

ProviderEventFollower::~ProviderEventFollower() {
  stop();
}

void ProviderEventFollower::start() {
  Parts& parts = *parts_;
  parts.thread = std::jthread([&parts](const std::stop_token& stop) { parts.follow(stop); });
}

std::uint64_t ProviderEventFollower::unprocessed() const {
  return parts_->open_count;
}

bool ProviderEventFollower::wait_processed(std::chrono::milliseconds timeout) const {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::vector<Position> heads;
  for (ShardNumber shard = 0; shard < parts_->shards.size(); ++shard) heads.push_back(parts_->engine.log().head(shard));
  std::unique_lock lock(parts_->progress_mutex);
  return parts_->progress.wait_until(lock, deadline, [&] {
    for (std::size_t shard = 0; shard < heads.size(); ++shard) {
      if (parts_->shards[shard].done < heads[shard]) return false;
    }
    return true;
  });
}

void ProviderEventFollower::stop() {
  if (!parts_->thread.joinable()) return;
  parts_->thread.request_stop();
  parts_->thread.join();
}

}  // namespace daybook
