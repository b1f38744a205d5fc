#include "domain/deciders/coupon_check.h"

#include <algorithm>

#include "domain/assert.h"
#include "domain/deciders/subscription_period.h"
#include "schemas/events/coupons_generated.h"

namespace daybook {
namespace {

Rejection invalid(std::string_view reason) {
  return {RejectionCode::coupon_invalid, {}, {{"reason", std::string(reason)}}};
}

Rejection redeemed_by(std::string_view whom, std::int64_t limit) {
  return {RejectionCode::coupon_already_redeemed, {}, {{"by", std::string(whom)}, {"limit", limit}}};
}

bool is_used_up(const std::optional<std::int64_t>& limit, std::int64_t used) {
  return limit && used >= *limit;
}

/// A plan of another account is none that this one could know of.
bool can_have(const AccountState& account, const Catalogue& catalogue, const std::string& plan_id) {
  const auto plan = catalogue.plans.find(plan_id);
  if (plan == catalogue.plans.end()) return false;
  return plan->second.account_id.empty() || plan->second.account_id == account.details.id;
}

}  // namespace

bool is_running(const AccountDiscount& discount, const AccountState& account, const DecisionContext& context) {
  const schema::DiscountTermsT& terms = *discount.terms;
  if (discount.removed_at != never) return false;
  if (terms.duration == schema::DiscountDuration::once) return discount.uses == 0;
  if (terms.duration == schema::DiscountDuration::forever) return true;
  const int months = terms.months.value_or(0);
  // Months as its periods have them: on the zone's clock.
  const Subscription* subscription = account.find_subscription(discount.subscription);
  const std::optional<Instant> end =
      subscription != nullptr
          ? months_later(discount.applied_at, months, zone_named(subscription->time_zone, context.zones))
          : add(discount.applied_at, Duration{months, 0, 0});
  ensure(end.has_value(), "a discount that ends after the calendar");
  return context.now < *end;
}

std::optional<Discount> discount_of_terms(std::string_view id, const schema::DiscountTermsT& terms) {
  Discount discount;
  discount.id = id;
  discount.kind = static_cast<DiscountKind>(terms.kind);
  if (!terms.percent.empty()) {
    const std::optional<Rational> percent = parse_decimal(terms.percent, percent_places_max);
    if (!percent) return std::nullopt;
    discount.percent = *percent;
  }
  discount.amount = terms.amount;
  discount.amount_max = terms.amount_max;
  discount.priority = terms.priority;
  return discount;
}

std::optional<Rejection> check_discount_terms(const schema::DiscountTermsT& terms) {
  const std::optional<Discount> discount = discount_of_terms({}, terms);
  if (!discount) return must_be("/percent", "a decimal");
  if (Rejection wrong = check_discount(*discount); wrong.code != RejectionCode::none) return wrong;
  const bool has_amount = terms.amount != 0 || terms.amount_max;
  if (has_amount != (terms.currency != 0)) return must_be("/currency", "there beside an amount, and only there");
  const bool is_repeating = terms.duration == schema::DiscountDuration::repeating;
  if (is_repeating != terms.months.has_value())
    return must_be("/months", "there for a repeating discount, and only then");
  if (terms.starts_at != never && terms.ends_at <= terms.starts_at) return must_be("/ends_at", "later than starts_at");
  return std::nullopt;
}

std::optional<Rejection> check_offer(const AccountState& account, const OfferedDiscount& discount,
                                     const std::string& plan_id, const DecisionContext& context) {
  const schema::DiscountTermsT& terms = *discount.terms;
  if (!discount.is_active) return invalid("retired");
  if (terms.starts_at != never && context.now < terms.starts_at) return invalid("not_started");
  if (context.now >= terms.ends_at) return invalid("expired");
  if (!plan_id.empty()) {
    if (!can_have(account, *context.book->catalogue, plan_id)) {
      return Rejection{RejectionCode::not_found, "/plan_id", {}};
    }
    const bool is_for_plan = std::find(terms.plans.begin(), terms.plans.end(), plan_id) != terms.plans.end();
    if (!terms.plans.empty() && !is_for_plan) return invalid("wrong_plan");
  }
  if (terms.currency != 0 && terms.currency != account.details.currency.packed) return invalid("wrong_currency");
  return std::nullopt;
}

Rejection check_discount_room(const AccountState& account, EntityRef subscription, const DecisionContext& context) {
  if (account.discounts.size() >= account_discounts_max) {
    return {RejectionCode::limit_reached, {}, {{"limit", std::string("discounts of an account")}}};
  }
  if (context.book->policies.stacking != DiscountStacking::exclusive) return {};
  for (const AccountDiscount& other : account.discounts) {
    const bool can_meet = other.subscription.is_none() || subscription.is_none() || other.subscription == subscription;
    if (!can_meet || !is_running(other, account, context)) continue;
    return {RejectionCode::discount_not_combinable, {}, {{"discount", format_id("di", other.id)}}};
  }
  return {};
}

std::optional<Rejection> check_redemption(const AccountState& account, const Coupon& coupon,
                                          const OfferedDiscount& discount, const RedeemCoupon& command,
                                          const DecisionContext& context) {
  if (!coupon.is_active) return invalid("retired");
  if (auto refusal = check_offer(account, discount, command.plan_id, context)) return refusal;
  if (coupon.first_purchase_only && account.has_purchased) return invalid("not_first_purchase");

  const auto own = std::count_if(account.discounts.begin(), account.discounts.end(),
                                 [&](const AccountDiscount& one) { return one.code == coupon.code; });
  if (is_used_up(coupon.max_per_account, own)) return redeemed_by("account", *coupon.max_per_account);
  if (coupon.max_per_user && command.user_id.empty())
    return must_be("/user_id", "there: the coupon has a limit for each user");
  const CouponUse& use = context.book->redemptions.of_coupon(coupon.code);
  const auto user = use.by_user.find(command.user_id);
  if (user != use.by_user.end() && is_used_up(coupon.max_per_user, user->second)) {
    return redeemed_by("user", *coupon.max_per_user);
  }
  if (is_used_up(coupon.max_redemptions, use.redemptions)) return invalid("exhausted");
  const std::int64_t by_all = context.book->redemptions.of_discount(discount.id);
  if (is_used_up(discount.terms->max_redemptions, by_all)) return invalid("exhausted");
  return std::nullopt;
}

}  // namespace daybook
