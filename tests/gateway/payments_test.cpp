// Payments over HTTP: what a request that charges is answered with, payments listed and read, and who may ask for them.
#include <doctest/doctest.h>

#include "tests/gateway/served.h"

namespace daybook::test {
namespace {

class Payer : public Served {
 public:
  explicit Payer(Gateway::Options options = dev_options()) : Served(std::move(options)) {
    REQUIRE(post("/v1/accounts", R"({"id":"acme","name":"Acme","email":"a@acme.test","currency":"USD"})").status ==
            201);
  }
  std::string attach(const std::string& token) {
    const Response response =
        post("/v1/accounts/acme/payment-methods", R"({"is_default":true,"token":")" + token + "\"}");
    REQUIRE_MESSAGE(response.status == 201, response.body);
    return unquoted(json_at(response.body, "/id"));
  }
  std::string draft(const std::string& collection = "automatic") {
    const Response response = post("/v1/invoices", R"({"account_id":"acme","collection":")" + collection +
                                                       R"(","lines":[{"description":"a","unit_amount":1900}]})");
    REQUIRE_MESSAGE(response.status == 201, response.body);
    return unquoted(json_at(response.body, "/id"));
  }
  Response finalize(const std::string& invoice, std::vector<Header> headers = {}) {
    return post("/v1/invoices/" + invoice + "/finalize", "{}", std::move(headers));
  }
};

}  // namespace

TEST_CASE_FIXTURE(Payer,
                  "PMT-01, PMT-04: finalising an invoice that is collected waits for the charge and shows it paid") {
  attach("tok_ok");
  const std::string invoice = draft();
  const Response finalized = finalize(invoice);
  CHECK(finalized.status == 200);
  CHECK(json_at(finalized.body, "/status") == R"("paid")");
  CHECK(json_at(finalized.body, "/amount_paid") == "1900");
  CHECK(json_at(finalized.body, "/amount_remaining") == "0");
  CHECK(json_at(finalized.body, "/payment_attempts") == "1");
  const std::string id = unquoted(json_at(finalized.body, "/payment_id"));
  const Response payment = get("/v1/payments/" + id);
  REQUIRE_MESSAGE(payment.status == 200, payment.body);
  CHECK(json_at(payment.body, "/status") == R"("succeeded")");
  CHECK(json_at(payment.body, "/invoice_id") == '"' + invoice + '"');
  CHECK(json_at(payment.body, "/provider") == R"("simulator")");
  CHECK(json_at(payment.body, "/attempts/0/payment_id") == '"' + id + '"');
  CHECK(header_of(payment, "ETag") == '"' + json_at(payment.body, "/version") + '"');
  CHECK(payment.body.find("tok_ok") == std::string::npos);
  const Response again = post("/v1/invoices/" + invoice + "/pay", "{}");
  CHECK(again.status == 409);
  CHECK(json_at(again.body, "/code") == R"("invalid_transition")");
  CHECK(simulator.counters().charges == 1);
}

TEST_CASE_FIXTURE(Payer, "PMT-05: a decline is a 402 with the resource, and each attempt stays to be read") {
  attach("tok_insufficient_funds");
  const std::string invoice = draft();
  const Response finalized = finalize(invoice);
  CHECK(finalized.status == 402);
  CHECK(json_at(finalized.body, "/object") == R"("invoice")");
  CHECK(json_at(finalized.body, "/status") == R"("open")");
  attach("tok_declined");
  const Response retried = post("/v1/payments/retry", R"({"invoice_id":")" + invoice + "\"}");
  CHECK(retried.status == 402);
  CHECK(json_at(retried.body, "/object") == R"("payment")");
  CHECK(json_at(retried.body, "/failure_code") == R"("card_declined")");
  CHECK(json_at(retried.body, "/attempt") == "2");
  attach("tok_ok");
  CHECK(post("/v1/accounts/acme/retry-payment", "{}").status == 201);
  const Response nothing = post("/v1/accounts/acme/retry-payment", "{}");
  CHECK(nothing.status == 409);
  CHECK(json_at(nothing.body, "/code") == R"("nothing_owed")");
  const Response failed = get("/v1/payments?invoice_id=" + invoice + "&status=failed");
  REQUIRE(failed.status == 200);
  CHECK(json_at(failed.body, "/data/0/attempt") == "2");
  CHECK(json_at(failed.body, "/data/1/failure_code") == R"("insufficient_funds")");
  CHECK(json_at(failed.body, "/data/1/failure_message") == R"("The card has insufficient funds.")");
  CHECK(json_at(failed.body, "/data/1/next_retry_at") == "null");
  CHECK(json_at(failed.body, "/data/2").empty());
  const std::string last = unquoted(json_at(get("/v1/payments?account_id=acme&limit=1").body, "/data/0/id"));
  CHECK(json_at(get("/v1/payments/" + last).body, "/attempts/2/status") == R"("succeeded")");
}

TEST_CASE_FIXTURE(Payer,
                  "PMT-09: a charge that waits for the customer is a 202, and its invoice is not touched meanwhile") {
  attach("tok_requires_action");
  const std::string invoice = draft();
  const Response finalized = finalize(invoice);
  CHECK(finalized.status == 202);
  const std::string id = unquoted(json_at(finalized.body, "/payment_id"));
  const Response payment = get("/v1/payments/" + id);
  CHECK(json_at(payment.body, "/status") == R"("requires_action")");
  CHECK(json_at(payment.body, "/action_url").starts_with(R"("https://simulator.invalid/)"));
  const Response voided = post("/v1/invoices/" + invoice + "/void", "{}");
  CHECK(voided.status == 409);
  CHECK(json_at(voided.body, "/code") == R"("payment_in_progress")");
  CHECK(json_at(voided.body, "/payment") == '"' + id + '"');
  const std::string line = R"([{"command":"RecordPaymentResult","params":{"payment_id":")" + id +
                           R"(","outcome":"succeeded","transaction_id":"seen at the bank"}}])";
  const Response recorded = post("/v1/commands", line);
  CHECK(json_at(recorded.body, "/0/status") == "200");
  CHECK(json_at(get("/v1/invoices/" + invoice).body, "/status") == R"("paid")");
}

TEST_CASE_FIXTURE(Payer,
                  "SUB-01: a subscription is created with its first invoice paid, declined or without a method") {
  const std::string plan =
      R"({"id":"pro","name":"Pro","prices":[{"currency":"USD","interval":"month","amount":1900}]})";
  REQUIRE(post("/v1/plans", plan).status == 201);
  const auto subscribe = [&] { return post("/v1/subscriptions", R"({"account_id":"acme","plan_id":"pro"})"); };
  CHECK(subscribe().status == 201);
  CHECK(json_at(get("/v1/payments").body, "/data/0/failure_code") == R"("no_payment_method")");
  attach("tok_declined");
  const Response declined = subscribe();
  CHECK(declined.status == 402);
  CHECK(json_at(declined.body, "/object") == R"("subscription")");
  attach("tok_ok");
  const Response created = subscribe();
  CHECK(created.status == 201);
  CHECK(json_at(created.body, "/status") == R"("active")");
  CHECK(json_at(get("/v1/invoices?status=paid").body, "/data/0/subscription_id") == json_at(created.body, "/id"));
}

TEST_CASE_FIXTURE(Payer, "a repeat is answered with what became of the charge, which is made once") {
  attach("tok_ok");
  const std::string invoice = draft();
  const Response first = finalize(invoice, {{"idempotency-key", "k"}});
  const Response repeat = finalize(invoice, {{"idempotency-key", "k"}});
  CHECK(first.status == 200);
  CHECK(repeat.status == 200);
  CHECK(header_of(repeat, "Idempotent-Replayed") == "true");
  CHECK(repeat.body == first.body);
  CHECK(simulator.counters().calls == 1);
}

TEST_CASE_FIXTURE(Payer, "a dry run ends at the intent, says what it awaits, and charges nothing") {
  attach("tok_ok");
  const std::string invoice = draft();
  const Response dry = post("/v1/invoices/" + invoice + "/finalize?dry_run=true", "{}");
  CHECK(dry.status == 200);
  CHECK(json_at(dry.body, "/awaits") == R"(["payment"])");
  CHECK(json_at(dry.body, "/resource/status") == R"("open")");
  CHECK(json_at(dry.body, "/resource/payment_id") == R"("pay_dry_2")");
  CHECK(dry.body.find("tok_ok") == std::string::npos);
  const Response other = post("/v1/accounts?dry_run=true", R"({"id":"b","name":"B","email":"b@b.test"})");
  CHECK(json_at(other.body, "/awaits") == "[]");
  CHECK(simulator.counters().calls == 0);
}

TEST_CASE("a request that prefers not to wait, or has waited long enough, is answered while the charge is under way") {
  Gateway::Options options = Served::dev_options();
  options.payment_wait = std::chrono::milliseconds(30);
  Payer payer(std::move(options));
  payer.attach("tok_ok");
  payer.collector->stop();
  const std::string first = payer.draft();
  SUBCASE("it has waited") {
    CHECK(payer.finalize(first).status == 202);
  }
  SUBCASE("it does not want to") {
    CHECK(payer.finalize(first, {{"prefer", "respond-async"}}).status == 202);
  }
  const Response second = payer.post("/v1/invoices/" + first + "/pay", "{}");
  CHECK(second.status == 409);
  CHECK(json_at(second.body, "/code") == R"("payment_in_progress")");
  CHECK(payer.simulator.counters().calls == 0);
}

TEST_CASE_FIXTURE(Payer, "PMT-07: who may not see an account sees none of its payments, and ids must be ids") {
  attach("tok_ok");
  const std::string id = unquoted(json_at(finalize(draft()).body, "/payment_id"));
  REQUIRE(post("/v1/accounts", R"({"id":"beta","name":"Beta","email":"b@b.test","currency":"USD"})").status == 201);
  const auto with = [](const std::string& key) { return std::vector<Header>{{"authorization", "Bearer " + key}}; };
  const std::string owner = make_key(R"("role":"account_owner","account_id":"acme")");
  const std::string other = make_key(R"("role":"account_owner","account_id":"beta")");
  CHECK(get("/v1/payments/" + id, with(owner)).status == 200);
  CHECK(get("/v1/payments/" + id, with(other)).status == 404);
  CHECK(json_at(get("/v1/payments", with(other)).body, "/data") == "[]");
  CHECK(get("/v1/payments?account_id=acme", with(other)).status == 404);
  CHECK(get("/v1/payments/pay_1").status == 404);
  CHECK(get("/v1/payments?invoice_id=1").status == 422);
  CHECK(get("/v1/payments?status=lost").status == 422);
  const std::string auditor = make_key(R"("role":"auditor")");
  CHECK(post("/v1/accounts/acme/retry-payment", "{}", with(auditor)).status == 403);
  const std::string line =
      R"([{"command":"RecordPaymentResult","params":{"payment_id":")" + id + R"(","outcome":"failed","code":"x"}}])";
  const std::string billing = make_key(R"("role":"billing_admin")");
  CHECK(json_at(post("/v1/commands", line, with(billing)).body, "/0/status") == "403");
}

TEST_CASE_FIXTURE(Payer, "PMT-03: of parallel calls one charges and the others are told that it is in progress") {
  attach("tok_ok");
  const std::string invoice = draft("manual");
  REQUIRE(finalize(invoice).status == 200);
  collector->stop();  // so that all of them come while the first is under way
  std::vector<int> statuses;
  for (int i = 0; i < 3; ++i) {
    statuses.push_back(post("/v1/invoices/" + invoice + "/pay", "{}", {{"prefer", "respond-async"}}).status);
  }
  CHECK(statuses == std::vector<int>{202, 409, 409});
}

TEST_CASE_FIXTURE(Payer, "PMT-10: money that came in without a provider pays in part, whole, or more than is owed") {
  const std::string invoice = draft("manual");
  REQUIRE(finalize(invoice).status == 200);
  const auto receive = [&](const std::string& members) {
    return post("/v1/payments/offline", R"({"invoice_id":")" + invoice + "\"," + members + "}");
  };
  const Response part =
      receive(R"("amount":1000,"method":"check","reference":"Cheque 17","received_at":"2026-12-31T00:00:00Z")");
  REQUIRE_MESSAGE(part.status == 201, part.body);
  CHECK(json_at(part.body, "/status") == R"("succeeded")");
  CHECK(json_at(part.body, "/provider") == R"("offline")");
  CHECK(json_at(part.body, "/offline/method") == R"("check")");
  CHECK(json_at(part.body, "/offline/reference") == R"("Cheque 17")");
  CHECK(json_at(part.body, "/offline/received_at") == R"("2026-12-31T00:00:00Z")");
  CHECK(json_at(part.body, "/offline/credit_id") == "null");
  CHECK(json_at(get("/v1/invoices/" + invoice).body, "/amount_remaining") == "900");
  const Response dry = post("/v1/payments/offline?dry_run=true", R"({"invoice_id":")" + invoice + R"(","amount":900})");
  CHECK(json_at(dry.body, "/events/1/type") == R"("InvoicePaid")");
  CHECK(json_at(dry.body, "/awaits") == "[]");
  const Response more = receive(R"("amount":1100)");
  REQUIRE_MESSAGE(more.status == 201, more.body);
  CHECK(json_at(more.body, "/offline/credit_amount") == "200");
  CHECK(json_at(get("/v1/invoices/" + invoice).body, "/status") == R"("paid")");
  const Response credit = get("/v1/credits/" + unquoted(json_at(more.body, "/offline/credit_id")));
  CHECK(json_at(credit.body, "/type") == R"("overpayment")");
  CHECK(json_at(credit.body, "/amount") == "200");
  CHECK(receive(R"("amount":1)").status == 409);
  CHECK(receive(R"("amount":1,"method":"gold")").status == 422);
  const std::string listed = get("/v1/payments?invoice_id=" + invoice).body;
  CHECK(json_at(listed, "/data/1/offline/method") == R"("check")");
  const std::string payment = unquoted(json_at(part.body, "/id"));
  CHECK(post("/v1/refunds", R"({"payment_id":")" + payment + "\"}").status == 422);
  CHECK(post("/v1/refunds", R"({"payment_id":")" + payment + R"(","destination":"credit"})").status == 201);
  const std::string owner = make_key(R"("role":"account_owner","account_id":"acme")");
  CHECK(call(Method::post, "/v1/payments/offline", R"({"invoice_id":")" + invoice + R"(","amount":1})",
             {{"authorization", "Bearer " + owner}})
            .status == 403);
}

}  // namespace daybook::test
