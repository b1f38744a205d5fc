// Pages of a list: what is asked for and what comes back. One meaning for every list of every view.
//
// A list has an order (newest first, but events ascending). `starting_after` is a row's id: the page holds the rows
// that follow it. `ending_before` is a row's id: the page holds the rows just before it, still in the list's order, so
// the last of them is its neighbour. With both, the rows between them, from starting_after on. Cursors name rows and
// not offsets: rows that are added while somebody pages never make a row appear twice or vanish from the pages to come.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace daybook {

inline constexpr std::size_t page_limit_default = 20;
inline constexpr std::size_t page_limit_max = 200;

template <class Cursor>
struct PageRequest {
  std::size_t limit = page_limit_default;  ///< 1 to page_limit_max; clamped to that.
  std::optional<Cursor> starting_after;
  std::optional<Cursor> ending_before;
};

template <class Row>
struct Page {
  std::vector<Row> data;
  bool has_more = false;     ///< More rows in the direction that was paged: after the page, or before it.
  bool cursor_found = true;  ///< False if a cursor names no row of this book; the page is empty then.
};

}  // namespace daybook
