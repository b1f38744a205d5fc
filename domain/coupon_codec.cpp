#include "domain/coupon_codec.h"

#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "domain/value_codec.h"
#include "schemas/events/coupons_generated.h"

namespace daybook {
namespace {

void limit(ByteWriter& codec, const std::optional<std::int64_t>& value) {
  codec.flag(value.has_value());
  codec.number(value.value_or(0));
}
void limit(ByteReader& codec, std::optional<std::int64_t>& value) {
  bool is_there = false;
  std::int64_t number = 0;
  codec.flag(is_there);
  codec.number(number);
  if (is_there) value = number;
}

template <class C>
void visit_discount(C& codec, auto& discount) {
  codec.text(discount.id);
  codec.flag(discount.is_active);
  codec.number(discount.created_at);
  codec.number(discount.updated_at);
  codec.number(discount.version);
}

template <class C>
void visit_coupon(C& codec, auto& coupon) {
  codec.text(coupon.code);
  codec.text(coupon.discount_id);
  codec.flag(coupon.is_active);
  limit(codec, coupon.max_redemptions);
  limit(codec, coupon.max_per_account);
  limit(codec, coupon.max_per_user);
  codec.flag(coupon.first_purchase_only);
  codec.number(coupon.created_at);
  codec.number(coupon.updated_at);
  codec.number(coupon.version);
}

template <class C>
void visit_applied(C& codec, auto& discount) {
  visit_id(codec, discount.id);
  codec.text(discount.discount_id);
  codec.text(discount.code);
  visit_id(codec, discount.redemption);
  codec.text(discount.user_id);
  codec.number(discount.applied_at);
  codec.number(discount.version);
  visit_id(codec, discount.subscription);
  codec.number(discount.removed_at);
  codec.number(discount.uses);
}

template <class Map>
void counts(ByteWriter& codec, const Map& map) {
  codec.number(static_cast<std::uint32_t>(map.size()));
  for (const auto& [key, count] : map) {
    codec.text(key);
    codec.number(count);
  }
}
template <class Map>
void counts(ByteReader& codec, Map& map) {
  std::uint32_t size = 0;
  codec.number(size);
  for (std::uint32_t i = 0; i < size && codec.ok(); ++i) {
    std::string key;
    codec.text(key);
    codec.number(map[key]);
  }
}

}  // namespace

void encode(ByteWriter& codec, const Offers& offers) {
  codec.number(static_cast<std::uint32_t>(offers.discounts.size()));
  for (const auto& [id, discount] : offers.discounts) {
    visit_discount(codec, discount);
    visit_table<schema::DiscountTerms>(codec, discount.terms);
  }
  codec.number(static_cast<std::uint32_t>(offers.coupons.size()));
  for (const auto& [code, coupon] : offers.coupons) visit_coupon(codec, coupon);
}

bool decode(ByteReader& codec, Offers& offers) {
  std::uint32_t count = 0;
  codec.number(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    OfferedDiscount discount;
    visit_discount(codec, discount);
    if (!visit_table<schema::DiscountTerms>(codec, discount.terms)) return false;
    std::string id = discount.id;
    offers.discounts.emplace(std::move(id), std::move(discount));
  }
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    Coupon coupon;
    visit_coupon(codec, coupon);
    std::string code = coupon.code;
    offers.coupons.emplace(std::move(code), std::move(coupon));
  }
  return codec.ok();
}

void encode(ByteWriter& codec, const Redemptions& redemptions) {
  codec.number(static_cast<std::uint32_t>(redemptions.coupons.size()));
  for (const auto& [code, use] : redemptions.coupons) {
    codec.text(code);
    codec.number(use.redemptions);
    codec.number(use.last_version);
    counts(codec, use.by_user);
  }
  counts(codec, redemptions.discounts);
}

bool decode(ByteReader& codec, Redemptions& redemptions) {
  std::uint32_t count = 0;
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    std::string code;
    codec.text(code);
    CouponUse& use = redemptions.coupons[code];
    codec.number(use.redemptions);
    codec.number(use.last_version);
    counts(codec, use.by_user);
    redemptions.users += use.by_user.size();
  }
  counts(codec, redemptions.discounts);
  return codec.ok();
}

void encode(ByteWriter& codec, const std::vector<AccountDiscount>& discounts) {
  codec.number(static_cast<std::uint32_t>(discounts.size()));
  for (const AccountDiscount& discount : discounts) {
    visit_applied(codec, discount);
    visit_table<schema::DiscountTerms>(codec, discount.terms);
  }
}

bool decode(ByteReader& codec, std::vector<AccountDiscount>& discounts) {
  std::uint32_t count = 0;
  codec.number(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    AccountDiscount& discount = discounts.emplace_back();
    visit_applied(codec, discount);
    if (!visit_table<schema::DiscountTerms>(codec, discount.terms)) return false;
  }
  return codec.ok();
}

}  // namespace daybook
