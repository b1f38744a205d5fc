// TS-089: what the ledger relies on, asked alike of every payment provider. A new adapter is one line in `subjects`.
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connectors/simulated_provider.h"
#include "connectors/stripe_messages.h"

namespace daybook::test {
namespace {

constexpr Instant this_moment{1'800'000'000'000'000};

/// A provider and what it takes to drive it: tokens for each outcome, and its own messages.
struct Subject {
  std::string name;
  std::function<std::unique_ptr<PaymentProvider>(std::vector<std::string> secrets)> make;
  std::string works, declines, needs_action, loses_answer;  ///< Tokens; the next of charges whose refunds do that.
  std::string refund_fails, refund_waits, refund_loses_answer;
  std::function<std::string(std::string_view type, const StripeCharge& charge)> message;
  std::function<std::string(std::string_view body, std::string_view secret, Instant at)> sign;
  std::string succeeded, failed, action, other;  ///< Types of messages.
};

const std::vector<Subject> subjects = {
    {"simulator",
     [](std::vector<std::string> secrets) { return std::make_unique<SimulatedProvider>(WebhookTrust{secrets}); },
     "tok_ok", "tok_declined", "tok_requires_action", "tok_timeout", "tok_refund_failed", "tok_refund_pending",
     "tok_refund_timeout",
     [](std::string_view type, const StripeCharge& charge) {
       return stripe_message("evt_1", type, charge, this_moment);
     },
     sign_as_stripe, "payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.requires_action",
     "customer.created"},
};

Charge charge_of(const std::string& token, std::string key = "key-1") {
  return {std::move(key), token, {1'900, currency_of("USD")}, 1};
}

StripeCharge told() {
  StripeCharge charge;
  charge.payment = "pay_00000000010000000400";
  charge.transaction_id = "pi_1";
  charge.amount = 1'900;
  charge.currency = "USD";
  charge.code = "card_declined";
  charge.action_url = "https://bank.test/confirm";
  return charge;
}

Instant plus_seconds(std::int64_t count) {
  return Instant{micros(this_moment) + count * micros_per_second};
}

}  // namespace

TEST_CASE("TS-089: what is behind a token is known, masked, and any other text is refused") {
  for (const Subject& subject : subjects) {
    CAPTURE(subject.name);
    const auto provider = subject.make({"secret"});
    const ProviderMethod method = provider->find_method(subject.works);
    CHECK(method.fault == RejectionCode::none);
    CHECK_FALSE(method.provider.empty());
    CHECK(method.last4.size() <= 4);
    CHECK(method.status == PaymentMethodStatus::verified);
    CHECK(provider->find_method(subject.needs_action).status == PaymentMethodStatus::requires_action);
    for (const char* token : {"", "tok", "4242424242424242"}) {
      CHECK(provider->find_method(token).fault == RejectionCode::payment_method_refused);
    }
  }
}

TEST_CASE("TS-089: a charge comes to what its token says, and a failure has a code") {
  for (const Subject& subject : subjects) {
    CAPTURE(subject.name);
    const auto provider = subject.make({"secret"});
    const ChargeResult done = provider->charge(charge_of(subject.works, "a"));
    CHECK(done.status == ChargeStatus::succeeded);
    CHECK_FALSE(done.transaction_id.empty());
    const ChargeResult declined = provider->charge(charge_of(subject.declines, "b"));
    CHECK(declined.status == ChargeStatus::failed);
    CHECK_FALSE(declined.code.empty());
    const ChargeResult waits = provider->charge(charge_of(subject.needs_action, "c"));
    CHECK(waits.status == ChargeStatus::action_required);
    CHECK(waits.action_url.starts_with("https://"));
  }
}

TEST_CASE("TS-089: a key is charged once and found again, also if the answer was lost") {
  for (const Subject& subject : subjects) {
    CAPTURE(subject.name);
    const auto provider = subject.make({"secret"});
    CHECK(provider->find("key-1").status == ChargeStatus::not_found);
    const ChargeResult first = provider->charge(charge_of(subject.works));
    CHECK(provider->charge(charge_of(subject.works)).transaction_id == first.transaction_id);
    CHECK(provider->find("key-1").transaction_id == first.transaction_id);
    CHECK(provider->find("key-1").status == ChargeStatus::succeeded);
    CHECK(provider->charge(charge_of(subject.loses_answer, "key-2")).status == ChargeStatus::unknown);
    CHECK(provider->find("key-2").status == ChargeStatus::succeeded);
    CHECK(provider->find("key-3").status == ChargeStatus::not_found);
  }
}

TEST_CASE("TS-089: a refund comes to what its charge says, once for each key, and is found again") {
  for (const Subject& subject : subjects) {
    CAPTURE(subject.name);
    const auto provider = subject.make({"secret"});
    const auto refund_of = [&](const std::string& token, const std::string& key) {
      const ChargeResult charged = provider->charge(charge_of(token, "charge-" + key));
      REQUIRE(charged.status == ChargeStatus::succeeded);
      return RefundCall{key, "re_00000000010000000500", charged.transaction_id, {900, currency_of("USD")}};
    };
    const RefundCall works = refund_of(subject.works, "a");
    CHECK(provider->find_refund(works).status == RefundCallStatus::not_found);
    const RefundCallResult done = provider->refund(works);
    CHECK(done.status == RefundCallStatus::succeeded);
    CHECK_FALSE(done.refund_id.empty());
    CHECK(provider->refund(works).refund_id == done.refund_id);
    CHECK(provider->find_refund(works).refund_id == done.refund_id);
    const RefundCallResult failed = provider->refund(refund_of(subject.refund_fails, "b"));
    CHECK(failed.status == RefundCallStatus::failed);
    CHECK_FALSE(failed.code.empty());
    const RefundCall lost = refund_of(subject.refund_loses_answer, "c");
    CHECK(provider->refund(lost).status == RefundCallStatus::unknown);
    CHECK(provider->find_refund(lost).status == RefundCallStatus::succeeded);
    const RefundCall waits = refund_of(subject.refund_waits, "d");
    CHECK(provider->refund(waits).status == RefundCallStatus::pending);
    CHECK(provider->find_refund(waits).status == RefundCallStatus::pending);
    CHECK(provider->find_refund(waits).status == RefundCallStatus::succeeded);
  }
}

TEST_CASE("TS-089, TS-092: only what is signed with one of the secrets, byte for byte, is the provider's") {
  for (const Subject& subject : subjects) {
    CAPTURE(subject.name);
    const auto provider = subject.make({"new secret", "old secret"});
    const std::string body = subject.message(subject.succeeded, told());
    for (const char* secret : {"new secret", "old secret"}) {
      CHECK(provider->check_signature(subject.sign(body, secret, this_moment), body, this_moment) ==
            RejectionCode::none);
    }
    const std::string signature = subject.sign(body, "new secret", this_moment);
    for (const std::string& wrong :
         {subject.sign(body, "another", this_moment), subject.sign(body, "", this_moment), std::string(),
          std::string("t="), std::string(",,="), signature.substr(0, signature.size() - 1), signature + "0",
          std::string(10'000, 'v')}) {
      CHECK(provider->check_signature(wrong, body, this_moment) == RejectionCode::signature_invalid);
    }
    CHECK(provider->check_signature(signature, body + " ", this_moment) == RejectionCode::signature_invalid);
    CHECK(provider->check_signature(signature, "", this_moment) == RejectionCode::signature_invalid);
    CHECK(subject.make({})->check_signature(signature, body, this_moment) == RejectionCode::signature_invalid);
  }
}

TEST_CASE("TS-089, TS-094: a signature counts for five minutes, and not a second longer") {
  for (const Subject& subject : subjects) {
    CAPTURE(subject.name);
    const auto provider = subject.make({"secret"});
    const std::string body = subject.message(subject.succeeded, told());
    for (const std::int64_t side : {-1, 1}) {
      CHECK(provider->check_signature(subject.sign(body, "secret", plus_seconds(side * 300)), body, this_moment) ==
            RejectionCode::none);
      CHECK(provider->check_signature(subject.sign(body, "secret", plus_seconds(side * 301)), body, this_moment) ==
            RejectionCode::webhook_too_old);
      // Who did not sign it learns nothing of clocks.
      CHECK(provider->check_signature(subject.sign(body, "another", plus_seconds(side * 301)), body, this_moment) ==
            RejectionCode::signature_invalid);
    }
  }
}

TEST_CASE("TS-089: a message tells which payment it is about, and what became of its charge") {
  for (const Subject& subject : subjects) {
    CAPTURE(subject.name);
    const auto provider = subject.make({"secret"});
    struct Row {
      std::string type;
      ChargeStatus status;
    };
    for (const Row& row :
         {Row{subject.succeeded, ChargeStatus::succeeded}, Row{subject.failed, ChargeStatus::failed},
          Row{subject.action, ChargeStatus::action_required}, Row{subject.other, ChargeStatus::unknown}}) {
      CAPTURE(row.type);
      const ProviderNotice notice = provider->read_message(subject.message(row.type, told()));
      CHECK(notice.message.fault == RejectionCode::none);
      CHECK(notice.message.id == "evt_1");
      CHECK(notice.message.type == row.type);
      CHECK(notice.message.payment == parse_id("pay", "pay_00000000010000000400"));
      CHECK(notice.result.status == row.status);
      CHECK((provider->topic_of(row.type) == ProviderTopic::charge) == (row.status != ChargeStatus::unknown));
      if (row.status == ChargeStatus::unknown) continue;
      CHECK(notice.amount == Money{1'900, currency_of("USD")});
      CHECK(notice.result.transaction_id == "pi_1");
      CHECK(notice.result.code == (row.status == ChargeStatus::failed ? "card_declined" : ""));
      CHECK(notice.result.action_url ==
            (row.status == ChargeStatus::action_required ? "https://bank.test/confirm" : ""));
    }
    for (const char* body : {"", "{", "[]", "7", "{}", R"({"id":"evt_1"})", R"({"id":1,"type":2,"data":{"object":{}}})",
                             R"({"id":"evt_1","type":"a","data":{"object":[]}})", "\xFF"}) {
      CAPTURE(body);
      CHECK(provider->read_message(body).message.fault == RejectionCode::malformed_request);
    }
  }
}

}  // namespace daybook::test
