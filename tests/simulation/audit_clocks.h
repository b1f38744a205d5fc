// What must hold of clocks, from the book's events alone: a test clock goes forward only, one way at a time, and comes
// to where it was sent when all that its accounts owed to time is done; no account is ahead of its clock.
#pragma once

#include "schemas/envelope_generated.h"
#include "tests/simulation/shop.h"

namespace daybook::test {

/// One of the book's own events; others change nothing. Throws ShopFault.
void look_at_clocks(Shop& shop, const schema::Envelope& envelope);
/// One of an account's events. Throws ShopFault.
void expect_within_clock(const ShopEvent& event);

}  // namespace daybook::test
