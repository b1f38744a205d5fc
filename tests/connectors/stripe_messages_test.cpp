// Stripe's messages: the signature as Stripe documents it, and every type of the map.
#include "connectors/stripe_messages.h"

#include <doctest/doctest.h>

namespace daybook::test {
namespace {

constexpr Instant signed_at{1'492'774'577'000'000};
constexpr std::string_view test_secret = "whsec_test";

std::string object(std::string_view type, std::string_view members) {
  return R"({"id":"evt_1","type":")" + std::string(type) + R"(","data":{"object":{)" + std::string(members) + "}}}";
}

ChargeResult result_of(std::string_view type, std::string_view members) {
  return read_stripe_message(object(type, members)).result;
}

}  // namespace

TEST_CASE("TS-091: what is told of a refund, by itself or in its charge") {
  const StripeToldRefund told{"re_00000000010000000500", "re_1", "pi_1", 900, "USD", "failed", "lost_or_stolen_card"};
  for (const char* type : {"refund.created", "refund.updated", "refund.failed", "charge.refunded"}) {
    CAPTURE(type);
    CHECK(stripe_topic_of(type) == ProviderTopic::refund);
    const ProviderNotice notice = read_stripe_message(stripe_message("evt_1", type, told, signed_at));
    CHECK(notice.message.fault == RejectionCode::none);
    CHECK(notice.message.refund == parse_id("re", told.refund));
    CHECK_FALSE(notice.message.payment.has_value());
    CHECK(notice.amount == Money{900, currency_of("USD")});
    CHECK(notice.refund.status == RefundCallStatus::failed);
    CHECK(notice.refund.refund_id == "re_1");
    CHECK(notice.refund.code == "lost_or_stolen_card");
  }
  struct Row {
    const char* members;
    RefundCallStatus status;
  };
  for (const Row& row : {Row{R"("status":"succeeded")", RefundCallStatus::succeeded},
                         {R"("status":"pending")", RefundCallStatus::pending},
                         {R"("status":"requires_action")", RefundCallStatus::pending},
                         {R"("status":"canceled")", RefundCallStatus::canceled},
                         {R"("status":"failed","failure_reason":"Not a code")", RefundCallStatus::failed},
                         {R"("status":"unheard of")", RefundCallStatus::unknown},
                         {"", RefundCallStatus::unknown}}) {
    CAPTURE(row.members);
    const ProviderNotice notice = read_stripe_message(object("refund.updated", row.members));
    CHECK(notice.refund.status == row.status);
    CHECK(notice.refund.code == (row.status == RefundCallStatus::failed ? "refund_failed" : ""));
    CHECK_FALSE(notice.message.refund.has_value());
  }
  // A charge that does not carry its refunds, as newer versions of the API send it.
  const ProviderNotice bare = read_stripe_message(object("charge.refunded", R"("id":"ch_1","amount_refunded":900)"));
  CHECK(bare.message.fault == RejectionCode::none);
  CHECK_FALSE(bare.message.refund.has_value());
}

TEST_CASE("TS-091: what is told of a dispute, which names the charge in the provider's words") {
  const StripeToldDispute told{"dp_1", "pi_1", 1'900, "USD", "product_not_received", "needs_response"};
  for (const char* type : {"charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed"}) {
    CAPTURE(type);
    CHECK(stripe_topic_of(type) == ProviderTopic::dispute);
    const ProviderNotice notice = read_stripe_message(stripe_message("evt_1", type, told, signed_at));
    CHECK(notice.message.fault == RejectionCode::none);
    CHECK(notice.message.transaction_id == "pi_1");
    CHECK(notice.amount == Money{1'900, currency_of("USD")});
    CHECK(notice.dispute.id == "dp_1");
    CHECK(notice.dispute.reason == "product_not_received");
    CHECK(notice.dispute.due_by == Instant{micros(signed_at) + 7LL * 24 * 3600 * micros_per_second});
    CHECK_FALSE(notice.dispute.outcome.has_value());
  }
  const auto dispute_with = [](std::string_view members) {
    return read_stripe_message(object("charge.dispute.closed", members));
  };
  CHECK(dispute_with(R"("status":"won")").dispute.outcome == DisputeOutcome::won);
  CHECK(dispute_with(R"("status":"warning_closed")").dispute.outcome == DisputeOutcome::won);
  CHECK(dispute_with(R"("status":"lost")").dispute.outcome == DisputeOutcome::lost);
  CHECK(dispute_with(R"("reason":"Not a code")").dispute.reason.empty());
  for (const char* due : {"-1", "0", "9999999999999", "\"soon\""}) {
    const std::string evidence = R"("evidence_details":{"due_by":)" + std::string(due) + "}";
    CHECK_FALSE(dispute_with(evidence).dispute.due_by.has_value());
  }
  CHECK(dispute_with(R"("payment_intent":{"id":"pi_2"})").message.transaction_id == "pi_2");
  CHECK(dispute_with(R"("payment_intent":null,"charge":"ch_3")").message.transaction_id == "ch_3");
  CHECK(dispute_with(R"("charge":{"id":"ch_4"})").message.transaction_id == "ch_4");
  CHECK(dispute_with(R"("metadata":{"daybook_payment":"pay_00000000010000000400"})").message.payment ==
        parse_id("pay", "pay_00000000010000000400"));
}

TEST_CASE("TS-092: a signature is the HMAC-SHA256 of seconds, a point and the body, in hex") {
  // printf '1492774577.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_test
  CHECK(sign_as_stripe(R"({"id":"evt_1"})", test_secret, signed_at) ==
        "t=1492774577,v1=7656fc2882a7ca0a651666b36bf2f2f22ee204f54f608f227498a2419f2890b2");
}

TEST_CASE("of a header with several signatures one must be right; other schemes do not count") {
  const std::string body = R"({"id":"evt_1"})";
  const std::string right = sign_as_stripe(body, test_secret, signed_at);
  const std::string mac = right.substr(right.find("v1=") + 3);
  const WebhookTrust trust{{std::string(test_secret)}};
  const auto check = [&](const std::string& header) { return check_stripe_signature(header, body, trust, signed_at); };
  CHECK(check("t=1492774577,v1=00,v1=" + mac + ",v0=1") == RejectionCode::none);
  CHECK(check("v1=" + mac + ", t=1492774577") == RejectionCode::none);
  CHECK(check("t=1492774577,v0=" + mac) == RejectionCode::signature_invalid);
  CHECK(check("t=1492774577") == RejectionCode::signature_invalid);
  CHECK(check("v1=" + mac) == RejectionCode::signature_invalid);
  CHECK(check("t=1492774578,v1=" + mac) == RejectionCode::signature_invalid);
  CHECK(check("t=14927745770000,v1=" + mac) == RejectionCode::signature_invalid);
  CHECK(check("t=-1492774577,v1=" + mac) == RejectionCode::signature_invalid);
}

TEST_CASE("TS-091: each type that tells of a charge has its outcome, and no other has one") {
  struct Row {
    const char* type;
    ChargeStatus status;
  };
  for (const Row& row : {Row{"payment_intent.succeeded", ChargeStatus::succeeded},
                         {"charge.succeeded", ChargeStatus::succeeded},
                         {"invoice.paid", ChargeStatus::succeeded},
                         {"invoice.payment_succeeded", ChargeStatus::succeeded},
                         {"payment_intent.payment_failed", ChargeStatus::failed},
                         {"charge.failed", ChargeStatus::failed},
                         {"invoice.payment_failed", ChargeStatus::failed},
                         {"payment_intent.requires_action", ChargeStatus::action_required},
                         {"invoice.payment_action_required", ChargeStatus::action_required},
                         {"payment_intent.created", ChargeStatus::unknown},
                         {"customer.created", ChargeStatus::unknown},
                         {"customer.deleted", ChargeStatus::unknown},
                         {"customer.subscription.updated", ChargeStatus::unknown},
                         {"customer.subscription.deleted", ChargeStatus::unknown},
                         {"checkout.session.completed", ChargeStatus::unknown},
                         {"invoice.created", ChargeStatus::unknown},
                         {"invoice.finalized", ChargeStatus::unknown},
                         {"payment_method.attached", ChargeStatus::unknown},
                         {"setup_intent.succeeded", ChargeStatus::unknown},
                         {"charge.refunded", ChargeStatus::unknown},
                         {"charge.dispute.created", ChargeStatus::unknown},
                         {"product.updated", ChargeStatus::unknown}}) {
    CAPTURE(row.type);
    StripeCharge charge;
    charge.payment = "pay_00000000010000000400";
    charge.transaction_id = "pi_1";
    charge.amount = 1'900;
    charge.currency = "JPY";
    charge.code = "expired_card";
    const ProviderNotice notice = read_stripe_message(stripe_message("evt_1", row.type, charge, signed_at));
    CHECK(notice.message.fault == RejectionCode::none);
    CHECK(notice.message.payment.has_value());
    CHECK((stripe_topic_of(row.type) == ProviderTopic::charge) == (row.status != ChargeStatus::unknown));
    CHECK(notice.result.status == row.status);
    if (row.status == ChargeStatus::unknown) continue;
    CHECK(notice.result.transaction_id == "pi_1");
    CHECK(notice.amount == Money{1'900, currency_of("JPY")});
    if (row.status == ChargeStatus::failed) CHECK(notice.result.code == "expired_card");
  }
}

TEST_CASE("a message of a checkout session tells which one, what became of it, and by what method") {
  for (const auto& [type, news] : {std::pair("checkout.session.completed", CheckoutNews::completed),
                                   {"checkout.session.expired", CheckoutNews::expired},
                                   {"checkout.session.async_payment_failed", CheckoutNews::none}}) {
    CAPTURE(type);
    CHECK((stripe_topic_of(type) == ProviderTopic::checkout) == (news != CheckoutNews::none));
    if (news == CheckoutNews::none) continue;
    const StripeCheckout told{"cs_00000000010000000400", "cs_test_1", "tok_ok"};
    const ProviderNotice notice = read_stripe_message(stripe_message("evt_1", type, told, signed_at));
    CHECK(notice.message.fault == RejectionCode::none);
    CHECK(notice.message.checkout == parse_id("cs", "cs_00000000010000000400"));
    CHECK_FALSE(notice.message.payment.has_value());
    CHECK(notice.checkout == news);
    CHECK(notice.payment_method == (news == CheckoutNews::completed ? "tok_ok" : ""));
    CHECK(notice.result.status == ChargeStatus::unknown);
  }
  const ProviderNotice set_up = read_stripe_message(
      R"({"id":"evt_1","type":"checkout.session.completed","data":{"object":{"setup_intent":{"payment_method":{"id":"pm_9"}}}}})");
  CHECK(set_up.payment_method == "pm_9");
  CHECK_FALSE(set_up.message.checkout.has_value());
}

TEST_CASE("a message of a subscription tells which of ours it is about, and how it stands there") {
  struct Row {
    std::string type, status;
    bool has_ended;
  };
  for (const Row& row :
       {Row{"customer.subscription.created", "active", false}, Row{"customer.subscription.updated", "past_due", false},
        Row{"customer.subscription.updated", "canceled", true},
        Row{"customer.subscription.updated", "incomplete_expired", true},
        Row{"customer.subscription.deleted", "active", true}}) {
    CAPTURE(row.type);
    CAPTURE(row.status);
    CHECK(stripe_topic_of(row.type) == ProviderTopic::subscription);
    const StripeSubscription told{"sub_00000000010000000400", "sub_1Abc", row.status};
    const ProviderNotice notice = read_stripe_message(stripe_message("evt_1", row.type, told, signed_at));
    CHECK(notice.message.fault == RejectionCode::none);
    CHECK(notice.message.subscription == parse_id("sub", "sub_00000000010000000400"));
    CHECK(notice.subscription == ProviderSubscription{"", "sub_1Abc", row.status, row.has_ended});
    CHECK(notice.result.status == ChargeStatus::unknown);
  }
  CHECK(stripe_topic_of("customer.subscription.trial_will_end") == ProviderTopic::none);
}

TEST_CASE("a failure's reason is the bank's own where it has one, and always a code of ours") {
  constexpr auto type = "payment_intent.payment_failed";
  CHECK(result_of(type, R"("last_payment_error":{"code":"card_declined","decline_code":"insufficient_funds"})").code ==
        "insufficient_funds");
  CHECK(result_of(type, R"("last_payment_error":{"code":"card_declined","decline_code":"generic_decline"})").code ==
        "card_declined");
  CHECK(result_of(type, "").code == "payment_failed");
  CHECK(result_of(type, R"("failure_code":"Not a code")").code == "payment_failed");
  CHECK(result_of(type, R"("failure_code":")" + std::string(32, 'a') + '"').code == std::string(32, 'a'));
  CHECK(result_of(type, R"("failure_code":")" + std::string(33, 'a') + '"').code == "payment_failed");
}

TEST_CASE("a failure's words are cut between characters and have no control characters") {
  constexpr auto type = "charge.failed";
  CHECK(result_of(type, R"("failure_message":"No.\nNever."
)")
            .message == "No. Never.");
  CHECK(result_of(type, R"("failure_message":")" + std::string(255, 'x') + '"').message.size() == 255);
  CHECK(result_of(type, R"("failure_message":")" + std::string(256, 'x') + '"').message.size() == 255);
  CHECK(result_of(type, R"("failure_message":")" + std::string(254, 'x') + "\xC3\xA9\"").message.size() == 254);
}

TEST_CASE("the customer is sent to https addresses only") {
  constexpr auto type = "payment_intent.requires_action";
  const auto url_of = [&](const std::string& url) {
    return result_of(type, R"("next_action":{"redirect_to_url":{"url":")" + url + R"("}})").action_url;
  };
  CHECK(url_of("https://bank.test/1") == "https://bank.test/1");
  CHECK(url_of("http://bank.test/1").empty());
  CHECK(url_of("javascript:alert(1)").empty());
  CHECK(url_of("https://" + std::string(1'992, 'x')).size() == 2'000);
  CHECK(url_of("https://" + std::string(1'993, 'x')).empty());
}

TEST_CASE("an amount is told with a currency that there is") {
  constexpr auto type = "payment_intent.succeeded";
  CHECK(read_stripe_message(object(type, R"("amount":5,"currency":"usd")")).amount == Money{5, currency_of("USD")});
  CHECK_FALSE(read_stripe_message(object(type, R"("amount":5,"currency":"zzz")")).amount.has_value());
  CHECK_FALSE(read_stripe_message(object(type, R"("amount":5.5,"currency":"usd")")).amount.has_value());
  CHECK_FALSE(read_stripe_message(object(type, R"("currency":"usd")")).amount.has_value());
}

}  // namespace daybook::test
