// View `refunds`: every refund and every dispute of a payment, as it stands now. Folded with domain/refund_fold.h.
//
// Rows:
//   'r' text(book) text(account) version:u64be slot:u16be -> position:u64 refund (state_codec.h)
//   'd' text(book) text(account) version:u64be slot:u16be -> position:u64 dispute
//   's' text(book) listed:u8 order                        -> text(account)    lists of a book
//   'y' text(book) text(account) listed:u8 order          -> text(account)    lists of an account
//   'v' text(book) shard:u16be ordinal:u64be version:u64be slot:u16be listed:u8 order
//                                                         -> text(account)    lists of an invoice
//   'p' the same                                          -> text(account)    lists of a payment
//   'o' shard:u16be ordinal:u64be                         -> text(book) text(account)    (stream_accounts.h)
// order := created_us:u64be ordinal:u64be version:u64be slot:u16be. `listed` is a refund's status, or 16 and a
// dispute's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/refund.h"
#include "projections/page.h"
#include "projections/view_snapshot.h"

namespace daybook {

class ViewFold;

struct RefundRow {
  std::string account_id;
  std::string stream;  ///< "book/account".
  Refund refund;
};

struct DisputeRow {
  std::string account_id;
  std::string stream;
  Dispute dispute;
};

/// All members that are set must match.
struct RefundFilter {
  std::optional<std::string> account_id;
  std::optional<EntityRef> invoice, payment;
};

/// Threads: each reader from one thread at a time.
class RefundsReader {
 public:
  explicit RefundsReader(ViewSnapshot snapshot) : snapshot_(std::move(snapshot)) {}
  /// Nothing if there is no such refund in that book; likewise of a dispute.
  std::optional<RefundRow> find_refund(std::string_view book, EntityRef refund) const;
  std::optional<DisputeRow> find_dispute(std::string_view book, EntityRef dispute) const;
  /// Newest first. Cursors are the refunds' or disputes' ids. A page costs its own rows.
  Page<RefundRow> refunds(std::string_view book, const RefundFilter& filter, std::optional<RefundStatus> status,
                          const PageRequest<EntityRef>& request) const;
  Page<DisputeRow> disputes(std::string_view book, const RefundFilter& filter, std::optional<DisputeStatus> status,
                            const PageRequest<EntityRef>& request) const;
  const ViewSnapshot& snapshot() const { return snapshot_; }

 private:
  ViewSnapshot snapshot_;
};

std::unique_ptr<ViewFold> make_refunds_fold();

}  // namespace daybook
