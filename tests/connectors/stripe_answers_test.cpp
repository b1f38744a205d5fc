// What Stripe's answers say, in our words: states, errors, and bytes that are neither.
#include "connectors/stripe_answers.h"

#include <doctest/doctest.h>

namespace daybook::test {
namespace {

CallReply stripe_said(int status, const std::string& body) {
  CallReply reply;
  reply.fate = CallFate::answered;
  reply.status = status;
  reply.body = body;
  return reply;
}

std::string intent(const std::string& members) {
  return R"({"id":"pi_1","object":"payment_intent","amount":1900,"currency":"usd","metadata":{"daybook_payment":"pay_1",)"
         R"("daybook_key":"key-1"},"more":[{}],)" +
         members + "}";
}

StripePayment declined(const std::string& members) {
  return read_stripe_payment(stripe_said(402, R"({"error":{"type":"card_error","payment_intent":)" +
                                                  intent(R"("status":"requires_payment_method")") + "," + members +
                                                  "}}"));
}

constexpr Instant in_november{1'795'000'000'000'000};  // 2026-11-18

}  // namespace

TEST_CASE("a payment's states are ours") {
  struct Row {
    std::string members;
    StripeOutcome outcome;
    std::string code;
  };
  const std::string error = R"(,"last_payment_error":{"code":"card_declined","decline_code":"do_not_honor"})";
  for (const Row& row :
       {Row{R"("status":"succeeded")", StripeOutcome::succeeded, ""},
        Row{R"("status":"processing")", StripeOutcome::pending, ""},
        Row{R"("status":"requires_capture")", StripeOutcome::pending, ""},
        Row{R"("status":"requires_action")", StripeOutcome::action_required, ""},
        Row{R"("status":"canceled","cancellation_reason":"abandoned")", StripeOutcome::failed, "canceled"},
        Row{R"("status":"requires_payment_method")" + error, StripeOutcome::failed, "do_not_honor"},
        Row{R"("status":"requires_confirmation")", StripeOutcome::failed, "not_confirmed"},
        Row{R"("status":"requires_payment_method","last_payment_error":{"code":"authentication_required"})",
            StripeOutcome::action_required, "authentication_required"},
        Row{R"("status":"transcended")", StripeOutcome::unknown, "malformed_answer"},
        Row{R"("status":7)", StripeOutcome::unknown, "malformed_answer"}}) {
    CAPTURE(row.members);
    const StripePayment payment = read_stripe_payment(stripe_said(200, intent(row.members)));
    CHECK(payment.outcome == row.outcome);
    CHECK(payment.code == row.code);
    CHECK(payment.id == "pi_1");
    CHECK(payment.amount == Money{1'900, currency_of("USD")});
    CHECK(payment.payment == "pay_1");
    CHECK(payment.key == "key-1");
  }
}

TEST_CASE("a customer who must act is sent to an https address, and to no other") {
  const auto url_of = [](const std::string& url) {
    return read_stripe_payment(stripe_said(200, intent(R"("status":"requires_action","next_action":{"type":)"
                                                       R"("redirect_to_url","redirect_to_url":{"url":")" +
                                                       url + R"("}})")))
        .action_url;
  };
  CHECK(url_of("https://hooks.stripe.com/3d?a=b") == "https://hooks.stripe.com/3d?a=b");
  CHECK(url_of("http://hooks.stripe.com").empty());
  CHECK(url_of("javascript:alert(1)").empty());
  CHECK(url_of("https://a b").empty());
  CHECK(url_of("https://" + std::string(2'000, 'a')).empty());
}

TEST_CASE("a decline says why, and whether the method may be tried again") {
  struct Row {
    std::string members, code;
    bool is_hard;
  };
  for (const Row& row :
       {Row{R"("code":"card_declined","decline_code":"insufficient_funds")", "insufficient_funds", false},
        Row{R"("code":"card_declined","decline_code":"lost_card")", "lost_card", true},
        Row{R"("code":"card_declined","decline_code":"stolen_card")", "stolen_card", true},
        Row{R"("code":"card_declined","decline_code":"generic_decline")", "card_declined", false},
        Row{R"("decline_code":"generic_decline")", "generic_decline", false},
        Row{R"("code":"expired_card")", "expired_card", true},
        Row{R"("code":"card_declined","decline_code":"do_not_honor","advice_code":"do_not_try_again")", "do_not_honor",
            true},
        Row{R"("code":"card_declined","decline_code":"fraudulent","advice_code":"try_again_later")", "fraudulent",
            false},
        Row{R"("code":"Strange Code!")", "strange_code_", false},
        Row{R"("code":"a_code_of_far_more_than_thirty_two_characters")", "a_code_of_far_more_than_thirty_t", false},
        Row{R"("code":7)", "payment_failed", false}, Row{R"("message":"m")", "payment_failed", false}}) {
    CAPTURE(row.members);
    const StripePayment payment = declined(row.members);
    CHECK(payment.outcome == StripeOutcome::failed);
    CHECK(payment.code == row.code);
    CHECK(payment.is_hard_decline == row.is_hard);
    CHECK(payment.id == "pi_1");
    CHECK(payment.key == "key-1");
  }
  CHECK(declined(R"("code":"authentication_required")").outcome == StripeOutcome::action_required);
}

TEST_CASE("a message is one line of at most 255 bytes, cut between characters") {
  CHECK(declined(R"("message":"one\ntwo")").message == "one two");
  CHECK(declined(R"("message":")" + std::string(255, 'a') + R"(")").message == std::string(255, 'a'));
  CHECK(declined(R"("message":")" + std::string(254, 'a') + R"(é")").message == std::string(254, 'a'));
}

TEST_CASE("errors are told apart by what can be done about them") {
  struct Row {
    int status;
    std::string error;
    StripeOutcome outcome;
    std::string code;
  };
  for (const Row& row :
       {Row{400, R"("type":"invalid_request_error","code":"amount_too_small")", StripeOutcome::refused,
            "amount_too_small"},
        Row{400, R"("type":"invalid_request_error")", StripeOutcome::refused, "request_refused"},
        Row{400, R"("type":"card_error","code":"invalid_number")", StripeOutcome::failed, "invalid_number"},
        Row{400, R"("type":"idempotency_error")", StripeOutcome::busy, "idempotency_key_reused"},
        Row{401, R"("message":"Invalid API Key provided: sk_test_********1234")", StripeOutcome::refused,
            "provider_key_refused"},
        Row{403, R"("code":"other")", StripeOutcome::refused, "provider_key_refused"},
        Row{404, R"("code":"resource_missing")", StripeOutcome::not_found, "resource_missing"},
        Row{402, R"("type":"card_error","code":"card_declined")", StripeOutcome::failed, "card_declined"}}) {
    CAPTURE(row.status);
    CAPTURE(row.error);
    const StripePayment payment = read_stripe_payment(stripe_said(row.status, R"({"error":{)" + row.error + "}}"));
    CHECK(payment.outcome == row.outcome);
    CHECK(payment.code == row.code);
    CHECK(payment.message.find("sk_") == std::string::npos);
    CHECK(read_stripe_payments(stripe_said(row.status, R"({"error":{)" + row.error + "}}")).outcome == row.outcome);
  }
  CHECK(read_stripe_payment(stripe_said(402, "")).code == "payment_failed");
  CallReply reply;
  reply.fate = CallFate::busy;
  reply.status = 409;
  reply.is_stored = true;
  reply.body = R"({"error":{"code":"idempotency_key_in_use"}})";
  CHECK(read_stripe_payment(reply).outcome == StripeOutcome::busy);
  CHECK(read_stripe_payment(reply).code == "idempotency_key_in_use");
  CHECK(read_stripe_payment(reply).is_stored);
  reply.status = 429;
  reply.body = "slow down";
  CHECK(read_stripe_payment(reply).code == "rate_limit");
  reply.fate = CallFate::unknown;
  CHECK(read_stripe_payment(reply).outcome == StripeOutcome::unknown);
  reply.fate = CallFate::unreached;
  CHECK(read_stripe_payment(reply).outcome == StripeOutcome::unreached);
}

TEST_CASE("what is no answer of Stripe's is unknown, and no crash") {
  const std::string deep = std::string(5'000, '[') + std::string(5'000, ']');
  for (const std::string& body :
       {std::string(), std::string("{"), std::string("[]"), std::string("7"), std::string("null"), std::string("{}"),
        std::string(R"({"id":7})"), std::string(R"({"id":""})"), std::string("\xFF\xFE"),
        std::string(R"({"id":"pi_1"})").substr(0, 9), deep, std::string("<html>"), std::string(10, '\0')}) {
    CAPTURE(body.substr(0, 20));
    const CallReply reply = stripe_said(200, body);
    CHECK(read_stripe_payment(reply).outcome == StripeOutcome::unknown);
    CHECK(read_stripe_payment(reply).code == "malformed_answer");
    CHECK(read_stripe_customer(reply).outcome == StripeOutcome::unknown);
    CHECK(read_stripe_method(reply, in_november).method.fault == RejectionCode::provider_error);
    CHECK(read_stripe_setup(reply).outcome == StripeOutcome::unknown);
    CHECK(read_stripe_refund(reply).outcome == StripeOutcome::unknown);
    CHECK(read_stripe_subscription(reply).outcome == StripeOutcome::unknown);
    CHECK(read_stripe_session(reply).outcome == StripeOutcome::unknown);
    CHECK(read_stripe_payments(reply).code == "malformed_answer");
    CHECK(read_stripe_customers(reply).code == "malformed_answer");
    CHECK(read_stripe_refunds(reply).code == "malformed_answer");
    CHECK(read_stripe_rows(reply).code == "malformed_answer");
  }
  for (const char* list : {R"({"data":[]})", R"({"data":{},"has_more":false})", R"({"data":[{}],"has_more":false})",
                           R"({"data":[],"has_more":true})", R"({"data":[7],"has_more":false})"}) {
    CAPTURE(list);
    CHECK(read_stripe_payments(stripe_said(200, list)).outcome == StripeOutcome::unknown);
  }
}

TEST_CASE("methods of Stripe's are ours, masked, and a card ends with its month") {
  const auto method_of_body = [](const std::string& members) {
    return read_stripe_method(stripe_said(200, R"({"id":"pm_1","customer":"cus_1",)" + members + "}"), in_november);
  };
  const auto card = [&](int month, int year) {
    return method_of_body(R"("type":"card","card":{"brand":"visa","last4":"4242","exp_month":)" +
                          std::to_string(month) + R"(,"exp_year":)" + std::to_string(year) + "}");
  };
  const StripeMethod found = card(11, 2026);
  CHECK(found.outcome == StripeOutcome::succeeded);
  CHECK(found.customer == "cus_1");
  CHECK(found.method.fault == RejectionCode::none);
  CHECK(found.method.provider == "stripe");
  CHECK(found.method.type == PaymentMethodType::card);
  CHECK(found.method.status == PaymentMethodStatus::verified);
  CHECK(found.method.brand == "visa");
  CHECK(found.method.last4 == "4242");
  CHECK(found.method.exp_month == 11);
  CHECK(found.method.exp_year == 2026);
  CHECK(card(10, 2026).method.status == PaymentMethodStatus::expired);
  CHECK(card(1, 2027).method.status == PaymentMethodStatus::verified);
  CHECK(card(12, 2025).method.status == PaymentMethodStatus::expired);
  CHECK(card(0, 2026).method.exp_year == 0);
  CHECK(card(13, 99'999).method.exp_month == 0);
  CHECK(method_of_body(R"("type":"sepa_debit","sepa_debit":{"bank_code":"37040044","last4":"3000"})").method.brand ==
        "37040044");
  const StripeMethod bank =
      method_of_body(R"("type":"us_bank_account","us_bank_account":{"bank_name":"TEST BANK","last4":"6789"})");
  CHECK(bank.method.type == PaymentMethodType::bank_account);
  CHECK(bank.method.brand == "TEST BANK");
  CHECK(method_of_body(R"("type":"paypal","paypal":{})").method.type == PaymentMethodType::wallet);
  CHECK(method_of_body(R"("type":"paypal","paypal":{})").method.brand == "paypal");
  CHECK(method_of_body(R"("type":"card","card":{"brand":"visa","wallet":{"type":"apple_pay"}})").method.type ==
        PaymentMethodType::wallet);
  CHECK(method_of_body(R"("type":"oxxo")").method.fault == RejectionCode::payment_method_refused);
  CHECK(read_stripe_method(stripe_said(404, "{}"), in_november).method.fault == RejectionCode::payment_method_refused);
  CHECK(read_stripe_method(stripe_said(401, "{}"), in_november).method.fault == RejectionCode::provider_error);
}

TEST_CASE("refunds, customers, subscriptions and sessions are read") {
  struct Row {
    std::string members;
    StripeOutcome outcome;
    std::string code;
  };
  for (const Row& row : {Row{R"("status":"succeeded")", StripeOutcome::succeeded, ""},
                         Row{R"("status":"pending")", StripeOutcome::pending, ""},
                         Row{R"("status":"requires_action")", StripeOutcome::action_required, ""},
                         Row{R"("status":"canceled")", StripeOutcome::failed, "canceled"},
                         Row{R"("status":"failed","failure_reason":"lost_or_stolen_card")", StripeOutcome::failed,
                             "lost_or_stolen_card"},
                         Row{R"("status":"failed")", StripeOutcome::failed, "refund_failed"},
                         Row{R"("status":"new")", StripeOutcome::unknown, "malformed_answer"}}) {
    CAPTURE(row.members);
    const StripeRefund refund = read_stripe_refund(stripe_said(
        200,
        R"({"id":"re_1","amount":5,"currency":"jpy","metadata":{"daybook_refund":"re_ours"},)" + row.members + "}"));
    CHECK(refund.outcome == row.outcome);
    CHECK(refund.code == row.code);
    CHECK(refund.refund == "re_ours");
    CHECK(refund.amount == Money{5, currency_of("JPY")});
  }
  const StripeCustomer customer = read_stripe_customer(stripe_said(
      200,
      R"({"id":"cus_1","metadata":{"daybook_account":"acme"},"invoice_settings":{"default_payment_method":{"id":"pm_1"}}})"));
  CHECK(customer.outcome == StripeOutcome::succeeded);
  CHECK(customer.account == "acme");
  CHECK(customer.default_method == "pm_1");
  CHECK(read_stripe_customer(stripe_said(200, R"({"id":"cus_1","deleted":true})")).outcome == StripeOutcome::not_found);
  const StripeMirror mirror = read_stripe_subscription(
      stripe_said(200, R"({"id":"sub_1","status":"canceled","metadata":{"daybook_subscription":"sub_0"}})"));
  CHECK(mirror.subscription == ProviderSubscription{"stripe", "sub_1", "canceled", true});
  CHECK(mirror.own_id == "sub_0");
  CHECK_FALSE(read_stripe_subscription(stripe_said(200, R"({"id":"sub_1","status":"active"})")).subscription.has_ended);
  CHECK(read_stripe_session(stripe_said(200, R"({"id":"cs_1","url":"https://c.test"})")).url == "https://c.test");
  const auto setup_of = [](const std::string& status) {
    return read_stripe_setup(
        stripe_said(200, R"({"id":"seti_1","client_secret":"s","customer":"cus_1","payment_method":"pm_1","status":")" +
                             status + R"("})"));
  };
  CHECK(setup_of("succeeded").client_secret == "s");
  CHECK(setup_of("succeeded").customer == "cus_1");
  CHECK(setup_of("succeeded").method == "pm_1");
  CHECK(setup_of("requires_action").method.empty());
}

TEST_CASE("what Stripe says of repeating is taken from its status, its code and its headers") {
  const auto judged = [](int status, const std::string& body,
                         std::vector<std::pair<std::string, std::string>> headers) {
    HttpAnswer answer;
    answer.fate = HttpFate::answered;
    answer.status = status;
    answer.body = body;
    answer.headers = std::move(headers);
    return judge_stripe_answer(answer);
  };
  const std::string lock = R"({"error":{"code":"lock_timeout"}})";
  CHECK(judged(200, "", {}).kind == AnswerKind::settled);
  CHECK(judged(402, "", {}).kind == AnswerKind::settled);
  CHECK(judged(429, "", {}).kind == AnswerKind::rate_limited);
  CHECK(judged(429, R"({"error":{"code":"rate_limit"}})", {}).kind == AnswerKind::rate_limited);
  CHECK(judged(429, lock, {}).kind == AnswerKind::locked);
  CHECK(judged(409, lock, {}).kind == AnswerKind::locked);
  CHECK(judged(409, R"({"error":{"code":"idempotency_key_in_use"}})", {}).kind == AnswerKind::locked);
  for (const int status : {301, 424, 500, 502, 503, 504}) CHECK(judged(status, "", {}).kind == AnswerKind::failing);
  CHECK_FALSE(judged(500, "", {}).should_repeat);
  CHECK(judged(500, "", {{"stripe-should-retry", "true"}}).should_repeat == true);
  CHECK(judged(429, "", {{"stripe-should-retry", "false"}}).should_repeat == false);
  CHECK_FALSE(judged(429, "", {{"stripe-should-retry", "maybe"}}).should_repeat);
  CHECK(judged(429, "", {{"idempotent-replayed", "true"}}).is_stored);
  CHECK_FALSE(judged(429, "", {}).is_stored);
}

}  // namespace daybook::test
