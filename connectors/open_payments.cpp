#include "connectors/open_payments.h"

#include <algorithm>

#include "connectors/payment_collector.h"
#include "domain/tables.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

OpenPayment attempted(const schema::Envelope& envelope, const schema::PaymentAttempted& event) {
  OpenPayment payment;
  payment.payment = entity(event.payment());
  payment.at = {envelope.shard(), envelope.position()};
  payment.stream = text(envelope.stream());
  payment.provider = text(event.provider());
  payment.key = text(event.provider_key());
  payment.token = from_table(event.token());
  if (event.amount() != nullptr) payment.amount = {event.amount()->minor(), Currency{event.amount()->currency()}};
  payment.attempt = event.attempt();
  return payment;
}

}  // namespace

void OpenPayments::wake_caller() {
  ++wakes_;
  callers_.notify_one();
}

void OpenPayments::add(OpenPayment payment) {
  const EntityRef id = payment.payment;
  positions_.insert(payment.at);
  waiting_.insert({TimePoint{}, id});
  entries_.emplace(id, Entry{std::move(payment)});
  if (has_begun_) wake_caller();
}

void OpenPayments::remove(EntityRef payment) {
  const auto found = entries_.find(payment);
  if (found == entries_.end()) return;
  positions_.erase(found->second.payment.at);
  waiting_.erase({found->second.due, payment});
  entries_.erase(found);
  progress_.notify_all();
}

void OpenPayments::fold(const StoredEvent& event, bool is_old) {
  const schema::Envelope& envelope = *schema::GetEnvelope(event.envelope.data());
  const auto answered = [this](const auto* result) {
    const std::lock_guard lock(mutex_);
    remove(entity(result->payment()));
  };
  switch (envelope.event_type()) {
    case schema::Event::PaymentAttempted: {
      OpenPayment payment = attempted(envelope, *envelope.event_as_PaymentAttempted());
      payment.may_be_called = is_old;
      const std::lock_guard lock(mutex_);
      return add(std::move(payment));
    }
    case schema::Event::PaymentSucceeded:
      return answered(envelope.event_as_PaymentSucceeded());
    case schema::Event::PaymentFailed:
      return answered(envelope.event_as_PaymentFailed());
    case schema::Event::PaymentActionRequired:
      return answered(envelope.event_as_PaymentActionRequired());
    default:
      return;
  }
}

void OpenPayments::note_read(LogPosition position) {
  const std::lock_guard lock(mutex_);
  read_.at(position.shard) = position.position;
  progress_.notify_all();
}

Position OpenPayments::read(ShardNumber shard) const {
  const std::lock_guard lock(mutex_);
  return read_.at(shard);
}

Position OpenPayments::cursor(ShardNumber shard) const {
  const std::lock_guard lock(mutex_);
  const auto oldest = positions_.lower_bound({shard, 0});
  if (oldest == positions_.end() || oldest->shard != shard) return read_.at(shard);
  return std::min(read_.at(shard), oldest->position - 1);
}

void OpenPayments::begin() {
  const std::lock_guard lock(mutex_);
  has_begun_ = true;
  wake_caller();
}

bool OpenPayments::wait_for_room(const std::stop_token& stop) const {
  std::unique_lock lock(mutex_);
  return progress_.wait(lock, stop, [this] { return entries_.size() < open_payments_max; });
}

std::optional<OpenPayment> OpenPayments::take(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto is_woken = [this, seen = wakes_] { return wakes_ != seen; };
    if (!has_begun_ || waiting_.empty()) {
      callers_.wait(lock, stop, is_woken);
      continue;
    }
    const TimePoint due = waiting_.begin()->first;
    if (due <= clock_.steady()) {
      OpenPayment payment = hand_out();
      // Whoever was woken for this one may have come for another: nobody else knows of the next.
      if (!waiting_.empty()) wake_caller();
      return payment;
    }
    callers_.wait_until(lock, stop, due, is_woken);
  }
  return std::nullopt;
}

std::optional<OpenPayment> OpenPayments::take_now() {
  const std::lock_guard lock(mutex_);
  if (!has_begun_ || waiting_.empty() || waiting_.begin()->first > clock_.steady()) return std::nullopt;
  return hand_out();
}

OpenPayment OpenPayments::hand_out() {
  Entry& entry = entries_.at(waiting_.begin()->second);
  waiting_.erase(waiting_.begin());
  entry.is_in_hand = true;
  return entry.payment;
}

void OpenPayments::settle(EntityRef payment) {
  const std::lock_guard lock(mutex_);
  remove(payment);
}

void OpenPayments::put_back(EntityRef payment) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(payment);
  if (found == entries_.end() || !found->second.is_in_hand) return;
  Entry& entry = found->second;
  entry.is_in_hand = false;
  entry.payment.may_be_called = true;
  entry.pause = std::clamp(entry.pause * 2, payment_pause_min, payment_pause_max);
  entry.due = clock_.steady() + entry.pause;
  waiting_.insert({entry.due, payment});
  wake_caller();
}

std::size_t OpenPayments::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

bool OpenPayments::wait_settled(LogPosition position, TimePoint deadline) const {
  std::unique_lock lock(mutex_);
  return progress_.wait_until(lock, deadline, [&] {
    const auto oldest = positions_.lower_bound({position.shard, 0});
    const bool has_older = oldest != positions_.end() && *oldest <= position;
    return read_.at(position.shard) >= position.position && !has_older;
  });
}

}  // namespace daybook
