// Parking an account instead of sending an invoice that cannot be right (design: the safety net).
#pragma once

#include "domain/deciders/decision.h"

namespace daybook::schema {
enum class ParkReason : std::uint8_t;
}  // namespace daybook::schema

namespace daybook {

/// Instead of the subscription's due work: nothing else happens to it now.
Decision account_parked(const AccountState& account, const Subscription& subscription, schema::ParkReason reason);

}  // namespace daybook
