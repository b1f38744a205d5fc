// Trials: an account's own, reminders of the end of any, and what becomes of one that nobody pays for.
#pragma once

#include <optional>

#include "domain/deciders/decision.h"

namespace daybook {

/// With the opening of an account, where the book's policy and its plans give it a trial.
void start_account_trial(Decision& decision, const OpenAccount& command, const DecisionContext& context);

/// With a subscription that begins: the account's own trial is over.
void end_account_trial(Decision& decision, const AccountState& account);

/// What is due of the account's own trial: a reminder, or its end.
Decision account_trial_due(const AccountState& account, const DecisionContext& context);

/// What is due of a trial before its end.
Decision trial_reminder_due(const AccountState& account, const Subscription& subscription,
                            const DecisionContext& context);

/// The end of a subscription's trial whose first invoice finds nothing to charge, by the book's policy; nothing: it
/// begins all the same, and the invoice stays open.
std::optional<Decision> unpaid_trial_end(const AccountState& account, const Subscription& subscription,
                                         const DecisionContext& context);

/// Whether a service is refused to the role, because a trial of the account has expired so.
bool is_blocked_by_trial(const AccountState& account, Role role);
Decision refuse_after_trial();

}  // namespace daybook
