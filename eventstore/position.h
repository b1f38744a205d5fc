// Where an event stands: its shard and its dense number in it. Written shard:position everywhere.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace daybook {

/// Dense, from 1, per shard; 0 is "before the first event".
using Position = std::uint64_t;
using ShardNumber = std::uint16_t;

struct LogPosition {
  ShardNumber shard = 0;
  Position position = 0;
  auto operator<=>(const LogPosition&) const = default;
};

/// "0:42".
std::string to_string(LogPosition at);
/// The inverse; nothing for any other text (sign, leading zeros, spaces, out of range).
std::optional<LogPosition> parse_log_position(std::string_view text);

}  // namespace daybook
