// What must hold of subscriptions, from their events alone: they go only the ways of their states, their periods tile
// without gap or overlap, each period that begins is billed exactly once, nothing is billed of one that is paused or
// has ended, and what falls due is done at its own instant before anything else.
#pragma once

#include "schemas/envelope_generated.h"
#include "tests/simulation/shop.h"

namespace daybook::test {

/// One event of a subscription, or the draft of an invoice; others change nothing. Throws ShopFault.
void look_at_subscriptions(const ShopEvent& event, const schema::Envelope& envelope);
/// Nothing that was due by then is left. Throws ShopFault.
void expect_subscriptions_done(const ShopAccount& account, Instant by);
/// At the end of a command: past due is what a charge failed for, as long as that is open. Throws ShopFault.
void expect_standing(const ShopCommand& command, const ShopAccount& account);
/// After a command: what began was billed. Throws ShopFault.
void expect_periods_billed(const ShopCommand& command, const ShopAccount& account);

}  // namespace daybook::test
