// A view as it was at one moment: what the readers (accounts_view.h, ...) read from. All reads of one snapshot see the
// same rows and the same checkpoint, whatever is folded meanwhile. Cheap to make; keep it for one answer, not longer.
#pragma once

#include <memory>
#include <utility>

#include "eventstore/position.h"
#include "eventstore/row_store.h"

namespace daybook {

class ViewSnapshot {
 public:
  /// `owner` keeps the store open: shared, because an online rebuild replaces and deletes the copy under its readers.
  ViewSnapshot(std::shared_ptr<const void> owner, std::unique_ptr<RowStore::Snapshot> rows)
      : owner_(std::move(owner)), rows_(std::move(rows)) {}

  const RowStore::Snapshot& rows() const { return *rows_; }
  /// Everything up to here has been folded, and nothing after it.
  Position position(ShardNumber shard) const;

 private:
  std::shared_ptr<const void> owner_;
  std::unique_ptr<RowStore::Snapshot> rows_;
};

}  // namespace daybook
