// Walks a whole shard of the log and checks everything that the log alone can show: rows, envelopes, and that the
// numbers in them are dense and in order. What events mean is checked elsewhere, against the views.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "eventstore/log.h"

namespace daybook {

/// Problems beyond these are counted, not listed.
inline constexpr std::size_t log_problems_max = 100;
inline constexpr Position verify_progress_events = 10'000;

struct LogProblem {
  Position position = 0;  ///< The first position that is affected; 0 if none can be named.
  std::string text;
};

struct LogCheck {
  std::uint64_t events = 0;
  std::uint64_t rows = 0;
  std::uint64_t streams = 0;
  std::uint64_t bytes = 0;  ///< Of the rows as stored, before compression.
  std::uint64_t problems_found = 0;
  std::vector<LogProblem> problems;  ///< In log order, at most log_problems_max.
  bool ok() const { return problems_found == 0; }
};

/// done and total in positions.
using VerifyProgress = std::function<void(Position done, Position total)>;

/// Checks 1 to head as of now. Damage is reported, not thrown, and the walk goes on behind it where it can; throws
/// StorageFault only for a failed read. A check that saw nothing of a log that has a head is a problem itself.
/// Call log.check_files() as well to cover the bytes of the files that hold no events.
LogCheck verify_log(const EventLog& log, ShardNumber shard, const VerifyProgress& progress = {});

}  // namespace daybook
