// The shard and the passage of time: what is due of an account before anything else is done with it, the agenda, the
// test clocks on their way, and those who wait for a clock to have moved.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "domain/assert.h"
#include "domain/deciders/test_clocks.h"
#include "engine/limits.h"
#include "engine/shard.h"
#include "engine/shard_detail.h"

namespace daybook {
namespace {

constexpr std::string_view remind_trial = "RemindTrial", end_trial = "EndTrial";

/// Of the end of a subscription's period, or pause, or what comes before the end of a trial.
std::string_view command_of(const Subscription& subscription, Instant at) {
  if (subscription.is_paused()) {
    const bool goes_on = subscription.resumes_at <= subscription.pause_ends_at;
    return goes_on ? ResumeSubscription::name_of_command : CancelSubscription::name_of_command;
  }
  if (at < subscription.period_end) return remind_trial;
  if (subscription.cancels_at_period_end) return CancelSubscription::name_of_command;
  return subscription.status == SubscriptionStatus::trialing ? end_trial : "RenewSubscription";
}

/// What the agenda's own commands are called.
std::string_view command_of(const AccountState& account, const DueItem& item, Instant at) {
  switch (item.kind) {
    case DueKind::grant_expiry:
      return "ExpireGrant";
    case DueKind::hold_expiry:
      return "ExpireReservation";
    case DueKind::purge:
      return PurgeAccount::name_of_command;
    case DueKind::invoice_overdue:
      return "MarkInvoiceOverdue";
    case DueKind::subscription:
      return command_of(*account.find_subscription(item.id), at);
    case DueKind::checkout:
      return ExpireCheckout::name_of_command;
    case DueKind::account_trial:
      return at < account.details.trial.end ? remind_trial : end_trial;
  }
  bug("a kind of due work without a name");
}

const CommandContext& agenda_context() {
  static const CommandContext context = [] {
    CommandContext made;
    made.principal.name = "system:agenda";
    made.principal.role = Role::system;
    return made;
  }();
  return context;
}

void tell_parked(ShardNumber shard) {
  spdlog::error(
      "shard {}: an account is parked, an invoice would be out of bounds: GET /v1/accounts?parked=true says which and "
      "why",
      shard);
}

}  // namespace

Instant Shard::due_limit(const std::string& book, Instant up_to) {
  return std::min(up_to, book_stream_of(book).book_state.profile.closed_at);
}

std::size_t Shard::run_due(Stream& stream, Instant up_to) {
  std::size_t items = 0;
  // A test clock stands still with its book; its time has nothing to do with the book's end.
  const BookProfile& profile = book_stream_of(stream.book).book_state.profile;
  if (profile.is_closed() && !stream.clock().test_clock.is_none()) return items;
  up_to = due_limit(stream.book, up_to);
  for (; stream.account.next_due() <= up_to; ++items) {
    const DueItem item = *stream.account.due().begin();
    const Instant at = std::max(item.at, stream.account.decided_at);
    const Decision decision = parts_.decide_due(stream.account, item, context_for(stream, Role::system, at));
    ensure(!decision.events.empty(), "a due item that yields no event");
    append(stream, decision, agenda_context(), command_of(stream.account, item, at), at);
    if (stream.account.details.is_parked() && stream.account.details.parking.since == at) tell_parked(parts_.number);
  }
  return items;
}

void Shard::run_agenda() {
  std::size_t left = group_due_items_max;
  for (const std::string& book : agenda_->books()) {
    run_due_by({book, {}}, due_limit(book, book_now(book)), left);
  }
  for (auto clock = moving_clocks_.begin(); clock != moving_clocks_.end() && left > 0;) {
    clock = run_test_clock(clock->first, clock->second, left) ? moving_clocks_.erase(clock) : std::next(clock);
  }
}

void Shard::run_due_by(const ClockRef& clock, Instant up_to, std::size_t& left) {
  cache_->prefetch(agenda_->next_accounts(clock, up_to, left));
  while (left > 0) {
    const auto entry = agenda_->take(clock, up_to);
    if (!entry) return;
    Stream* stream = cache_->find(entry->ordinal);
    if (stream == nullptr || stream->is_book) continue;
    // The entry may be old: the account's own state says what is due.
    if (stream->account.next_due() <= entry->at) {
      left -= std::min(left, run_due(*stream, entry->at));
      cache_->touch(*stream);
    }
    agenda_->note(*stream);
  }
}

// ---- Test clocks ------------------------------------------------------------------------------------------------

void Shard::wake_test_clock(const ClockRef& clock) {
  const TestClock& state = book_stream_of(clock.book).book_state.test_clocks.at(clock.test_clock);
  if (state.is_advancing() || agenda_->has_due(clock, state.to)) {
    moving_clocks_.try_emplace(clock, state.frozen_time);
  } else {
    agenda_->forget(clock);
  }
}

bool Shard::run_test_clock(const ClockRef& clock, Instant& come_to, std::size_t& left) {
  Stream& book = book_stream_of(clock.book);
  if (book.book_state.profile.is_closed()) {
    agenda_->forget(clock);
    return true;
  }
  const TestClock& state = book.book_state.test_clocks.at(clock.test_clock);
  while (agenda_->has_due(clock, state.to)) {
    // From one instant to the next. What is asked of the outside at an instant is known before the clock leaves it.
    if (left == 0 || waits_for_payments(clock)) return false;
    come_to = std::max(come_to, agenda_->next(clock));
    run_due_by(clock, come_to, left);
  }
  if (waits_for_payments(clock)) return false;
  agenda_->forget(clock);
  if (state.is_advancing()) {
    append(book, test_clock_became_ready(state), agenda_context(), "FinishTestClock", book_now(clock.book));
  }
  return true;
}

void Shard::note_payments(const Stream& stream) {
  if (!parts_.collects) return;
  const auto has_pending = [](const auto& entities, auto pending) {
    return std::any_of(entities.begin(), entities.end(),
                       [&](const auto& entry) { return entry.second.status == pending; });
  };
  const bool is_pending = has_pending(stream.account.payments(), PaymentStatus::pending) ||
                          has_pending(stream.account.refunds(), RefundStatus::pending);
  if (is_pending) {
    clock_payments_[stream.clock()].accounts.insert(stream.ordinal);
    return;
  }
  const auto of_clock = clock_payments_.find(stream.clock());
  if (of_clock == clock_payments_.end()) return;
  of_clock->second.accounts.erase(stream.ordinal);
  if (of_clock->second.accounts.empty()) clock_payments_.erase(of_clock);
}

bool Shard::waits_for_payments(const ClockRef& clock) {
  const auto found = clock_payments_.find(clock);
  if (found == clock_payments_.end()) return false;
  ClockPayments& payments = found->second;
  const auto now = parts_.clock->steady();
  if (!payments.deadline) payments.deadline = now + clock_payment_wait;
  if (now < *payments.deadline) return true;
  spdlog::warn("shard {}: a test clock goes on without the results of payments of {} accounts", parts_.number,
               payments.accounts.size());
  clock_payments_.erase(found);
  return false;
}

// ---- Those who wait ---------------------------------------------------------------------------------------------

bool Shard::has_come(const ClockWaiter& waiter) {
  if (failed_) return false;
  if (waiter.clock.test_clock.is_none()) return !agenda_->has_due(waiter.clock, waiter.to);
  return !moving_clocks_.contains(waiter.clock);
}

void Shard::release_clock_waiters(bool all) {
  for (auto waiter = clock_waiters_.begin(); waiter != clock_waiters_.end();) {
    const bool is_done = has_come(*waiter);
    if (!is_done && !failed_ && !is_full() && !all) {
      ++waiter;
      continue;
    }
    if (!is_done) {
      waiter->answer.rejection.code = is_full() ? RejectionCode::storage_full : RejectionCode::not_ready;
    } else if (!waiter->clock.test_clock.is_none()) {
      waiter->answer.position = at(committed());
      const Subject subject{SubjectKind::test_clock, waiter->clock.test_clock};
      show(waiter->answer, subject, book_stream_of(waiter->clock.book).book_state, wall_);
    }
    group_.answers.emplace_back(std::move(waiter->done), std::move(waiter->answer));
    waiter = clock_waiters_.erase(waiter);
  }
}

}  // namespace daybook
