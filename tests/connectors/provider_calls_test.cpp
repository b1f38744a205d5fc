// What is asked again, when, and what is not: calls to a provider that fails in every way it can.
#include "connectors/provider_calls.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "scripted_server.h"

namespace daybook::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Moves when it is told to, and by the pauses between requests.
struct CallClock final : Clock {
  std::chrono::steady_clock::time_point at{std::chrono::hours(1)};
  Instant now() override { return {}; }
  std::chrono::steady_clock::time_point steady() override { return at; }
};

/// A provider with three headers for what Stripe tells: X-Kind, X-Should-Repeat, X-Stored.
AnswerHints judge_by_headers(const HttpAnswer& answer) {
  AnswerHints hints;
  if (answer.status == 429) hints.kind = AnswerKind::rate_limited;
  if (answer.status == 409) hints.kind = AnswerKind::locked;
  if (answer.status >= 500) hints.kind = AnswerKind::failing;
  if (!answer.header("x-should-repeat").empty()) hints.should_repeat = answer.header("x-should-repeat") == "true";
  hints.is_stored = answer.header("x-stored") == "true";
  return hints;
}

struct CallHarness {
  explicit CallHarness(std::vector<ScriptedAnswer> answers)
      : is_silent(!answers.empty() && answers.front().hangs),
        server(std::move(answers)),
        calls(options(server.url())) {}
  explicit CallHarness(const std::string& url) : server(std::vector<ScriptedAnswer>{}), calls(options(url)) {}

  ProviderCalls::Options options(const std::string& url) {
    ProviderCalls::Options made;
    made.provider = "some";
    made.http.base_url = url;
    if (is_silent) made.http.total_time_max = milliseconds(1'000);
    made.judge = judge_by_headers;
    made.metrics = &metrics;
    made.clock = &clock;
    made.jitter = [this](milliseconds most) {
      asked_for.push_back(most);
      return most;
    };
    made.wait = [this](milliseconds time) {
      waits.push_back(time);
      clock.at += time;
    };
    return made;
  }
  CallReply call(CallSafety safety) {
    HttpExchange exchange{safety == CallSafety::read ? HttpVerb::get : HttpVerb::post, "/v1/things", "a=1", {}};
    if (safety == CallSafety::keyed) exchange.headers.emplace_back("Idempotency-Key: key-1");
    return calls.call("thing", safety, exchange);
  }
  std::size_t requests() const { return server.requests().size(); }

  bool is_silent = false;  ///< The server says nothing: it is not waited for long.
  CallClock clock;
  ProviderMetrics metrics;
  std::vector<milliseconds> asked_for, waits;
  ScriptedServer server;
  ProviderCalls calls;
};

ScriptedAnswer hang_up() {
  ScriptedAnswer answer;
  answer.closes = true;
  return answer;
}

constexpr auto all_safeties = {CallSafety::read, CallSafety::once, CallSafety::keyed};

}  // namespace

TEST_CASE("what may be asked again is a table of what the request does and what is known of it") {
  using K = AnswerKind;
  struct Row {
    std::string name;
    HttpFate fate;
    int status;
    AnswerHints hints;
    bool read, once, keyed;
  };
  const auto answered = HttpFate::answered;
  for (const Row& row : {
           Row{"not sent", HttpFate::not_sent, 0, {}, true, true, true},
           Row{"not trusted", HttpFate::not_trusted, 0, {}, false, false, false},
           Row{"unclear", HttpFate::unclear, 0, {}, true, false, false},
           Row{"done", answered, 200, {}, false, false, false},
           Row{"done, and told to", answered, 200, {K::settled, true}, false, false, false},
           Row{"declined", answered, 402, {}, false, false, false},
           Row{"wrong, and told to", answered, 400, {K::settled, true}, true, false, true},
           Row{"rate limited", answered, 429, {K::rate_limited}, true, true, true},
           Row{"rate limited, told not to", answered, 429, {K::rate_limited, false}, false, false, false},
           Row{"rate limited, stored", answered, 429, {K::rate_limited, {}, true}, true, true, false},
           Row{"rate limited, stored, told to", answered, 429, {K::rate_limited, true, true}, true, true, false},
           Row{"locked", answered, 409, {K::locked}, true, true, false},
           Row{"locked, told to", answered, 409, {K::locked, true}, true, true, false},
           Row{"locked, told not to", answered, 409, {K::locked, false}, false, false, false},
           Row{"failing", answered, 500, {K::failing}, true, false, false},
           Row{"failing, told to", answered, 500, {K::failing, true}, true, false, true},
           Row{"failing, told not to", answered, 500, {K::failing, false}, false, false, false},
           Row{"failing, stored, told to", answered, 500, {K::failing, true, true}, true, false, false},
       }) {
    CAPTURE(row.name);
    CHECK(may_repeat(CallSafety::read, row.fate, row.status, row.hints) == row.read);
    CHECK(may_repeat(CallSafety::once, row.fate, row.status, row.hints) == row.once);
    CHECK(may_repeat(CallSafety::keyed, row.fate, row.status, row.hints) == row.keyed);
  }
}

TEST_CASE("a read is asked again with pauses that double, a bounded number of times") {
  ScriptedAnswer torn;
  torn.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{";
  torn.closes = true;
  CallHarness harness({whole_answer(500, "1"), torn, whole_answer(503, "3"), whole_answer(200, "4")});
  const CallReply reply = harness.call(CallSafety::read);
  CHECK(reply.fate == CallFate::answered);
  CHECK(reply.body == "4");
  CHECK(reply.requests == 4);
  CHECK(harness.asked_for == std::vector<milliseconds>{milliseconds(500), milliseconds(1'000), milliseconds(2'000)});
  CHECK(harness.waits == harness.asked_for);

  CallHarness failing(std::vector<ScriptedAnswer>(10, whole_answer(502, "")));
  const CallReply last = failing.call(CallSafety::read);
  CHECK(last.fate == CallFate::unknown);
  CHECK(last.status == 502);
  CHECK(failing.requests() == 4);
}

TEST_CASE("a provider's own pause is kept, and one that asks for too long is left alone") {
  CallHarness harness({whole_answer(429, "", "Retry-After: 3\r\n"), whole_answer(200, "")});
  CHECK(harness.call(CallSafety::read).fate == CallFate::answered);
  CHECK(harness.waits == std::vector<milliseconds>{seconds(3)});
  CallHarness patient({whole_answer(429, "", "Retry-After: 9\r\n"), whole_answer(200, "")});
  CHECK(patient.call(CallSafety::read).fate == CallFate::busy);
  CHECK(patient.requests() == 1);
  CHECK(patient.waits.empty());
}

TEST_CASE("no repeat begins when a call has taken its time") {
  CallHarness harness({whole_answer(500, ""), whole_answer(200, "")});
  harness.server.requests();
  ProviderCalls::Options options = harness.options(harness.server.url());
  options.call_time_max = milliseconds(0);
  ProviderCalls calls(options);
  CHECK(calls.call("thing", CallSafety::read, {HttpVerb::get, "/", {}, {}}).fate == CallFate::unknown);
  CHECK(harness.requests() == 1);
}

TEST_CASE("a change whose outcome nobody knows is made once") {
  ScriptedAnswer torn, silent;
  torn.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{";
  torn.closes = silent.hangs = true;
  for (const ScriptedAnswer& answer : {torn, silent, hang_up(), whole_answer(500, "{}"), whole_answer(503, "{}")}) {
    for (const CallSafety safety : {CallSafety::once, CallSafety::keyed}) {
      CallHarness harness({answer, whole_answer(200, "{}")});
      CHECK(harness.call(safety).fate == CallFate::unknown);
      CHECK(harness.requests() == 1);
    }
  }
}

TEST_CASE("a provider that says that a change may be asked for again is believed, if the change has a key") {
  const ScriptedAnswer failing = whole_answer(500, "", "X-Should-Repeat: true\r\n");
  CallHarness keyed({failing, whole_answer(200, "{}")});
  CHECK(keyed.call(CallSafety::keyed).fate == CallFate::answered);
  const std::vector<SeenRequest> seen = keyed.server.requests();
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].header("idempotency-key") == seen[1].header("idempotency-key"));
  CallHarness once({failing, whole_answer(200, "{}")});
  CHECK(once.call(CallSafety::once).fate == CallFate::unknown);
}

TEST_CASE("a 429 or 409 that may be stored under the key is reported, so that somebody looks") {
  struct Row {
    ScriptedAnswer answer;
    bool is_stored;
  };
  for (const Row& row :
       {Row{whole_answer(409, ""), false}, Row{whole_answer(409, "", "X-Should-Repeat: true\r\n"), false},
        Row{whole_answer(409, "", "X-Stored: true\r\n"), true}, Row{whole_answer(429, "", "X-Stored: true\r\n"), true},
        Row{whole_answer(429, "", "X-Stored: true\r\nX-Should-Repeat: true\r\n"), true}}) {
    CallHarness harness({row.answer, whole_answer(200, "{}")});
    const CallReply reply = harness.call(CallSafety::keyed);
    CHECK(reply.fate == CallFate::busy);
    CHECK(reply.is_stored == row.is_stored);
    CHECK(harness.requests() == 1);
  }
}

TEST_CASE("a 429 of before anything was begun is asked again under the same key, until what comes is a stored one") {
  CallHarness harness({whole_answer(429, ""), whole_answer(429, "", "X-Stored: true\r\n"), whole_answer(200, "{}")});
  const CallReply reply = harness.call(CallSafety::keyed);
  CHECK(reply.fate == CallFate::busy);
  CHECK(reply.is_stored);
  CHECK(harness.requests() == 2);
}

TEST_CASE("where nobody answers nothing was done, and it is tried again whatever it is") {
  for (const CallSafety safety : all_safeties) {
    CallHarness harness(unused_url());
    const CallReply reply = harness.call(safety);
    CHECK(reply.fate == CallFate::unreached);
    CHECK(reply.requests == 4);
    CHECK_FALSE(reply.problem.empty());
  }
}

TEST_CASE("what may have been done stays unknown when nobody can be reached afterwards") {
  // The answer that allows the repeat is the last thing that this provider does before its circuit opens.
  CallHarness harness({whole_answer(500, "", "X-Should-Repeat: true\r\n"), whole_answer(200, "{}")});
  ProviderCalls::Options options = harness.options(harness.server.url());
  options.breaker.failures_max = 1;
  ProviderCalls calls(options);
  const CallReply reply = calls.call("thing", CallSafety::keyed, {HttpVerb::post, "/", "a=1", {}});
  CHECK(reply.fate == CallFate::unknown);
  CHECK(reply.status == 0);
  CHECK(reply.requests == 1);
}

TEST_CASE("PRV-07: after failures in a row calls fail fast, and one is tried behind the pause") {
  std::vector<ScriptedAnswer> answers(5, whole_answer(500, ""));
  answers.push_back(whole_answer(500, ""));
  answers.push_back(whole_answer(200, "{}"));
  CallHarness harness(std::move(answers));
  for (int count = 0; count < 5; ++count) CHECK(harness.call(CallSafety::keyed).fate == CallFate::unknown);
  CHECK(harness.calls.circuit() == CircuitBreaker::State::open);
  for (int count = 0; count < 3; ++count) {
    const CallReply reply = harness.call(CallSafety::keyed);
    CHECK(reply.fate == CallFate::unreached);
    CHECK(reply.requests == 0);
  }
  CHECK(harness.requests() == 5);
  harness.clock.at += seconds(30);
  CHECK(harness.call(CallSafety::keyed).fate == CallFate::unknown);
  CHECK(harness.call(CallSafety::keyed).fate == CallFate::unreached);
  CHECK(harness.requests() == 6);
  harness.clock.at += seconds(30);
  CHECK(harness.call(CallSafety::keyed).fate == CallFate::answered);
  CHECK(harness.calls.circuit() == CircuitBreaker::State::closed);
  const std::string text = harness.metrics.text();
  CAPTURE(text);
  for (const char* line :
       {"provider_requests_total{operation=\"thing\",outcome=\"provider_error\",provider=\"some\"} 6",
        "provider_requests_total{operation=\"thing\",outcome=\"circuit_open\",provider=\"some\"} 4",
        "provider_requests_total{operation=\"thing\",outcome=\"succeeded\",provider=\"some\"} 1",
        "provider_request_seconds_count{operation=\"thing\",provider=\"some\"} 7"}) {
    CHECK(text.find(line) != std::string::npos);
  }
}

TEST_CASE("what a provider declines or limits does not open its circuit") {
  CallHarness harness(std::vector<ScriptedAnswer>(40, whole_answer(429, "", "X-Should-Repeat: false\r\n")));
  for (int count = 0; count < 10; ++count) CHECK(harness.call(CallSafety::keyed).fate == CallFate::busy);
  CHECK(harness.calls.circuit() == CircuitBreaker::State::closed);
}

TEST_CASE("each way a request can end is counted under its own name") {
  ScriptedAnswer silent;
  silent.hangs = true;
  struct Row {
    ScriptedAnswer answer;
    std::string outcome;
  };
  for (const Row& row :
       {Row{whole_answer(200, ""), "succeeded"}, Row{whole_answer(402, ""), "declined"},
        Row{whole_answer(400, ""), "refused"}, Row{whole_answer(409, ""), "busy"},
        Row{whole_answer(500, ""), "provider_error"}, Row{hang_up(), "unclear"}, Row{silent, "timeout"}}) {
    CallHarness harness({row.answer});
    harness.call(CallSafety::keyed);
    CHECK(harness.metrics.text().find("outcome=\"" + row.outcome + "\",provider=\"some\"} 1") != std::string::npos);
  }
  CallHarness nobody(unused_url());
  nobody.call(CallSafety::keyed);
  CHECK(nobody.metrics.text().find("outcome=\"unreachable\",provider=\"some\"} 4") != std::string::npos);
}

TEST_CASE("pauses are any length up to the one that doubles") {
  std::vector<milliseconds> waits;
  for (int round = 0; round < 20; ++round) {
    CallHarness harness(unused_url());
    ProviderCalls::Options options = harness.options(unused_url());
    options.jitter = {};
    options.wait = [&](milliseconds time) { waits.push_back(time); };
    ProviderCalls(options).call("thing", CallSafety::once, {HttpVerb::post, "/", "a", {}});
  }
  REQUIRE(waits.size() == 60);
  std::size_t short_ones = 0;
  for (std::size_t i = 0; i < waits.size(); ++i) {
    CHECK(waits[i] >= milliseconds(0));
    CHECK(waits[i] <= milliseconds(500 << (i % 3)));
    short_ones += waits[i] < milliseconds(250 << (i % 3)) ? 1 : 0;
  }
  CHECK(short_ones > 5);
  CHECK(short_ones < 55);
}

TEST_CASE("a stop ends the pauses of calls, and no request is made afterwards") {
  std::atomic<int> answered = 0;
  ScriptedServer server([&](const SeenRequest&) {
    ++answered;
    return whole_answer(503, "", "Retry-After: 3600\r\n");
  });
  CallHarness harness(server.url());
  ProviderCalls::Options options = harness.options(server.url());
  options.wait = {};
  options.clock = nullptr;
  options.pause_max = std::chrono::hours(2);
  ProviderCalls calls(options);
  std::thread waiting([&] {
    CHECK(calls.call("thing", CallSafety::read, {HttpVerb::get, "/", {}, {}}).requests == 1);
  });
  while (answered == 0) std::this_thread::yield();
  calls.stop();
  waiting.join();
  CHECK(calls.call("thing", CallSafety::read, {HttpVerb::get, "/", {}, {}}).fate == CallFate::unreached);
  CHECK(answered == 1);
}

}  // namespace daybook::test
