// What a book takes off its prices: discounts, and the coupons that give them, as deciders and reads need them. What is
// offered never changes: evolve() puts a new one in its place. How often it was redeemed changes all the time, and is
// kept apart.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/id.h"
#include "domain/instant.h"

namespace daybook::schema {
struct DiscountTermsT;
}

namespace daybook {

struct OfferedDiscount {
  std::string id;
  bool is_active = true;
  std::shared_ptr<const schema::DiscountTermsT> terms;  ///< Never null; its holders share it.
  Instant created_at{}, updated_at{};
  std::uint64_t version = 0;                            ///< Stream version of the last event that touched it.
  bool operator==(const OfferedDiscount& other) const;  ///< Of what the terms say.
};

struct Coupon {
  std::string code;  ///< In capital letters.
  std::string discount_id;
  bool is_active = true;
  std::optional<std::int64_t> max_redemptions, max_per_account, max_per_user;  ///< None: no limit.
  bool first_purchase_only = false;
  Instant created_at{}, updated_at{};
  std::uint64_t version = 0;  ///< As of a discount.
  bool operator==(const Coupon&) const = default;
};

struct Offers {
  std::map<std::string, OfferedDiscount, std::less<>> discounts;  ///< By id.
  std::map<std::string, Coupon, std::less<>> coupons;             ///< By code.
  bool operator==(const Offers&) const = default;
};

/// How often a coupon was redeemed.
struct CouponUse {
  std::int64_t redemptions = 0;
  std::uint64_t last_version = 0;                            ///< Of the last one, in the book's stream.
  std::map<std::string, std::int64_t, std::less<>> by_user;  ///< Only of a coupon with a limit for each user.
  /// Stream version of the last event that touched the coupon, redemptions included.
  std::uint64_t version_of(const Coupon& coupon) const { return std::max(coupon.version, last_version); }
  bool operator==(const CouponUse&) const = default;
};

struct Redemptions {
  std::map<std::string, CouponUse, std::less<>> coupons;       ///< By code; absent: never.
  std::map<std::string, std::int64_t, std::less<>> discounts;  ///< By id.
  std::size_t users = 0;                                       ///< Counted in all coupons together.
  const CouponUse& of_coupon(std::string_view code) const;
  std::int64_t of_discount(std::string_view id) const;
  bool operator==(const Redemptions&) const = default;
};

/// A discount that an account has, with its terms as they were when the account got it.
struct AccountDiscount {
  EntityRef id;
  std::string discount_id;
  std::string code;      ///< Of the coupon that gave it; empty: somebody gave it without one.
  EntityRef redemption;  ///< None without a coupon.
  std::string user_id;
  std::shared_ptr<const schema::DiscountTermsT> terms;  ///< Never null.
  Instant applied_at{};
  std::uint64_t version = 0;
  EntityRef subscription;                               ///< Whose invoices it is for; none: any.
  Instant removed_at = never;                           ///< From then on it is for none.
  std::int32_t uses = 0;                                ///< Invoices that it took something off, voided ones left out.
  bool operator==(const AccountDiscount& other) const;  ///< Of what the terms say.
};

/// A coupon's code in capital letters: what it is known by.
std::string coupon_code(std::string_view text);

}  // namespace daybook
