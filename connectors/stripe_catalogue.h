// The products and prices of a Stripe account as plans. What is read is what Stripe answers to GET /v1/products and GET
// /v1/prices, the two lists in one object:
//
//   {"products": {"object": "list", "data": [...]}, "prices": {"object": "list", "data": [...]}}
//
// A product is a plan. Its recurring, active prices are the plan's: `per_unit` a price per seat, with
// `transform_quantity` (rounded up) one per package, `tiered` graduated or volume. Prices that are paid once are no
// plan's. What Stripe has no member for stands in the product's metadata:
//
//   daybook_plan                     the plan's id; else the product's
//   daybook_code, daybook_tier       as of any plan
//   daybook_trial_days, daybook_unit_credits_per_cycle
//   daybook_limit_<metric>           a number, or "unlimited"
//
// Members that neither tells of stay what they are in the plan.
#pragma once

#include <cstddef>
#include <string_view>

#include "domain/commands.h"

namespace daybook {

inline constexpr std::size_t provider_products_max = 1'000;

/// The catalogue in such a text; its fault is provider_error if it is none, or names more products than there may be. A
/// product that can be no plan says why, with the pointer of the plan's member. Any thread.
ProviderCatalogue read_stripe_catalogue(std::string_view provider, std::string_view text);

}  // namespace daybook
