// A subscription as an account's state, the views and the answers hold it: which version of which plan at which price,
// and the period that it is in. It is only ever changed by the folds in subscription_fold.h, from the stored bytes of
// an event.
//
// One that has ended stays in its account's state: it can begin again.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "domain/civil.h"
#include "domain/id.h"
#include "domain/instant.h"
#include "domain/sealed.h"
#include "domain/trial.h"

namespace daybook::schema {
struct InvoiceLineT;
struct PlanPriceT;
struct SubscribedPlanT;
}  // namespace daybook::schema

namespace daybook {

enum class SubscriptionStatus : std::uint8_t {
  trialing = 1,
  active = 2,
  canceled = 3,
  paused = 4,
  expired = 5,
  past_due = 6
};
inline constexpr std::array<SubscriptionStatus, 6> subscription_statuses = {
    SubscriptionStatus::trialing, SubscriptionStatus::active,  SubscriptionStatus::canceled,
    SubscriptionStatus::paused,   SubscriptionStatus::expired, SubscriptionStatus::past_due};
/// "trialing", "active", "canceled", "paused", "expired", "past_due".
std::string_view to_text(SubscriptionStatus status);
/// Whether one of that status has not ended.
constexpr bool is_live(SubscriptionStatus status) {
  return status != SubscriptionStatus::canceled && status != SubscriptionStatus::expired;
}

/// What is taken off its invoices and no others'; its terms are with the account's (coupons.h).
struct SubscriptionDiscount {
  EntityRef id;
  std::string discount_id, code;
  bool operator==(const SubscriptionDiscount&) const = default;
};

/// What a provider has for it.
struct ProviderSubscription {
  std::string provider, id;  ///< Empty: none has.
  std::string status;        ///< In the provider's words.
  bool has_ended = false;
  bool operator==(const ProviderSubscription&) const = default;
};

struct Subscription {
  EntityRef id;
  std::string plan_id;
  std::uint32_t plan_version = 0;
  std::string plan_name;
  std::shared_ptr<const schema::PlanPriceT> price;  ///< Never null.
  std::int64_t quantity = 1;
  std::uint16_t net_days = 0;  ///< Of its invoices.
  bool collects_automatically = false;
  SubscriptionStatus status = SubscriptionStatus::active;
  Instant trial_start = never, trial_end = never;    ///< Never: it had none.
  std::uint8_t trial_reminded = 0;                   ///< Days before its end of the last reminder; 0: there was none.
  Instant period_start = never, period_end = never;  ///< Half-open; of a trial the trial itself.
  std::int64_t paused_seconds = 0;                   ///< Of the period: how much of it is not counted.
  std::uint64_t period_number = 0;                   ///< Since the anchor, from 1; 0 in a trial.
  Instant cycle_start = never;                       ///< Of the first period since the anchor; never before it.
  Date anchor;                                       ///< On the zone's clock; its day may be past the month's end.
  std::uint32_t anchor_second = 0;                   ///< Of the day.
  std::string time_zone, tz_version;                 ///< What the period was computed with.
  bool cancels_at_period_end = false;
  Instant canceled_at = never;
  std::uint8_t cancellation_cause = 0;   ///< schema::CancellationCause; 0: it is not cancelled.
  Sealed cancel_reason, cancel_comment;  ///< Also of a cancellation that is scheduled.
  Instant paused_at = never;             ///< While it is paused, as the next three.
  Instant resumes_at = never;            ///< By itself; never: when somebody asks for it.
  Instant pause_ends_at = never;         ///< It is cancelled then.
  Sealed pause_reason;
  Instant past_due_at = never;                  ///< When a charge first failed; while it is past due, as the next two.
  Instant grace_period_end = never;             ///< Nothing is withheld until then.
  Instant dunning_until = never;                ///< It is waited for until then.
  std::vector<SubscriptionDiscount> discounts;  ///< In the order in which it got them.
  ProviderSubscription mirrored;
  Sealed metadata;
  /// What it changes to with its next period; null: it stays what it is.
  std::shared_ptr<const schema::SubscribedPlanT> scheduled_plan;
  std::int64_t scheduled_quantity = 0;  ///< 0: what it is then.
  /// Lines of changes that stand on the invoice of its next period. None is null.
  std::vector<std::shared_ptr<const schema::InvoiceLineT>> waiting;
  Instant created_at{}, updated_at{};
  std::uint64_t version = 0;  ///< Stream version of the last event that touched it.

  bool is_live() const { return daybook::is_live(status); }
  bool is_paused() const { return status == SubscriptionStatus::paused; }
  bool is_past_due() const { return status == SubscriptionStatus::past_due; }
  /// In its trial, which may be paused.
  bool is_in_trial() const { return is_live() && period_number == 0; }
  /// Whether a period follows the present one when that ends.
  bool is_renewed() const { return is_live() && !is_paused() && !cancels_at_period_end; }
  /// When something happens to it by itself.
  Instant next_due() const {
    if (!is_live()) return never;
    if (is_paused()) return std::min(resumes_at, pause_ends_at);
    const bool is_trial = status == SubscriptionStatus::trialing;
    return is_trial ? std::min(next_trial_reminder(trial_start, trial_end, trial_reminded), period_end) : period_end;
  }
  bool operator==(const Subscription& other) const;  ///< Of what price, plan and lines say.
};

}  // namespace daybook
