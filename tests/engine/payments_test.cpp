// Payments in the engine: what leaves an account's state and comes back, and answers that wait for a result.
#include <thread>

#include "domain/evolve.h"
#include "domain/tables.h"
#include "engine/index_check.h"
#include "eventstore/stream_index.h"
#include "schemas/envelope_generated.h"
#include "tests/engine/engine_fixture.h"

namespace daybook::test {
namespace {

struct Paying : EngineFixture {
  Paying() {
    open_account("acme");
    AttachPaymentMethod command;
    command.account_id = "acme";
    command.token = {"tok_secret", {}};
    command.found.fault = RejectionCode::none;
    command.found.provider = "simulator";
    REQUIRE(run(command).accepted());
  }
  EntityRef draft() {
    DraftInvoice command;
    command.account_id = "acme";
    command.collection = InvoiceCollection::automatic;
    command.lines.emplace_back().unit_amount = "1900";
    return shown<InvoiceShown>(run(command)).invoice.id;
  }
  /// An invoice that is collected, and its payment.
  Answer collected() { return run(FinalizeInvoice{draft()}); }
  Work waiting(Command command, std::chrono::milliseconds time, std::string key = {}) const {
    Work one = work(std::move(command), std::move(key));
    one.context.payment_wait = time;
    return one;
  }
  static RecordPaymentResult success(EntityRef payment) {
    RecordPaymentResult command;
    command.payment = payment;
    command.transaction_id = "ch_1";
    return command;
  }
  EntityRef in_flight() {
    const AccountState account = state("acme");
    for (const auto& [id, payment] : account.payments()) {
      if (payment.is_open()) return id;
    }
    return {};
  }
  static constexpr std::chrono::milliseconds long_time{60'000};
};

}  // namespace

TEST_CASE_FIXTURE(Paying, "a payment has its result after a restart, from its row's state and from the log alone") {
  const EntityRef first = collected().payment.value().id;
  const EntityRef second = collected().payment.value().id;
  reopen();
  CHECK(shown<PaymentShown>(run(success(first))).payment.status == PaymentStatus::succeeded);
  reopen_without_views();
  CHECK(run(success(first)).is_unchanged);
  CHECK(shown<PaymentShown>(run(success(second))).payment.status == PaymentStatus::succeeded);
  CHECK(state("acme").receivable() == 0);
  reopen();
  CHECK(state("acme").payments().empty());
  CHECK(run(success(second)).is_unchanged);  // from its own row
  sound_closed_index();
}

TEST_CASE_FIXTURE(Paying, "the token stands sealed in the intent, as it does with the method") {
  const Answer answer = collected();
  const std::string bytes = engine().log().read_one(0, answer.position.position - 1);
  const schema::Envelope& envelope = *schema::GetEnvelope(bytes.data());
  REQUIRE(envelope.event_type() == schema::Event::PaymentAttempted);
  CHECK(bytes.find("tok_secret") == std::string::npos);
  const Sealed token = from_table(envelope.event_as_PaymentAttempted()->token());
  CHECK(engine().keyring().unseal(token, "default/acme", "token") == "tok_secret");
}

TEST_CASE_FIXTURE(Paying, "an answer that waits shows what the result made of things") {
  std::future<Answer> waiting_one = start(waiting(FinalizeInvoice{draft()}, long_time));
  while (in_flight().is_none()) std::this_thread::yield();
  CHECK(waiting_one.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  const Answer result = run(success(in_flight()));
  const Answer answer = waiting_one.get();
  CHECK(shown<InvoiceShown>(answer).invoice.status == InvoiceStatus::paid);
  CHECK(answer.payment.value().status == PaymentStatus::succeeded);
  CHECK(answer.position == result.position);
  CHECK(answer.version == shown<InvoiceShown>(answer).invoice.version);
}

TEST_CASE_FIXTURE(Paying, "an answer does not wait longer than it may, and shows what is known then") {
  const Answer answer = run(waiting(FinalizeInvoice{draft()}, std::chrono::milliseconds(20)));
  CHECK(shown<InvoiceShown>(answer).invoice.status == InvoiceStatus::open);
  CHECK(answer.payment.value().status == PaymentStatus::pending);
  const Answer at_once = run(work(FinalizeInvoice{draft()}));
  CHECK(at_once.payment.value().status == PaymentStatus::pending);
}

TEST_CASE_FIXTURE(Paying, "a repeat waits for the same result, and has it when it is there") {
  const EntityRef invoice = draft();
  std::future<Answer> first = start(waiting(FinalizeInvoice{invoice}, long_time, "key"));
  std::future<Answer> repeat = start(waiting(FinalizeInvoice{invoice}, long_time, "key"));
  while (in_flight().is_none()) std::this_thread::yield();
  run(success(in_flight()));
  CHECK_FALSE(first.get().is_replay);
  const Answer repeated = repeat.get();
  CHECK(repeated.is_replay);
  CHECK(shown<InvoiceShown>(repeated).invoice.status == InvoiceStatus::paid);
  reopen();
  const Answer later = run(waiting(FinalizeInvoice{invoice}, long_time, "key"));
  CHECK(later.is_replay);
  CHECK(shown<InvoiceShown>(later).invoice.status == InvoiceStatus::paid);
  CHECK(later.payment.value().status == PaymentStatus::succeeded);
}

TEST_CASE_FIXTURE(Paying, "who waits when the engine stops is answered as it was at the intent") {
  std::future<Answer> waiting_one = start(waiting(FinalizeInvoice{draft()}, long_time));
  while (in_flight().is_none()) std::this_thread::yield();
  engine().stop();
  const Answer answer = waiting_one.get();
  CHECK(answer.payment.value().status == PaymentStatus::pending);
  CHECK(shown<InvoiceShown>(answer).invoice.status == InvoiceStatus::open);
}

TEST_CASE_FIXTURE(Paying, "a dry run shows the payment that it would attempt") {
  Work dry = waiting(FinalizeInvoice{draft()}, long_time);
  dry.context.dry_run = true;
  const Position before = head();
  const Answer answer = run(std::move(dry));
  CHECK(answer.payment.value().amount == 1'900);
  CHECK(answer.payment.value().provider_key.empty());
  CHECK(head() == before);
}

}  // namespace daybook::test
