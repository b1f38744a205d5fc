// The shard around a decision: what it may look at, and what it would come to if it were appended.
#include <algorithm>

#include "domain/evolve.h"
#include "engine/shard.h"
#include "engine/shard_detail.h"

namespace daybook {

DecisionContext Shard::context_for(const Stream& stream, Role role, Instant now) {
  const Stream& book = book_stream_of(stream.book);
  DecisionContext context;
  context.now = now;
  context.shard = parts_.number;
  context.ordinal = stream.ordinal != 0 ? stream.ordinal : last_ordinal_ + 1;
  context.next_version = stream.version + 1;
  context.role = role;
  context.book = &book.book_state;
  context.zones = parts_.zones;
  context.is_test_book = mode_of(book.book_state.profile) == BookMode::test;
  // Streams are numbered as their first events come, and an account's come before its book's.
  context.book_ordinal = book.ordinal;
  if (book.ordinal == 0)
    context.book_ordinal = stream.is_book ? context.ordinal : std::max(context.ordinal, last_ordinal_) + 1;
  return context;
}

Answer Shard::dry_run(const Work& work, const Stream& stream, const Decision& decision, Instant now) {
  const Stream& book = book_stream_of(stream.book);
  Answer result;
  result.is_dry_run = true;
  result.rejection = decision.rejection;
  result.position = at(next_position() - 1);
  result.stream = stream.name;
  result.is_unchanged = decision.accepted() && decision.size() == 0;
  if (!decision.accepted()) return result;
  const DecisionContext context = context_for(stream, work.context.principal.role, now);
  AccountState account = stream.account;
  BookState book_state;  // an account's answer shows nothing of its book, which is large
  if (stream.is_book) book_state = book.book_state;
  EnvelopeHead head;
  head.recorded_at = std::max(wall_, plus(last_recorded_, 1));
  head.decided_at = head.effective_at = now;
  head.context = &work.context;
  head.command = command_name(*work.command);
  head.command_size = static_cast<std::uint16_t>(decision.size());
  const auto try_out = [&](const Stream& to, std::uint64_t ordinal, const std::vector<PendingEvent>& events) {
    result.dry_run_bases[ordinal] = to.version;
    head.stream = to.name;
    head.stream_ordinal = ordinal;
    head.stream_version = to.version;
    head.sealing_key = to.account.details.sealing_key;
    for (const PendingEvent& event : events) {
      head.at = at(next_position() + head.command_index);
      ++head.stream_version;
      const std::string_view envelope = encoder_.encode(head, event);
      if (!to.is_book) {
        evolve(account, envelope_root(envelope));
      } else if (stream.is_book) {
        evolve(book_state, envelope_root(envelope));
      }
      ++head.command_index;
      result.dry_run_events.emplace_back(envelope);
    }
  };
  try_out(stream, context.ordinal, decision.events);
  if (!decision.book_events.empty()) {
    head.decided_at = book_now(stream.book);
    try_out(book, context.book_ordinal, decision.book_events);
  }
  if (stream.is_book) {
    show(result, decision.subject, book_state, plus(wall_, book_state.clock_offset_us));
    return result;
  }
  if (const auto intent = daybook::intent_of(decision, context)) show_intent(result, account, *intent);
  std::optional<UnitMovement> entry;
  if (decision.subject.kind == SubjectKind::unit_entry && !result.dry_run_events.empty()) {
    entry = unit_movement(envelope_root(result.dry_run_events.front()));
  }
  show(result, decision.subject, account, entry, work.context.principal.name);
  return result;
}

}  // namespace daybook
