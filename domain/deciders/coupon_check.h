// Whether a discount's terms can be applied to an invoice, and whether a coupon can be redeemed now.
#pragma once

#include <optional>

#include "domain/deciders/decision.h"
#include "domain/rules/discounts.h"

namespace daybook {

/// The first thing wrong with the terms, with its pointer from the terms' object.
std::optional<Rejection> check_discount_terms(const schema::DiscountTermsT& terms);

/// The discount as the rules compute with it, for the whole of an invoice; nothing if its percentage is no decimal.
std::optional<Discount> discount_of_terms(std::string_view id, const schema::DiscountTermsT& terms);

/// Whether it is still good for an invoice of now: its first one, those of its months, or any.
bool is_running(const AccountDiscount& discount, const AccountState& account, const DecisionContext& context);

/// Why the account may not get the discount now, for that plan if one is named; nothing if it may. `coupon_invalid`
/// with the detail `reason` (retired, not_started, expired, wrong_plan, wrong_currency).
std::optional<Rejection> check_offer(const AccountState& account, const OfferedDiscount& discount,
                                     const std::string& plan_id, const DecisionContext& context);

/// Why the account may not have one more discount, for one subscription or (none) for all; the code `none` if it may:
/// `limit_reached`, or `discount_not_combinable` by the policy coupon.stacking.
Rejection check_discount_room(const AccountState& account, EntityRef subscription, const DecisionContext& context);

/// Why the account may not redeem the coupon; nothing if it may. As check_offer, and `coupon_invalid` with the reasons
/// exhausted and not_first_purchase, or `coupon_already_redeemed`.
std::optional<Rejection> check_redemption(const AccountState& account, const Coupon& coupon,
                                          const OfferedDiscount& discount, const RedeemCoupon& command,
                                          const DecisionContext& context);

}  // namespace daybook
