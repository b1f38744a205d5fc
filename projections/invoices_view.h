// View `invoices`: every invoice, drafts and ended ones too, as it stands now. Folded with domain/invoice_fold.h.
//
// Rows:
//   'i' text(book) text(account) version:u64be slot:u16be -> position:u64 invoice (state_codec.h)
//   's' text(book) listed:u8 order                        -> text(account)    lists of a book
//   'y' text(book) text(account) listed:u8 order          -> text(account)    lists of an account
//   'u' text(book) ordinal:u64be version:u64be slot:u16be listed:u8 order -> text(account)    lists of a subscription
//   'n' text(book) text(number) order                     -> text(account)    the one of a number
//   'h' text(book) text(account) version:u64be slot:u16be position:u64be -> nothing    its events
//   'o' shard:u16be ordinal:u64be                         -> text(book) text(account)    (stream_accounts.h)
// order := created_us:u64be ordinal:u64be version:u64be slot:u16be. `listed` is the status, open and overdue ones
// apart: a list merges the (at most six) ranges that its filter wants, whichever that is.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/invoice.h"
#include "projections/page.h"
#include "projections/view_snapshot.h"

namespace daybook {

class ViewFold;

struct InvoiceRow {
  std::string account_id;
  std::string stream;      ///< "book/account".
  LogPosition drafted_at;  ///< Position of the event that drafted it.
  Invoice invoice;
};

/// All members that are set must match.
struct InvoiceFilter {
  std::optional<std::string> account_id;
  std::optional<EntityRef> subscription;
  std::optional<std::string> number;
  std::optional<InvoiceStatus> status;
  std::optional<bool> is_overdue;                   ///< Open and past its due date.
  std::optional<Instant> created_from, created_to;  ///< From the one, before the other.
};

/// Threads: each reader from one thread at a time.
class InvoicesReader {
 public:
  explicit InvoicesReader(ViewSnapshot snapshot) : snapshot_(std::move(snapshot)) {}
  /// Nothing if there is no such invoice in that book.
  std::optional<InvoiceRow> find(std::string_view book, EntityRef invoice) const;
  /// Newest first: by the time at which they were drafted. Cursors are invoice ids. A page costs its own rows.
  Page<InvoiceRow> list(std::string_view book, const InvoiceFilter& filter,
                        const PageRequest<EntityRef>& request) const;
  /// Where the events of an invoice that `find` gave are, ascending: its own, and those of what refers to it.
  std::vector<Position> events_of(std::string_view book, const InvoiceRow& row) const;
  /// Every invoice of the book until `row` returns false, by account and age.
  void for_each(std::string_view book, const std::function<bool(const InvoiceRow&)>& row) const;
  const ViewSnapshot& snapshot() const { return snapshot_; }

 private:
  ViewSnapshot snapshot_;
};

std::unique_ptr<ViewFold> make_invoices_fold();

}  // namespace daybook
