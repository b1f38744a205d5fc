// What the events of discounts and coupons mean.
#include "domain/coupons.h"

#include <algorithm>

#include "domain/assert.h"
#include "domain/folds.h"
#include "domain/subscription_fold.h"
#include "domain/tables.h"
#include "schemas/events/coupons_generated.h"

namespace daybook {
namespace {

/// A copy to change; offers change seldom and are read by other threads.
Offers& change_offers(BookState& book) {
  auto changed = std::make_shared<Offers>(*book.offers);
  Offers& offers = *changed;
  book.offers = std::move(changed);
  return offers;
}

OfferedDiscount& touch_discount(BookState& book, std::string_view id, const EventMoment& moment) {
  Offers& offers = change_offers(book);
  const auto found = offers.discounts.find(id);
  ensure(found != offers.discounts.end(), "an event about a discount that was never created");
  touch(found->second, moment);
  return found->second;
}

std::shared_ptr<const schema::DiscountTermsT> terms_of(const schema::DiscountTerms* terms) {
  ensure(terms != nullptr, "an event about a discount without its terms");
  auto copy = std::make_shared<schema::DiscountTermsT>();
  terms->UnPackTo(copy.get());
  return copy;
}

const CouponUse never_redeemed;

}  // namespace

std::string coupon_code(std::string_view text) {
  std::string code(text);
  for (char& c : code) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return code;
}

const CouponUse& Redemptions::of_coupon(std::string_view code) const {
  const auto found = coupons.find(code);
  return found == coupons.end() ? never_redeemed : found->second;
}

std::int64_t Redemptions::of_discount(std::string_view id) const {
  const auto found = discounts.find(id);
  return found == discounts.end() ? 0 : found->second;
}

bool OfferedDiscount::operator==(const OfferedDiscount& other) const {
  return id == other.id && is_active == other.is_active && *terms == *other.terms && created_at == other.created_at &&
         updated_at == other.updated_at && version == other.version;
}

bool AccountDiscount::operator==(const AccountDiscount& other) const {
  return id == other.id && discount_id == other.discount_id && code == other.code && redemption == other.redemption &&
         user_id == other.user_id && *terms == *other.terms && applied_at == other.applied_at &&
         version == other.version && subscription == other.subscription && removed_at == other.removed_at &&
         uses == other.uses;
}

void apply(BookState& book, const schema::DiscountCreated& event, const EventMoment& moment) {
  OfferedDiscount discount;
  discount.id = text(event.discount_id());
  discount.terms = terms_of(event.terms());
  discount.created_at = discount.updated_at = moment.at;
  discount.version = moment.version;
  std::string id = discount.id;
  change_offers(book).discounts.emplace(std::move(id), std::move(discount));
}

void apply(BookState& book, const schema::DiscountChanged& event, const EventMoment& moment) {
  touch_discount(book, text(event.discount_id()), moment).terms = terms_of(event.terms());
}

void apply(BookState& book, const schema::DiscountRetired& event, const EventMoment& moment) {
  touch_discount(book, text(event.discount_id()), moment).is_active = false;
}

void apply(BookState& book, const schema::CouponCreated& event, const EventMoment& moment) {
  Coupon coupon;
  coupon.code = text(event.code());
  coupon.discount_id = text(event.discount_id());
  coupon.max_redemptions = event.max_redemptions();
  coupon.max_per_account = event.max_per_account();
  coupon.max_per_user = event.max_per_user();
  coupon.first_purchase_only = event.first_purchase_only();
  coupon.created_at = coupon.updated_at = moment.at;
  coupon.version = moment.version;
  std::string code = coupon.code;
  change_offers(book).coupons.emplace(std::move(code), std::move(coupon));
}

void apply(BookState& book, const schema::CouponRetired& event, const EventMoment& moment) {
  Offers& offers = change_offers(book);
  const auto found = offers.coupons.find(text(event.code()));
  ensure(found != offers.coupons.end(), "a retired coupon that was never created");
  found->second.is_active = false;
  touch(found->second, moment);
}

void apply(BookState& book, const schema::CouponRedeemed& event, const EventMoment& moment) {
  CouponUse& use = book.redemptions.coupons[text(event.code())];
  use.redemptions = event.number();
  use.last_version = moment.version;
  ++book.redemptions.discounts[text(event.discount_id())];
  if (!event.user_number().has_value()) return;
  const auto [user, is_new] = use.by_user.try_emplace(text(event.user_id()));
  user->second = *event.user_number();
  if (is_new) ++book.redemptions.users;
}

void apply(AccountState& account, const schema::DiscountApplied& event, const EventMoment& moment) {
  AccountDiscount discount;
  discount.id = entity(event.discount());
  discount.discount_id = text(event.discount_id());
  discount.code = text(event.code());
  discount.redemption = entity(event.redemption());
  discount.user_id = text(event.user_id());
  discount.subscription = entity(event.subscription());
  discount.terms = terms_of(event.terms());
  discount.applied_at = moment.at;
  discount.version = moment.version;
  const EntityRef subscription = discount.subscription;
  account.discounts.push_back(std::move(discount));
  account.is_currency_fixed = true;
  if (subscription.is_none()) return;
  account.change_subscription(subscription, [&](Subscription& its) { fold(its, event, moment); });
}

void apply(AccountState& account, const schema::DiscountRemoved& event, const EventMoment& moment) {
  const EntityRef id = entity(event.discount());
  const auto found = std::find_if(account.discounts.begin(), account.discounts.end(),
                                  [&](const AccountDiscount& one) { return one.id == id; });
  ensure(found != account.discounts.end(), "a discount was removed that the account does not have");
  found->removed_at = moment.at;
  found->version = moment.version;
  account.change_subscription(found->subscription, [&](Subscription& its) { fold(its, event, moment); });
}

}  // namespace daybook
