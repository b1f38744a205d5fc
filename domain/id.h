// Ids that can be resolved without an index: a prefix that names the kind, and base32 of where the entity was created.
// The alphabet is Crockford's in lower case, 0123456789abcdefghjkmnpqrstvwxyz, in ascending order, so texts sort as
// their numbers do:
//
//   entity          prefix "_" shard:10 ordinal:40 version:40 slot:10      20 characters, cr_0000000001000000020z
//   event, command  "evt_" or "cmd_", shard:10 position:50                 12 characters
//
// Each field is a whole number of characters. Deliberately light: every generated event header includes it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace daybook {

// The first values that no id can hold.
inline constexpr std::uint16_t id_shard_end = 1U << 10;
inline constexpr std::uint16_t id_slot_end = 1U << 10;
inline constexpr std::uint64_t id_ordinal_end = std::uint64_t{1} << 40;
inline constexpr std::uint64_t id_version_end = std::uint64_t{1} << 40;
inline constexpr std::uint64_t id_position_end = std::uint64_t{1} << 50;

/// Where an entity was created: the stream's ordinal in its shard, the event's version in that stream, and the place
/// within the event. Ordinals and versions count from 1; a zero value is "none".
struct EntityRef {
  std::uint64_t stream_ordinal = 0;
  std::uint64_t stream_version = 0;
  std::uint16_t shard = 0;
  std::uint16_t slot = 0;

  constexpr bool is_none() const { return stream_version == 0; }
  bool operator==(const EntityRef&) const = default;
  /// The order of the ids' texts: shard, ordinal, version, slot.
  constexpr std::strong_ordering operator<=>(const EntityRef& other) const {
    if (const auto order = shard <=> other.shard; order != 0) return order;
    if (const auto order = stream_ordinal <=> other.stream_ordinal; order != 0) return order;
    if (const auto order = stream_version <=> other.stream_version; order != 0) return order;
    return slot <=> other.slot;
  }
};

/// What a movement took from one grant or gave back to it, in the asset's smallest units.
struct Draw {
  EntityRef grant;
  std::int64_t amount = 0;
  bool operator==(const Draw&) const = default;
};

/// format_id("cr", ref) is "cr_" and 20 characters. Requires ordinal and version from 1 and every field below its end.
std::string format_id(std::string_view prefix, EntityRef ref);
void append_id(std::string& out, std::string_view prefix, EntityRef ref);
/// The inverse; nothing for any other text: another prefix, length or alphabet (upper case included), ordinal or
/// version zero. So an entity has one id only.
std::optional<EntityRef> parse_id(std::string_view prefix, std::string_view text);

/// A place in the log: what the ids of events and commands stand for.
struct LogRef {
  std::uint16_t shard = 0;
  std::uint64_t position = 0;
  auto operator<=>(const LogRef&) const = default;
};

/// The id of the event at that position: "evt_" and 12 characters. Requires a position from 1, both below their ends.
std::string format_event_id(std::uint16_t shard, std::uint64_t position);
void append_event_id(std::string& out, std::uint16_t shard, std::uint64_t position);
/// The inverse, as strict as parse_id.
std::optional<LogRef> parse_event_id(std::string_view text);

/// The id of the command whose first event has that position: "cmd_" and 12 characters; else as for events.
std::string format_command_id(std::uint16_t shard, std::uint64_t position);
void append_command_id(std::string& out, std::uint16_t shard, std::uint64_t position);
std::optional<LogRef> parse_command_id(std::string_view text);

}  // namespace daybook
