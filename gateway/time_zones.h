// Which time zones there are, and which one a country's accounts get by default: from the system's tzdata.
#pragma once

#include <string>
#include <string_view>

namespace daybook {

/// Whether tzdata has that zone or link. Reads the list once, at the first call. Any thread.
bool time_zone_exists(std::string_view name);
/// The first zone of the country in zone.tab, UTC if there is none. Any thread.
std::string_view default_time_zone(std::string_view country);

}  // namespace daybook
