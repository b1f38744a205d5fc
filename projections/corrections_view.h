// View `corrections`: every credit note and every adjustment of an invoice, as it stands now. Folded with
// domain/credit_note_fold.h.
//
// Rows:
//   'n' text(book) text(account) version:u64be slot:u16be -> position:u64 credit note (state_codec.h)
//   'a' text(book) text(account) version:u64be slot:u16be -> position:u64 adjustment
//   's' text(book) listed:u8 order                        -> text(account)    lists of a book
//   'y' text(book) text(account) listed:u8 order          -> text(account)    lists of an account
//   'v' text(book) shard:u16be ordinal:u64be version:u64be slot:u16be listed:u8 order
//                                                         -> text(account)    lists of an invoice
//   'o' shard:u16be ordinal:u64be                         -> text(book) text(account)    (stream_accounts.h)
// order := created_us:u64be ordinal:u64be version:u64be slot:u16be. `listed` is a credit note's status, or 16 and an
// adjustment's type.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/credit_note.h"
#include "projections/page.h"
#include "projections/view_snapshot.h"

namespace daybook {

class ViewFold;

struct CreditNoteRow {
  std::string account_id;
  std::string stream;  ///< "book/account".
  CreditNote note;
};

struct AdjustmentRow {
  std::string account_id;
  std::string stream;
  InvoiceAdjustment adjustment;
};

/// All members that are set must match.
struct CorrectionFilter {
  std::optional<std::string> account_id;
  std::optional<EntityRef> invoice;
};

/// Threads: each reader from one thread at a time.
class CorrectionsReader {
 public:
  explicit CorrectionsReader(ViewSnapshot snapshot) : snapshot_(std::move(snapshot)) {}
  /// Newest first. Cursors are the documents' ids. A page costs its own rows.
  Page<CreditNoteRow> credit_notes(std::string_view book, const CorrectionFilter& filter,
                                   std::optional<CreditNoteStatus> status, const PageRequest<EntityRef>& request) const;
  Page<AdjustmentRow> adjustments(std::string_view book, const CorrectionFilter& filter,
                                  std::optional<AdjustmentType> type, const PageRequest<EntityRef>& request) const;
  const ViewSnapshot& snapshot() const { return snapshot_; }

 private:
  ViewSnapshot snapshot_;
};

std::unique_ptr<ViewFold> make_corrections_fold();

}  // namespace daybook
