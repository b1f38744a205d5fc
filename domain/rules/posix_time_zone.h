// The rule by which a zone goes on after its last recorded transition: POSIX's TZ string as RFC 8536 §3.3 extends it,
// `EST5EDT,M3.2.0,M11.1.0` or `<+0330>-3:30`. Pure text and integers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace daybook {

/// A day of every year and a time on it: `Mm.w.d` (week 5 is the last), `Jn` (1 to 365, never 29 February) or `n` (0 to
/// 365, 29 February counted).
struct YearlyDay {
  enum class Kind : std::uint8_t { month_week_day, day_without_leap, day_with_leap };
  Kind kind = Kind::month_week_day;
  int month = 1;
  int week = 1;
  int day = 0;                ///< Of the week (0 is Sunday) or of the year.
  std::int32_t time = 7'200;  ///< Local seconds from that day's midnight, -167 to 167 hours.
};

/// Offsets are seconds east of UTC, the other way round than the text has them.
struct PosixTimeZone {
  std::int32_t standard_offset = 0;
  std::int32_t daylight_offset = 0;
  bool has_daylight = false;
  YearlyDay daylight_starts;
  YearlyDay daylight_ends;

  /// The offset in force at that second since 1970 (UTC). For years from 1 to 9998.
  std::int32_t offset_at(std::int64_t second) const;
};

/// Nothing if the text is not such a rule; a zone with daylight time must say when it starts and ends.
std::optional<PosixTimeZone> parse_posix_time_zone(std::string_view text);

}  // namespace daybook
