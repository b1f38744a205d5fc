// A page out of a list that is held in memory, newest first, because it is short (keys, plans).
#pragma once

#include <algorithm>
#include <vector>

#include "projections/page.h"

namespace daybook {

/// Of rows that were created at the same instant, the one with the higher id first.
template <class Row, class IdOf>
void sort_newest_first(std::vector<const Row*>& rows, IdOf id_of) {
  std::sort(rows.begin(), rows.end(), [&](const Row* a, const Row* b) {
    return a->created_at != b->created_at ? a->created_at > b->created_at : id_of(a) > id_of(b);
  });
}

/// `id_of(row)` is what cursors name.
template <class Row, class Id, class IdOf>
Page<Row> page_of(const std::vector<Row>& rows, const PageRequest<Id>& request, IdOf id_of) {
  const auto find = [&](const Id& id) {
    return std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return id_of(row) == id; });
  };
  Page<Row> page;
  auto begin = rows.begin(), end = rows.end();
  if (request.starting_after) {
    const auto at = find(*request.starting_after);
    page.cursor_found = at != rows.end();
    if (page.cursor_found) begin = at + 1;
  }
  if (request.ending_before) {
    const auto at = find(*request.ending_before);
    page.cursor_found = page.cursor_found && at != rows.end();
    end = std::max(begin, at);
  }
  if (!page.cursor_found) return page;
  const auto limit = static_cast<std::ptrdiff_t>(request.limit);
  page.has_more = end - begin > limit;
  if (page.has_more && request.ending_before && !request.starting_after) {
    begin = end - limit;
  } else if (page.has_more) {
    end = begin + limit;
  }
  page.data.assign(begin, end);
  return page;
}

}  // namespace daybook
