#include "projections/index_page.h"

#include <algorithm>

#include "projections/page.h"
#include "projections/row_key.h"

namespace daybook {
namespace {

struct KeyRange {
  std::string from, to;
};

KeyRange key_range(const std::string& prefix, const IndexBounds& bounds) {
  KeyRange range{prefix + bounds.low, bounds.high.empty() ? after_prefix(prefix) : prefix + bounds.high};
  if (bounds.starting_after) range.to = std::min(range.to, prefix + *bounds.starting_after);
  if (bounds.ending_before) range.from = std::max(range.from, prefix + *bounds.ending_before + '\0');
  return range;
}

}  // namespace

IndexPage read_index_page(const RowStore::Snapshot& rows, std::span<const std::string> prefixes,
                          const IndexBounds& bounds) {
  const std::size_t limit = std::clamp<std::size_t>(bounds.limit, 1, page_limit_max);
  const bool towards_newer = bounds.ending_before && !bounds.starting_after;
  IndexPage page;
  for (std::size_t i = 0; i < prefixes.size(); ++i) {
    const KeyRange range = key_range(prefixes[i], bounds);
    if (range.from >= range.to) continue;
    std::size_t left = limit + 1;
    const auto take = [&](std::string_view key, std::string_view value) {
      page.entries.push_back({i, std::string(key.substr(prefixes[i].size())), std::string(value)});
      return --left > 0;
    };
    if (towards_newer) {
      rows.scan(range.from, range.to, take);
    } else {
      rows.scan_backward(range.from, range.to, take);
    }
  }
  std::sort(page.entries.begin(), page.entries.end(), [&](const IndexEntry& a, const IndexEntry& b) {
    return towards_newer ? a.suffix < b.suffix : b.suffix < a.suffix;
  });
  page.has_more = page.entries.size() > limit;
  if (page.has_more) page.entries.resize(limit);
  if (towards_newer) std::reverse(page.entries.begin(), page.entries.end());
  return page;
}

}  // namespace daybook
