// Lists of an account's entities, newest first by the time at which they came to be: what the views of invoices,
// subscriptions, payments, refunds and corrections have in common. A list's key is its prefix (what it is about, and
// the status that it holds) and
//
//   order := created_us:u64be ordinal:u64be version:u64be slot:u16be
//
// and its value the account's id; the entity's own row stands under its account and its place, with which the order
// ends.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/id.h"
#include "domain/instant.h"
#include "projections/damaged_view.h"
#include "projections/index_page.h"
#include "projections/page.h"
#include "projections/row_table.h"

namespace daybook {

/// Before the entity's place in its account, bytes of an order.
inline constexpr std::size_t order_head_bytes = 2 * sizeof(std::uint64_t);

std::string order_suffix(Instant created_at, EntityRef id);

/// Of what is about that entity of the book, one list a status.
std::string list_of_entity(char table, std::string_view book, EntityRef id, std::uint8_t listed);

/// The entity leaves those lists, none at first, for these.
void relist(RowChanges& lists, std::span<const std::string> from, std::span<const std::string> to,
            const std::string& order, std::string_view account);

/// The page of these lists. `read(account, place)` is the row of an entity that is in one of them. Nothing if an
/// account is given and the lists are of something that is another's.
template <class Row, class Read>
Page<Row> read_list(const RowStore::Snapshot& rows, std::span<const std::string> lists, const IndexBounds& bounds,
                    const std::optional<std::string>& account, Read read) {
  Page<Row> page;
  const IndexPage index = read_index_page(rows, lists, bounds);
  page.has_more = index.has_more;
  for (const IndexEntry& entry : index.entries) {
    if (entry.suffix.size() < order_head_bytes) throw DamagedView("a damaged row of a list");
    if (account.value_or(entry.value) != entry.value) return {};
    page.data.push_back(read(entry.value, std::string_view(entry.suffix).substr(order_head_bytes)));
  }
  return page;
}

}  // namespace daybook
