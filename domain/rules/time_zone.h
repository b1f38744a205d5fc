// Time zones as values: what the system's compiled tz data (TZif, RFC 8536) say, read by whoever may read files and
// handed in as bytes. No I/O, no global database, nothing fetched: a decider gets the zones as an argument, so the same
// command with the same zones decides the same. Past the last recorded transition the file's own rule goes on, to 2100
// and beyond. `apply` must not know them: events hold the instants that they led to, and the version.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/civil.h"
#include "domain/instant.h"
#include "domain/rules/posix_time_zone.h"

namespace daybook {

/// A time on a zone's clock in whole seconds: the date and the second of its day, 0 to 86,399.
struct LocalTime {
  Date date;
  std::int32_t second_of_day = 0;
  auto operator<=>(const LocalTime&) const = default;
};

/// One zone's offsets from UTC through time.
class TimeZone {
 public:
  /// UTC.
  TimeZone() = default;
  /// The zone of a TZif file of version 2 or later; nothing if the bytes are not one.
  static std::optional<TimeZone> parse(std::string_view tzif);

  /// The zone's clock at that instant, fractions of a second cut off. Requires is_on_calendar(at).
  LocalTime local_time(Instant at) const;
  /// When the zone's clock shows that time: the first time if it does twice; if it never does, as long after the leap
  /// as the time is after the leap's beginning (02:30 is 03:30). Nothing outside 1970 to 9999. Requires an existing
  /// date of the years 1 to 9998.
  std::optional<Instant> instant(LocalTime local) const;

 private:
  struct Transition {
    std::int64_t second;  ///< Since 1970, UTC; the offset holds from it on.
    std::int32_t offset;  ///< Seconds east of UTC.
  };

  std::int32_t offset_at(std::int64_t second) const;

  std::int32_t first_offset_ = 0;
  std::vector<Transition> transitions_;
  std::optional<PosixTimeZone> afterwards_;
};

/// Every zone and alias of one release of the tz data. Read once, then immutable: any thread may read it.
class TimeZones {
 public:
  /// Gives the bytes of a file by its name below the zoneinfo folder ("tzdata.zi", "Europe/Berlin"), or nothing.
  using ReadFile = std::function<std::optional<std::string>(const std::string& name)>;
  /// The zones that `tzdata.zi` names and their aliases. Nothing if it, its version or one of the files is missing or
  /// unreadable: half of the zones would be worse than none.
  static std::optional<TimeZones> load(const ReadFile& read_file);

  /// The release, "2025b": recorded in events beside what was computed with it.
  const std::string& version() const { return version_; }
  /// The zone or alias of that name, nullptr if there is none.
  const TimeZone* find(std::string_view name) const;
  /// All names, aliases included, in order.
  std::vector<std::string_view> names() const;

 private:
  std::string version_;
  std::vector<TimeZone> zones_;
  std::map<std::string, std::size_t, std::less<>> index_;
};

}  // namespace daybook
