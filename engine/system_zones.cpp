#include "engine/system_zones.h"

#include <fstream>
#include <iterator>

#include "eventstore/fault.h"

namespace daybook {
namespace {

std::optional<std::string> read_zoneinfo(const std::string& name) {
  std::ifstream file("/usr/share/zoneinfo/" + name, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

TimeZones read_zones() {
  std::optional<TimeZones> zones = TimeZones::load(read_zoneinfo);
  if (zones) return *std::move(zones);
  throw StorageFault("the time zones in /usr/share/zoneinfo cannot be read: install the package tzdata");
}

}  // namespace

const TimeZones& system_time_zones() {
  static const TimeZones zones = read_zones();
  return zones;
}

}  // namespace daybook
