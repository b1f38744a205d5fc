#include "projections/outbox.h"

#include <algorithm>

#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

/// The event's messages that match, in the list's order.
std::vector<MessageRow> rows_of(const EventLog& log, ShardNumber shard, Position position,
                                const MessageFilter& filter) {
  std::vector<MessageRow> rows;
  const std::string envelope = log.read_one(shard, position);
  for (const Message& message : messages_of(*schema::GetEnvelope(envelope.data()))) {
    if (filter.matches(message)) rows.push_back({{position, message.channel}, message, envelope});
  }
  return rows;
}

/// Takes the next row of a walk; false if the page is full.
bool take(Page<MessageRow>& page, MessageRow row, std::size_t limit) {
  page.has_more = page.data.size() == limit;
  if (!page.has_more) page.data.push_back(std::move(row));
  return !page.has_more;
}

}  // namespace

bool MessageFilter::matches(const Message& message) const {
  const bool is_webhook = message.channel == Channel::webhook;
  return (!channel || message.channel == *channel) &&
         (!template_name || (!is_webhook && message.name == *template_name)) &&
         (!webhook_event || (is_webhook && message.name == *webhook_event));
}

Page<MessageRow> OutboxReader::messages(std::string_view book, const MessageFilter& filter,
                                        const PageRequest<MessagePlace>& request, ShardNumber shard,
                                        Position up_to) const {
  Page<MessageRow> page;
  EventFilter events;
  events.any_type = types_that_give([&](const Message& message) { return filter.matches(message); });
  if (events.any_type.empty()) return page;
  if (filter.account_id) events.stream = std::string(book) + "/" + *filter.account_id;
  events.correlation_id = filter.correlation_id;

  const std::size_t limit = std::clamp<std::size_t>(request.limit, 1, page_limit_max);
  const auto& after = request.starting_after;
  const auto& before = request.ending_before;
  PageRequest<Position> part;
  part.limit = limit;
  if (before && !after) {  // towards the newer ones, and then turned round
    part.starting_after = std::max<Position>(before->position, 1) - 1;
    for (bool has_more = true; has_more;) {
      const Page<Position> got = audit_.events(book, events, part, shard, up_to);
      for (const Position position : got.data) {
        std::vector<MessageRow> rows = rows_of(log_, shard, position, filter);
        for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
          if (!row->place.stands_before(*before)) continue;
          if (take(page, std::move(*row), limit)) continue;
          std::reverse(page.data.begin(), page.data.end());
          return page;
        }
        part.starting_after = position;
      }
      has_more = got.has_more;
    }
    std::reverse(page.data.begin(), page.data.end());
    return page;
  }
  part.ending_before = after ? after->position + 1 : up_to + 1;
  for (bool has_more = true; has_more;) {
    const Page<Position> got = audit_.events(book, events, part, shard, up_to);
    for (auto position = got.data.rbegin(); position != got.data.rend(); ++position) {
      for (MessageRow& row : rows_of(log_, shard, *position, filter)) {
        if (after && !after->stands_before(row.place)) continue;
        if (before && !row.place.stands_before(*before)) return page;
        if (!take(page, std::move(row), limit)) return page;
      }
      part.ending_before = *position;
    }
    has_more = got.has_more;
  }
  return page;
}

}  // namespace daybook
