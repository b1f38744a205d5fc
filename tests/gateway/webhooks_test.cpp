// What providers post over HTTP: believed by its signature alone, received once, and repeated in no answer, event or
// log.
#include <doctest/doctest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

#include "connectors/simulated_provider.h"
#include "gateway/field_rule.h"
#include "tests/gateway/served.h"

namespace daybook::test {
namespace {

Gateway::Options posting_options(bool log_requests = false) {
  Gateway::Options options = Served::dev_options();
  options.log_requests = log_requests;
  // The time of StandingClock.
  options.read_webhook = [provider = std::make_shared<SimulatedProvider>()](std::string_view name,
                                                                            const Request& request) -> ProviderMessage {
    if (name != stripe_name) return {};
    return read_signed(*provider, request.header(stripe_signature_header), request.body,
                       Instant{1'800'000'000'000'000});
  };
  return options;
}

class Provider : public Served {
 public:
  explicit Provider(Gateway::Options options = posting_options()) : Served(std::move(options)) {
    REQUIRE(post("/v1/accounts", R"({"id":"acme","name":"Acme","email":"a@acme.test","currency":"USD"})").status ==
            201);
  }
  std::string owe() {
    REQUIRE(post("/v1/accounts/acme/payment-methods", R"({"token":"tok_requires_action"})").status == 201);
    const Response draft = post("/v1/invoices", R"({"account_id":"acme","collection":"automatic",)"
                                                R"("lines":[{"description":"a","unit_amount":1900}]})");
    const Response finalized = post("/v1/invoices/" + unquoted(json_at(draft.body, "/id")) + "/finalize", "{}");
    return unquoted(json_at(finalized.body, "/payment_id"));
  }
  std::string message(const std::string& id, const std::string& payment = {}) const {
    StripeCharge charge;
    charge.payment = payment;
    charge.transaction_id = "pi_hidden";
    charge.amount = 1'900;
    charge.currency = "USD";
    return stripe_message(id, "payment_intent.succeeded", charge, Instant{0});
  }
  /// As the provider does: without a key.
  Response send(const std::string& body, const std::string& signature, const std::string& provider = "stripe") {
    return call(Method::post, "/v1/webhooks/" + provider, body,
                {{"authorization", ""}, {"stripe-signature", signature}});
  }
  Response send(const std::string& body) {
    return send(body, sign_as_stripe(body, simulated_webhook_secret, clock.now()));
  }
  Position head() const { return engine->committed("default").position; }
  bool counts(std::string_view outcome) {
    return metrics.text().find("webhooks_received_total{outcome=\"" + std::string(outcome) + '"') != std::string::npos;
  }
};

struct LoggedProvider : Provider {
  LoggedProvider() : Provider(posting_options(true)) {}
};

/// What is logged while it lives.
class Logged {
 public:
  Logged() : before_(spdlog::default_logger()) {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out_);
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
  }
  ~Logged() { spdlog::set_default_logger(before_); }
  std::string text() const { return out_.str(); }

 private:
  std::shared_ptr<spdlog::logger> before_;
  std::ostringstream out_;
};

std::string code_of(const Response& response) {
  return unquoted(json_at(response.body, "/code"));
}

}  // namespace

TEST_CASE_FIXTURE(Provider,
                  "WHI-01, WHI-05: a signed message is in the log before it is acknowledged, and needs no key") {
  const std::string payment = owe();
  const Position before = head();
  const Response received = send(message("evt_1", payment));
  CHECK(received.status == 200);
  CHECK(received.body == R"({"received":true})");
  CHECK(head() == before + 1);
  CHECK(header_of(received, "Daybook-Position") == "0:" + std::to_string(head()));
  const Response events = get("/v1/events?type=ProviderEventReceived");
  REQUIRE(events.status == 200);
  CHECK(json_at(events.body, "/data/0/data/external_id") == R"("evt_1")");
  CHECK(json_at(events.body, "/data/0/data/type") == R"("payment_intent.succeeded")");
  CHECK(json_at(events.body, "/data/0/data/payment") == '"' + payment + '"');
  CHECK(json_at(events.body, "/data/0/data/account_id") == R"("acme")");
  CHECK(json_at(events.body, "/data/0/actor/principal") == R"("webhook:stripe")");
  CHECK(events.body.find("pi_hidden") == std::string::npos);
  CHECK(counts("received"));
}

TEST_CASE_FIXTURE(Provider, "TS-093: a message that comes again is acknowledged, and nothing more") {
  REQUIRE(send(message("evt_1")).status == 200);
  const Position before = head();
  const std::string other_words = message("evt_1") + " ";
  for (const std::string& body : {message("evt_1"), other_words}) {
    const Response again = send(body);
    CHECK(again.status == 200);
    CHECK(again.body == R"({"received":true})");
  }
  CHECK(head() == before);
  CHECK(counts("repeated"));
}

TEST_CASE_FIXTURE(LoggedProvider,
                  "TS-092: what is not signed is refused, and nothing of it is kept, answered or logged") {
  const Logged logged;
  const std::string body = message("evt_1");
  const Position before = head();
  for (const std::string& signature :
       {std::string(), std::string("t=1,v1=00"), sign_as_stripe(body, "another", clock.now()),
        sign_as_stripe(body + " ", simulated_webhook_secret, clock.now())}) {
    CAPTURE(signature);
    const Response refused = send(body, signature);
    CHECK(refused.status == 400);
    CHECK(code_of(refused) == "signature_invalid");
    for (const std::string_view part : {"evt_1", "pi_hidden", "whsec", "v1="}) {
      CHECK(refused.body.find(part) == std::string::npos);
    }
  }
  CHECK(send(body).status == 200);
  CHECK(head() == before + 1);
  CHECK(counts("signature_invalid"));
  CHECK(logged.text().find("/v1/webhooks/{provider}") != std::string::npos);
  for (const std::string_view part : {"evt_1", "pi_hidden", "whsec", "v1="}) {
    CHECK(logged.text().find(part) == std::string::npos);
  }
}

TEST_CASE_FIXTURE(Provider, "TS-094: what was signed five minutes ago is received, a second earlier refused") {
  const std::string body = message("evt_1");
  const auto signed_before = [&](std::int64_t seconds) {
    const Instant at{micros(clock.now()) - seconds * micros_per_second};
    return sign_as_stripe(body, simulated_webhook_secret, at);
  };
  const Position before = head();
  const Response refused = send(body, signed_before(301));
  CHECK(refused.status == 400);
  CHECK(code_of(refused) == "webhook_too_old");
  CHECK(head() == before);
  CHECK(counts("webhook_too_old"));
  CHECK(send(body, signed_before(300)).status == 200);
}

TEST_CASE_FIXTURE(Provider, "WHI-01: a message may have a mebibyte, and not a byte more") {
  std::string body = message("evt_1");
  body.resize(webhook_body_bytes_max, ' ');
  CHECK(send(body).status == 200);
  body = message("evt_2");
  body.resize(webhook_body_bytes_max + 1, ' ');
  const Response refused = send(body);
  CHECK(refused.status == 413);
  CHECK(code_of(refused) == "payload_too_large");
}

TEST_CASE_FIXTURE(Provider, "what a provider signed and cannot be read is malformed") {
  const Position before = head();
  for (const std::string& body :
       {std::string("{}"), std::string("no JSON"), message(""), message("with a blank"), message(std::string(256, 'x')),
        stripe_message("evt_1", std::string(256, 'x'), StripeCharge{}, Instant{0})}) {
    const Response refused = send(body);
    CHECK(refused.status == 400);
    CHECK(code_of(refused) == "malformed_request");
  }
  CHECK(head() == before);
  CHECK(send(message(std::string(255, 'x'))).status == 200);
}

TEST_CASE_FIXTURE(Provider, "WHI-01: who is no provider of this server is not there") {
  const std::string body = message("evt_1");
  const std::string signature = sign_as_stripe(body, simulated_webhook_secret, clock.now());
  CHECK(send(body, signature, "paystack").status == 404);
  CHECK(metrics.text().find("paystack") == std::string::npos);
  Provider without(Served::dev_options());
  CHECK(without.send(body, signature).status == 404);
}

}  // namespace daybook::test
