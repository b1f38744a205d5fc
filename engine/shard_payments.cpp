// The shard and payments: answers that wait for the result of the payment that their command attempted, and what a
// provider tells of a payment.
#include <algorithm>

#include "domain/assert.h"
#include "engine/keyring.h"
#include "engine/shard.h"
#include "engine/shard_detail.h"
#include "eventstore/envelope_view.h"
#include "schemas/envelope_generated.h"

namespace daybook {

namespace {

constexpr auto attempted_type = static_cast<std::uint8_t>(schema::Event::PaymentAttempted);

}  // namespace

std::optional<EntityRef> attempted_payment(const Decision& decision, const DecisionContext& context) {
  for (std::size_t i = 0; i < decision.events.size(); ++i) {
    if (decision.events[i].type() == attempted_type) return context.new_id(i);
  }
  return std::nullopt;
}

std::optional<EntityRef> Shard::payment_of(Position first, const EnvelopeView& view) const {
  if (view.command_size == 1 && view.event_type != attempted_type) return std::nullopt;
  for (Position position = first; position < first + view.command_size; ++position) {
    const std::string bytes = envelope_at(position);
    const EnvelopeView event = view_envelope(bytes);
    if (event.event_type != attempted_type) continue;
    return EntityRef{event.stream_ordinal, event.stream_version, event.shard, 0};
  }
  return std::nullopt;
}

void Shard::answer_or_wait(Work& work, Stream& stream, const Subject& subject, EntityRef payment, Answer result) {
  load_ended(stream, payment);
  const Payment* attempted = stream.account.find_payment(payment);
  ensure(attempted != nullptr, "a payment that its own account does not have");
  result.payment = *attempted;
  const bool waits = attempted->is_open() && work.context.payment_wait.count() > 0 && work.done != nullptr;
  if (!waits) return answer(work, std::move(result));
  const auto deadline = parts_.clock->steady() + work.context.payment_wait;
  payment_waiters_.emplace(payment,
                           PaymentWaiter{deadline, stream.name, subject, std::move(work.done), std::move(result)});
  work.done = nullptr;
}

void Shard::answer_waiter(Stream& stream, EntityRef payment, PaymentWaiter& waiter) {
  load_ended(stream, payment);
  if (!waiter.subject.id.is_none()) load_ended(stream, waiter.subject.id);
  waiter.answer.payment = *stream.account.find_payment(payment);
  waiter.answer.position = at(next_position() - 1);
  show(waiter.answer, waiter.subject, stream.account, std::nullopt, {});
  group_.answers.emplace_back(std::move(waiter.done), std::move(waiter.answer));
}

void Shard::release_payment_waiters(Stream& stream, EntityRef payment) {
  const auto [first, last] = payment_waiters_.equal_range(payment);
  for (auto waiter = first; waiter != last; ++waiter) answer_waiter(stream, payment, waiter->second);
  payment_waiters_.erase(first, last);
}

void Shard::release_late_payment_waiters(bool all) {
  const auto now = parts_.clock->steady();
  for (auto entry = payment_waiters_.begin(); entry != payment_waiters_.end();) {
    PaymentWaiter& waiter = entry->second;
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
    entry = payment_waiters_.erase(entry);
  }
}

void Shard::seal_received(ReceiveProviderEvent& command, const std::string& book) {
  command.owner.clear();
  command.body.sealed = {};
  const std::optional<EntityRef> about =
      command.payment ? command.payment : (command.checkout ? command.checkout : command.subscription);
  Stream* stream = about ? stream_of(*about, book) : nullptr;
  if (stream != nullptr) load_ended(*stream, *about);
  const auto is_there = [&](const AccountState& account) {
    if (command.payment) return account.find_payment(*about) != nullptr;
    if (command.checkout) return account.find_checkout_session(*about) != nullptr;
    return account.find_subscription(*about) != nullptr;
  };
  if (stream == nullptr || !is_there(stream->account)) {
    command.payment.reset();
    command.checkout.reset();
    command.subscription.reset();
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
