// Subscriptions and accounts that are past due, what was written off and is paid late, and the current subscription as
// one composite, over HTTP.
#include "tests/gateway/seller.h"

using namespace daybook;
using namespace daybook::test;

namespace {

struct Debtor : Seller {
  std::string attach(const std::string& token) {
    const Response response =
        post("/v1/accounts/acme/payment-methods", R"({"is_default":true,"token":")" + token + "\"}");
    REQUIRE_MESSAGE(response.status == 201, response.body);
    return unquoted(json_at(response.body, "/id"));
  }
  std::string member(const std::string& id, const std::string& pointer) {
    return json_at(get("/v1/subscriptions/" + id).body, pointer);
  }
  std::string payment_status() { return unquoted(json_at(get("/v1/accounts/acme").body, "/payment_status")); }
  std::string newest_invoice(const std::string& id) {
    return unquoted(json_at(get("/v1/invoices?limit=1&subscription_id=" + id).body, "/data/0/id"));
  }
  /// A charge that is under way fails, if its result is not there already.
  void decline(const std::string& invoice) {
    const std::string payment = unquoted(json_at(get("/v1/invoices/" + invoice).body, "/payment_id"));
    const Response recorded = post("/v1/commands", R"([{"command":"RecordPaymentResult","params":{"payment_id":")" +
                                                       payment + R"(","outcome":"failed","code":"card_declined"}}])");
    REQUIRE(json_at(recorded.body, "/0/status") == "200");
  }
};

}  // namespace

TEST_CASE_FIXTURE(Debtor,
                  "SUB-17, ACC-07: a declined renewal is past due with both dates, and paid it is active again") {
  CHECK(payment_status() == "none");
  const std::string id = subscribed(R"(,"payment_method":"tok_ok")");
  CHECK(member(id, "/status") == R"("active")");
  CHECK(member(id, "/dunning_until") == "null");
  CHECK(payment_status() == "current");
  attach("tok_declined");
  pass_days(31);
  REQUIRE(get("/v1/subscriptions/" + id).status == 200);  // what is due has happened then
  const std::string invoice = newest_invoice(id);
  decline(invoice);
  CHECK(member(id, "/status") == R"("past_due")");
  CHECK(member(id, "/grace_period_end") == R"("2027-02-19T08:00:00Z")");
  CHECK(member(id, "/dunning_until") == R"("2027-03-18T08:00:00Z")");
  CHECK(payment_status() == "past_due");
  CHECK(json_at(get("/v1/accounts/acme").body, "/status") == R"("active")");
  CHECK(ids("/v1/accounts?payment_status=past_due") == "acme");
  CHECK(ids("/v1/accounts?payment_status=past_due&status=active") == "acme");
  CHECK(ids("/v1/accounts?payment_status=none") == "other");
  CHECK(ids("/v1/accounts?payment_status=overdue").empty());
  CHECK(json_at(get("/v1/accounts?payment_status=past_due").body, "/data/0/payment_status") == R"("past_due")");
  CHECK(ids("/v1/subscriptions?status=past_due") == id);
  CHECK(ids("/v1/subscriptions?status=active").empty());
  CHECK(json_at(act(id, "pause").body, "/code") == R"("invalid_transition")");
  CHECK(json_at(act(id, "quantity", R"({"delta":1})").body, "/code") == R"("settle_first")");
  const Response current = get("/v1/accounts/acme/subscription");
  CHECK(json_at(current.body, "/is_primary") == "true");
  CHECK(json_at(current.body, "/dunning/stage") == R"("grace")");

  clock.now_us += 5 * micros_per_day;
  const Response late = get("/v1/accounts/acme/subscription");
  CHECK(json_at(late.body, "/dunning/stage") == R"("retry")");
  CHECK(json_at(late.body, "/dunning/since") == R"("2027-02-15T08:00:00Z")");
  attach("tok_ok");
  REQUIRE(post("/v1/invoices/" + invoice + "/pay", "{}").status == 201);
  CHECK(member(id, "/status") == R"("active")");
  CHECK(member(id, "/grace_period_end") == "null");
  CHECK(member(id, "/dunning_until") == "null");
  CHECK(payment_status() == "current");
  CHECK(ids("/v1/accounts?payment_status=past_due").empty());
  CHECK(ids("/v1/accounts?payment_status=current") == "acme");
  CHECK(json_at(get("/v1/accounts/acme/subscription").body, "/dunning") == "null");

  const std::string history = get("/v1/subscriptions/" + id + "/history").body;
  CHECK(json_at(history, "/data/0/from_status") == "null");
  CHECK(json_at(history, "/data/0/to_plan_id") == R"("pro")");
  CHECK(json_at(history, "/data/0/to_quantity") == "1");
  CHECK(json_at(history, "/data/1/type") == R"("SubscriptionBecamePastDue")");
  CHECK(json_at(history, "/data/1/from_status") == R"("active")");
  CHECK(json_at(history, "/data/1/to_status") == R"("past_due")");
  CHECK(json_at(history, "/data/1/to_plan_id") == "null");
  CHECK(json_at(history, "/data/2/type") == R"("SubscriptionRecovered")");
  CHECK(json_at(history, "/data/2/to_status") == R"("active")");
  CHECK(json_at(history, "/data/3").empty());
}

TEST_CASE_FIXTURE(Debtor, "INV-04: what was written off is collected late, and paid then") {
  attach("tok_ok");
  const std::string id = subscribed();
  const Response drafted =
      post("/v1/invoices", R"({"account_id":"acme","lines":[{"description":"a","unit_amount":1900}]})");
  const std::string invoice = unquoted(json_at(drafted.body, "/id"));
  REQUIRE(post("/v1/invoices/" + invoice + "/finalize", "{}").status == 200);
  REQUIRE(post("/v1/invoices/" + invoice + "/mark-uncollectible", R"({"reason":"gone"})").status == 200);
  const auto balance_of = [&](const std::string& number) {
    const std::string body = get("/v1/ledger/trial-balance").body;
    for (int row = 0; row < 20; ++row) {
      const std::string at = "/currencies/0/accounts/" + std::to_string(row);
      if (json_at(body, at + "/number") == number)
        return json_at(body, at + "/debit") + " " + json_at(body, at + "/credit");
    }
    return std::string("none");
  };
  CHECK(balance_of("5300") == "1900 0");
  const Response dry = post("/v1/invoices/" + invoice + "/pay?dry_run=true", "{}");
  CHECK(json_at(dry.body, "/awaits") == R"(["payment"])");
  REQUIRE(post("/v1/invoices/" + invoice + "/pay", "{}").status == 201);
  const std::string paid = get("/v1/invoices/" + invoice).body;
  CHECK(json_at(paid, "/status") == R"("paid")");
  CHECK(json_at(paid, "/amount_paid") == "1900");
  CHECK(json_at(paid, "/amount_remaining") == "0");
  CHECK(json_at(paid, "/uncollectible_at") != "null");
  CHECK(ids("/v1/invoices?status=uncollectible").empty());
  CHECK(post("/v1/invoices/" + invoice + "/pay", "{}").status == 409);
  CHECK(balance_of("5300") == "1900 1900");
  const Response balance = get("/v1/accounts/acme/balance");
  CHECK(json_at(balance.body, "/balances/0/receivable") == "0");
}

TEST_CASE_FIXTURE(Debtor, "SUB-01: a subscription is paid by the token or the method that it is created with") {
  const Response created = subscribe(R"(,"payment_method":"tok_ok")");
  REQUIRE_MESSAGE(created.status == 201, created.body);
  CHECK(json_at(created.body, "/status") == R"("active")");
  CHECK(json_at(get("/v1/invoices?account_id=acme").body, "/data/0/status") == R"("paid")");
  const std::string account = get("/v1/accounts/acme").body;
  const std::string good = unquoted(json_at(account, "/default_payment_method"));
  CHECK(json_at(account, "/payment_methods/0/last4") == R"("4242")");
  CHECK(get("/v1/events?limit=100").body.find("tok_ok") == std::string::npos);
  attach("tok_declined");
  const Response again = subscribe(R"(,"payment_method":")" + good + '"');
  REQUIRE_MESSAGE(again.status == 201, again.body);
  CHECK(json_at(get("/v1/accounts/acme").body, "/default_payment_method") == '"' + good + '"');
  const Response declined = subscribe(R"(,"payment_method":"tok_declined")");
  CHECK(declined.status == 402);
  CHECK(json_at(declined.body, "/status") == R"("past_due")");

  const auto refusal = [&](const std::string& method) {
    const Response refused = subscribe(R"(,"payment_method":")" + method + '"');
    return std::to_string(refused.status) + " " + unquoted(json_at(refused.body, "/code")) + " " +
           unquoted(json_at(refused.body, "/errors/0/pointer"));
  };
  const std::string before = ids("/v1/subscriptions");
  CHECK(refusal("tok_nobody") == "422 payment_method_refused /payment_method");
  CHECK(refusal("4242424242424242") == "422 raw_card_refused /payment_method");
  CHECK(refusal("pm_00000000010000000100") == "422 validation_failed /payment_method");
  CHECK(ids("/v1/subscriptions") == before);
  const std::vector<Header> narrow = {
      {"authorization",
       "Bearer " +
           make_key(R"("role":"api_key","account_id":"acme","scopes":["subscriptions:read","subscriptions:write"])")}};
  const std::string body = R"({"account_id":"acme","plan_id":"pro","payment_method":"tok_ok"})";
  CHECK(post("/v1/subscriptions", body, narrow).status == 403);
  const Response trial = subscribe(R"(,"payment_method":"tok_wallet")", "try");
  REQUIRE(trial.status == 201);
  CHECK(json_at(get("/v1/accounts/acme/payment-methods").body, "/data/0/type") == R"("wallet")");
  CHECK(json_at(get("/v1/accounts/acme/payment-methods").body, "/data/0/is_default") == "true");
}

TEST_CASE_FIXTURE(Debtor,
                  "SUB-08: a coupon is redeemed with a change, whose invoice has its discount, and without one") {
  REQUIRE(post("/v1/discounts", R"({"id":"half","name":"Half","percent":50,"duration":"forever"})").status == 201);
  REQUIRE(post("/v1/coupons", R"({"code":"half","discount_id":"half","max_per_account":null})").status == 201);
  REQUIRE(post("/v1/plans", R"({"id":"big","name":"Big","prices":[{"currency":"USD","amount":3000}]})").status == 201);
  const std::string id = subscribed();
  const auto patch = [&](const std::string& body, const std::string& query = {}) {
    return call(Method::patch, "/v1/subscriptions/" + id + query, body);
  };
  const Response preview = act(id, "preview-change", R"({"plan_id":"big","coupon":"half"})");
  REQUIRE_MESSAGE(preview.status == 200, preview.body);
  CHECK(json_at(preview.body, "/subscription/discounts/0/code") == R"("HALF")");
  CHECK(json_at(preview.body, "/total") == "500");  // half of 3,000 less the 1,000 that were billed
  const Response dry = patch(R"({"coupon":"half"})", "?dry_run=true");
  CHECK(json_at(dry.body, "/resource/discounts/0/discount_id") == R"("half")");
  CHECK(json_at(patch(R"({"coupon":"none"})").body, "/code") == R"("coupon_invalid")");
  CHECK(member(id, "/discounts") == "[]");
  const Response changed = patch(R"({"plan_id":"big","coupon":"half","user_id":"u1"})");
  REQUIRE_MESSAGE(changed.status == 200, changed.body);
  CHECK(json_at(changed.body, "/discounts/0/discount_id") == R"("half")");
  CHECK(json_at(get("/v1/invoices/" + newest_invoice(id)).body, "/total") == "500");
  CHECK(json_at(get("/v1/coupons/half").body, "/redemptions") == "1");
  const std::string other = subscribed({}, "pro", "other");
  const Response alone = call(Method::patch, "/v1/subscriptions/" + other, R"({"coupon":"half","metadata":{"a":1}})");
  REQUIRE_MESSAGE(alone.status == 200, alone.body);
  CHECK(json_at(alone.body, "/discounts/0/code") == R"("HALF")");
  CHECK(json_at(alone.body, "/metadata/a") == "1");
}

TEST_CASE_FIXTURE(Debtor, "SUB-07: the current subscription is one composite of seven blocks") {
  CHECK(json_at(get("/v1/accounts/acme/subscription").body, "/code") == R"("no_subscription")");
  const std::string id = subscribed(R"(,"quantity":2,"payment_method":"tok_ok")", "try");
  const Response response = get("/v1/accounts/acme/subscription");
  REQUIRE(response.status == 200);
  CHECK(header_of(response, "ETag").empty());
  const std::string& body = response.body;
  CHECK(json_at(body, "/id") == '"' + id + '"');
  CHECK(json_at(body, "/status") == R"("trialing")");
  CHECK(json_at(body, "/plan/id") == R"("try")");
  CHECK(json_at(body, "/plan/name") == R"("Try")");
  CHECK(json_at(body, "/plan/version") == "1");
  CHECK(json_at(body, "/plan/quantity") == "2");
  CHECK(json_at(body, "/plan/price/amount") == "500");
  CHECK(json_at(body, "/provider/name") == R"("simulator")");
  CHECK(json_at(body, "/provider/payment_method/last4") == R"("4242")");
  CHECK(json_at(body, "/trial/in_trial") == "true");
  CHECK(json_at(body, "/trial/end") == json_at(body, "/trial_end"));
  CHECK(json_at(body, "/usage") == "[]");
  CHECK(json_at(body, "/pending_change") == "null");
  CHECK(json_at(body, "/dunning") == "null");
  REQUIRE(act(id, "schedule-change", R"({"plan_id":"pro","quantity":3})").status == 200);
  const std::string changes = get("/v1/accounts/acme/subscription").body;
  CHECK(json_at(changes, "/pending_change/type") == R"("plan_change")");
  CHECK(json_at(changes, "/pending_change/plan_name") == R"("Pro")");
  CHECK(json_at(changes, "/pending_change/quantity") == "3");
  CHECK(json_at(changes, "/pending_change/at") == json_at(body, "/trial_end"));
  REQUIRE(act(id, "cancel").status == 200);
  const std::string ends = get("/v1/accounts/acme/subscription").body;
  CHECK(json_at(ends, "/pending_change/type") == R"("cancellation")");
  CHECK(json_at(ends, "/pending_change/plan_id") == "null");
  const std::string past = get("/v1/accounts/acme/subscription?as_of=2027-01-15T08:00:00Z").body;
  CHECK(json_at(past, "/plan/id") == R"("try")");
}
