// What would come of a decision if it were appended: for previews, by the very deciders and folds that bill.
#pragma once

#include <optional>

#include "domain/deciders/decision.h"

namespace daybook {

/// The account after the decision's own events. Requires one that is accepted, and the context that it was made with.
AccountState foreseen(AccountState account, const Decision& decision, const DecisionContext& context);

/// The invoice that the decision's events made; null if they made none.
const Invoice* foreseen_invoice(const AccountState& after, const DecisionContext& context);

/// The invoice that the end of the subscription's period would make if nobody did anything until then: all that falls
/// due of the account before it has happened. Nothing if none comes.
std::optional<Invoice> upcoming_invoice(const AccountState& account, EntityRef subscription,
                                        const DecisionContext& context);

}  // namespace daybook
