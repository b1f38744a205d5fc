#include "connectors/open_intents.h"

#include <algorithm>

#include "connectors/payment_collector.h"
#include "domain/tables.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

/// What the events of both kinds have in common.
template <class Event>
OpenIntent intent_of(const schema::Envelope& envelope, const Event& event) {
  OpenIntent intent;
  intent.at = {envelope.shard(), envelope.position()};
  intent.stream = text(envelope.stream());
  intent.provider = text(event.provider());
  intent.key = text(event.provider_key());
  if (event.amount() != nullptr) intent.amount = {event.amount()->minor(), Currency{event.amount()->currency()}};
  return intent;
}

OpenIntent attempted(const schema::Envelope& envelope, const schema::PaymentAttempted& event) {
  OpenIntent intent = intent_of(envelope, event);
  intent.id = entity(event.payment());
  intent.token = from_table(event.token());
  intent.attempt = event.attempt();
  return intent;
}

OpenIntent refunding(const schema::Envelope& envelope, const schema::RefundIssued& event) {
  OpenIntent intent = intent_of(envelope, event);
  intent.id = entity(event.refund());
  intent.is_refund = true;
  intent.charge = text(event.provider_transaction_id());
  return intent;
}

}  // namespace

void OpenIntents::wake_caller() {
  ++wakes_;
  callers_.notify_one();
}

void OpenIntents::add(OpenIntent intent) {
  const EntityRef id = intent.id;
  positions_.insert(intent.at);
  waiting_.insert({TimePoint{}, id});
  entries_.emplace(id, Entry{std::move(intent)});
  if (has_begun_) wake_caller();
}

void OpenIntents::remove(EntityRef id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  positions_.erase(found->second.intent.at);
  waiting_.erase({found->second.due, id});
  entries_.erase(found);
  progress_.notify_all();
}

void OpenIntents::fold(const StoredEvent& event, bool is_old) {
  const schema::Envelope& envelope = *schema::GetEnvelope(event.envelope.data());
  const auto opened = [&](OpenIntent intent) {
    intent.may_be_called = is_old;
    const std::lock_guard lock(mutex_);
    add(std::move(intent));
  };
  const auto answered = [this](const schema::EntityRef* id) {
    const std::lock_guard lock(mutex_);
    remove(entity(id));
  };
  switch (envelope.event_type()) {
    case schema::Event::PaymentAttempted:
      return opened(attempted(envelope, *envelope.event_as_PaymentAttempted()));
    case schema::Event::PaymentSucceeded:
      return answered(envelope.event_as_PaymentSucceeded()->payment());
    case schema::Event::PaymentFailed:
      return answered(envelope.event_as_PaymentFailed()->payment());
    case schema::Event::PaymentActionRequired:
      return answered(envelope.event_as_PaymentActionRequired()->payment());
    case schema::Event::RefundIssued:
      // One to credit asks nobody.
      if (text(envelope.event_as_RefundIssued()->provider()).empty()) return;
      return opened(refunding(envelope, *envelope.event_as_RefundIssued()));
    case schema::Event::RefundSucceeded:
      return answered(envelope.event_as_RefundSucceeded()->refund());
    case schema::Event::RefundFailed:
      return answered(envelope.event_as_RefundFailed()->refund());
    case schema::Event::RefundCanceled:
      return answered(envelope.event_as_RefundCanceled()->refund());
    default:
      return;
  }
}

void OpenIntents::note_read(LogPosition position) {
  const std::lock_guard lock(mutex_);
  read_.at(position.shard) = position.position;
  progress_.notify_all();
}

Position OpenIntents::read(ShardNumber shard) const {
  const std::lock_guard lock(mutex_);
  return read_.at(shard);
}

Position OpenIntents::cursor(ShardNumber shard) const {
  const std::lock_guard lock(mutex_);
  const auto oldest = positions_.lower_bound({shard, 0});
  if (oldest == positions_.end() || oldest->shard != shard) return read_.at(shard);
  return std::min(read_.at(shard), oldest->position - 1);
}

void OpenIntents::begin() {
  const std::lock_guard lock(mutex_);
  has_begun_ = true;
  wake_caller();
}

bool OpenIntents::wait_for_room(const std::stop_token& stop) const {
  std::unique_lock lock(mutex_);
  return progress_.wait(lock, stop, [this] { return entries_.size() < open_intents_max; });
}

std::optional<OpenIntent> OpenIntents::take(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto is_woken = [this, seen = wakes_] { return wakes_ != seen; };
    if (!has_begun_ || waiting_.empty()) {
      callers_.wait(lock, stop, is_woken);
      continue;
    }
    const TimePoint due = waiting_.begin()->first;
    if (due <= clock_.steady()) {
      OpenIntent intent = hand_out();
      // Whoever was woken for this one may have come for another: nobody else knows of the next.
      if (!waiting_.empty()) wake_caller();
      return intent;
    }
    callers_.wait_until(lock, stop, due, is_woken);
  }
  return std::nullopt;
}

std::optional<OpenIntent> OpenIntents::take_now() {
  const std::lock_guard lock(mutex_);
  if (!has_begun_ || waiting_.empty() || waiting_.begin()->first > clock_.steady()) return std::nullopt;
  return hand_out();
}

OpenIntent OpenIntents::hand_out() {
  Entry& entry = entries_.at(waiting_.begin()->second);
  waiting_.erase(waiting_.begin());
  entry.is_in_hand = true;
  return entry.intent;
}

void OpenIntents::settle(EntityRef id) {
  const std::lock_guard lock(mutex_);
  remove(id);
}

void OpenIntents::put_back(EntityRef id, std::chrono::milliseconds longest) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end() || !found->second.is_in_hand) return;
  Entry& entry = found->second;
  entry.is_in_hand = false;
  entry.intent.may_be_called = true;
  entry.pause = std::clamp(entry.pause * 2, payment_pause_min, longest);
  entry.due = clock_.steady() + entry.pause;
  waiting_.insert({entry.due, id});
  wake_caller();
}

std::size_t OpenIntents::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

bool OpenIntents::wait_settled(LogPosition position, TimePoint deadline) const {
  std::unique_lock lock(mutex_);
  return progress_.wait_until(lock, deadline, [&] {
    const auto oldest = positions_.lower_bound({position.shard, 0});
    const bool has_older = oldest != positions_.end() && *oldest <= position;
    return read_.at(position.shard) >= position.position && !has_older;
  });
}

}  // namespace daybook
