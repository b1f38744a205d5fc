#include "domain/coupon_codec.h"

#include "schemas/events/coupons_generated.h"

namespace daybook {
namespace {

using TermsPointer = std::shared_ptr<const schema::DiscountTermsT>;

template <class C>
void visit_id(C& codec, auto& id) {
  codec.number(id.stream_ordinal);
  codec.number(id.stream_version);
  codec.number(id.shard);
  codec.number(id.slot);
}

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

/// In their own format, the event's.
void terms(ByteWriter& codec, const TermsPointer& value) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::DiscountTerms::Pack(builder, value.get()));
  codec.text({reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()});
}
bool terms(ByteReader& codec, TermsPointer& value) {
  std::string bytes;
  codec.text(bytes);
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (!codec.ok() || !verifier.VerifyBuffer<schema::DiscountTerms>(nullptr)) return false;
  auto unpacked = std::make_shared<schema::DiscountTermsT>();
  flatbuffers::GetRoot<schema::DiscountTerms>(bytes.data())->UnPackTo(unpacked.get());
  value = std::move(unpacked);
  return true;
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
    terms(codec, discount.terms);
  }
  codec.number(static_cast<std::uint32_t>(offers.coupons.size()));
  for (const auto& [code, coupon] : offers.coupons) visit_coupon(codec, coupon);
}

bool decode(ByteReader& codec, Offers& offers) {
  std::uint32_t count = 0;
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    OfferedDiscount discount;
    visit_discount(codec, discount);
    if (!terms(codec, discount.terms)) return false;
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
    terms(codec, discount.terms);
  }
}

bool decode(ByteReader& codec, std::vector<AccountDiscount>& discounts) {
  std::uint32_t count = 0;
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    AccountDiscount& discount = discounts.emplace_back();
    visit_applied(codec, discount);
    if (!terms(codec, discount.terms)) return false;
  }
  return codec.ok();
}

}  // namespace daybook
