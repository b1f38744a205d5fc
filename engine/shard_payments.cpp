// The shard and the outside: answers that wait for the result of the payment that their command attempted, or of its
// refund, and what a provider tells of them.
#include <algorithm>

#include "domain/assert.h"
#include "engine/keyring.h"
#include "engine/shard.h"
#include "engine/shard_detail.h"
#include "eventstore/envelope_view.h"
#include "schemas/envelope_generated.h"

namespace daybook {

namespace {

/// Whether the event asks something of a provider: then it creates what the result will be of.
bool is_intent(std::uint8_t event_type) {
  const auto type = static_cast<schema::Event>(event_type);
  return type == schema::Event::PaymentAttempted || type == schema::Event::RefundIssued;
}

/// Puts the intent into the answer as it is now; whether its result is still to come.
bool put_intent(Answer& answer, const AccountState& account, EntityRef intent) {
  if (const Payment* payment = account.find_payment(intent)) {
    answer.payment = *payment;
    return payment->is_open();
  }
  const Refund* refund = account.find_refund(intent);
  ensure(refund != nullptr, "an intent that its own account does not have");
  answer.refund = *refund;
  return refund->is_open();
}

}  // namespace

std::optional<EntityRef> intent_of(const Decision& decision, const DecisionContext& context) {
  for (std::size_t i = 0; i < decision.events.size(); ++i) {
    if (is_intent(decision.events[i].type())) return context.new_id(i);
  }
  return std::nullopt;
}

void show_intent(Answer& answer, const AccountState& account, EntityRef intent) {
  put_intent(answer, account, intent);
}

std::optional<EntityRef> Shard::intent_of(Position first, const EnvelopeView& view) const {
  if (view.command_size == 1 && !is_intent(view.event_type)) return std::nullopt;
  for (Position position = first; position < first + view.command_size; ++position) {
    const std::string bytes = envelope_at(position);
    const EnvelopeView event = view_envelope(bytes);
    if (!is_intent(event.event_type)) continue;
    return EntityRef{event.stream_ordinal, event.stream_version, event.shard, 0};
  }
  return std::nullopt;
}

void Shard::answer_or_wait(Work& work, Stream& stream, const Subject& subject, EntityRef intent, Answer result) {
  load_ended(stream, intent);
  const bool is_open = put_intent(result, stream.account, intent);
  const bool waits = is_open && work.context.payment_wait.count() > 0 && work.done != nullptr;
  if (!waits) return answer(work, std::move(result));
  const auto deadline = parts_.clock->steady() + work.context.payment_wait;
  result_waiters_.emplace(intent,
                          ResultWaiter{deadline, stream.name, subject, std::move(work.done), std::move(result)});
  work.done = nullptr;
}

void Shard::answer_waiter(Stream& stream, EntityRef intent, ResultWaiter& waiter) {
  load_ended(stream, intent);
  if (!waiter.subject.id.is_none()) load_ended(stream, waiter.subject.id);
  put_intent(waiter.answer, stream.account, intent);
  waiter.answer.position = at(next_position() - 1);
  show(waiter.answer, waiter.subject, stream.account, std::nullopt, {});
  group_.answers.emplace_back(std::move(waiter.done), std::move(waiter.answer));
}

void Shard::release_result_waiters(Stream& stream, EntityRef intent) {
  const auto [first, last] = result_waiters_.equal_range(intent);
  for (auto waiter = first; waiter != last; ++waiter) answer_waiter(stream, intent, waiter->second);
  result_waiters_.erase(first, last);
}

void Shard::release_late_result_waiters(bool all) {
  const auto now = parts_.clock->steady();
  for (auto entry = result_waiters_.begin(); entry != result_waiters_.end();) {
    ResultWaiter& waiter = entry->second;
    if (!all && waiter.deadline > now) {
      ++entry;
      continue;
    }
    if (!all) {
      answer_waiter(*cache_->find(waiter.stream), entry->first, waiter);
    } else {
      // Nothing is read any more: as it was at the intent, or, if the shard has failed, unknown.
      if (failed_) waiter.answer.rejection.code = RejectionCode::not_ready;
      group_.answers.emplace_back(std::move(waiter.done), std::move(waiter.answer));
    }
    entry = result_waiters_.erase(entry);
  }
}

void Shard::seal_received(ReceiveProviderEvent& command, const std::string& book) {
  command.owner.clear();
  command.body.sealed = {};
  const std::optional<EntityRef> about = command.payment ? command.payment
                                         : command.checkout
                                             ? command.checkout
                                             : (command.subscription ? command.subscription : command.refund);
  Stream* stream = about ? stream_of(*about, book) : nullptr;
  if (stream != nullptr) load_ended(*stream, *about);
  const auto is_there = [&](const AccountState& account) {
    if (command.payment) return account.find_payment(*about) != nullptr;
    if (command.checkout) return account.find_checkout_session(*about) != nullptr;
    if (command.subscription) return account.find_subscription(*about) != nullptr;
    return account.find_refund(*about) != nullptr;
  };
  if (stream == nullptr || !is_there(stream->account)) {
    command.payment.reset();
    command.checkout.reset();
    command.subscription.reset();
    command.refund.reset();
    return;
  }
  cache_->touch(*stream);
  command.owner = stream->account.details.id;
  const std::uint64_t key = stream->account.details.sealing_key;
  // Of an account that was purged meanwhile nothing is kept.
  if (!parts_.keys->is_living(key)) return;
  command.body.sealed = parts_.keys->seal(key, stream->name, "body", command.body.clear);
}

}  // namespace daybook
