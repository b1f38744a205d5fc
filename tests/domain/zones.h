// The system's time zones, read once, and short names for instants in them.
#pragma once

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "domain/rules/time_zone.h"

namespace daybook::test {

inline std::optional<std::string> read_zoneinfo(const std::string& name) {
  std::ifstream file("/usr/share/zoneinfo/" + name, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

inline const TimeZones& zones() {
  static const std::optional<TimeZones> read = TimeZones::load(read_zoneinfo);
  REQUIRE(read.has_value());
  return *read;
}

inline const TimeZone& zone(std::string_view name) {
  const TimeZone* found = zones().find(name);
  REQUIRE_MESSAGE(found != nullptr, name);
  return *found;
}

/// A date is its midnight: "2024-01-31" or "2024-01-31T10:00:00Z".
inline Instant at(std::string_view text) {
  const auto instant = parse_rfc3339(text.size() == 10 ? std::string(text) + "T00:00:00Z" : std::string(text));
  REQUIRE_MESSAGE(instant.has_value(), text);
  return *instant;
}

}  // namespace daybook::test
