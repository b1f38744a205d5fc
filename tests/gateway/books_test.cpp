// Books over HTTP: created with the way in, listed, changed, closed; what a second one sees of the first, and what its
// mode allows.
#include "doctest/doctest.h"
#include "tests/gateway/served.h"

using namespace daybook;
using namespace daybook::test;

namespace {

constexpr std::string_view shop = R"({"id":"shop","name":"A shop","mode":"test"})";

struct Sellers : Served {
  Sellers(BookMode mode = BookMode::test) : Served(dev_options(), nullptr, 0, mode) {}

  /// Of a new book: what leads into it.
  std::vector<Header> create(std::string_view body) {
    const Response made = post("/v1/books", std::string(body));
    REQUIRE_MESSAGE(made.status == 201, made.body);
    return with(unquoted(json_at(made.body, "/api_key/secret")));
  }
  static std::vector<Header> with(const std::string& key) { return {{"authorization", "Bearer " + key}}; }
  std::vector<Header> with_role(const std::vector<Header>& admin, const std::string& role) {
    const Response made = post("/v1/api-keys", R"({"name":"k","role":")" + role + "\"}", admin);
    REQUIRE_MESSAGE(made.status == 201, made.body);
    return with(unquoted(json_at(made.body, "/secret")));
  }
  Response change(const std::string& id, std::string body, std::vector<Header> headers = {}) {
    return call(Method::patch, "/v1/books/" + id, std::move(body), std::move(headers));
  }
};

/// Without --dev: only the first book's keys of the command line could be there.
struct LiveSellers : Sellers {
  LiveSellers() : Sellers(BookMode::live) {}
};

std::string code_of(const Response& answer) {
  return unquoted(json_at(answer.body, "/code"));
}

}  // namespace

TEST_CASE_FIXTURE(Sellers, "BOK-01: a book is created, read, listed, changed and closed") {
  const Response first = get("/v1/books/default");
  REQUIRE_MESSAGE(first.status == 200, first.body);
  CHECK(
      first.body ==
      R"({"object":"book","id":"default","name":"default","mode":"test","status":"open","default_currency":null,)"
      R"("time_zone":null,"legal_entity":null,"branding":null,"metadata":{},"created_at":null,"updated_at":null,"closed_at":null,)"
      R"("version":0})");
  const Response made = post("/v1/books", R"({"id":"shop","name":"A shop","mode":"live","default_currency":"EUR",)"
                                          R"("time_zone":"Europe/Berlin","legal_entity":{"name":"Seller GmbH",)"
                                          R"("address_lines":["Street 1","10117 Berlin"],"country":"DE"},)"
                                          R"("metadata":{"team":"eu"}})");
  REQUIRE_MESSAGE(made.status == 201, made.body);
  CHECK(json_at(made.body, "/mode") == R"("live")");
  CHECK(json_at(made.body, "/legal_entity") ==
        R"({"name":"Seller GmbH","address_lines":["Street 1","10117 Berlin"],"country":"DE",)"
        R"("registration_number":null,"tax_id":null})");
  CHECK(json_at(made.body, "/api_key/role") == R"("super_admin")");
  const std::string secret = unquoted(json_at(made.body, "/api_key/secret"));
  CHECK(secret.starts_with("dbk_live_"));
  CHECK(json_at(get("/v1/me", with(secret)).body, "/book") == R"("shop")");
  const Response read = get("/v1/books/shop");
  CHECK(json_at(read.body, "/api_key").empty());
  CHECK(header_of(read, "ETag") == header_of(made, "ETag"));

  const Response branded = change("shop", R"({"branding":{"company_name":"Shop","primary_color":"#0b5fff"}})");
  CHECK(json_at(branded.body, "/branding") ==
        R"({"company_name":"Shop","logo_url":null,"primary_color":"#0b5fff","secondary_color":null,"footer":null})");
  CHECK(json_at(branded.body, "/legal_entity/name") == R"("Seller GmbH")");
  for (const char* color : {"0b5fff", "#0b5ff", "#0b5fff0", "#0b5ffg", "blue", ""}) {
    CAPTURE(color);
    CHECK(change("shop", R"({"branding":{"primary_color":")" + std::string(color) + R"("}})").status == 422);
  }
  CHECK(json_at(change("shop", R"({"branding":{}})").body, "/branding") == "null");
  const Response changed = change("shop", R"({"legal_entity":null,"name":"Renamed","time_zone":null})");
  REQUIRE_MESSAGE(changed.status == 200, changed.body);
  CHECK(json_at(changed.body, "/name") == R"("Renamed")");
  CHECK(json_at(changed.body, "/legal_entity") == "null");
  CHECK(json_at(changed.body, "/time_zone") == "null");
  CHECK(json_at(changed.body, "/default_currency") == R"("EUR")");
  CHECK(change("shop", R"({"name":"x"})", {{"if-match", header_of(made, "ETag")}}).status == 412);
  CHECK(change("shop", R"({"mode":"test"})").status == 400);
  CHECK(change("nothing", R"({"name":"x"})", {{"idempotency-key", "k"}}).status == 404);
  CHECK(get("/v1/books/nothing").status == 404);
  CHECK(change("default", R"({"name":"The first"})").status == 200);
  CHECK(json_at(get("/v1/books/default").body, "/name") == R"("The first")");

  create(R"({"id":"later","name":"Later","mode":"test"})");
  CHECK(ids("/v1/books") == "shop later default");  // the clock stands: by id
  CHECK(ids("/v1/books?mode=live") == "shop");
  CHECK(ids("/v1/books?limit=1") == "shop");
  CHECK(ids("/v1/books?starting_after=shop") == "later default");
  const Response closed = post("/v1/books/shop/close", "");
  REQUIRE_MESSAGE(closed.status == 200, closed.body);
  CHECK(json_at(closed.body, "/status") == R"("closed")");
  CHECK(json_at(closed.body, "/closed_at") == R"("2027-01-15T08:00:00Z")");
  CHECK(ids("/v1/books?status=closed") == "shop");
  CHECK(ids("/v1/books?status=open") == "later default");
  CHECK(post("/v1/books/default/close", "").status == 409);
  CHECK(post("/v1/books/nothing/close", "").status == 404);
}

TEST_CASE_FIXTURE(Sellers, "BOK-01: a book has one id, one first answer and one secret") {
  const std::vector<Header> key = {{"idempotency-key", "k1"}};
  const Response first = post("/v1/books", R"({"name":"Shop","mode":"test"})", key);
  REQUIRE_MESSAGE(first.status == 201, first.body);
  CHECK(unquoted(json_at(first.body, "/id")).starts_with("book_"));
  const Response again = post("/v1/books", R"({"name":"Shop","mode":"test"})", key);
  CHECK(again.status == 201);
  CHECK(header_of(again, "Idempotent-Replayed") == "true");
  CHECK(json_at(again.body, "/id") == json_at(first.body, "/id"));
  CHECK(json_at(again.body, "/api_key/id") == json_at(first.body, "/api_key/id"));
  CHECK(json_at(again.body, "/api_key/secret") == "null");
  CHECK(code_of(post("/v1/books", R"({"name":"Another","mode":"test"})", key)) == "idempotency_key_reused");
  create(shop);
  const Response twice = post("/v1/books", std::string(shop));
  CHECK(twice.status == 409);
  CHECK(code_of(twice) == "book_exists");
  for (const char* id : {"me", "~book", "~platform", "-x", "a/b"}) {
    CHECK(post("/v1/books", R"({"id":")" + std::string(id) + R"(","name":"x","mode":"test"})").status == 422);
  }
  CHECK(post("/v1/books", R"({"id":"default","name":"x","mode":"test"})").status == 409);
  CHECK(post("/v1/books", R"({"name":"x"})").status == 422);
  const Response dry = post("/v1/books?dry_run=true", R"({"id":"dry","name":"x","mode":"live"})");
  REQUIRE_MESSAGE(dry.status == 200, dry.body);
  CHECK(json_at(dry.body, "/resource/api_key/id") == R"("key_dry_2")");
  CHECK(json_at(dry.body, "/resource/api_key/secret") == "null");
  CHECK(json_at(dry.body, "/events/1/type") == R"("ApiKeyCreated")");
  CHECK(get("/v1/books/dry").status == 404);
}

TEST_CASE_FIXTURE(Sellers, "BOK-01: books are the platform's; a book's own staff sees and changes its own") {
  const std::vector<Header> admin = create(shop);
  create(R"({"id":"other","name":"Other","mode":"test"})");
  CHECK(post("/v1/books", R"({"name":"x","mode":"test"})", admin).status == 403);
  CHECK(post("/v1/books/shop/close", "", admin).status == 403);
  CHECK(post("/v1/books/other/close", "", admin).status == 403);
  CHECK(get("/v1/books/shop", admin).status == 200);
  CHECK(get("/v1/books/other", admin).status == 404);
  CHECK(get("/v1/books/default", admin).status == 404);
  CHECK(change("shop", R"({"name":"Mine"})", admin).status == 200);
  CHECK(change("other", R"({"name":"Mine"})", admin).status == 404);
  CHECK(change("default", R"({"name":"Mine"})", admin).status == 404);
  CHECK(json_at(get("/v1/books", admin).body, "/data/1") == "");
  CHECK(json_at(get("/v1/books", admin).body, "/data/0/id") == R"("shop")");
  for (const char* role : {"billing_admin", "support_rep", "finance_viewer", "auditor"}) {
    CAPTURE(role);
    const std::vector<Header> staff = with_role(admin, role);
    CHECK(get("/v1/books/shop", staff).status == 200);
    CHECK(get("/v1/books/other", staff).status == 404);
    CHECK(change("shop", R"({"name":"X"})", staff).status == (role == std::string("billing_admin") ? 200 : 403));
    const std::vector<Header> platform = with(make_key(R"("role":")" + std::string(role) + '"'));
    const bool sees_all = role == std::string("auditor");
    CHECK(get("/v1/books/shop", platform).status == (sees_all ? 200 : 404));
    CHECK(post("/v1/books", R"({"name":"x","mode":"test"})", platform).status == 403);
  }
  // What is of the whole ledger is not a book's.
  CHECK(post("/v1/projections/credits/rebuild", "", admin).status == 403);
  CHECK(post("/v1/ledger/checkpoint-keys/rotate", "", admin).status == 403);
  CHECK(get("/v1/admin/jobs", admin).status == 403);
  // In bulk it is no different.
  const std::string lines = R"([{"command":"CreateBook","params":{"id":"bulk","name":"B","mode":"test"}},)"
                            R"({"command":"ChangeBook","params":{"book_id":"other","name":"B"}},)"
                            R"({"command":"CloseBook","params":{"book_id":"other"}}])";
  const Response refused = post("/v1/commands", lines, admin);
  CHECK(json_at(refused.body, "/0/status") == "403");
  CHECK(json_at(refused.body, "/1/status") == "404");
  CHECK(json_at(refused.body, "/2/status") == "403");
  const Response done = post("/v1/commands", lines);
  CHECK(json_at(done.body, "/0/status") == "201");
  CHECK(unquoted(json_at(done.body, "/0/body/api_key/secret")).starts_with("dbk_test_"));
  CHECK(json_at(done.body, "/1/body/name") == R"("B")");
  CHECK(json_at(done.body, "/2/body/status") == R"("closed")");
}

TEST_CASE_FIXTURE(Sellers, "BOK-01: an account that says nothing takes its book's currency and time zone") {
  const auto open = [&](const std::string& more, const std::vector<Header>& key) {
    const Response opened = post("/v1/accounts", R"({"name":"A","email":"a@b.example")" + more + "}", key);
    REQUIRE_MESSAGE(opened.status == 201, opened.body);
    return unquoted(json_at(opened.body, "/currency")) + " " + unquoted(json_at(opened.body, "/time_zone"));
  };
  const std::vector<Header> key = create(shop);
  CHECK(open("", key) == "USD UTC");
  CHECK(open(R"(,"address":{"country":"DE"})", key) == "USD Europe/Berlin");
  REQUIRE(change("shop", R"({"default_currency":"JPY","time_zone":"Asia/Tokyo"})").status == 200);
  CHECK(open("", key) == "JPY Asia/Tokyo");
  CHECK(open(R"(,"address":{"country":"DE"})", key) == "JPY Asia/Tokyo");
  CHECK(open(R"(,"currency":"EUR","time_zone":"UTC")", key) == "EUR UTC");
  CHECK(open("", with("dbk_dev")) == "USD UTC");
}

TEST_CASE_FIXTURE(Sellers, "BOK-01: a closed book is read and takes nothing any more") {
  const std::vector<Header> key = create(shop);
  REQUIRE(post("/v1/accounts", R"({"id":"acme","name":"A","email":"a@b.example"})", key).status == 201);
  REQUIRE(post("/v1/books/shop/close", "").status == 200);
  const Response refused = post("/v1/accounts", R"({"name":"A","email":"a@b.example"})", key);
  CHECK(refused.status == 409);
  CHECK(code_of(refused) == "book_closed");
  CHECK(code_of(post("/v1/api-keys", R"({"name":"k","role":"auditor"})", key)) == "book_closed");
  CHECK(code_of(change("shop", R"({"name":"X"})")) == "book_closed");
  CHECK(post("/v1/books/shop/close", "").status == 200);
  CHECK(get("/v1/accounts/acme", key).status == 200);
  CHECK(json_at(get("/v1/events?type=BookClosed", key).body, "/data/0/data/book_id") == R"("shop")");
}

TEST_CASE_FIXTURE(LiveSellers,
                  "BOK-03: a test book has test clocks, its clock, the outbox and the simulator anywhere") {
  const std::vector<Header> test = create(shop);
  const std::vector<Header> live = create(R"({"id":"real","name":"Real","mode":"live"})");
  const std::string clock_body = R"({"frozen_time":"2026-01-31T12:00:00Z"})";
  const Response made = post("/v1/test-clocks", clock_body, test);
  REQUIRE_MESSAGE(made.status == 201, made.body);
  const std::string timed =
      R"({"id":"timed","name":"A","email":"a@b.example","test_clock":)" + json_at(made.body, "/id") + "}";
  CHECK(post("/v1/accounts", timed, test).status == 201);
  CHECK(post("/v1/admin/clock", R"({"advance":"P1D"})", test).status == 200);
  CHECK(get("/v1/outbox", test).status == 200);
  const std::string payer = R"({"id":"payer","name":"A","email":"a@b.example","payment_method_token":"tok_ok"})";
  CHECK(post("/v1/accounts", payer, test).status == 201);
  CHECK(json_at(get("/v1/me", test).body, "/sandbox") == "true");
  CHECK(json_at(get("/v1/me", test).body, "/mode") == R"("test")");
  for (const std::vector<Header>& key : {live, with("dbk_dev")}) {
    const Response refused = post("/v1/test-clocks", clock_body, key);
    CHECK(refused.status == 403);
    CHECK(code_of(refused) == "forbidden");
    CHECK(json_at(refused.body, "/detail").find("live") != std::string::npos);
    CHECK(code_of(post("/v1/accounts", timed, key)) == "forbidden");
    CHECK(get("/v1/admin/clock", key).status == 404);
    CHECK(post("/v1/admin/clock", R"({"advance":"P1D"})", key).status == 404);
    CHECK(get("/v1/outbox", key).status == 404);
    CHECK(code_of(post("/v1/accounts", payer, key)) == "provider_not_configured");
    const Response lines = post("/v1/commands",
                                R"([{"command":"CreateTestClock","params":)" + clock_body +
                                    R"(},{"command":"AdvanceSandboxClock","params":{"advance":"P1D"}}])",
                                key);
    CHECK(json_at(lines.body, "/0/status") == "403");
    CHECK(json_at(lines.body, "/1/status") == "404");
    CHECK(json_at(get("/v1/me", key).body, "/sandbox") == "false");
  }
}
