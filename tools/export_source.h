// What an export reads: a snapshot of the log, narrowed by book, account and position.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tools/command_line.h"
#include "tools/log_access.h"

namespace daybook {

/// What both exports can be narrowed to.
struct ExportOptions {
  CommonOptions common;
  std::filesystem::path output;
  std::string book = "default", account, from, to;
  std::vector<std::string> after, at;
  bool all_books = false;
};

class ExportSource {
 public:
  /// Opens the snapshot. Throws std::invalid_argument for a time or position that is none, or that the log does not
  /// have; StorageFault. The options must outlive it.
  explicit ExportSource(const ExportOptions& options);

  /// Calls `use` with each event that --book, --account, --after and --at leave, in the order of the log, and shows
  /// progress. Throws StorageFault when the process is interrupted (SIGINT, SIGTERM).
  void for_each(const std::function<void(ShardNumber, const StoredEvent&)>& use);

  /// Whether the time is in --from to --to; which time of an event that is, is the caller's to say.
  bool is_within(Instant at) const { return from_ <= at && at < to_; }
  /// Events read, those included that were left out.
  std::uint64_t events() const { return events_; }
  /// "0:1 to 0:812": the positions that are read.
  std::string range_text() const;
  std::string book_text() const { return options_.all_books ? "every book" : "book " + options_.book; }

 private:
  LogPosition position_option(const std::string& option, const std::string& text) const;
  bool matches(std::string_view stream) const;
  const EventLog& log() const { return *access_.log; }

  const ExportOptions& options_;
  LogAccess access_;
  std::vector<Position> first_, last_;  ///< By shard.
  Instant from_ = earliest, to_ = never;
  std::uint64_t events_ = 0;
};

}  // namespace daybook
