// Refunds and disputes over HTTP: what a request is answered with, lists, and who may ask for them.
#include <doctest/doctest.h>

#include "connectors/provider_event_follower.h"
#include "connectors/stripe_messages.h"
#include "tests/gateway/served.h"

namespace daybook::test {
namespace {

Gateway::Options told_options() {
  Gateway::Options options = Served::dev_options();
  // The time of StandingClock.
  options.read_webhook = [provider = std::make_shared<SimulatedProvider>()](std::string_view,
                                                                            const Request& request) -> ProviderMessage {
    return read_signed(*provider, request.header(stripe_signature_header), request.body,
                       Instant{1'800'000'000'000'000});
  };
  return options;
}

class Refunder : public Served {
 public:
  Refunder() : Served(told_options()) {
    ProviderEventFollower::Options options;
    options.engine = engine.get();
    options.provider = [this](std::string_view) { return &simulator; };
    follower = std::make_unique<ProviderEventFollower>(std::move(options));
    follower->start();
    open("acme", "tok_ok");
  }

  void open(const std::string& account, const std::string& token) {
    const Response opened =
        post("/v1/accounts", R"({"id":")" + account + R"(","name":"Acme","email":"a@acme.test","currency":"USD",)" +
                                 R"("payment_method_token":")" + token + "\"}");
    REQUIRE_MESSAGE(opened.status == 201, opened.body);
  }
  /// The payment of an invoice of 19.00.
  std::string paid(const std::string& account = "acme") {
    const Response drafted =
        post("/v1/invoices", R"({"account_id":")" + account + R"(","collection":"automatic","lines":)" +
                                 R"([{"description":"a","unit_amount":1900}]})");
    REQUIRE_MESSAGE(drafted.status == 201, drafted.body);
    const std::string invoice = unquoted(json_at(drafted.body, "/id"));
    const Response finalized = post("/v1/invoices/" + invoice + "/finalize", "{}");
    REQUIRE_MESSAGE(finalized.status == 200, finalized.body);
    return unquoted(json_at(finalized.body, "/payment_id"));
  }
  Response refund(const std::string& payment, const std::string& members = "", std::vector<Header> headers = {}) {
    return post("/v1/refunds", R"({"payment_id":")" + payment + '"' + (members.empty() ? "" : "," + members) + "}",
                std::move(headers));
  }

  std::unique_ptr<ProviderEventFollower> follower;
};

std::string status_in(const Response& response) {
  return unquoted(json_at(response.body, "/status"));
}

}  // namespace

TEST_CASE_FIXTURE(Refunder, "REF-01: a refund waits for its provider and is 201 with its credit note") {
  const std::string payment = paid();
  const Response refunded = refund(payment, R"("amount":900,"reason":"service_issue")");
  REQUIRE_MESSAGE(refunded.status == 201, refunded.body);
  CHECK(status_in(refunded) == "succeeded");
  CHECK(json_at(refunded.body, "/amount") == "900");
  CHECK(json_at(refunded.body, "/reason") == R"("service_issue")");
  CHECK(header_of(refunded, "ETag") == '"' + json_at(refunded.body, "/version") + '"');
  const std::string id = unquoted(json_at(refunded.body, "/id"));
  const std::string note = unquoted(json_at(refunded.body, "/credit_note_id"));
  const Response credited = get("/v1/credit-notes/" + note);
  CHECK(json_at(credited.body, "/refund_id") == '"' + id + '"');
  CHECK(json_at(credited.body, "/refund_amount") == "900");
  CHECK(get("/v1/refunds/" + id).body == refunded.body);
  const Response shown = get("/v1/payments/" + payment);
  CHECK(status_in(shown) == "partially_refunded");
  CHECK(json_at(shown.body, "/refunded_amount") == "900");
  CHECK(json_at(shown.body, "/refundable_amount") == "1000");
  CHECK(json_at(shown.body, "/refunds/0/refund_id") == '"' + id + '"');
  CHECK(json_at(shown.body, "/attempts/0/status") == R"("succeeded")");
  const Response more = refund(payment, R"("amount":1001)");
  CHECK(more.status == 422);
  CHECK(json_at(more.body, "/code") == R"("refund_exceeds_payment")");
  CHECK(json_at(more.body, "/remaining") == "1000");
  CHECK(simulator.counters().refunds == 1);
}

TEST_CASE_FIXTURE(Refunder, "REF-02: a refund that fails, or that is decided later") {
  open("fails", "tok_refund_failed");
  const Response failed = refund(paid("fails"));
  CHECK(failed.status == 201);
  CHECK(status_in(failed) == "failed");
  CHECK(json_at(failed.body, "/failure_code") == R"("expired_or_canceled_card")");
  open("waits", "tok_refund_pending");
  const std::string payment = paid("waits");
  const Response pending = refund(payment, "", {{"prefer", "respond-async"}});
  CHECK(pending.status == 202);
  CHECK(status_in(pending) == "pending");
  REQUIRE(collector->wait_answered(std::chrono::seconds(60)));
  CHECK(status_in(get("/v1/refunds/" + unquoted(json_at(pending.body, "/id")))) == "succeeded");
  CHECK(status_in(get("/v1/payments/" + payment)) == "refunded");
}

TEST_CASE_FIXTURE(Refunder, "a repeat is answered with what became of the refund, which is made once") {
  const std::string payment = paid();
  const Response first = refund(payment, R"("amount":100)", {{"idempotency-key", "once"}});
  const Response again = refund(payment, R"("amount":100)", {{"idempotency-key", "once"}});
  CHECK(first.status == 201);
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  CHECK(header_of(again, "Idempotent-Replayed") == "true");
  CHECK(refund(payment, R"("amount":101)", {{"idempotency-key", "once"}}).status == 422);
  CHECK(simulator.counters().refunds == 1);
}

TEST_CASE_FIXTURE(Refunder, "REF-04: a refund to credit, and a dry run that asks nobody") {
  const std::string payment = paid();
  const Response dry = post("/v1/refunds?dry_run=true", R"({"payment_id":")" + payment + "\"}");
  CHECK(dry.status == 200);
  CHECK(json_at(dry.body, "/awaits/0") == R"("refund")");
  CHECK(json_at(dry.body, "/resource/status") == R"("pending")");
  const Response credit = refund(payment, R"("destination":"credit","reason":"other","description":"Sorry")");
  CHECK(credit.status == 201);
  CHECK(json_at(credit.body, "/destination") == R"("credit")");
  CHECK(json_at(credit.body, "/description") == R"("Sorry")");
  const Response issued = get("/v1/credits/" + unquoted(json_at(credit.body, "/credit_id")));
  CHECK(json_at(issued.body, "/type") == R"("refund")");
  CHECK(json_at(issued.body, "/amount") == "1900");
  CHECK(simulator.counters().refunds == 0);
}

TEST_CASE_FIXTURE(Refunder, "REF-05: members that are not what they must be") {
  const std::string payment = paid();
  for (const char* members :
       {R"("reason":"because")", R"("reason":"other")", R"("destination":"cash")", R"("amount":0)", R"("amount":-1)"}) {
    CAPTURE(members);
    CHECK(refund(payment, members).status == 422);
  }
  CHECK(refund(payment, R"("amount":1.5)").status == 400);
  CHECK(post("/v1/refunds", "{}").status == 422);
  CHECK(refund("pay_00000000010000009900").status == 404);
  CHECK(refund("inv_00000000010000000400").status == 422);
  CHECK(get("/v1/refunds/pay_00000000010000000400").status == 404);
  CHECK(get("/v1/disputes/re_00000000010000000400").status == 404);
}

TEST_CASE_FIXTURE(Refunder, "REF-03: lists by payment, invoice, account and status") {
  open("other", "tok_ok");
  const std::string first = paid(), second = paid(), third = paid("other");
  for (const std::string& payment : {first, first, second, third}) {
    REQUIRE(refund(payment, R"("amount":100)").status == 201);
  }
  const auto count = [&](const std::string& query) {
    const Response response = get("/v1/refunds" + query);
    REQUIRE_MESSAGE(response.status == 200, response.body);
    std::size_t rows = 0;
    while (!json_at(response.body, "/data/" + std::to_string(rows)).empty()) ++rows;
    return rows;
  };
  CHECK(count("") == 4);
  CHECK(count("?payment_id=" + first) == 2);
  CHECK(count("?account_id=acme") == 3);
  CHECK(count("?account_id=other&status=succeeded") == 1);
  CHECK(count("?status=pending") == 0);
  const std::string invoice = unquoted(json_at(get("/v1/payments/" + second).body, "/invoice_id"));
  CHECK(count("?invoice_id=" + invoice) == 1);
  CHECK(count("?limit=1") == 1);
  CHECK(get("/v1/refunds?status=gone").status == 422);
  CHECK(get("/v1/disputes?payment_id=" + invoice).status == 422);
}

TEST_CASE_FIXTURE(Refunder, "REF-07: a dispute of the provider's finds its payment by the charge, and is listed") {
  const std::string payment = paid();
  const std::string charge = unquoted(json_at(get("/v1/payments/" + payment).body, "/provider_transaction_id"));
  const auto told = [&](const std::string& id, const std::string& type, const std::string& status) {
    const Instant now = clock.now();
    const StripeToldDispute dispute{"dp_1", charge, 1'900, "USD", "fraudulent", status};
    const std::string body = stripe_message(id, type, dispute, now);
    REQUIRE(call(Method::post, "/v1/webhooks/stripe", body,
                 {{"authorization", ""}, {"stripe-signature", sign_as_stripe(body, simulated_webhook_secret, now)}})
                .status == 200);
    REQUIRE(follower->wait_processed(std::chrono::seconds(60)));
  };
  told("evt_1", "charge.dispute.created", "needs_response");
  const Response open = get("/v1/disputes?payment_id=" + payment);
  CHECK(json_at(open.body, "/data/0/status") == R"("open")");
  CHECK(json_at(open.body, "/data/0/reason") == R"("fraudulent")");
  const std::string id = unquoted(json_at(open.body, "/data/0/id"));
  const Response shown = get("/v1/payments/" + payment);
  CHECK(status_in(shown) == "disputed");
  CHECK(json_at(shown.body, "/dispute_id") == '"' + id + '"');
  CHECK(refund(payment).status == 409);
  told("evt_2", "charge.dispute.closed", "lost");
  CHECK(status_in(get("/v1/disputes/" + id)) == "lost");
  CHECK(status_in(get("/v1/payments/" + payment)) == "refunded");
  CHECK(json_at(get("/v1/disputes?status=open").body, "/data/0").empty());
}

TEST_CASE_FIXTURE(Refunder, "who may refund, and who may see it") {
  const std::string payment = paid();
  const std::string id = unquoted(json_at(refund(payment, R"("amount":100)").body, "/id"));
  const auto as = [&](const std::string& key, Method method, const std::string& path, const std::string& body = "") {
    return call(method, path, body, {{"authorization", "Bearer " + key}}).status;
  };
  const std::string body = R"({"payment_id":")" + payment + R"(","amount":1})";
  CHECK(as(make_key(R"("role":"billing_admin")"), Method::post, "/v1/refunds", body) == 201);
  for (const char* role : {"support_rep", "auditor"}) {
    CAPTURE(role);
    const std::string key = make_key(R"("role":")" + std::string(role) + "\"");
    CHECK(as(key, Method::post, "/v1/refunds", body) == 403);
    CHECK(as(key, Method::get, "/v1/refunds/" + id) == 200);
    CHECK(as(key, Method::get, "/v1/disputes") == 200);
  }
  open("other", "tok_ok");
  const std::string stranger = make_key(R"("role":"account_owner","account_id":"other")");
  CHECK(as(stranger, Method::get, "/v1/refunds/" + id) == 404);
  CHECK(as(stranger, Method::get, "/v1/refunds?account_id=acme") == 404);
  CHECK(as(stranger, Method::get, "/v1/refunds") == 200);
  CHECK(as(stranger, Method::post, "/v1/refunds", body) == 403);
  CHECK(as(stranger, Method::get, "/v1/disputes") == 403);
}

}  // namespace daybook::test
