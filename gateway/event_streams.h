// Everybody who follows events as they are committed (GET /v1/events/stream), and the thread that serves them.
//
// Operation: one thread serves all streams in turn. It wakes when one of them asks for a piece or something has been
// committed, and reads the log itself, so that a stream never waits for a view. Commits gather for event_stream_linger.
// Concurrency: open() and the listener from any thread.
// Limits: below. A stream holds one piece, and none while its reader does not read.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "eventstore/position.h"
#include "gateway/http_message.h"

namespace daybook {

class Engine;
class EventRenderer;
struct FollowedEvents;

/// Streams open at once. One more: 503.
inline constexpr std::size_t event_streams_max = 256;
/// A stream that has nothing to say says so this often.
inline constexpr std::uint32_t event_stream_heartbeat_ms = 15'000;
inline constexpr std::chrono::milliseconds event_stream_linger{10};

class EventStreams {
 public:
  EventStreams(Engine& engine, const EventRenderer& renderer, std::size_t streams_max, std::uint32_t heartbeat_ms);
  /// Ends every stream.
  ~EventStreams();
  EventStreams(const EventStreams&) = delete;
  EventStreams& operator=(const EventStreams&) = delete;

  /// Null if as many are open as there may be. The body may outlive this object; it has ended then.
  std::shared_ptr<BodySource> open(FollowedEvents what);
  /// To be called after each commit; it only wakes. May be called after this object has gone.
  std::function<void(ShardNumber, Position)> commit_listener() const;

 private:
  class Stream;
  struct Shared;
  void run();
  void serve(const std::shared_ptr<Stream>& stream, std::chrono::steady_clock::time_point now);

  Engine& engine_;
  const EventRenderer& renderer_;
  const std::size_t streams_max_;
  const std::chrono::milliseconds heartbeat_;
  std::shared_ptr<Shared> shared_;  ///< With the streams and the listener, which may outlive this object.
  std::thread thread_;
};

}  // namespace daybook
