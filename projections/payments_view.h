// View `payments`: every payment, failed ones too, as it stands now. Folded with domain/payment_fold.h.
//
// Rows:
//   'p' text(book) text(account) version:u64be slot:u16be -> position:u64 payment (state_codec.h)
//   's' text(book) status:u8 order                        -> text(account)    lists of a book
//   'y' text(book) text(account) status:u8 order          -> text(account)    lists of an account
//   'v' text(book) shard:u16be ordinal:u64be version:u64be slot:u16be status:u8 order
//                                                         -> text(account)    lists of an invoice
//   't' text(book) text(transaction) order                -> text(account)    of what succeeded
//   'o' shard:u16be ordinal:u64be                         -> text(book) text(account)    (stream_accounts.h)
// order := created_us:u64be ordinal:u64be version:u64be slot:u16be. A list merges the ranges of the statuses that its
// filter wants.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/payment.h"
#include "projections/page.h"
#include "projections/view_snapshot.h"

namespace daybook {

class ViewFold;

struct PaymentRow {
  std::string account_id;
  std::string stream;  ///< "book/account".
  Payment payment;
};

/// All members that are set must match.
struct PaymentFilter {
  std::optional<std::string> account_id;
  std::optional<EntityRef> invoice;
  std::optional<PaymentStatus> status;
};

/// Threads: each reader from one thread at a time.
class PaymentsReader {
 public:
  explicit PaymentsReader(ViewSnapshot snapshot) : snapshot_(std::move(snapshot)) {}
  /// Nothing if there is no such payment in that book.
  std::optional<PaymentRow> find(std::string_view book, EntityRef payment) const;
  /// The newest payment whose charge the provider calls so; nothing if none has succeeded under that name.
  std::optional<EntityRef> find_charge(std::string_view book, std::string_view transaction_id) const;
  /// Newest first. Cursors are payment ids. A page costs its own rows.
  Page<PaymentRow> list(std::string_view book, const PaymentFilter& filter,
                        const PageRequest<EntityRef>& request) const;
  const ViewSnapshot& snapshot() const { return snapshot_; }

 private:
  ViewSnapshot snapshot_;
};

std::unique_ptr<ViewFold> make_payments_fold();

}  // namespace daybook
