// View `audit`: where in the log the events of a book, of a type, of an actor and of a request are, so that a filtered
// page reads its own events only. The events themselves stay in the log.
//
// Rows:
//   'b' text(book)                  + position list (position_list.h)  every event of the book
//   'y' text(book) type:u8          + position list                    by event type
//   'p' text(book) text(principal)  + position list                    by actor
//   'm' text(book)                  + position list                    events that post to the journal
//   'r' ...                           hash index (hash_index.h)       by correlation id and request id
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/instant.h"
#include "eventstore/log.h"
#include "projections/page.h"
#include "projections/view_snapshot.h"

namespace daybook::schema {
enum class Event : std::uint8_t;
}

namespace daybook {

class ViewFold;

/// Positions of a stream's events with versions in [from, to], ascending; the engine's stream index.
using StreamPositions =
    std::function<std::vector<Position>(const std::string& stream, std::uint64_t from, std::uint64_t to)>;

/// All members that are set must match.
struct EventFilter {
  std::optional<std::string> stream;          ///< "book/account" or "book/~book", of the same book.
  std::optional<std::string> type;            ///< "CreditIssued"; a name of no event matches nothing.
  std::optional<std::string> actor;           ///< The principal: "key:key_...".
  std::optional<std::string> correlation_id;  ///< Matches the correlation id or the request id.
  std::optional<Instant> from, to;            ///< Half-open on recorded_at: from <= recorded_at < to.
  bool posts = false;                         ///< Only events with postings.
  std::vector<schema::Event> any_type;        ///< Any of these; empty: of any type.
};

/// Threads: each reader from one thread at a time.
class AuditReader {
 public:
  /// `streams` is needed only for filters on a stream.
  AuditReader(ViewSnapshot snapshot, const EventLog& log, StreamPositions streams)
      : snapshot_(std::move(snapshot)), log_(log), streams_(std::move(streams)) {}
  /// Positions of the matching events of the book up to `up_to`, ascending. Cursors are positions, of any event. Exact:
  /// a page is short only at the end of the list. Costs the intersection of the lists named by the filter, which is
  /// bounded by the shortest of them; `from` and `to` are found by binary search in the log.
  /// Throws StorageFault and CorruptLog as the log does.
  Page<Position> events(std::string_view book, const EventFilter& filter, const PageRequest<Position>& request,
                        ShardNumber shard, Position up_to) const;
  const ViewSnapshot& snapshot() const { return snapshot_; }

 private:
  ViewSnapshot snapshot_;
  const EventLog& log_;
  StreamPositions streams_;
};

std::unique_ptr<ViewFold> make_audit_fold();

}  // namespace daybook
