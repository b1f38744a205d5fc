// What must hold of payments, from their events alone and from what the provider saw: one at a time for an invoice,
// each of what is owed, under a key of its own, with one final result; charged exactly where the log says so.
#pragma once

#include "schemas/envelope_generated.h"
#include "tests/simulation/model_provider.h"
#include "tests/simulation/shop.h"

namespace daybook::test {

/// One event of a payment or a payment method; others change nothing. Throws ShopFault.
void look_at_payments(const ShopEvent& event, const schema::Envelope& envelope);
/// What the provider was asked for is what an intent in the log says. Throws ShopFault.
void expect_intended(const std::map<std::string, Shop>& shops, const ModelProvider::Asked& asked);
/// Where nothing is pending: each payment is what became of its charge. Throws ShopFault.
void expect_charged(const Shop& shop, const ModelProvider& provider);

}  // namespace daybook::test
