#include "projections/entity_list.h"

#include "projections/row_key.h"

namespace daybook {

std::string order_suffix(Instant created_at, EntityRef id) {
  return key_suffix(static_cast<std::uint64_t>(micros(created_at)), id.stream_ordinal, id.stream_version, id.slot);
}

std::string list_of_entity(char table, std::string_view book, EntityRef id, std::uint8_t listed) {
  return KeyWriter(table)
      .text(book)
      .number(id.shard)
      .number(id.stream_ordinal)
      .number(id.stream_version)
      .number(id.slot)
      .number(listed)
      .take();
}

void relist(RowChanges& lists, std::span<const std::string> from, std::span<const std::string> to,
            const std::string& order, std::string_view account) {
  for (const std::string& list : from) lists.erase(list + order);
  for (const std::string& list : to) lists.put(list + order, std::string(account));
}

}  // namespace daybook
