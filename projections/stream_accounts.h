// Which account a stream is of, so that an entity's id leads to its row: a table that views of entities have in common.
//
//   'o' shard:u16be ordinal:u64be -> text(book) text(account)
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "domain/id.h"
#include "projections/row_table.h"
#include "projections/view_fold.h"

namespace daybook {

class StreamAccounts {
 public:
  /// Of an event that makes an entity. Its row is put once more than needed after a restart: it says the same, and
  /// costs less than to look whether it is there.
  void note(const FoldEvent& event);
  void write(RowBatch& batch) { rows_.write(batch); }
  void forget() {
    rows_.forget();
    known_.clear();
  }
  std::size_t memory_bytes() const { return rows_.memory_bytes() + known_.size() * 48; }

 private:
  RowChanges rows_;
  std::unordered_set<std::uint64_t> known_;  ///< Whose row has been written, or is in rows_.
};

/// The account of the entity; nothing if the view has none of its stream, or it is another book's. Throws DamagedView.
std::optional<std::string> account_of(const RowStore::Snapshot& rows, std::string_view book, EntityRef entity);

}  // namespace daybook
