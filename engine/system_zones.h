// The time zones of the system's tz data, as deciders compute periods with them.
#pragma once

#include "domain/rules/time_zone.h"

namespace daybook {

/// Read once, at the first call; any thread. Throws StorageFault without tz data: billing in another zone than an
/// account's would be wrong in silence.
const TimeZones& system_time_zones();

}  // namespace daybook
