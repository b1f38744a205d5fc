// Checkout sessions as JSON: as the ledger has them, and as the simulated provider shows them.
#include "gateway/command_fields.h"
#include "gateway/json_member.h"
#include "gateway/render.h"
#include "schemas/events/plans_generated.h"

namespace daybook {
namespace {

/// The page's, while there is something to do there.
std::string page_of(const CheckoutSession& session, const Viewer& viewer) {
  if (!session.is_open() || session.provider_session_id.empty()) return {};
  return "http://" + viewer.host + "/simulator/checkout-sessions/" + session.provider_session_id;
}

}  // namespace

void append_checkout_session(std::string& out, std::string_view account_id, const CheckoutSession& session,
                             const Viewer& viewer) {
  JsonText json(out);
  json.begin_object().member("object", "checkout_session");
  id_member(json, "id", "cs", session.id, viewer);
  json.member("account_id", account_id).member("plan_id", session.plan_id).key("price");
  append_price_terms(json, *session.price);
  json.member("quantity", session.quantity).member("status", to_text(session.status));
  member_or_null(json, "url", page_of(session, viewer));
  member_or_null(json, "provider", session.provider);
  member_or_null(json, "provider_session_id", session.provider_session_id);
  id_member(json, "subscription_id", "sub", session.subscription, viewer);
  member_or_null(json, "coupon", session.coupon);
  member_or_null(json, "user_id", session.user_id);
  number_or_null(json, "trial_days", session.trial_days);
  sealed_member(json, "success_url", session.success_url, viewer);
  sealed_member(json, "cancel_url", session.cancel_url, viewer);
  metadata_member(json, session.metadata, viewer);
  instant_member(json, "expires_at", session.expires_at);
  instant_member(json, "created_at", session.created_at);
  instant_member(json, "updated_at", session.updated_at);
  json.member("version", session.version).end_object();
}

void append_simulated_checkout(std::string& out, std::string_view account_id, const CheckoutSession& session,
                               const Viewer& viewer) {
  JsonText json(out);
  json.begin_object().member("object", "simulated_checkout_session").member("id", session.provider_session_id);
  json.member("status", to_text(session.status));
  member_or_null(json, "url", page_of(session, viewer));
  json.key("metadata").begin_object().member("daybook_checkout", format_id("cs", session.id));
  json.member("daybook_account", account_id).member("daybook_plan", session.plan_id);
  json.member("daybook_user", session.user_id.empty() ? session.opened_by : session.user_id);
  if (!session.coupon.empty()) json.member("daybook_coupon", session.coupon);
  json.end_object();
  instant_member(json, "expires_at", session.expires_at);
  json.end_object();
}

}  // namespace daybook
