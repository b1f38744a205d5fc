// What providers tell, in the engine: received once for ever, sealed under the key of the account that it is about, and
// nothing kept of what is about nobody.
#include <future>

#include "domain/tables.h"
#include "engine/limits.h"
#include "schemas/envelope_generated.h"
#include "tests/engine/engine_fixture.h"

namespace daybook::test {
namespace {

constexpr std::string_view body_text = R"({"secret":"of acme"})";

struct Hearing : EngineFixture {
  Hearing() {
    open_account("acme");
    AttachPaymentMethod attach;
    attach.account_id = "acme";
    attach.token = {"tok_secret", {}};
    attach.found.fault = RejectionCode::none;
    attach.found.provider = "simulator";
    REQUIRE(run(attach).accepted());
    DraftInvoice draft;
    draft.account_id = "acme";
    draft.collection = InvoiceCollection::automatic;
    draft.lines.emplace_back().unit_amount = "1900";
    payment = run(FinalizeInvoice{shown<InvoiceShown>(run(draft)).invoice.id}).payment.value().id;
  }
  Work told(const std::string& id, std::optional<EntityRef> about) const {
    ReceiveProviderEvent command;
    command.provider = "stripe";
    command.external_id = id;
    command.type = "payment_intent.succeeded";
    command.payment = about;
    command.owner = "not what the client says";
    command.body.clear = body_text;
    Work one = work(std::move(command), id);
    one.context.principal.name = "webhook:stripe";
    one.context.principal.role = Role::system;
    one.context.keeps_key = true;
    return one;
  }
  Answer hear(const std::string& id) { return run(told(id, payment)); }
  std::string event_at(Position position) { return engine().log().read_one(0, position); }

  EntityRef payment;
};

}  // namespace

TEST_CASE_FIXTURE(Hearing, "WHI-03: what a provider tells is received once, whenever it is told again") {
  REQUIRE(hear("evt_1").accepted());
  const Position first = head();
  SUBCASE("at once") {}
  SUBCASE("after a restart") {
    reopen();
  }
  SUBCASE("after a restart without views") {
    reopen_without_views();
  }
  SUBCASE("long after other keys are forgotten") {
    clock().advance_seconds(2 * idempotency_ttl_us / micros_per_second);
    REQUIRE(hear("evt_2").accepted());
    reopen();
  }
  const Position before = head();
  const Answer again = hear("evt_1");
  CHECK(again.accepted());
  CHECK(again.is_replay);
  CHECK(again.position.position == first);
  CHECK(head() == before);
  sound_closed_index();
}

TEST_CASE_FIXTURE(Hearing, "other keys are forgotten as they were, also those of what a provider tells by hand") {
  Work by_hand = told("evt_1", payment);
  by_hand.context.keeps_key = false;
  REQUIRE(run(by_hand).accepted());
  clock().advance_seconds(2 * idempotency_ttl_us / micros_per_second);
  CHECK_FALSE(run(by_hand).is_replay);
}

TEST_CASE_FIXTURE(Hearing, "WHI-03: five at once are received once") {
  const Position before = head();
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 5; ++i) answers.push_back(start(told("evt_1", payment)));
  int replays = 0;
  for (auto& answer : answers) {
    const Answer one = answer.get();
    CHECK(one.accepted());
    replays += one.is_replay ? 1 : 0;
  }
  CHECK(replays == 4);
  CHECK(head() == before + 1);
}

TEST_CASE_FIXTURE(Hearing, "the body is sealed under its account's key, and goes with the account") {
  const Answer answer = hear("evt_1");
  const std::string bytes = event_at(answer.position.position);
  const schema::Envelope& envelope = *schema::GetEnvelope(bytes.data());
  REQUIRE(envelope.event_type() == schema::Event::ProviderEventReceived);
  CHECK(text(envelope.stream()) == "default/~book");
  const auto& event = *envelope.event_as_ProviderEventReceived();
  CHECK(entity(event.payment()) == payment);
  CHECK(text(event.account_id()) == "acme");
  CHECK(bytes.find("of acme") == std::string::npos);
  const Sealed body = from_table(event.body());
  CHECK(engine().keyring().unseal(body, "default/acme", "body") == body_text);
  REQUIRE(run(ScheduleAccountDeletion{"acme", {}}).accepted());
  REQUIRE(run(PurgeAccount{"acme"}).accepted());
  CHECK_FALSE(engine().keyring().unseal(body, "default/acme", "body").has_value());
  const std::string later = event_at(hear("evt_2").position.position);
  CHECK(schema::GetEnvelope(later.data())->event_as_ProviderEventReceived()->body() == nullptr);
}

TEST_CASE_FIXTURE(Hearing, "of what is about no payment of the book nothing is kept but that it came") {
  std::optional<EntityRef> about;
  SUBCASE("it names none") {}
  SUBCASE("it names one that is not there") {
    about = payment;
    about->stream_version += 100;
  }
  SUBCASE("it names an account that is not there") {
    about = payment;
    about->stream_ordinal += 100;
  }
  SUBCASE("it names another shard's") {
    about = payment;
    about->shard = 5;
  }
  SUBCASE("it names something that is no payment") {
    about = payment;
    about->stream_version = 1;
  }
  SUBCASE("it names one of another book") {
    about = payment;
    book = "other";
  }
  const Answer answer = run(told("evt_1", about));
  REQUIRE(answer.accepted());
  const std::string bytes = event_at(answer.position.position);
  const auto& event = *schema::GetEnvelope(bytes.data())->event_as_ProviderEventReceived();
  CHECK(entity(event.payment()).is_none());
  CHECK(text(event.account_id()).empty());
  CHECK(event.body() == nullptr);
  CHECK(bytes.find("of acme") == std::string::npos);
}

}  // namespace daybook::test
