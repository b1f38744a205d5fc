// The end of a pause, whether somebody asked for it or its time has come.
#pragma once

#include "domain/deciders/decision.h"

namespace daybook::schema {
enum class ResumeMode : std::uint8_t;
}

namespace daybook {

/// The subscription goes on at that instant, of whole seconds, with what was left of its period or its trial. Requires
/// one that is paused, not later.
PendingEvent subscription_resumed(const AccountState& account, const Subscription& subscription, Instant at,
                                  schema::ResumeMode mode, const DecisionContext& context);

}  // namespace daybook
