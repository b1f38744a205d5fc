#include "connectors/log_cursor.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <optional>
#include <utility>

#include "eventstore/durable_file.h"
#include "eventstore/fault.h"

namespace daybook {
namespace {

constexpr std::size_t cursor_bytes_max = 256;

}  // namespace

LogCursor::LogCursor(const DataDirectory& directory, std::string follower, std::string what, ShardNumber shard)
    : file_(directory.views_path() / fmt::format("{}-{}", follower, shard)),
      follower_(std::move(follower)),
      what_(std::move(what)),
      log_id_(directory.format().log_id),
      shard_(shard) {}

std::string LogCursor::text(Position position) const {
  return fmt::format("daybook {} 1\nlog_id {}\nat {}\n", follower_, log_id_, to_string(LogPosition{shard_, position}));
}

Position LogCursor::read(Position head) {
  stored_ = 0;
  std::optional<std::string> found;
  try {
    found = read_small_file(file_, cursor_bytes_max);
  } catch (const StorageFault& fault) {
    spdlog::warn("the cursor of shard {}'s {} is not used: {}", shard_, what_, fault.what());
  }
  if (!found) return 0;
  const std::size_t at = found->rfind(' ');
  const std::size_t end = found->rfind('\n');
  if (at == std::string::npos || end == std::string::npos || end < at) return 0;
  const auto position = parse_log_position(std::string_view(*found).substr(at + 1, end - at - 1));
  if (!position || position->shard != shard_ || position->position > head) return 0;
  if (*found == text(position->position)) stored_ = position->position;
  return stored_;
}

void LogCursor::store(Position position) {
  if (position == stored_) return;
  try {
    write_file_atomically(file_, text(position));
    stored_ = position;
  } catch (const StorageFault& fault) {
    spdlog::error("the cursor of shard {}'s {} could not be written: {}", shard_, what_, fault.what());
  }
}

}  // namespace daybook
