#include "engine/history.h"

#include <algorithm>
#include <limits>

#include "domain/evolve.h"
#include "eventstore/damaged_row.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr std::uint64_t versions_at_once = 4'096;  ///< Positions fetched from the index in one go.

template <class State>
Folded<State> fold_stream(const EventLog& log, const StreamIndex& index, ShardNumber shard, std::uint64_t ordinal,
                          const FoldLimit& limit, const std::function<bool(std::string_view, const State&)>& each) {
  Folded<State> folded;
  const std::uint64_t last = limit.version.value_or(std::numeric_limits<std::uint64_t>::max() - 1);
  const auto reader = log.read_forward(shard, 1);
  Position reader_at = 0;
  StoredEvent event;
  for (std::uint64_t from = 1; from <= last; from += versions_at_once) {
    std::uint64_t version = from;
    const std::vector<Position> positions = index.positions(ordinal, from, std::min(last, from + versions_at_once - 1));
    for (const Position position : positions) {
      if (limit.position && position > limit.position->position) return folded;
      if (reader_at + 1 != position) reader->seek(position);
      if (!reader->next(event) || event.position != position) {
        throw CorruptLog(shard, position, "the log has no event at position " + std::to_string(position));
      }
      reader_at = position;
      const schema::Envelope& envelope = *schema::GetEnvelope(event.envelope.data());
      if (envelope.stream_ordinal() != ordinal || envelope.stream_version() != version++) {
        throw DamagedRow::in_views("the stream index in views/ has " + to_string({shard, position}) +
                                   " under a stream or a version that is not its own");
      }
      if (limit.at && envelope.decided_at() && envelope.decided_at()->us() > micros(*limit.at)) return folded;
      evolve(folded.state, envelope);
      folded.position = position;
      if (each && !each(event.envelope, folded.state)) return folded;
    }
    if (positions.size() < versions_at_once) break;
  }
  return folded;
}

}  // namespace

FoldedAccount fold_account(const EventLog& log, const StreamIndex& index, ShardNumber shard, std::uint64_t ordinal,
                           const FoldLimit& limit,
                           const std::function<bool(std::string_view, const AccountState&)>& each) {
  return fold_stream<AccountState>(log, index, shard, ordinal, limit, each);
}

FoldedBook fold_book(const EventLog& log, const StreamIndex& index, ShardNumber shard, std::uint64_t ordinal,
                     const FoldLimit& limit) {
  return fold_stream<BookState>(log, index, shard, ordinal, limit, {});
}

}  // namespace daybook
