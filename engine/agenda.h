// The agenda: which account has something due when, by the clock that it lives by. Only what is due soon is held in
// memory; the rest stands in the index. Entries are hints: whoever takes one looks at the account's own state. One
// thread only.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "domain/instant.h"
#include "engine/stream_cache.h"

namespace daybook {

class Agenda {
 public:
  Agenda(const StreamIndex& index, const StreamCache& cache) : index_(index), cache_(cache) {}

  struct Entry {
    Instant at{};
    std::uint64_t ordinal = 0;
    auto operator<=>(const Entry&) const = default;
  };

  /// What is next due of the account may have changed.
  void note(const Stream& account);
  /// Removes and returns the earliest entry that is due at `now` by that clock.
  std::optional<Entry> take(const ClockRef& clock, Instant now);
  /// The accounts of the next entries that are due at `now`, at most so many, which stay.
  std::vector<std::uint64_t> next_accounts(const ClockRef& clock, Instant now, std::size_t count);
  /// Whether an entry is due at `now` by that clock.
  bool has_due(const ClockRef& clock, Instant now);
  /// When the next entry is due by that clock, or when to look again; never with nothing in memory.
  Instant next(const ClockRef& clock);
  /// Nobody asks for what is due by a test clock that stands still.
  void forget(const ClockRef& clock) { lists_.erase(clock); }
  /// Books that have been noted or asked for.
  std::vector<std::string> books() const;
  void clear() { lists_.clear(); }

 private:
  struct List {
    std::set<Entry> soon;
    Instant horizon{};  ///< Everything due before it is in `soon`.
  };
  List& extend(const ClockRef& clock, Instant now);

  const StreamIndex& index_;
  const StreamCache& cache_;
  std::map<ClockRef, List> lists_;
};

}  // namespace daybook
