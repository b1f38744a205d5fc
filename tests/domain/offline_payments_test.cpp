// Money that comes in without a provider: parts of what is owed, all of it, more than that; and what becomes of it when
// the invoice is voided.
#include "tests/domain/refunding.h"

using namespace daybook;
using namespace daybook::test;

namespace {

RecordOfflinePayment received(EntityRef invoice, std::int64_t amount) {
  RecordOfflinePayment command;
  command.invoice = invoice;
  command.amount = amount;
  return command;
}

}  // namespace

TEST_CASE("PMT-10: 60 of 100 leaves 40, and the rest pays the invoice") {
  Refunding given;
  const EntityRef invoice = given.finalized({"10000"});
  RecordOfflinePayment command = received(invoice, 6'000);
  command.method = OfflineMethod::check;
  command.reference = {"", {1, "123456789012", "check 17 and its tag"}};
  command.received_at = Instant{micros(given.now) - micros_per_day};
  const EntityRef first = given.accept(command);
  CHECK(given.payment(first).status == PaymentStatus::succeeded);
  CHECK(given.payment(first).is_offline());
  CHECK(given.payment(first).amount == 6'000);
  CHECK(given.payment(first).offline.method == OfflineMethod::check);
  CHECK(given.payment(first).offline.reference == command.reference.sealed);
  CHECK(given.payment(first).offline.received_at == command.received_at);
  CHECK(given.invoice(invoice).status == InvoiceStatus::open);
  CHECK(given.invoice(invoice).amount_remaining() == 4'000);
  CHECK(given.invoice(invoice).payment == first);
  CHECK(given.account.details.payments.status() == AccountPaymentStatus::current);
  CHECK(given.reconciles(6'000));
  given.accept(received(invoice, 4'000));
  CHECK(given.invoice(invoice).status == InvoiceStatus::paid);
  CHECK(given.reconciles(10'000));
  CHECK(given.refused(received(invoice, 1)) == RejectionCode::invalid_transition);
}

TEST_CASE("PMT-10: 120 of 100 pays the invoice, and 20 become credit") {
  Refunding given;
  const EntityRef invoice = given.finalized({"10000"});
  const EntityRef payment = given.accept(received(invoice, 12'000));
  CHECK(given.invoice(invoice).status == InvoiceStatus::paid);
  CHECK(given.invoice(invoice).amount_paid == 10'000);
  CHECK(given.payment(payment).offline.credit_amount == 2'000);
  const Grant& credit = *given.account.find_grant(given.payment(payment).offline.credit);
  CHECK(credit.type == static_cast<std::uint8_t>(CreditType::overpayment));
  CHECK(credit.amount == 2'000);
  CHECK(given.money() == 2'000);
  CHECK(given.payment(payment).refundable() == 10'000);
  CHECK(given.reconciles(12'000));
}

TEST_CASE("what is left is collected as ever, and while it is nothing else is taken") {
  Refunding given;
  const EntityRef draft = given.collected_draft("10000");
  given.accept(FinalizeInvoice{draft});
  CHECK(given.refused(received(draft, 100)) == RejectionCode::payment_in_progress);
  given.accept(Refunding::decline(given.last_payment().id));
  given.accept(received(draft, 6'000));
  CHECK(given.account.details.payments.status() == AccountPaymentStatus::past_due);
  const EntityRef rest = given.accept(Refunding::pay(draft));
  CHECK(given.payment(rest).amount == 4'000);
  given.accept(Refunding::success(rest));
  CHECK(given.invoice(draft).status == InvoiceStatus::paid);
  CHECK(given.account.details.payments.status() == AccountPaymentStatus::current);
  CHECK(given.reconciles(10'000));
}

TEST_CASE("INV-04: what was written off comes in after all, in parts") {
  Refunding given;
  const EntityRef invoice = given.finalized({"10000"});
  given.accept(MarkInvoiceUncollectible{invoice, {}});
  given.accept(received(invoice, 3'000));
  CHECK(given.invoice(invoice).status == InvoiceStatus::uncollectible);
  CHECK(given.journal()[LedgerAccount::write_offs] == 7'000);
  given.accept(received(invoice, 7'000));
  CHECK(given.invoice(invoice).status == InvoiceStatus::paid);
  CHECK(given.journal()[LedgerAccount::write_offs] == 0);
  CHECK(given.reconciles(10'000));
}

TEST_CASE("what cannot have come in is refused") {
  Refunding given;
  const EntityRef invoice = given.finalized({"10000"});
  CHECK(given.refused(received(invoice, 0)) == RejectionCode::validation_failed);
  CHECK(given.refused(received(invoice, -1)) == RejectionCode::validation_failed);
  CHECK(given.refused(received(invoice, amount_max + 1)) == RejectionCode::amount_out_of_range);
  RecordOfflinePayment early = received(invoice, 1);
  early.received_at = Instant{micros(given.now) + 1};
  CHECK(given.refused(early) == RejectionCode::validation_failed);
  early.received_at = given.now;
  CHECK(given.when(early).accepted());
  CHECK(given.refused(received(given.draft({"100"}), 1)) == RejectionCode::invalid_transition);
  CHECK(given.refused(received(given.payment(given.paid({"100"})).id, 1)) == RejectionCode::not_found);
  given.accept(issue(amount_max));
  CHECK(given.refused(received(invoice, 10'001)) == RejectionCode::amount_out_of_range);
}

TEST_CASE("CRD-07: what was paid for an invoice that is voided becomes credit, what has gone back does not") {
  Refunding given;
  given.tax("AT", "AT");
  const EntityRef invoice = given.finalized({"10000"});
  const EntityRef payment = given.accept(received(invoice, 6'000));
  SUBCASE("all of it") {
    given.accept(VoidInvoice{invoice, {}});
    CHECK(given.money() == 6'000);
    CHECK(given.account.grants().rbegin()->second.type == static_cast<std::uint8_t>(CreditType::invoice_void));
  }
  SUBCASE("less a refund") {
    given.accept(Refunding::to_credit(payment, 2'000));
    CHECK(given.invoice(invoice).amount_remaining() == 6'000);
    given.accept(VoidInvoice{invoice, {}});
    CHECK(given.money() == 6'000);  // 2,000 by the refund, the rest by the voiding
  }
  CHECK(given.account.receivable() == 0);
  auto sums = given.journal();
  CHECK(sums[LedgerAccount::revenue] == 0);
  CHECK(sums[LedgerAccount::tax_payable] == 0);
  CHECK(sums[LedgerAccount::refunds] == 0);
  CHECK(given.reconciles(6'000));
}

TEST_CASE("CRD-07: an invoice is not voided where its credit would be beyond what an account may have") {
  Refunding given;
  const EntityRef invoice = given.finalized({"10000"});
  given.accept(received(invoice, 6'000));
  given.accept(issue(amount_max - 10));
  CHECK(given.refused(VoidInvoice{invoice, {}}) == RejectionCode::amount_out_of_range);
}

TEST_CASE("no provider gives back what it did not collect: the account gets credit") {
  Refunding given;
  const EntityRef invoice = given.finalized({"10000"});
  const EntityRef payment = given.accept(received(invoice, 12'000));
  const Decision refused = given.when(Refunding::refund_of(payment, 100));
  CHECK(refused.rejection.code == RejectionCode::validation_failed);
  CHECK(refused.rejection.pointer == "/destination");
  const EntityRef refund = given.accept(Refunding::to_credit(payment));
  CHECK(given.refund(refund).amount == 10'000);
  CHECK(given.money() == 12'000);
  CHECK(given.now_of(payment).refundable() == 0);
  CHECK(given.reconciles(12'000));
}
