// PRV-02: every call of stripe_client goes to Stripe's own mock, which holds paths, members and the API's version
// against Stripe's OpenAPI description. Its answers are fixtures, so what is asked of them is only that they are
// understood.
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "connectors/stripe_catalogue.h"
#include "connectors/stripe_client.h"

namespace daybook::test {
namespace {

constexpr Instant mock_now{1'795'000'000'000'000};

std::string mock_url() {
  const char* const url = std::getenv("DAYBOOK_TEST_STRIPE");
  REQUIRE_MESSAGE(url != nullptr, "tests/stripe_mock/run names the mock's address in DAYBOOK_TEST_STRIPE");
  return url;
}

/// A client, and the judge of whether all that it sent was accepted.
struct MockCase {
  ProviderMetrics metrics;
  StripeClient client = StripeClient(options());

  StripeClient::Options options() {
    StripeClient::Options made;
    made.secret_key = "sk_test_123";
    made.calls.http.base_url = mock_url();
    made.calls.metrics = &metrics;
    return made;
  }

  /// Whether that operation was asked for so often, and every request of it accepted.
  void accepted(const std::string& operation, int requests = 1) {
    const std::string text = metrics.text();
    CAPTURE(text);
    CHECK(text.find("provider_requests_total{operation=\"" + operation +
                    "\",outcome=\"succeeded\",provider=\"stripe\"} " + std::to_string(requests) + "\n") !=
          std::string::npos);
    for (const char* bad : {"refused", "declined", "busy", "provider_error", "unclear", "timeout", "unreachable",
                            "untrusted", "circuit_open"}) {
      CHECK(text.find("outcome=\"" + std::string(bad) + "\"") == std::string::npos);
    }
  }
};

}  // namespace

TEST_CASE("the mock refuses members that the description does not have, and another version of the API") {
  const auto status_of = [](const std::string& version, const std::string& form) {
    ProviderCalls::Options options;
    options.provider = "stripe";
    options.http.base_url = mock_url();
    options.http.headers = {"Authorization: Bearer sk_test_123", "Stripe-Version: " + version,
                            "Content-Type: application/x-www-form-urlencoded"};
    options.judge = [](const HttpAnswer&) { return AnswerHints{}; };
    return ProviderCalls(options)
        .call("control", CallSafety::once, {HttpVerb::post, "/v1/payment_intents", form, {}})
        .status;
  };
  CHECK(status_of(std::string(stripe_api_version), "amount=1900&currency=usd") == 200);
  CHECK(status_of(std::string(stripe_api_version), "amount=1900&currency=usd&colour=red") == 400);
  CHECK(status_of(std::string(stripe_api_version), "amount=many&currency=usd") == 400);
  CHECK(status_of(std::string(stripe_api_version), "currency=usd") == 400);
  CHECK(status_of("2020-08-27", "amount=1900&currency=usd") == 400);
}

TEST_CASE("customers are created, found, read and given a default method") {
  MockCase mock;
  const StripeCustomer created = mock.client.create_customer({"key-1", "acme", "a@example.test", "Acme"});
  CHECK(created.outcome == StripeOutcome::succeeded);
  CHECK(created.id.starts_with("cus_"));
  mock.accepted("create_customer");
  CHECK(mock.client.find_customer("nobody", "a@example.test", mock_now).outcome == StripeOutcome::not_found);
  CHECK(mock.client.find_customer("nobody", "", mock_now).outcome == StripeOutcome::not_found);
  mock.accepted("find_customer", 2);
  CHECK(mock.client.read_customer("cus_1").outcome == StripeOutcome::succeeded);
  mock.accepted("read_customer");
  CHECK(mock.client.set_default_method("cus_1", "pm_1").outcome == StripeOutcome::succeeded);
  mock.accepted("set_default_method");
}

TEST_CASE("methods are read, attached, detached and set up") {
  MockCase mock;
  const StripeMethod method = mock.client.read_method("pm_1", mock_now);
  CHECK(method.method.fault == RejectionCode::none);
  CHECK(method.method.last4 == "4242");
  mock.accepted("read_method");
  CHECK(mock.client.attach_method("pm_1", "cus_1", mock_now).method.fault == RejectionCode::none);
  mock.accepted("attach_method");
  CHECK(mock.client.detach_method("pm_1", mock_now).method.fault == RejectionCode::none);
  mock.accepted("detach_method");
  CHECK_FALSE(mock.client.create_setup({"key-1", "cus_1", "acme"}).client_secret.empty());
  mock.accepted("create_setup");
  CHECK(mock.client.read_setup("seti_1").id.starts_with("seti_"));
  mock.accepted("read_setup");
}

TEST_CASE("payments are charged, confirmed, read, found and canceled") {
  MockCase mock;
  StripeChargeOrder order{"key-1", "pay_1", "cus_1", "pm_1", {1'900, currency_of("USD")}};
  const StripePayment charged = mock.client.charge(order);
  CHECK(charged.id.starts_with("pi_"));
  CHECK(charged.amount == order.amount);
  order.return_url = "https://example.test/back";
  order.round = 1;
  CHECK(mock.client.charge(order).id.starts_with("pi_"));
  mock.accepted("charge", 2);
  CHECK(mock.client.confirm_payment("pi_1", "pm_1", "https://example.test/back").id.starts_with("pi_"));
  mock.accepted("confirm_payment");
  CHECK(mock.client.read_payment("pi_1").id.starts_with("pi_"));
  mock.accepted("read_payment");
  CHECK(mock.client.find_payment("cus_1", "no-such-key", mock_now).outcome == StripeOutcome::not_found);
  mock.accepted("find_payment");
  CHECK(mock.client.cancel_payment("pi_1").id.starts_with("pi_"));
  mock.accepted("cancel_payment");
}

TEST_CASE("refunds are made, read and found") {
  MockCase mock;
  StripeRefundOrder order{"key-1", "re_ours", "pi_1", {500, currency_of("USD")}};
  int count = 0;
  for (const StripeRefundReason reason : {StripeRefundReason::none, StripeRefundReason::duplicate,
                                          StripeRefundReason::fraudulent, StripeRefundReason::requested_by_customer}) {
    order.reason = reason;
    CHECK(mock.client.refund(order).outcome == StripeOutcome::succeeded);
    mock.accepted("refund", ++count);
  }
  CHECK(mock.client.read_refund("re_1").outcome == StripeOutcome::succeeded);
  mock.accepted("read_refund");
  CHECK(mock.client.find_refund("pi_1", "no-such-refund").outcome == StripeOutcome::not_found);
  mock.accepted("find_refund");
}

TEST_CASE("the catalogue is listed, a subscription read and a checkout session created") {
  MockCase mock;
  const StripeCatalogueText text = mock.client.list_catalogue();
  CHECK(text.outcome == StripeOutcome::succeeded);
  const ProviderCatalogue catalogue = read_stripe_catalogue("stripe", text.text);
  CHECK(catalogue.fault == RejectionCode::none);
  CHECK(catalogue.products.size() == 1);
  mock.accepted("list_products");
  mock.accepted("list_prices");
  CHECK(mock.client.read_subscription("sub_1").subscription.id.starts_with("sub_"));
  mock.accepted("read_subscription");
  const StripeSession session = mock.client.create_checkout(
      {"key-1", "cs_ours", "cus_1", currency_of("EUR"), "https://example.test/done", "https://example.test/back"});
  CHECK(session.id.starts_with("cs_"));
  CHECK(session.url.starts_with("https://"));
  mock.accepted("create_checkout");
}

}  // namespace daybook::test
