// Invoices by hand: their states, their numbers, credit that pays for them, and the rejections.
#include <algorithm>
#include <set>

#include "domain/state_codec.h"
#include "schemas/events/coupons_generated.h"
#include "schemas/events/invoices_generated.h"
#include "tests/domain/invoicing.h"
#include "tests/domain/property.h"

using namespace daybook;
using namespace daybook::test;

namespace {

std::string detail_of(const Rejection& rejection, std::string_view name) {
  for (const RejectionDetail& detail : rejection.details) {
    if (detail.name == name) return std::get<std::string>(detail.value);
  }
  return {};
}

/// What is held equals what a row brings back.
void check_row(const AccountState& account) {
  const auto again = decode_account(encode_state(account));
  REQUIRE(again.has_value());
  CHECK(encode_state(*again) == encode_state(account));
  CHECK(again->receivable() == account.receivable());
  CHECK(again->due() == account.due());
}

}  // namespace

TEST_CASE("INV-02: a draft has its lines, which are added and removed by number; a number is given once") {
  Invoicing given;
  const EntityRef id = given.draft({"1000", "250"});
  CHECK(given.invoice(id).status == InvoiceStatus::draft);
  CHECK(given.invoice(id).subtotal == 1'250);
  given.accept(RemoveInvoiceLine{id, 2});
  given.accept(AddInvoiceLine{id, invoice_line("0.5", "3")});
  REQUIRE(given.invoice(id).lines.size() == 2);
  CHECK(given.invoice(id).lines.back()->number == 3);
  CHECK(given.invoice(id).lines.back()->amount == 2);  // 1.5, half away from zero
  CHECK(given.invoice(id).subtotal == 1'002);
  CHECK(given.refused(RemoveInvoiceLine{id, 2}) == RejectionCode::not_found);
  CHECK(given.account.receivable() == 0);
  check_row(given.account);
}

TEST_CASE("a line that cannot be billed is refused by its pointer") {
  Invoicing given;
  DraftInvoice command;
  command.account_id = "acme";
  command.lines = {invoice_line("1"), invoice_line("1", "-1")};
  CHECK(given.when(command).rejection.pointer == "/lines/1/quantity");
  command.lines[1] = invoice_line("1000000000000000", "2");
  CHECK(given.when(command).rejection == Rejection{RejectionCode::amount_out_of_range, "/lines/1/unit_amount", {}});
  command.lines[1] = invoice_line("1000000000000000");
  CHECK(given.when(command).rejection.code == RejectionCode::amount_out_of_range);  // with the first line
  command.lines[1] = invoice_line("1");
  command.lines[1].period_start = given.now;
  CHECK(given.when(command).rejection.pointer == "/lines/1/period");
  command.lines[1].period_end = given.now;
  CHECK(given.when(command).rejection.pointer == "/lines/1/period/end");
  CHECK(given.account.invoices().empty());
}

TEST_CASE("INV-03: finalising fixes the lines, gives the number and the due date, and posts what is owed") {
  Invoicing given;
  const EntityRef id = given.draft({"1000", "250"});
  given.accept(FinalizeInvoice{id});
  const Invoice& invoice = given.invoice(id);
  CHECK(invoice.status == InvoiceStatus::open);
  CHECK(invoice.number == "INV-000001");
  CHECK(invoice.total == 1'250);
  CHECK(micros(invoice.due_date) == micros(given.now) + 30 * micros_per_day);
  CHECK(invoice.figures->taxes.at(0)->reason == schema::TaxReason::not_registered);
  CHECK(given.account.receivable() == 1'250);
  CHECK(given.refused(AddInvoiceLine{id, invoice_line("1")}) == RejectionCode::invoice_locked);
  CHECK(given.refused(RemoveInvoiceLine{id, 1}) == RejectionCode::invoice_locked);
  auto sums = given.journal();
  CHECK(sums[LedgerAccount::receivable] == 1'250);
  CHECK(sums[LedgerAccount::revenue] == -1'250);
  check_row(given.account);
}

TEST_CASE("INV-04: only the edges of the state table are there, and the others say from, to and allowed") {
  Invoicing given;
  const EntityRef draft = given.draft({"100"});
  const EntityRef open = given.finalized({"100"});
  const EntityRef paid = given.finalized({"0"});
  const EntityRef discarded = given.draft({"100"});
  const EntityRef written_off = given.finalized({"100"});
  given.accept(VoidInvoice{discarded, {}});
  given.accept(MarkInvoiceUncollectible{written_off, {}});
  CHECK(given.invoice(paid).status == InvoiceStatus::paid);
  CHECK(given.invoice(discarded).number.empty());

  const auto check_refused = [&](const Command& command, std::string_view from, std::string_view to,
                                 std::string_view allowed) {
    const Rejection rejection = given.when(command).rejection;
    CHECK(rejection.code == RejectionCode::invalid_transition);
    CHECK(detail_of(rejection, "from") == from);
    CHECK(detail_of(rejection, "to") == to);
    CHECK(detail_of(rejection, "allowed") == allowed);
  };
  check_refused(FinalizeInvoice{open}, "open", "open", "paid, void, uncollectible");
  check_refused(FinalizeInvoice{paid}, "paid", "open", "");
  check_refused(FinalizeInvoice{discarded}, "void", "open", "");
  check_refused(FinalizeInvoice{written_off}, "uncollectible", "open", "paid");
  check_refused(VoidInvoice{discarded, {}}, "void", "void", "");
  check_refused(VoidInvoice{written_off, {}}, "uncollectible", "void", "paid");
  check_refused(MarkInvoiceUncollectible{draft, {}}, "draft", "uncollectible", "open, void");
  check_refused(MarkInvoiceUncollectible{paid, {}}, "paid", "uncollectible", "");
  check_refused(MarkInvoiceUncollectible{discarded, {}}, "void", "uncollectible", "");
  check_refused(MarkInvoiceUncollectible{written_off, {}}, "uncollectible", "uncollectible", "paid");
  CHECK(given.refused(VoidInvoice{paid, {}}) == RejectionCode::refund_first);
  for (const Command& command :
       {Command(AddInvoiceLine{{2, 99, 0, 0}, invoice_line("1")}), Command(RemoveInvoiceLine{{2, 99, 0, 0}, 1}),
        Command(FinalizeInvoice{{2, 99, 0, 0}}), Command(VoidInvoice{{2, 99, 0, 0}, {}}),
        Command(MarkInvoiceUncollectible{{2, 99, 0, 0}, {}})}) {
    CHECK(given.refused(command) == RejectionCode::not_found);
  }
}

TEST_CASE("INV-16: an invoice is sent again in every status but draft and void, and stays what it is") {
  Invoicing given;
  const EntityRef draft = given.draft({"100"});
  const EntityRef open = given.finalized({"100"});
  const EntityRef paid = given.finalized({"0"});
  const EntityRef discarded = given.draft({"100"});
  const EntityRef written_off = given.finalized({"100"});
  given.accept(VoidInvoice{discarded, {}});
  given.accept(MarkInvoiceUncollectible{written_off, {}});
  for (const EntityRef id : {open, paid, written_off, open}) {
    const std::string before = encode_row(given.invoice(id));
    CHECK(given.accept(SendInvoice{{}, id}) == id);
    CHECK(static_cast<schema::Event>(given.types.back()) == schema::Event::InvoiceSent);
    CHECK(encode_row(given.invoice(id)) == before);
  }
  const auto type = static_cast<std::uint8_t>(schema::Event::InvoiceSent);
  CHECK(std::count(given.types.begin(), given.types.end(), type) == 4);
  for (const EntityRef id : {draft, discarded}) {
    const Rejection rejection = given.when(SendInvoice{{}, id}).rejection;
    CHECK(rejection.code == RejectionCode::invalid_transition);
    CHECK(detail_of(rejection, "from") == to_text(given.invoice(id).status));
    CHECK(detail_of(rejection, "to") == "sent");
  }
  CHECK(given.refused(SendInvoice{{}, {2, 99, 0, 0}}) == RejectionCode::not_found);
}

TEST_CASE("J02: numbers are dense per series and given by finalising only; a voided invoice keeps its own") {
  Invoicing given;
  std::set<std::string> numbers;
  for (int i = 1; i <= 20; ++i) {
    given.accept(VoidInvoice{given.draft({"1"}), {}});
    const EntityRef id = given.finalized({"100"});
    CHECK(given.invoice(id).sequence == static_cast<std::uint64_t>(i));
    numbers.insert(given.invoice(id).number);
    if (i % 3 == 0) given.accept(VoidInvoice{id, {}});
    CHECK_FALSE(given.invoice(id).number.empty());
  }
  CHECK(numbers.size() == 20);
  CHECK(given.book.invoice_numbers.at("INV-") == 20);
}

TEST_CASE("a numbering that is reset yearly begins with 1 in each year, and a changed prefix begins a series") {
  Invoicing given;
  ChangePolicy policy;
  policy.policy = "invoice.numbering";
  policy.prefix = "ACME-";
  policy.digits = 3;
  policy.reset = NumberReset::yearly;
  REQUIRE(given.when(policy).accepted());
  given.now = *parse_rfc3339("2027-12-31T23:59:59Z");
  CHECK(given.invoice(given.finalized({"1"})).number == "ACME-2027-001");
  CHECK(given.invoice(given.finalized({"1"})).number == "ACME-2027-002");
  given.pass_seconds(1);
  CHECK(given.invoice(given.finalized({"1"})).number == "ACME-2028-001");
  CHECK(given.when(policy).events.empty());
  policy = {};
  policy.policy = "invoice.numbering";
  REQUIRE(given.when(policy).accepted());
  CHECK(given.invoice(given.finalized({"1"})).number == "INV-000001");
  const auto again = decode_book(encode_state(given.book));
  REQUIRE(again.has_value());
  CHECK(*again == given.book);
}

TEST_CASE("a policy that is none, a member of another and a prefix that ends with a digit are refused") {
  Invoicing given;
  ChangePolicy policy;
  policy.policy = "invoice.colour";
  CHECK(given.refused(policy) == RejectionCode::not_found);
  policy.policy = "invoice.net_days";
  policy.prefix = "A";
  CHECK(given.when(policy).rejection.pointer == "/prefix");
  policy.policy = "invoice.numbering";
  for (const char* prefix : {"A1", "A B", "Ä-"}) {
    policy.prefix = prefix;
    CHECK(given.when(policy).rejection.pointer == "/prefix");
  }
  policy = {};
  policy.policy = "invoice.net_days";
  policy.manual = 14;
  REQUIRE(given.when(policy).accepted());
  CHECK(given.invoice(given.draft({"1"})).net_days == 14);
}

TEST_CASE("CRD-05, G13: available credit pays for the next invoice, earliest expiry first, and the rest stays") {
  Invoicing given;
  const EntityRef later = given.accept(issue(50));
  const EntityRef sooner = given.accept(issue(30, CreditType::goodwill, Instant{micros(given.now) + micros_per_day}));
  const EntityRef id = given.finalized({"60"});
  CHECK(given.invoice(id).status == InvoiceStatus::paid);
  CHECK(given.invoice(id).amount_due() == 0);
  CHECK(given.invoice(id).credits == std::vector<Draw>{{sooner, 30}, {later, 30}});
  CHECK(given.account.find_grant(sooner)->status == GrantStatus::consumed);
  CHECK(given.account.find_grant(later)->remaining == 20);
  CHECK(given.account.find_grant(later)->applications == std::vector<CreditApplication>{{id, 30}});
  CHECK(given.account.receivable() == 0);
  const EntityRef next = given.finalized({"100"});
  CHECK(given.invoice(next).amount_remaining() == 80);
  CHECK(given.account.receivable() == 80);
  auto sums = given.journal();
  CHECK(sums[LedgerAccount::receivable] == 80);
  CHECK(sums[LedgerAccount::customer_credit] == 0);
}

TEST_CASE("K17: two invoices never take one credit twice") {
  Invoicing given;
  given.accept(issue(5'000));
  const EntityRef first = given.draft({"4000"});
  const EntityRef second = given.draft({"4000"});
  given.accept(FinalizeInvoice{first});
  given.accept(FinalizeInvoice{second});
  CHECK(given.invoice(first).credit_applied + given.invoice(second).credit_applied == 5'000);
  CHECK(given.account.receivable() == 3'000);
}

TEST_CASE("K17: a discount for one invoice is taken off one, and is there again when that is voided") {
  Invoicing given;
  auto terms = std::make_shared<schema::DiscountTermsT>();
  terms->kind = schema::DiscountKind::fixed;
  terms->amount = 5'000;
  terms->currency = currency_of("USD").packed;
  given.discount(terms);
  const EntityRef first = given.finalized({"8000"});
  const EntityRef second = given.finalized({"8000"});
  CHECK(given.invoice(first).total == 3'000);
  CHECK(given.invoice(second).total == 8'000);
  given.accept(VoidInvoice{first, {}});
  CHECK(given.invoice(given.finalized({"8000"})).total == 3'000);
  CHECK(given.journal()[LedgerAccount::discounts] == 5'000);
}

TEST_CASE("INV-12, K18: voiding takes back what was posted and returns the credit, once") {
  Invoicing given;
  const EntityRef whole = given.accept(issue(20));
  const EntityRef part = given.accept(issue(50));
  const EntityRef id = given.finalized({"60", "40"});
  CHECK(given.account.receivable() == 30);
  CHECK(given.account.pays_open_invoice(whole));
  check_row(given.account);
  given.accept(VoidInvoice{id, {}});
  CHECK(given.invoice(id).status == InvoiceStatus::voided);
  CHECK(given.invoice(id).credits.empty());
  CHECK(given.account.find_grant(whole)->status == GrantStatus::available);
  CHECK(given.account.find_grant(whole)->applications.empty());
  CHECK(given.account.find_grant(part)->remaining == 50);
  CHECK(given.money() == 70);
  CHECK(given.account.receivable() == 0);
  for (const auto& [account, sum] : given.journal()) {
    const bool is_credit = account == LedgerAccount::customer_credit || account == LedgerAccount::credits_granted;
    CHECK(sum == (is_credit ? (account == LedgerAccount::customer_credit ? -70 : 70) : 0));
  }
  CHECK(given.refused(VoidInvoice{id, {}}) == RejectionCode::invalid_transition);
  check_row(given.account);
}

TEST_CASE("a credit that expired while it paid for an invoice expires when the invoice is voided") {
  Invoicing given;
  const EntityRef credit = given.accept(issue(30, CreditType::goodwill, Instant{micros(given.now) + micros_per_day}));
  const EntityRef kept = given.accept(issue(500));
  const EntityRef id = given.finalized({"40", "1000"});
  given.pass_seconds(2 * 86'400);
  given.run_due();
  given.accept(VoidInvoice{id, {}});
  CHECK(given.account.find_grant(credit)->status == GrantStatus::expired);
  CHECK(given.account.find_grant(kept)->status == GrantStatus::available);
  CHECK(given.money() == 500);
  CHECK(given.account.next_due() == never);
}

TEST_CASE("a consumed credit stays as long as its invoice is open, and both leave the state when it is paid") {
  Invoicing given;
  const EntityRef credit = given.accept(issue(100));
  const EntityRef open = given.finalized({"100", "50"});
  AccountState::Ended ended = given.account.take_ended();
  CHECK(ended.grants.empty());
  CHECK(given.account.find_grant(credit) != nullptr);
  IssueCredit rest = issue(50);
  rest.invoice = open;
  const EntityRef last = given.accept(rest);
  ended = given.account.take_ended();
  REQUIRE(ended.grants.size() == 2);
  REQUIRE(ended.invoices.size() == 1);
  CHECK(ended.invoices.front().credits == std::vector<Draw>{{credit, 100}, {last, 50}});
  const auto again = decode_invoice(encode_row(ended.invoices.front()));
  REQUIRE(again.has_value());
  CHECK(*again == ended.invoices.front());
  CHECK(given.account.find_invoice(open) == nullptr);
  given.account.adopt(*again);
  CHECK(given.refused(VoidInvoice{open, {}}) == RejectionCode::refund_first);
}

TEST_CASE(
    "an invoice that is written off stays, since it may be paid late, and the credit that paid for some of it goes") {
  Invoicing given;
  const EntityRef credit = given.accept(issue(100));
  const EntityRef lost = given.finalized({"150"});
  given.accept(MarkInvoiceUncollectible{lost, {}});
  const AccountState::Ended ended = given.account.take_ended();
  REQUIRE(ended.grants.size() == 1);
  CHECK(ended.grants.front().id == credit);
  CHECK(ended.invoices.empty());
  CHECK(given.invoice(lost).amount_collectible() == 50);
  const auto again = decode_account(encode_state(given.account));
  REQUIRE(again.has_value());
  CHECK(again->find_invoice(lost) != nullptr);
  CHECK(encode_state(*again) == encode_state(given.account));
}

TEST_CASE("INV-12: what is written off is no longer owed") {
  Invoicing given;
  given.accept(issue(25));
  const EntityRef id = given.finalized({"100"});
  given.accept(MarkInvoiceUncollectible{id, {}});
  CHECK(given.account.receivable() == 0);
  CHECK(given.invoice(id).amount_remaining() == 0);
  auto sums = given.journal();
  CHECK(sums[LedgerAccount::write_offs] == 75);
  CHECK(sums[LedgerAccount::receivable] == 0);
}

TEST_CASE("INV-13: a total of zero is paid when it is finalised") {
  Invoicing given;
  const EntityRef id = given.finalized({"100", "-100"});
  CHECK(given.invoice(id).status == InvoiceStatus::paid);
  CHECK(given.invoice(id).number == "INV-000001");
  CHECK(given.invoice(id).paid_at == given.now);
}

TEST_CASE("an invoice without lines, below zero or beyond the range is not finalised, and takes no number") {
  Invoicing given;
  CHECK(given.refused(FinalizeInvoice{given.draft({})}) == RejectionCode::validation_failed);
  CHECK(given.refused(FinalizeInvoice{given.draft({"100", "-101"})}) == RejectionCode::validation_failed);
  given.finalized({std::to_string(amount_max)});
  CHECK(given.refused(FinalizeInvoice{given.draft({"1"})}) == RejectionCode::amount_out_of_range);
  CHECK(given.book.invoice_numbers.at("INV-") == 1);
}

TEST_CASE("INV-18: an open invoice becomes overdue once, at its due date") {
  Invoicing given;
  const EntityRef id = given.finalized({"100"});
  const EntityRef paid = given.finalized({"0"});
  given.pass_seconds(30 * 86'400 - 1);
  given.run_due();
  CHECK_FALSE(given.invoice(id).is_overdue);
  given.pass_seconds(1);
  given.run_due();
  CHECK(given.invoice(id).is_overdue);
  CHECK_FALSE(given.invoice(paid).is_overdue);
  CHECK(given.account.next_due() == never);
  check_row(given.account);
  given.pass_seconds(86'400);
  given.run_due();
  const auto overdue = static_cast<std::uint8_t>(schema::Event::InvoiceBecameOverdue);
  CHECK(std::count(given.types.begin(), given.types.end(), overdue) == 1);
}

TEST_CASE("an account has a limit of open invoices and an invoice one of lines, at it and one past it") {
  Invoicing given;
  const EntityRef id = given.draft({});
  for (std::size_t i = 0; i < invoice_lines_max; ++i) given.accept(AddInvoiceLine{id, invoice_line("1")});
  CHECK(given.refused(AddInvoiceLine{id, invoice_line("1")}) == RejectionCode::limit_reached);
  for (std::size_t i = 1; i < open_invoices_max; ++i) given.draft({});
  DraftInvoice one_more;
  one_more.account_id = "acme";
  CHECK(given.refused(one_more) == RejectionCode::limit_reached);
}

TEST_CASE("credits beyond the limit of one invoice wait for the next") {
  Invoicing given;
  for (std::size_t i = 0; i <= credits_per_invoice_max; ++i) given.accept(issue(1));
  const EntityRef id = given.finalized({"10000"});
  CHECK(given.invoice(id).credits.size() == credits_per_invoice_max);
  CHECK(given.money() == 1);
  CHECK(given.account.receivable() == 10'000 - static_cast<std::int64_t>(credits_per_invoice_max));
}

TEST_CASE("INV-06: lines, discounts and taxes of any invoice sum to its totals, and its state to what was posted") {
  always("an invoice's lines sum to its totals",
         [](std::vector<std::int32_t> amounts, std::int32_t credit, std::uint8_t percent) {
           RC_PRE(!amounts.empty() && amounts.size() <= 40);
           Invoicing given;
           given.tax("SE", percent % 3 == 0 ? "SE" : percent % 3 == 1 ? "DE" : "");
           if (percent % 4 != 0) {
             auto terms = std::make_shared<schema::DiscountTermsT>();
             terms->percent = std::to_string(1 + percent % 100);
             given.discount(terms);
           }
           if (credit > 0) given.accept(issue(credit));
           std::vector<std::string> texts;
           for (const std::int32_t amount : amounts) texts.push_back(std::to_string(amount));
           const EntityRef id = given.draft(texts);
           const Decision decision = given.when(FinalizeInvoice{id});
           if (!decision.accepted()) return;  // below zero
           const Invoice& invoice = given.invoice(id);
           const schema::InvoiceFiguresT& figures = *invoice.figures;
           std::int64_t amount = 0, discount = 0, net = 0, tax = 0, by_rate = 0, by_discount = 0;
           for (const auto& line : figures.lines) {
             RC_ASSERT(line->amount - line->discount == line->net);
             amount += line->amount;
             discount += line->discount;
             net += line->net;
             tax += line->tax;
           }
           for (const auto& row : figures.taxes) by_rate += row->tax;
           for (const auto& row : figures.discounts) by_discount += row->amount;
           RC_ASSERT(amount == figures.subtotal);
           RC_ASSERT(discount == figures.discount);
           RC_ASSERT(by_discount == figures.discount);
           RC_ASSERT(tax == figures.tax);
           RC_ASSERT(by_rate == figures.tax);
           RC_ASSERT(net + tax == figures.total);
           RC_ASSERT(figures.subtotal - figures.discount + figures.tax == figures.total);
           auto sums = given.journal();
           RC_ASSERT(sums[LedgerAccount::receivable] == given.account.receivable());
           RC_ASSERT(sums[LedgerAccount::customer_credit] == -given.money());
           RC_ASSERT(sums[LedgerAccount::tax_payable] == -figures.tax);
           if (invoice.status != InvoiceStatus::open) return;
           given.accept(VoidInvoice{id, {}});
           sums = given.journal();
           RC_ASSERT(sums[LedgerAccount::receivable] == 0);
           RC_ASSERT(sums[LedgerAccount::revenue] == 0);
           RC_ASSERT(sums[LedgerAccount::tax_payable] == 0);
           RC_ASSERT(given.money() == std::max(credit, 0));
         });
}

TEST_CASE("CRD-02: a credit for an open invoice pays it as far as it goes, and the rest stays a credit") {
  Invoicing given;
  IssueCredit credit;
  credit.account_id = "acme";
  credit.amount = 300;
  credit.currency = given.account.details.currency;
  credit.invoice = given.finalized({"1000"});
  const EntityRef first = given.accept(credit);
  CHECK(given.invoice(*credit.invoice).amount_remaining() == 700);
  CHECK(given.money() == 0);
  CHECK(given.account.find_grant(first)->status == GrantStatus::consumed);
  CHECK(given.account.find_grant(first)->invoice == *credit.invoice);
  credit.amount = 900;
  given.accept(credit);
  CHECK(given.invoice(*credit.invoice).status == InvoiceStatus::paid);
  CHECK(given.money() == 200);
  CHECK(given.account.receivable() == 0);
  CHECK(given.journal()[LedgerAccount::customer_credit] == -200);
  CHECK(given.journal()[LedgerAccount::receivable] == 0);
  const auto again = decode_account(encode_state(given.account));
  REQUIRE(again.has_value());
  CHECK(encode_state(*again) == encode_state(given.account));

  CHECK(given.refused(credit) == RejectionCode::invalid_transition);  // it is paid
  credit.invoice = given.draft({"1000"});
  CHECK(given.refused(credit) == RejectionCode::invalid_transition);
  credit.invoice = EntityRef{2, 99, 0, 0};
  CHECK(given.refused(credit) == RejectionCode::not_found);
}

TEST_CASE("CRD-02: a credit of just what is due pays the invoice, and one less leaves it open") {
  for (const std::int64_t short_of : {0, 1}) {
    Invoicing given;
    IssueCredit credit;
    credit.account_id = "acme";
    credit.amount = 1'000 - short_of;
    credit.currency = given.account.details.currency;
    credit.invoice = given.finalized({"1000"});
    given.accept(credit);
    CHECK(given.invoice(*credit.invoice).amount_remaining() == short_of);
    CHECK((given.invoice(*credit.invoice).status == InvoiceStatus::paid) == (short_of == 0));
  }
}

TEST_CASE("a credit that there is pays an open invoice when somebody asks, in part or as far as it goes") {
  Invoicing given;
  const EntityRef open = given.finalized({"1000"});
  IssueCredit issue;
  issue.account_id = "acme";
  issue.amount = 1'500;
  issue.currency = given.account.details.currency;
  const EntityRef credit = given.accept(issue);
  ApplyCredit apply{credit, open, 400};
  given.accept(apply);
  CHECK(given.invoice(open).amount_remaining() == 600);
  CHECK(given.money() == 1'100);
  for (const std::int64_t amount : {0, -1, 601}) {  // beyond what is due
    apply.amount = amount;
    CHECK(given.refused(apply) == RejectionCode::validation_failed);
  }
  apply.amount = 1'101;
  CHECK(given.refused(apply) == RejectionCode::credit_insufficient);
  apply.amount.reset();
  given.accept(apply);
  CHECK(given.invoice(open).status == InvoiceStatus::paid);
  CHECK(given.money() == 500);
  CHECK(given.refused(apply) == RejectionCode::invalid_transition);  // it is paid
  CHECK(given.journal()[LedgerAccount::receivable] == 0);
  CHECK(given.journal()[LedgerAccount::customer_credit] == -500);
  CHECK(given.refused(ApplyCredit{credit, EntityRef{2, 99, 0, 0}, {}}) == RejectionCode::not_found);
  CHECK(given.refused(ApplyCredit{open, open, {}}) == RejectionCode::not_found);
  const EntityRef rest = given.draft({"1000"});
  CHECK(given.refused(ApplyCredit{credit, rest, {}}) == RejectionCode::invalid_transition);  // a draft
}

TEST_CASE("CRD-09: a credit of which something is held or spent is neither voided nor pays more than is free") {
  Invoicing given;
  const EntityRef open = given.finalized({"1000"});
  const EntityRef credit = given.accept(issue(1'500));
  given.accept(ApplyCredit{credit, open, 400});
  VoidCredit gone;
  gone.credit = credit;
  CHECK(given.refused(gone) == RejectionCode::invalid_transition);
  CHECK(given.money() == 1'100);
  given.accept(consume(credit, 1'100));
  CHECK(given.refused(ApplyCredit{credit, open, {}}) == RejectionCode::invalid_transition);  // nothing is left of it
  CHECK(given.invoice(open).amount_remaining() == 600);
}

TEST_CASE("INV: a line that is added is checked as those of a new draft, and with the sum of those that are there") {
  struct Row {
    const char* quantity;
    const char* unit_amount;
    RejectionCode code;
    const char* pointer;
  };
  const std::string most = std::to_string(amount_max);
  const std::vector<Row> rows = {
      {"-1", "1", RejectionCode::validation_failed, "/quantity"},
      {"1.0000000001", "1", RejectionCode::validation_failed, "/quantity"},
      {"1000000000000001", "1", RejectionCode::validation_failed, "/quantity"},
      {"1", "1.", RejectionCode::validation_failed, "/unit_amount"},
      {"1", "0.0000000000001", RejectionCode::validation_failed, "/unit_amount"},
      {"2", most.c_str(), RejectionCode::amount_out_of_range, "/unit_amount"},
      {"1", most.c_str(), RejectionCode::amount_out_of_range, "/unit_amount"},  // with the 1 that is there
  };
  Invoicing given;
  const EntityRef id = given.draft({"1"});
  for (const Row& row : rows) {
    CAPTURE(row.quantity);
    CAPTURE(row.unit_amount);
    const Decision refused = given.when(AddInvoiceLine{id, invoice_line(row.unit_amount, row.quantity)});
    CHECK(refused.rejection.code == row.code);
    CHECK(refused.rejection.pointer == row.pointer);
  }
  CHECK(given.invoice(id).subtotal == 1);
  given.accept(AddInvoiceLine{id, invoice_line(std::to_string(amount_max - 1))});
  CHECK(given.invoice(id).subtotal == amount_max);
}

TEST_CASE("a line whose amount no number holds is refused, and a period that a line has stands in it") {
  Invoicing given;
  const EntityRef id = given.draft({"1"});
  const std::string most = std::to_string(amount_max);
  CHECK(given.when(AddInvoiceLine{id, invoice_line(most, most)}).rejection ==
        Rejection{RejectionCode::amount_out_of_range, "/unit_amount", {}});
  InvoiceLineInput line = invoice_line("1");
  line.period_start = given.now;
  line.period_end = Instant{micros(given.now) + 1};
  given.accept(AddInvoiceLine{id, line});
  CHECK(given.invoice(id).lines.back()->period_end == *line.period_end);
}

TEST_CASE("an invoice whose tax takes it out of range is not finalised") {
  Invoicing given;
  given.tax("DE", "DE");
  const EntityRef id = given.draft({std::to_string(amount_max)});
  CHECK(given.when(FinalizeInvoice{id}).rejection == Rejection{RejectionCode::amount_out_of_range, "/lines", {}});
  CHECK(given.invoice(id).status == InvoiceStatus::draft);
}

TEST_CASE("a numbering may have no prefix, none that is too long, and none that the other one has") {
  Invoicing given;
  ChangePolicy policy;
  policy.policy = "invoice.numbering";
  policy.prefix = std::string(number_prefix_characters_max + 1, 'A');
  CHECK(given.when(policy).rejection.pointer == "/prefix");
  policy.prefix = "";
  REQUIRE(given.when(policy).accepted());
  CHECK(given.invoice(given.finalized({"1"})).number == "000001");
  policy.policy = "credit_note.numbering";
  for (const char* prefix : {"", "C1"}) {
    policy.prefix = prefix;
    CHECK(given.when(policy).rejection.pointer == "/prefix");
  }
}
