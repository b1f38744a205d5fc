// Discounts of one subscription: got for a coupon or given by somebody who may, and removed.
#include <algorithm>

#include "domain/deciders/coupon_check.h"
#include "domain/deciders/handlers.h"
#include "domain/deciders/subscription_states.h"
#include "schemas/events/coupons_generated.h"

namespace daybook {
namespace {

/// Adds what gives one of the book's discounts to a subscription without a coupon; it counts as no redemption.
Rejection give_discount(Decision& decision, const AccountState& account, const Subscription& subscription,
                        const std::string& discount_id, const DecisionContext& context) {
  if (!may_override(context.role)) return {RejectionCode::forbidden, "/discount_id", {}};
  const auto& offered = context.book->offers->discounts;
  const auto found = offered.find(discount_id);
  if (found == offered.end()) return {RejectionCode::not_found, "/discount_id", {}};
  const OfferedDiscount& discount = found->second;
  if (auto refusal = check_offer(account, discount, subscription.plan_id, context)) return std::move(*refusal);
  const bool has_it = std::any_of(account.discounts.begin(), account.discounts.end(), [&](const AccountDiscount& one) {
    return one.discount_id == discount_id && one.subscription == subscription.id && is_running(one, account, context);
  });
  if (has_it) return {RejectionCode::no_change, "/discount_id", {}};
  if (Rejection refusal = check_discount_room(account, subscription.id, context); refusal.code != RejectionCode::none) {
    return refusal;
  }
  AccountDiscount got;
  got.id = context.new_id();
  got.discount_id = discount.id;
  got.terms = discount.terms;
  got.subscription = subscription.id;
  decision.events.push_back(discount_applied(account, got));
  return {};
}

}  // namespace

Decision handle(const AccountState& account, const ApplyDiscount& command, const DecisionContext& context) {
  const Subscription* subscription = account.find_subscription(command.subscription);
  if (subscription == nullptr) return reject(RejectionCode::not_found);
  if (command.coupon.empty() == command.discount_id.empty()) {
    return reject(must_be("/coupon", "there if no discount_id is, and only then"));
  }
  if (!subscription->is_live()) return reject(no_way(*subscription, subscription->status));
  Decision decision = shows(SubjectKind::subscription, subscription->id);
  Rejection refusal;
  if (command.coupon.empty()) {
    refusal = give_discount(decision, account, *subscription, command.discount_id, context);
  } else {
    AccountDiscount got;
    const RedeemCoupon redeem{command.coupon, account.details.id, command.user_id, subscription->plan_id};
    refusal = redeem_for_subscription(decision, got, account, redeem, subscription->id, context);
  }
  if (refusal.code != RejectionCode::none) return reject(std::move(refusal));
  return decision;
}

Decision handle(const AccountState& account, const RemoveDiscount& command, const DecisionContext&) {
  const Subscription* subscription = account.find_subscription(command.subscription);
  const AccountDiscount* discount = account.find_discount(command.discount);
  const bool is_its = subscription != nullptr && discount != nullptr && discount->subscription == command.subscription;
  if (!is_its || discount->removed_at != never) return reject(RejectionCode::not_found);
  Decision decision = shows(SubjectKind::subscription, subscription->id);
  schema::DiscountRemovedT event;
  event.account_id = account.details.id;
  event.discount = discount->id;
  event.discount_id = discount->discount_id;
  event.subscription = subscription->id;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

}  // namespace daybook
