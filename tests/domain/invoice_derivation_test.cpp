// EXP-01: an invoice as a derivation. That it matches, Given checks of every invoice that any test finalises; here is
// what it says, and that it does not match where something else was billed.
#include "domain/deciders/invoice_derivation.h"

#include "tests/domain/changing.h"
#include "tests/domain/invoicing.h"

using namespace daybook;
using namespace daybook::test;

TEST_CASE("a derivation has the share and its rounding, discounts of what they are of, and tax of the rest") {
  Invoicing given;
  given.tax("DE", "DE");
  auto terms = std::make_shared<schema::DiscountTermsT>();
  terms->kind = schema::DiscountKind::percent;
  terms->percent = "10";
  terms->duration = schema::DiscountDuration::forever;
  given.discount(terms);
  const EntityRef id = given.draft({"33.335", "1000"});
  CHECK(derive(given.invoice(id)).subtotal == 1'033);
  CHECK(derive(given.invoice(id)).matches);
  CHECK(derive(given.invoice(id)).taxes.empty());
  given.accept(FinalizeInvoice{id});
  const InvoiceDerivation derived = derive(given.invoice(id));
  CHECK(derived.matches);
  CHECK(derived.lines[0].exact == Rational::scaled(33'335, 3));
  CHECK(derived.lines[0].amount == 33);
  REQUIRE(derived.discounts.size() == 1);
  CHECK(derived.discounts[0].base == 1'033);
  CHECK(derived.discounts[0].exact == Rational::scaled(1'033, 1));
  CHECK(derived.discounts[0].amount == 103);
  REQUIRE(derived.taxes.size() == 1);
  CHECK(derived.taxes[0].base == 930);
  CHECK(derived.taxes[0].exact == Rational::scaled(1'767, 1));
  CHECK(derived.taxes[0].amount == 177);
  CHECK(derived.total == 1'107);
}

TEST_CASE("a derivation says that an amount does not follow") {
  Invoicing given;
  given.tax("DE", "DE");
  const EntityRef id = given.finalized({"1000", "500"});
  const auto with = [&](auto change) {
    Invoice invoice = given.invoice(id);
    auto line = std::make_shared<schema::InvoiceLineT>(*invoice.lines[0]);
    auto figures = std::make_shared<schema::InvoiceFiguresT>(*invoice.figures);
    change(*line, *figures);
    invoice.lines[0] = std::move(line);
    invoice.figures = std::move(figures);
    return derive(invoice).matches;
  };
  CHECK(with([](auto&, auto&) {}));
  CHECK_FALSE(with([](auto& line, auto&) { ++line.amount; }));
  CHECK_FALSE(with([](auto& line, auto&) { line.quantity = "2"; }));
  CHECK_FALSE(with([](auto&, auto& figures) { ++figures.lines[0]->net; }));
  CHECK_FALSE(with([](auto&, auto& figures) { ++figures.lines[1]->tax; }));
  CHECK_FALSE(with([](auto&, auto& figures) { ++figures.taxes[0]->tax; }));
  CHECK_FALSE(with([](auto&, auto& figures) { ++figures.taxes[0]->base; }));
  CHECK_FALSE(with([](auto&, auto& figures) {
    figures.taxes.clear();
    for (auto& line : figures.lines) line->tax_rows.clear();
  }));
  CHECK_FALSE(with([](auto&, auto& figures) { ++figures.total; }));
  CHECK_FALSE(with([](auto&, auto& figures) { ++figures.subtotal; }));
  CHECK_FALSE(with([](auto&, auto& figures) { ++figures.discount; }));
  CHECK_FALSE(with([](auto&, auto& figures) { ++figures.credited; }));
}

TEST_CASE("a change gives back a share of what was billed, and the derivation has both") {
  Changing given("2027-04-01T00:00:00Z");
  for (const char* id : {"3000", "1000"}) given.plan(flat_terms(id), id);
  const EntityRef id = given.subscribe_to("3000");
  given.change("2027-04-11T00:00:00Z", id, "1000");
  const InvoiceDerivation derived = derive(given.last_invoice());
  CHECK(derived.matches);
  REQUIRE(derived.lines.size() == 2);
  CHECK(derived.lines[0].whole == Rational(3'000));
  CHECK(derived.lines[0].amount == -2'000);
  CHECK(derived.lines[1].exact == Rational(2'000, 3));
  CHECK(derived.lines[1].amount == 667);
  CHECK(derived.credited == 1'333);
  CHECK(derived.total == 0);
}
