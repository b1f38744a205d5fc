// The states of a subscription and the ways between them, as the deciders of its commands have them in common.
#pragma once

#include "domain/deciders/decision.h"

namespace daybook {

/// There is no way from where it is to `to` by this command: a rejection with from, to, and the states that it can
/// still reach.
Rejection no_way(const Subscription& subscription, SubscriptionStatus to);

/// Whether the role may depart from what plans and policies say of trials and ends.
bool may_override(Role role);
/// Whether the role may change a plan or quantity before the next period begins.
bool may_change_now(Role role);

}  // namespace daybook
