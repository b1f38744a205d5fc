// An account or a book as it was: its events folded from the log, up to a time, a position or a version.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "domain/account.h"
#include "domain/book.h"
#include "eventstore/log.h"
#include "eventstore/stream_index.h"

namespace daybook {

/// The fold stops before the first event that is later than any of these.
struct FoldLimit {
  std::optional<Instant> at;  ///< decided_at
  std::optional<LogPosition> position;
  std::optional<std::uint64_t> version;
};

template <class State>
struct Folded {
  State state;            ///< An account's with its ended entities.
  Position position = 0;  ///< Of the last event folded; 0 if none.
};
using FoldedAccount = Folded<AccountState>;
using FoldedBook = Folded<BookState>;

/// `each`, if given, is called after every event with its bytes and the state then; it returns false to stop.
/// Throws StorageFault, CorruptLog; DamagedRow if the index leads to an event of another stream or version.
FoldedAccount fold_account(const EventLog& log, const StreamIndex& index, ShardNumber shard, std::uint64_t ordinal,
                           const FoldLimit& limit,
                           const std::function<bool(std::string_view, const AccountState&)>& each = {});

/// The same of a book's own stream.
FoldedBook fold_book(const EventLog& log, const StreamIndex& index, ShardNumber shard, std::uint64_t ordinal,
                     const FoldLimit& limit);

}  // namespace daybook
