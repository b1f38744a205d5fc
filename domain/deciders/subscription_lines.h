// The lines of a subscription's invoices: what a period costs, a part of one, and what is given back of a line that was
// billed. A line says how it comes to its amount.
#pragma once

#include <memory>
#include <vector>

#include "domain/deciders/decision.h"
#include "domain/rules/calendar.h"
#include "domain/rules/proration.h"

namespace daybook::schema {
struct InvoiceLineT;
}

namespace daybook {

using InvoiceLines = std::vector<std::shared_ptr<schema::InvoiceLineT>>;

/// What its plan and quantity cost for a period, in the order in which the lines are shown. Numbered from 1, as all of
/// these. Requires a price and a quantity whose amount is in range.
InvoiceLines period_lines(const Subscription& subscription, Period period, Rounding rounding,
                          std::int64_t paused_seconds = 0);
/// The fee that comes once; none if the price has none.
InvoiceLines setup_lines(const Subscription& subscription, Period period);

/// What they cost for the rest of their period from an instant in it on, not before the last pause in it. Those that
/// come to nothing are left out.
InvoiceLines prorated(const InvoiceLines& lines, Instant at, ProrationUnit unit, const TimeZone& zone);

/// The unused shares, from that instant on, of what the subscription was billed, given back at once or on an invoice
/// whose amounts are with tax or without, each taxed as it was. They are rounded by today's policy: a share and what
/// was used sum to what was billed however both are.
InvoiceLines credit_lines(const AccountState& account, EntityRef subscription, Instant at, bool tax_inclusive,
                          const DecisionContext& context, const TimeZone& zone);

/// The lines that wait, where charges that go on after that instant end with it, each rounded as it was.
InvoiceLines cut_lines(const std::vector<std::shared_ptr<const schema::InvoiceLineT>>& waiting, Instant at,
                       const DecisionContext& context, const TimeZone& zone);

/// One list of them, in that order, numbered from 1.
InvoiceLines joined(InvoiceLines first, const InvoiceLines& second);
/// Of lines in range; a sum beyond 64 bits is a bug.
std::int64_t sum_of(const InvoiceLines& lines);

/// What a whole period costs for its average length, discounts and tax aside: to compare prices of different intervals
/// and quantities. Requires a price and quantity in range.
Rational cost_of_time(const Subscription& subscription);

}  // namespace daybook
