// Calls to Stripe against a server on loopback that says what Stripe would: what is sent, what is looked for, what is
// refused before it is sent. tests/stripe_mock sends the same calls to Stripe's own mock.
#include "connectors/stripe_client.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "connectors/stripe_catalogue.h"
#include "scripted_server.h"

namespace daybook::test {
namespace {

constexpr Instant some_day{1'800'000'000'000'000};
constexpr std::string_view test_secret_key = "sk_test_never_shown";

StripeClient::Options stripe_options(const std::string& url) {
  StripeClient::Options options;
  options.secret_key = test_secret_key;
  options.calls.http.base_url = url;
  options.calls.http.total_time_max = std::chrono::seconds(30);
  options.calls.wait = [](std::chrono::milliseconds) {};
  return options;
}

StripeChargeOrder some_charge() {
  StripeChargeOrder order;
  order.key = "key-1";
  order.payment = "pay_1";
  order.customer = "cus_1";
  order.method = "pm_1";
  order.amount = {1'900, currency_of("USD")};
  return order;
}

std::string intent_row(const std::string& id, const std::string& key, const std::string& status) {
  return R"({"id":")" + id + R"(","amount":1900,"currency":"usd","status":")" + status +
         R"(","metadata":{"daybook_key":")" + key + R"("}})";
}

std::string list_of(const std::string& rows, bool has_more) {
  return R"({"object":"list","data":[)" + rows + R"(],"has_more":)" + (has_more ? "true}" : "false}");
}

}  // namespace

TEST_CASE("PRV-02, PRV-06: a charge is one request with the key, the version, the ids and what finds it again") {
  ScriptedServer server({whole_answer(200, intent_row("pi_9", "key-1", "succeeded"))});
  StripeClient client(stripe_options(server.url()));
  const StripePayment payment = client.charge(some_charge());
  CHECK(payment.outcome == StripeOutcome::succeeded);
  CHECK(payment.id == "pi_9");
  const std::vector<SeenRequest> seen = server.requests();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].verb == "POST");
  CHECK(seen[0].target == "/v1/payment_intents");
  CHECK(seen[0].header("authorization") == "Bearer " + std::string(test_secret_key));
  CHECK(seen[0].header("stripe-version") == stripe_api_version);
  CHECK(seen[0].header("idempotency-key") == "key-1");
  CHECK(seen[0].header("content-type") == "application/x-www-form-urlencoded");
  CHECK(seen[0].body ==
        "amount=1900&currency=usd&customer=cus_1&payment_method=pm_1&confirm=true&off_session=true"
        "&automatic_payment_methods%5Benabled%5D=true&automatic_payment_methods%5Ballow_redirects%5D=never"
        "&metadata%5Bdaybook_payment%5D=pay_1&metadata%5Bdaybook_key%5D=key-1");
}

TEST_CASE("another round of a charge has another idempotency key, and is found by the same key of ours") {
  ScriptedServer server({whole_answer(429, "", "Idempotent-Replayed: true\r\n"), whole_answer(200, list_of("", false)),
                         whole_answer(200, intent_row("pi_2", "key-1", "succeeded"))});
  StripeClient client(stripe_options(server.url()));
  StripeChargeOrder order = some_charge();
  const StripePayment first = client.charge(order);
  CHECK(first.outcome == StripeOutcome::busy);
  CHECK(first.is_stored);
  CHECK(client.find_payment("cus_1", "key-1", some_day).outcome == StripeOutcome::not_found);
  order.round = 1;
  CHECK(client.charge(order).outcome == StripeOutcome::succeeded);
  const std::vector<SeenRequest> seen = server.requests();
  REQUIRE(seen.size() == 3);
  CHECK(seen[2].header("idempotency-key") == "key-1.1");
  CHECK(seen[2].body == seen[0].body);
}

TEST_CASE("a charge whose answer is lost is unknown after one request") {
  ScriptedAnswer torn;
  torn.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"id\":\"pi_1\"";
  torn.closes = true;
  for (const ScriptedAnswer& answer : {torn, whole_answer(500, "{}"), whole_answer(200, "{\"id\":"),
                                       whole_answer(200, "<html>"), whole_answer(301, "")}) {
    ScriptedServer server({answer, whole_answer(200, intent_row("pi_9", "key-1", "succeeded"))});
    StripeClient client(stripe_options(server.url()));
    CHECK(client.charge(some_charge()).outcome == StripeOutcome::unknown);
    CHECK(server.requests().size() == 1);
  }
}

TEST_CASE("what is no id of Stripe's, or no amount of its, is never sent") {
  ScriptedServer server([](const SeenRequest&) { return whole_answer(500, ""); });
  StripeClient client(stripe_options(server.url()));
  for (const std::string& bad : {std::string("4242424242424242"), std::string(), std::string("tok_visa"),
                                 std::string("pm_"), std::string("pm_1/../x"), std::string("pm_1?x"),
                                 std::string("cus_a b"), "pm_" + std::string(300, 'a'), std::string("pm_\r\nX: y")}) {
    CAPTURE(bad);
    StripeChargeOrder order = some_charge();
    order.method = bad;
    CHECK(client.charge(order).outcome == StripeOutcome::refused);
    CHECK(client.read_method(bad, some_day).method.fault == RejectionCode::payment_method_refused);
    CHECK(client.attach_method(bad, "cus_1", some_day).outcome == StripeOutcome::refused);
    CHECK(client.attach_method("pm_1", bad, some_day).outcome == StripeOutcome::refused);
    CHECK(client.detach_method(bad, some_day).outcome == StripeOutcome::refused);
    CHECK(client.set_default_method("cus_1", bad).outcome == StripeOutcome::refused);
    CHECK(client.read_customer(bad).outcome == StripeOutcome::refused);
    CHECK(client.read_payment(bad).outcome == StripeOutcome::refused);
    CHECK(client.cancel_payment(bad).outcome == StripeOutcome::refused);
    CHECK(client.confirm_payment("pi_1", bad, "https://a.test").outcome == StripeOutcome::refused);
    CHECK(client.find_payment(bad, "key", some_day).outcome == StripeOutcome::refused);
    CHECK(client.find_refund(bad, "re_1").outcome == StripeOutcome::refused);
    CHECK(client.refund({"k", "re_1", bad, {5, currency_of("USD")}}).outcome == StripeOutcome::refused);
    CHECK(client.read_refund(bad).outcome == StripeOutcome::refused);
    CHECK(client.read_setup(bad).outcome == StripeOutcome::refused);
    CHECK(client.read_subscription(bad).outcome == StripeOutcome::refused);
    CHECK(client.create_setup({"k", bad, ""}).outcome == StripeOutcome::refused);
    CHECK(client.create_checkout({"k", "cs_1", bad, currency_of("USD"), "https://a.test", ""}).outcome ==
          StripeOutcome::refused);
  }
  StripeChargeOrder fraction = some_charge();
  fraction.amount = {5'124, currency_of("KWD")};
  CHECK(client.charge(fraction).code == "amount_not_representable");
  CHECK(client.refund({"k", "re_1", "pi_1", {1, currency_of("MGA")}}).code == "amount_not_representable");
  for (const std::string& key : {std::string(), std::string("a b"), std::string("a\nb"), std::string(256, 'a')}) {
    StripeChargeOrder keyless = some_charge();
    keyless.key = key;
    CHECK(client.charge(keyless).code == "not_a_key");
    CHECK(client.refund({key, "re_1", "pi_1", {5, currency_of("USD")}}).code == "not_a_key");
    CHECK(client.create_customer({key, "acme", "", ""}).code == "not_a_key");
  }
  CHECK(server.requests().empty());
}

TEST_CASE("a payment is found by its key on whatever page it is, since an instant less Stripe's possible lag") {
  ScriptedServer server(
      {whole_answer(
           200, list_of(intent_row("pi_1", "other", "succeeded") + "," + intent_row("pi_2", "", "processing"), true)),
       whole_answer(200, list_of(intent_row("pi_3", "key-1", "processing"), false))});
  StripeClient client(stripe_options(server.url()));
  const StripePayment payment = client.find_payment("cus_1", "key-1", some_day);
  CHECK(payment.outcome == StripeOutcome::pending);
  CHECK(payment.id == "pi_3");
  const std::vector<SeenRequest> seen = server.requests();
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].target == "/v1/payment_intents?customer=cus_1&limit=100&created%5Bgte%5D=1799996400");
  CHECK(seen[1].target == seen[0].target + "&starting_after=pi_2");
}

TEST_CASE("of several payments with one key the one that moved money counts") {
  const std::string rows = intent_row("pi_1", "key-1", "canceled") + "," + intent_row("pi_2", "key-1", "succeeded");
  ScriptedServer server({whole_answer(200, list_of(rows, false))});
  StripeClient client(stripe_options(server.url()));
  CHECK(client.find_payment("cus_1", "key-1", some_day).id == "pi_2");
}

TEST_CASE("not found is said only if all was seen") {
  ScriptedServer endless(
      [](const SeenRequest&) { return whole_answer(200, list_of(intent_row("pi_1", "other", "succeeded"), true)); });
  StripeClient searching(stripe_options(endless.url()));
  const StripePayment payment = searching.find_payment("cus_1", "key-1", some_day);
  CHECK(payment.outcome == StripeOutcome::unknown);
  CHECK(payment.code == "too_many_to_look_through");
  CHECK(endless.requests().size() == stripe_find_pages);
  for (const auto& [answer, outcome] : {std::pair(whole_answer(500, ""), StripeOutcome::unknown),
                                        std::pair(whole_answer(200, "{"), StripeOutcome::unknown),
                                        std::pair(whole_answer(404, "{}"), StripeOutcome::refused),
                                        std::pair(whole_answer(401, "{}"), StripeOutcome::refused)}) {
    ScriptedServer server([answer = answer](const SeenRequest& request) {
      // What was seen before, one that failed, says nothing of what was not.
      return request.target.find("starting_after") == std::string::npos
                 ? whole_answer(200, list_of(intent_row("pi_1", "key-1", "canceled"), true))
                 : answer;
    });
    StripeClient client(stripe_options(server.url()));
    CHECK(client.find_payment("cus_1", "key-1", some_day).outcome == outcome);
  }
}

TEST_CASE("a refund carries its key and ours, and is found among the payment's") {
  const std::string row =
      R"({"id":"re_9","amount":500,"currency":"isk","status":"pending","metadata":{"daybook_refund":"re_ours"}})";
  ScriptedServer server({whole_answer(200, row),
                         whole_answer(200, list_of(R"({"id":"re_8","status":"succeeded"},)" + row, false)),
                         whole_answer(200, list_of("", false)), whole_answer(200, row)});
  StripeClient client(stripe_options(server.url()));
  StripeRefundOrder order{"key-r", "re_ours", "pi_1", {5, currency_of("ISK")}};
  order.reason = StripeRefundReason::requested_by_customer;
  const StripeRefund refund = client.refund(order);
  CHECK(refund.outcome == StripeOutcome::pending);
  CHECK(refund.amount == order.amount);
  CHECK(client.find_refund("pi_1", "re_ours").id == "re_9");
  CHECK(client.find_refund("pi_1", "re_ours").outcome == StripeOutcome::not_found);
  CHECK(client.read_refund("re_9").outcome == StripeOutcome::pending);
  const std::vector<SeenRequest> seen = server.requests();
  REQUIRE(seen.size() == 4);
  CHECK(seen[0].body ==
        "payment_intent=pi_1&amount=500&reason=requested_by_customer&metadata%5Bdaybook_refund%5D=re_ours");
  CHECK(seen[0].header("idempotency-key") == "key-r");
  CHECK(seen[1].target == "/v1/refunds?payment_intent=pi_1&limit=100");
}

TEST_CASE("a customer is found by the account it was made for, unless it was deleted") {
  const std::string rows =
      R"({"id":"cus_1","metadata":{"daybook_account":"other"}},{"id":"cus_2","deleted":true,"metadata":{"daybook_account":"acme"}},)"
      R"({"id":"cus_3","metadata":{"daybook_account":"acme"}})";
  ScriptedServer server({whole_answer(200, list_of(rows, false)), whole_answer(200, list_of("", false)),
                         whole_answer(200, R"({"id":"cus_4"})")});
  StripeClient client(stripe_options(server.url()));
  CHECK(client.find_customer("acme", "a+b@example.test", some_day).id == "cus_3");
  CHECK(client.find_customer("acme", "", some_day).outcome == StripeOutcome::not_found);
  CHECK(client.create_customer({"key-c", "acme", "a@example.test", "Ä & Co"}).id == "cus_4");
  const std::vector<SeenRequest> seen = server.requests();
  REQUIRE(seen.size() == 3);
  CHECK(seen[0].target == "/v1/customers?limit=100&created%5Bgte%5D=1799996400&email=a%2Bb%40example.test");
  CHECK(seen[2].body == "email=a%40example.test&name=%C3%84%20%26%20Co&metadata%5Bdaybook_account%5D=acme");
}

TEST_CASE("all pages of products and prices become one catalogue") {
  ScriptedServer server([](const SeenRequest& request) {
    const bool is_second = request.target.find("starting_after") != std::string::npos;
    if (request.target.starts_with("/v1/products")) {
      return whole_answer(200, list_of(is_second ? R"({"id":"prod_2","active":true,"name":"Two"})"
                                                 : R"({"id":"prod_1","active":true,"name":"One"})",
                                       !is_second));
    }
    return whole_answer(200, list_of(R"({"id":"price_)" + std::string(is_second ? "2" : "1") +
                                         R"(","active":true,"product":"prod_)" + std::string(is_second ? "2" : "1") +
                                         R"(","currency":"usd","unit_amount":1900,"recurring":{"interval":"month"}})",
                                     !is_second));
  });
  StripeClient client(stripe_options(server.url()));
  const StripeCatalogueText text = client.list_catalogue();
  CHECK(text.outcome == StripeOutcome::succeeded);
  const ProviderCatalogue catalogue = read_stripe_catalogue("stripe", text.text);
  CHECK(catalogue.fault == RejectionCode::none);
  REQUIRE(catalogue.products.size() == 2);
  for (const ProviderProduct& product : catalogue.products) CHECK(product.terms != nullptr);
  const std::vector<SeenRequest> seen = server.requests();
  REQUIRE(seen.size() == 4);
  CHECK(seen[1].target == "/v1/products?limit=100&starting_after=prod_1");
  CHECK(seen[3].target == "/v1/prices?active=true&expand%5B%5D=data.tiers&limit=100&starting_after=price_1");
}

TEST_CASE("a catalogue of which a page is missing is none") {
  ScriptedServer server([](const SeenRequest& request) {
    return request.target.starts_with("/v1/products") ? whole_answer(200, list_of("", false)) : whole_answer(500, "");
  });
  StripeClient client(stripe_options(server.url()));
  const StripeCatalogueText text = client.list_catalogue();
  CHECK(text.outcome == StripeOutcome::unknown);
  CHECK(text.text.empty());
}

TEST_CASE("a key that is none is not taken, and is not repeated") {
  for (const std::string& key : {std::string(), std::string("pk_live_public"), std::string("sk_"),
                                 std::string("sk_a b"), std::string("sk_a\r\nX: y")}) {
    StripeClient::Options options = stripe_options("http://127.0.0.1:1");
    options.secret_key = key;
    try {
      StripeClient client(options);
      FAIL("it was taken");
    } catch (const std::invalid_argument& refused) {
      CHECK((key.empty() || std::string(refused.what()).find(key.substr(3) + "x") == std::string::npos));
    }
  }
}

TEST_CASE("no answer, whatever it is, makes a result that holds the secret key") {
  for (const ScriptedAnswer& answer :
       {whole_answer(401, R"({"error":{"message":"Invalid API Key provided: sk_test_never_shown"}})"),
        ScriptedAnswer{"", true, false}, whole_answer(500, "sk_test_never_shown")}) {
    ScriptedServer server({answer});
    StripeClient client(stripe_options(server.url()));
    const StripePayment payment = client.charge(some_charge());
    CHECK(payment.message.find("never_shown") == std::string::npos);
    CHECK(payment.code.find("never_shown") == std::string::npos);
  }
}

}  // namespace daybook::test
