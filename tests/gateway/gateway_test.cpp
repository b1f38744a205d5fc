// The routes over a real engine and real views.
#include <future>

#include "doctest/doctest.h"
#include "tests/gateway/served.h"

using namespace daybook;
using namespace daybook::test;

namespace {

const std::string acme = R"({"id":"acme","name":"Acme Ltd","email":"billing@acme.example"})";

struct Open : Served {
  Open() { REQUIRE(post("/v1/accounts", acme).status == 201); }
  Response issue(const std::string& amount = "5000", std::vector<Header> headers = {}) {
    return post("/v1/credits",
                R"({"account_id":"acme","amount":)" + amount + R"(,"currency":"USD","type":"goodwill","reason":"r"})",
                std::move(headers));
  }
  Response allocate(int amount) {
    return post("/v1/accounts/acme/unit-credits/allocate", "{\"amount\":" + std::to_string(amount) + "}");
  }
};

std::string text_at(const Response& response, std::string_view pointer) {
  const std::string json = json_at(response.body, pointer);
  return json.size() >= 2 && json.front() == '"' ? json.substr(1, json.size() - 2) : json;
}

Header bearer(const std::string& key) {
  return {"authorization", "Bearer " + key};
}

}  // namespace

TEST_CASE_FIXTURE(Served, "an account is opened with defaults, read, changed and read as it was") {
  const Response opened = post("/v1/accounts", acme);
  REQUIRE_MESSAGE(opened.status == 201, opened.body);
  CHECK(text_at(opened, "/object") == "account");
  CHECK(text_at(opened, "/name") == "Acme Ltd");
  CHECK(text_at(opened, "/currency") == "USD");
  CHECK(text_at(opened, "/time_zone") == "UTC");
  CHECK(text_at(opened, "/status") == "active");
  CHECK(text_at(opened, "/balances/0/net") == "0");
  CHECK(text_at(opened, "/metadata") == "{}");
  CHECK(header_of(opened, "Daybook-Position") == "0:1");
  CHECK(header_of(opened, "ETag") == "\"1\"");
  CHECK_FALSE(header_of(opened, "Request-Id").empty());

  const Response changed = call(Method::patch, "/v1/accounts/acme", R"({"company":"Acme Holdings"})");
  REQUIRE_MESSAGE(changed.status == 200, changed.body);
  CHECK(text_at(changed, "/company") == "Acme Holdings");
  CHECK(text_at(get("/v1/accounts/acme"), "/company") == "Acme Holdings");
  CHECK(text_at(get("/v1/accounts/acme?at=0:1"), "/company") == "null");
  CHECK(get("/v1/accounts/acme", {{"if-none-match", header_of(changed, "ETag")}}).status == 304);
  CHECK(call(Method::patch, "/v1/accounts/acme", "{}", {{"if-match", "\"1\""}}).status == 412);
  CHECK(post("/v1/accounts", acme).status == 409);
  CHECK(get("/v1/accounts/nobody").status == 404);
}

TEST_CASE_FIXTURE(Served, "an account without an id gets one, the same one for the same idempotency key") {
  const std::string body = R"({"name":"A","email":"a@b.example","address":{"country":"DE"}})";
  const Response first = post("/v1/accounts", body, {{"idempotency-key", "k1"}});
  const Response again = post("/v1/accounts", body, {{"idempotency-key", "k1"}});
  const Response other = post("/v1/accounts", body);
  REQUIRE_MESSAGE(first.status == 201, first.body);
  CHECK(text_at(first, "/id").size() == 5 + 26);
  CHECK(text_at(first, "/time_zone") == "Europe/Berlin");
  CHECK(again.body == first.body);
  CHECK(header_of(again, "Idempotent-Replayed") == "true");
  CHECK(text_at(other, "/id") != text_at(first, "/id"));
  CHECK(post("/v1/accounts", acme, {{"idempotency-key", "k1"}}).status == 422);
}

TEST_CASE_FIXTURE(Open, "a credit is issued, consumed, listed and shown in the balance and the trial balance") {
  const Response issued = issue();
  REQUIRE_MESSAGE(issued.status == 201, issued.body);
  const std::string id = text_at(issued, "/id");
  CHECK(text_at(issued, "/remaining") == "5000");
  CHECK(text_at(issued, "/status") == "available");
  CHECK(text_at(issued, "/reason") == "r");
  CHECK(text_at(get("/v1/accounts/acme/balance"), "/balances/0/credit") == "5000");
  const Response consumed = call(Method::patch, "/v1/credits/" + id, R"({"action":"consume","amount":1200})");
  REQUIRE_MESSAGE(consumed.status == 200, consumed.body);
  CHECK(text_at(consumed, "/remaining") == "3800");
  CHECK(call(Method::patch, "/v1/credits/" + id, R"({"action":"consume","amount":3801})").status == 409);
  CHECK(text_at(get("/v1/credits/" + id), "/status") == "partially_applied");
  CHECK(text_at(get("/v1/credits?account_id=acme"), "/data/0/id") == id);
  CHECK(text_at(get("/v1/credits?status=voided"), "/data") == "[]");
  CHECK(text_at(get("/v1/accounts/acme/credits"), "/available/0/amount") == "3800");
  const Response trial = get("/v1/ledger/trial-balance");
  REQUIRE_MESSAGE(trial.status == 200, trial.body);
  CHECK(text_at(trial, "/currencies/0/debits") == text_at(trial, "/currencies/0/credits"));
  CHECK(text_at(trial, "/currencies/0/accounts/0/account") == "customer_credit");
}

TEST_CASE_FIXTURE(Open, "wrong amounts have the code that says so") {
  CHECK(text_at(issue("0"), "/code") == "validation_failed");
  CHECK(text_at(issue("1000000000000001"), "/code") == "amount_out_of_range");
  CHECK(text_at(issue("99999999999999999999999"), "/code") == "amount_out_of_range");
  CHECK(text_at(issue("5.0"), "/code") == "malformed_request");
}

TEST_CASE_FIXTURE(Open, "units are allocated, deducted, reserved, captured, and the history runs") {
  REQUIRE(allocate(100).status == 201);
  const Response deducted = post("/v1/accounts/acme/unit-credits/deduct", R"({"amount":10,"reference":"j1"})");
  REQUIRE_MESSAGE(deducted.status == 201, deducted.body);
  CHECK(text_at(deducted, "/amount") == "-10");
  CHECK(text_at(deducted, "/balance_after") == "90");
  CHECK(text_at(deducted, "/actor") == "key:dev");
  const Response refused = post("/v1/accounts/acme/unit-credits/deduct", R"({"amount":91})");
  CHECK(refused.status == 402);
  CHECK(text_at(refused, "/available") == "90");
  CHECK(text_at(refused, "/packs") == "[]");
  const Response reserved = post("/v1/accounts/acme/unit-credits/reservations", R"({"amount":10,"ttl_seconds":600})");
  REQUIRE_MESSAGE(reserved.status == 201, reserved.body);
  const std::string path = "/v1/accounts/acme/unit-credits/reservations/" + text_at(reserved, "/id");
  CHECK(text_at(get(path), "/status") == "held");
  CHECK(text_at(post(path + "/capture", R"({"amount":7})"), "/released") == "3");
  CHECK(post(path + "/capture", R"({"amount":7})").status == 409);
  CHECK(post(path + "/release", "").status == 409);
  const Response balance = get("/v1/accounts/acme/unit-credits");
  CHECK(text_at(balance, "/available") == "83");
  CHECK(text_at(balance, "/units/0/consumed") == "17");
  CHECK(text_at(get("/v1/accounts/acme/unit-credits?at=0:3"), "/available") == "90");
  const Response history = get("/v1/accounts/acme/unit-credits/history?limit=3");
  REQUIRE_MESSAGE(history.status == 200, history.body);
  CHECK(text_at(history, "/data/0/type") == "capture");
  CHECK(text_at(history, "/data/0/balance_after") == "83");
  CHECK(text_at(history, "/has_more") == "true");
  const Response rest = get("/v1/accounts/acme/unit-credits/history?starting_after=" + text_at(history, "/data/2/id"));
  CHECK(text_at(rest, "/data/0/type") == "allocate");
  CHECK(text_at(rest, "/data/1") == "");
  CHECK(text_at(get("/v1/accounts/acme/unit-credits/history?at=0:3&limit=1"), "/data/0/balance_after") == "90");
  CHECK(text_at(get("/v1/accounts/acme/unit-credits/usage"), "/by_type/1/count") == "1");
  CHECK(text_at(get("/v1/accounts/acme/unit-credits/check?amount=84"), "/sufficient") == "false");
  CHECK(get("/v1/accounts/acme/unit-credits/check").status == 422);
  const Response timeline = get("/v1/accounts/acme/timeline?limit=2");
  CHECK(text_at(timeline, "/data/0/summary") == "Reservation captured: 7 credits used, 3 given back");
  CHECK(text_at(timeline, "/has_more") == "true");
}

TEST_CASE_FIXTURE(Open, "a typed command and its generic line are one under the same idempotency key") {
  const Response typed = issue("500", {{"idempotency-key", "same"}});
  REQUIRE(typed.status == 201);
  const Response generic =
      post("/v1/commands", R"([{"command":"IssueCredit","account_id":"acme","idempotency_key":"same","params":)"
                           R"({"reason":"r","type":"goodwill","currency":"USD","amount":500}}])");
  REQUIRE(generic.status == 200);
  CHECK(text_at(generic, "/0/status") == "201");
  CHECK(text_at(generic, "/0/replayed") == "true");
  CHECK(json_at(generic.body, "/0/body") == json_at(typed.body, ""));
}

TEST_CASE_FIXTURE(Open, "bulk: one outcome a line, in order, in the request's framing") {
  const std::string good = R"({"command":"AllocateUnitCredits","account_id":"acme","params":{"amount":5}})";
  const std::string bad = R"({"command":"AllocateUnitCredits","account_id":"acme","params":{"amount":"5"}})";
  const Response array = post("/v1/commands", "[" + good + "," + bad + "," + good + "]");
  CHECK(text_at(array, "/0/status") == "201");
  CHECK(text_at(array, "/1/status") == "400");
  CHECK(text_at(array, "/1/body/errors/0/pointer") == "/params/amount");
  CHECK(text_at(array, "/2/body/balance_after") == "10");
  const Response lines =
      post("/v1/commands", good + "\n{oops\n\n" + good + "\n", {{"content-type", "application/x-ndjson"}});
  CHECK(lines.content_type == "application/x-ndjson");
  CHECK(std::count(lines.body.begin(), lines.body.end(), '\n') == 3);
  CHECK(text_at(post("/v1/commands", good), "/status") == "201");
  CHECK(post("/v1/commands", "[" + good).status == 400);
}

TEST_CASE_FIXTURE(Open, "a dry run shows what would be and changes nothing") {
  const Response dry = post("/v1/credits?dry_run=true",
                            R"({"account_id":"acme","amount":5,"currency":"USD","type":"goodwill","reason":"r"})");
  REQUIRE_MESSAGE(dry.status == 200, dry.body);
  CHECK(text_at(dry, "/object") == "dry_run");
  CHECK(text_at(dry, "/resource/id") == "cr_dry_1");
  CHECK(text_at(dry, "/events/0/type") == "CreditIssued");
  CHECK(text_at(get("/v1/accounts/acme/balance"), "/balances/0/credit") == "0");
}

TEST_CASE_FIXTURE(Open, "events are listed, read, exported, and never changed") {
  REQUIRE(issue("5", {{"request-id", "my-request"}}).status == 201);
  const Response list = get("/v1/events");
  REQUIRE_MESSAGE(list.status == 200, list.body);
  CHECK(text_at(list, "/data/0/type") == "AccountOpened");
  const std::string id = text_at(list, "/data/1/id");
  CHECK(text_at(get("/v1/events?correlation_id=my-request"), "/data/0/id") == id);
  CHECK(text_at(get("/v1/events?type=CreditIssued&account_id=acme"), "/data/0/id") == id);
  CHECK(text_at(get("/v1/events/" + id), "/type") == "CreditIssued");
  CHECK(get("/v1/events/evt_000000000zzz").status == 404);
  const Response removed = call(Method::del, "/v1/events/" + id);
  CHECK(removed.status == 405);
  CHECK(header_of(removed, "Allow") == "GET, HEAD");
  const Response exported = get("/v1/events/export");
  CHECK(std::count(exported.body.begin(), exported.body.end(), '\n') == 2);
}

TEST_CASE_FIXTURE(Open, "nothing answers without a key but what is public") {
  const std::vector<Header> none = {{"authorization", "Bearer dbk_test_nothing"}};
  const Response refused = get("/v1/accounts/acme", none);
  CHECK(refused.status == 401);
  CHECK_FALSE(header_of(refused, "WWW-Authenticate").empty());
  CHECK(get("/v1/nothing", none).status == 401);
  for (const std::string path : {"/health", "/health/ready", "/metrics", "/openapi.json", "/docs"}) {
    CAPTURE(path);
    CHECK(get(path, none).status == 200);
  }
}

TEST_CASE_FIXTURE(Open, "an API key is shown once, acts within its account and scopes, and can be revoked") {
  REQUIRE(post("/v1/accounts", R"({"id":"other","name":"O","email":"o@b.example"})").status == 201);
  REQUIRE(allocate(10).status == 201);
  const Response made =
      post("/v1/api-keys", R"({"name":"k","account_id":"acme","scopes":["units:spend","units:read"]})",
           {{"idempotency-key", "key"}});
  REQUIRE_MESSAGE(made.status == 201, made.body);
  const std::string secret = text_at(made, "/secret");
  const Response again =
      post("/v1/api-keys", R"({"name":"k","account_id":"acme","scopes":["units:spend","units:read"]})",
           {{"idempotency-key", "key"}});
  const Response nobodys = post("/v1/api-keys", R"({"name":"k","account_id":"nobody","scopes":["units:read"]})");
  CHECK(nobodys.status == 404);
  CHECK(text_at(nobodys, "/errors/0/pointer") == "/account_id");
  CHECK(text_at(again, "/secret") == "null");
  CHECK(text_at(again, "/id") == text_at(made, "/id"));
  CHECK(post("/v1/accounts/me/unit-credits/deduct", R"({"amount":1})", {bearer(secret)}).status == 201);
  CHECK(post("/v1/accounts/other/unit-credits/deduct", R"({"amount":1})", {bearer(secret)}).status == 404);
  CHECK(post("/v1/accounts/acme/unit-credits/adjust", R"({"amount":1,"reason":"r"})", {bearer(secret)}).status == 403);
  CHECK(get("/v1/accounts/acme", {bearer(secret)}).status == 403);
  CHECK(get("/v1/accounts/me/unit-credits", {bearer(secret), {"tenant-id", "other"}}).status == 403);
  CHECK(header_of(get("/v1/me", {bearer(secret)}), "RateLimit-Limit") == "1000");
  const Response lines = post("/v1/commands",
                              R"([{"command":"DeductUnitCredits","account_id":"other","params":{"amount":1}},)"
                              R"({"command":"AllocateUnitCredits","account_id":"acme","params":{"amount":1}}])",
                              {bearer(secret)});
  CHECK(text_at(lines, "/0/status") == "404");
  CHECK(text_at(lines, "/1/status") == "403");
  CHECK(call(Method::del, "/v1/api-keys/" + text_at(made, "/id")).status == 200);
  CHECK(get("/v1/me", {bearer(secret)}).status == 401);
  CHECK(text_at(get("/v1/api-keys"), "/data/0/revoked") == "true");
  CHECK(get("/v1/api-keys").body.find(secret) == std::string::npos);
}

TEST_CASE("a key's calls are counted, and the next one is refused") {
  Gateway::Options options = Served::dev_options();
  options.requests_per_hour = 3;
  Served served(options);
  const std::string key = served.make_key(R"("role":"auditor")");
  for (int i = 0; i < 3; ++i) CHECK(served.get("/v1/me", {bearer(key)}).status == 200);
  const Response refused = served.get("/v1/me", {bearer(key)});
  CHECK(refused.status == 429);
  CHECK_FALSE(header_of(refused, "Retry-After").empty());
}

TEST_CASE_FIXTURE(Open, "finance viewers and auditors see no personal data and change nothing") {
  REQUIRE(issue().status == 201);
  for (const std::string role : {"finance_viewer", "auditor"}) {
    CAPTURE(role);
    const std::string key = make_key("\"role\":\"" + role + "\"");
    const Response account = get("/v1/accounts/acme", {bearer(key)});
    CHECK(account.status == 200);
    CHECK(text_at(account, "/name") == "null");
    CHECK(account.body.find("acme.example") == std::string::npos);
    CHECK(text_at(get("/v1/credits", {bearer(key)}), "/data/0/reason") == "null");
    CHECK(post("/v1/accounts", acme, {bearer(key)}).status == 403);
    CHECK(post("/v1/commands", "[]", {bearer(key)}).status == 403);
  }
}

TEST_CASE_FIXTURE(Open, "support issues credits up to its ceiling") {
  const std::string key = make_key(R"("role":"support_rep")");
  CHECK(issue("10000", {bearer(key)}).status == 201);
  const Response refused = issue("10001", {bearer(key)});
  CHECK(refused.status == 403);
  CHECK(text_at(refused, "/code") == "credit_ceiling");
}

TEST_CASE_FIXTURE(Open, "me needs a tenant for staff") {
  const Response unnamed = get("/v1/accounts/me");
  CHECK(unnamed.status == 400);
  CHECK(text_at(unnamed, "/code") == "tenant_required");
  CHECK(text_at(get("/v1/accounts/me", {{"tenant-id", "acme"}}), "/id") == "acme");
  CHECK(get("/v1/accounts/acme", {{"tenant-id", "other"}}).status == 400);
  CHECK(get("/v1/accounts/acme", {{"tenant-id", "no such id"}}).status == 400);
}

TEST_CASE_FIXTURE(Open, "unknown and wrong query parameters name themselves") {
  const Response unknown = get("/v1/accounts?colour=red");
  CHECK(unknown.status == 400);
  CHECK(text_at(unknown, "/errors/0/pointer") == "?colour");
  CHECK(get("/v1/accounts?limit=201").status == 422);
  CHECK(get("/v1/accounts?limit=1&limit=2").status == 400);
  CHECK(get("/v1/accounts?limit=200").status == 200);
  CHECK(get("/v1/accounts?as_of=2026-01-01T00:00:00Z").status == 400);
  CHECK(get("/v1/accounts/acme?as_of=yesterday").status == 422);
  CHECK(get("/v1/accounts/acme?min_position=1:1").status == 422);
}

TEST_CASE_FIXTURE(Open, "a read waits until the log has reached min_position, and says so when it does not") {
  for (const std::string path : {"/v1/accounts/acme", "/v1/accounts", "/v1/accounts/acme/balance"}) {
    const Position head = engine->committed("default").position;
    auto reading = std::async([&] { return get(path + "?min_position=0:" + std::to_string(head + 1)); });
    REQUIRE(post("/v1/accounts", R"({"name":"Later","email":"later@acme.example"})").status == 201);
    CHECK(reading.get().status == 200);
  }
  const Response late = get("/v1/accounts/acme?min_position=0:999999");
  CHECK(late.status == 503);
  CHECK(text_at(late, "/code") == "projection_lag");
}

TEST_CASE_FIXTURE(Open, "ACC-16: the postings of an account, page by page, are the whole journal of it") {
  const Response credit = issue("5000");
  REQUIRE(post("/v1/accounts", R"({"id":"other","name":"O","email":"o@acme.example"})").status == 201);
  REQUIRE(
      call(Method::patch, "/v1/credits/" + text_at(credit, "/id"), R"({"action":"consume","amount":1200})").status ==
      200);
  REQUIRE(allocate(5).status == 201);
  REQUIRE(issue("70").status == 201);
  const Response all = get("/v1/ledger/postings?account_id=acme");
  REQUIRE(all.status == 200);
  CHECK(text_at(all, "/has_more") == "false");
  CHECK(text_at(all, "/data/5/event_type") == "CreditIssued");
  CHECK(text_at(all, "/data/6/id").empty());
  std::string after;
  for (int i = 0; i < 6; ++i) {
    const Response page = get("/v1/ledger/postings?account_id=acme&limit=1" + after);
    REQUIRE(page.status == 200);
    CHECK(text_at(page, "/has_more") == (i < 5 ? "true" : "false"));
    CHECK(json_at(page.body, "/data/0") == json_at(all.body, "/data/" + std::to_string(i)));
    after = "&starting_after=" + text_at(page, "/data/0/id");
  }
  CHECK(text_at(get("/v1/ledger/postings?account_id=acme" + after), "/data") == "[]");
  CHECK(text_at(get("/v1/ledger/postings?account_id=other"), "/data") == "[]");
  CHECK(get("/v1/ledger/postings?starting_after=evt_000000000001-x").status == 422);
  CHECK(get("/v1/ledger/postings?starting_after=evt_000000000001").status == 422);
  CHECK(get("/v1/ledger/postings", {bearer(make_key(R"("role":"support_rep")"))}).status == 403);
}

TEST_CASE_FIXTURE(Open, "a text that was not there before is null in the event, not purged") {
  REQUIRE(call(Method::patch, "/v1/accounts/acme", R"({"metadata":{"team":"blue"}})").status == 200);
  const Response events = get("/v1/events?type=AccountDetailsChanged");
  CHECK(text_at(events, "/data/0/data/before/metadata") == "null");
  CHECK(text_at(events, "/data/0/data/after/metadata/team") == "blue");
}

TEST_CASE_FIXTURE(Open, "accounts are searched by e-mail and paged") {
  REQUIRE(post("/v1/accounts", R"({"id":"b","name":"B","email":"b@b.example"})").status == 201);
  CHECK(text_at(get("/v1/accounts?email=BILLING@acme.example"), "/data/0/id") == "acme");
  CHECK(text_at(get("/v1/accounts?email=nobody@acme.example"), "/data") == "[]");
  const Response first = get("/v1/accounts?limit=1");
  CHECK(text_at(first, "/data/0/id") == "b");
  CHECK(text_at(first, "/has_more") == "true");
  CHECK(text_at(get("/v1/accounts?limit=1&starting_after=b"), "/data/0/id") == "acme");
  CHECK(get("/v1/accounts?starting_after=nobody").status == 422);
}

TEST_CASE_FIXTURE(Open, "the sandbox clock moves forward and runs what is due") {
  REQUIRE(post("/v1/credits", R"({"account_id":"acme","amount":5,"currency":"USD","type":"goodwill","reason":"r",)"
                              R"("expires_at":"2027-02-01T00:00:00Z"})")
              .status == 201);
  const Response moved = post("/v1/admin/clock", R"({"advance":"P40D"})");
  REQUIRE_MESSAGE(moved.status == 200, moved.body);
  CHECK(text_at(get("/v1/credits"), "/data/0/status") == "expired");
  CHECK(post("/v1/admin/clock", R"({"to":"2020-01-01T00:00:00Z"})").status == 422);
  CHECK(post("/v1/admin/clock", R"({"to":"2028-01-01T00:00:00Z","advance":"P1D"})").status == 422);
  CHECK(text_at(get("/v1/admin/clock"), "/object") == "clock");
}

TEST_CASE("outside the sandbox there is no clock") {
  Served served(Served::dev_options(), nullptr, 0, BookMode::live);
  CHECK(served.get("/v1/admin/clock").status == 404);
  CHECK(served.post("/v1/admin/clock", "{}").status == 404);
}

TEST_CASE_FIXTURE(Open, "views are listed and rebuilt") {
  const Response list = get("/v1/projections");
  CHECK(text_at(list, "/data/0/name") == "accounts");
  CHECK(post("/v1/projections/credits/rebuild", "").status == 202);
  CHECK(post("/v1/projections/nothing/rebuild", "").status == 404);
}

TEST_CASE_FIXTURE(Open, "bodies of another media type are refused") {
  CHECK(post("/v1/accounts", "name=x", {{"content-type", "application/x-www-form-urlencoded"}}).status == 415);
  CHECK(post("/v1/accounts", acme, {{"content-type", "application/json; charset=utf-8"}}).status == 409);
}

TEST_CASE_FIXTURE(Open, "what a client sent never comes back in an error") {
  const std::string canary = "canary-4711";
  for (const std::string& body : {"{\"name\":\"" + canary + "\u0001\"}", "{\"email\":\"" + canary + "\"}",
                                  "{\"currency\":\"" + canary + "\"}", canary}) {
    CHECK(post("/v1/accounts", body).body.find(canary) == std::string::npos);
  }
}

TEST_CASE_FIXTURE(Open, "a deleted account is gone for its owner, can be restored, and is purged for good") {
  const Response made = post("/v1/api-keys", R"({"name":"k","account_id":"acme","role":"account_owner"})");
  REQUIRE(made.status == 201);
  const std::vector<Header> owner{bearer(text_at(made, "/secret"))};
  REQUIRE(issue().status == 201);
  const Response deleted = call(Method::del, "/v1/accounts/acme");
  CHECK(text_at(deleted, "/status") == "deletion_scheduled");
  CHECK(text_at(deleted, "/purge_at") != "null");
  CHECK(call(Method::del, "/v1/accounts/acme").status == 200);
  CHECK(get("/v1/accounts/acme", owner).status == 410);
  CHECK(get("/v1/accounts/acme/balance", owner).status == 410);
  CHECK(text_at(get("/v1/accounts/acme"), "/name") == "Acme Ltd");
  CHECK(text_at(issue(), "/code") == "account_deleted");
  CHECK(text_at(get("/v1/accounts?status=deletion_scheduled"), "/data/0/id") == "acme");
  CHECK(get("/v1/accounts?status=active").body.find("acme") == std::string::npos);

  CHECK(text_at(post("/v1/accounts/acme/restore", R"({"reason":"a mistake"})"), "/status") == "active");
  CHECK(post("/v1/accounts/acme/restore", "{}").status == 409);
  CHECK(get("/v1/accounts/acme", owner).status == 200);

  CHECK(post("/v1/accounts/acme/legal-hold", "{}").status == 422);
  CHECK(text_at(post("/v1/accounts/acme/legal-hold", R"({"reason":"case 1"})"), "/legal_hold") == "true");
  REQUIRE(call(Method::del, "/v1/accounts/acme").status == 200);
  const Response held = post("/v1/accounts/acme/purge", "{}");
  CHECK(held.status == 409);
  CHECK(text_at(held, "/reason") == "legal_hold");
  CHECK(call(Method::del, "/v1/accounts/acme/legal-hold", R"({"reason":"closed"})").status == 200);
  CHECK(text_at(get("/v1/accounts?email=billing%40acme.example"), "/data/0/id") == "acme");
  const Response purged = post("/v1/accounts/acme/purge", "{}");
  CHECK(text_at(purged, "/status") == "deleted");
  CHECK(text_at(purged, "/name") == "[purged]");
  CHECK(text_at(purged, "/email") == "[purged]");
  CHECK(text_at(purged, "/balances/0/credit") == "5000");
  CHECK(get("/v1/accounts?email=billing%40acme.example").body.find("acme") == std::string::npos);
  CHECK(get("/v1/events?account_id=acme").body.find("Acme Ltd") == std::string::npos);
  CHECK(post("/v1/accounts/acme/restore", "{}").status == 410);
}
