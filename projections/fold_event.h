// One event of a batch, on its way into the views: its place, its bytes, and the parts of its stream's name.
#pragma once

#include <string>
#include <string_view>

#include "domain/evolve.h"
#include "eventstore/fault.h"
#include "eventstore/position.h"

namespace daybook {

/// Views point into the batch (fold_batch.h) and last as long as it does.
struct FoldEvent {
  ShardNumber shard = 0;
  Position position = 0;
  const schema::Envelope* envelope = nullptr;
  std::string_view stream;
  std::string_view book;      ///< Before the '/': empty for the platform's stream.
  std::string_view account;   ///< After it; empty for streams that are no account's.
  std::uint64_t ordinal = 0;  ///< Of the stream.
  std::uint64_t version = 0;
  Instant decided_at{}, effective_at{};
  EventMoment moment() const { return {version, decided_at, effective_at}; }
};

/// The event cannot be folded: the log and the fold disagree on what may happen. Stops the view.
[[noreturn]] inline void refuse(const FoldEvent& event, std::string_view why) {
  throw CorruptLog(event.shard, event.position,
                   "the event at " + to_string({event.shard, event.position}) +
                       " cannot be folded: " + std::string(why) + "; run daybook verify");
}

/// What identifies a row while it is in memory: a stream, and something within it.
struct RowId {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  bool operator==(const RowId&) const = default;
};

struct RowIdHash {
  std::size_t operator()(const RowId& id) const {
    std::uint64_t mixed = (id.first + 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 29 ^ id.second) * 0x94d049bb133111eb;
    return static_cast<std::size_t>(mixed ^ mixed >> 32);
  }
};

/// The stream's number over all shards (ordinals are below 2^40).
inline std::uint64_t stream_number(ShardNumber shard, std::uint64_t ordinal) {
  return static_cast<std::uint64_t>(shard) << 48 | ordinal;
}

}  // namespace daybook
