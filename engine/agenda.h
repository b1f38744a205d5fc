// The agenda: which account has something due when, by book. Only what is due soon is held in memory; the rest stands
// in the index. Entries are hints: whoever takes one looks at the account's own state. One thread only.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

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

  /// The account's next due instant is `at` now; `never` is ignored.
  void note(const std::string& book, Instant at, std::uint64_t ordinal);
  /// Removes and returns the earliest entry of the book that is due at `now`.
  std::optional<Entry> take(const std::string& book, Instant now);
  /// Whether the book has an entry due at `now`.
  bool has_due(const std::string& book, Instant now);
  /// When the book's next entry is due, or when to look again; never with nothing in memory.
  Instant next(const std::string& book);
  /// Books that have been noted or asked for.
  std::vector<std::string> books() const;
  void clear() { books_.clear(); }

 private:
  struct Book {
    std::set<Entry> soon;
    Instant horizon{};  ///< Everything due before it is in `soon`.
  };
  Book& extend(const std::string& book, Instant now);

  const StreamIndex& index_;
  const StreamCache& cache_;
  std::map<std::string, Book> books_;
};

}  // namespace daybook
