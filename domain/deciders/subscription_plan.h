// Which plan at which price an account can have, and a subscription on it.
#pragma once

#include <optional>
#include <string_view>

#include "domain/deciders/decision.h"
#include "domain/rules/calendar.h"
#include "domain/rules/proration.h"

namespace daybook::schema {
struct PlanPriceT;
struct PlanTermsT;
struct SubscribedPlanT;
}  // namespace daybook::schema

namespace daybook {

/// The plan, as far as this account knows of it; else null.
const Plan* find_plan(const AccountState& account, std::string_view id, const DecisionContext& context);

Interval interval_of(const schema::PlanPriceT& price);
/// What a command asks for: so many of a unit, 1 if it does not say; of what it leaves out as usual.
Interval asked_interval(std::optional<BillingInterval> unit, std::optional<std::int32_t> count, Interval usual);
/// The price for that; null if the plan does not have it.
const schema::PlanPriceT* find_price(const schema::PlanTermsT& terms, Currency currency, Interval interval);
/// Whether so many cost nothing, now and in every period.
bool costs_nothing(const schema::PlanPriceT& price, std::int64_t quantity);
/// Whether so many cost an amount in range.
bool is_in_range(const schema::PlanPriceT& price, std::int64_t quantity);

/// The plan's present version at one of its prices.
schema::SubscribedPlanT subscribed_plan(const Plan& plan, const schema::PlanPriceT& price,
                                        const DecisionContext& context);
/// What it is on now.
schema::SubscribedPlanT subscribed_plan(const Subscription& subscription);
/// The subscription as it is on that plan.
Subscription on_plan(Subscription subscription, const schema::SubscribedPlanT& plan, std::int64_t quantity);

/// The plan and price that the command asks for: what is left out stays as it is, where the plan has it. The code
/// `none` if the subscription may change to it.
Rejection choose_plan(schema::SubscribedPlanT& chosen, const AccountState& account, const Subscription& subscription,
                      const ChangePlan& command, const DecisionContext& context);

/// How that version of a plan shares a period's price: as it says, or as the book's policy has it.
ProrationUnit proration_unit(std::string_view plan_id, std::uint32_t plan_version, const DecisionContext& context);

}  // namespace daybook
