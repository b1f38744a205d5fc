// The shard and repeats: what an idempotency key, in flight or stored, is answered with.
#include "engine/limits.h"
#include "engine/shard.h"
#include "engine/shard_detail.h"
#include "eventstore/damaged_row.h"
#include "eventstore/envelope_view.h"

namespace daybook {
namespace {

/// The log has a repeat's first answer, and the index does not lead to it.
[[noreturn]] void throw_damaged_index() {
  throw DamagedRow::in_views("the stream index in views/ does not lead to the first answer of a repeated command");
}

}  // namespace

std::string Shard::envelope_at(Position position) const {
  const Position committed = committed_.load(std::memory_order_relaxed);
  if (position > committed) return std::string(group_.envelope(position - committed - 1));
  return parts_.log->read_one(parts_.number, position);
}

std::uint64_t Shard::last_own_version(Position first, const EnvelopeView& view) const {
  for (Position position = first + view.command_size - 1; position > first; --position) {
    const std::string bytes = envelope_at(position);
    const EnvelopeView other = view_envelope(bytes);
    if (other.stream_ordinal == view.stream_ordinal) return other.stream_version;
  }
  return view.stream_version;
}

bool Shard::answer_repeat(Work& work) {
  const CommandContext& context = work.context;
  if (context.idempotency_key.empty() || context.dry_run) return false;
  Position position = 0;
  const KeyHash hash = hash_of(context);
  if (const auto in_flight = group_.keys.find(hash); in_flight != group_.keys.end()) {
    position = in_flight->second;
  } else if (const auto stored = index_->find_key(hash)) {
    position = *stored;
    if (position == 0 || position > committed()) throw_damaged_index();
  }
  if (position == 0) return false;

  const std::string bytes = envelope_at(position);
  const EnvelopeView view = view_envelope(bytes);
  if (hash_key(book_of_stream(view.stream), view.principal, view.idempotency_key) != hash) throw_damaged_index();
  // Another key with the same hash, or one whose time is over: a new command.
  if (view.idempotency_key != context.idempotency_key || view.principal != context.principal.name ||
      book_of_stream(view.stream) != context.principal.book) {
    return false;
  }
  if (!context.keeps_key && view.recorded_at_us + idempotency_ttl_us < micros(wall_)) return false;
  Answer result;
  result.position = at(position + view.command_size - 1);
  result.stream = view.stream;
  if (view.fingerprint != context.fingerprint) {
    result.rejection.code = RejectionCode::idempotency_key_reused;
    result.rejection.pointer = "";
    answer(work, std::move(result));
    return true;
  }
  result.is_replay = true;
  const schema::Envelope& first = envelope_root(bytes);
  const Subject subject = subject_of(first);
  if (first.event_type() == schema::Event::CommandAnswered) {
    result.rejection = stored_rejection(first);
    result.is_unchanged = result.accepted();
    if (!result.accepted()) {
      answer(work, std::move(result));
      return true;
    }
  }
  const std::uint64_t version = last_own_version(position, view);
  Stream* stream = cache_->find(view.stream);
  if (stream == nullptr) throw_damaged_index();
  // Clocks and keys are shown as they are now: their secrets were shown once. A test clock, if somebody waits for it.
  const bool is_now = subject.kind == SubjectKind::clock || subject.kind == SubjectKind::api_key ||
                      subject.kind == SubjectKind::none || (subject.kind == SubjectKind::test_clock && context.waits);
  if (stream->is_book && (is_now || stream->version == version)) {
    if (!holds(stream->book_state, subject)) throw_damaged_index();
    show(result, subject, stream->book_state, book_now(stream->book));
    answer(work, std::move(result));
    return true;
  }
  if (const auto intent = stream->is_book ? std::nullopt : intent_of(position, view)) {
    // Shown as it is now: a repeat waits for the same result.
    if (!subject.id.is_none()) load_ended(*stream, subject.id);
    if (!holds(stream->account, subject)) throw_damaged_index();
    show(result, subject, stream->account, std::nullopt, view.principal);
    answer_or_wait(work, *stream, subject, *intent, std::move(result));
    return true;
  }
  if (!stream->is_book && stream->version == version) {
    if (subject.id != EntityRef{}) load_ended(*stream, subject.id);
    std::optional<UnitMovement> entry;
    if (subject.kind == SubjectKind::unit_entry) entry = unit_movement(first);
    if (!holds(stream->account, subject)) throw_damaged_index();
    show(result, subject, stream->account, entry, view.principal);
    answer(work, std::move(result));
    return true;
  }
  group_.late.push_back({stream->name, version, subject, view.stream_version, std::move(result), std::move(work.done)});
  work.done = nullptr;
  return true;
}

}  // namespace daybook
