#include "connectors/kafka_relay_shard.h"

#include <algorithm>
#include <random>

#include "eventstore/envelope_view.h"

namespace daybook {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds topics_timeout{15'000};
constexpr milliseconds init_timeout{30'000};  // a coordinator that starts loads its log first

}  // namespace

KafkaRelayShard::KafkaRelayShard(const KafkaRelay::Options& options, const EventLog& log, const EventFormat& format,
                                 ShardNumber shard)
    : options_(options),
      log_(log),
      format_(format),
      shard_(shard),
      topics_{options.topic_prefix, options.topics, options.checkpoint != nullptr} {}

void KafkaRelayShard::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void KafkaRelayShard::join() {
  if (thread_.joinable()) thread_.join();
}

void KafkaRelayShard::committed(Position position) {
  const std::lock_guard lock(mutex_);
  status_.head = std::max(status_.head, position);
  changed_.notify_all();
}

KafkaRelay::Status KafkaRelayShard::status() const {
  const Position head = log_.head(shard_);
  const std::lock_guard lock(mutex_);
  KafkaRelay::Status status = status_;
  status.head = std::max(status.head, head);
  return status;
}

bool KafkaRelayShard::wait_published(Position position, SteadyClock::time_point deadline) const {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [&] { return status_.published >= position || status_.state == "halted"; });
  return status_.published >= position;
}

void KafkaRelayShard::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (producer_ && !wait_for_events(stop)) break;
    const Round round = step(stop);
    if (round == Round::halted) return;
    if (round == Round::failed) back_off(stop);
  }
  end_session(Round::idle, "stopped", "");
}

KafkaRelayShard::Round KafkaRelayShard::step(const std::stop_token& stop) {
  if (status().state == "halted") return Round::halted;
  try {
    if (!producer_) {
      connect(stop);
    } else if (waiting() > 0) {
      publish(stop);
    } else {
      return Round::idle;
    }
    return Round::progressed;
  } catch (const KafkaTopicRefused& refused) {
    return end_session(Round::halted, "halted", refused.what());
  } catch (const RelayHalt& halt) {
    return end_session(Round::halted, "halted", halt.what());
  } catch (const CorruptLog& corrupt) {
    return end_session(Round::halted, "halted", corrupt.what());
  } catch (const std::exception& fault) {  // Kafka or the disk: both may come back
    return end_session(Round::failed, "waiting", fault.what());
  }
}

KafkaRelayShard::Round KafkaRelayShard::end_session(Round round, const std::string& state, const std::string& why) {
  producer_.reset();
  set_state(state, why);
  return round;
}

void KafkaRelayShard::connect(const std::stop_token& stop) {
  set_state("connecting", status().message);
  options_.client->ensure_topics(topics_.all(), options_.shards, topics_timeout, stop);
  auto producer =
      options_.client->producer(options_.topic_prefix + options_.log_id + ".relay." + std::to_string(shard_));
  producer->init_transactions(init_timeout, stop);
  // From here on no older producer of this shard can publish: what the tails show is final.
  tails_ = read_tails({*options_.client, topics_, options_.log_id, log_, format_, shard_}, stop);
  refuse_rival(tails_.events);
  producer_ = std::move(producer);
  set_published(tails_.events);
  set_state("publishing", "");
}

void KafkaRelayShard::publish(const std::stop_token& stop) {
  PublishedTails next = tails_;
  producer_->begin();
  send_commands(next);
  send_checkpoint(next.events);
  const Position attempted_before = std::exchange(attempted_, next.events);
  const KafkaOutcome outcome = producer_->commit(stop);
  last_commit_ = SteadyClock::now();
  if (outcome == KafkaOutcome::committed) {
    tails_ = std::move(next);
    backoff_ = relay_backoff_min;
    return set_published(tails_.events);
  }
  if (outcome != KafkaOutcome::unknown) attempted_ = attempted_before;
  if (outcome != KafkaOutcome::aborted) throw KafkaFault(producer_->reason());
  const std::lock_guard lock(mutex_);
  ++status_.aborted;
}

void KafkaRelayShard::refuse_rival(Position published) {
  if (std::exchange(connected_before_, true) && published > attempted_) {
    throw RelayHalt("another relay publishes this log: it has reached " + to_string(LogPosition{shard_, published}) +
                    " while this one stood at " + to_string(LogPosition{shard_, attempted_}) +
                    ". Stop one of the two servers");
  }
  attempted_ = published;
}

bool KafkaRelayShard::wait_for_events(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait(lock, stop, [&] { return waiting() > 0; })) return false;
  changed_.wait_until(lock, stop, last_commit_ + relay_gather_time, [&] { return waiting() >= relay_gather_events; });
  return !stop.stop_requested();
}

void KafkaRelayShard::send_commands(PublishedTails& tails) const {
  const auto deadline = SteadyClock::now() + options_.transaction_time_max;
  const auto reader = log_.read_forward(shard_, tails.events + 1);
  std::size_t events = 0;
  std::size_t bytes = 0;
  bool command_open = false;
  StoredEvent event;
  while (reader->next(event)) {
    send_event(tails, event);
    ++events;
    bytes += event.envelope.size();
    const EnvelopeView view = view_envelope(event.envelope);
    command_open = view.command_index + 1 < view.command_size;
    if (command_open) continue;
    if (events >= options_.transaction_events_max || bytes >= relay_transaction_bytes_max ||
        SteadyClock::now() >= deadline) {
      return;
    }
  }
  if (command_open)
    throw CorruptLog(shard_, tails.events,
                     "the log ends within a command, at " + to_string(LogPosition{shard_, tails.events}));
}

void KafkaRelayShard::send_checkpoint(Position size) const {
  if (!options_.checkpoint) return;
  const std::string note = options_.checkpoint(shard_, size);
  const std::string_view origin = std::string_view(note).substr(0, note.find('\n'));
  const KafkaHeaders headers = origin_headers({size, std::nullopt, options_.log_id});
  producer_->send({topics_.checkpoints(), shard_, origin, note, &headers});
}

void KafkaRelayShard::send_event(PublishedTails& tails, const StoredEvent& event) const {
  const std::string topic = format_.topic(event.envelope);
  const auto last = tails.topics.find(topic);
  if (last == tails.topics.end()) {
    throw RelayHalt("the event at " + to_string(LogPosition{shard_, event.position}) +
                    " belongs to no topic of this build ('" + topic + "'): it was written by a newer one");
  }
  const std::string_view key = view_envelope(event.envelope).stream;
  const KafkaHeaders log_headers = origin_headers({event.position, std::nullopt, options_.log_id});
  producer_->send({topics_.events(), shard_, key, event.envelope, &log_headers});
  const KafkaHeaders topic_headers = origin_headers({event.position, last->second, options_.log_id});
  const std::string value = format_.cloud_event(event.envelope, last->second);
  producer_->send({topics_.name(topic), shard_, key, value, &topic_headers});
  tails.events = event.position;
  last->second = event.position;
}

void KafkaRelayShard::back_off(const std::stop_token& stop) {
  std::minstd_rand random{std::random_device{}()};
  const auto wait = std::uniform_int_distribution<milliseconds::rep>(backoff_.count() / 2, backoff_.count())(random);
  backoff_ = std::min(backoff_ * 2, relay_backoff_max);
  std::unique_lock lock(mutex_);
  ++status_.reconnects;
  changed_.wait_for(lock, stop, milliseconds(wait), [] { return false; });
}

void KafkaRelayShard::set_state(const std::string& state, const std::string& message) {
  {
    const std::lock_guard lock(mutex_);
    if (status_.state == state && status_.message == message) return;
    status_.state = state;
    status_.message = message;
    changed_.notify_all();
  }
  if (options_.on_state) options_.on_state(shard_, status());
}

void KafkaRelayShard::set_published(Position published) {
  const std::lock_guard lock(mutex_);
  if (published > status_.published) ++status_.transactions;
  status_.published = published;
  changed_.notify_all();
}

}  // namespace daybook
