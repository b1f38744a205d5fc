// What providers tell by themselves, as the log keeps it: received with what it is about, and then one word on what
// came of it.
#include "schemas/envelope_generated.h"
#include "tests/domain/given.h"

using namespace daybook;
using namespace daybook::test;

namespace {

struct Told : Given {
  EntityRef receive(std::optional<EntityRef> payment = {}) {
    ReceiveProviderEvent command;
    command.provider = "stripe";
    command.external_id = "evt_1";
    command.type = "payment_intent.succeeded";
    command.payment = payment;
    command.owner = payment ? "acme" : "";
    command.body.clear = "clear text";
    if (payment) command.body.sealed = {1, "nonce", "ciphertext and tag"};
    REQUIRE(when(command).accepted());
    return {book.ordinal, book.version, 0, 0};
  }
  const schema::Envelope& last() const { return *schema::GetEnvelope(envelopes.back().data()); }
};

ProcessProviderEvent verdict(EntityRef event, ProviderEventOutcome outcome, std::string reason = {}) {
  ProcessProviderEvent command;
  command.provider_event = event;
  command.outcome = outcome;
  command.reason = std::move(reason);
  return command;
}

}  // namespace

TEST_CASE("WHI-05: what a provider tells is received with what it is about, its body sealed") {
  Told given;
  const EntityRef payment{1, 7, 0, 0};
  const EntityRef id = given.receive(payment);
  REQUIRE(given.last().event_type() == schema::Event::ProviderEventReceived);
  schema::ProviderEventReceivedT event;
  given.last().event_as_ProviderEventReceived()->UnPackTo(&event);
  CHECK(event.provider_event == id);
  CHECK(event.provider == "stripe");
  CHECK(event.external_id == "evt_1");
  CHECK(event.type == "payment_intent.succeeded");
  CHECK(event.payment == payment);
  CHECK(event.account_id == "acme");
  CHECK(event.body != nullptr);
  CHECK(given.envelopes.back().find("clear text") == std::string::npos);
}

TEST_CASE("what is about nothing that the book has is received without a body") {
  Told given;
  given.receive();
  const auto& event = *given.last().event_as_ProviderEventReceived();
  CHECK(event.payment()->stream_version() == 0);
  CHECK(event.body() == nullptr);
}

TEST_CASE(
    "WHI-05: of what it is about an event names one thing: the payment, else the session, else the subscription") {
  Told given;
  ReceiveProviderEvent command;
  command.provider = "stripe";
  command.external_id = "evt_2";
  command.type = "customer.subscription.updated";
  command.owner = "acme";
  const EntityRef subscription{1, 7, 0, 0}, checkout{1, 8, 0, 0}, payment{1, 9, 0, 0};
  const auto named = [&] {
    REQUIRE(given.when(command).accepted());
    schema::ProviderEventReceivedT event;
    given.last().event_as_ProviderEventReceived()->UnPackTo(&event);
    return std::vector<EntityRef>{event.payment, event.checkout_session, event.subscription};
  };
  command.subscription = subscription;
  CHECK(named() == std::vector<EntityRef>{{}, {}, subscription});
  command.checkout = checkout;
  CHECK(named() == std::vector<EntityRef>{{}, checkout, {}});
  command.payment = payment;
  CHECK(named() == std::vector<EntityRef>{payment, {}, {}});
}

TEST_CASE("what became of it is one event, and changes nothing of the book") {
  Told given;
  const EntityRef id = given.receive();
  using Outcome = ProviderEventOutcome;
  ProcessProviderEvent changed = verdict(id, Outcome::processed);
  changed.changed = true;
  REQUIRE(given.when(changed).accepted());
  REQUIRE(given.last().event_type() == schema::Event::ProviderEventProcessed);
  CHECK(given.last().event_as_ProviderEventProcessed()->changed());
  REQUIRE(given.when(verdict(id, Outcome::processed)).accepted());
  CHECK_FALSE(given.last().event_as_ProviderEventProcessed()->changed());
  REQUIRE(given.when(verdict(id, Outcome::ignored, "not_supported")).accepted());
  REQUIRE(given.last().event_type() == schema::Event::ProviderEventIgnored);
  CHECK(given.last().event_as_ProviderEventIgnored()->reason()->str() == "not_supported");
  REQUIRE(given.when(verdict(id, Outcome::failed, "amount_differs")).accepted());
  REQUIRE(given.last().event_type() == schema::Event::ProviderEventFailed);
  CHECK(given.last().event_as_ProviderEventFailed()->reason()->str() == "amount_differs");
}

TEST_CASE("what became of an event is said of one that the book has, and with a reason where one is needed") {
  Told given;
  const EntityRef id = given.receive();
  using Outcome = ProviderEventOutcome;
  struct Row {
    ProcessProviderEvent command;
    RejectionCode code;
  };
  EntityRef later = id, other = id, elsewhere = id;
  later.stream_version = given.book.version + 1;
  other.stream_ordinal += 1;
  elsewhere.shard = 1;
  for (const Row& row : {Row{verdict({}, Outcome::processed), RejectionCode::not_found},
                         Row{verdict(later, Outcome::processed), RejectionCode::not_found},
                         Row{verdict(other, Outcome::processed), RejectionCode::not_found},
                         Row{verdict(elsewhere, Outcome::processed), RejectionCode::not_found},
                         Row{verdict(id, Outcome::ignored), RejectionCode::validation_failed},
                         Row{verdict(id, Outcome::failed), RejectionCode::validation_failed},
                         Row{verdict(id, Outcome::processed, "why"), RejectionCode::validation_failed}}) {
    CHECK(given.refused(row.command) == row.code);
  }
}

TEST_CASE("WHI-05: an id of the book without a version is none of its events") {
  Told given;
  given.receive();
  CHECK(given.refused(verdict({1, 0, 0, 0}, ProviderEventOutcome::processed)) == RejectionCode::not_found);
}
