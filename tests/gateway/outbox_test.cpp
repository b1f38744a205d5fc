// The outbox over HTTP: what a customer would have been told, who may look, and only in the sandbox.
#include <algorithm>

#include "tests/gateway/seller.h"

using namespace daybook;
using namespace daybook::test;

namespace {

struct Told : Seller {
  /// "channel:name" of each message, newest first.
  std::vector<std::string> told(const std::string& query, std::vector<Header> headers = {}) {
    const Response answer = get("/v1/outbox" + query, std::move(headers));
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    std::vector<std::string> names;
    for (std::size_t i = 0;; ++i) {
      const std::string row = "/data/" + std::to_string(i);
      if (json_at(answer.body, row).empty()) return names;
      const bool is_webhook = json_at(answer.body, row + "/template") == "null";
      names.push_back(unquoted(json_at(answer.body, row + "/channel")) + ":" +
                      unquoted(json_at(answer.body, row + (is_webhook ? "/event" : "/template"))));
    }
  }
  static std::vector<Header> as(const std::string& key) { return {{"authorization", "Bearer " + key}}; }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(Told, "a subscription that begins is told of by mail and webhook, message by message") {
  const Response made =
      post("/v1/subscriptions", R"({"account_id":"acme","plan_id":"pro"})", {{"request-id", "signup-7"}});
  REQUIRE_MESSAGE(made.status == 201, made.body);
  CHECK(told("?account_id=acme&channel=email") ==
        Names{"email:payment_failed", "email:invoice_generated", "email:subscription_created"});
  CHECK(told("?account_id=acme&channel=webhook") == Names{"webhook:payment.failed", "webhook:invoice.finalized",
                                                          "webhook:invoice.created", "webhook:subscription.created",
                                                          "webhook:account.created"});
  CHECK(told("?account_id=acme&channel=in_app") == Names{"in_app:payment_failed"});
  CHECK(told("?account_id=other") == Names{"webhook:account.created"});

  const Response mails = get("/v1/outbox?template=invoice_generated");
  CHECK(json_at(mails.body, "/object") == R"("list")");
  CHECK(json_at(mails.body, "/data/1").empty());
  const std::string event = unquoted(json_at(mails.body, "/data/0/event_id"));
  const std::string invoice = unquoted(json_at(get("/v1/invoices").body, "/data/0/id"));
  CHECK(json_at(mails.body, "/data/0") ==
        R"({"object":"message","id":"msg_)" + event.substr(4) +
            R"(1","channel":"email","template":"invoice_generated","event":null,"account_id":"acme","event_id":")" +
            event + R"(","event_type":"InvoiceFinalized","correlation_id":"signup-7","resources":{"invoice":")" +
            invoice + R"("},"created_at":"2027-01-15T08:00:00Z"})");
  CHECK(json_at(get("/v1/events/" + event).body, "/type") == R"("InvoiceFinalized")");
}

TEST_CASE_FIXTURE(Told,
                  "CHG-13: a change is told of by mail, in-app and webhook, all with the request's correlation id") {
  const std::string id = subscribed();
  const Response changed =
      post("/v1/subscriptions/" + id + "/change-plan", R"({"plan_id":"pro","interval":"year","effective":"now"})",
           {{"request-id", "change-1"}});
  REQUIRE_MESSAGE(changed.status == 200, changed.body);
  const auto all = told("?correlation_id=change-1&limit=200");
  // A year costs less for its time.
  for (const char* name : {"email:subscription_downgraded", "webhook:subscription.downgraded", "in_app:plan_changed"}) {
    CAPTURE(name);
    CHECK(std::count(all.begin(), all.end(), name) == 1);
  }
  const Response events = get("/v1/events?correlation_id=change-1&type=PlanChanged");
  const Response messages = get("/v1/outbox?correlation_id=change-1&template=plan_changed");
  CHECK(json_at(messages.body, "/data/0/event_id") == json_at(events.body, "/data/0/id"));
  CHECK(json_at(messages.body, "/data/0/correlation_id") == json_at(events.body, "/data/0/correlation_id"));
  CHECK(json_at(messages.body, "/data/0/resources/subscription") == '"' + id + '"');
}

TEST_CASE_FIXTURE(Told,
                  "CHG-01, CHG-03: an upgrade is told of as one, a downgrade when it is scheduled and when it comes") {
  REQUIRE(post("/v1/plans", R"({"id":"big","name":"Big","prices":[{"currency":"USD","amount":3000}]})").status == 201);
  const std::string id = subscribed();
  REQUIRE(act(id, "upgrade-now", R"({"plan_id":"big"})").status == 200);
  CHECK(told("?template=subscription_upgraded") == Names{"email:subscription_upgraded"});
  CHECK(told("?event=subscription.upgraded") == Names{"webhook:subscription.upgraded"});
  REQUIRE(act(id, "schedule-change", R"({"plan_id":"pro"})").status == 200);
  CHECK(told("?limit=2") == Names{"email:subscription_downgraded", "webhook:subscription.downgrade_scheduled"});
  pass_days(40);
  REQUIRE(get("/v1/accounts/acme/subscription").status == 200);
  CHECK(told("?template=plan_changed") == Names{"email:plan_changed", "in_app:plan_changed", "in_app:plan_changed"});
  CHECK(told("?event=subscription.downgraded") == Names{"webhook:subscription.downgraded"});
}

TEST_CASE_FIXTURE(Told,
                  "INV-16: one mail for each time that an invoice is finalised, and one more when it is sent again") {
  const Response drafted =
      post("/v1/invoices", R"({"account_id":"acme","lines":[{"description":"a","unit_amount":0}]})");
  REQUIRE_MESSAGE(drafted.status == 201, drafted.body);
  const std::string id = unquoted(json_at(drafted.body, "/id"));
  const std::string path = "/v1/invoices/" + id;
  const Response early = post(path + "/send", "{}");
  CHECK(early.status == 409);
  CHECK(json_at(early.body, "/code") == R"("invalid_transition")");
  CHECK(json_at(early.body, "/to") == R"("sent")");
  CHECK(told("?template=invoice_generated").empty());
  const Response finalized = post(path + "/finalize", "{}");
  REQUIRE_MESSAGE(finalized.status == 200, finalized.body);
  CHECK(json_at(finalized.body, "/status") == R"("paid")");
  CHECK(told("?template=invoice_generated").size() == 1);

  CHECK(json_at(post(path + "/send?dry_run=true", "{}").body, "/events/0/type") == R"("InvoiceSent")");
  const Response sent = post(path + "/send", "{}", {{"idempotency-key", "once"}});
  REQUIRE_MESSAGE(sent.status == 200, sent.body);
  CHECK(sent.body == finalized.body);
  CHECK(post(path + "/send", "{}", {{"idempotency-key", "once"}}).body == sent.body);
  CHECK(told("?template=invoice_generated") == Names{"email:invoice_generated", "email:invoice_generated"});
  const Response messages = get("/v1/outbox?template=invoice_generated");
  CHECK(json_at(messages.body, "/data/0/event_type") == R"("InvoiceSent")");
  CHECK(json_at(messages.body, "/data/0/resources/invoice") == '"' + id + '"');
  CHECK(get("/v1/accounts/acme/timeline").body.find("Invoice sent") != std::string::npos);
  const std::string owner = make_key(R"("role":"account_owner","account_id":"acme")");
  CHECK(post(path + "/send", "{}", as(owner)).status == 200);
  CHECK(post(path + "/send", "{}", as(make_key(R"("role":"account_owner","account_id":"other")"))).status == 404);
  CHECK(post(path + "/send", "{}", as(make_key(R"("role":"account_member","account_id":"acme")"))).status == 403);
  CHECK(post(path + "/send", "{}", as(make_key(R"("role":"finance_viewer")"))).status == 403);
}

TEST_CASE_FIXTURE(Told, "PAU-05: a pause and its end are told of") {
  const std::string id = subscribed();
  REQUIRE(act(id, "pause").status == 200);
  REQUIRE(act(id, "resume").status == 200);
  CHECK(told("?account_id=acme&limit=4") == Names{"email:subscription_resumed", "webhook:subscription.resumed",
                                                  "email:subscription_paused", "webhook:subscription.paused"});
}

TEST_CASE_FIXTURE(Told, "what is about the book has no account, and resources by its own ids") {
  const Response answer = get("/v1/outbox?event=plan.created");
  CHECK(json_at(answer.body, "/data/0/account_id") == "null");
  CHECK(json_at(answer.body, "/data/0/resources") == R"({"plan_id":"try"})");
  CHECK(json_at(answer.body, "/data/1/resources") == R"({"plan_id":"pro"})");
  CHECK(json_at(answer.body, "/data/2").empty());
}

TEST_CASE_FIXTURE(Told, "the outbox is paged by messages, and refuses what it does not know") {
  subscribed();
  const auto all = told("?limit=200");
  Names paged;
  std::string query = "?limit=3";
  for (bool has_more = true; has_more;) {
    const Response page = get("/v1/outbox" + query);
    for (const std::string& name : told(query)) paged.push_back(name);
    has_more = json_at(page.body, "/has_more") == "true";
    const std::string last = std::to_string((paged.size() - 1) % 3);
    query = "?limit=3&starting_after=" + unquoted(json_at(page.body, "/data/" + last + "/id"));
  }
  CHECK(paged == all);
  CHECK(all.size() > 9);
  CHECK(told("?template=no_such").empty());
  CHECK(told("?event=invoice_generated").empty());
  CHECK(get("/v1/outbox?channel=sms").status == 422);
  CHECK(get("/v1/outbox?starting_after=evt_000000000001").status == 422);
  CHECK(get("/v1/outbox?starting_after=msg_0100000000011").status == 422);  // of another shard
  CHECK(get("/v1/outbox?limit=201").status == 422);
  CHECK(get("/v1/outbox?type=x").status == 400);
}

TEST_CASE_FIXTURE(Told, "a key with the scope reads its own account's messages; other roles as the access model says") {
  subscribed();
  const std::string key = make_key(R"("role":"api_key","account_id":"acme","scopes":["outbox"])");
  CHECK(told("", as(key)) == told("?account_id=acme"));
  CHECK(get("/v1/outbox?account_id=other", as(key)).status == 404);
  const std::string without = make_key(R"("role":"api_key","account_id":"acme","scopes":["events:read"])");
  CHECK(get("/v1/outbox", as(without)).status == 403);
  CHECK(get("/v1/outbox", as(make_key(R"("role":"support_rep")"))).status == 200);
  for (const char* role : {"finance_viewer", "auditor"}) {
    CHECK(get("/v1/outbox", as(make_key(R"("role":")" + std::string(role) + '"'))).status == 403);
  }
  CHECK(get("/v1/outbox", as(make_key(R"("role":"account_owner","account_id":"acme")"))).status == 403);
}

TEST_CASE("there is no outbox outside the sandbox") {
  Served served(Served::dev_options(), nullptr, 0, BookMode::live);
  const Response answer = served.get("/v1/outbox");
  CHECK(answer.status == 404);
  CHECK(json_at(answer.body, "/code") == R"("not_found")");
}
