// The judge of a shard's index and state rows: folds the log again, event by event, and asks the index for everything
// that it should have of each: its place in its stream, its idempotency key, the rows of streams and of ended entities,
// what is due. A row that is wrong here would be a wrong answer to a client.
#pragma once

#include <cstdint>
#include <vector>

#include "eventstore/log.h"
#include "eventstore/stream_index.h"
#include "eventstore/verify.h"

namespace daybook {

struct IndexCheck {
  std::uint64_t positions = 0;  ///< Events looked for at their place in their stream.
  std::uint64_t keys = 0;       ///< Idempotency keys looked for.
  std::uint64_t states = 0;     ///< State rows compared byte for byte.
  std::uint64_t ended = 0;      ///< Rows of ended grants, holds, invoices, credit notes and adjustments, likewise.
  std::uint64_t due = 0;        ///< Due instants looked for.
  std::uint64_t problems_found = 0;
  std::vector<LogProblem> problems;  ///< At most log_problems_max.
  bool ok() const { return problems_found == 0; }
};

/// Checks all that the index's checkpoint promises, and every row that is newer. The log must be opened after the index
/// if a server writes both. Throws CorruptLog where the log cannot be read, StorageFault for a failed read.
IndexCheck check_index(const EventLog& log, ShardNumber shard, const StreamIndex& index,
                       const VerifyProgress& progress = {});

}  // namespace daybook
