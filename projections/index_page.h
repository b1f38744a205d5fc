// A page of a list out of its index, newest first. An index key is a prefix (what the list is about) and a suffix (the
// row's place in the order, ascending with age reversed: the newest has the largest).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eventstore/row_store.h"
#include "projections/page.h"

namespace daybook {

struct IndexBounds {
  std::string low, high;  ///< Suffixes in [low, high); an empty high is no bound.
  /// Suffixes of the cursors: rows strictly older than the one, strictly newer than the other.
  std::optional<std::string> starting_after, ending_before;
  std::size_t limit = 0;  ///< Clamped to 1 .. page_limit_max.
};

/// Where the page begins and ends; false if a cursor names nothing of the list. `place_of(id)` is the suffix of what
/// the list has under that id, else nothing.
template <class Id, class PlaceOf>
bool place_cursors(const PageRequest<Id>& request, IndexBounds& bounds, PlaceOf place_of) {
  bounds.limit = request.limit;
  const auto place = [&](const std::optional<Id>& id, std::optional<std::string>& suffix) {
    if (!id) return true;
    suffix = place_of(*id);
    return suffix.has_value();
  };
  const bool after = place(request.starting_after, bounds.starting_after);
  const bool before = place(request.ending_before, bounds.ending_before);
  return after && before;
}

struct IndexEntry {
  std::size_t prefix = 0;  ///< Which of the prefixes.
  std::string suffix;
  std::string value;
};

struct IndexPage {
  std::vector<IndexEntry> entries;  ///< In the list's order.
  bool has_more = false;
};

/// Merges the ranges of all prefixes by suffix. Reads at most limit + 1 entries of each.
IndexPage read_index_page(const RowStore::Snapshot& rows, std::span<const std::string> prefixes,
                          const IndexBounds& bounds);

}  // namespace daybook
