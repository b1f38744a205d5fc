// The dispatchers: each command to its handler.
#include <type_traits>

#include "domain/deciders/handlers.h"
#include "domain/deciders/subscription_dunning.h"
#include "domain/deciders/trials.h"

namespace daybook {
namespace {

template <class T>
inline constexpr bool on_book =
    std::is_same_v<T, AdvanceSandboxClock> || std::is_same_v<T, CreateApiKey> || std::is_same_v<T, RevokeApiKey> ||
    std::is_same_v<T, CreatePlan> || std::is_same_v<T, RevisePlan> || std::is_same_v<T, RetirePlan> ||
    std::is_same_v<T, RestorePlan> || std::is_same_v<T, SyncCatalogue> || std::is_same_v<T, CreateDiscount> ||
    std::is_same_v<T, ChangeDiscount> || std::is_same_v<T, RetireDiscount> || std::is_same_v<T, CreateCoupon> ||
    std::is_same_v<T, RetireCoupon> || std::is_same_v<T, ChangePolicy> || std::is_same_v<T, SetTaxRate> ||
    std::is_same_v<T, CreateTestClock> || std::is_same_v<T, AdvanceTestClock> ||
    std::is_same_v<T, ReceiveProviderEvent> || std::is_same_v<T, ProcessProviderEvent> ||
    std::is_same_v<T, CreateBook> || std::is_same_v<T, ChangeBook> || std::is_same_v<T, CloseBook>;

/// What can still be done with an account whose deletion is scheduled.
template <class T>
inline constexpr bool works_on_deleted =
    std::is_same_v<T, ScheduleAccountDeletion> || std::is_same_v<T, RestoreAccount> ||
    std::is_same_v<T, PurgeAccount> || std::is_same_v<T, PlaceLegalHold> || std::is_same_v<T, ReleaseLegalHold>;

/// What gives service; what was reserved before is captured all the same.
template <class T>
inline constexpr bool is_service = std::is_same_v<T, DeductUnitCredits> || std::is_same_v<T, ReserveUnitCredits>;

/// What the outside did is so, whatever has become of the account.
template <class T>
inline constexpr bool is_result =
    std::is_same_v<T, RecordPaymentResult> || std::is_same_v<T, ExpireCheckout> ||
    std::is_same_v<T, RecordRefundResult> || std::is_same_v<T, OpenDispute> || std::is_same_v<T, CloseDispute>;

/// What can still be done in a closed book: what the outside did is so, a key that got lost is revoked, and somebody's
/// personal data are deleted.
template <class T>
inline constexpr bool works_in_closed_book =
    is_result<T> || std::is_same_v<T, ReceiveProviderEvent> || std::is_same_v<T, ProcessProviderEvent> ||
    std::is_same_v<T, RevokeApiKey> || std::is_same_v<T, ScheduleAccountDeletion> || std::is_same_v<T, PurgeAccount> ||
    std::is_same_v<T, CreateBook> || std::is_same_v<T, CloseBook>;

template <class T>
bool is_closed_to(const BookState& book) {
  return !works_in_closed_book<T> && book.profile.is_closed();
}

bool refuses(const AccountState& account, bool works_on_deleted_account) {
  const AccountStatus status = account.details.status;
  return status == AccountStatus::deleted || (status == AccountStatus::deletion_scheduled && !works_on_deleted_account);
}

Decision handle_due(const AccountState& account, const DueItem& item, const DecisionContext& context) {
  Decision decision;
  if (item.kind == DueKind::purge) {
    decision.events.push_back(account_purged(true));
    cancel_subscriptions(decision, account);
    return decision;
  }
  if (item.kind == DueKind::hold_expiry) {
    decision.events = reservation_expired(account, *account.find_hold(item.id), context);
    return decision;
  }
  if (item.kind == DueKind::invoice_overdue) {
    decision.events.push_back(invoice_became_overdue(account, *account.find_invoice(item.id)));
    return decision;
  }
  if (item.kind == DueKind::subscription) {
    return subscription_due(account, *account.find_subscription(item.id), context);
  }
  if (item.kind == DueKind::checkout) {
    decision.events.push_back(checkout_expired(account, *account.find_checkout_session(item.id)));
    return decision;
  }
  if (item.kind == DueKind::account_trial) return account_trial_due(account, context);
  const Grant& grant = *account.find_grant(item.id);
  decision.events.push_back(grant.asset.is_money ? credit_expired(account, grant, grant.free())
                                                 : units_expired(account, grant, grant.free()));
  return decision;
}

}  // namespace

std::string_view command_name(const Command& command) {
  return std::visit([](const auto& one) { return std::decay_t<decltype(one)>::name_of_command; }, command);
}

bool is_book_command(const Command& command) {
  return std::visit([](const auto& one) { return on_book<std::decay_t<decltype(one)>>; }, command);
}

Decision decide(const AccountState& account, const Command& command, const DecisionContext& context) {
  Decision decision = std::visit(
      [&](const auto& one) -> Decision {
        using T = std::decay_t<decltype(one)>;
        if constexpr (on_book<T>) {
          return reject(RejectionCode::not_found);
        } else {
          if (context.book != nullptr && is_closed_to<T>(*context.book)) return reject(RejectionCode::book_closed);
          if constexpr (!std::is_same_v<T, OpenAccount>) {
            if (!account.exists()) return reject(RejectionCode::not_found);
            if (!is_result<T> && refuses(account, works_on_deleted<T>)) return reject(RejectionCode::account_deleted);
            if (is_service<T> && is_blocked_by_trial(account, context.role)) return refuse_after_trial();
          }
          return handle(account, one, context);
        }
      },
      command);
  if (decision.accepted()) follow_payments(decision, account, context);
  return decision;
}

Decision decide(const BookState& book, const Command& command, const DecisionContext& context) {
  return std::visit(
      [&](const auto& one) -> Decision {
        using T = std::decay_t<decltype(one)>;
        if constexpr (on_book<T>) {
          if (is_closed_to<T>(book)) return reject(RejectionCode::book_closed);
          return handle(book, one, context);
        } else {
          return reject(RejectionCode::not_found);
        }
      },
      command);
}

Decision decide_due(const AccountState& account, const DueItem& item, const DecisionContext& context) {
  Decision decision = handle_due(account, item, context);
  follow_payments(decision, account, context);
  return decision;
}

}  // namespace daybook
