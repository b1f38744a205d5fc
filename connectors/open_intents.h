// The payments and refunds without a result: a fold of the log, and which of them is to be called when. Shared by the
// collector's threads and by the engine's answers, which may come after the collector has gone. Threads: any.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "domain/id.h"
#include "domain/money.h"
#include "domain/sealed.h"
#include "engine/clock.h"
#include "eventstore/log.h"

namespace daybook {

inline constexpr std::size_t open_intents_max = 10'000;  ///< Held in memory; the log is the queue of the others.

/// An attempt to charge, or a refund, as its event tells it.
struct OpenIntent {
  EntityRef id;  ///< The payment's, or the refund's.
  bool is_refund = false;
  LogPosition at;  ///< Of the event.
  std::string stream;
  std::string provider, key;
  Sealed token;        ///< Of a payment.
  std::string charge;  ///< Of a refund: what the provider calls the charge.
  Money amount;
  std::uint32_t attempt = 0;   ///< Of a payment.
  bool may_be_called = false;  ///< By somebody already: its provider is asked first.
};

class OpenIntents {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// The clock measures pauses. One that is not the machine's moves nobody who waits in take().
  OpenIntents(ShardNumber shards, Clock& clock) : clock_(clock), read_(shards, 0) {}

  /// Folds one event; others than those of payments and refunds change nothing. `is_old`: it was in the log before the
  /// start.
  void fold(const StoredEvent& event, bool is_old);
  /// Everything up to there is folded.
  void note_read(LogPosition position);
  Position read(ShardNumber shard) const;
  /// No attempt up to there is without a result.
  Position cursor(ShardNumber shard) const;
  /// Everything that was in the log before the start is folded: from now on attempts are handed out.
  void begin();
  /// Waits until another attempt may be folded; false when stop is requested.
  bool wait_for_room(const std::stop_token& stop) const;

  /// The next attempt whose time has come, which is then in hand; waits for one. Nothing when stop is requested.
  std::optional<OpenIntent> take(const std::stop_token& stop);
  /// The same without waiting: nothing if no attempt's time has come.
  std::optional<OpenIntent> take_now();
  /// Its result is in the log.
  void settle(EntityRef id);
  /// It has none yet: it is handed out again after a pause, which doubles up to `longest`, and its provider asked.
  void put_back(EntityRef id, std::chrono::milliseconds longest);

  std::size_t size() const;
  /// Whether every attempt up to there has a result by then.
  bool wait_settled(LogPosition position, TimePoint deadline) const;

 private:
  struct Entry {
    OpenIntent intent;
    bool is_in_hand = false;
    TimePoint due{};
    std::chrono::milliseconds pause{0};
  };
  /// Requires mutex_, as the next.
  void add(OpenIntent intent);
  void remove(EntityRef id);
  /// Another attempt waits to be handed out.
  void wake_caller();
  /// Requires that one waits.
  OpenIntent hand_out();

  Clock& clock_;
  mutable std::mutex mutex_;
  // Apart from each other: the log is read on after every commit, and callers are woken only when there is a call.
  mutable std::condition_variable_any callers_, progress_;
  std::uint64_t wakes_ = 0;  ///< Of callers.
  bool has_begun_ = false;
  std::map<EntityRef, Entry> entries_;
  std::set<std::pair<TimePoint, EntityRef>> waiting_;  ///< Those that are not in hand.
  std::set<LogPosition> positions_;                    ///< Of all.
  std::vector<Position> read_;                         ///< By shard.
};

}  // namespace daybook
