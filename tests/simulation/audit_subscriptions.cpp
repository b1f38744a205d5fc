#include "tests/simulation/audit_subscriptions.h"

#include <algorithm>
#include <charconv>

#include "domain/tables.h"

namespace daybook::test {
namespace {

using SubscriptionState = ShopSubscription::Status;

constexpr std::int64_t second_us = 1'000'000;

Instant in_whole_seconds(Instant at) {
  return Instant{micros(at) / second_us * second_us};
}

ShopPrice price_told(const schema::PlanPrice* price) {
  ShopPrice told;
  shop_must(price != nullptr, "tells no price");
  if (price->unit_amount() == nullptr || price->included_quantity() != nullptr) return told;
  const std::string text = price->unit_amount()->str();
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), told.unit_amount);
  if (error != std::errc() || rest != text.data() + text.size()) return told;
  if (price->model() == schema::PriceModel::flat) told.kind = ShopPrice::Kind::flat;
  if (price->model() == schema::PriceModel::per_seat) told.kind = ShopPrice::Kind::per_seat;
  return told;
}

/// The subscription that an event is about.
template <class Event>
ShopSubscription& about(const ShopEvent& at, const Event& event) {
  return shop_find(at.account.subscriptions, entity(event.subscription()), "is about a subscription that is not there");
}

void begin_period(const ShopEvent& at, EntityRef id, ShopSubscription& one, const schema::SubscriptionPeriod* period,
                  Instant start) {
  shop_must(period != nullptr, "begins a period and does not tell it");
  one.start = instant(period->start());
  one.end = instant(period->end());
  shop_must(one.start == start, "begins a period elsewhere than the one before it ended");
  shop_must(one.start < one.end, "begins a period that is empty");
  if (one.status != SubscriptionState::past_due) one.status = SubscriptionState::active;
  one.is_in_trial = false;
  shop_must(at.shop.command.begun.insert(id).second, "begins a second period in one command");
}

/// What is done by itself is done at its own instant, or, of an account that could not before, as soon as it can.
void expect_at(const ShopEvent& at, Instant due) {
  shop_must(at.decided_at == std::max(due, at.decided_before), "was not decided at the instant at which it fell due");
}

bool runs(const ShopSubscription& one) {
  return one.status == SubscriptionState::active || one.status == SubscriptionState::trialing;
}

bool is_owing(const ShopSubscription& one) {
  return one.status == SubscriptionState::past_due;
}

/// Whether a charge failed for one of its open invoices.
bool has_failed_invoice(const ShopAccount& account, EntityRef subscription) {
  return std::any_of(account.open_invoices.begin(), account.open_invoices.end(), [&](EntityRef id) {
    const ShopInvoice& invoice = account.invoices.at(id);
    return invoice.has_failed && invoice.subscription == subscription;
  });
}

void look(const ShopEvent& at, const schema::SubscriptionBecamePastDue& event) {
  ShopSubscription& one = about(at, event);
  shop_must(one.status == SubscriptionState::active, "makes past due what is not active");
  shop_must(at.shop.command.failed.contains(entity(event.invoice())), "is past due without a failed charge");
  const auto days_from_now = [&](Instant until) {
    const std::int64_t length_us = micros(until) - micros(at.decided_at);
    return length_us % micros_per_day == 0 ? length_us / micros_per_day : -1;
  };
  shop_must(days_from_now(instant(event.grace_period_end())) == 4, "has another grace period");
  shop_must(days_from_now(instant(event.dunning_until())) == 31, "is waited for longer, or less long");
  one.status = SubscriptionState::past_due;
}

void look(const ShopEvent& at, const schema::SubscriptionRecovered& event) {
  ShopSubscription& one = about(at, event);
  shop_must(is_owing(one), "recovers what was not past due");
  shop_must(!has_failed_invoice(at.account, entity(event.subscription())), "recovers what still owes");
  one.status = SubscriptionState::active;
}

void look(const ShopEvent& at, const schema::SubscriptionCreated& event) {
  ShopSubscription one;
  one.quantity = event.quantity();
  one.price = price_told(event.price());
  const bool is_new = at.account.subscriptions.emplace(entity(event.subscription()), one).second;
  shop_must(is_new, "creates a subscription that there is");
}

void look(const ShopEvent& at, const schema::SubscriptionTrialStarted& event) {
  ShopSubscription& one = about(at, event);
  shop_must(one.status == SubscriptionState::created, "starts a trial of a subscription that has begun");
  one.status = SubscriptionState::trialing;
  one.is_in_trial = true;
  one.start = instant(event.start());
  one.end = instant(event.end());
  shop_must(one.start == in_whole_seconds(at.decided_at) && one.start < one.end, "starts a trial at another time");
}

void look(const ShopEvent& at, const schema::SubscriptionActivated& event) {
  ShopSubscription& one = about(at, event);
  shop_must(one.status == SubscriptionState::created, "activates a subscription that has begun");
  begin_period(at, entity(event.subscription()), one, event.period(), in_whole_seconds(at.decided_at));
}

void look(const ShopEvent& at, const schema::TrialConverted& event) {
  ShopSubscription& one = about(at, event);
  shop_must(one.status == SubscriptionState::trialing && !one.ends_with_period,
            "converts what is in no trial, or ends with it");
  expect_at(at, one.end);
  begin_period(at, entity(event.subscription()), one, event.period(), one.end);
}

void look(const ShopEvent& at, const schema::TrialEndedEarly& event) {
  ShopSubscription& one = about(at, event);
  shop_must(one.status == SubscriptionState::trialing, "ends a trial that there is not");
  const Instant start = std::min(in_whole_seconds(at.decided_at), one.end);
  begin_period(at, entity(event.subscription()), one, event.period(), start);
}

void look(const ShopEvent& at, const schema::SubscriptionRenewed& event) {
  ShopSubscription& one = about(at, event);
  const bool runs_on = one.status == SubscriptionState::active || one.status == SubscriptionState::past_due;
  shop_must(runs_on && !one.ends_with_period, "renews what is not active, or ends");
  expect_at(at, one.end);
  begin_period(at, entity(event.subscription()), one, event.period(), one.end);
}

void look(const ShopEvent& at, const schema::SubscriptionCancellationScheduled& event) {
  ShopSubscription& one = about(at, event);
  shop_must(one.is_live() && !one.ends_with_period, "schedules the end of what has ended, or ends already");
  one.ends_with_period = true;
}

void look(const ShopEvent& at, const schema::SubscriptionCanceled& event) {
  ShopSubscription& one = about(at, event);
  shop_must(one.is_live(), "ends a subscription that has ended");
  if (event.cause() == schema::CancellationCause::scheduled) {
    shop_must(one.ends_with_period && one.status != SubscriptionState::paused,
              "ends a subscription that nobody cancelled");
    expect_at(at, one.end);
  }
  if (event.cause() == schema::CancellationCause::pause_limit) {
    shop_must(one.status == SubscriptionState::paused, "ends a pause that there is not");
    expect_at(at, one.pause_ends_at);
  }
  one.status = SubscriptionState::canceled;
  one.has_change = false;
  at.shop.command.ended.insert(entity(event.subscription()));
}

void look(const ShopEvent& at, const schema::SubscriptionReactivated& event) {
  ShopSubscription& one = about(at, event);
  shop_must(one.is_live() ? one.ends_with_period : true, "takes back a cancellation that there is not");
  shop_must(one.is_live() == (event.period() == nullptr), "begins again without having ended, or has not begun again");
  one.ends_with_period = false;
  if (one.is_live()) return;
  begin_period(at, entity(event.subscription()), one, event.period(), in_whole_seconds(at.decided_at));
}

void look(const ShopEvent& at, const schema::PlanChanged& event) {
  ShopSubscription& one = about(at, event);
  shop_must(runs(one) || (is_owing(one) && event.scheduled()), "changes the plan of what does not run");
  shop_must(event.from_quantity() == one.quantity, "changes another quantity than there is");
  shop_must(event.plan() != nullptr, "tells no plan");
  if (event.scheduled()) {
    shop_must(one.has_change, "makes a change that nobody scheduled");
    expect_at(at, one.end);
    one.has_change = false;
  }
  one.price = price_told(event.plan()->price());
  one.quantity = event.quantity();
  at.shop.command.changed.insert(entity(event.subscription()));
  if (event.period() == nullptr) return;
  shop_must(!one.is_in_trial, "begins a period of a trial");
  begin_period(at, entity(event.subscription()), one, event.period(),
               std::min(in_whole_seconds(at.decided_at), one.end));
  // Billed as a change, or with the next period.
  one.unbilled.insert(one.start);
  at.shop.command.begun.erase(entity(event.subscription()));
}

void look(const ShopEvent& at, const schema::SubscriptionQuantityChanged& event) {
  ShopSubscription& one = about(at, event);
  shop_must(runs(one) || (is_owing(one) && event.scheduled()), "changes the quantity of what does not run");
  shop_must(event.from_quantity() == one.quantity, "changes another quantity than there is");
  if (event.scheduled()) {
    shop_must(one.has_change, "makes a change that nobody scheduled");
    expect_at(at, one.end);
    one.has_change = false;
  }
  one.quantity = event.quantity();
  at.shop.command.changed.insert(entity(event.subscription()));
}

void look(const ShopEvent& at, const schema::PlanChangeScheduled& event) {
  ShopSubscription& one = about(at, event);
  shop_must(runs(one), "schedules a change of what does not run");
  shop_must(instant(event.change_at()) == one.end, "schedules a change for another time than the period's end");
  one.has_change = true;
}

void look(const ShopEvent& at, const schema::ScheduledPlanChangeCanceled& event) {
  ShopSubscription& one = about(at, event);
  shop_must(one.has_change, "takes back a change that nobody scheduled");
  one.has_change = false;
}

void look(const ShopEvent& at, const schema::SubscriptionPaused& event) {
  ShopSubscription& one = about(at, event);
  shop_must(runs(one), "pauses what does not run");
  one.status = SubscriptionState::paused;
  one.paused_at = instant(event.paused_at());
  one.resumes_at = instant(event.resumes_at());
  one.pause_ends_at = instant(event.cancels_at());
  shop_must(one.paused_at == in_whole_seconds(at.decided_at), "pauses at another time");
}

void look(const ShopEvent& at, const schema::SubscriptionResumed& event) {
  ShopSubscription& one = about(at, event);
  shop_must(one.status == SubscriptionState::paused, "resumes what is not paused");
  const bool is_by_itself = event.mode() == schema::ResumeMode::auto_;
  const Instant resumed_at = instant(event.resumed_at());
  if (is_by_itself) expect_at(at, one.resumes_at);
  shop_must(resumed_at == (is_by_itself ? one.resumes_at : in_whole_seconds(at.decided_at)), "resumes at another time");
  // As much of its period is left as when it was paused.
  const Instant end{micros(one.end) + micros(resumed_at) - micros(one.paused_at)};
  const bool is_trial = event.period() == nullptr;
  shop_must(is_trial == one.is_in_trial, "resumes a trial as a period, or a period as a trial");
  shop_must(end == instant(is_trial ? event.trial_end() : event.period()->end()), "moves an end by another time");
  if (!is_trial) shop_must(instant(event.period()->start()) == one.start, "moves the beginning of a period");
  one.end = end;
  one.status = is_trial ? SubscriptionState::trialing : SubscriptionState::active;
  one.paused_at = one.resumes_at = one.pause_ends_at = never;
}

/// The lines of whole periods: that of the present one if it is billed now, and those that have waited since a change
/// began them.
void expect_period_lines(ShopSubscription& one, const schema::InvoiceDrafted& event, bool is_of_period) {
  int lines = 0;
  for (const schema::InvoiceLine* line : *event.lines()) {
    using Type = schema::InvoiceLineType;
    const bool is_own = line->type() == Type::subscription || line->type() == Type::seat;
    if (!is_own || line->proration() != nullptr) continue;
    const bool is_present = instant(line->period_start()) == one.start && instant(line->period_end()) == one.end;
    if (is_of_period && is_present) {
      ++lines;
      const auto amount = one.price.amount(one.quantity);
      shop_must(!amount || line->amount() == *amount, "bills another amount than the price");
      continue;
    }
    const auto waiting = one.unbilled.find(instant(line->period_start()));
    shop_must(waiting != one.unbilled.end(), "bills a period a second time, or one that there was not");
    one.unbilled.erase(waiting);
  }
  shop_must(lines == (is_of_period ? 1 : 0), "bills a period with none or several lines of its own");
}

void look_at_bill(const ShopEvent& at, const schema::InvoiceDrafted& event) {
  const EntityRef id = entity(event.subscription());
  if (id.is_none()) return;
  ShopSubscription& one = about(at, event);
  ShopCommand& command = at.shop.command;
  shop_must(one.status != SubscriptionState::paused, "bills a subscription that is paused");
  shop_must(one.is_live() || command.ended.contains(id), "bills a subscription that has ended");
  shop_must(event.lines() != nullptr && event.lines()->size() > 0, "bills nothing");
  const bool is_of_period = event.billing_reason() == schema::BillingReason::subscription_create ||
                            event.billing_reason() == schema::BillingReason::subscription_cycle;
  if (!is_of_period) {
    const bool is_cause = command.ended.contains(id) || command.changed.contains(id);
    shop_must(is_cause, "bills a change that there was not");
    return expect_period_lines(one, event, false);
  }
  shop_must(command.begun.contains(id), "bills a period that has not begun with it");
  shop_must(++command.billed[id] == 1, "bills a period twice");
  expect_period_lines(one, event, true);
}

}  // namespace

void look_at_subscriptions(const ShopEvent& event, const schema::Envelope& envelope) {
  switch (envelope.event_type()) {
    case schema::Event::SubscriptionCreated:
      return look(event, *envelope.event_as_SubscriptionCreated());
    case schema::Event::SubscriptionTrialStarted:
      return look(event, *envelope.event_as_SubscriptionTrialStarted());
    case schema::Event::SubscriptionActivated:
      return look(event, *envelope.event_as_SubscriptionActivated());
    case schema::Event::TrialConverted:
      return look(event, *envelope.event_as_TrialConverted());
    case schema::Event::TrialEndedEarly:
      return look(event, *envelope.event_as_TrialEndedEarly());
    case schema::Event::SubscriptionRenewed:
      return look(event, *envelope.event_as_SubscriptionRenewed());
    case schema::Event::SubscriptionCancellationScheduled:
      return look(event, *envelope.event_as_SubscriptionCancellationScheduled());
    case schema::Event::SubscriptionCanceled:
      return look(event, *envelope.event_as_SubscriptionCanceled());
    case schema::Event::SubscriptionReactivated:
      return look(event, *envelope.event_as_SubscriptionReactivated());
    case schema::Event::PlanChanged:
      return look(event, *envelope.event_as_PlanChanged());
    case schema::Event::SubscriptionQuantityChanged:
      return look(event, *envelope.event_as_SubscriptionQuantityChanged());
    case schema::Event::PlanChangeScheduled:
      return look(event, *envelope.event_as_PlanChangeScheduled());
    case schema::Event::ScheduledPlanChangeCanceled:
      return look(event, *envelope.event_as_ScheduledPlanChangeCanceled());
    case schema::Event::SubscriptionPaused:
      return look(event, *envelope.event_as_SubscriptionPaused());
    case schema::Event::SubscriptionResumed:
      return look(event, *envelope.event_as_SubscriptionResumed());
    case schema::Event::SubscriptionBecamePastDue:
      return look(event, *envelope.event_as_SubscriptionBecamePastDue());
    case schema::Event::SubscriptionRecovered:
      return look(event, *envelope.event_as_SubscriptionRecovered());
    case schema::Event::InvoiceDrafted:
      return look_at_bill(event, *envelope.event_as_InvoiceDrafted());
    default:
      return;
  }
}

void expect_subscriptions_done(const ShopAccount& account, Instant by) {
  if (account.is_parked) return;
  for (const auto& [id, one] : account.subscriptions) {
    shop_must(one.due() > by, "comes before what was due of a subscription");
  }
}

void expect_standing(const ShopCommand& command, const ShopAccount& account) {
  for (const auto& [id, one] : account.subscriptions) {
    shop_must(!is_owing(one) || has_failed_invoice(account, id), "leaves past due what owes nothing that failed");
  }
  for (const EntityRef invoice : command.failed) {
    const auto one = account.subscriptions.find(account.invoices.at(invoice).subscription);
    const bool is_active = one != account.subscriptions.end() && one->second.status == SubscriptionState::active;
    shop_must(!is_active, "leaves active what a charge failed for");
  }
}

void expect_periods_billed(const ShopCommand& command, const ShopAccount& account) {
  for (const EntityRef id : command.begun) {
    const ShopSubscription& one = account.subscriptions.at(id);
    const bool is_free = one.price.amount(one.quantity) == 0;
    shop_must(is_free || command.billed.contains(id), "ends a command that began a period and did not bill it");
  }
}

}  // namespace daybook::test
