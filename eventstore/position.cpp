#include "eventstore/position.h"

#include <charconv>

namespace daybook {
namespace {

/// A decimal number without sign and leading zeros, the whole of `text`.
template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  if (text.front() < '0' || text.front() > '9') return std::nullopt;
  Number number = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return number;
}

}  // namespace

std::string to_string(LogPosition at) {
  return std::to_string(at.shard) + ":" + std::to_string(at.position);
}

std::optional<LogPosition> parse_log_position(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto shard = parse_number<ShardNumber>(text.substr(0, colon));
  const auto position = parse_number<Position>(text.substr(colon + 1));
  if (!shard || !position) return std::nullopt;
  return LogPosition{*shard, *position};
}

}  // namespace daybook
