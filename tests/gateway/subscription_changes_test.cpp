// Changes of subscriptions over HTTP: now, with the period, by seats; their history, and who may do what.
#include "tests/gateway/seller.h"

using namespace daybook;
using namespace daybook::test;

namespace {

/// Plans for 10.00 and 30.00 a month, and seats for 5.00.
struct Changer : Seller {
  Changer() {
    for (const char* plan : {R"({"id":"big","name":"Big","prices":[{"currency":"USD","amount":3000}]})",
                             R"({"id":"seats","name":"Seats","limits":{"seats":5},"prices":[{"currency":"USD",)"
                             R"("model":"per_seat","amount":500}]})"}) {
      const Response made = post("/v1/plans", plan);
      REQUIRE_MESSAGE(made.status == 201, made.body);
    }
  }
  std::string last_invoice() { return get("/v1/invoices?account_id=acme&limit=1").body; }
  /// The position of the last event.
  std::string head() {
    const char* credit = R"({"account_id":"other","amount":1,"currency":"USD","type":"goodwill","reason":"r"})";
    return json_at(post("/v1/credits?dry_run=true", credit).body, "/position");
  }
};

}  // namespace

TEST_CASE_FIXTURE(Changer, "CHG-01: an upgrade now is answered with the new plan, and its invoice explains itself") {
  const std::string id = subscribed();
  const std::string first = json_at(last_invoice(), "/data/0/id");
  pass_days(10);
  const std::string path = "/v1/subscriptions/" + id + "/upgrade-now";
  const Response dry = post(path + "?dry_run=true", R"({"plan_id":"big"})");
  REQUIRE_MESSAGE(dry.status == 200, dry.body);
  CHECK(json_at(dry.body, "/resource/plan_id") == R"("big")");
  CHECK(json_at(dry.body, "/events/0/type") == R"("PlanChanged")");
  CHECK(json_at(get("/v1/subscriptions/" + id).body, "/plan_id") == R"("pro")");
  const Response answer = post(path, R"({"plan_id":"big","reason":"We grow"})");
  REQUIRE_MESSAGE(answer.status == 200, answer.body);
  CHECK(json_at(answer.body, "/plan_id") == R"("big")");
  CHECK(json_at(answer.body, "/plan_name") == R"("Big")");
  CHECK(json_at(answer.body, "/current_period_end") == R"("2027-02-15T08:00:00Z")");
  CHECK(get("/v1/subscriptions/" + id).body == answer.body);
  const std::string invoices = last_invoice();
  CHECK(json_at(invoices, "/data/0/billing_reason") == R"("subscription_update")");
  CHECK(json_at(invoices, "/data/0/lines/0/type") == R"("proration_credit")");
  CHECK(json_at(invoices, "/data/0/lines/0/amount") == "-677");  // 21 of 31 days
  CHECK(json_at(invoices, "/data/0/lines/0/unit_amount") == "null");
  CHECK(json_at(invoices, "/data/0/lines/0/proration/part") == "1814400");
  CHECK(json_at(invoices, "/data/0/lines/0/proration/whole") == "2678400");
  CHECK(json_at(invoices, "/data/0/lines/0/proration/unit") == R"("second")");
  CHECK(json_at(invoices, "/data/0/lines/0/credits/invoice_id") == first);
  CHECK(json_at(invoices, "/data/0/lines/0/credits/billed") == "1000");
  CHECK(json_at(invoices, "/data/0/lines/0/credits/credited") == "677");
  CHECK(json_at(invoices, "/data/0/lines/1/type") == R"("proration_charge")");
  CHECK(json_at(invoices, "/data/0/lines/1/amount") == "2032");
  CHECK(json_at(invoices, "/data/0/lines/1/credits") == "null");
  CHECK(json_at(invoices, "/data/0/total") == "1355");
  CHECK(json_at(invoices, "/data/0/credited") == "0");
  const Response history = get("/v1/subscriptions/" + id + "/history");
  CHECK(json_at(history.body, "/data/1/type") == R"("PlanChanged")");
  CHECK(json_at(history.body, "/data/1/from_plan_id") == R"("pro")");
  CHECK(json_at(history.body, "/data/1/to_plan_id") == R"("big")");
  CHECK(json_at(history.body, "/data/1/to_quantity") == "1");
  CHECK(json_at(history.body, "/data/1/reason") == R"("We grow")");
  CHECK(json_at(history.body, "/data/1/actor") == R"("key:dev")");
  CHECK(get("/v1/accounts/acme/timeline").body.find("Subscription changed from pro to Big") != std::string::npos);
}

TEST_CASE_FIXTURE(Changer,
                  "CHG-11: a downgrade now is an invoice of 0, and the rest is credit, which pays what is owed") {
  const std::string id = subscribed({}, "big");
  pass_days(10);
  const Response answer = act(id, "change-plan", R"({"plan_id":"pro","effective":"now"})");
  REQUIRE_MESSAGE(answer.status == 200, answer.body);
  const std::string invoices = last_invoice();
  CHECK(json_at(invoices, "/data/0/total") == "0");
  CHECK(json_at(invoices, "/data/0/credited") == "1355");
  CHECK(json_at(invoices, "/data/0/lines/2/type") == R"("credited")");
  CHECK(json_at(invoices, "/data/0/lines/2/amount") == "1355");
  CHECK(json_at(invoices, "/data/0/status") == R"("paid")");
  const Response credits = get("/v1/credits?account_id=acme");
  CHECK(json_at(credits.body, "/data/0/type") == R"("proration")");
  CHECK(json_at(credits.body, "/data/0/amount") == "1355");
  CHECK(json_at(credits.body, "/data/0/remaining") == "0");  // it pays for what is owed
  CHECK(json_at(get("/v1/invoices?account_id=acme").body, "/data/1/amount_remaining") == "1645");
  CHECK(json_at(get("/v1/ledger/trial-balance").body, "/balanced") != "false");
}

TEST_CASE_FIXTURE(Changer, "CHG-01, CHG-03: what does not say when goes by the policies of upgrades and downgrades") {
  const auto plan_after = [&](const std::string& id, const std::string& action, const std::string& body) {
    const Response answer = act(id, action, body);
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    return json_at(answer.body, "/plan_id") + " " + json_at(answer.body, "/scheduled_plan_id");
  };
  const std::string id = subscribed({}, "pro");
  CHECK(plan_after(id, "change-plan", R"({"plan_id":"big"})") == R"("big" null)");
  CHECK(plan_after(id, "change-plan", R"({"plan_id":"pro"})") == R"("big" "pro")");
  CHECK(plan_after(id, "downgrade", R"({"plan_id":"pro","effective":"now"})") == R"("pro" null)");
  for (const char* policy : {"change.upgrade", "change.downgrade"}) {
    const std::string effective = policy == std::string_view("change.upgrade") ? "period_end" : "now";
    const Response set =
        call(Method::put, std::string("/v1/admin/policies/") + policy, R"({"effective":")" + effective + R"("})");
    REQUIRE_MESSAGE(set.status == 200, set.body);
    CHECK(json_at(set.body, "/effective") == '"' + effective + '"');
  }
  CHECK(plan_after(id, "change-plan", R"({"plan_id":"big"})") == R"("pro" "big")");
  CHECK(plan_after(id, "upgrade-now", R"({"plan_id":"big"})") == R"("big" null)");
  CHECK(plan_after(id, "downgrade", R"({"plan_id":"pro"})") == R"("pro" null)");
  const auto patched = [&](const std::string& body) {
    const Response answer = call(Method::patch, "/v1/subscriptions/" + id, body);
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    return json_at(answer.body, "/plan_id") + " " + json_at(answer.body, "/scheduled_plan_id");
  };
  CHECK(patched(R"({"plan_id":"big"})") == R"("pro" "big")");
  CHECK(patched(R"({"plan_id":"big","at_period_end":false})") == R"("big" null)");
  CHECK(patched(R"({"plan_id":"pro","at_period_end":true})") == R"("big" "pro")");
}

TEST_CASE_FIXTURE(Changer, "one of an account's live subscriptions is primary: the one that was created first") {
  const std::string first = subscribed(), second = subscribed(), other = subscribed();
  const auto primary = [&] {
    const Response list = get("/v1/subscriptions?account_id=acme");
    std::string flags;
    for (const char* place : {"/data/2", "/data/1", "/data/0"}) {
      flags += json_at(list.body, std::string(place) + "/is_primary") == "true" ? '1' : '0';
      const std::string id = json_at(list.body, std::string(place) + "/id");
      CHECK(json_at(get("/v1/subscriptions/" + id.substr(1, id.size() - 2)).body, "/is_primary") ==
            json_at(list.body, std::string(place) + "/is_primary"));
    }
    return flags;
  };
  CHECK(primary() == "100");
  CHECK(json_at(act(second, "pause", "{}").body, "/is_primary") == "false");
  CHECK(json_at(act(first, "cancel", R"({"mode":"immediate"})").body, "/is_primary") == "false");
  CHECK(primary() == "010");
  CHECK(json_at(get("/v1/accounts/acme/subscription").body, "/id") == '"' + second + '"');
  CHECK(json_at(act(first, "reactivate", "{}").body, "/is_primary") == "true");
  CHECK(primary() == "100");
  REQUIRE(act(first, "cancel", R"({"mode":"immediate"})").status == 200);
  REQUIRE(act(second, "cancel", R"({"mode":"immediate"})").status == 200);
  CHECK(primary() == "001");
  REQUIRE(act(other, "cancel", R"({"mode":"immediate"})").status == 200);
  CHECK(primary() == "000");
}

TEST_CASE_FIXTURE(Changer, "CPN-07: a discount is given to a subscription and removed, and the next invoice shows it") {
  const std::string id = subscribed();
  REQUIRE(post("/v1/discounts", R"({"id":"half","name":"Half","kind":"percent","percent":"50","duration":"forever"})")
              .status == 201);
  REQUIRE(post("/v1/coupons", R"({"code":"HALF","discount_id":"half"})").status == 201);
  const std::string path = "/v1/subscriptions/" + id + "/discounts";
  const Response given = post(path, R"({"coupon":"half"})", {{"idempotency-key", "give"}});
  REQUIRE_MESSAGE(given.status == 200, given.body);
  CHECK(json_at(given.body, "/id") == '"' + id + '"');
  CHECK(json_at(given.body, "/discounts/0/code") == R"("HALF")");
  CHECK(post(path, R"({"coupon":"half"})", {{"idempotency-key", "give"}}).body == given.body);
  CHECK(json_at(get("/v1/accounts/acme/invoice-preview").body, "/invoice/total") == "500");
  CHECK(json_at(get("/v1/accounts/acme/invoice-preview").body, "/subscription_id") == '"' + id + '"');
  const std::string discount = json_at(given.body, "/discounts/0/id");
  const std::string own_path = path + "/" + discount.substr(1, discount.size() - 2);
  const Response removed = call(Method::del, own_path);
  REQUIRE_MESSAGE(removed.status == 200, removed.body);
  CHECK(json_at(removed.body, "/discounts") == "[]");
  CHECK(call(Method::del, own_path).status == 404);
  CHECK(call(Method::del, path + "/di_nothing").status == 404);
  CHECK(json_at(get("/v1/accounts/acme/invoice-preview").body, "/invoice/total") == "1000");
  CHECK(get("/v1/accounts/acme/timeline").body.find("Discount half removed") != std::string::npos);
  REQUIRE(post(path, R"({"discount_id":"half"})").status == 200);
  pass_days(31);
  REQUIRE(get("/v1/subscriptions/" + id).status == 200);
  CHECK(json_at(last_invoice(), "/data/0/total") == "500");
  REQUIRE(act(id, "cancel", R"({"mode":"immediate"})").status == 200);
  CHECK(json_at(get("/v1/accounts/acme/invoice-preview").body, "/invoice") == "null");
  CHECK(get("/v1/accounts/nobody/invoice-preview").status == 404);
}

TEST_CASE_FIXTURE(Changer, "INV-10: an account's next invoice is that of the subscription whose period ends first") {
  const std::string monthly = subscribed();
  pass_days(3);
  const std::string later = subscribed({}, "big");
  CHECK(json_at(get("/v1/accounts/acme/invoice-preview").body, "/subscription_id") == '"' + monthly + '"');
  pass_days(29);
  const std::string preview = get("/v1/accounts/acme/invoice-preview").body;
  CHECK(json_at(preview, "/subscription_id") == '"' + later + '"');
  CHECK(json_at(preview, "/invoice/total") == "3000");
  CHECK(json_at(preview, "/invoice") ==
        json_at(get("/v1/subscriptions/" + later + "/upcoming-invoice").body, "/invoice"));
  pass_days(3);
  REQUIRE(get("/v1/subscriptions/" + later).status == 200);
  CHECK(json_at(last_invoice(), "/data/0/total") == "3000");
}

TEST_CASE_FIXTURE(Changer, "CHG-02, CHG-04: a change is scheduled, seen, taken back, and comes with the period") {
  const std::string id = subscribed({}, "big");
  const Response answer = act(id, "schedule-change", R"({"plan_id":"pro"})");
  REQUIRE_MESSAGE(answer.status == 200, answer.body);
  CHECK(json_at(answer.body, "/plan_id") == R"("big")");
  CHECK(json_at(answer.body, "/scheduled_plan_id") == R"("pro")");
  CHECK(json_at(answer.body, "/scheduled_quantity") == "null");
  CHECK(json_at(answer.body, "/scheduled_change_at") == R"("2027-02-15T08:00:00Z")");
  const std::string path = "/v1/subscriptions/" + id + "/scheduled-change";
  const Response undone = call(Method::del, path);
  REQUIRE_MESSAGE(undone.status == 200, undone.body);
  CHECK(json_at(undone.body, "/scheduled_change_at") == "null");
  CHECK(call(Method::del, path).status == 404);
  REQUIRE(act(id, "downgrade", R"({"plan_id":"pro"})").status == 200);
  pass_days(31);
  CHECK(json_at(get("/v1/subscriptions/" + id).body, "/plan_id") == R"("pro")");
  CHECK(json_at(last_invoice(), "/data/0/total") == "1000");
  const Response history = get("/v1/subscriptions/" + id + "/history");
  CHECK(json_at(history.body, "/data/2/type") == R"("ScheduledPlanChangeCanceled")");
  CHECK(json_at(history.body, "/data/4/type") == R"("PlanChanged")");
  CHECK(json_at(history.body, "/data/4/actor") == R"("system:agenda")");
}

TEST_CASE_FIXTURE(Changer, "SUB-08, SUB-16: seats by a number or to one, and the members of the subscription") {
  const std::string id = subscribed(R"(,"quantity":2)", "seats");
  REQUIRE(act(id, "quantity", R"({"delta":2})").status == 200);
  CHECK(json_at(last_invoice(), "/data/0/total") == "1000");
  const Response fewer = act(id, "quantity", R"({"quantity":3,"effective":"period_end"})");
  REQUIRE_MESSAGE(fewer.status == 200, fewer.body);
  CHECK(json_at(fewer.body, "/quantity") == "4");
  CHECK(json_at(fewer.body, "/scheduled_quantity") == "3");
  CHECK(act(id, "quantity", R"({"delta":-4})").status == 422);
  CHECK(act(id, "quantity", R"({"delta":1,"quantity":9})").status == 422);
  const std::string before = head();
  const Response patched =
      call(Method::patch, "/v1/subscriptions/" + id, R"({"metadata":{"po":"18"},"quantity":5,"at_period_end":true})");
  REQUIRE_MESSAGE(patched.status == 200, patched.body);
  CHECK(json_at(patched.body, "/metadata/po") == R"("18")");
  CHECK(json_at(patched.body, "/scheduled_quantity") == "5");
  CHECK(head() != before);
  pass_days(31);
  CHECK(json_at(get("/v1/subscriptions/" + id).body, "/quantity") == "5");
}

TEST_CASE_FIXTURE(Changer, "CHG-03, CHG-14: what cannot be changed is refused with its code") {
  const std::string id = subscribed(R"(,"quantity":8)");
  const auto refusal = [&](const std::string& what, const std::string& body) {
    const Response answer = act(id, what, body);
    return std::to_string(answer.status) + " " + unquoted(json_at(answer.body, "/code"));
  };
  const std::string before = head();
  CHECK(refusal("change-plan", R"({"plan_id":"pro"})") == "409 no_change");
  CHECK(refusal("change-plan", R"({"plan_id":"none"})") == "404 not_found");
  CHECK(refusal("upgrade-now", R"({"plan_id":"big","effective":"period_end"})") == "422 validation_failed");
  CHECK(refusal("change-plan", R"({"plan_id":"big","interval":"week"})") == "422 price_not_available");
  CHECK(refusal("downgrade", R"({"plan_id":"seats"})") == "409 usage_above_target_limits");
  const Response limits = act(id, "downgrade", R"({"plan_id":"seats"})");
  CHECK(json_at(limits.body, "/metric") == R"("seats")");
  CHECK(json_at(limits.body, "/usage") == "8");
  CHECK(json_at(limits.body, "/limit") == "5");
  CHECK(head() == before);
  REQUIRE(call(Method::del, "/v1/plans/big").status == 200);
  CHECK(refusal("change-plan", R"({"plan_id":"big"})") == "422 plan_retired");
  REQUIRE(act(id, "cancel", R"({"mode":"immediate"})").status == 200);
  CHECK(refusal("quantity", R"({"quantity":2})") == "409 invalid_transition");
}

TEST_CASE_FIXTURE(Changer, "support changes with the period only, and an account's own keys what is its own") {
  const std::string id = subscribed(), theirs = subscribed({}, "pro", "other");
  const auto key = [&](const std::string& members) {
    return std::vector<Header>{{"authorization", "Bearer " + make_key(members)}};
  };
  const auto support = key(R"("role":"support_rep")"), auditor = key(R"("role":"auditor")");
  const auto own = key(R"("role":"api_key","account_id":"acme","scopes":["subscriptions:read","subscriptions:write"])");
  const auto status = [&](const std::string& subscription, const std::string& what, const std::string& body,
                          const std::vector<Header>& headers) {
    return post("/v1/subscriptions/" + subscription + "/" + what, body, headers).status;
  };
  CHECK(status(id, "upgrade-now", R"({"plan_id":"big"})", support) == 403);
  CHECK(status(id, "change-plan", R"({"plan_id":"big"})", support) == 403);
  CHECK(status(id, "quantity", R"({"delta":1})", support) == 403);
  CHECK(status(id, "schedule-change", R"({"plan_id":"big"})", support) == 200);
  CHECK(status(id, "upgrade-now", R"({"plan_id":"big"})", auditor) == 403);
  CHECK(status(theirs, "upgrade-now", R"({"plan_id":"big"})", own) == 404);
  CHECK(status(id, "upgrade-now", R"({"plan_id":"big"})", own) == 200);
}

TEST_CASE_FIXTURE(Changer, "a change is repeated by its key, and answered as it was") {
  const std::string id = subscribed();
  const std::vector<Header> keyed = {{"idempotency-key", "change-1"}};
  const Response first = post("/v1/subscriptions/" + id + "/upgrade-now", R"({"plan_id":"big"})", keyed);
  REQUIRE_MESSAGE(first.status == 200, first.body);
  const std::string before = head();
  const Response again = post("/v1/subscriptions/" + id + "/upgrade-now", R"({"plan_id":"big"})", keyed);
  CHECK(again.status == 200);
  CHECK(again.body == first.body);
  CHECK(head() == before);
  CHECK(post("/v1/subscriptions/" + id + "/upgrade-now", R"({"plan_id":"seats"})", keyed).status == 422);
}

TEST_CASE_FIXTURE(Changer, "CHG-06: a preview changes nothing, and the change at that instant bills exactly that") {
  const std::string id = subscribed();
  REQUIRE(post("/v1/credits", R"({"account_id":"acme","amount":100,"currency":"USD","type":"goodwill","reason":"r"})")
              .status == 201);
  pass_days(10);
  const std::string before = head();
  const Response preview = act(id, "preview-change", R"({"plan_id":"big"})");
  REQUIRE_MESSAGE(preview.status == 200, preview.body);
  CHECK(head() == before);
  CHECK(json_at(preview.body, "/subscription/plan_id") == R"("big")");
  CHECK(json_at(preview.body, "/credit") == "-677");
  CHECK(json_at(preview.body, "/charge") == "2032");
  CHECK(json_at(preview.body, "/tax") == "0");
  CHECK(json_at(preview.body, "/invoice/id") == R"("inv_dry_3")");
  CHECK(json_at(preview.body, "/invoice/number") == "null");
  CHECK(json_at(preview.body, "/next_invoice/at") == R"("2027-02-15T08:00:00Z")");
  CHECK(json_at(preview.body, "/next_invoice/invoice/total") == "3000");
  REQUIRE(act(id, "change-plan", R"({"plan_id":"big"})").status == 200);
  const std::string invoices = last_invoice();
  CHECK(json_at(preview.body, "/total") == json_at(invoices, "/data/0/total"));
  CHECK(json_at(preview.body, "/amount_due") == json_at(invoices, "/data/0/amount_due"));
  CHECK(json_at(preview.body, "/amount_due") == "1255");
  CHECK(json_at(act(id, "preview-change", R"({"plan_id":"big"})").body, "/code") == R"("no_change")");
  const Response waits =
      act(id, "preview-change", R"({"plan_id":"pro","effective":"now","proration_behavior":"next_invoice"})");
  CHECK(json_at(waits.body, "/invoice") == "null");
  CHECK(json_at(waits.body, "/credit") == "-2032");
  CHECK(json_at(waits.body, "/charge") == "677");
  CHECK(json_at(waits.body, "/next_invoice/invoice/lines/0/amount") == "-2032");
  CHECK(json_at(waits.body, "/next_invoice/invoice/credited") == "355");
  CHECK(act("sub_00000000010000000900", "preview-change", R"({"plan_id":"big"})").status == 404);
}

TEST_CASE_FIXTURE(Changer, "INV-10: the upcoming invoice is the later one, with what is scheduled and what waits") {
  const std::string id = subscribed();
  const std::string path = "/v1/subscriptions/" + id + "/upcoming-invoice";
  CHECK(json_at(get(path).body, "/invoice/total") == "1000");
  REQUIRE(act(id, "quantity", R"({"quantity":2,"proration_behavior":"next_invoice"})").status == 200);
  REQUIRE(act(id, "schedule-change", R"({"plan_id":"big"})").status == 200);
  const std::string before = head();
  const Response upcoming = get(path);
  REQUIRE_MESSAGE(upcoming.status == 200, upcoming.body);
  CHECK(head() == before);
  CHECK(json_at(upcoming.body, "/at") == R"("2027-02-15T08:00:00Z")");
  CHECK(json_at(upcoming.body, "/invoice/lines/0/amount") == "-1000");
  pass_days(31);
  REQUIRE(get("/v1/subscriptions/" + id).status == 200);  // its renewal is due
  const std::string invoices = last_invoice();
  for (const char* member : {"/total", "/subtotal", "/lines/2/amount", "/lines/2/plan_id", "/due_date"}) {
    CHECK(json_at(upcoming.body, std::string("/invoice") + member) ==
          json_at(invoices, std::string("/data/0") + member));
  }
  CHECK(json_at(invoices, "/data/0/lines/2/plan_id") == R"("big")");
  REQUIRE(act(id, "cancel").status == 200);
  CHECK(json_at(get(path).body, "/at") == "null");
  CHECK(json_at(get(path).body, "/invoice") == "null");
  const std::vector<Header> own = {
      {"authorization",
       "Bearer " + make_key(R"("role":"api_key","account_id":"other","scopes":["subscriptions:read"])")}};
  CHECK(get(path, own).status == 404);
}

TEST_CASE_FIXTURE(Changer, "EXP-01: an invoice is explained by what it was computed from and the events behind it") {
  const std::string id = subscribed();
  pass_days(10);
  REQUIRE(act(id, "upgrade-now", R"({"plan_id":"big"})").status == 200);
  const std::string invoice = unquoted(json_at(last_invoice(), "/data/0/id"));
  const Response answer = get("/v1/invoices/" + invoice + "/explain");
  REQUIRE_MESSAGE(answer.status == 200, answer.body);
  CHECK(json_at(answer.body, "/matches") == "true");
  CHECK(json_at(answer.body, "/lines/0/derivation") == R"("-(1000) x 1814400/2678400 = -677.419354..., rounded -677")");
  CHECK(json_at(answer.body, "/lines/1/derivation") ==
        R"("(1 x 3000) x 1814400/2678400 = 2032.258064..., rounded 2032")");
  CHECK(json_at(answer.body, "/lines/1/plan_version") == "1");
  CHECK(json_at(answer.body, "/lines/0/credits/billed") == "1000");
  CHECK(json_at(answer.body, "/subtotal") == "1355");
  CHECK(json_at(answer.body, "/total") == json_at(last_invoice(), "/data/0/total"));
  CHECK(json_at(answer.body, "/events/0/type") == R"("PlanChanged")");
  CHECK(json_at(answer.body, "/events/1/type") == R"("ProrationCalculated")");
  CHECK(json_at(answer.body, "/events/2/type") == R"("InvoiceDrafted")");
  CHECK(json_at(answer.body, "/events/3/type") == R"("InvoiceFinalized")");
  CHECK(json_at(answer.body, "/lines/0/events/0") == json_at(answer.body, "/events/0/id"));
  CHECK(json_at(answer.body, "/lines/0/events/2") == json_at(answer.body, "/events/2/id"));
  CHECK(json_at(answer.body, "/lines/0/events/3").empty());
  CHECK(get("/v1/events/" + unquoted(json_at(answer.body, "/events/2/id"))).status == 200);
  CHECK(get("/v1/invoices/inv_00000000010000009900/explain").status == 404);
}

TEST_CASE_FIXTURE(Changer, "EXP-01: a draft by hand is explained too, each line by the event that added it") {
  const Response made =
      post("/v1/invoices", R"({"account_id":"acme","lines":[{"description":"A","unit_amount":500}]})");
  const std::string path = "/v1/invoices/" + unquoted(json_at(made.body, "/id"));
  REQUIRE(post(path + "/lines", R"({"description":"B","unit_amount":"0.335","quantity":"1000"})").status == 200);
  const Response answer = get(path + "/explain");
  REQUIRE_MESSAGE(answer.status == 200, answer.body);
  CHECK(json_at(answer.body, "/lines/1/derivation") == R"("1000 x 0.335 = 335")");
  CHECK(json_at(answer.body, "/lines/0/events/0") == json_at(answer.body, "/events/0/id"));
  CHECK(json_at(answer.body, "/lines/1/events/0") == json_at(answer.body, "/events/1/id"));
  CHECK(json_at(answer.body, "/lines/1/events/1").empty());
  CHECK(json_at(answer.body, "/matches") == "true");
  CHECK(json_at(answer.body, "/number") == "null");
}

TEST_CASE_FIXTURE(Changer, "SUB-06: subscriptions are listed by the plan that they are on, whatever it was before") {
  const std::string mine = subscribed(), theirs = subscribed({}, "pro", "other");
  const std::string on_pro = ids("/v1/subscriptions?plan_id=pro");
  CHECK(on_pro.find(mine) != std::string::npos);
  CHECK(on_pro.find(theirs) != std::string::npos);
  CHECK(ids("/v1/subscriptions?plan_id=big") == "");
  CHECK(ids("/v1/subscriptions?plan_id=pro&account_id=acme") == mine);
  REQUIRE(act(mine, "change-plan", R"({"plan_id":"big","effective":"now"})").status == 200);
  CHECK(ids("/v1/subscriptions?plan_id=big") == mine);
  CHECK(ids("/v1/subscriptions?plan_id=pro") == theirs);
  CHECK(ids("/v1/subscriptions?plan_id=pro&account_id=acme") == "");
  CHECK(ids("/v1/subscriptions?plan_id=big&account_id=acme&status=active") == mine);
  CHECK(ids("/v1/subscriptions?plan_id=big&status=canceled") == "");
  CHECK(ids("/v1/subscriptions?status=active").size() == on_pro.size());
  CHECK(get("/v1/subscriptions?plan_id=big&starting_after=" + theirs).status == 422);
  CHECK(get("/v1/subscriptions?plan_id=%20").status == 422);
  REQUIRE(act(mine, "cancel", R"({"mode":"immediate"})").status == 200);
  CHECK(ids("/v1/subscriptions?plan_id=big&status=canceled") == mine);
  CHECK(ids("/v1/subscriptions?plan_id=big&status=active") == "");
}
