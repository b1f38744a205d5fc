// Changes of a subscription: its plan, price and quantity, now or with its next period, and its metadata. What a change
// in the middle of a period gives back is the unused share of what was billed, and what it bills is the rest of the
// period at the new price. On another interval a new row of periods begins, and its first one is billed whole.
#include <algorithm>
#include <utility>

#include "domain/deciders/handlers.h"
#include "domain/deciders/subscription_invoice.h"
#include "domain/deciders/subscription_period.h"
#include "domain/deciders/subscription_plan.h"
#include "domain/deciders/subscription_states.h"
#include "domain/tables.h"
#include "schemas/events/invoices_generated.h"
#include "schemas/events/subscriptions_generated.h"

namespace daybook {
namespace {

constexpr std::size_t billed_charges_max = 2'000;  ///< Of one account, for its subscriptions' present periods.
constexpr std::size_t waiting_lines_max = invoice_lines_max - 10;  ///< The period's own come with them.

/// What a subscription is to be.
struct Target {
  schema::SubscribedPlanT plan;
  std::int64_t quantity = 1;
  ProrationBehavior behavior = ProrationBehavior::create_prorations;
  const Sealed& reason;
  bool ends_trial = false;  ///< Also on the plan that it is on.
};

/// What comes before the change itself.
struct Redeemed {
  Decision decision;                       ///< Shows the subscription; with the events that redeem a coupon for it.
  std::vector<AccountDiscount> discounts;  ///< That the account has then.
};

bool is_same_plan(const schema::SubscribedPlanT& a, const schema::SubscribedPlanT& b) {
  return a.plan_id == b.plan_id && a.plan_version == b.plan_version && *a.price == *b.price;
}

/// Why nothing of the subscription can be changed now; the code `none` if something can.
Rejection check_changeable(const AccountState& account, const Subscription* subscription) {
  if (subscription == nullptr) return {RejectionCode::not_found, {}, {}};
  if (!subscription->is_live()) return no_way(*subscription, subscription->status);
  if (subscription->is_paused()) return {RejectionCode::subscription_paused, {}, {}};
  const std::vector<EntityRef>& failed = account.details.payments.failed;
  for (const auto& [id, invoice] : account.invoices()) {
    const bool has_failed = std::find(failed.begin(), failed.end(), id) != failed.end();
    const bool is_owed =
        invoice.status == InvoiceStatus::open && (invoice.is_overdue || invoice.is_collecting || has_failed);
    if (invoice.subscription == subscription->id && is_owed) {
      return {RejectionCode::settle_first, {}, {{"invoice", invoice.number}}};
    }
  }
  return {};
}

schema::ChangeDirection direction_of(const Subscription& subscription, const Target& target) {
  const std::int64_t quantity = target.quantity != 0 ? target.quantity : subscription.quantity;
  const auto order = cost_of_time(on_plan(subscription, target.plan, quantity)) <=> cost_of_time(subscription);
  if (order > 0) return schema::ChangeDirection::upgrade;
  return order < 0 ? schema::ChangeDirection::downgrade : schema::ChangeDirection::none;
}

PendingEvent plan_changed(const AccountState& account, const Subscription& subscription, const Target& target,
                          std::unique_ptr<schema::SubscriptionPeriodT> period, bool is_scheduled) {
  schema::PlanChangedT event;
  event.subscription = subscription.id;
  event.account_id = account.details.id;
  event.from_plan_id = subscription.plan_id;
  event.from_plan_version = subscription.plan_version;
  event.from_quantity = subscription.quantity;
  event.plan = std::make_unique<schema::SubscribedPlanT>(target.plan);
  event.quantity = target.quantity;
  event.period = std::move(period);
  event.scheduled = is_scheduled;
  event.reason = to_table(target.reason);
  event.direction = direction_of(subscription, target);
  return PendingEvent::of(std::move(event));
}

PendingEvent quantity_changed(const AccountState& account, const Subscription& subscription, const Target& target,
                              bool is_scheduled) {
  schema::SubscriptionQuantityChangedT event;
  event.subscription = subscription.id;
  event.account_id = account.details.id;
  event.from_quantity = subscription.quantity;
  event.quantity = target.quantity;
  event.scheduled = is_scheduled;
  event.reason = to_table(target.reason);
  return PendingEvent::of(std::move(event));
}

PendingEvent schedule_canceled(const AccountState& account, const Subscription& subscription) {
  schema::ScheduledPlanChangeCanceledT event;
  event.subscription = subscription.id;
  event.account_id = account.details.id;
  return PendingEvent::of(std::move(event));
}

/// What a change gives back and bills for the rest of its period.
struct Proration {
  Instant at;
  InvoiceLines credits, charges, waiting;
};

PendingEvent proration_calculated(const AccountState& account, const Subscription& subscription,
                                  const Proration& proration, ProrationBehavior behavior) {
  schema::ProrationCalculatedT event;
  event.subscription = subscription.id;
  event.account_id = account.details.id;
  event.behavior = static_cast<schema::ProrationBehavior>(behavior);
  event.currency = subscription.price->currency;
  event.at = proration.at;
  event.credit = sum_of(proration.credits);
  event.charge = sum_of(proration.charges);
  for (const auto& line : proration.waiting) event.waiting.push_back(std::make_unique<schema::InvoiceLineT>(*line));
  return PendingEvent::of(std::move(event));
}

/// Of a subscription that changes to that plan; an empty code redeems nothing.
Redeemed redeem(const AccountState& account, const Subscription& subscription, const RedeemCoupon& command,
                const DecisionContext& context) {
  Redeemed redeemed{shows(SubjectKind::subscription, subscription.id), account.discounts};
  if (command.code.empty()) return redeemed;
  AccountDiscount& got = redeemed.discounts.emplace_back();
  Rejection refusal = redeem_for_subscription(redeemed.decision, got, account, command, subscription.id, context);
  if (refusal.code != RejectionCode::none) redeemed.decision = reject(std::move(refusal));
  return redeemed;
}

/// The first period begins, and is billed whole: a trial is not billed, so that nothing of it is given back.
Decision end_trial(Decision decision, const AccountState& account, const Subscription& next,
                   const std::vector<AccountDiscount>& discounts, const DecisionContext& context) {
  const NamedZone zone = zone_named(next.time_zone, context.zones);
  schema::TrialEndedEarlyT event;
  event.subscription = next.id;
  event.account_id = account.details.id;
  event.period = first_period(*next.price, used_until(next, context.now), zone);
  event.trial_end = next.trial_end;
  const schema::SubscriptionPeriodT period = *event.period;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  const LinesToBill due{next, schema::BillingReason::subscription_create, discounts};
  const auto fault = bill_period(decision, account, period, due, context);
  return fault ? refuse_invoice(*fault, {}) : std::move(decision);
}

Decision change_now(Redeemed before, const AccountState& account, const Subscription& subscription,
                    const Target& target, const DecisionContext& context) {
  const bool is_other_plan = !is_same_plan(target.plan, subscribed_plan(subscription));
  const bool is_other_quantity = target.quantity != subscription.quantity;
  const bool is_trial = subscription.status == SubscriptionStatus::trialing;
  const bool ends_trial = is_trial && (is_other_plan || target.ends_trial);
  if (!is_other_plan && !is_other_quantity && !ends_trial) return reject(RejectionCode::no_change);
  if (account.billed.all().size() >= billed_charges_max) {
    return limit_reached("changes of an account's present periods", billed_charges_max);
  }
  const Subscription next = on_plan(subscription, target.plan, target.quantity);
  Decision decision = std::move(before.decision);
  if (is_other_plan && subscription.scheduled_plan) {
    decision.events.push_back(schedule_canceled(account, subscription));
  }
  const bool begins_anew = !is_trial && interval_of(*next.price) != interval_of(*subscription.price);
  const Instant at = used_until(subscription, context.now);
  const NamedZone zone = zone_named(subscription.time_zone, context.zones);
  std::unique_ptr<schema::SubscriptionPeriodT> period;
  if (begins_anew) period = first_period(*next.price, at, zone_named(account.details.time_zone, context.zones));
  const Period whole =
      begins_anew ? Period{period->start, period->end} : Period{subscription.period_start, subscription.period_end};
  if (is_other_plan) {
    decision.events.push_back(plan_changed(account, subscription, target, std::move(period), false));
  } else if (is_other_quantity) {
    decision.events.push_back(quantity_changed(account, subscription, target, false));
  }
  if (ends_trial) return end_trial(std::move(decision), account, next, before.discounts, context);
  const bool is_prorated = target.behavior != ProrationBehavior::none;
  if (is_trial || (!is_prorated && !begins_anew)) return decision;

  const bool tax_inclusive = next.price->tax_behavior == schema::TaxBehavior::inclusive;
  Proration proration{
      at,
      {},
      period_lines(next, whole, context.book->policies.rounding, begins_anew ? 0 : subscription.paused_seconds),
      {}};
  if (is_prorated) proration.credits = credit_lines(account, subscription.id, at, tax_inclusive, context, *zone.zone);
  if (!begins_anew) {
    const ProrationUnit unit = proration_unit(next.plan_id, next.plan_version, context);
    proration.charges = prorated(proration.charges, at, unit, *zone.zone);
  }
  InvoiceLines lines = joined(proration.credits, proration.charges);
  InvoiceLines waiting =
      is_prorated ? cut_lines(subscription.waiting, at, context, *zone.zone) : waiting_lines(subscription);
  if (target.behavior == ProrationBehavior::next_invoice) {
    proration.waiting = joined(std::move(waiting), lines);
  } else if (begins_anew) {
    lines = joined(std::move(waiting), lines);
  } else {
    proration.waiting = std::move(waiting);
  }
  if (proration.waiting.size() > waiting_lines_max) return limit_reached("lines of an invoice", waiting_lines_max);
  if (is_prorated) {
    decision.events.push_back(proration_calculated(account, next, proration, target.behavior));
    if (target.behavior == ProrationBehavior::next_invoice) return decision;
  }
  const LinesToBill due{next, schema::BillingReason::subscription_update, before.discounts};
  if (const auto fault = bill_lines(decision, account, std::move(lines), due, context)) {
    return refuse_invoice(*fault, {});
  }
  return decision;
}

/// `quantity` 0: what it is then.
Decision schedule(Decision decision, const AccountState& account, const Subscription& subscription,
                  const Target& target) {
  const bool is_scheduled = subscription.scheduled_plan && is_same_plan(*subscription.scheduled_plan, target.plan) &&
                            subscription.scheduled_quantity == target.quantity;
  const schema::SubscribedPlanT present = subscribed_plan(subscription);
  const bool is_so_already =
      is_same_plan(target.plan, present) && (target.quantity == 0 || target.quantity == subscription.quantity);
  if (is_scheduled || is_so_already) return reject(RejectionCode::no_change);
  schema::PlanChangeScheduledT event;
  event.subscription = subscription.id;
  event.account_id = account.details.id;
  event.plan = std::make_unique<schema::SubscribedPlanT>(target.plan);
  event.quantity = target.quantity;
  event.change_at = subscription.period_end;
  event.reason = to_table(target.reason);
  event.direction = direction_of(subscription, target);
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

/// Whether the target, and what is scheduled on top of it, can be billed: amounts in range, and lines that wait on an
/// invoice whose amounts are with tax, or without, as they are.
Rejection check_billable(const Subscription& subscription, const Target& target, std::int64_t quantity,
                         bool is_at_period_end) {
  if (!is_in_range(*target.plan.price, quantity)) return {RejectionCode::amount_out_of_range, "/quantity", {}};
  const bool is_to_wait = !is_at_period_end && !subscription.is_in_trial();
  const bool waits =
      !subscription.waiting.empty() || (is_to_wait && target.behavior == ProrationBehavior::next_invoice);
  const Rejection cannot_wait =
      must_be("/proration_behavior", "create_prorations or none between prices with tax and without");
  if (waits && target.plan.price->tax_behavior != subscription.price->tax_behavior) return cannot_wait;
  const bool stays_scheduled =
      !is_at_period_end && subscription.scheduled_plan && is_same_plan(target.plan, subscribed_plan(subscription));
  if (!stays_scheduled) return {};
  const schema::PlanPriceT& later = *subscription.scheduled_plan->price;
  if (!is_in_range(later, quantity)) return {RejectionCode::amount_out_of_range, "/quantity", {}};
  if (waits && later.tax_behavior != subscription.price->tax_behavior) return cannot_wait;
  return {};
}

/// When it takes effect, to that plan and so many.
ChangeEffect effect_of(const ChangePlan& command, const Subscription& subscription, const schema::SubscribedPlanT& plan,
                       std::int64_t quantity, const DecisionContext& context) {
  const Policies& policies = context.book->policies;
  if (command.effective) return *command.effective;
  if (command.is_downgrade) return policies.downgrade;
  if (is_same_plan(plan, subscribed_plan(subscription))) return ChangeEffect::now;
  if (!is_in_range(*plan.price, quantity)) return policies.upgrade;  // and refused
  const bool costs_less = cost_of_time(on_plan(subscription, plan, quantity)) < cost_of_time(subscription);
  return costs_less ? policies.downgrade : policies.upgrade;
}

}  // namespace

Decision handle(const AccountState& account, const ChangePlan& command, const DecisionContext& context) {
  const Subscription* subscription = account.find_subscription(command.subscription);
  Rejection refusal = check_changeable(account, subscription);
  if (refusal.code != RejectionCode::none) return reject(std::move(refusal));
  schema::SubscribedPlanT plan;
  refusal = choose_plan(plan, account, *subscription, command, context);
  if (refusal.code != RejectionCode::none) return reject(std::move(refusal));
  const std::int64_t quantity = command.quantity.value_or(subscription->quantity);
  const bool is_at_period_end = effect_of(command, *subscription, plan, quantity, context) == ChangeEffect::period_end;
  if (!is_at_period_end && !may_change_now(context.role)) return reject(RejectionCode::forbidden, "/effective");
  Target target{std::move(plan), quantity,
                command.proration_behavior.value_or(context.book->policies.proration_behavior), command.reason.sealed,
                command.effective == ChangeEffect::now};
  refusal = check_billable(*subscription, target, quantity, is_at_period_end);
  if (refusal.code != RejectionCode::none) return reject(std::move(refusal));
  const RedeemCoupon coupon{command.coupon, account.details.id, command.user_id, target.plan.plan_id};
  Redeemed before = redeem(account, *subscription, coupon, context);
  if (!before.decision.accepted()) return std::move(before.decision);
  if (!is_at_period_end) return change_now(std::move(before), account, *subscription, target, context);
  target.quantity = command.quantity.value_or(0);
  return schedule(std::move(before.decision), account, *subscription, target);
}

Decision handle(const AccountState& account, const ChangeQuantity& command, const DecisionContext& context) {
  const Subscription* subscription = account.find_subscription(command.subscription);
  Rejection refusal = check_changeable(account, subscription);
  if (refusal.code != RejectionCode::none) return reject(std::move(refusal));
  if (command.delta.has_value() == command.quantity.has_value()) {
    return reject(must_be("/quantity", "there if no delta is, and only then"));
  }
  const std::int64_t quantity = command.quantity.value_or(subscription->quantity + command.delta.value_or(0));
  if (quantity < 1 || quantity > subscription_quantity_max) {
    return reject(
        must_be(command.delta ? "/delta" : "/quantity", "what leaves a quantity from the minimum to the maximum",
                {{"quantity", quantity}, {"minimum", std::int64_t{1}}, {"maximum", subscription_quantity_max}}));
  }
  const bool is_at_period_end = command.effective == ChangeEffect::period_end;
  if (!is_at_period_end && !may_change_now(context.role)) return reject(RejectionCode::forbidden, "/effective");
  const bool stays_scheduled = is_at_period_end && subscription->scheduled_plan;
  const Target target{stays_scheduled ? *subscription->scheduled_plan : subscribed_plan(*subscription), quantity,
                      command.proration_behavior.value_or(context.book->policies.proration_behavior),
                      command.reason.sealed};
  refusal = check_billable(*subscription, target, quantity, is_at_period_end);
  if (refusal.code != RejectionCode::none) return reject(std::move(refusal));
  Redeemed before = redeem(account, *subscription, {}, context);
  return is_at_period_end ? schedule(std::move(before.decision), account, *subscription, target)
                          : change_now(std::move(before), account, *subscription, target, context);
}

Decision handle(const AccountState& account, const CancelScheduledPlanChange& command, const DecisionContext&) {
  const Subscription* subscription = account.find_subscription(command.subscription);
  if (subscription == nullptr || !subscription->scheduled_plan) return reject(RejectionCode::not_found);
  Decision decision = shows(SubjectKind::subscription, subscription->id);
  decision.events.push_back(schedule_canceled(account, *subscription));
  return decision;
}

Decision handle(const AccountState& account, const UpdateSubscription& command, const DecisionContext& context) {
  const Subscription* subscription = account.find_subscription(command.subscription);
  if (subscription == nullptr) return reject(RejectionCode::not_found);
  Decision decision = shows(SubjectKind::subscription, subscription->id);
  bool is_redeemed = command.coupon.empty();
  if (!command.plan_id.empty() || command.quantity) {
    ChangePlan change;
    change.subscription = command.subscription;
    change.plan_id = command.plan_id;
    change.quantity = command.quantity;
    if (command.at_period_end) change.effective = *command.at_period_end ? ChangeEffect::period_end : ChangeEffect::now;
    change.proration_behavior = command.proration_behavior;
    change.coupon = command.coupon;
    change.user_id = command.user_id;
    Decision changed = handle(account, change, context);
    const bool is_refused = !changed.accepted() && changed.rejection.code != RejectionCode::no_change;
    if (is_refused) return changed;
    if (changed.accepted()) {
      decision = std::move(changed);
      is_redeemed = true;
    }
  }
  if (!is_redeemed) {
    ApplyDiscount apply;
    apply.subscription = command.subscription;
    apply.coupon = command.coupon;
    apply.user_id = command.user_id;
    decision = handle(account, apply, context);
    if (!decision.accepted()) return decision;
  }
  if (!command.metadata.is_none()) {
    schema::SubscriptionDetailsChangedT event;
    event.subscription = subscription->id;
    event.account_id = account.details.id;
    event.metadata = to_table(command.metadata.value.sealed);
    decision.events.push_back(PendingEvent::of(std::move(event)));
  }
  if (decision.events.empty()) return reject(RejectionCode::no_change);
  return decision;
}

Subscription change_as_scheduled(Decision& decision, const AccountState& account, const Subscription& subscription) {
  if (!subscription.scheduled_plan) return subscription;
  const Sealed no_reason;
  const std::int64_t quantity =
      subscription.scheduled_quantity != 0 ? subscription.scheduled_quantity : subscription.quantity;
  const Target target{*subscription.scheduled_plan, quantity, ProrationBehavior::none, no_reason};
  const bool is_other_plan = !is_same_plan(target.plan, subscribed_plan(subscription));
  if (is_other_plan) {
    decision.events.push_back(plan_changed(account, subscription, target, nullptr, true));
  } else if (quantity != subscription.quantity) {
    decision.events.push_back(quantity_changed(account, subscription, target, true));
  } else {
    decision.events.push_back(schedule_canceled(account, subscription));  // it came to be so before
  }
  return on_plan(subscription, target.plan, quantity);
}

}  // namespace daybook
