// Credit notes: what they come to, what becomes of their amount, their numbers, their voiding, and the rejections.
#include "domain/deciders/credit_note_issue.h"
#include "domain/state_codec.h"
#include "schemas/events/coupons_generated.h"
#include "schemas/events/invoices_generated.h"
#include "tests/domain/crediting.h"
#include "tests/domain/subscribing.h"

using namespace daybook;
using namespace daybook::test;

namespace {

std::int64_t remaining_of(const Rejection& rejection) {
  for (const RejectionDetail& detail : rejection.details) {
    if (detail.name == "remaining") return std::get<std::int64_t>(detail.value);
  }
  return -1;
}

std::string status_of(const Rejection& rejection) {
  return rejection.details.size() == 1 && rejection.details[0].name == "invoice_status"
             ? std::get<std::string>(rejection.details[0].value)
             : std::string();
}

void check_row(const AccountState& account) {
  const auto again = decode_account(encode_state(account));
  REQUIRE(again.has_value());
  CHECK(encode_state(*again) == encode_state(account));
  CHECK(again->receivable() == account.receivable());
}

IssueCreditNote of_amount(EntityRef invoice, std::int64_t amount) {
  IssueCreditNote command;
  command.invoice = invoice;
  command.amount = amount;
  return command;
}

}  // namespace

TEST_CASE("F06: two equal lines, one note each, close the invoice to the cent") {
  Crediting given;
  given.tax("AT", "AT");
  const EntityRef id = given.finalized({"6833", "6833"});
  CHECK(given.invoice(id).total == 16'399);
  CHECK(sums(given.credit(id, {part(1, 6'833)})) == "8200 1367");
  CHECK(given.invoice(id).amount_remaining() == 8'199);
  CHECK(sums(given.credit(id, {part(2, 6'833)})) == "8199 1366");
  CHECK(given.invoice(id).status == InvoiceStatus::paid);
  CHECK(given.account.receivable() == 0);
  CHECK(given.reconciles());
}

TEST_CASE("F07, F08: each note rounds its own tax and the last takes what is left") {
  Crediting given;
  given.tax("AT", "AT");
  const EntityRef id = given.finalized({"6833", "6833", "6833", "6833"});
  CHECK(given.invoice(id).total == 32'798);
  for (const std::int64_t line : {1, 2, 3}) CHECK(sums(given.credit(id, {part(line, 6'833)})) == "8200 1367");
  CHECK(given.invoice(id).amount_remaining() == 8'198);
  CHECK(given.credit(id, {part(4, 1'367)}).total == 1'640);
  CHECK(given.credit(id, {part(4, 2'233)}).total == 2'680);
  CHECK(given.credit(id, {part(4, 3'233)}).total == 3'878);
  CHECK(given.invoice(id).amount_due() == 0);
}

TEST_CASE("F15: a tenth off and a tenth of tax: each line's total is what it was") {
  Crediting given;
  given.tax("AU", "AU");
  given.discount(percent_for_ever("10"));
  const EntityRef id = given.finalized({"1000", "2000", "3000", "4000"});
  CHECK(given.invoice(id).total == 9'900);
  const schema::CreditNoteIssuedT first = given.credit(id, {part(1, 1'000), part(2, 2'000)});
  CHECK(first.total == 2'970);
  CHECK(first.lines[0]->net + first.lines[0]->tax == 990);
  CHECK(first.lines[1]->net + first.lines[1]->tax == 1'980);
  const schema::CreditNoteIssuedT second = given.credit(id, {part(3, 3'000), part(4, 4'000)});
  CHECK(second.total == 6'930);
  CHECK(second.lines[0]->net + second.lines[0]->tax == 2'970);
  CHECK(second.lines[1]->net + second.lines[1]->tax == 3'960);
  auto posted = given.journal();
  CHECK(posted[LedgerAccount::revenue] == 0);
  CHECK(posted[LedgerAccount::discounts] == 0);
  CHECK(posted[LedgerAccount::tax_payable] == 0);
  CHECK(posted[LedgerAccount::receivable] == 0);
}

TEST_CASE("F11, F17: a note lowers what is due first, and only what was paid comes back") {
  Crediting given;
  given.accept(issue(1'200));
  const EntityRef id = given.finalized({"37570"});
  CHECK(given.invoice(id).amount_remaining() == 36'370);
  CHECK(remaining_of(given.when(of_amount(id, 37'571)).rejection) == 37'570);
  const schema::CreditNoteIssuedT note = given.credit_amount(id);
  CHECK(note.total == 37'570);
  CHECK(note.due_reduction == 36'370);
  CHECK(note.credit_amount == 1'200);
  CHECK(given.invoice(id).status == InvoiceStatus::paid);
  CHECK(given.money() == 1'200);
  CHECK(given.account.find_grant(note.credit)->type == static_cast<std::uint8_t>(CreditType::adjustment));
  CHECK(given.reconciles());
  CHECK(given.refused(of_amount(id, 1)) == RejectionCode::credit_exceeds_invoice);
}

TEST_CASE("F16: a full note on a paid invoice gives back what paid for it") {
  Crediting given;
  given.accept(issue(2'000));
  given.accept(issue(8'000, CreditType::overpayment));
  const EntityRef id = given.finalized({"10000"});
  REQUIRE(given.invoice(id).status == InvoiceStatus::paid);
  CHECK(given.money() == 0);
  const schema::CreditNoteIssuedT note = given.credit_amount(id);
  CHECK(note.due_reduction == 0);
  CHECK(given.money() == 10'000);
  CHECK(given.reconciles());
}

TEST_CASE("INV-14: a paid invoice is what it was, whatever is credited of it") {
  Crediting given;
  given.accept(issue(10'000));
  const EntityRef id = given.finalized({"10000"});
  const std::string before = encode_row(given.invoice(id));
  given.credit_amount(id, 4'000);
  CHECK(encode_row(given.invoice(id)) == before);
  CHECK(given.account.with_credit_notes(given.invoice(id)).credit_notes.size() == 1);
  CHECK(given.refused(VoidInvoice{id, {}}) == RejectionCode::refund_first);
  check_row(given.account);
}

TEST_CASE("an amount is shared among the lines in proportion, and a quantity closes with the others of its line") {
  Crediting given;
  DraftInvoice draft;
  draft.account_id = "acme";
  draft.lines = {invoice_line("33.5", "3"), invoice_line("200")};  // 101 for three, and 200
  const EntityRef id = given.accept(draft);
  given.accept(FinalizeInvoice{id});
  CHECK(given.credit(id, {quantity_of(1, "1")}).total == 34);
  CHECK(given.credit(id, {quantity_of(1, "1")}).total == 33);
  CHECK(given.credit(id, {quantity_of(1, "1")}).total == 34);
  CHECK(given.refused([&] {
    IssueCreditNote command;
    command.invoice = id;
    command.lines = {quantity_of(1, "0.1")};
    return command;
  }()) == RejectionCode::credit_exceeds_invoice);
  CHECK(given.credit_amount(id, 50).lines.size() == 1);

  const EntityRef other = given.finalized({"100", "300"});
  const schema::CreditNoteIssuedT shared = given.credit_amount(other, 101);
  REQUIRE(shared.lines.size() == 2);
  CHECK(shared.lines[0]->amount == 25);
  CHECK(shared.lines[1]->amount == 76);
}

TEST_CASE("CN-02: credit notes of prices that include their tax close the invoice to the cent") {
  Crediting given;
  given.zones = &zones();
  given.tax("DE", "DE");
  auto terms = flat_terms("11900");
  terms->prices.front()->tax_behavior = schema::TaxBehavior::inclusive;
  REQUIRE(given.when(CreatePlan{"gross", {}, terms}).accepted());
  CreateSubscription subscribe;
  subscribe.account_id = "acme";
  subscribe.plan_id = "gross";
  given.accept(subscribe);
  const EntityRef id = given.account.invoices().begin()->first;
  CHECK(given.invoice(id).total == 11'900);
  AdjustInvoice more;
  more.invoice = id;
  more.type = AdjustmentType::surcharge;
  more.amount = 119;
  given.accept(more);
  CHECK(given.invoice(id).amount_remaining() == 12'019);
  CHECK(given.journal()[LedgerAccount::tax_payable] == -1'919);
  CHECK(sums(given.credit_amount(id, 5'000)) == "5000 798");  // 5000 less 5000 / 1.19
  CHECK(sums(given.credit(id, {part(1, 1'000)})) == "1000 160");
  CHECK(sums(given.credit_amount(id)) == "5900 942");  // what is left of 1900
  CHECK(given.invoice(id).amount_remaining() == 119);
  CHECK(given.journal()[LedgerAccount::tax_payable] == -19);
  CHECK(given.journal()[LedgerAccount::revenue] == -100);
  CHECK(given.reconciles());
  check_row(given.account);
}

TEST_CASE("numbers of credit notes are a series of their own, dense, begun again each year, and kept by voided ones") {
  Crediting given;
  const EntityRef id = given.finalized({"1000"});
  const schema::CreditNoteIssuedT first = given.credit_amount(id, 100);
  CHECK(first.number == "CN-2027-00001");
  given.accept(VoidCreditNote{first.credit_note, {}});
  CHECK(given.credit_amount(id, 100).number == "CN-2027-00002");
  given.pass_seconds(366LL * 24 * 3600);
  CHECK(given.credit_amount(id, 100).number == "CN-2028-00001");
  ChangePolicy policy;
  policy.policy = "credit_note.numbering";
  policy.prefix = "C/";
  policy.reset = NumberReset::continuous;
  given.accept(policy);
  CHECK(given.credit_amount(id, 100).number == "C/00001");
  CHECK(given.invoice(given.finalized({"1"})).number == "INV-000002");
  policy.prefix = "INV-";
  CHECK(given.when(policy).rejection.pointer == "/prefix");
  CHECK(decode_book(encode_state(given.book)) == given.book);
}

TEST_CASE("only open and paid invoices are credited; the others say their status") {
  Crediting given;
  const EntityRef draft = given.draft({"100"});
  const EntityRef discarded = given.draft({"100"});
  const EntityRef voided = given.finalized({"100"});
  const EntityRef written_off = given.finalized({"100"});
  given.accept(VoidInvoice{discarded, {}});
  given.accept(VoidInvoice{voided, {}});
  given.accept(MarkInvoiceUncollectible{written_off, {}});
  const auto refusal = [&](EntityRef id) {
    const Rejection rejection = given.when(of_amount(id, 1)).rejection;
    CHECK(rejection.code == RejectionCode::invoice_not_creditable);
    return status_of(rejection);
  };
  CHECK(refusal(draft) == "draft");
  CHECK(refusal(discarded) == "void");
  CHECK(refusal(voided) == "void");
  CHECK(refusal(written_off) == "uncollectible");
  CHECK(given.when(of_amount({2, 99, 0, 0}, 1)).rejection == Rejection{RejectionCode::not_found, "/invoice_id", {}});
}

TEST_CASE("what is asked for must be a part of the invoice") {
  Crediting given;
  const EntityRef id = given.finalized({"100", "-30", "0"});
  const auto refusal = [&](std::vector<CreditNoteLineInput> lines, std::optional<std::int64_t> amount = {}) {
    IssueCreditNote command;
    command.invoice = id;
    command.lines = std::move(lines);
    command.amount = amount;
    const std::size_t before = given.types.size();
    const Rejection rejection = given.when(command).rejection;
    CHECK(given.types.size() == before);
    return std::string(rejection_info(rejection.code).name) + " " + rejection.pointer;
  };
  CHECK(refusal({part(4, 1)}) == "validation_failed /lines/0/line");
  CHECK(refusal({part(1, 1), part(1, 1)}) == "validation_failed /lines/1/line");
  CHECK(refusal({part(1, 101)}) == "credit_exceeds_invoice /lines/0/amount");
  CHECK(refusal({part(1, 0)}) == "validation_failed /lines/0/amount");
  CHECK(refusal({part(1, -1)}) == "validation_failed /lines/0/amount");
  CHECK(refusal({part(2, 1)}) == "validation_failed /lines/0/amount");
  CHECK(refusal({part(2, -31)}) == "credit_exceeds_invoice /lines/0/amount");
  CHECK(refusal({part(3, 1)}) == "credit_exceeds_invoice /lines/0/amount");
  CHECK(refusal({part(2, -1)}) == "validation_failed ");  // nothing is given back
  CHECK(refusal({quantity_of(1, "x")}) == "validation_failed /lines/0/quantity");
  CHECK(refusal({quantity_of(1, "-1")}) == "credit_exceeds_invoice /lines/0/quantity");
  CHECK(refusal({quantity_of(1, "1.5")}) == "credit_exceeds_invoice /lines/0/quantity");
  CHECK(refusal({{1, {}, {}}}) == "validation_failed /lines/0/quantity");
  CHECK(refusal({{1, 1, "1"}}) == "validation_failed /lines/0/quantity");
  CHECK(refusal({part(1, 1)}, 1) == "validation_failed /amount");
  CHECK(refusal({}, 0) == "validation_failed /amount");
  CHECK(refusal({}, 71) == "credit_exceeds_invoice /amount");
  CHECK(refusal({part(1, 100)}) == "credit_exceeds_invoice ");  // 100 of an invoice of 70
  CHECK(given.credit(id, {part(1, 100), part(2, -30)}).total == 70);
  CHECK(refusal({}) == "credit_exceeds_invoice ");
}

TEST_CASE("CN-03: a note is voided while nothing has come of it, and leaves nothing behind") {
  Crediting given;
  const EntityRef open = given.finalized({"1000"});
  const schema::CreditNoteIssuedT lowered = given.credit_amount(open, 300);
  given.accept(VoidCreditNote{lowered.credit_note, {}});
  CHECK(given.invoice(open).amount_remaining() == 1'000);
  CHECK(given.invoice(open).credit_notes.empty());
  CHECK(given.account.find_credit_note(lowered.credit_note)->status == CreditNoteStatus::voided);

  given.accept(issue(500));
  const EntityRef paid = given.finalized({"500"});
  const schema::CreditNoteIssuedT gave = given.credit_amount(paid, 200);
  CHECK(given.money() == 200);
  check_row(given.account);
  given.accept(VoidCreditNote{gave.credit_note, {}});
  CHECK(given.money() == 0);
  CHECK(given.account.credited_invoices().empty());
  CHECK(given.reconciles());
  CHECK(given.credit_amount(paid).total == 500);  // as if it had never been
  CHECK(given.journal()[LedgerAccount::revenue] == -1'000);
}

TEST_CASE("a note that was used, that paid its invoice or that is void is not voided") {
  Crediting given;
  const auto check_refused = [&](EntityRef note, std::string_view from) {
    const Rejection rejection = given.when(VoidCreditNote{note, {}}).rejection;
    CHECK(rejection ==
          Rejection{RejectionCode::invalid_transition,
                    {},
                    {{"from", std::string(from)}, {"to", std::string("void")}, {"allowed", std::string()}}});
  };
  const EntityRef whole = given.finalized({"100"});
  const EntityRef paying = given.credit_amount(whole).credit_note;
  CHECK(given.invoice(whole).status == InvoiceStatus::paid);
  check_refused(paying, "issued");

  const EntityRef later = given.finalized({"100"});
  const EntityRef lowered = given.credit_amount(later, 40).credit_note;
  given.accept(VoidInvoice{later, {}});
  check_refused(lowered, "issued");
  CHECK(given.reconciles());
  CHECK(given.journal()[LedgerAccount::revenue] == 0);

  given.accept(issue(100));
  const EntityRef paid = given.finalized({"100"});
  const schema::CreditNoteIssuedT gave = given.credit_amount(paid, 40);
  // Its credit is voided with it only.
  CHECK(given.refused(VoidCredit{gave.credit, {}}) == RejectionCode::invalid_transition);
  given.accept(consume(gave.credit, 1));
  check_refused(gave.credit_note, "issued");

  const EntityRef open = given.finalized({"100"});
  const EntityRef voided = given.credit_amount(open, 1).credit_note;
  given.accept(VoidCreditNote{voided, {}});
  check_refused(voided, "void");
  CHECK(given.refused(VoidCreditNote{{2, 99, 0, 0}, {}}) == RejectionCode::not_found);
}

TEST_CASE("a Support Rep gives back up to the ceiling") {
  Crediting given;
  const EntityRef id = given.finalized({"100000"});
  given.role = Role::support_rep;
  CHECK(given.refused(of_amount(id, credit_ceiling_support + 1)) == RejectionCode::credit_ceiling);
  given.accept(of_amount(id, credit_ceiling_support));
  given.role = Role::billing_admin;
  const EntityRef large = given.accept(of_amount(id, credit_ceiling_support + 1));
  given.role = Role::support_rep;
  CHECK(given.refused(VoidCreditNote{large, {}}) == RejectionCode::credit_ceiling);
}

TEST_CASE("an invoice has a bounded number of credit notes") {
  Crediting given;
  const EntityRef id = given.finalized({"1000"});
  for (std::size_t i = 0; i < corrections_per_invoice_max; ++i) given.accept(of_amount(id, 1));
  CHECK(given.refused(of_amount(id, 1)) == RejectionCode::limit_reached);
}

TEST_CASE("an account has a bounded number of paid invoices with credit notes") {
  Crediting given;
  std::vector<EntityRef> paid;
  for (std::size_t i = 0; i < credited_invoices_max + 1; ++i) {
    given.accept(issue(2));
    paid.push_back(given.finalized({"2"}));
  }
  for (std::size_t i = 0; i < credited_invoices_max; ++i) given.accept(of_amount(paid[i], 1));
  CHECK(given.refused(of_amount(paid.back(), 1)) == RejectionCode::limit_reached);
}

TEST_CASE("a credit note whose credit the account has no room for is refused") {
  Crediting given;
  given.accept(issue(100));
  const EntityRef id = given.finalized({"100"});
  given.accept(issue(amount_max));
  CHECK(given.refused(of_amount(id, 1)) == RejectionCode::amount_out_of_range);
  CHECK(given.money() == amount_max);
}

TEST_CASE("a quantity is of its own line, beside what was credited of it by amount and of other lines") {
  Crediting given;
  DraftInvoice draft;
  draft.account_id = "acme";
  draft.lines = {invoice_line("100", "3"), invoice_line("100", "2"), invoice_line("100", "0")};
  const EntityRef id = given.accept(draft);
  given.accept(FinalizeInvoice{id});
  CHECK(given.credit(id, {part(1, 50), quantity_of(2, "1")}).total == 150);
  CHECK(given.credit(id, {quantity_of(1, "2")}).total == 200);
  const auto refused_by = [&](CreditNoteLineInput line) {
    IssueCreditNote command;
    command.invoice = id;
    command.lines = {std::move(line)};
    return given.refused(command);
  };
  CHECK(refused_by(quantity_of(1, "1")) == RejectionCode::credit_exceeds_invoice);
  CHECK(refused_by(quantity_of(3, "1")) == RejectionCode::credit_exceeds_invoice);
  CHECK(refused_by(quantity_of(2, "x")) == RejectionCode::validation_failed);
  CHECK(given.credit(id, {quantity_of(2, "1")}).total == 100);
}
