// The time zones of the system's tz data, as deciders compute periods with them.
#pragma once

#include "domain/rules/time_zone.h"

namespace daybook {

/// Read once, at the first call; any thread. Without tz data there are none, so that every zone is UTC.
const TimeZones& system_time_zones();

}  // namespace daybook
