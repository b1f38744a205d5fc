// The gateway's small parts: headers, keys, rate limits, reader threads, problems, zones.
#include <atomic>
#include <future>
#include <set>

#include "doctest/doctest.h"
#include "gateway/api_keys.h"
#include "gateway/base32.h"
#include "gateway/problem.h"
#include "gateway/rate_limiter.h"
#include "gateway/reader_pool.h"
#include "gateway/render.h"
#include "gateway/request_headers.h"
#include "gateway/routes.h"
#include "gateway/time_zones.h"
#include "tests/gateway/served.h"

using namespace daybook;
using daybook::test::json_at;

TEST_CASE("request ids: what a client may choose, and our own are unique") {
  CHECK(valid_request_id("a.B_9:-"));
  CHECK_FALSE(valid_request_id(""));
  CHECK_FALSE(valid_request_id("a b"));
  CHECK(valid_request_id(std::string(64, 'x')));
  CHECK_FALSE(valid_request_id(std::string(65, 'x')));
  std::set<std::string> made;
  for (int i = 0; i < 1000; ++i) made.insert(make_request_id());
  CHECK(made.size() == 1000);
  CHECK(valid_request_id(*made.begin()));
}

TEST_CASE("trace context is passed on only if it is well-formed") {
  CHECK(valid_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
  CHECK_FALSE(valid_traceparent("00-00000000000000000000000000000000-b7ad6b7169203331-01"));
  CHECK_FALSE(valid_traceparent("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
  CHECK_FALSE(valid_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x"));
}

TEST_CASE("entity tags") {
  CHECK(parse_if_match("\"5\"").version == 5);
  CHECK(parse_if_match("W/\"5\"").version == 5);
  CHECK(parse_if_match("*").is_valid);
  CHECK_FALSE(parse_if_match("*").version);
  CHECK_FALSE(parse_if_match("5").is_valid);
  CHECK_FALSE(parse_if_match("\"5").is_valid);
  CHECK(parse_if_match("\"abc\"").version == std::numeric_limits<std::uint64_t>::max());
  CHECK(none_match_holds("\"1\", W/\"5\"", "\"5\""));
  CHECK(none_match_holds("*", "\"5\""));
  CHECK_FALSE(none_match_holds("\"1\"", "\"5\""));
}

TEST_CASE("idempotency keys are 1 to 255 visible characters") {
  CHECK(valid_idempotency_key(std::string(255, 'k')));
  CHECK_FALSE(valid_idempotency_key(std::string(256, 'k')));
  CHECK_FALSE(valid_idempotency_key(""));
  CHECK_FALSE(valid_idempotency_key("a b"));
}

TEST_CASE("API keys have their shape, a digest and a prefix that gives nothing away") {
  const NewApiKey key = make_api_key(BookMode::live);
  CHECK(key.text.starts_with("dbk_live_"));
  CHECK(key.text.size() == 9 + api_key_random_characters);
  CHECK(has_api_key_shape(key.text));
  CHECK(key.digest == api_key_digest(key.text));
  CHECK(key.digest.size() == 32);
  CHECK(key.prefix == key.text.substr(0, 13));
  CHECK(make_api_key(BookMode::test).text != make_api_key(BookMode::test).text);
  CHECK_FALSE(has_api_key_shape("dbk_live_short"));
  CHECK_FALSE(has_api_key_shape(dev_key_text));
}

TEST_CASE("base32 of 16 bytes is 26 characters, in order") {
  CHECK(to_base32(std::string(16, '\0')) == std::string(26, '0'));
  CHECK(to_base32("\xff") == "zw");
  CHECK(to_base32("") == "");
}

TEST_CASE("a bucket gives so many tokens an hour, and all of them again after it") {
  RateLimiter limiter(3);
  const RateLimiter::Time start{};
  for (int i = 0; i < 3; ++i) CHECK(limiter.take("a", start + std::chrono::minutes(19 * i)).is_allowed);
  const auto refused = limiter.take("a", start + std::chrono::minutes(59));
  CHECK_FALSE(refused.is_allowed);
  CHECK(refused.remaining == 0);
  CHECK(refused.reset_seconds <= 61);
  CHECK(limiter.take("b", start).remaining == 2);
  CHECK(limiter.take("a", start + std::chrono::hours(1)).is_allowed);
  RateLimiter unlimited(0);
  CHECK(unlimited.take("a", start).limit == 0);
}

TEST_CASE("the reader pool refuses what its queue cannot hold, and runs the rest before it ends") {
  std::atomic<int> done{0};
  std::promise<void> gate;
  std::shared_future<void> opened(gate.get_future());
  {
    ReaderPool pool(1, 2);
    std::promise<void> started;
    REQUIRE(pool.post([&] {
      started.set_value();
      opened.wait();
      ++done;
    }));
    started.get_future().wait();
    CHECK(pool.post([&] { ++done; }));
    CHECK(pool.post([&] { ++done; }));
    CHECK_FALSE(pool.post([&] { ++done; }));
    gate.set_value();
  }
  CHECK(done == 3);
}

TEST_CASE("every rejection has a problem document with all its members and a hint") {
  for (const RejectionInfo& row : all_rejections()) {
    Problem problem;
    problem.code = row.code;
    std::string body;
    append_problem(body, problem, "req_1");
    CAPTURE(body);
    CHECK(json_at(body, "/code") == '"' + std::string(row.name) + '"');
    CHECK(json_at(body, "/status") == std::to_string(row.http_status));
    CHECK(json_at(body, "/hint").size() > 2);
    CHECK(json_at(body, "/detail").size() > 2);
    CHECK(json_at(body, "/request_id") == "\"req_1\"");
    CHECK(json_at(body, "/errors") == "[]");
  }
}

TEST_CASE("a rejection's facts are members of its document") {
  Rejection rejection{
      RejectionCode::insufficient_credits, "/amount", {{"unit", std::string("credits")}, {"available", 3}}};
  std::string body;
  append_problem(body, problem_of(rejection), "r");
  CHECK(json_at(body, "/available") == "3");
  CHECK(json_at(body, "/packs") == "[]");
  CHECK(json_at(body, "/errors/0/pointer") == "\"/amount\"");
  rejection = {RejectionCode::invalid_transition, "", {{"allowed", std::string("consumed, expired")}}};
  body.clear();
  append_problem(body, problem_of(rejection), "r");
  CHECK(json_at(body, "/allowed") == R"(["consumed","expired"])");
}

TEST_CASE("time zones come from tzdata") {
  CHECK(time_zone_exists("Europe/Berlin"));
  CHECK(time_zone_exists("UTC"));
  CHECK_FALSE(time_zone_exists("Mars/Olympus"));
  CHECK(default_time_zone("DE") == "Europe/Berlin");
  CHECK(default_time_zone("US") == "America/New_York");
  CHECK(default_time_zone("") == "UTC");
}

TEST_CASE("consumed percent is of the cycle, else of everything, rounded down") {
  Wallet wallet;
  CHECK(consumed_percent(wallet) == 0);
  wallet.granted = 1'000'000'000'000'000;
  wallet.consumed = 999'999'999'999'999;
  CHECK(consumed_percent(wallet) == 99);
  wallet.cycle_granted = 200;
  wallet.cycle_consumed = 150;
  CHECK(consumed_percent(wallet) == 75);
}

TEST_CASE("routes are found by method and path") {
  CHECK(find_route(Method::get, "/v1/accounts/acme").parameters[0] == "acme");
  const RouteMatch capture = find_route(Method::post, "/v1/accounts/a/unit-credits/reservations/hold_1/capture");
  REQUIRE(capture.route != nullptr);
  CHECK(capture.route->operation_id == "captureReservation");
  CHECK(capture.parameters[1] == "hold_1");
  CHECK(find_route(Method::head, "/health").route != nullptr);
  CHECK(find_route(Method::get, "/v1/events/export").route->operation_id == "exportEvents");
  for (const std::string path : {"/v1/accounts/", "/v1/accounts//balance", "/v1", "", "/v1/accounts/a/b", "/health/"}) {
    CAPTURE(path);
    CHECK(find_route(Method::get, path).route == nullptr);
    CHECK(find_route(Method::get, path).allowed_methods == "");
  }
  CHECK(find_route(Method::del, "/v1/events/evt_1").allowed_methods == "GET, HEAD");
  CHECK(find_route(Method::put, "/v1/accounts").allowed_methods == "POST, GET, HEAD");
}
