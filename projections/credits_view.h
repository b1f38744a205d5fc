// View `credits`: every money credit ever issued, ended ones too, as it stands now. Folded with domain/grant_fold.h.
//
// Rows:
//   'c' text(book) text(account) version:u64be slot:u16be                    -> position:u64 grant (state_codec.h)
//   's' text(book) status:u8 type:u8 position:u64be version:u64be slot:u16be -> text(account)        lists of a book
//   'o' shard:u16be ordinal:u64be                                            -> text(book) text(account)
//   (stream_accounts.h)
// `position` is that of the credit's first event. One list index serves every filter: a list merges the (at most 35)
// ranges of the statuses and types that it wants. A list of one account, or of an invoice, reads that account's credits
// and filters them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/account.h"
#include "projections/page.h"
#include "projections/view_snapshot.h"

namespace daybook {

class ViewFold;

struct CreditRow {
  std::string account_id;
  std::string stream;     ///< "book/account".
  LogPosition issued_at;  ///< Position of the event that issued it.
  Grant grant;
};

/// All members that are set must match.
struct CreditFilter {
  std::optional<std::string> account_id;
  std::optional<GrantStatus> status;
  std::optional<CreditType> type;
  std::optional<EntityRef> invoice;  ///< Which it was issued for or has paid for.
};

/// Threads: each reader from one thread at a time.
class CreditsReader {
 public:
  explicit CreditsReader(ViewSnapshot snapshot) : snapshot_(std::move(snapshot)) {}
  /// Nothing if there is no such credit in that book.
  std::optional<CreditRow> find(std::string_view book, EntityRef credit) const;
  /// Newest first: by the position of their first event. Cursors are credit ids. A page costs its own rows, but for a
  /// list of one account with a status or type, or of an invoice: that reads up to all credits of the account.
  Page<CreditRow> list(std::string_view book, const CreditFilter& filter, const PageRequest<EntityRef>& request) const;
  /// Every credit of the book until `row` returns false, by account and age.
  void for_each(std::string_view book, const std::function<bool(const CreditRow&)>& row) const;
  const ViewSnapshot& snapshot() const { return snapshot_; }

 private:
  ViewSnapshot snapshot_;
};

std::unique_ptr<ViewFold> make_credits_fold();

}  // namespace daybook
