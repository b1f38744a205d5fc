// The messages that a book's events give (messages.h), as one list: read from the log through the lists of positions of
// view `audit`, so that it has no rows of its own and a page reads its own events only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "projections/audit_view.h"
#include "projections/messages.h"

namespace daybook {

/// All members that are set must match.
struct MessageFilter {
  std::optional<std::string> account_id;
  std::optional<Channel> channel;
  std::optional<std::string> template_name;   ///< Of a mail or a notice.
  std::optional<std::string> webhook_event;   ///< Of a webhook. A name of neither matches nothing.
  std::optional<std::string> correlation_id;  ///< Matches the event's correlation id or its request id.

  bool matches(const Message& message) const;
};

struct MessageRow {
  MessagePlace place;
  Message message;
  std::string envelope;  ///< Of the event.
};

/// Threads: each reader from one thread at a time.
class OutboxReader {
 public:
  OutboxReader(AuditReader audit, const EventLog& log) : audit_(std::move(audit)), log_(log) {}
  /// Messages of the book's events up to `up_to`, newest first; those of one event by channel. Cursors are places, of
  /// any message. Costs the page's events, and those that could have given a message of that name and gave another.
  /// Throws StorageFault and CorruptLog as the log does.
  Page<MessageRow> messages(std::string_view book, const MessageFilter& filter,
                            const PageRequest<MessagePlace>& request, ShardNumber shard, Position up_to) const;

 private:
  AuditReader audit_;
  const EventLog& log_;
};

}  // namespace daybook
