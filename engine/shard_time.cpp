// The shard and the passage of time: what is due of an account before anything else is done with it, the agenda, and
// those who wait for a clock to have moved.
#include <spdlog/spdlog.h>

#include "domain/assert.h"
#include "engine/limits.h"
#include "engine/shard.h"
#include "engine/shard_detail.h"

namespace daybook {
namespace {

/// Of the end of a subscription's period.
std::string_view command_of(const Subscription& subscription) {
  if (subscription.cancels_at_period_end) return CancelSubscription::name_of_command;
  return subscription.status == SubscriptionStatus::trialing ? "EndTrial" : "RenewSubscription";
}

/// What the agenda's own commands are called.
std::string_view command_of(const AccountState& account, const DueItem& item) {
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
      return command_of(*account.find_subscription(item.id));
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

void Shard::run_due(Stream& stream, Instant up_to) {
  while (stream.account.next_due() <= up_to) {
    const DueItem item = *stream.account.due().begin();
    const Instant at = std::max(item.at, stream.account.decided_at);
    const Decision decision = parts_.decide_due(stream.account, item, context_for(stream, Role::system, at));
    ensure(!decision.events.empty(), "a due item that yields no event");
    append(stream, decision, agenda_context(), command_of(stream.account, item), at);
    if (stream.account.details.is_parked() && stream.account.details.parking.since == at) tell_parked(parts_.number);
  }
}

void Shard::run_agenda() {
  std::size_t items = 0;
  for (const std::string& book : agenda_->books()) {
    const Instant now = book_now(book);
    while (items < group_due_items_max) {
      const auto entry = agenda_->take(book, now);
      if (!entry) break;
      Stream* stream = cache_->find(entry->ordinal);
      if (stream == nullptr || stream->is_book) continue;
      // The entry may be old: the account's own state says what is due.
      if (stream->account.next_due() <= entry->at) {
        run_due(*stream, entry->at);
        cache_->touch(*stream);
        ++items;
      }
      agenda_->note(book, stream->account.next_due(), stream->ordinal);
    }
  }
}

void Shard::release_clock_waiters(bool all) {
  for (auto waiter = clock_waiters_.begin(); waiter != clock_waiters_.end();) {
    const bool is_done = !failed_ && !agenda_->has_due(waiter->book, waiter->to);
    if (!is_done && !failed_ && !is_full() && !all) {
      ++waiter;
      continue;
    }
    if (!is_done) waiter->answer.rejection.code = is_full() ? RejectionCode::storage_full : RejectionCode::not_ready;
    group_.answers.emplace_back(std::move(waiter->done), std::move(waiter->answer));
    waiter = clock_waiters_.erase(waiter);
  }
}

}  // namespace daybook
