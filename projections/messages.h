// Who is told what of an event: the one table from event types to mail templates, outbound webhook events and in-app
// notices, by the names that the senders use. A message is a function of its event and of nothing else, at most one a
// channel; nothing here sends, and no name or address is known.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/position.h"

namespace daybook::schema {
struct Envelope;
enum class Event : std::uint8_t;
}  // namespace daybook::schema

namespace daybook {

/// The numbers stand in the ids of messages.
enum class Channel : std::uint8_t { email = 1, webhook = 2, in_app = 3 };
/// Their names, from value 1: "email", "webhook", "in_app".
inline constexpr std::string_view channel_names[] = {"email", "webhook", "in_app"};
std::string_view to_text(Channel channel);

struct Message {
  Channel channel{};
  /// Of a mail or a notice its template, "invoice_generated"; of a webhook its event, "invoice.finalized".
  std::string_view name;
  bool operator==(const Message&) const = default;
};

/// In the order of the channels; at most one of each.
std::vector<Message> messages_of(const schema::Envelope& envelope);
/// Every message that an event of the type can give; one event gives some of them.
std::vector<Message> messages_of(schema::Event type);
/// The types of events that can give a message that `is_wanted`, in the order of the union.
std::vector<schema::Event> types_that_give(const std::function<bool(const Message&)>& is_wanted);

/// Where a message is: the event that it tells of, and the channel.
struct MessagePlace {
  Position position = 0;
  Channel channel{};
  bool operator==(const MessagePlace&) const = default;
  /// The order of lists: of the newer event, or of the same one and the lower channel.
  bool stands_before(const MessagePlace& other) const {
    return position != other.position ? position > other.position : channel < other.channel;
  }
};

/// "msg_", the 12 characters of the event's id, and the channel's number.
std::string format_message_id(ShardNumber shard, const MessagePlace& place);
/// The inverse; nothing for any other text.
std::optional<std::pair<ShardNumber, MessagePlace>> parse_message_id(std::string_view text);

}  // namespace daybook
