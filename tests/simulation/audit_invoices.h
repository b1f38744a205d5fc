// What must hold of invoices, credit notes and adjustments, from their events alone: numbers are dense in each series,
// totals are the sums of what they say, credit notes together give back no more than the invoice came to, nothing is
// paid that is not owed, and the receivable of the journal is what the open invoices still ask for.
#pragma once

#include "schemas/envelope_generated.h"
#include "tests/simulation/shop.h"

namespace daybook::test {

/// One event of an account; others change nothing. Throws ShopFault.
void look_at_invoices(const ShopEvent& event, const schema::Envelope& envelope);
/// One of the book's own events. Throws ShopFault.
void look_at_numbers(Shop& shop, const schema::Envelope& envelope);
/// Each open invoice that was due by then is overdue. Throws ShopFault.
void expect_invoices_done(const ShopAccount& account, Instant by);
/// After a command: numbers have been noted in the book, and the account's open invoices add up to what it owes. Throws
/// ShopFault.
void expect_settled(const ShopCommand& command, const ShopAccount& account);

}  // namespace daybook::test
