// View `accounts`: an account's details as lists and searches show them. Folded with the domain's own evolve().
//
// Rows (keys: row_key.h; text is its length and bytes, so that no text is another's prefix):
//   'a' text(book) text(account)                      -> ordinal:u64 digest_bytes:u8 digest details (state_codec.h)
//   't' text(book) created_at:u64be ordinal:u64be     -> account id           lists, newest first
//   's' text(book) status:u8 created_at ordinal        -> account id           lists of one status
//   'p' text(book) created_at ordinal                 -> account id           lists of those that are parked
//   'e' text(book) text(digest) created_at ordinal    -> account id           search by e-mail
//   'm' text(book) status:u8 order                    -> account id           payment methods of a book
//   'w' text(book) text(account) status:u8 order      -> account id           payment methods of an account
//   'o' shard:u16be ordinal:u64be                     -> text(book) text(account)    (stream_accounts.h)
// order := created_us:u64be ordinal:u64be version:u64be slot:u16be, of the method, which stands in its account's row.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/account.h"
#include "projections/page.h"
#include "projections/view_fold.h"
#include "projections/view_snapshot.h"

namespace daybook {

struct AccountRow {
  AccountDetails details;
  std::uint64_t ordinal = 0;  ///< Of its stream in the shard.
};

/// All members that are set must match. Every account of this release has standing `active`, and none is `overdue`:
/// another value of the one and that of the other give an empty list.
struct AccountFilter {
  std::optional<std::string> status, standing, payment_status;
  bool is_parked = false;                           ///< True: only those that are.
  std::optional<std::string> email_digest;          ///< HMAC of the lower-cased e-mail under the book's key.
  std::optional<Instant> created_from, created_to;  ///< Half-open: created_from <= created_at < created_to.
};

struct PaymentMethodRow {
  std::string account_id;
  std::string stream;  ///< "book/account".
  PaymentMethod method;
  bool is_default = false;
};

/// All members that are set must match.
struct PaymentMethodFilter {
  std::optional<std::string> account_id;
  std::optional<PaymentMethodStatus> status;
};

/// Threads: each reader from one thread at a time; as many readers as you like.
class AccountsReader {
 public:
  explicit AccountsReader(ViewSnapshot snapshot) : snapshot_(std::move(snapshot)) {}
  std::optional<AccountRow> find(std::string_view book, std::string_view account_id) const;
  /// Newest first: by created_at, then by ordinal. Cursors are account ids. Every filter is a range of an index: a
  /// page costs its own rows, whatever the book's size.
  Page<AccountRow> list(std::string_view book, const AccountFilter& filter,
                        const PageRequest<std::string>& request) const;
  /// Those that are attached, newest first. Cursors are ids of methods. A page costs its own rows.
  Page<PaymentMethodRow> payment_methods(std::string_view book, const PaymentMethodFilter& filter,
                                         const PageRequest<EntityRef>& request) const;
  /// How many accounts of all books are parked; at most `limit`, which is what it costs.
  std::size_t parked(std::size_t limit) const;
  const ViewSnapshot& snapshot() const { return snapshot_; }

 private:
  ViewSnapshot snapshot_;
};

std::unique_ptr<ViewFold> make_accounts_fold(EmailDigest email_digest);

}  // namespace daybook
