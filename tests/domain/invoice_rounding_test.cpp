// invoice.rounding: where a middle goes, in each amount that is rounded; and that an invoice keeps what it was made
// with.
#include "domain/deciders/invoice_derivation.h"
#include "tests/domain/changing.h"
#include "tests/domain/crediting.h"

using namespace daybook;
using namespace daybook::test;

namespace {

template <class Domain>
void round_by(Domain& given, std::optional<Rounding> rounding) {
  ChangePolicy command;
  command.policy = "invoice.rounding";
  command.rounding = rounding;
  REQUIRE(given.when(command).accepted());
}

schema::InvoiceFiguresT figures(const Invoicing& given, EntityRef id) {
  return *given.invoice(id).figures;
}

}  // namespace

TEST_CASE("E15: with invoice.rounding half_even a line of 6733.945 is 6733.94, and its tax is of that") {
  Invoicing given;
  given.tax("DE", "DE");
  const auto billed = [&] {
    DraftInvoice command;
    command.account_id = "acme";
    command.lines.push_back(invoice_line("2693578", "0.25"));
    const EntityRef id = given.accept(command);
    given.accept(FinalizeInvoice{id});
    return id;
  };
  const EntityRef usual = billed();
  round_by(given, Rounding::half_even);
  const EntityRef even = billed();
  CHECK(figures(given, usual).total == 673'395 + 127'945);
  CHECK(figures(given, even).subtotal == 673'394);
  CHECK(figures(given, even).total == 673'394 + 127'945);
  round_by(given, {});
  CHECK(given.book.policies.rounding == Rounding::half_away_from_zero);
  CHECK(figures(given, billed()).subtotal == 673'395);
}

TEST_CASE("E16: of 2 x 348.11 at 25 % the tax is 174.06, whichever way a middle goes") {
  for (const Rounding rounding : {Rounding::half_away_from_zero, Rounding::half_even}) {
    Invoicing given;
    given.tax("SE", "SE");
    round_by(given, rounding);
    CHECK(figures(given, given.finalized({"34811", "34811"})).tax == 17'406);
  }
}

TEST_CASE("taxes and percentages go to the even unit from the middle, the line's own amount too") {
  Invoicing given;
  given.tax("DE", "DE");
  round_by(given, Rounding::half_even);
  // 28.5 is 28; 47.5 is 48.
  CHECK(figures(given, given.finalized({"150"})).tax == 28);
  CHECK(figures(given, given.finalized({"250"})).tax == 48);
  // A line that is added to a draft rounds as those it was drafted with.
  const EntityRef id = given.draft({"0.5"});
  given.accept(AddInvoiceLine{id, invoice_line("1.5")});
  CHECK(given.invoice(id).subtotal == 0 + 2);
  given.discount(percent_for_ever("12.5"));
  const schema::InvoiceFiguresT discounted = figures(given, given.finalized({"20"}));
  CHECK(discounted.discount == 2);
  Invoicing other;
  other.discount(percent_for_ever("12.5"));
  CHECK(figures(other, other.finalized({"20"})).discount == 3);
}

TEST_CASE("a share of a period goes to the even unit, and what waits keeps the amount that it had") {
  Changing given("2027-04-01T00:00:00Z");
  given.plan(by_day(flat_terms("405")), "small");
  given.plan(by_day(flat_terms("6001")), "large");
  round_by(given, Rounding::half_even);
  const EntityRef at_once = given.subscribe_to("small"), waits = given.subscribe_to("small");
  // Half of 4.05 and of 60.01: 202.5 and 3000.5.
  given.change("2027-04-16T00:00:00Z", at_once, "large");
  CHECK(given.last_amounts() == Amounts{-202, 3'000});
  CHECK(derive(given.last_invoice()).matches);
  given.accept(Changing::to(waits, "large", next_invoice));
  round_by(given, Rounding::half_away_from_zero);
  const EntityRef third = given.subscribe_to("small");
  given.accept(Changing::to(third, "large"));
  given.wait_until("2027-05-01T00:00:00Z");
  for (const auto& [id, invoice] : given.account.invoices()) {
    CHECK(derive(invoice).matches);
    if (invoice.subscription != waits || invoice.lines.size() == 1) continue;
    CHECK(invoice.lines[0]->amount == -202);
    CHECK(invoice.lines[1]->amount == 3'000);
    CHECK(invoice.lines[2]->amount == 6'001);
  }
  check_changed_row(given.account);
}

TEST_CASE("an invoice's credit notes round as it did, whatever the policy is by then") {
  Crediting given;
  given.tax("DE", "DE");
  const EntityRef usual = given.finalized({"300"});
  round_by(given, Rounding::half_even);
  const EntityRef even = given.finalized({"300"});
  CHECK(given.credit(usual, {{1, 150, {}}}).tax == 29);
  round_by(given, Rounding::half_away_from_zero);
  CHECK(given.credit(even, {{1, 150, {}}}).tax == 28);
  CHECK(given.credit(usual, {{1, 150, {}}}).tax == 28);
  CHECK(given.credit(even, {{1, 150, {}}}).tax == 29);
  // A quantity of 1 of 2: half of 2.5, and the rest of it.
  const auto billed = [&] {
    DraftInvoice command;
    command.account_id = "acme";
    command.lines.push_back(invoice_line("2.5", "2"));
    const EntityRef id = given.accept(command);
    given.accept(FinalizeInvoice{id});
    return id;
  };
  const EntityRef away = billed();
  round_by(given, Rounding::half_even);
  const EntityRef to_even = billed();
  CHECK(given.credit(away, {{1, {}, "1"}}).lines.front()->amount == 3);
  CHECK(given.credit(to_even, {{1, {}, "1"}}).lines.front()->amount == 2);
  // An amount over two lines of 1.00: the middle of 0.005 each.
  const EntityRef two = given.finalized({"100", "100"});
  CHECK(given.credit_amount(two, 1).total >= 1);
  CHECK(given.reconciles());
}
