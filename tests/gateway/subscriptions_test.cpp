// Subscriptions over HTTP: created, cancelled, begun again; listed, read, with their history, and who may do what.
#include "tests/gateway/seller.h"

using namespace daybook;
using namespace daybook::test;

TEST_CASE_FIXTURE(Seller, "SUB-01: a subscription is answered with its price and period, and its invoice is open") {
  const Response dry = post("/v1/subscriptions?dry_run=true", R"({"account_id":"acme","plan_id":"pro"})");
  REQUIRE_MESSAGE(dry.status == 200, dry.body);
  CHECK(json_at(dry.body, "/resource/id") == R"("sub_dry_1")");
  CHECK(json_at(dry.body, "/events/4/type") != "");
  CHECK(json_at(get("/v1/subscriptions").body, "/data/0/id").empty());
  const Response answer = subscribe(R"(,"metadata":{"po":"17"})");
  REQUIRE_MESSAGE(answer.status == 201, answer.body);
  CHECK(json_at(answer.body, "/status") == R"("active")");
  CHECK(json_at(answer.body, "/current_period_start") == R"("2027-01-15T08:00:00Z")");
  CHECK(json_at(answer.body, "/current_period_end") == R"("2027-02-15T08:00:00Z")");
  CHECK(json_at(answer.body, "/anchor/date") == R"("2027-01-15")");
  CHECK(json_at(answer.body, "/anchor/time") == R"("09:00:00")");
  CHECK(json_at(answer.body, "/anchor/time_zone") == R"("Europe/Berlin")");
  CHECK(json_at(answer.body, "/price/amount") == "1000");
  CHECK(json_at(answer.body, "/plan_version") == "1");
  CHECK(json_at(answer.body, "/metadata/po") == R"("17")");
  CHECK(json_at(answer.body, "/cancel_at") == "null");
  CHECK(json_at(dry.body, "/resource/current_period_end") == json_at(answer.body, "/current_period_end"));
  const std::string id = unquoted(json_at(answer.body, "/id"));
  CHECK(get("/v1/subscriptions/" + id).body == answer.body);
  const Response current = get("/v1/accounts/acme/subscription");
  CHECK(current.body.starts_with(answer.body.substr(0, answer.body.size() - 1)));
  const Response invoices = get("/v1/invoices?account_id=acme");
  CHECK(unquoted(json_at(invoices.body, "/data/0/subscription_id")) == id);
  CHECK(json_at(invoices.body, "/data/0/billing_reason") == R"("subscription_create")");
  CHECK(json_at(invoices.body, "/data/0/status") == R"("open")");
  CHECK(json_at(invoices.body, "/data/0/lines/0/description") == R"("Pro")");
  CHECK(json_at(invoices.body, "/data/0/lines/0/period/end") == R"("2027-02-15T08:00:00Z")");
  CHECK(json_at(invoices.body, "/data/0/lines/0/steps") == "[]");
}

TEST_CASE_FIXTURE(Seller, "a yearly price by the seat is chosen by its interval, and what there is not is refused") {
  const Response answer = subscribe(R"(,"interval":"year","quantity":3)");
  REQUIRE_MESSAGE(answer.status == 201, answer.body);
  CHECK(json_at(answer.body, "/current_period_end") == R"("2028-01-15T08:00:00Z")");
  const Response invoices = get("/v1/invoices?account_id=acme");
  CHECK(json_at(invoices.body, "/data/0/lines/0/type") == R"("seat")");
  CHECK(json_at(invoices.body, "/data/0/lines/0/quantity") == "3");
  CHECK(json_at(invoices.body, "/data/0/lines/0/unit_amount") == R"("99.5")");
  CHECK(json_at(invoices.body, "/data/0/total") == "299");  // 298.5, half away from zero
  const Response none = subscribe(R"(,"interval":"week")");
  CHECK(none.status == 422);
  CHECK(json_at(none.body, "/code") == R"("price_not_available")");
  CHECK(json_at(none.body, "/errors/0/pointer") == R"("/interval")");
  CHECK(subscribe({}, "none").status == 404);
  CHECK(post("/v1/subscriptions", R"({"account_id":"acme"})").status == 422);
  REQUIRE(call(Method::del, "/v1/plans/pro").status == 200);
  CHECK(json_at(subscribe().body, "/code") == R"("plan_retired")");
}

TEST_CASE_FIXTURE(Seller, "SUB-09, SUB-11, SUB-15: cancelled and begun again, with every transition and who made it") {
  const std::string id = subscribed();
  const Response scheduled = act(id, "cancel", R"({"reason":"Too dear","comment":"For Ann"})");
  REQUIRE_MESSAGE(scheduled.status == 200, scheduled.body);
  CHECK(json_at(scheduled.body, "/cancel_at_period_end") == "true");
  CHECK(json_at(scheduled.body, "/cancel_at") == R"("2027-02-15T08:00:00Z")");
  CHECK(json_at(scheduled.body, "/cancel_reason") == R"("Too dear")");
  CHECK(json_at(scheduled.body, "/cancel_comment") == R"("For Ann")");
  REQUIRE(act(id, "reactivate").status == 200);
  CHECK(act(id, "reactivate").status == 409);
  REQUIRE(call(Method::del, "/v1/subscriptions/" + id).status == 200);
  pass_days(40);
  const Response ended = get("/v1/subscriptions/" + id);
  CHECK(json_at(ended.body, "/status") == R"("canceled")");
  CHECK(json_at(ended.body, "/canceled_at") == R"("2027-02-15T08:00:00Z")");
  CHECK(json_at(ended.body, "/cancellation_cause") == R"("scheduled")");
  CHECK(json_at(ended.body, "/cancel_at") == "null");
  const Response none = get("/v1/accounts/acme/subscription");
  CHECK(none.status == 404);
  CHECK(json_at(none.body, "/code") == R"("no_subscription")");
  REQUIRE(act(id, "reactivate").status == 200);
  CHECK(json_at(get("/v1/invoices?account_id=acme").body, "/data/1/id") != "");
  CHECK(json_at(get("/v1/invoices?account_id=acme").body, "/data/2/id").empty());

  const std::string path = "/v1/subscriptions/" + id + "/history";
  const Response history = get(path);
  REQUIRE_MESSAGE(history.status == 200, history.body);
  const char* types[] = {"SubscriptionActivated",   "SubscriptionCancellationScheduled",
                         "SubscriptionReactivated", "SubscriptionCancellationScheduled",
                         "SubscriptionCanceled",    "SubscriptionReactivated"};
  for (int i = 0; i < 6; ++i) {
    CHECK(unquoted(json_at(history.body, "/data/" + std::to_string(i) + "/type")) == types[i]);
  }
  CHECK(json_at(history.body, "/data/0/from_status") == "null");
  CHECK(json_at(history.body, "/data/1/cancel_reason") == R"("Too dear")");
  CHECK(json_at(history.body, "/data/1/actor") == R"("key:dev")");
  CHECK(json_at(history.body, "/data/4/actor") == R"("system:agenda")");
  CHECK(json_at(history.body, "/data/4/to_status") == R"("canceled")");
  CHECK(json_at(history.body, "/data/4/at") == R"("2027-02-15T08:00:00Z")");
  CHECK(json_at(history.body, "/data/5/to_status") == R"("active")");
  const std::string third = unquoted(json_at(history.body, "/data/2/id"));
  CHECK(json_at(get(path + "?limit=2&starting_after=" + third).body, "/data/0/type") ==
        R"("SubscriptionCancellationScheduled")");
  CHECK(json_at(get(path + "?limit=2&starting_after=" + third).body, "/has_more") == "true");
  const std::vector<Header> finance = {{"authorization", "Bearer " + make_key(R"("role":"finance_viewer")")}};
  CHECK(get(path, finance).body.find("Too dear") == std::string::npos);
  CHECK(get("/v1/subscriptions/sub_00000000010000000900/history").status == 404);
}

TEST_CASE_FIXTURE(Seller, "SUB-06: subscriptions are listed by account and status, newest first") {
  const std::string first = subscribed(), second = subscribed({}, "try"), third = subscribed({}, "pro", "other");
  REQUIRE(act(first, "cancel", R"({"mode":"immediate"})").status == 200);
  CHECK(ids("/v1/subscriptions") == third + " " + second + " " + first);
  CHECK(ids("/v1/subscriptions?account_id=acme") == second + " " + first);
  CHECK(ids("/v1/subscriptions?status=trialing") == second);
  CHECK(ids("/v1/subscriptions?account_id=acme&status=canceled") == first);
  CHECK(ids("/v1/subscriptions?limit=1&starting_after=" + third) == second);
  CHECK(get("/v1/subscriptions?status=gone").status == 422);
  pass_days(8);
  CHECK(json_at(get("/v1/subscriptions/" + second).body, "/status") == R"("active")");
  CHECK(ids("/v1/subscriptions?status=active") == third + " " + second);
}

TEST_CASE_FIXTURE(Seller, "SUB-18: a subscription is found by its provider's id, and the end of that ends it") {
  const std::string id = subscribed();
  subscribed({}, "pro", "other");
  CHECK(json_at(get("/v1/subscriptions/" + id).body, "/provider_subscription_id") == "null");
  const auto mirror = [&](const std::string& status, const std::string& more) {
    return post("/v1/commands", R"([{"command":"MirrorProviderSubscription","params":{"subscription_id":")" + id +
                                    R"(","provider":"stripe","provider_subscription_id":"sub_1Q",)" +
                                    R"("provider_status":")" + status + R"(")" + more + "}}]");
  };
  REQUIRE(json_at(mirror("active", "").body, "/0/status") == "200");
  const Response found = get("/v1/subscriptions?provider_subscription_id=sub_1Q");
  REQUIRE_MESSAGE(found.status == 200, found.body);
  CHECK(unquoted(json_at(found.body, "/data/0/id")) == id);
  CHECK(json_at(found.body, "/data/1").empty());
  CHECK(json_at(found.body, "/data/0/provider_subscription_id") == R"("sub_1Q")");
  CHECK(json_at(found.body, "/data/0/provider_subscription") ==
        R"({"provider":"stripe","status":"active","has_ended":false})");
  CHECK(json_at(get("/v1/subscriptions?provider_subscription_id=sub_1Q&account_id=other").body, "/data") == "[]");
  CHECK(get("/v1/subscriptions?provider_subscription_id=").status == 422);
  REQUIRE(json_at(mirror("canceled", R"(,"has_ended":true)").body, "/0/status") == "200");
  const Response ended = get("/v1/subscriptions/" + id);
  CHECK(json_at(ended.body, "/status") == R"("canceled")");
  CHECK(json_at(ended.body, "/cancellation_cause") == R"("provider")");
}

TEST_CASE_FIXTURE(Seller, "SUB-01: where the policy allows one live subscription, a second one is refused") {
  REQUIRE(call(Method::put, "/v1/admin/policies/subscription.max_live", R"({"max_live":"single"})").status == 200);
  const std::string first = subscribed();
  const Response second = post("/v1/subscriptions", R"({"account_id":"acme","plan_id":"try"})");
  CHECK(second.status == 409);
  CHECK(json_at(second.body, "/code") == R"("subscription_exists")");
  CHECK(second.body.find(first) != std::string::npos);
  CHECK(ids("/v1/subscriptions?account_id=acme") == first);
  // Without a mode it ends when the policy says.
  REQUIRE(call(Method::put, "/v1/admin/policies/subscription.cancel_default", R"({"mode":"immediate"})").status == 200);
  CHECK(json_at(act(first, "cancel", "{}").body, "/status") == R"("canceled")");
  CHECK(post("/v1/subscriptions", R"({"account_id":"acme","plan_id":"try"})").status == 201);
}

TEST_CASE_FIXTURE(Seller, "PARK-01: a parked account is listed and counted, and released by those who may") {
  REQUIRE(post("/v1/plans", R"({"id":"treasure","name":"T","prices":[{"currency":"USD","amount":600000000000000}]})")
              .status == 201);
  const std::string id = subscribed({}, "treasure");
  const std::string start = json_at(get("/v1/subscriptions/" + id).body, "/current_period_start");
  CHECK(ids("/v1/accounts?parked=true").empty());
  CHECK(json_at(get("/v1/accounts/acme").body, "/parked") == "null");
  pass_days(31);
  CHECK(json_at(get("/v1/accounts/acme").body, "/parked/subscription_id") == '"' + id + '"');
  CHECK(ids("/v1/accounts?parked=true") == "acme");
  CHECK(ids("/v1/accounts?parked=true&status=active") == "acme");
  CHECK(ids("/v1/accounts?parked=true&status=deleted").empty());
  CHECK(get("/v1/accounts?parked=false").status == 422);
  CHECK(json_at(get("/v1/accounts?parked=true").body, "/data/0/parked/reason") == R"("amount_out_of_range")");
  CHECK(get("/metrics").body.find("\naccounts_parked 1\n") != std::string::npos);
  const std::vector<Header> support = {{"authorization", "Bearer " + make_key(R"("role":"support_rep")")}};
  CHECK(post("/v1/accounts/acme/unpark", "{}", support).status == 403);
  const Response invoices = get("/v1/invoices?account_id=acme");
  REQUIRE(post("/v1/invoices/" + unquoted(json_at(invoices.body, "/data/0/id")) + "/void", "{}").status == 200);
  const Response released = post("/v1/accounts/acme/unpark", R"({"reason":"settled by hand"})");
  CHECK(released.status == 200);
  CHECK(json_at(released.body, "/parked") == "null");
  CHECK(json_at(get("/v1/accounts/acme/subscription").body, "/current_period_start") != start);
  CHECK(ids("/v1/accounts?parked=true").empty());
  CHECK(get("/metrics").body.find("\naccounts_parked 0\n") != std::string::npos);
}

TEST_CASE_FIXTURE(Seller, "TRI-02: a second trial is refused, and none is asked for by trial_days 0") {
  REQUIRE(subscribe({}, "try").status == 201);
  const Response second = subscribe({}, "try");
  CHECK(second.status == 422);
  CHECK(json_at(second.body, "/code") == R"("trial_already_used")");
  const Response paid = subscribe(R"(,"trial_days":0)", "try");
  REQUIRE_MESSAGE(paid.status == 201, paid.body);
  CHECK(json_at(paid.body, "/status") == R"("active")");
}

TEST_CASE_FIXTURE(Seller, "an account's own keys subscribe for it alone; support cancels at the period's end only") {
  const std::vector<Header> own = {
      {"authorization",
       "Bearer " +
           make_key(R"("role":"api_key","account_id":"acme","scopes":["subscriptions:read","subscriptions:write"])")}};
  const std::vector<Header> support = {{"authorization", "Bearer " + make_key(R"("role":"support_rep")")}};
  const std::vector<Header> auditor = {{"authorization", "Bearer " + make_key(R"("role":"auditor")")}};
  const std::string theirs = subscribed({}, "pro", "other");
  const Response mine = post("/v1/subscriptions", R"({"account_id":"acme","plan_id":"pro"})", own);
  REQUIRE_MESSAGE(mine.status == 201, mine.body);
  const std::string id = unquoted(json_at(mine.body, "/id"));
  CHECK(post("/v1/subscriptions", R"({"account_id":"other","plan_id":"pro"})", own).status == 404);
  CHECK(get("/v1/subscriptions/" + theirs, own).status == 404);
  CHECK(get("/v1/subscriptions/" + theirs + "/history", own).status == 404);
  CHECK(post("/v1/subscriptions/" + theirs + "/cancel", "{}", own).status == 404);
  CHECK(get("/v1/subscriptions?account_id=other", own).status == 404);
  CHECK(json_at(get("/v1/subscriptions", own).body, "/data/1/id").empty());
  CHECK(post("/v1/subscriptions/" + id + "/cancel", R"({"mode":"immediate"})", support).status == 403);
  CHECK(post("/v1/subscriptions/" + id + "/cancel", "{}", support).status == 200);
  CHECK(post("/v1/subscriptions/" + id + "/reactivate", "{}", auditor).status == 403);
  CHECK(get("/v1/subscriptions/" + id, auditor).status == 200);
  const Response past = get("/v1/subscriptions/" + id + "?as_of=2026-01-01T00:00:00Z", own);
  CHECK(past.status == 404);
}

TEST_CASE_FIXTURE(Seller, "INV-09: invoices are listed by the subscription that they bill") {
  const std::string id = subscribed(), second = subscribed();
  pass_days(31);
  REQUIRE(get("/v1/subscriptions/" + id).status == 200);  // what is due has happened then
  const std::string of_first = ids("/v1/invoices?subscription_id=" + id);
  const std::string of_second = ids("/v1/invoices?subscription_id=" + second);
  CHECK(of_first.size() == std::string("inv_00000000010000000100 inv_00000000010000000100").size());
  CHECK(of_second.size() == of_first.size());
  CHECK(of_first != of_second);
  CHECK(ids("/v1/invoices?status=open&account_id=acme&subscription_id=" + id) == of_first);
  CHECK(ids("/v1/invoices?status=paid&subscription_id=" + id).empty());
  CHECK(ids("/v1/invoices?account_id=other&subscription_id=" + id).empty());
  const std::string newest = of_first.substr(0, of_first.find(' '));
  CHECK(ids("/v1/invoices?limit=1&subscription_id=" + id) == newest);
  CHECK(ids("/v1/invoices?subscription_id=" + id + "&starting_after=" + newest) == of_first.substr(newest.size() + 1));
  CHECK(get("/v1/invoices?subscription_id=" + second + "&starting_after=" + newest).status == 422);
}
