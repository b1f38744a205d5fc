// Test clocks over HTTP: made, listed, sent forward, and the accounts that live by them.
#include "tests/gateway/seller.h"

using namespace daybook;
using namespace daybook::test;

namespace {

struct Timed : Seller {
  std::string made(const std::string& frozen_time = "2026-01-31T12:00:00Z") {
    const Response answer = post("/v1/test-clocks", R"({"name":"A year","frozen_time":")" + frozen_time + "\"}");
    REQUIRE_MESSAGE(answer.status == 201, answer.body);
    return unquoted(json_at(answer.body, "/id"));
  }
  Response open_on(const std::string& clock_id, const std::string& id = "timed") {
    return post("/v1/accounts", R"({"id":")" + id + R"(","name":"A","email":"a@b.example","time_zone":"UTC",)" +
                                    R"("test_clock":")" + clock_id + "\"}");
  }
  Response advance(const std::string& clock_id, const std::string& body, const std::string& query = "?wait=true") {
    return post("/v1/test-clocks/" + clock_id + "/advance" + query, body);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Timed,
                  "BOK-04: a clock is made, an account opened on it, and a year of it gives its invoices in order") {
  const Response dry = post("/v1/test-clocks?dry_run=true", R"({"frozen_time":"2026-01-31T12:00:00Z"})");
  REQUIRE_MESSAGE(dry.status == 200, dry.body);
  CHECK(json_at(dry.body, "/resource/id") == R"("clock_dry_1")");
  CHECK(json_at(dry.body, "/resource/name") == "null");
  CHECK(json_at(dry.body, "/events/0/type") == R"("TestClockCreated")");
  CHECK(ids("/v1/test-clocks").empty());

  const std::string id = made();
  const Response clock_now = get("/v1/test-clocks/" + id);
  CHECK(json_at(clock_now.body, "/status") == R"("ready")");
  CHECK(json_at(clock_now.body, "/frozen_time") == R"("2026-01-31T12:00:00Z")");
  CHECK(json_at(clock_now.body, "/advancing_to") == "null");
  CHECK(json_at(clock_now.body, "/created_at") == R"("2027-01-15T08:00:00Z")");
  const Response opened = open_on(id);
  REQUIRE_MESSAGE(opened.status == 201, opened.body);
  CHECK(unquoted(json_at(opened.body, "/test_clock")) == id);
  CHECK(json_at(opened.body, "/created_at") == R"("2026-01-31T12:00:00Z")");
  CHECK(get("/v1/accounts/timed").body == opened.body);
  CHECK(unquoted(json_at(get("/v1/accounts?limit=3").body, "/data/2/test_clock")) == id);  // newest first
  CHECK(json_at(get("/v1/accounts/acme").body, "/test_clock") == "null");
  const std::string subscription = subscribed({}, "pro", "timed");
  CHECK(json_at(get("/v1/subscriptions/" + subscription).body, "/current_period_start") == R"("2026-01-31T12:00:00Z")");

  const Response done = advance(id, R"({"to":"2027-01-31T12:00:00Z"})");
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(json_at(done.body, "/status") == R"("ready")");
  CHECK(json_at(done.body, "/frozen_time") == R"("2027-01-31T12:00:00Z")");
  CHECK(get("/v1/test-clocks/" + id).body == done.body);
  CHECK(header_of(done, "ETag") == "\"" + json_at(done.body, "/version") + "\"");
  const Response invoices = get("/v1/invoices?account_id=timed&limit=50");
  const char* dates[] = {"2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31",
                         "2026-06-30", "2026-07-31", "2026-08-31", "2026-09-30", "2026-10-31",
                         "2026-11-30", "2026-12-31", "2027-01-31"};
  for (int i = 0; i < 13; ++i) {
    const std::string row = "/data/" + std::to_string(12 - i);
    CHECK(unquoted(json_at(invoices.body, row + "/finalized_at")) == std::string(dates[i]) + "T12:00:00Z");
    CHECK(unquoted(json_at(invoices.body, row + "/number")) ==
          "INV-" + std::string(i < 9 ? "00000" : "0000") + std::to_string(i + 1));
  }
  CHECK(json_at(invoices.body, "/data/13/id").empty());
  CHECK(ids("/v1/invoices?account_id=acme").empty());
}

TEST_CASE_FIXTURE(Timed, "CLK-01: an advance is answered 202 on its way, its repeat as it was, backwards 422") {
  const std::string id = made();
  REQUIRE(open_on(id).status == 201);
  subscribed({}, "pro", "timed");
  const std::string body = R"({"advance":"P1M"})";
  const Response dry = advance(id, body, "?dry_run=true");
  REQUIRE_MESSAGE(dry.status == 200, dry.body);
  CHECK(json_at(dry.body, "/resource/advancing_to") == R"("2026-02-28T12:00:00Z")");
  const std::vector<Header> key = {{"idempotency-key", "one-month"}};
  const std::string path = "/v1/test-clocks/" + id + "/advance";
  const Response sent = post(path, body, key);
  REQUIRE_MESSAGE(sent.status == 202, sent.body);
  CHECK(json_at(sent.body, "/status") == R"("advancing")");
  CHECK(json_at(sent.body, "/frozen_time") == R"("2026-01-31T12:00:00Z")");
  CHECK(json_at(sent.body, "/advancing_to") == R"("2026-02-28T12:00:00Z")");
  const Response waited = post(path + "?wait=true", body, key);
  CHECK(waited.status == 200);
  CHECK(header_of(waited, "Idempotent-Replayed") == "true");
  CHECK(json_at(waited.body, "/frozen_time") == R"("2026-02-28T12:00:00Z")");
  const Response repeated = post(path, body, key);
  CHECK(repeated.status == 202);
  CHECK(repeated.body == sent.body);
  CHECK(advance(id, R"({"to":"2026-02-28T12:00:00Z"})", {}).status == 200);
  const Response back = advance(id, R"({"to":"2026-02-28T11:59:59Z"})");
  CHECK(back.status == 422);
  CHECK(json_at(back.body, "/errors/0/pointer") == R"("/to")");
  CHECK(advance(id, "{}").status == 422);
  CHECK(advance(id, R"({"to":"2026-03-01T00:00:00Z","advance":"P1D"})").status == 422);
  CHECK(advance("clock_00000000010000009900", body).status == 404);
  CHECK(advance("clock_1", body).status == 404);
  CHECK(get("/v1/test-clocks/clock_1").status == 404);
  const Response stale = call(Method::post, path, R"({"advance":"P1D"})", {{"if-match", "\"1\""}});
  CHECK(stale.status == 412);
}

TEST_CASE_FIXTURE(Timed, "test clocks are listed newest first, and made by whoever may") {
  const std::string first = made(), second = made(), third = made("1970-01-01T00:00:00Z");
  CHECK(ids("/v1/test-clocks") == third + " " + second + " " + first);
  CHECK(ids("/v1/test-clocks?limit=1&starting_after=" + third) == second);
  CHECK(ids("/v1/test-clocks?ending_before=" + second) == third);
  CHECK(post("/v1/test-clocks", "{}").status == 422);
  CHECK(post("/v1/test-clocks", R"({"frozen_time":"1969-12-31T23:59:59Z"})").status == 422);
  const Response unknown = open_on("clock_00000000010000009900");
  CHECK(unknown.status == 404);
  CHECK(json_at(unknown.body, "/errors/0/pointer") == R"("/test_clock")");
  const auto by = [&](const std::string& members) {
    const std::vector<Header> key = {{"authorization", "Bearer " + make_key(members)}};
    return post("/v1/test-clocks", R"({"frozen_time":"2026-01-31T12:00:00Z"})", key).status;
  };
  CHECK(by(R"("role":"billing_admin")") == 201);
  CHECK(by(R"("role":"support_rep")") == 403);
  CHECK(by(R"("role":"account_owner","account_id":"acme")") == 403);
  CHECK(by(R"("role":"api_key","account_id":"acme")") == 403);
  CHECK(by(R"("role":"api_key","account_id":"acme","scopes":["clocks"])") == 201);
}

TEST_CASE("BOK-03: a live book has no test clocks") {
  Served live(Served::dev_options(), nullptr, 0, BookMode::live);
  const Response refused = live.post("/v1/test-clocks", R"({"frozen_time":"2026-01-31T12:00:00Z"})");
  CHECK(refused.status == 403);
  CHECK(json_at(refused.body, "/code") == R"("forbidden")");
  CHECK(live.post("/v1/test-clocks/clock_00000000010000000100/advance", R"({"advance":"P1D"})").status == 403);
  const Response line =
      live.post("/v1/commands", R"([{"command":"CreateTestClock","params":{"frozen_time":"2026-01-31T12:00:00Z"}}])");
  CHECK(json_at(line.body, "/0/status") == "403");
  CHECK(json_at(live.get("/v1/test-clocks").body, "/data/0/id").empty());
}

TEST_CASE_FIXTURE(Timed, "BOK-04: a clock stands at each instant until the payments that it caused have a result") {
  const std::string id = made();
  REQUIRE(post("/v1/accounts", R"({"id":"payer","name":"A","email":"a@b.example","time_zone":"UTC",)"
                               R"("payment_method_token":"tok_ok","test_clock":")" +
                                   id + "\"}")
              .status == 201);
  subscribed({}, "pro", "payer");
  const Response done = advance(id, R"({"to":"2027-01-31T12:00:00Z"})");
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(json_at(done.body, "/status") == R"("ready")");
  const Response invoices = get("/v1/invoices?limit=200&account_id=payer");
  for (int i = 0; i < 13; ++i) {
    const std::string row = "/data/" + std::to_string(i);
    CHECK(json_at(invoices.body, row + "/status") == R"("paid")");
    CHECK(json_at(invoices.body, row + "/paid_at") == json_at(invoices.body, row + "/finalized_at"));
  }
  CHECK(json_at(invoices.body, "/data/13").empty());
  CHECK(json_at(invoices.body, "/data/0/finalized_at") == R"("2027-01-31T12:00:00Z")");
}
