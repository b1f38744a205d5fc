#include "domain/deciders/subscription_plan.h"

#include "domain/assert.h"
#include "domain/deciders/plan_check.h"
#include "domain/native.h"
// native.h comes before the generated headers, which name its functions.
#include "schemas/events/subscriptions_generated.h"

namespace daybook {
namespace {

/// A plan's limit of seats is what a quantity can be checked against.
Rejection check_seats(const schema::PlanTermsT& terms, std::int64_t quantity) {
  for (const auto& limit : terms.limits) {
    if (limit->metric != "seats" || !limit->limit.has_value() || quantity <= *limit->limit) continue;
    return {RejectionCode::usage_above_target_limits,
            {},
            {{"metric", limit->metric}, {"usage", quantity}, {"limit", *limit->limit}}};
  }
  return {};
}

Price computed(const schema::PlanPriceT& price) {
  const std::optional<Price> terms = price_of_terms(price);
  ensure(terms.has_value(), "a price of a plan that is none");
  return *terms;
}

}  // namespace

const Plan* find_plan(const AccountState& account, std::string_view id, const DecisionContext& context) {
  const auto found = context.book->catalogue->plans.find(id);
  if (found == context.book->catalogue->plans.end()) return nullptr;
  const Plan& plan = found->second;
  return plan.account_id.empty() || plan.account_id == account.details.id ? &plan : nullptr;
}

Interval interval_of(const schema::PlanPriceT& price) {
  return {static_cast<IntervalUnit>(price.interval), price.interval_count};
}

Interval asked_interval(std::optional<BillingInterval> unit, std::optional<std::int32_t> count, Interval usual) {
  return {unit ? static_cast<IntervalUnit>(*unit) : usual.unit, count.value_or(unit ? 1 : usual.count)};
}

const schema::PlanPriceT* find_price(const schema::PlanTermsT& terms, Currency currency, Interval interval) {
  for (const auto& price : terms.prices) {
    if (price->currency == currency.packed && interval_of(*price) == interval) return price.get();
  }
  return nullptr;
}

bool costs_nothing(const schema::PlanPriceT& price, std::int64_t quantity) {
  const auto cost = price_of(computed(price), Rational(quantity));
  return cost && cost->amount == 0 && price.setup_fee == 0 && price.minimum_amount.value_or(0) == 0;
}

bool is_in_range(const schema::PlanPriceT& price, std::int64_t quantity) {
  return price_of(computed(price), Rational(quantity)).has_value();
}

schema::SubscribedPlanT subscribed_plan(const Plan& plan, const schema::PlanPriceT& price,
                                        const DecisionContext& context) {
  const schema::PlanTermsT& terms = *plan.current().terms;
  const InvoiceNetDaysPolicy& net_days = context.book->policies.net_days;
  const std::uint16_t usual = terms.manual_invoicing ? net_days.manual : std::uint16_t{0};
  schema::SubscribedPlanT subscribed;
  subscribed.plan_id = plan.id;
  subscribed.plan_version = plan.current().number;
  subscribed.plan_name = terms.name;
  subscribed.price = std::make_unique<schema::PlanPriceT>(price);
  subscribed.net_days = terms.net_days.has_value() ? *terms.net_days : usual;
  subscribed.collects_automatically = !terms.manual_invoicing;
  return subscribed;
}

schema::SubscribedPlanT subscribed_plan(const Subscription& subscription) {
  schema::SubscribedPlanT subscribed;
  subscribed.plan_id = subscription.plan_id;
  subscribed.plan_version = subscription.plan_version;
  subscribed.plan_name = subscription.plan_name;
  subscribed.price = std::make_unique<schema::PlanPriceT>(*subscription.price);
  subscribed.net_days = subscription.net_days;
  subscribed.collects_automatically = subscription.collects_automatically;
  return subscribed;
}

Subscription on_plan(Subscription subscription, const schema::SubscribedPlanT& plan, std::int64_t quantity) {
  subscription.plan_id = plan.plan_id;
  subscription.plan_version = plan.plan_version;
  subscription.plan_name = plan.plan_name;
  subscription.price = std::make_shared<schema::PlanPriceT>(*plan.price);
  subscription.net_days = plan.net_days;
  subscription.collects_automatically = plan.collects_automatically;
  subscription.quantity = quantity;
  return subscription;
}

Rejection choose_plan(schema::SubscribedPlanT& chosen, const AccountState& account, const Subscription& subscription,
                      const ChangePlan& command, const DecisionContext& context) {
  const auto refuse = [](RejectionCode code, std::string_view pointer) {
    return Rejection{code, std::string(pointer), {}};
  };
  const Currency currency = command.currency.value_or(account.details.currency);
  if (currency != account.details.currency)
    return must_be("/currency", "the account's", {{"account_currency", std::string(code(account.details.currency))}});
  const bool is_asked = command.interval || command.interval_count;
  if (command.plan_id.empty() && !is_asked) {
    chosen = subscribed_plan(subscription);
    return {};
  }
  const Plan* plan = find_plan(account, command.plan_id.empty() ? subscription.plan_id : command.plan_id, context);
  if (plan == nullptr) return refuse(RejectionCode::not_found, "/plan_id");
  if (!plan->is_active) return refuse(RejectionCode::plan_retired, "/plan_id");
  const schema::PlanTermsT& terms = *plan->current().terms;
  const Interval own = interval_of(*subscription.price);
  const auto* price = find_price(terms, currency, asked_interval(command.interval, command.interval_count, own));
  if (price == nullptr && !is_asked) {
    price = find_price(terms, currency, {static_cast<IntervalUnit>(terms.interval), terms.interval_count});
  }
  if (price == nullptr) return refuse(RejectionCode::price_not_available, is_asked ? "/interval" : "/plan_id");
  chosen = subscribed_plan(*plan, *price, context);
  return check_seats(terms, command.quantity.value_or(subscription.quantity));
}

ProrationUnit proration_unit(std::string_view plan_id, std::uint32_t plan_version, const DecisionContext& context) {
  const ProrationUnit usual = context.book->policies.proration_unit;
  const auto& plans = context.book->catalogue->plans;
  const auto plan = plans.find(plan_id);
  if (plan == plans.end()) return usual;
  for (const PlanVersion& version : plan->second.versions) {
    if (version.number != plan_version) continue;
    const schema::ProrationUnit unit = version.terms->proration;
    return unit == schema::ProrationUnit::by_policy ? usual : static_cast<ProrationUnit>(unit);
  }
  return usual;
}

}  // namespace daybook
