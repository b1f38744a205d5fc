// Payment methods over HTTP: by token only, shown masked, one default, within one account.
#include "doctest/doctest.h"
#include "gateway/card_number.h"
#include "tests/gateway/served.h"

using namespace daybook;
using namespace daybook::test;

namespace {

struct Payers : Served {
  Payers() {
    REQUIRE(post("/v1/accounts", R"({"id":"acme","name":"Acme","email":"a@acme.test"})").status == 201);
    REQUIRE(post("/v1/accounts", R"({"id":"other","name":"Other","email":"o@other.test"})").status == 201);
  }
  std::string attach(const std::string& token, const std::string& account = "acme") {
    const Response answer = post("/v1/accounts/" + account + "/payment-methods", R"({"token":")" + token + R"("})");
    REQUIRE_MESSAGE(answer.status == 201, answer.body);
    return unquoted(json_at(answer.body, "/id"));
  }
};

}  // namespace

TEST_CASE_FIXTURE(Payers,
                  "ACC-01, ACC-03: an account opened with a token shows the masked method and nothing else of it") {
  const Response opened =
      post("/v1/accounts", R"({"name":"New","email":"n@new.test","payment_method_token":"tok_ok"})");
  REQUIRE_MESSAGE(opened.status == 201, opened.body);
  CHECK(json_at(opened.body, "/payment_methods/0/brand") == R"("visa")");
  CHECK(json_at(opened.body, "/payment_methods/0/last4") == R"("4242")");
  CHECK(json_at(opened.body, "/payment_methods/0/is_default") == "true");
  CHECK(json_at(opened.body, "/default_payment_method") == json_at(opened.body, "/payment_methods/0/id"));
  CHECK(opened.body.find("tok_ok") == std::string::npos);
  const std::string account = unquoted(json_at(opened.body, "/id"));
  CHECK(get("/v1/accounts/" + account).body == opened.body);
  const Response events = get("/v1/events?account_id=" + account);
  CHECK(json_at(events.body, "/data/1/type") == R"("PaymentMethodAttached")");
  CHECK(json_at(events.body, "/data/2/type") == R"("DefaultPaymentMethodChanged")");
  CHECK(events.body.find("tok_ok") == std::string::npos);
  CHECK(json_at(get("/v1/accounts?limit=1").body, "/data/0/payment_methods/0/last4") == R"("4242")");
}

TEST_CASE_FIXTURE(Payers, "PMM-01: only by a token that the provider knows, and never by a card's number") {
  const std::string path = "/v1/accounts/acme/payment-methods";
  for (const std::string body :
       {R"({"token":"4242424242424242"})", R"({"token":"4242 4242 4242 4242"})",
        R"({"card":{"number":"4000-0566-5566-5556"}})", R"({"token":"tok_ok","x":378282246310005})"}) {
    CAPTURE(body);
    const Response refused = post(path, body);
    CHECK(refused.status == 422);
    CHECK(json_at(refused.body, "/code") == R"("raw_card_refused")");
  }
  const Response in_bulk = post("/v1/commands", R"([{"command":"AttachPaymentMethod","account_id":"acme",)"
                                                R"("params":{"token":"4242424242424242"}}])");
  CHECK(in_bulk.body.find("raw_card_refused") != std::string::npos);
  const Response opened =
      post("/v1/accounts", R"({"name":"x","email":"x@x.test","payment_method_token":"4242424242424242"})");
  CHECK(json_at(opened.body, "/code") == R"("raw_card_refused")");
  const Response unknown = post(path, R"({"token":"tok_unknown"})");
  CHECK(unknown.status == 422);
  CHECK(json_at(unknown.body, "/code") == R"("payment_method_refused")");
  CHECK(post(path, "{}").status == 422);
  CHECK(json_at(get(path).body, "/data") == "[]");
  CHECK(json_at(get("/v1/events?account_id=acme").body, "/data/1") == "");
}

TEST_CASE_FIXTURE(Payers, "PMM-03, PMM-05, PMM-06: listed, made the default, detached") {
  const std::string first = attach("tok_ok"), second = attach("tok_sepa_debit");
  const Response list = get("/v1/accounts/acme/payment-methods");
  CHECK(unquoted(json_at(list.body, "/data/0/id")) == second);
  CHECK(json_at(list.body, "/data/0/exp_year") == "null");
  CHECK(json_at(list.body, "/data/1/is_default") == "true");
  const Response changed = post("/v1/payment-methods/" + second + "/default", "{}");
  REQUIRE(changed.status == 200);
  CHECK(json_at(changed.body, "/is_default") == "true");
  CHECK(json_at(get("/v1/payment-methods/" + first).body, "/is_default") == "false");
  CHECK(get("/v1/payment-methods/" + second).body == changed.body);
  const Response gone = call(Method::del, "/v1/payment-methods/" + second);
  REQUIRE_MESSAGE(gone.status == 200, gone.body);
  CHECK(unquoted(json_at(gone.body, "/default_payment_method")) == first);
  CHECK(get("/v1/payment-methods/" + second).status == 404);
  CHECK(get("/v1/payment-methods/pm_nothing").status == 404);
  CHECK(json_at(get("/v1/accounts/acme/timeline").body, "/data/1/summary") == R"("Payment method detached")");
}

TEST_CASE_FIXTURE(Payers, "a repeat with the key gives the first answer, and a dry run attaches nothing") {
  const std::string path = "/v1/accounts/acme/payment-methods", body = R"({"token":"tok_ok"})";
  const Response preview = post(path + "?dry_run=true", body);
  CHECK(json_at(preview.body, "/resource/id") == R"("pm_dry_1")");
  const Response answer = post(path, body, {{"idempotency-key", "k"}});
  const Response repeated = post(path, body, {{"idempotency-key", "k"}});
  CHECK(repeated.status == 201);
  CHECK(repeated.body == answer.body);
  CHECK(header_of(repeated, "Idempotent-Replayed") == "true");
  CHECK(json_at(get(path).body, "/data/1") == "");
}

TEST_CASE_FIXTURE(Payers, "PMM-08: another account's methods do not exist") {
  const std::string method = attach("tok_ok", "other");
  const std::vector<Header> owner = {
      {"authorization", "Bearer " + make_key(R"("role":"account_owner","account_id":"acme")")}};
  CHECK(get("/v1/payment-methods/" + method, owner).status == 404);
  CHECK(call(Method::del, "/v1/payment-methods/" + method, {}, owner).status == 404);
  CHECK(post("/v1/payment-methods/" + method + "/default", "{}", owner).status == 404);
  CHECK(post("/v1/accounts/other/payment-methods", R"({"token":"tok_ok"})", owner).status == 404);
  CHECK(post("/v1/accounts/acme/payment-methods", R"({"token":"tok_ok"})", owner).status == 201);
  const std::vector<Header> support = {{"authorization", "Bearer " + make_key(R"("role":"support_rep")")}};
  CHECK(post("/v1/accounts/acme/payment-methods", R"({"token":"tok_ok"})", support).status == 403);
  CHECK(post("/v1/accounts", R"({"name":"x","email":"x@x.test","payment_method_token":"tok_ok"})", support).status ==
        403);
}

TEST_CASE("without a provider a token is refused with what to do") {
  Gateway::Options options = Served::dev_options();
  options.find_payment_method = nullptr;
  Served served(options);
  const Response refused =
      served.post("/v1/accounts", R"({"name":"x","email":"x@x.test","payment_method_token":"tok_ok"})");
  CHECK(refused.status == 422);
  CHECK(json_at(refused.body, "/code") == R"("provider_not_configured")");
}

TEST_CASE("a card's number is told from other digits by its length and check digit") {
  for (const std::string_view number : {"4242424242424242", "378282246310005", "6011 1111 1111 1117", "x4222222222222y",
                                        "3566-0020-2036-0505", "6304000000000000000"}) {
    CAPTURE(number);
    CHECK(holds_card_number(number));
  }
  for (const std::string_view text : {"", "4242424242424241", "424242424242", "tok_4242", "42424242424242424242",
                                      "4242  4242 4242 4242", "1234-5678"}) {
    CAPTURE(text);
    CHECK_FALSE(holds_card_number(text));
  }
}

TEST_CASE_FIXTURE(Payers,
                  "PMM-03, PMM-08: the book's methods are listed by account and status, within one account its own") {
  CHECK(ids("/v1/payment-methods") == "");
  const std::string first = attach("tok_ok"), foreign = attach("tok_ok", "other"), second = attach("tok_ok");
  clock.now_us += 1'000'000;
  const std::string third = attach("tok_ok", "other");
  const Response all = get("/v1/payment-methods");
  REQUIRE_MESSAGE(all.status == 200, all.body);
  CHECK(ids("/v1/payment-methods").starts_with(third + ' '));
  CHECK(json_at(all.body, "/data/3/id") != "");
  CHECK(json_at(all.body, "/data/4/id") == "");
  CHECK(json_at(all.body, "/data/0/account_id") == R"("other")");
  CHECK(json_at(all.body, "/data/0/is_default") == "false");
  CHECK(all.body.find("tok_ok") == std::string::npos);
  CHECK(ids("/v1/payment-methods?account_id=acme") == second + ' ' + first);
  CHECK(ids("/v1/payment-methods?account_id=nobody") == "");
  CHECK(ids("/v1/payment-methods?status=verified") == ids("/v1/payment-methods"));
  CHECK(ids("/v1/payment-methods?status=failed") == "");
  CHECK(ids("/v1/payment-methods?account_id=acme&limit=1") == second);
  CHECK(ids("/v1/payment-methods?account_id=acme&starting_after=" + second) == first);
  CHECK(ids("/v1/payment-methods?account_id=acme&ending_before=" + first) == second);
  CHECK(get("/v1/payment-methods?account_id=acme&starting_after=" + third).status == 422);
  for (const char* wrong : {"status=good", "account_id=%20", "limit=0"}) {
    CHECK(get("/v1/payment-methods?" + std::string(wrong)).status == 422);
  }
  // As the list has it, so it is read alone.
  const std::string alone = get("/v1/payment-methods/" + third).body;
  CHECK(all.body.find(alone) != std::string::npos);

  const std::vector<Header> owner = {
      {"authorization", "Bearer " + make_key(R"("role":"account_owner","account_id":"acme")")}};
  const Response own = get("/v1/payment-methods", owner);
  CHECK(own.status == 200);
  CHECK(own.body == get("/v1/payment-methods?account_id=acme").body);
  CHECK(get("/v1/payment-methods?account_id=other", owner).status == 404);
  CHECK(get("/v1/payment-methods/" + foreign, owner).status == 404);
  const std::vector<Header> finance = {{"authorization", "Bearer " + make_key(R"("role":"finance_viewer")")}};
  CHECK(get("/v1/payment-methods", finance).status == 403);

  REQUIRE(call(Method::del, "/v1/payment-methods/" + second).status < 300);
  CHECK(ids("/v1/payment-methods?account_id=acme") == first);
  REQUIRE(call(Method::del, "/v1/accounts/acme").status == 200);
  REQUIRE(post("/v1/accounts/acme/purge", "{}").status == 200);
  CHECK(ids("/v1/payment-methods?account_id=acme") == "");
  CHECK(ids("/v1/payment-methods") == third + ' ' + foreign);
}
