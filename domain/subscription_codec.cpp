#include "domain/subscription_codec.h"

#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "domain/value_codec.h"
#include "schemas/events/subscriptions_generated.h"

namespace daybook {
namespace {

template <class C>
void visit_subscription_members(C& codec, auto& subscription) {
  visit_id(codec, subscription.id);
  codec.text(subscription.plan_id);
  codec.number(subscription.plan_version);
  codec.text(subscription.plan_name);
  codec.number(subscription.quantity);
  codec.number(subscription.net_days);
  codec.flag(subscription.collects_automatically);
  codec.number(subscription.status);
  codec.require(subscription.status >= SubscriptionStatus::trialing &&
                subscription.status <= SubscriptionStatus::past_due);
  for (auto* at :
       {&subscription.trial_start, &subscription.trial_end, &subscription.period_start, &subscription.period_end,
        &subscription.cycle_start, &subscription.canceled_at, &subscription.paused_at, &subscription.resumes_at,
        &subscription.pause_ends_at, &subscription.past_due_at, &subscription.grace_period_end,
        &subscription.dunning_until, &subscription.created_at, &subscription.updated_at}) {
    codec.number(*at);
  }
  codec.number(subscription.trial_reminded);
  codec.number(subscription.paused_seconds);
  codec.number(subscription.period_number);
  codec.number(subscription.anchor.year);
  codec.number(subscription.anchor.month);
  codec.number(subscription.anchor.day);
  codec.number(subscription.anchor_second);
  codec.text(subscription.time_zone);
  codec.text(subscription.tz_version);
  codec.flag(subscription.cancels_at_period_end);
  codec.number(subscription.cancellation_cause);
  visit_sealed(codec, subscription.cancel_reason);
  visit_sealed(codec, subscription.cancel_comment);
  visit_sealed(codec, subscription.pause_reason);
  visit_sealed(codec, subscription.metadata);
  codec.number(subscription.scheduled_quantity);
  codec.number(subscription.version);
}

template <class C>
void visit_mirrored(C& codec, auto& mirrored) {
  codec.text(mirrored.provider);
  codec.text(mirrored.id);
  codec.text(mirrored.status);
  codec.flag(mirrored.has_ended);
}

template <class C>
void visit_discount(C& codec, auto& discount) {
  visit_id(codec, discount.id);
  codec.text(discount.discount_id);
  codec.text(discount.code);
}

}  // namespace

void encode(ByteWriter& codec, const Subscription& subscription) {
  visit_subscription_members(codec, subscription);
  visit_table<schema::PlanPrice>(codec, subscription.price);
  codec.number(static_cast<std::uint32_t>(subscription.discounts.size()));
  for (const SubscriptionDiscount& discount : subscription.discounts) visit_discount(codec, discount);
  codec.flag(subscription.scheduled_plan != nullptr);
  if (subscription.scheduled_plan) visit_table<schema::SubscribedPlan>(codec, subscription.scheduled_plan);
  codec.number(static_cast<std::uint32_t>(subscription.waiting.size()));
  for (const auto& line : subscription.waiting) visit_table<schema::InvoiceLine>(codec, line);
  const bool is_mirrored = !subscription.mirrored.id.empty();
  codec.flag(is_mirrored);
  if (is_mirrored) visit_mirrored(codec, subscription.mirrored);
}

bool decode(ByteReader& codec, Subscription& subscription) {
  visit_subscription_members(codec, subscription);
  if (!visit_table<schema::PlanPrice>(codec, subscription.price)) return false;
  std::uint32_t count = 0;
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) visit_discount(codec, subscription.discounts.emplace_back());
  bool is_scheduled = false;
  codec.flag(is_scheduled);
  if (is_scheduled) {
    if (!visit_table<schema::SubscribedPlan>(codec, subscription.scheduled_plan)) return false;
    codec.require(subscription.scheduled_plan->price != nullptr);
  }
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    if (!visit_table<schema::InvoiceLine>(codec, subscription.waiting.emplace_back())) return false;
  }
  bool is_mirrored = false;
  codec.flag(is_mirrored);
  if (is_mirrored) {
    visit_mirrored(codec, subscription.mirrored);
    codec.require(!subscription.mirrored.id.empty());
  }
  return codec.ok();
}

}  // namespace daybook
