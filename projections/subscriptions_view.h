// View `subscriptions`: every subscription, ended ones too, as it stands now, and where in the log its transitions are.
// Folded with domain/subscription_fold.h.
//
// Rows:
//   'u' text(book) text(account) version:u64be slot:u16be -> position:u64 subscription (state_codec.h)
//   's' text(book) status:u8 order                        -> text(account)    lists of a book
//   'y' text(book) text(account) status:u8 order          -> text(account)    lists of an account
//   'p' text(book) text(plan) status:u8 order             -> text(account)    lists of a plan
//   'q' text(book) text(account) text(plan) status:u8 order -> text(account)  lists of an account's plan
//   'x' text(book) text(provider's id of it) status:u8 order -> text(account) lists of what a provider has
//   'h' text(book) text(account) version:u64be slot:u16be position:u64be -> from:u8 to:u8    its transitions
//   'o' shard:u16be ordinal:u64be                         -> text(book) text(account)    (stream_accounts.h)
// order := created_us:u64be ordinal:u64be version:u64be slot:u16be. A list merges the ranges of the statuses that its
// filter wants.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/subscription.h"
#include "projections/page.h"
#include "projections/view_snapshot.h"

namespace daybook {

class ViewFold;

struct SubscriptionRow {
  std::string account_id;
  std::string stream;      ///< "book/account".
  LogPosition created_at;  ///< Position of the event that created it.
  Subscription subscription;
};

/// All members that are set must match.
struct SubscriptionFilter {
  std::optional<std::string> account_id;
  std::optional<SubscriptionStatus> status;
  std::optional<std::string> plan_id;  ///< As it stands now; a change that is scheduled does not count.
  std::optional<std::string> provider_subscription_id;
};

/// An event that changed what a subscription is or will be, its plan and quantity included; its period's turn alone is
/// none.
struct SubscriptionTransition {
  Position position = 0;                   ///< Of the event.
  std::optional<SubscriptionStatus> from;  ///< Nothing: it began with this.
  SubscriptionStatus to{};
};

/// Threads: each reader from one thread at a time.
class SubscriptionsReader {
 public:
  explicit SubscriptionsReader(ViewSnapshot snapshot) : snapshot_(std::move(snapshot)) {}
  /// Nothing if there is no such subscription in that book.
  std::optional<SubscriptionRow> find(std::string_view book, EntityRef subscription) const;
  /// Newest first: by the time at which they were created. Cursors are ids. A page costs its own rows.
  Page<SubscriptionRow> list(std::string_view book, const SubscriptionFilter& filter,
                             const PageRequest<EntityRef>& request) const;
  /// Whether it was created first of those of its account that live. Requires a row of this reader.
  bool is_primary(std::string_view book, const SubscriptionRow& row) const;
  /// In order, after the cursor, which is the position of one of them. Requires a row that find returned.
  Page<SubscriptionTransition> history(std::string_view book, const SubscriptionRow& row,
                                       const PageRequest<Position>& request) const;
  const ViewSnapshot& snapshot() const { return snapshot_; }

 private:
  ViewSnapshot snapshot_;
};

std::unique_ptr<ViewFold> make_subscriptions_fold();

}  // namespace daybook
