// Adjustments of invoices: what changes of what is due, what they post, and the rejections.
#include "domain/deciders/credit_note_issue.h"
#include "domain/state_codec.h"
#include "schemas/events/invoices_generated.h"
#include "tests/domain/crediting.h"

using namespace daybook;
using namespace daybook::test;

namespace {

AdjustInvoice adjust(EntityRef invoice, AdjustmentType type, std::int64_t amount,
                     std::optional<std::int64_t> line = {}) {
  AdjustInvoice command;
  command.invoice = invoice;
  command.type = type;
  command.amount = amount;
  command.line = line;
  return command;
}

constexpr std::array all_types = {AdjustmentType::discount, AdjustmentType::credit, AdjustmentType::surcharge,
                                  AdjustmentType::write_off};

}  // namespace

TEST_CASE("ADJ-01: each type changes what is due of an open invoice, with tax in proportion, and posts it") {
  Crediting given;
  given.tax("AT", "AT");
  const EntityRef id = given.finalized({"10000", "10000"});
  CHECK(given.invoice(id).total == 24'000);
  given.accept(adjust(id, AdjustmentType::discount, 1'000));
  CHECK(given.invoice(id).amount_remaining() == 22'800);
  CHECK(given.journal()[LedgerAccount::discounts] == 1'000);
  CHECK(given.journal()[LedgerAccount::revenue] == -20'000);
  given.accept(adjust(id, AdjustmentType::credit, 2'000, 2));
  CHECK(given.invoice(id).amount_remaining() == 20'400);
  CHECK(given.journal()[LedgerAccount::revenue] == -18'000);
  given.accept(adjust(id, AdjustmentType::surcharge, 500));
  CHECK(given.invoice(id).amount_remaining() == 21'000);
  CHECK(given.journal()[LedgerAccount::revenue] == -18'500);
  CHECK(given.journal()[LedgerAccount::tax_payable] == -3'500);
  given.accept(adjust(id, AdjustmentType::write_off, 400));
  CHECK(given.invoice(id).amount_remaining() == 20'600);
  CHECK(given.journal()[LedgerAccount::write_offs] == 400);
  CHECK(given.invoice(id).total == 24'000);
  CHECK(given.reconciles());
  const auto again = decode_account(encode_state(given.account));
  REQUIRE(again.has_value());
  CHECK(encode_state(*again) == encode_state(given.account));
  CHECK(again->receivable() == 20'600);
}

TEST_CASE("ADJ-01: a discount or a credit is a credit note, which says so") {
  Crediting given;
  const EntityRef id = given.finalized({"1000"});
  const EntityRef made = given.accept(adjust(id, AdjustmentType::credit, 100));
  const InvoiceAdjustment& adjustment = *given.account.find_adjustment(made);
  CHECK(adjustment.document->total == 100);
  const schema::CreditNoteIssuedT note = given.note(adjustment.document->credit_note);
  CHECK(note.adjustment == made);
  CHECK(note.number == "CN-2027-00001");
  given.accept(VoidCreditNote{note.credit_note, {}});
  CHECK(given.invoice(id).amount_remaining() == 1'000);
  CHECK(given.account.find_adjustment(made) != nullptr);
}

TEST_CASE("ADJ-01: nothing goes below zero, and what comes to zero is paid") {
  for (const AdjustmentType type : all_types) {
    if (type == AdjustmentType::surcharge) continue;
    Crediting given;
    given.accept(issue(40));
    const EntityRef id = given.finalized({"100"});
    CHECK(given.refused(adjust(id, type, 61)) == RejectionCode::credit_exceeds_invoice);
    CHECK(given.invoice(id).amount_remaining() == 60);
    given.accept(adjust(id, type, 60));
    CHECK(given.invoice(id).status == InvoiceStatus::paid);
    CHECK(given.account.receivable() == 0);
    CHECK(given.money() == 0);
    CHECK(given.reconciles());
  }
}

TEST_CASE("ADJ-02: of a paid invoice a discount or a credit becomes credit, and the invoice stays what it is") {
  for (const AdjustmentType type : all_types) {
    Crediting given;
    given.accept(issue(1'000));
    const EntityRef id = given.finalized({"1000"});
    REQUIRE(given.invoice(id).status == InvoiceStatus::paid);
    const std::string before = encode_row(given.invoice(id));
    if (type == AdjustmentType::surcharge || type == AdjustmentType::write_off) {
      CHECK(given.refused(adjust(id, type, 100)) == RejectionCode::invoice_not_creditable);
      continue;
    }
    given.accept(adjust(id, type, 100));
    CHECK(encode_row(given.invoice(id)) == before);
    CHECK(given.money() == 100);
    CHECK(given.account.grants().rbegin()->second.type == static_cast<std::uint8_t>(CreditType::adjustment));
    CHECK(given.reconciles());
  }
}

TEST_CASE("what was written off comes back before there is credit") {
  Crediting given;
  given.accept(issue(60));
  const EntityRef id = given.finalized({"100"});
  given.accept(adjust(id, AdjustmentType::write_off, 40));
  REQUIRE(given.invoice(id).status == InvoiceStatus::paid);
  const schema::CreditNoteIssuedT note = given.credit_amount(id);
  CHECK(note.write_off_recovery == 40);
  CHECK(note.credit_amount == 60);
  CHECK(given.journal()[LedgerAccount::write_offs] == 0);
  CHECK(given.journal()[LedgerAccount::revenue] == 0);
  CHECK(given.reconciles());
}

TEST_CASE("voiding an invoice takes back what its adjustments have left of it") {
  Crediting given;
  given.tax("AT", "AT");
  const EntityRef id = given.finalized({"1000"});
  given.accept(adjust(id, AdjustmentType::discount, 100));
  given.accept(adjust(id, AdjustmentType::surcharge, 50));
  given.accept(adjust(id, AdjustmentType::write_off, 10));
  given.accept(VoidInvoice{id, {}});
  for (const auto& [account, sum] : given.journal()) CHECK(sum == 0);
  CHECK(given.account.receivable() == 0);
}

TEST_CASE("an invoice has a bounded number of surcharges and write-offs") {
  Crediting given;
  const EntityRef id = given.finalized({"1000"});
  for (std::size_t i = 0; i < corrections_per_invoice_max; ++i) given.accept(adjust(id, AdjustmentType::surcharge, 1));
  CHECK(given.refused(adjust(id, AdjustmentType::write_off, 1)) == RejectionCode::limit_reached);
}

TEST_CASE("an adjustment that cannot be made is refused by its pointer") {
  Crediting given;
  const EntityRef open = given.finalized({"100"});
  const EntityRef draft = given.draft({"100"});
  for (const AdjustmentType type : all_types) {
    CHECK(given.when(adjust(open, type, 0)).rejection.pointer == "/amount");
    CHECK(given.refused(adjust(open, type, amount_max + 1)) == RejectionCode::amount_out_of_range);
    CHECK(given.refused(adjust(draft, type, 1)) == RejectionCode::invoice_not_creditable);
    CHECK(given.when(adjust({2, 99, 0, 0}, type, 1)).rejection.pointer == "/invoice_id");
    CHECK(given.when(adjust(open, type, 1, 2)).rejection.pointer == "/line");
  }
  CHECK(given.when(adjust(open, AdjustmentType::write_off, 1, 1)).rejection.pointer == "/line");
  CHECK(given.refused(adjust(open, AdjustmentType::surcharge, amount_max)) == RejectionCode::amount_out_of_range);
}

TEST_CASE("INV: what an account owes stays an amount, whatever brings it up again") {
  Crediting given;
  const EntityRef large = given.finalized({std::to_string(amount_max)});
  const schema::CreditNoteIssuedT note = given.credit_amount(large, 100);
  const EntityRef small = given.finalized({"100"});
  CHECK(given.account.receivable() == amount_max);
  CHECK(given.refused(adjust(small, AdjustmentType::surcharge, 1)) == RejectionCode::amount_out_of_range);
  CHECK(given.refused(VoidCreditNote{note.credit_note, {}}) == RejectionCode::amount_out_of_range);
  CHECK(given.account.receivable() == amount_max);
  given.accept(adjust(small, AdjustmentType::write_off, 100));
  given.accept(VoidCreditNote{note.credit_note, {}});
  CHECK(given.account.receivable() == amount_max);
  CHECK(given.reconciles());
}

TEST_CASE("ADJ-01: a surcharge with its tax is an amount, on the invoice and of all that is owed") {
  Crediting given;
  const EntityRef small = given.finalized({"100"});
  const EntityRef large = given.finalized({std::to_string(amount_max - 200)});
  CHECK(given.refused(adjust(large, AdjustmentType::surcharge, 201)) == RejectionCode::amount_out_of_range);
  CHECK(given.refused(adjust(small, AdjustmentType::surcharge, 101)) == RejectionCode::amount_out_of_range);
  given.accept(adjust(small, AdjustmentType::surcharge, 100));
  CHECK(given.account.receivable() == amount_max);
  Crediting taxed;
  taxed.tax("DE", "DE");
  const EntityRef id = taxed.finalized({"100"});
  CHECK(taxed.refused(adjust(id, AdjustmentType::surcharge, amount_max)) == RejectionCode::amount_out_of_range);
}
