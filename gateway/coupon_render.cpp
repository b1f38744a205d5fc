// Discounts, coupons and redemptions as JSON.
#include "gateway/command_fields.h"
#include "gateway/json_member.h"
#include "gateway/render.h"
#include "schemas/events/coupons_generated.h"

namespace daybook {
namespace {

/// Within an object.
void append_terms(JsonText& json, const schema::DiscountTermsT& terms) {
  const bool is_percent = terms.kind == schema::DiscountKind::percent;
  json.member("name", terms.name).member("kind", name_of(discount_kind_names, terms.kind));
  member_or_null(json, "percent", terms.percent);
  number_or_null(json, "amount", is_percent ? std::nullopt : std::optional(terms.amount));
  number_or_null(json, "amount_max", terms.amount_max);
  member_or_null(json, "currency", terms.currency != 0 ? code(Currency{terms.currency}) : std::string());
  json.member("duration", name_of(discount_duration_names, terms.duration));
  number_or_null(json, "months", terms.months);
  json.key("plans").begin_array();
  for (const std::string& plan : terms.plans) json.string(plan);
  json.end_array();
  instant_member(json, "starts_at", terms.starts_at);
  instant_member(json, "ends_at", terms.ends_at);
  number_or_null(json, "max_redemptions", terms.max_redemptions);
  json.member("priority", terms.priority).member("stackable", terms.stackable);
  json.key("metadata").raw(terms.metadata.empty() ? std::string_view("{}") : std::string_view(terms.metadata));
}

}  // namespace

void append_discount_terms(JsonText& json, const schema::DiscountTermsT& terms) {
  json.begin_object();
  append_terms(json, terms);
  json.end_object();
}

void append_discount(std::string& out, const OfferedDiscount& discount) {
  JsonText json(out);
  json.begin_object().member("object", "discount").member("id", discount.id).member("active", discount.is_active);
  append_terms(json, *discount.terms);
  json.member("created_at", format_rfc3339(discount.created_at));
  json.member("updated_at", format_rfc3339(discount.updated_at)).member("version", discount.version).end_object();
}

void append_coupon(std::string& out, const CouponShown& shown) {
  const Coupon& coupon = shown.coupon;
  JsonText json(out);
  json.begin_object().member("object", "coupon").member("code", coupon.code);
  json.member("discount_id", coupon.discount_id).member("active", coupon.is_active);
  number_or_null(json, "max_redemptions", coupon.max_redemptions);
  number_or_null(json, "max_per_account", coupon.max_per_account);
  number_or_null(json, "max_per_user", coupon.max_per_user);
  json.member("first_purchase_only", coupon.first_purchase_only).member("redemptions", shown.redemptions);
  json.member("created_at", format_rfc3339(coupon.created_at));
  json.member("updated_at", format_rfc3339(coupon.updated_at)).member("version", shown.version).end_object();
}

void append_redemption(std::string& out, const CouponRedemption& redemption, const Viewer& viewer) {
  JsonText json(out);
  json.begin_object().member("object", "coupon_redemption");
  id_member(json, "id", "red", redemption.id, viewer);
  json.member("code", redemption.code).member("discount_id", redemption.discount_id);
  json.member("account_id", redemption.account_id);
  member_or_null(json, "user_id", redemption.user_id);
  id_member(json, "account_discount_id", "di", redemption.account_discount, viewer);
  json.member("at", format_rfc3339(redemption.at));
  if (redemption.terms != nullptr) {
    json.key("discount");
    append_discount_terms(json, *redemption.terms);
  }
  json.end_object();
}

}  // namespace daybook
