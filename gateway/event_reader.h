// One reader's place in the log, and the messages from there on: server-sent events, as the HTML standard's section 9.2
// reads them. Knows neither connections nor threads.
//
// Each event is one message: "id:" its event id, "data:" the event's JSON in one line. A message with an id and no data
// moves the reader's cursor on without showing him anything: the first one, and every heartbeat, name the last position
// that was looked at. So a reconnect with Last-Event-ID goes on exactly there, also when nothing matched for long.
// After a damaged event comes a message named "problem", and the stream ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "eventstore/position.h"
#include "projections/audit_view.h"

namespace daybook {

class CorruptLog;
class Engine;
class EventRenderer;

/// A piece is full when it has grown to this; it is larger by the last event at most.
inline constexpr std::size_t event_stream_piece_bytes = 64 * 1024;
/// Events looked at before the next reader has its turn.
inline constexpr std::size_t event_stream_turn_events = 20'000;
/// What browsers are told to wait before they reconnect.
inline constexpr std::uint32_t event_stream_retry_ms = 2'000;

/// What one reader follows.
struct FollowedEvents {
  std::string book;
  EventFilter filter;  ///< `to` and `any_type` are not looked at.
  LogPosition after;   ///< Of the book's shard.
  bool shows_sealed = false;
  /// Whether the reader may still read; asked before each piece.
  std::function<bool()> is_allowed;
};

/// One thread at a time. Throws StorageFault and CorruptLog as the log does; what was looked at before stays looked at.
class EventReader {
 public:
  EventReader(Engine& engine, const EventRenderer& renderer, FollowedEvents what);

  /// Appends the messages of the events that match, until the piece is full, the turn is over or everything committed
  /// has been looked at. True if there is more. The first call says where the reader stands.
  bool read(std::string& piece);
  void append_heartbeat(std::string& piece) const;
  bool is_allowed() const { return what_.is_allowed(); }

 private:
  bool matches(std::string_view envelope) const;
  void append_cursor(std::string& piece) const;

  Engine* engine_;
  const EventRenderer* renderer_;
  FollowedEvents what_;
  std::string book_prefix_;
  bool has_begun_ = false;
};

/// The message before a stream's end at a damaged event.
void append_problem_message(std::string& piece, const CorruptLog& damage);

}  // namespace daybook
