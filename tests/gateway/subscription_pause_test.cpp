// Pauses of subscriptions and ends of trials over HTTP, their history and timeline, and who may do what.
#include "tests/gateway/seller.h"

using namespace daybook;
using namespace daybook::test;

TEST_CASE_FIXTURE(Seller, "PAU-01, PAU-03, PAU-05: paused with a date, resumed on it, and both are told") {
  const std::string id = subscribed();
  pass_days(5);
  const std::string path = "/v1/subscriptions/" + id;
  const std::string body = R"({"resumes_at":"2027-01-30T08:00:00Z","reason":"Away"})";
  const Response dry = post(path + "/pause?dry_run=true", body);
  REQUIRE_MESSAGE(dry.status == 200, dry.body);
  CHECK(json_at(dry.body, "/resource/status") == R"("paused")");
  CHECK(json_at(dry.body, "/events/0/type") == R"("SubscriptionPaused")");
  CHECK(json_at(get(path).body, "/status") == R"("active")");
  const Response paused = act(id, "pause", body);
  REQUIRE_MESSAGE(paused.status == 200, paused.body);
  CHECK(json_at(paused.body, "/status") == R"("paused")");
  CHECK(json_at(paused.body, "/pause_started_at") == R"("2027-01-20T08:00:00Z")");
  CHECK(json_at(paused.body, "/pause_resumes_at") == R"("2027-01-30T08:00:00Z")");
  CHECK(json_at(paused.body, "/pause_ends_at") == R"("2027-04-21T08:00:00Z")");
  CHECK(json_at(paused.body, "/pause_reason") == R"("Away")");
  CHECK(ids("/v1/subscriptions?status=paused") == id);
  CHECK(json_at(get("/v1/accounts/acme/subscription").body, "/id") == '"' + id + '"');
  CHECK(json_at(get(path + "/upcoming-invoice").body, "/invoice") == "null");
  CHECK(json_at(get(path + "/upcoming-invoice").body, "/at") == "null");
  CHECK(json_at(act(id, "quantity", R"({"delta":1})").body, "/code") == R"("subscription_paused")");
  const Response again = act(id, "pause");
  CHECK(again.status == 409);
  CHECK(json_at(again.body, "/from") == R"("paused")");
  CHECK(json_at(again.body, "/to") == R"("paused")");
  CHECK(json_at(again.body, "/allowed") == R"(["active","canceled"])");
  pass_days(40);
  const std::string later = get(path).body;
  CHECK(json_at(later, "/status") == R"("active")");
  CHECK(json_at(later, "/pause_started_at") == "null");
  CHECK(json_at(later, "/current_period_start") == R"("2027-02-25T08:00:00Z")");
  CHECK(json_at(later, "/anchor/date") == R"("2027-01-25")");
  const std::string history = get(path + "/history").body;
  CHECK(json_at(history, "/data/1/type") == R"("SubscriptionPaused")");
  CHECK(json_at(history, "/data/1/reason") == R"("Away")");
  CHECK(json_at(history, "/data/2/type") == R"("SubscriptionResumed")");
  CHECK(json_at(history, "/data/2/from_status") == R"("paused")");
  CHECK(json_at(history, "/data/2/at") == R"("2027-01-30T08:00:00Z")");
  CHECK(json_at(history, "/data/2/actor") == R"("system:agenda")");
  const std::string timeline = get("/v1/accounts/acme/timeline").body;
  CHECK(timeline.find("Subscription paused") != timeline.npos);
  CHECK(timeline.find("Subscription resumed on its date") != timeline.npos);
}

TEST_CASE_FIXTURE(Seller,
                  "SUB-12, PAU-04: resumed by hand, a cancellation taken back, refused; and cancelled after 90 days") {
  const std::string id = subscribed();
  REQUIRE(act(id, "pause").status == 200);
  REQUIRE(act(id, "cancel").status == 200);
  CHECK(json_at(get("/v1/subscriptions/" + id).body, "/cancel_at") == "null");
  pass_days(1);
  const Response resumed = act(id, "resume");
  REQUIRE_MESSAGE(resumed.status == 200, resumed.body);
  CHECK(json_at(resumed.body, "/current_period_end") == R"("2027-02-16T08:00:00Z")");
  CHECK(json_at(resumed.body, "/cancel_at") == R"("2027-02-16T08:00:00Z")");
  CHECK(json_at(act(id, "resume").body, "/cancel_at_period_end") == "false");
  CHECK(json_at(act(id, "resume").body, "/code") == R"("invalid_transition")");
  CHECK(act(id, "pause", R"({"resumes_at":"2027-01-16T08:00:00Z"})").status == 422);
  REQUIRE(act(id, "pause").status == 200);
  pass_days(90);
  CHECK(json_at(get("/v1/subscriptions/" + id).body, "/status") == R"("paused")");
  pass_days(1);
  const std::string ended = get("/v1/subscriptions/" + id).body;
  CHECK(json_at(ended, "/status") == R"("canceled")");
  CHECK(json_at(ended, "/cancellation_cause") == R"("pause_limit")");
  CHECK(act(id, "resume").status == 409);
  CHECK(act("sub_00000000010000000900", "pause").status == 404);
}

TEST_CASE_FIXTURE(Seller, "TRI-07: an upgrade in a trial begins the first period and bills it, as its preview said") {
  const std::string id = subscribed({}, "try");
  pass_days(3);
  const Response preview = act(id, "preview-change", R"({"plan_id":"pro"})");
  REQUIRE_MESSAGE(preview.status == 200, preview.body);
  CHECK(json_at(preview.body, "/total") == "1000");
  CHECK(json_at(preview.body, "/next_invoice/at") == R"("2027-02-18T08:00:00Z")");
  const Response upgraded = act(id, "upgrade-now", R"({"plan_id":"pro"})");
  REQUIRE_MESSAGE(upgraded.status == 200, upgraded.body);
  CHECK(json_at(upgraded.body, "/status") == R"("active")");
  CHECK(json_at(upgraded.body, "/trial_end") == "null");
  CHECK(json_at(upgraded.body, "/current_period_start") == R"("2027-01-18T08:00:00Z")");
  const std::string invoices = get("/v1/invoices?account_id=acme").body;
  CHECK(json_at(invoices, "/data/0/total") == "1000");
  CHECK(json_at(invoices, "/data/0/lines/0/paused_seconds") == "0");
  CHECK(json_at(invoices, "/data/1/id").empty());
  const std::string history = get("/v1/subscriptions/" + id + "/history").body;
  CHECK(json_at(history, "/data/1/type") == R"("PlanChanged")");
  CHECK(json_at(history, "/data/2/type") == R"("TrialEndedEarly")");
  CHECK(json_at(history, "/data/2/from_status") == R"("trialing")");
  CHECK(json_at(history, "/data/2/to_status") == R"("active")");
}

TEST_CASE_FIXTURE(Seller, "SUB-09: unused time is credited by the policy, or where a billing admin asks for it") {
  const std::string kept = subscribed(), asked = subscribed(), usual = subscribed();
  pass_days(10);
  const char* give = R"({"mode":"immediate","unused_time":"prorated_credit"})";
  const std::vector<Header> own = {
      {"authorization",
       "Bearer " + make_key(R"("role":"api_key","account_id":"acme","scopes":["subscriptions:write"])")}};
  const std::string cancel = "/v1/subscriptions/" + kept + "/cancel";
  CHECK(post(cancel, give, own).status == 403);
  CHECK(post(cancel, R"({"unused_time":"no_credit"})", own).status == 422);
  CHECK(post("/v1/subscriptions/" + kept + "/pause", "{}", own).status == 200);
  CHECK(post("/v1/subscriptions/" + kept + "/resume", "{}", own).status == 200);
  CHECK(post(cancel, R"({"mode":"immediate"})", own).status == 200);
  REQUIRE(act(asked, "cancel", give).status == 200);
  CHECK(json_at(get("/v1/invoices?account_id=acme&limit=1").body, "/data/0/credited") == "677");
  REQUIRE(call(Method::put, "/v1/admin/policies/cancel.unused_time", R"({"unused_time":"prorated_credit"})").status ==
          200);
  REQUIRE(act(usual, "cancel", R"({"mode":"immediate"})").status == 200);
  CHECK(json_at(get("/v1/accounts/acme/balance").body, "/balances/0/receivable") == "1646");  // the rest of 3000
}
