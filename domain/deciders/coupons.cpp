// Coupons: created, retired, and redeemed, which decides over an account and its book together.
#include "domain/deciders/coupon_check.h"
#include "domain/deciders/handlers.h"
#include "schemas/events/coupons_generated.h"

namespace daybook {
namespace {

const Coupon* find_coupon(const BookState& book, std::string_view text) {
  const auto found = book.offers->coupons.find(coupon_code(text));
  return found == book.offers->coupons.end() ? nullptr : &found->second;
}

/// Adds the events that redeem it, for the invoices of one subscription or (none) for all; `got` is what the account
/// has then. The code `none` if it may.
Rejection redeem_coupon(Decision& decision, AccountDiscount& got, const AccountState& account,
                        const RedeemCoupon& command, EntityRef subscription, const DecisionContext& context) {
  const BookState& book = *context.book;
  const Coupon* coupon = find_coupon(book, command.code);
  if (coupon == nullptr) return {RejectionCode::not_found, {}, {}};
  const OfferedDiscount& discount = book.offers->discounts.at(coupon->discount_id);
  if (auto refusal = check_redemption(account, *coupon, discount, command, context)) return std::move(*refusal);
  if (Rejection refusal = check_discount_room(account, subscription, context); refusal.code != RejectionCode::none)
    return refusal;
  const CouponUse& use = book.redemptions.of_coupon(coupon->code);
  const auto user = use.by_user.find(command.user_id);
  if (coupon->max_per_user && user == use.by_user.end() && book.redemptions.users >= coupon_users_max) {
    return {RejectionCode::limit_reached, {}, {{"limit", std::string("users of coupons with a limit for each")}}};
  }

  got.id = context.new_id(decision.events.size());
  got.discount_id = discount.id;
  got.code = coupon->code;
  got.redemption = context.new_book_id(decision.book_events.size());
  got.user_id = command.user_id;
  got.terms = discount.terms;
  got.applied_at = context.now;
  got.subscription = subscription;
  schema::CouponRedeemedT redeemed;
  redeemed.redemption = got.redemption;
  redeemed.code = coupon->code;
  redeemed.discount_id = discount.id;
  redeemed.account_id = account.details.id;
  redeemed.user_id = command.user_id;
  redeemed.discount = got.id;
  redeemed.number = use.redemptions + 1;
  if (coupon->max_per_user) redeemed.user_number = (user == use.by_user.end() ? 0 : user->second) + 1;
  redeemed.previous_version = use.last_version;
  decision.events.push_back(discount_applied(account, got));
  decision.book_events.push_back(PendingEvent::of(std::move(redeemed)));
  return {};
}

}  // namespace

Decision handle(const BookState& book, const CreateCoupon& command, const DecisionContext&) {
  const std::string code = coupon_code(command.code);
  if (find_coupon(book, code) != nullptr) return reject(RejectionCode::coupon_exists, "/code");
  if (book.offers->coupons.size() >= coupons_max) {
    return reject(RejectionCode::limit_reached, {}, {{"limit", std::string("coupons of a book")}});
  }
  const auto discount = book.offers->discounts.find(command.discount_id);
  if (discount == book.offers->discounts.end()) return reject(RejectionCode::not_found, "/discount_id");
  if (!discount->second.is_active) {
    return reject(RejectionCode::invalid_transition, "/discount_id", {{"from", std::string("retired")}});
  }
  schema::CouponCreatedT event;
  event.code = code;
  event.discount_id = command.discount_id;
  event.max_redemptions = command.max_redemptions;
  if (command.max_per_account.is_none()) event.max_per_account = 1;
  if (command.max_per_account.is_set()) event.max_per_account = command.max_per_account.value;
  event.max_per_user = command.max_per_user;
  event.first_purchase_only = command.first_purchase_only;
  Decision decision;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  decision.subject = {SubjectKind::coupon, {}, code};
  return decision;
}

Decision handle(const BookState& book, const RetireCoupon& command, const DecisionContext&) {
  const Coupon* coupon = find_coupon(book, command.code);
  if (coupon == nullptr) return reject(RejectionCode::not_found);
  Decision decision;
  decision.subject = {SubjectKind::coupon, {}, coupon->code};
  if (!coupon->is_active) return decision;
  schema::CouponRetiredT event;
  event.code = coupon->code;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

PendingEvent discount_applied(const AccountState& account, const AccountDiscount& got) {
  schema::DiscountAppliedT event;
  event.account_id = account.details.id;
  event.discount = got.id;
  event.discount_id = got.discount_id;
  event.terms = std::make_unique<schema::DiscountTermsT>(*got.terms);
  event.code = got.code;
  event.redemption = got.redemption;
  event.user_id = got.user_id;
  event.subscription = got.subscription;
  return PendingEvent::of(std::move(event));
}

Rejection redeem_for_subscription(Decision& decision, AccountDiscount& got, const AccountState& account,
                                  const RedeemCoupon& command, EntityRef subscription, const DecisionContext& context) {
  Rejection refusal = redeem_coupon(decision, got, account, command, subscription, context);
  if (refusal.code == RejectionCode::not_found) {
    refusal = {RejectionCode::coupon_invalid, {}, {{"reason", std::string("unknown")}}};
  }
  if (refusal.code != RejectionCode::none && refusal.pointer.empty()) refusal.pointer = "/coupon";
  return refusal;
}

Decision handle(const AccountState& account, const RedeemCoupon& command, const DecisionContext& context) {
  Decision decision;
  AccountDiscount got;
  if (Rejection refusal = redeem_coupon(decision, got, account, command, {}, context);
      refusal.code != RejectionCode::none) {
    return reject(std::move(refusal));
  }
  decision.subject = {SubjectKind::account_discount, got.id};
  return decision;
}

}  // namespace daybook
