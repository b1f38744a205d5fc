// Collecting and giving back: follows the log for payments that were attempted and refunds that were issued, calls
// their provider, and gives the engine what it says.
//
// Operation: one thread follows the log of every shard and knows which attempts have no result yet; a few others make
// the calls, so that neither the writer nor another payment waits for a provider. An attempt that was in the log before
// the collector started may have been called already: its provider is asked first, by the charge's key, and charged
// only if it does not know the key. So is one whose call gave no answer, after a pause that grows. A result goes to the
// engine as RecordPaymentResult; it is not forgotten here before the log has it. Refunds likewise, as
// RecordRefundResult; of one that the provider has and does not decide it is asked ever more rarely.
// The cursor (a file in views/, which may be lost) is where reading begins after a start: no attempt before it is
// without a result.
// Concurrency: all members may be called from any thread; start and stop once. Without threads step() does all of it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "connectors/payment_provider.h"
#include "engine/clock.h"
#include "engine/engine.h"

namespace daybook {

inline constexpr std::size_t payment_calls_max = 8;  ///< To providers at once.
// Between calls for one payment whose provider does not say; doubled each time.
inline constexpr std::chrono::milliseconds payment_pause_min{100};
inline constexpr std::chrono::milliseconds payment_pause_max{60'000};
inline constexpr std::chrono::milliseconds refund_pause_max{3'600'000};  ///< Of a refund that it says is pending.
inline constexpr Position collector_cursor_events = 10'000;              ///< The cursor is written after so many.

class PaymentCollector {
 public:
  struct Options {
    Engine* engine = nullptr;  ///< Must outlive the collector.
    /// The adapter of that name for the book; null: it is not configured, and its payments and refunds wait. Any
    /// thread.
    std::function<PaymentProvider*(std::string_view name, const std::string& book)> provider;
    Clock* clock = nullptr;  ///< For the pauses; the machine's if null. Another one with step() only.
  };
  struct Status {
    std::uint64_t unanswered = 0;  ///< Attempts and refunds without a result.
    std::uint64_t calls = 0;       ///< Made since the start, questions included.
    std::uint64_t unknown = 0;     ///< Of these, without an answer that says.
  };

  /// Listens to the engine's commits.
  explicit PaymentCollector(Options options);
  /// Stops.
  ~PaymentCollector();
  PaymentCollector(const PaymentCollector&) = delete;
  PaymentCollector& operator=(const PaymentCollector&) = delete;

  void start();
  /// Instead of start(), from one thread: reads what has come into the log and makes every call whose time has come.
  void step();
  Status status() const;
  /// Waits until every attempt that is in the log when this is called has a result or waits for its customer. False if
  /// one has not by then.
  bool wait_answered(std::chrono::milliseconds timeout) const;
  /// Finishes the calls under way and writes the cursors. What is unanswered then is asked for after the next start.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace daybook
