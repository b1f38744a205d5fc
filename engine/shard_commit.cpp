// The shard's way from decided events to committed ones: encoding and folding, the one synced append, the indexes, and
// the rows of changed states.
#include <algorithm>

#include "domain/evolve.h"
#include "domain/state_codec.h"
#include "engine/keyring.h"
#include "engine/limits.h"
#include "engine/shard.h"
#include "engine/shard_detail.h"

namespace daybook {

namespace {

/// Whether an event of a book changes what other threads see of it. What comes all the time does not.
bool is_seen_outside(schema::Event event) {
  return event != schema::Event::CommandAnswered && event != schema::Event::CouponRedeemed &&
         event != schema::Event::InvoiceNumberAssigned && event != schema::Event::PolicyChanged &&
         event != schema::Event::TaxRateSet && event != schema::Event::ProviderEventReceived &&
         event != schema::Event::ProviderEventProcessed && event != schema::Event::ProviderEventIgnored &&
         event != schema::Event::ProviderEventFailed;
}

}  // namespace

void Shard::append(Stream& stream, const Decision& decision, const CommandContext& context, std::string_view command,
                   Instant decided_at) {
  if (!context.idempotency_key.empty()) {
    const KeyHash hash = hash_of(context);
    group_.keys.insert_or_assign(hash, next_position());
    group_.update.keys.emplace_back(hash, next_position());
  }
  EnvelopeHead head;
  head.decided_at = head.effective_at = decided_at;
  head.context = &context;
  head.command = command;
  head.command_size = static_cast<std::uint16_t>(decision.size());
  append_to(stream, decision.events, head);
  if (decision.book_events.empty()) return;
  // The book has a time of its own; the events take effect when the account's did.
  Stream& book = book_stream_of(stream.book);
  head.decided_at = book_now(stream.book);
  append_to(book, decision.book_events, head);
}

void Shard::append_to(Stream& stream, const std::vector<PendingEvent>& events, EnvelopeHead& head) {
  if (stream.ordinal == 0) {
    cache_->number(stream, ++last_ordinal_);
    group_.update.new_streams.emplace_back(stream.ordinal, stream.name);
  }
  head.stream = stream.name;
  head.stream_ordinal = stream.ordinal;
  head.sealing_key = stream.account.details.sealing_key;
  for (const PendingEvent& event : events) {
    last_recorded_ = plus(last_recorded_, 1);
    if (head.command_index == 0) last_recorded_ = std::max(wall_, last_recorded_);
    head.recorded_at = last_recorded_;
    head.at = at(next_position());
    head.stream_version = stream.version + 1;
    const std::string_view envelope = encoder_.encode(head, event);
    if (stream.is_book) {
      evolve(stream.book_state, envelope_root(envelope));
    } else {
      evolve(stream.account, envelope_root(envelope));
    }
    ++stream.version;
    ++head.command_index;
    group_.update.positions.push_back({stream.ordinal, stream.version, head.at.position});
    cache_->mark_dirty(stream, head.at.position);
    events_by_type_[event.type()].fetch_add(1, std::memory_order_relaxed);
    group_.bytes.append(envelope);
    group_.ends.push_back(group_.bytes.size());
  }
  if (events.front().type() == static_cast<std::uint8_t>(schema::Event::AccountPurged)) {
    group_.purged_keys.push_back(stream.account.details.sealing_key);
  }
  if (stream.touched_in_group != group_number_) {
    stream.touched_in_group = group_number_;
    group_.touched.push_back(&stream);
  }
  if (stream.is_book) {
    if (is_seen_outside(static_cast<schema::Event>(events.front().type()))) group_.changed_books.insert(stream.book);
  } else {
    agenda_->note(stream);
    const EntityRef test_clock = stream.account.details.test_clock;
    if (!test_clock.is_none()) note_payments(stream);
    if (!test_clock.is_none() && stream.account.next_due() <= clock_now(stream.book, test_clock)) {
      wake_test_clock(stream.clock());
    }
  }
}

void Shard::commit() {
  if (group_.ends.empty()) return;
  std::vector<std::string_view> envelopes;
  envelopes.reserve(group_.ends.size());
  for (std::size_t i = 0; i < group_.ends.size(); ++i) envelopes.push_back(group_.envelope(i));
  const Position first = committed_.load(std::memory_order_relaxed) + 1;
  const auto begin = std::chrono::steady_clock::now();
  const MerkleHash root = tree_->append(envelopes).root;
  parts_.log->append(parts_.number, first, envelopes);
  const Position head = first + envelopes.size() - 1;
  parts_.directory->witness(parts_.number, {head, parts_.log->head_checksum(parts_.number), root});
  tree_->commit();
  append_us_ += static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin).count());
  ++groups_;
  // The events are durable, so the keys go. If this fails the shard stops, and recovery does it again.
  for (const std::uint64_t key : group_.purged_keys) parts_.keys->purge(key);
  group_.purged_keys.clear();
  // Readers that see the position find its events in the index.
  group_.update.checkpoint = cache_->has_dirty() ? cache_->oldest_dirty().first_dirty - 1 : head;
  index_->add(std::move(group_.update));
  group_.update = {};
  group_.bytes.clear();
  group_.ends.clear();
  group_.keys.clear();
  committed_.store(head, std::memory_order_release);
  publish_books();
  parts_.committed(parts_.number, head);
}

void Shard::publish_books() {
  if (group_.changed_books.empty()) return;
  const std::unique_lock lock(books_mutex_);
  for (const std::string& name : group_.changed_books) {
    publish_book(name, cache_->find(book_stream(name))->book_state);
  }
  group_.changed_books.clear();
}

/// Requires books_mutex_.
void Shard::publish_book(const std::string& name, const BookState& state) {
  PublishedBook& book = books_[name];
  book = {state.clock_offset_us, state.catalogue, state.offers, {}, state.exists(), state.profile};
  for (const auto& [id, clock] : state.test_clocks) book.test_clocks.emplace(id, clock.to);
  for (const auto& [id, key] : state.keys) keys_by_digest_[key.digest] = {name, key};
}

void Shard::finish_group(bool is_last) {
  release_clock_waiters(is_last);
  if (failed_ || is_last) release_late_result_waiters(true);
  std::vector<std::function<void()>> completions;
  completions.reserve(group_.answers.size());
  for (auto& [done, answer] : group_.answers) {
    if (done)
      completions.emplace_back(
          [done = std::move(done), answer = std::move(answer)]() mutable { done(std::move(answer)); });
  }
  for (LateReplay& late : group_.late) parts_.replay_later(std::move(late));
  group_.answers.clear();
  group_.late.clear();
  group_.touched.clear();
  if (!completions.empty()) parts_.complete(std::move(completions));
}

void Shard::store_dirty(std::size_t at_least, bool all) {
  if (!cache_->has_dirty()) return;
  IndexUpdate update;
  const Position head = committed_.load(std::memory_order_relaxed);
  // Rows are stored late, so that an account that changes all the time is stored once in a while; but at least as many
  // a group as it touched, so that the backlog does not grow.
  for (std::size_t stored = 0; cache_->has_dirty(); ++stored) {
    Stream& stream = cache_->oldest_dirty();
    const bool is_late = stream.first_dirty + parts_.dirty_lag_events <= head;
    if (!all && (!is_late || stored >= at_least)) break;
    if (!stream.is_book) {
      for_each_row(stream.account.take_ended(), [&](EntityRef id, std::string row) {
        update.entity_rows.push_back({id.stream_ordinal, id.stream_version, id.slot, std::move(row)});
      });
      const Instant due = stream.account.next_due();
      if (due != stream.stored_due) {
        const std::string list = due_list(stream.clock());
        if (stream.stored_due != never) update.due.push_back({list, micros(stream.stored_due), stream.ordinal, true});
        if (due != never) update.due.push_back({list, micros(due), stream.ordinal, false});
        stream.stored_due = due;
      }
    }
    update.state_rows.emplace_back(stream.name, encode_stream_row(stream));
    cache_->mark_oldest_stored();
  }
  update.checkpoint = cache_->has_dirty() ? cache_->oldest_dirty().first_dirty - 1 : head;
  if (update.entries() != 0) index_->add(std::move(update));
}

}  // namespace daybook
