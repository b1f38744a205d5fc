// Bounds of the bulk path and of exports, with their units. The body's bytes are bounded by the transport (limits.h).
#pragma once

#include <cstddef>

namespace daybook {

inline constexpr std::size_t bulk_lines_max = 10'000;             ///< Commands in one POST /v1/commands.
inline constexpr std::size_t command_body_bytes_max = 64 * 1024;  ///< Of one command, alone or in a line.
inline constexpr std::size_t export_events_max = 50'000;          ///< Events in one GET /v1/events/export.
inline constexpr std::size_t export_bytes_max = 32 << 20;  ///< Of its answer; it ends after the event that passes it.

}  // namespace daybook
