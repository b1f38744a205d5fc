// Collecting an invoice: the intent, what the provider says of it, and what no one may do meanwhile.
#include "tests/domain/paying.h"

#include "domain/state_codec.h"
#include "schemas/envelope_generated.h"

using namespace daybook;
using namespace daybook::test;

namespace {

/// The last event that was folded.
const schema::Envelope& last_event(const Given& given) {
  return *schema::GetEnvelope(given.envelopes.back().data());
}

}  // namespace

TEST_CASE("PMT-01: an invoice that is collected when it is finalised is attempted in the same decision") {
  Paying given;
  const EntityRef method = given.attach();
  const EntityRef draft = given.collected_draft("1900");
  const Decision decision = given.when(FinalizeInvoice{draft});
  REQUIRE(decision.accepted());
  CHECK(decision.subject.kind == SubjectKind::invoice);
  const Payment& payment = given.last_payment();
  CHECK(payment.invoice == draft);
  CHECK(payment.payment_method == method);
  CHECK(payment.amount == 1'900);
  CHECK(payment.attempt == 1);
  CHECK(payment.status == PaymentStatus::pending);
  CHECK(payment.provider == "simulator");
  CHECK(given.invoice(draft).is_collecting);
  CHECK(given.invoice(draft).payment == payment.id);
  CHECK(given.invoice(draft).amount_remaining() == 1'900);
}

TEST_CASE("PRV-06: the key of a charge is made of the invoice, the method, the attempt and its instant") {
  Paying given;
  const EntityRef method = given.attach();
  const EntityRef invoice = given.collected("1900");
  const std::string first = given.last_payment().provider_key;
  CHECK(first == format_id("inv", invoice) + "-" + format_id("pm", method) + "-1-" + std::to_string(micros(given.now)));
  given.accept(Paying::decline(given.last_payment().id));
  given.pass_seconds(1);
  given.accept(Paying::pay(invoice));
  CHECK(given.last_payment().provider_key ==
        format_id("inv", invoice) + "-" + format_id("pm", method) + "-2-" + std::to_string(micros(given.now)));
}

TEST_CASE("the intent carries the method's sealed token, and a dry run no id in a text") {
  Paying given;
  given.attach();
  const EntityRef invoice = given.collected("1900");
  const auto& event = *schema::GetEnvelope(given.envelopes[given.envelopes.size() - 2].data());
  REQUIRE(event.event_type() == schema::Event::PaymentAttempted);
  CHECK(event.event_as_PaymentAttempted()->token()->bytes()->size() == std::string("ciphertext and tag").size());
  given.accept(Paying::decline(given.last_payment().id));
  DecisionContext context = given.context();
  context.dry_run = true;
  const Decision decision = decide(given.account, Paying::pay(invoice), context);
  REQUIRE(decision.accepted());
  flatbuffers::FlatBufferBuilder builder;
  const auto payload = decision.events.front().pack(builder);
  builder.Finish(payload);
  const auto* attempt = flatbuffers::GetRoot<schema::PaymentAttempted>(builder.GetBufferPointer());
  CHECK((attempt->provider_key() == nullptr || attempt->provider_key()->size() == 0));
}

TEST_CASE("credits pay first, and what they leave is collected") {
  Paying given;
  given.attach();
  given.accept(issue(400));
  const EntityRef invoice = given.collected("1900");
  CHECK(given.last_payment().amount == 1'500);
  given.accept(Paying::success(given.last_payment().id));
  CHECK(given.invoice(invoice).status == InvoiceStatus::paid);
  CHECK(given.invoice(invoice).amount_paid == 1'500);
}

TEST_CASE("INV-13: an invoice that credits pay, or that is zero, is not attempted") {
  Paying given;
  given.attach();
  given.accept(issue(1'900));
  CHECK(given.invoice(given.collected("1900")).status == InvoiceStatus::paid);
  CHECK(given.invoice(given.collected("0")).status == InvoiceStatus::paid);
  CHECK(given.account.payments().empty());
}

TEST_CASE("an invoice that is paid by hand is not collected, and has no failure without a method") {
  Paying given;
  const EntityRef invoice = given.finalized({"1900"});
  CHECK(given.invoice(invoice).status == InvoiceStatus::open);
  CHECK(given.invoice(invoice).payment_attempts == 0);
  CHECK(given.account.payments().empty());
}

TEST_CASE("PMT-04: a success posts cash against the receivable and pays the invoice, once") {
  Paying given;
  given.attach();
  const EntityRef invoice = given.collected("1900");
  const EntityRef payment = given.last_payment().id;
  const Decision decision = given.when(Paying::success(payment));
  REQUIRE(decision.accepted());
  REQUIRE(decision.events.size() == 2);
  CHECK(last_event(given).event_as_InvoicePaid()->cause() == schema::SettlementCause::payment);
  CHECK(given.payment(payment).status == PaymentStatus::succeeded);
  CHECK(given.payment(payment).transaction_id == "ch_1");
  CHECK(given.invoice(invoice).status == InvoiceStatus::paid);
  CHECK(given.invoice(invoice).amount_paid == 1'900);
  CHECK(given.account.receivable() == 0);
  CHECK(given.journal() == std::map<LedgerAccount, std::int64_t>{{LedgerAccount::cash_clearing, 1'900},
                                                                 {LedgerAccount::receivable, 0},
                                                                 {LedgerAccount::revenue, -1'900}});

  for (const RecordPaymentResult& again :
       {Paying::success(payment), Paying::decline(payment), Paying::challenge(payment)}) {
    const Decision repeat = given.when(again);
    CHECK(repeat.accepted());
    CHECK(repeat.events.empty());
  }
}

TEST_CASE("PMT-05: a decline keeps code, message and attempt, and the invoice stays open") {
  Paying given;
  given.attach();
  const EntityRef invoice = given.collected("1900");
  const EntityRef payment = given.last_payment().id;
  given.accept(Paying::decline(payment, "insufficient_funds"));
  CHECK(given.payment(payment).status == PaymentStatus::failed);
  CHECK(given.payment(payment).failure_code == "insufficient_funds");
  CHECK(given.payment(payment).failure_message == "No.");
  CHECK(given.invoice(invoice).status == InvoiceStatus::open);
  CHECK(given.invoice(invoice).amount_remaining() == 1'900);
  CHECK_FALSE(given.invoice(invoice).is_collecting);
  given.accept(Paying::pay(invoice));
  CHECK(given.last_payment().attempt == 2);
  given.accept(Paying::success(given.last_payment().id));
  CHECK(given.invoice(invoice).status == InvoiceStatus::paid);
}

TEST_CASE("PMT-08: without a method to charge there is a failure that nobody was asked for") {
  Paying given;
  SUBCASE("none") {}
  SUBCASE("one that failed") {
    given.attach(PaymentMethodStatus::failed);
  }
  const EntityRef invoice = given.collected("1900");
  const Payment& payment = given.last_payment();
  CHECK(payment.status == PaymentStatus::failed);
  CHECK(payment.failure_code == no_payment_method_code);
  CHECK(payment.payment_method.is_none());
  CHECK(payment.attempt == 1);
  CHECK(given.count(schema::Event::PaymentAttempted) == 0);
  CHECK(given.invoice(invoice).status == InvoiceStatus::open);
  CHECK(given.invoice(invoice).payment_attempts == 1);
  CHECK(given.refused(Paying::pay(invoice)) == RejectionCode::no_payment_method);
  given.attach();
  AttemptPayment with = Paying::pay(invoice);
  with.method = given.account.details.payment_methods.back().id;
  given.accept(with);
  CHECK(given.last_payment().attempt == 2);
}

TEST_CASE("PMT-09: a payment that waits for its customer is in flight until a result comes") {
  Paying given;
  given.attach();
  const EntityRef invoice = given.collected("1900");
  const EntityRef payment = given.last_payment().id;
  given.accept(Paying::challenge(payment));
  CHECK(given.payment(payment).status == PaymentStatus::requires_action);
  CHECK(given.payment(payment).action_url == "https://bank.test/confirm");
  CHECK(given.when(Paying::challenge(payment)).events.empty());
  CHECK(given.refused(Paying::pay(invoice)) == RejectionCode::payment_in_progress);
  SUBCASE("he confirms") {
    given.accept(Paying::success(payment));
    CHECK(given.invoice(invoice).status == InvoiceStatus::paid);
    CHECK(given.payment(payment).action_url.empty());
  }
  SUBCASE("he does not") {
    given.accept(Paying::decline(payment, "authentication_failed"));
    CHECK(given.invoice(invoice).status == InvoiceStatus::open);
    given.accept(Paying::pay(invoice));
  }
}

TEST_CASE("PMT-03: while a payment is in flight, what is owed for its invoice stays what it is") {
  Paying given;
  given.attach();
  const EntityRef credited = given.collected("500");
  given.accept(Paying::decline(given.last_payment().id));
  IssueCreditNote part;
  part.invoice = credited;
  part.amount = 100;
  const EntityRef note = given.accept(part);
  given.accept(Paying::pay(credited));
  VoidInvoice void_it;
  void_it.invoice = credited;
  MarkInvoiceUncollectible write_off;
  write_off.invoice = credited;
  AdjustInvoice surcharge;
  surcharge.invoice = credited;
  surcharge.type = AdjustmentType::surcharge;
  surcharge.amount = 1;
  IssueCredit pays_it = issue(100);
  pays_it.invoice = credited;
  VoidCreditNote take_back;
  take_back.credit_note = note;
  for (const Command& command :
       {Command(Paying::pay(credited)), Command(void_it), Command(write_off), Command(part), Command(surcharge),
        Command(take_back), Command(pays_it), Command(RetryPayment{"acme", {}})}) {
    CHECK_MESSAGE(given.refused(command) == RejectionCode::payment_in_progress, command_name(command));
  }
  given.accept(Paying::decline(given.last_payment().id));
  given.accept(take_back);
  given.accept(void_it);
}

TEST_CASE("PMT-04: a success pays no invoice of which more is owed than was charged") {
  Paying given;
  given.attach();
  const EntityRef id = given.collected("1000");
  // No command does that while a payment is in flight.
  given.account.change_invoice(id, [](Invoice& one) { one.surcharged = 300; });
  given.accept(Paying::success(given.last_payment().id));
  CHECK(given.invoice(id).status == InvoiceStatus::open);
  CHECK(given.invoice(id).amount_remaining() == 300);
  given.accept(Paying::pay(id));
  CHECK(given.last_payment().amount == 300);
  given.accept(Paying::success(given.last_payment().id));
  CHECK(given.invoice(id).status == InvoiceStatus::paid);
}

TEST_CASE("a payment is of an open invoice, with a method of the account") {
  Paying given;
  const EntityRef method = given.attach();
  const EntityRef draft = given.draft({"100"});
  CHECK(given.refused(Paying::pay(draft)) == RejectionCode::invalid_transition);
  given.accept(FinalizeInvoice{draft});
  AttemptPayment other = Paying::pay(draft);
  other.method = draft;
  CHECK(given.refused(other) == RejectionCode::not_found);
  AttemptPayment unknown = Paying::pay(method);
  CHECK(given.refused(unknown) == RejectionCode::not_found);
  given.accept(Paying::pay(draft));
  given.accept(Paying::success(given.last_payment().id));
  CHECK(given.refused(Paying::pay(draft)) == RejectionCode::invalid_transition);
  CHECK(given.refused(Paying::success(draft)) == RejectionCode::not_found);
}

TEST_CASE("PMT-06: a retry of an account charges for what has been due for longest, and nothing if nothing is owed") {
  Paying given;
  given.attach();
  CHECK(given.refused(RetryPayment{"acme", {}}) == RejectionCode::nothing_owed);
  const EntityRef first = given.finalized({"100"});
  given.pass_seconds(60);
  const EntityRef second = given.finalized({"200"});
  given.accept(RetryPayment{"acme", {}});
  CHECK(given.last_payment().invoice == first);
  given.accept(Paying::success(given.last_payment().id));
  given.accept(RetryPayment{"acme", {}});
  CHECK(given.last_payment().invoice == second);
}

TEST_CASE("PMT-06: what was invoiced later and has been due for longer comes first, what is due later does not") {
  Paying given;
  given.attach();
  const auto due_in = [&](std::int32_t days) {
    DraftInvoice command;
    command.account_id = "acme";
    command.lines.push_back(invoice_line("100"));
    command.net_days = days;
    const EntityRef id = given.accept(command);
    given.accept(FinalizeInvoice{id});
    return id;
  };
  due_in(30);
  const EntityRef oldest = due_in(7);
  due_in(14);
  given.accept(RetryPayment{"acme", {}});
  CHECK(given.last_payment().invoice == oldest);
}

TEST_CASE("a result must say what it is") {
  Paying given;
  given.attach();
  given.collected("100");
  CHECK(given.refused(Paying::decline(given.last_payment().id, "")) == RejectionCode::validation_failed);
}

TEST_CASE("what the outside did is recorded of an account that is deleted, or purged") {
  Paying given;
  given.attach();
  const EntityRef invoice = given.collected("100");
  given.accept(ScheduleAccountDeletion{"acme", {}});
  SUBCASE("scheduled") {}
  SUBCASE("purged") {
    given.accept(PurgeAccount{"acme"});
  }
  CHECK(given.refused(Paying::pay(invoice)) == RejectionCode::account_deleted);
  given.accept(Paying::success(given.last_payment().id));
  CHECK(given.invoice(invoice).status == InvoiceStatus::paid);
}

TEST_CASE("SUB-01, SUB-13: a subscription's invoices are collected at its start and at each renewal") {
  Paying given("2027-01-15T00:00:00Z");
  given.attach();
  given.subscribe("1900");
  CHECK(given.last_payment().amount == 1'900);
  given.accept(Paying::success(given.last_payment().id));
  given.wait_until("2027-02-15T00:00:00Z");
  CHECK(given.account.payments().size() == 2);
  CHECK(given.last_payment().created_at == at("2027-02-15T00:00:00Z"));
  CHECK(given.last_payment().status == PaymentStatus::pending);
}

TEST_CASE("SUB-01: the method that a subscription names becomes the default and pays its first invoice") {
  Paying given("2027-01-15T00:00:00Z");
  given.plan(flat_terms("1000"));
  const EntityRef first = given.attach(), second = given.attach();
  CreateSubscription command = Paying::to_plan();
  command.own_method = second;
  given.accept(command);
  CHECK(given.account.details.default_payment_method == second);
  CHECK(given.last_payment().payment_method == second);
  CHECK(given.count(schema::Event::DefaultPaymentMethodChanged) == 2);
  given.accept(command);  // it is the default already
  CHECK(given.account.payments().size() == 2);
  CHECK(given.last_payment().payment_method == second);
  CHECK(given.count(schema::Event::DefaultPaymentMethodChanged) == 2);
  DetachPaymentMethod detach;
  detach.payment_method = first;
  given.accept(detach);
  command.own_method = first;
  const Decision refused = given.when(command);
  CHECK(refused.rejection.code == RejectionCode::validation_failed);
  CHECK(refused.rejection.pointer == "/payment_method");
  CHECK(given.account.subscriptions().size() == 2);
}

TEST_CASE("SUB-01: a subscription's token is attached with it, or nothing of either") {
  const auto subscribing_with_token = [] {
    CreateSubscription command = Paying::to_plan();
    command.payment_method = {"", {1, "123456789012", "another token"}};
    command.found.fault = RejectionCode::none;
    command.found.provider = "simulator";
    command.found.status = PaymentMethodStatus::verified;
    return command;
  };
  CreateSubscription command = subscribing_with_token();
  Paying given("2027-01-15T00:00:00Z");
  given.plan(flat_terms("1000"));
  const EntityRef before = given.attach();
  given.accept(command);
  const AccountDetails& details = given.account.details;
  REQUIRE(details.payment_methods.size() == 2);
  const EntityRef attached = given.last_payment().payment_method;
  CHECK(attached != before);
  CHECK(details.default_payment_method == attached);
  CHECK(details.find_payment_method(attached)->token == command.payment_method.sealed);
  command.trial_days = 7;
  given.accept(command);  // kept for the end of the trial
  CHECK(details.payment_methods.size() == 3);
  CHECK(given.account.payments().size() == 1);
  command.found.fault = RejectionCode::payment_method_refused;
  const Decision unknown = given.when(command);
  CHECK(unknown.rejection.code == RejectionCode::payment_method_refused);
  CHECK(unknown.rejection.pointer == "/payment_method");
  while (details.payment_methods.size() < payment_methods_max) given.attach();
  CHECK(given.refused(subscribing_with_token()) == RejectionCode::limit_reached);
  CHECK(given.account.subscriptions().size() == 2);
}

TEST_CASE("a trial is not charged before it ends") {
  Paying given("2027-01-15T00:00:00Z");
  given.attach();
  auto terms = flat_terms("1900");
  terms->trial_days = 7;
  given.plan(std::move(terms));
  given.accept(Paying::to_plan());
  CHECK(given.account.payments().empty());
  given.wait_until("2027-01-22T00:00:00Z");
  CHECK(given.last_payment().amount == 1'900);
}

TEST_CASE("a state with payments in flight is the same after its row, and ended ones stand in rows of their own") {
  Paying given;
  given.attach();
  const EntityRef first = given.collected("100");
  given.accept(Paying::success(given.last_payment().id));
  const EntityRef ended = given.last_payment().id;
  given.collected("200");
  given.accept(Paying::challenge(given.last_payment().id));
  std::string row;
  for_each_row(given.account.take_ended(), [&](EntityRef id, const std::string& bytes) {
    if (id == ended) row = bytes;
  });
  CHECK(given.account.find_payment(ended) == nullptr);
  const auto decoded = decode_account(encode_state(given.account));
  REQUIRE(decoded);
  CHECK(decoded->payments() == given.account.payments());
  CHECK(decoded->invoices() == given.account.invoices());
  REQUIRE(adopt_row(given.account, ended, row));
  CHECK(given.payment(ended).invoice == first);
  CHECK_FALSE(adopt_row(given.account, first, row));
}

TEST_CASE("INV-04: what was written off is paid late: it is no loss, and the tax on it is owed as it was") {
  Paying given;
  given.attach();
  const EntityRef invoice = given.collected("1900");
  given.accept(Paying::decline(given.last_payment().id));
  given.accept(MarkInvoiceUncollectible{invoice, {}});
  const auto lost = given.journal();
  CHECK(lost.at(LedgerAccount::write_offs) == 1'900);

  given.accept(Paying::pay(invoice));
  CHECK(given.last_payment().amount == 1'900);
  CHECK(given.invoice(invoice).status == InvoiceStatus::uncollectible);
  CHECK(given.refused(RetryPayment{"acme", {}}) == RejectionCode::nothing_owed);
  given.accept(Paying::decline(given.last_payment().id));
  CHECK(last_event(given).event_as_PaymentFailed()->written_off());
  CHECK(given.account.details.payments.status() == AccountPaymentStatus::current);
  CHECK(given.journal() == lost);

  given.accept(Paying::pay(invoice));
  given.accept(Paying::success(given.last_payment().id));
  CHECK(given.invoice(invoice).status == InvoiceStatus::paid);
  CHECK(given.invoice(invoice).amount_paid == 1'900);
  CHECK(given.invoice(invoice).uncollectible_at != never);
  CHECK(given.account.receivable() == 0);
  auto sums = given.journal();
  CHECK(sums[LedgerAccount::write_offs] == 0);
  CHECK(sums[LedgerAccount::receivable] == 0);
  CHECK(sums[LedgerAccount::cash_clearing] == 1'900);
  CHECK(sums[LedgerAccount::revenue] == -1'900);
  CHECK(given.refused(Paying::pay(invoice)) == RejectionCode::invalid_transition);
  CHECK(given.account.take_ended().invoices.size() == 1);
}

TEST_CASE("INV-04: only what was written off is collected late, not what credits and notes paid before") {
  Paying given;
  given.attach();
  given.accept(issue(300));
  const EntityRef invoice = given.finalized({"1000"});
  IssueCreditNote part;
  part.invoice = invoice;
  part.amount = 100;
  given.accept(part);
  given.accept(MarkInvoiceUncollectible{invoice, {}});
  given.accept(Paying::pay(invoice));
  CHECK(given.last_payment().amount == 600);
  given.accept(Paying::success(given.last_payment().id));
  CHECK(given.invoice(invoice).status == InvoiceStatus::paid);
  IssueCreditNote rest;
  rest.invoice = invoice;
  rest.amount = 600;
  given.accept(rest);
  CHECK(given.money() == 600);
  CHECK(given.journal()[LedgerAccount::receivable] == 0);
}

TEST_CASE("ACC-07: an account is past due while an invoice is open that a charge failed for") {
  using Status = AccountPaymentStatus;
  Paying given;
  const auto status = [&] { return given.account.details.payments.status(); };
  CHECK(status() == Status::none);
  const EntityRef nobody = given.collected("100");  // without a method no provider is asked
  CHECK(given.last_payment().status == PaymentStatus::failed);
  CHECK(status() == Status::none);
  given.accept(VoidInvoice{nobody, {}});
  given.attach();
  const auto version = [&] { return given.account.details.version; };
  const std::uint64_t before = version();
  given.collected("1000");
  given.accept(Paying::success(given.last_payment().id));
  CHECK(status() == Status::current);
  const std::uint64_t paid = version();
  CHECK(paid > before);
  given.collected("1000");
  given.accept(Paying::success(given.last_payment().id));
  CHECK(version() == paid);

  const EntityRef first = given.collected("1000");
  given.accept(Paying::decline(given.last_payment().id));
  CHECK(status() == Status::past_due);
  CHECK(given.account.details.status == AccountStatus::active);
  CHECK(version() > paid);
  const EntityRef second = given.collected("2000");
  given.accept(Paying::decline(given.last_payment().id));
  given.accept(Paying::pay(first));
  given.accept(Paying::success(given.last_payment().id));
  CHECK(status() == Status::past_due);
  const auto again = decode_account(encode_state(given.account));
  REQUIRE(again.has_value());
  CHECK(again->details.payments.failed == std::vector<EntityRef>{second});
  given.accept(VoidInvoice{second, {}});
  CHECK(status() == Status::current);
}

TEST_CASE("PMT-05: a method that failed is refused by its member, and of what is owed the oldest is paid first") {
  Paying given;
  given.attach(PaymentMethodStatus::failed);
  AttemptPayment command = Paying::pay(given.finalized({"100"}));
  command.method = given.account.details.default_payment_method;
  CHECK(given.when(command).rejection == Rejection{RejectionCode::no_payment_method, "/payment_method_id", {}});
  command.method.reset();
  CHECK(given.when(command).rejection == Rejection{RejectionCode::no_payment_method, "", {}});
  given.pass_seconds(60);
  const EntityRef later = given.finalized({"200"});
  const EntityRef method = given.attach();
  RetryPayment retry;
  retry.method = method;
  given.accept(retry);
  CHECK(given.last_payment().invoice == command.invoice);
  CHECK(given.last_payment().invoice != later);
}
