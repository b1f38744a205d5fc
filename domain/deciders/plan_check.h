// Whether a plan's terms can be sold: every price computes, no two of them are for the same thing.
#pragma once

#include <optional>
#include <string>

#include "domain/rejection.h"
#include "domain/rules/pricing.h"

namespace daybook::schema {
struct PlanPriceT;
struct PlanTermsT;
}  // namespace daybook::schema

namespace daybook {

/// Intervals that a request left out, as 0: a price has the plan's, a count without a unit is of the plan's unit, and a
/// unit without a count counts 1. The plan's own is a month, or what its first price says if no price is for a month.
void complete_intervals(schema::PlanTermsT& terms);

/// The first thing wrong with the terms, with its pointer from the terms' object.
std::optional<Rejection> check_plan_terms(const schema::PlanTermsT& terms);

/// The price as the rules compute with it; nothing if one of its decimals is not one.
std::optional<Price> price_of_terms(const schema::PlanPriceT& terms);

/// The pointer of the first provider's price in `terms` that `other` has too.
std::optional<std::string> find_shared_provider_price(const schema::PlanTermsT& terms, const schema::PlanTermsT& other);

}  // namespace daybook
