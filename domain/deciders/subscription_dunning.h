// What a decision's payments make of the account's subscriptions: past due when a charge for one of their invoices
// fails, and active again when none of those is open any more.
#pragma once

#include "domain/deciders/decision.h"

namespace daybook {

/// Adds to an accepted decision what it makes of subscriptions, whatever command or instant settles, or fails to
/// settle, an invoice. The account is that before the decision.
void follow_payments(Decision& decision, const AccountState& account, const DecisionContext& context);

}  // namespace daybook
