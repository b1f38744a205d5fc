// Subscriptions as JSON.
#include <algorithm>

#include "domain/rules/dunning_ladder.h"
#include "gateway/command_fields.h"
#include "gateway/json_member.h"
#include "gateway/render.h"
#include "schemas/events/subscriptions_generated.h"

namespace daybook {
namespace {

void append_anchor(JsonText& json, const Subscription& subscription) {
  json.key("anchor");
  if (subscription.period_number == 0) {
    json.null();
    return;
  }
  const auto two_digits = [](std::uint32_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  const std::uint32_t second = subscription.anchor_second;
  json.begin_object();
  json.member("date", format_date(subscription.anchor));
  json.member("time", two_digits(second / 3'600) + ":" + two_digits(second / 60 % 60) + ":" + two_digits(second % 60));
  json.member("time_zone", subscription.time_zone);
  member_or_null(json, "tz_version", subscription.tz_version);
  json.end_object();
}

void append_discounts(JsonText& json, const Subscription& subscription, const Viewer& viewer) {
  json.key("discounts").begin_array();
  for (const SubscriptionDiscount& discount : subscription.discounts) {
    json.begin_object();
    id_member(json, "id", "di", discount.id, viewer);
    json.member("discount_id", discount.discount_id);
    member_or_null(json, "code", discount.code);
    json.end_object();
  }
  json.end_array();
}

void append_mirrored(JsonText& json, const ProviderSubscription& mirrored) {
  member_or_null(json, "provider_subscription_id", mirrored.id);
  json.key("provider_subscription");
  if (mirrored.id.empty()) {
    json.null();
    return;
  }
  json.begin_object().member("provider", mirrored.provider).member("status", mirrored.status);
  json.member("has_ended", mirrored.has_ended).end_object();
}

/// When what is to come with the end of its period comes; never while it is paused.
Instant change_at(const Subscription& subscription) {
  return subscription.is_paused() ? never : subscription.period_end;
}

void append_members(JsonText& json, std::string_view account_id, const Subscription& subscription, bool is_primary,
                    const Viewer& viewer) {
  json.member("object", "subscription");
  id_member(json, "id", "sub", subscription.id, viewer);
  json.member("account_id", account_id).member("plan_id", subscription.plan_id);
  json.member("plan_version", subscription.plan_version).member("plan_name", subscription.plan_name);
  json.key("price");
  append_price_terms(json, *subscription.price);
  json.member("status", to_text(subscription.status)).member("quantity", subscription.quantity);
  json.member("is_primary", is_primary);
  instant_member(json, "trial_start", subscription.trial_start);
  instant_member(json, "trial_end", subscription.trial_end);
  instant_member(json, "current_period_start", subscription.period_start);
  instant_member(json, "current_period_end", subscription.period_end);
  append_anchor(json, subscription);
  const bool is_pending = subscription.is_live() && subscription.cancels_at_period_end;
  json.member("cancel_at_period_end", is_pending);
  const Instant end = change_at(subscription);
  instant_member(json, "cancel_at", is_pending ? end : never);
  instant_member(json, "canceled_at", subscription.canceled_at);
  member_or_null(json, "cancellation_cause",
                 subscription.cancellation_cause != 0
                     ? cancellation_cause_names.at(subscription.cancellation_cause - 1U)
                     : std::string_view());
  sealed_member(json, "cancel_reason", subscription.cancel_reason, viewer);
  sealed_member(json, "cancel_comment", subscription.cancel_comment, viewer);
  instant_member(json, "pause_started_at", subscription.paused_at);
  instant_member(json, "pause_resumes_at", subscription.resumes_at);
  instant_member(json, "pause_ends_at", subscription.pause_ends_at);
  sealed_member(json, "pause_reason", subscription.pause_reason, viewer, "reason");
  instant_member(json, "grace_period_end", subscription.grace_period_end);
  instant_member(json, "dunning_until", subscription.dunning_until);
  const schema::SubscribedPlanT* scheduled = subscription.scheduled_plan.get();
  member_or_null(json, "scheduled_plan_id", scheduled != nullptr ? std::string_view(scheduled->plan_id) : "");
  number_or_null(json, "scheduled_quantity",
                 subscription.scheduled_quantity != 0 ? std::optional(subscription.scheduled_quantity) : std::nullopt);
  instant_member(json, "scheduled_change_at", scheduled != nullptr ? end : never);
  json.member("collection", subscription.collects_automatically ? "automatic" : "manual");
  json.member("net_days", subscription.net_days);
  append_discounts(json, subscription, viewer);
  append_mirrored(json, subscription.mirrored);
  metadata_member(json, subscription.metadata, viewer);
  instant_member(json, "created_at", subscription.created_at);
  instant_member(json, "updated_at", subscription.updated_at);
  json.member("version", subscription.version);
}

void append_plan(JsonText& json, const Subscription& subscription) {
  json.key("plan").begin_object().member("id", subscription.plan_id).member("version", subscription.plan_version);
  json.member("name", subscription.plan_name).member("quantity", subscription.quantity).key("price");
  append_price_terms(json, *subscription.price);
  json.end_object();
}

/// By whom and what it is collected.
void append_provider(JsonText& json, std::string& out, const AccountDetails& account, const Viewer& viewer) {
  const PaymentMethod* method = account.find_payment_method(account.default_payment_method);
  json.key("provider").begin_object();
  member_or_null(json, "name", method != nullptr ? method->provider : account.provider);
  json.key("payment_method");
  if (method != nullptr) {
    append_payment_method(out, account.id, *method, true, viewer);
  } else {
    json.null();
  }
  json.end_object();
}

void append_trial(JsonText& json, const Subscription& subscription) {
  json.key("trial");
  if (subscription.trial_start == never) {
    json.null();
    return;
  }
  json.begin_object();
  instant_member(json, "start", subscription.trial_start);
  instant_member(json, "end", subscription.trial_end);
  json.member("in_trial", subscription.is_in_trial()).end_object();
}

/// What comes with the end of its period: of one that ends then, nothing else does.
void append_pending_change(JsonText& json, const Subscription& subscription) {
  const schema::SubscribedPlanT* plan = subscription.scheduled_plan.get();
  json.key("pending_change");
  if (plan == nullptr && !subscription.cancels_at_period_end) {
    json.null();
    return;
  }
  const bool ends = subscription.cancels_at_period_end;
  json.begin_object().member("type", ends ? "cancellation" : "plan_change");
  instant_member(json, "at", change_at(subscription));
  const std::optional<std::int64_t> version = ends ? std::nullopt : std::optional<std::int64_t>(plan->plan_version);
  const std::int64_t quantity =
      subscription.scheduled_quantity != 0 ? subscription.scheduled_quantity : subscription.quantity;
  member_or_null(json, "plan_id", ends ? std::string_view() : plan->plan_id);
  number_or_null(json, "plan_version", version);
  member_or_null(json, "plan_name", ends ? std::string_view() : plan->plan_name);
  number_or_null(json, "quantity", ends ? std::nullopt : std::optional(quantity));
  json.end_object();
}

void append_dunning(JsonText& json, const Subscription& subscription, Instant now) {
  json.key("dunning");
  if (!subscription.is_past_due()) {
    json.null();
    return;
  }
  const Instant since = subscription.past_due_at;
  json.begin_object().member("stage", stage_at(five_stage_ladder(), since, std::max(since, now)).name);
  instant_member(json, "since", since);
  instant_member(json, "grace_period_end", subscription.grace_period_end);
  instant_member(json, "dunning_until", subscription.dunning_until);
  json.end_object();
}

}  // namespace

void append_subscription(std::string& out, std::string_view account_id, const Subscription& subscription,
                         bool is_primary, const Viewer& viewer) {
  JsonText json(out);
  json.begin_object();
  append_members(json, account_id, subscription, is_primary, viewer);
  json.end_object();
}

void append_current_subscription(std::string& out, const AccountDetails& account, const Subscription& subscription,
                                 Instant now, const Viewer& viewer) {
  JsonText json(out);
  json.begin_object();
  append_members(json, account.id, subscription, true, viewer);
  append_plan(json, subscription);
  append_provider(json, out, account, viewer);
  append_trial(json, subscription);
  json.key("usage").begin_array().end_array();  // nothing is counted yet
  append_pending_change(json, subscription);
  append_dunning(json, subscription, now);
  json.end_object();
}

}  // namespace daybook
