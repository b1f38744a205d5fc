// Calls to a payment provider's API: bounded repeats with growing pauses, a circuit breaker and counters around
// provider_http. Its rule is that what may have moved money is not repeated blindly. What a status means for a provider
// comes from its adapter.
//
// Concurrency: any thread. A call takes call_time_max and one exchange more at most.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/circuit_breaker.h"
#include "connectors/provider_http.h"
#include "connectors/provider_metrics.h"
#include "engine/clock.h"

namespace daybook {

/// What a second request would do.
enum class CallSafety : std::uint8_t {
  read,   ///< Nothing.
  once,   ///< Something: it has no key.
  keyed,  ///< Answer as the first one: it carries a key that the provider remembers.
};

/// What an answer says of the request.
enum class AnswerKind : std::uint8_t {
  settled,       ///< It was dealt with, well or badly.
  rate_limited,  ///< It was not even begun.
  locked,        ///< Something else is at work on the same object or key. With a key this answer may be what the
                 ///< provider gives from now on.
  failing,       ///< The provider does not work: nobody knows what became of it.
};

struct AnswerHints {
  AnswerKind kind = AnswerKind::settled;
  std::optional<bool> should_repeat = {};  ///< As the provider itself says.
  bool is_stored = false;                  ///< The answer of an earlier request with the same key, given again.
};

enum class CallFate : std::uint8_t {
  answered,   ///< `status` and `body` say what.
  busy,       ///< Not done by this request; an earlier one with its key may have. Look before it is made again.
  unknown,    ///< It may have been done.
  unreached,  ///< It surely was not done: nobody was reached, or nobody was asked.
};

struct CallReply {
  CallFate fate = CallFate::unreached;
  int status = 0;          ///< Of the last answer; 0: there was none.
  std::string body;        ///< Likewise.
  bool is_stored = false;  ///< Of a busy one: the same key will never give another answer.
  std::string problem;     ///< Why there is no answer, for logs; holds no secret.
  std::uint32_t requests = 0;
};

/// Whether a request that ended so may be made once more. `hints` count if there was an answer.
bool may_repeat(CallSafety safety, HttpFate fate, int status, const AnswerHints& hints);

class ProviderCalls {
 public:
  struct Options {
    std::string provider;  ///< The label of its counters.
    ProviderHttp::Options http;
    std::function<AnswerHints(const HttpAnswer&)> judge;  ///< Any thread.
    CircuitBreaker::Options breaker = {};
    std::uint32_t requests_max = 4;                   ///< Of one call.
    std::chrono::milliseconds pause_min{500};         ///< Before the first repeat at most; doubled each time.
    std::chrono::milliseconds pause_max{8'000};       ///< A provider that asks for more is left alone.
    std::chrono::milliseconds call_time_max{60'000};  ///< After that no repeat begins.
    ProviderMetrics* metrics = nullptr;               ///< Must outlive it.
    Clock* clock = nullptr;                           ///< Its steady(); the machine's if null.
    /// A pause up to that; random if empty (full jitter: any moment is as likely).
    std::function<std::chrono::milliseconds(std::chrono::milliseconds most)> jitter;
    /// Instead of sleeping.
    std::function<void(std::chrono::milliseconds)> wait;
  };

  /// As ProviderHttp's.
  explicit ProviderCalls(Options options);
  ~ProviderCalls();
  ProviderCalls(const ProviderCalls&) = delete;
  ProviderCalls& operator=(const ProviderCalls&) = delete;

  /// `operation` is the counters' label, one of our own names.
  CallReply call(std::string_view operation, CallSafety safety, const HttpExchange& exchange);
  CircuitBreaker::State circuit() const;
  /// Ends the pauses of calls under way; they, and all from now on, make no more requests.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace daybook
