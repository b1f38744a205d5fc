// An account as it was: its events folded from the log, up to a time, a position or a version.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "domain/account.h"
#include "eventstore/log.h"
#include "eventstore/stream_index.h"

namespace daybook {

/// The fold stops before the first event that is later than any of these.
struct FoldLimit {
  std::optional<Instant> at;  ///< decided_at
  std::optional<LogPosition> position;
  std::optional<std::uint64_t> version;
};

struct FoldedAccount {
  AccountState state;     ///< With its ended entities.
  Position position = 0;  ///< Of the last event folded; 0 if none.
};

/// `each`, if given, is called after every event with its bytes and the state then; it returns false to stop.
/// Throws StorageFault, CorruptLog.
FoldedAccount fold_account(const EventLog& log, const StreamIndex& index, ShardNumber shard, std::uint64_t ordinal,
                           const FoldLimit& limit,
                           const std::function<bool(std::string_view, const AccountState&)>& each = {});

}  // namespace daybook
