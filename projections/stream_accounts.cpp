#include "projections/stream_accounts.h"

#include "projections/damaged_view.h"
#include "projections/row_key.h"

namespace daybook {
namespace {

constexpr char stream_table = 'o';

std::string stream_key(ShardNumber shard, std::uint64_t ordinal) {
  return KeyWriter(stream_table).number(shard).number(ordinal).take();
}

}  // namespace

void StreamAccounts::note(const FoldEvent& event) {
  if (!known_.insert(stream_number(event.shard, event.ordinal)).second) return;
  rows_.put(stream_key(event.shard, event.ordinal),
            KeyWriter(stream_table).text(event.book).text(event.account).take());
}

std::optional<std::string> account_of(const RowStore::Snapshot& rows, std::string_view book, EntityRef entity) {
  const auto stream = rows.get(stream_key(entity.shard, entity.stream_ordinal));
  if (!stream) return std::nullopt;
  KeyReader reader(*stream);
  if (reader.text() != book) return std::nullopt;
  std::string account(reader.text());
  if (!reader.finished()) throw DamagedView("a damaged row");
  return account;
}

}  // namespace daybook
