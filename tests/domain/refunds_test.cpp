// Refunds and disputes: what goes back of a payment, what it posts and credits, and what nobody may take back.
#include <rapidcheck.h>

#include "domain/deciders/credit_note_issue.h"
#include "domain/state_codec.h"
#include "tests/domain/property.h"
#include "tests/domain/refunding.h"

using namespace daybook;
using namespace daybook::test;

namespace {

std::string detail(const Rejection& rejection, std::string_view name) {
  for (const RejectionDetail& one : rejection.details) {
    if (one.name != name) continue;
    if (const auto* number = std::get_if<std::int64_t>(&one.value)) return std::to_string(*number);
    return std::get<std::string>(one.value);
  }
  return {};
}

void check_again(const AccountState& account) {
  const auto again = decode_account(encode_state(account));
  REQUIRE(again.has_value());
  CHECK(encode_state(*again) == encode_state(account));
  CHECK(again->reversals() == account.reversals());
}

/// Lets everything that has ended go, and puts one of them back: as the engine does.
void let_go(AccountState& account, std::initializer_list<EntityRef> wanted) {
  for_each_row(account.take_ended(), [&](EntityRef id, const std::string& row) {
    for (const EntityRef one : wanted) {
      if (one == id) REQUIRE(adopt_row(account, id, row));
    }
  });
}

}  // namespace

TEST_CASE("REF-01: a refund is an intent, which nothing is posted for until its result") {
  Refunding given;
  const EntityRef payment = given.paid({"10000"});
  const Decision decision = given.when(Refunding::refund_of(payment, 4'000));
  REQUIRE(decision.accepted());
  CHECK(decision.subject.kind == SubjectKind::refund);
  REQUIRE(decision.events.size() == 1);
  CHECK(decision.book_events.empty());
  const Refund& refund = given.refund(decision.subject.id);
  CHECK(refund.status == RefundStatus::pending);
  CHECK(refund.amount == 4'000);
  CHECK(refund.payment == payment);
  CHECK(refund.invoice == given.payment(payment).invoice);
  CHECK(refund.reason == RefundReason::requested_by_customer);
  CHECK(refund.destination == RefundDestination::payment_method);
  CHECK(refund.provider == "simulator");
  CHECK(refund.provider_key == format_id("re", refund.id) + "-" + std::to_string(micros(given.now)));
  CHECK(given.now_of(payment).status == PaymentStatus::succeeded);
  CHECK(given.now_of(payment).refundable() == 6'000);
  CHECK(given.reconciles(10'000));
  check_again(given.account);
}

TEST_CASE("REF-06: when it has succeeded, cash has gone and the invoice is credited with its tax") {
  Refunding given;
  given.tax("AT", "AT");
  const EntityRef payment = given.paid({"10000"});
  CHECK(given.payment(payment).amount == 12'000);
  const EntityRef refund = given.refunded(payment, 6'000);
  CHECK(given.refund(refund).status == RefundStatus::succeeded);
  CHECK(given.refund(refund).provider_refund_id == "re_1");
  const schema::CreditNoteIssuedT& note = given.note_of(refund);
  CHECK(note.total == 6'000);
  CHECK(note.tax == 1'000);
  CHECK(note.refund == refund);
  CHECK(note.refund_amount == 6'000);
  CHECK(note.credit_amount == 0);
  CHECK(given.account.find_credit_note(note.credit_note)->is_final);
  CHECK(given.now_of(payment).status == PaymentStatus::partially_refunded);
  CHECK(given.now_of(payment).reversals.refunded == 6'000);
  auto sums = given.journal();
  CHECK(sums[LedgerAccount::refunds] == 0);
  CHECK(sums[LedgerAccount::revenue] == -5'000);
  CHECK(sums[LedgerAccount::tax_payable] == -1'000);
  CHECK(given.reconciles(6'000));
  given.refunded(payment);
  CHECK(given.now_of(payment).status == PaymentStatus::refunded);
  CHECK(given.journal()[LedgerAccount::revenue] == 0);
  CHECK(given.journal()[LedgerAccount::tax_payable] == 0);
  CHECK(given.reconciles(0));
  check_again(given.account);
}

TEST_CASE("REF-01: the sum never exceeds what was captured, pending ones counted") {
  Refunding given;
  const EntityRef payment = given.paid({"10000"});
  given.accept(Refunding::refund_of(payment, 6'000));
  const Decision more = given.when(Refunding::refund_of(payment, 4'001));
  CHECK(more.rejection.code == RejectionCode::refund_exceeds_payment);
  CHECK(more.rejection.pointer == "/amount");
  CHECK(detail(more.rejection, "remaining") == "4000");
  const EntityRef rest = given.accept(Refunding::refund_of(payment));
  CHECK(given.refund(rest).amount == 4'000);
  CHECK(given.refused(Refunding::refund_of(payment)) == RejectionCode::refund_exceeds_payment);
  CHECK(given.refused(Refunding::refund_of(payment, 1)) == RejectionCode::refund_exceeds_payment);
  CHECK(given.refused(Refunding::refund_of(payment, 0)) == RejectionCode::validation_failed);
  CHECK(given.refused(Refunding::refund_of(payment, -1)) == RejectionCode::validation_failed);
}

TEST_CASE("K01: of two refunds of 60 of a capture of 100 exactly one is accepted") {
  Refunding given;
  const EntityRef payment = given.paid({"10000"});
  CHECK(given.when(Refunding::refund_of(payment, 6'000)).accepted());
  CHECK(given.refused(Refunding::refund_of(payment, 6'000)) == RejectionCode::refund_exceeds_payment);
}

TEST_CASE("G16: paid 100, refund 10 with its lines adjusted: nothing is due and there is no credit") {
  Refunding given;
  const EntityRef payment = given.paid({"10000"});
  const EntityRef invoice = given.payment(payment).invoice;
  given.refunded(payment, 1'000);
  const Invoice now = given.account.with_credit_notes(given.invoice(invoice));
  CHECK(now.status == InvoiceStatus::paid);
  CHECK(now.amount_remaining() == 0);
  CHECK(now.credit_notes.size() == 1);
  CHECK(given.account.receivable() == 0);
  CHECK(given.money() == 0);
}

TEST_CASE("REF-02: a refund that failed or was called off can be asked for again") {
  Refunding given;
  const EntityRef payment = given.paid({"10000"});
  for (const RefundOutcome outcome : {RefundOutcome::failed, RefundOutcome::canceled}) {
    const EntityRef refund = given.accept(Refunding::refund_of(payment, 10'000));
    given.accept(Refunding::result(refund, outcome));
    const bool has_failed = outcome == RefundOutcome::failed;
    CHECK(given.refund(refund).status == (has_failed ? RefundStatus::failed : RefundStatus::canceled));
    CHECK(given.refund(refund).failure_code == (has_failed ? "expired_or_canceled_card" : ""));
    CHECK(given.now_of(payment).status == PaymentStatus::succeeded);
    CHECK(given.now_of(payment).refundable() == 10'000);
    CHECK(given.reconciles(10'000));
  }
  CHECK(given.account.credit_notes().empty());
  given.refunded(payment);
  CHECK(given.now_of(payment).status == PaymentStatus::refunded);
}

TEST_CASE("REF-02: the first result stands, and a failure has a code") {
  Refunding given;
  const EntityRef payment = given.paid({"10000"});
  const EntityRef refund = given.accept(Refunding::refund_of(payment));
  RecordRefundResult no_code = Refunding::result(refund, RefundOutcome::failed);
  no_code.code.clear();
  CHECK(given.refused(no_code) == RejectionCode::validation_failed);
  given.accept(Refunding::result(refund));
  for (const RefundOutcome outcome : {RefundOutcome::succeeded, RefundOutcome::failed, RefundOutcome::canceled}) {
    const Decision again = given.when(Refunding::result(refund, outcome));
    CHECK(again.accepted());
    CHECK(again.events.empty());
  }
  CHECK(given.refused(Refunding::result(payment)) == RejectionCode::not_found);
}

TEST_CASE("REF-04: a refund to credit is done at once, asks nobody, and becomes a credit of its own kind") {
  Refunding given;
  const EntityRef payment = given.paid({"10000"});
  const EntityRef refund = given.accept(Refunding::to_credit(payment, 2'500));
  CHECK(given.refund(refund).status == RefundStatus::succeeded);
  CHECK(given.refund(refund).destination == RefundDestination::credit);
  CHECK(given.refund(refund).provider.empty());
  CHECK(given.refund(refund).provider_key.empty());
  const Grant& credit = *given.account.find_grant(given.refund(refund).credit);
  CHECK(credit.type == static_cast<std::uint8_t>(CreditType::refund));
  CHECK(credit.amount == 2'500);
  CHECK(given.note_of(refund).total == 2'500);
  CHECK(given.now_of(payment).refundable() == 7'500);
  CHECK(given.journal()[LedgerAccount::refunds] == 0);
  CHECK(given.reconciles(10'000));
}

TEST_CASE("REF-04: no more credit than an account may have") {
  Refunding given;
  const EntityRef payment = given.paid({"10000"});
  given.accept(issue(amount_max));
  CHECK(given.refused(Refunding::to_credit(payment, 1)) == RejectionCode::amount_out_of_range);
}

TEST_CASE("REF-05: any other reason is described") {
  Refunding given;
  const EntityRef payment = given.paid({"10000"});
  IssueRefund command = Refunding::refund_of(payment, 100);
  command.reason = RefundReason::other;
  const Decision refused = given.when(command);
  CHECK(refused.rejection.code == RejectionCode::validation_failed);
  CHECK(refused.rejection.pointer == "/description");
  command.description = {"", {1, "123456789012", "because, and its tag"}};
  const EntityRef refund = given.accept(command);
  CHECK(given.refund(refund).reason == RefundReason::other);
  CHECK(given.refund(refund).description == command.description.sealed);
}

TEST_CASE("what was not collected, or is disputed, is not refunded") {
  Refunding given;
  const EntityRef invoice = given.collected("1900");
  const EntityRef payment = given.last_payment().id;
  const auto refused = [&](std::string_view allowed) {
    const Decision decision = given.when(Refunding::refund_of(payment));
    CHECK(decision.rejection.code == RejectionCode::invalid_transition);
    CHECK(detail(decision.rejection, "to") == "refunded");
    CHECK(detail(decision.rejection, "allowed") == allowed);
  };
  refused("succeeded, failed, requires_action");
  given.accept(Refunding::challenge(payment));
  refused("succeeded, failed");
  given.accept(Refunding::decline(payment));
  refused("");
  CHECK(given.now_of(payment).refundable() == 0);
  CHECK(given.refused(Refunding::refund_of(invoice)) == RejectionCode::not_found);
  const EntityRef disputed = given.paid({"1000"});
  given.accept(Refunding::dispute_of(disputed, 1'000));
  const Decision decision = given.when(Refunding::refund_of(disputed));
  CHECK(decision.rejection.code == RejectionCode::invalid_transition);
  CHECK(detail(decision.rejection, "from") == "disputed");
}

TEST_CASE("what a credit note gave back already is not refunded once more") {
  Refunding given;
  const EntityRef payment = given.paid({"10000"});
  IssueCreditNote note;
  note.invoice = given.payment(payment).invoice;
  note.amount = 4'000;
  given.accept(note);
  const Decision refused = given.when(Refunding::refund_of(payment));
  CHECK(refused.rejection.code == RejectionCode::credit_exceeds_invoice);
  CHECK(detail(refused.rejection, "remaining") == "6000");
  given.accept(Refunding::refund_of(payment, 6'000));
  note.amount = 1;
  CHECK(given.refused(note) == RejectionCode::credit_exceeds_invoice);  // the pending refund will credit it
  CHECK(given.refused(Refunding::refund_of(payment, 1)) == RejectionCode::credit_exceeds_invoice);
}

TEST_CASE("a surcharge is refunded too, as a cost: no credit note takes it") {
  Refunding given;
  const EntityRef payment = given.paid_with_surcharge();
  const EntityRef refund = given.refunded(payment);
  CHECK(given.refund(refund).amount == 10'500);
  CHECK(given.note_of(refund).total == 10'000);
  CHECK(given.journal()[LedgerAccount::refunds] == 500);
  CHECK(given.reconciles(0));
  const EntityRef whole = given.paid({"100"});
  const EntityRef first = given.refunded(whole, 100);
  CHECK(given.note_of(first).total == 100);
}

TEST_CASE("where nothing is left to credit when the money has gone, there is no credit note") {
  Refunding given;
  const EntityRef payment = given.paid_with_surcharge();
  given.refunded(payment, 10'000);
  const EntityRef refund = given.refunded(payment, 500);
  CHECK(given.refund(refund).status == RefundStatus::succeeded);
  CHECK(given.refund(refund).credit_note.is_none());
  CHECK(given.journal()[LedgerAccount::refunds] == 500);
  CHECK(given.now_of(payment).status == PaymentStatus::refunded);
}

TEST_CASE("what an invoice took of credit is not refunded: the payment is") {
  Refunding given;
  given.accept(issue(3'000));
  const EntityRef payment = given.paid({"10000"});
  CHECK(given.payment(payment).amount == 7'000);
  const EntityRef refund = given.refunded(payment);
  CHECK(given.refund(refund).amount == 7'000);
  CHECK(given.note_of(refund).total == 7'000);
  CHECK(given.reconciles(0));
}

TEST_CASE("REF-07: a dispute holds the funds, and the bank decides who gets them") {
  for (const DisputeOutcome outcome : {DisputeOutcome::won, DisputeOutcome::lost}) {
    Refunding given;
    const EntityRef payment = given.paid({"10000"});
    OpenDispute open = Refunding::dispute_of(payment, 8'000);
    open.due_by = Instant{micros(given.now) + micros_per_second};
    const EntityRef dispute = given.accept(open);
    CHECK(given.dispute(dispute).status == DisputeStatus::open);
    CHECK(given.dispute(dispute).reason == "fraudulent");
    CHECK(given.dispute(dispute).due_by == open.due_by);
    CHECK(given.now_of(payment).status == PaymentStatus::disputed);
    CHECK(given.now_of(payment).refundable() == 2'000);
    CHECK(given.journal()[LedgerAccount::disputed_funds] == 8'000);
    CHECK(given.reconciles(2'000));
    check_again(given.account);
    given.pass_seconds(60);
    given.accept(Refunding::decided(payment, outcome));
    const bool is_won = outcome == DisputeOutcome::won;
    CHECK(given.dispute(dispute).status == (is_won ? DisputeStatus::won : DisputeStatus::lost));
    CHECK(given.dispute(dispute).closed_at == given.now);
    CHECK(given.now_of(payment).status == (is_won ? PaymentStatus::succeeded : PaymentStatus::partially_refunded));
    CHECK(given.journal()[LedgerAccount::disputed_funds] == 0);
    CHECK(given.journal()[LedgerAccount::dispute_losses] == (is_won ? 0 : 8'000));
    CHECK(given.reconciles(is_won ? 10'000 : 2'000));
    check_again(given.account);
  }
}

TEST_CASE("REF-07: a lost dispute of the whole payment is a refund of it") {
  Refunding given;
  const EntityRef payment = given.paid({"10000"});
  given.accept(Refunding::dispute_of(payment, 10'000));
  given.accept(Refunding::decided(payment, DisputeOutcome::lost));
  CHECK(given.now_of(payment).status == PaymentStatus::refunded);
  CHECK(given.refused(Refunding::refund_of(payment, 1)) == RejectionCode::refund_exceeds_payment);
  CHECK(given.refused(Refunding::dispute_of(payment, 1, "dp_2")) == RejectionCode::invalid_transition);
}

TEST_CASE("WHI-08: what is told of a dispute again, in any order, changes nothing") {
  Refunding given;
  const EntityRef payment = given.paid({"10000"});
  given.accept(Refunding::dispute_of(payment, 10'000));
  CHECK(given.when(Refunding::dispute_of(payment, 10'000)).events.empty());
  given.accept(Refunding::decided(payment, DisputeOutcome::won));
  for (const DisputeOutcome outcome : {DisputeOutcome::won, DisputeOutcome::lost}) {
    const Decision again = given.when(Refunding::decided(payment, outcome));
    CHECK(again.accepted());
    CHECK(again.events.empty());
  }
  CHECK(given.when(Refunding::dispute_of(payment, 10'000)).events.empty());
  CHECK(given.now_of(payment).status == PaymentStatus::succeeded);
  CHECK(given.refused(Refunding::decided(payment, DisputeOutcome::won, "dp_2")) == RejectionCode::not_found);
  given.accept(Refunding::dispute_of(payment, 10'000, "dp_2"));
  // While another is open, the first is as closed as before.
  CHECK(given.when(Refunding::decided(payment, DisputeOutcome::lost)).events.empty());
  CHECK(given.refused(Refunding::dispute_of(payment, 10'000, "dp_3")) == RejectionCode::invalid_transition);
}

TEST_CASE("a dispute is of what was paid, and of no more") {
  Refunding given;
  const EntityRef payment = given.paid({"10000"});
  CHECK(given.refused(Refunding::dispute_of(payment, 10'001)) == RejectionCode::validation_failed);
  CHECK(given.refused(Refunding::dispute_of(payment, 0)) == RejectionCode::validation_failed);
  const EntityRef invoice = given.payment(payment).invoice;
  CHECK(given.refused(Refunding::dispute_of(invoice, 1)) == RejectionCode::not_found);
  CHECK(given.refused(Refunding::decided(invoice, DisputeOutcome::won)) == RejectionCode::not_found);
}

TEST_CASE("a dispute of what was refunded before leaves nothing to refund, and never less") {
  Refunding given;
  const EntityRef payment = given.paid({"10000"});
  given.refunded(payment, 6'000);
  given.accept(Refunding::dispute_of(payment, 10'000));
  CHECK(given.now_of(payment).refundable() == 0);
  given.accept(Refunding::decided(payment, DisputeOutcome::won));
  CHECK(given.now_of(payment).status == PaymentStatus::partially_refunded);
  CHECK(given.now_of(payment).refundable() == 4'000);
}

TEST_CASE("so many disputes a payment, refunds under way and reversed payments an account has, and no more") {
  Refunding given;
  const EntityRef payment = given.paid({"10000"});
  for (std::size_t i = 0; i < disputes_per_payment_max; ++i) {
    const std::string name = "dp_" + std::to_string(i);
    given.accept(Refunding::dispute_of(payment, 1, name));
    given.accept(Refunding::decided(payment, DisputeOutcome::won, name));
  }
  CHECK(given.refused(Refunding::dispute_of(payment, 1, "one more")) == RejectionCode::limit_reached);
  const EntityRef large = given.paid({"1000000"});
  for (std::size_t i = 0; i < open_refunds_max; ++i) given.accept(Refunding::refund_of(large, 1));
  CHECK(given.refused(Refunding::refund_of(large, 1)) == RejectionCode::limit_reached);
}

TEST_CASE("of so many payments of an account something goes back, and of no other") {
  Refunding given;
  std::vector<EntityRef> payments;
  for (std::size_t i = 0; i <= reversed_payments_max; ++i) {
    given.envelopes.clear();
    payments.push_back(given.paid({"100"}));
    if (i == reversed_payments_max) break;
    given.accept(Refunding::to_credit(payments.back(), 1));
    if (i % 64 == 0) given.account.take_ended();
  }
  CHECK(given.refused(Refunding::refund_of(payments.back(), 1)) == RejectionCode::limit_reached);
  CHECK(given.refused(Refunding::dispute_of(payments.back(), 1)) == RejectionCode::limit_reached);
}

TEST_CASE("what has ended leaves the state, and the account still knows what went back") {
  Refunding given;
  const EntityRef payment = given.paid({"10000"});
  const EntityRef invoice = given.payment(payment).invoice;
  const EntityRef refund = given.refunded(payment, 3'000);
  given.accept(Refunding::dispute_of(payment, 1'000));
  const EntityRef dispute = given.now_of(payment).reversals.dispute;
  given.accept(Refunding::decided(payment, DisputeOutcome::lost));
  let_go(given.account, {payment, invoice});
  CHECK(given.account.find_refund(refund) == nullptr);
  CHECK(given.payment(payment).refundable() == 10'000);  // as it ended; what went back, its account knows
  CHECK(given.account.find_dispute(dispute) == nullptr);
  CHECK(given.payment(payment).status == PaymentStatus::succeeded);
  CHECK(given.now_of(payment).status == PaymentStatus::partially_refunded);
  CHECK(given.now_of(payment).refundable() == 6'000);
  CHECK(given.account.reversals_of(payment).refunded == 3'000);
  CHECK(given.account.reversals_of(invoice) == PaymentReversals());
  check_again(given.account);
  const EntityRef second = given.accept(Refunding::refund_of(payment, 500));
  given.accept(Refunding::result(second));
  let_go(given.account, {second});
  CHECK(given.refund(second).status == RefundStatus::succeeded);
  CHECK(given.account.has_ended());
  CHECK(given.account.take_ended().refunds.size() == 1);
  CHECK_FALSE(given.account.has_ended());
  const EntityRef other = given.paid({"500"});
  given.accept(Refunding::dispute_of(other, 500));
  const EntityRef open = given.now_of(other).reversals.dispute;
  let_go(given.account, {});
  CHECK_FALSE(given.account.has_ended());
  given.account.end_dispute(open, [](Dispute& one) { one.status = DisputeStatus::won; });
  CHECK(given.account.has_ended());
  CHECK(given.account.take_ended().disputes.size() == 1);
}

TEST_CASE("what an account does not know any more is not refunded, and what it forgets meanwhile is not credited") {
  Refunding given;
  const EntityRef payment = given.paid({"10000"});
  const EntityRef invoice = given.payment(payment).invoice;
  const EntityRef refund = given.accept(Refunding::refund_of(payment, 100));
  given.account.given_back.restore_forgotten(invoice);
  CHECK(given.refused(Refunding::refund_of(payment, 100)) == RejectionCode::limit_reached);
  given.accept(Refunding::result(refund));
  CHECK(given.refund(refund).status == RefundStatus::succeeded);
  CHECK(given.refund(refund).credit_note.is_none());
  CHECK(given.journal()[LedgerAccount::refunds] == 100);
}

TEST_CASE(
    "an invoice with as many credit notes as it may have gets no more, and its payment is refunded all the same") {
  Refunding given;
  const EntityRef payment = given.paid({"100000"});
  for (std::size_t i = 0; i < corrections_per_invoice_max; ++i) given.refunded(payment, 1);
  const EntityRef refund = given.refunded(payment, 1);
  CHECK(given.refund(refund).status == RefundStatus::succeeded);
  CHECK(given.refund(refund).credit_note.is_none());
}

TEST_CASE("the note of a refund of prices with tax comes to what went back") {
  Refunding given;
  given.tax("AT", "AT");
  auto terms = flat_terms("9999");
  terms->prices.front()->tax_behavior = schema::TaxBehavior::inclusive;
  given.plan(terms);
  given.accept(Refunding::to_plan());
  const EntityRef payment = given.last_payment().id;
  REQUIRE(given.payment(payment).amount == 9'999);
  given.accept(Refunding::success(payment));
  for (const std::int64_t amount : {1, 3'333, 6'665}) {
    CHECK(given.note_of(given.refunded(payment, amount)).total == amount);
  }
  CHECK(given.journal()[LedgerAccount::tax_payable] == 0);
}

TEST_CASE("where what is left of the tax alone is more than a refund, no part of the lines comes to it") {
  CreditableInvoice creditable;
  creditable.lines.push_back({1'000, 0, 900, {{0, Rational(1, 5)}}});
  creditable.groups.push_back({TaxCategory::standard, {}, 200, 170});
  CHECK(parts_of_total(creditable, 5).parts.empty());
  CHECK_FALSE(parts_of_total(creditable, 50).parts.empty());
  creditable.lines.front().credited = 1'000;
  CHECK(parts_of_total(creditable, 5).parts.empty());
  // A tax of ten times the price leaps over it: the nearest below.
  CreditableInvoice leaping;
  leaping.lines.push_back({100, 0, 0, {{0, Rational(10)}}});
  leaping.groups.push_back({TaxCategory::standard, {}, 1'000, 0});
  const CreditNoteParts below = parts_of_total(leaping, 16);
  REQUIRE(below.parts.size() == 1);
  CHECK(below.parts.front().amount == 1);
}

TEST_CASE("a dry run of a refund names no key") {
  Refunding given;
  const EntityRef payment = given.paid({"10000"});
  DecisionContext context = given.context();
  context.dry_run = true;
  const Decision decision = decide(given.account, Refunding::refund_of(payment), context);
  REQUIRE(decision.accepted());
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(decision.events.front().pack(builder));
  const auto* event = flatbuffers::GetRoot<schema::RefundIssued>(builder.GetBufferPointer());
  CHECK((event->provider_key() == nullptr || event->provider_key()->size() == 0));
}

TEST_CASE("REF-01, REF-06: any refunds of a taxed, discounted invoice credit what went back, to the cent") {
  always("refunds sum to what was captured, their notes to the invoice, and the journal balances", [] {
    Refunding given;
    given.tax("AT", "AT");
    const auto percent = *rc::gen::inRange(0, 60);
    if (percent != 0) given.discount(percent_for_ever(std::to_string(percent)));
    std::vector<std::string> amounts;
    const auto lines = *rc::gen::inRange(1, 4);
    for (int i = 0; i < lines; ++i) amounts.push_back(std::to_string(*rc::gen::inRange(1, 30'000)));
    const EntityRef payment = given.paid(amounts);
    const std::int64_t captured = given.payment(payment).amount;
    std::int64_t gone = 0, credited = 0;
    while (gone < captured) {
      const std::int64_t left = captured - gone;
      const std::int64_t amount = *rc::gen::inRange<std::int64_t>(1, left + 1);
      RC_ASSERT(given.refused(Refunding::refund_of(payment, left + 1)) == RejectionCode::refund_exceeds_payment);
      const EntityRef refund = given.refunded(payment, amount);
      gone += amount;
      if (!given.refund(refund).credit_note.is_none()) {
        const std::int64_t total = given.note_of(refund).total;
        RC_ASSERT(total <= amount);
        RC_ASSERT(amount - total <= 1);
        credited += total;
      }
      RC_ASSERT(given.reconciles(captured - gone));
    }
    auto sums = given.journal();
    RC_ASSERT(credited + sums[LedgerAccount::refunds] == captured);
    RC_ASSERT(sums[LedgerAccount::refunds] >= 0);
    RC_ASSERT(given.now_of(payment).status == PaymentStatus::refunded);
  });
}
