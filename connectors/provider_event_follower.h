// What became of what providers posted: follows the log for events that were received and are not processed, and gives
// the engine what they say.
//
// Operation: one thread, one event after the other. An event of a payment becomes RecordPaymentResult, whose own state
// decides, so the order of arrival does not; one of a checkout session CompleteCheckout or ExpireCheckout, one of a
// subscription MirrorProviderSubscription, likewise; then ProcessProviderEvent says in the log what came of it, once
// for each event because its key is kept for ever. What ends in between is done again after a start: both change
// nothing then. An event is left only when the log says what became of it; while the engine takes nothing it is tried
// again. The cursor (a file in views/, which may be lost) is where reading begins after a start. Concurrency: all
// members may be called from any thread; start and stop once.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "connectors/payment_provider.h"
#include "engine/engine.h"

namespace daybook {

/// Received ones in memory at once; the log is the queue of the others.
inline constexpr std::size_t open_provider_events_max = 1'000;
inline constexpr Position provider_cursor_events = 10'000;  ///< The cursor is written after so many.

class ProviderEventFollower {
 public:
  struct Options {
    Engine* engine = nullptr;  ///< Must outlive the follower.
    /// The adapter that reads messages of that name; null: it is not configured any more. The follower's thread.
    std::function<const PaymentProvider*(std::string_view name)> provider;
  };

  /// Listens to the engine's commits.
  explicit ProviderEventFollower(Options options);
  /// Stops.
  ~ProviderEventFollower();
  ProviderEventFollower(const ProviderEventFollower&) = delete;
  ProviderEventFollower& operator=(const ProviderEventFollower&) = delete;

  void start();
  /// Of what was read of the log, those that are not processed.
  std::uint64_t unprocessed() const;
  /// Waits until everything that is in the log when this is called is processed. False if it is not by then.
  bool wait_processed(std::chrono::milliseconds timeout) const;
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace daybook
