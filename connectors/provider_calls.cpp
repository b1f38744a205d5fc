#include "connectors/provider_calls.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <utility>

namespace daybook {
namespace {

using std::chrono::milliseconds;

/// The counters' label.
std::string_view outcome_label(const HttpAnswer& answer, AnswerKind kind) {
  if (answer.fate == HttpFate::not_trusted) return "untrusted";
  if (answer.timed_out) return "timeout";
  if (answer.fate == HttpFate::not_sent) return "unreachable";
  if (answer.fate == HttpFate::unclear) return "unclear";
  if (kind == AnswerKind::rate_limited || kind == AnswerKind::locked) return "busy";
  if (kind == AnswerKind::failing) return "provider_error";
  if (answer.status == 402) return "declined";
  return answer.status >= 200 && answer.status < 300 ? "succeeded" : "refused";
}

CallFate fate_of(const HttpAnswer& answer, AnswerKind kind) {
  if (answer.fate == HttpFate::unclear) return CallFate::unknown;
  if (answer.fate != HttpFate::answered) return CallFate::unreached;
  if (kind == AnswerKind::failing) return CallFate::unknown;
  return kind == AnswerKind::settled ? CallFate::answered : CallFate::busy;
}

}  // namespace

bool may_repeat(CallSafety safety, HttpFate fate, int status, const AnswerHints& hints) {
  if (fate == HttpFate::not_sent) return true;
  if (fate == HttpFate::not_trusted) return false;
  if (fate == HttpFate::unclear) return safety == CallSafety::read;
  if (hints.should_repeat == false) return false;
  const bool is_read = safety == CallSafety::read;
  const bool is_keyed = safety == CallSafety::keyed;
  // With the key of a stored answer there is no other answer to be had.
  if (is_keyed && hints.is_stored) return false;
  const bool is_told_to = hints.should_repeat == true;
  switch (hints.kind) {
    case AnswerKind::rate_limited:
      return true;
    case AnswerKind::locked:
      return !is_keyed;
    case AnswerKind::failing:
      return is_read || (is_keyed && is_told_to);
    case AnswerKind::settled:
      return is_told_to && status >= 400 && (is_read || is_keyed);
  }
  return false;
}

struct ProviderCalls::Parts {
  explicit Parts(Options given)
      : options(std::move(given)),
        http(std::move(options.http)),
        breaker(options.breaker),
        random(std::random_device()()) {}

  Options options;
  ProviderHttp http;
  CircuitBreaker breaker;
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::mt19937_64 random;
  bool is_stopping = false;

  CircuitBreaker::Time now() const {
    return options.clock != nullptr ? options.clock->steady() : std::chrono::steady_clock::now();
  }

  bool stopping() const {
    const std::lock_guard lock(mutex);
    return is_stopping;
  }

  milliseconds jitter(milliseconds most) {
    if (options.jitter) return options.jitter(most);
    const std::lock_guard lock(mutex);
    return milliseconds(std::uniform_int_distribution<milliseconds::rep>(0, most.count())(random));
  }

  void wait(milliseconds time) {
    if (options.wait) return options.wait(time);
    std::unique_lock lock(mutex);
    changed.wait_for(lock, time, [&] { return is_stopping; });
  }

  /// The pause before the next request; nothing: the provider asks for more than there is.
  std::optional<milliseconds> pause_after(const HttpAnswer& answer, std::uint32_t requests) {
    const std::uint32_t doublings = std::min(requests - 1, 16U);
    const milliseconds most = std::min(milliseconds(options.pause_min.count() << doublings), options.pause_max);
    const milliseconds own = jitter(most);
    if (!answer.retry_after) return own;
    if (*answer.retry_after > options.pause_max) return std::nullopt;
    return std::max(own, milliseconds(*answer.retry_after));
  }

  void count(std::string_view operation, std::string_view outcome,
             std::optional<std::chrono::steady_clock::duration> took) const {
    if (options.metrics != nullptr) options.metrics->request(options.provider, operation, outcome, took);
  }
};

ProviderCalls::ProviderCalls(Options options) : parts_(std::make_unique<Parts>(std::move(options))) {}
ProviderCalls::~ProviderCalls() = default;

CallReply ProviderCalls::call(std::string_view operation, CallSafety safety, const HttpExchange& exchange) {
  CallReply reply;
  const auto began = parts_->now();
  bool was_unclear = false;  // a request before the last one may have been dealt with
  while (true) {
    const auto asked = parts_->now();
    const std::optional<CircuitBreaker::Permit> permit =
        parts_->stopping() ? std::nullopt : parts_->breaker.admit(asked);
    if (!permit) {
      parts_->count(operation, "circuit_open", std::nullopt);
      const std::uint32_t requests = reply.requests;
      reply = {};
      reply.requests = requests;
      reply.problem = "no call is made for the moment";
      reply.fate = was_unclear ? CallFate::unknown : CallFate::unreached;
      return reply;
    }
    HttpAnswer answer = parts_->http.exchange(exchange);
    const auto answered = parts_->now();
    const bool is_answered = answer.fate == HttpFate::answered;
    const AnswerHints hints = is_answered ? parts_->options.judge(answer) : AnswerHints{};
    if (is_answered && hints.kind != AnswerKind::failing) {
      parts_->breaker.succeeded(*permit);
    } else {
      parts_->breaker.failed(*permit, answered);
    }
    parts_->count(operation, outcome_label(answer, hints.kind), answered - asked);
    ++reply.requests;
    reply.fate = fate_of(answer, hints.kind);
    if (reply.fate == CallFate::unreached && was_unclear) reply.fate = CallFate::unknown;
    was_unclear = was_unclear || reply.fate == CallFate::unknown;
    reply.status = answer.status;
    reply.is_stored = hints.is_stored;
    reply.problem = std::move(answer.problem);
    const bool may = reply.requests < parts_->options.requests_max &&
                     answered - began < parts_->options.call_time_max &&
                     may_repeat(safety, answer.fate, answer.status, hints);
    const std::optional<milliseconds> pause = may ? parts_->pause_after(answer, reply.requests) : std::nullopt;
    reply.body = std::move(answer.body);
    if (!pause) return reply;
    parts_->wait(*pause);
  }
}

CircuitBreaker::State ProviderCalls::circuit() const {
  return parts_->breaker.state(parts_->now());
}

void ProviderCalls::stop() {
  {
    const std::lock_guard lock(parts_->mutex);
    parts_->is_stopping = true;
  }
  parts_->changed.notify_all();
}

}  // namespace daybook
