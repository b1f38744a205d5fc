// The one interface between what drives folding (view_copy.h) and what a view makes of events. A fold keeps the rows
// that it touches in memory; write() puts what has changed into a batch.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "domain/sealed.h"
#include "eventstore/row_store.h"
#include "projections/fold_event.h"
#include "projections/view_name.h"

namespace daybook {

/// Operation: attach once; then, for each batch of events, want() each, load() once, fold() each; then write() the
/// changes, of one batch or of several. Threads: one at a time.
class ViewFold {
 public:
  virtual ~ViewFold() = default;
  /// Where rows are loaded from. An empty store is never asked, as long as every row fits into memory.
  virtual void attach(const RowStore& store, bool is_empty) = 0;
  /// Notes the rows that fold(event) will need, for load() to read them together.
  virtual void want(const FoldEvent& event) = 0;
  virtual void load() = 0;
  /// Throws CorruptLog (refuse()) if the event cannot be folded; the view is then forgotten back to the last write.
  virtual void fold(const FoldEvent& event) = 0;
  virtual void write(RowBatch& batch) = 0;
  /// Forgets every row in memory; everything must be written first, unless it is to be lost.
  virtual void forget() = 0;
  /// About what the rows in memory take.
  virtual std::size_t memory_bytes() const = 0;
};

/// What search by e-mail compares: an HMAC of the address, which only whoever has the keys can make. Empty if the
/// account's key is gone. Views hold it, the log never does: a purge leaves nothing of it.
using EmailDigest = std::function<std::string(std::string_view book, std::string_view stream, const Sealed& email)>;

/// Without a digest nothing is found by e-mail.
std::unique_ptr<ViewFold> make_fold(ViewName view, const EmailDigest& email_digest);

}  // namespace daybook
