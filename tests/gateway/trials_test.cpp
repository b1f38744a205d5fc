// Trials over HTTP: what an account and its subscriptions show of them, and what a block answers.
#include "tests/gateway/seller.h"

using namespace daybook;
using namespace daybook::test;

namespace {

struct Tester : Seller {
  Tester() {
    tier("starter", "700");
    REQUIRE(post("/v1/accounts", R"({"id":"new","name":"A","email":"a@b.example"})").status == 201);
  }
  void tier(const std::string& name, const std::string& amount) {
    const Response answer = post("/v1/plans", R"({"id":")" + name + R"(","name":"A","tier":")" + name +
                                                  R"(","prices":[{"currency":"USD","amount":)" + amount + "}]}");
    REQUIRE_MESSAGE(answer.status == 201, answer.body);
  }
  std::string member(const std::string& name) { return json_at(get("/v1/accounts/new").body, "/" + name); }
  std::string types() {
    std::string found;
    const std::string body = get("/v1/events?account_id=new&limit=200").body;
    for (int i = 0; !json_at(body, "/data/" + std::to_string(i) + "/type").empty(); ++i) {
      found += unquoted(json_at(body, "/data/" + std::to_string(i) + "/type")) + " ";
    }
    return found;
  }
  Response spend(const std::string& key) {
    return post("/v1/accounts/new/unit-credits/deduct", R"({"amount":1})", {{"authorization", "Bearer " + key}});
  }
};

}  // namespace

TEST_CASE_FIXTURE(Tester,
                  "TRI-01, TRI-04, TRI-06: an account shows its trial, is reminded twice, and is on the free plan") {
  tier("free", "0");
  CHECK(json_at(get("/v1/accounts/acme").body, "/trial_ends_at") == "null");  // it was there before the plan
  CHECK(member("trial_started_at") == R"("2027-01-15T08:00:00Z")");
  CHECK(member("trial_ends_at") == R"("2027-01-29T08:00:00Z")");
  CHECK(member("in_trial") == "true");
  CHECK(member("limits_plan_id") == R"("starter")");
  CHECK(member("limits_plan_version") == "1");
  pass_days(14);
  CHECK(member("in_trial") == "false");
  CHECK(member("trial_ends_at") == R"("2027-01-29T08:00:00Z")");
  CHECK(member("limits_plan_id") == R"("free")");
  CHECK(types() == "AccountOpened AccountTrialStarted TrialReminderIssued TrialReminderIssued TrialExpired ");
}

TEST_CASE_FIXTURE(Tester,
                  "TRI-05: under convert_or_block service is 402 after the trial, until the account subscribes") {
  REQUIRE(call(Method::put, "/v1/admin/policies/trial.end", R"({"trial_end":"convert_or_block"})").status == 200);
  REQUIRE(post("/v1/accounts/new/unit-credits/allocate", R"({"amount":10})").status == 201);
  const std::string key = make_key(R"("role":"api_key","account_id":"new","scopes":["units:spend","invoices:read"])");
  CHECK(spend(key).status == 201);
  pass_days(14);
  const Response refused = spend(key);
  CHECK(refused.status == 402);
  CHECK(json_at(refused.body, "/code") == R"("trial_expired")");
  CHECK(json_at(refused.body, "/upgrade_url") == R"("/v1/subscriptions")");
  CHECK(get("/v1/invoices?account_id=new", {{"authorization", "Bearer " + key}}).status == 200);
  REQUIRE(subscribe({}, "pro", "new").status == 201);
  CHECK(spend(key).status == 201);
}

TEST_CASE_FIXTURE(Tester, "TRI-05: a subscription whose trial expired is listed so, and begins again") {
  REQUIRE(call(Method::put, "/v1/admin/policies/trial.end", R"({"trial_end":"convert_or_block"})").status == 200);
  const std::string id = subscribed({}, "try", "new");
  CHECK(member("trial_started_at") == "null");
  pass_days(7);
  CHECK(json_at(get("/v1/subscriptions/" + id).body, "/status") == R"("expired")");
  CHECK(unquoted(json_at(get("/v1/subscriptions?status=expired").body, "/data/0/id")) == id);
  CHECK(json_at(get("/v1/subscriptions/" + id + "/history").body, "/data/1/to_status") == R"("expired")");
  REQUIRE(act(id, "reactivate").status == 200);
  CHECK(json_at(get("/v1/subscriptions/" + id).body, "/status") == R"("active")");
}
