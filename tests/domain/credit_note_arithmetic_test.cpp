#include "domain/rules/credit_note_arithmetic.h"

#include "domain/money.h"
#include "tests/domain/charges.h"
#include "tests/domain/dies.h"
#include "tests/domain/property.h"

namespace daybook {
namespace {

using test::at_rate;
using test::fixed_discount;
using test::percent_discount;
using test::total;

/// An invoice that is credited piece by piece.
class CreditedInvoice {
 public:
  explicit CreditedInvoice(const InvoiceCharges& charges)
      : totals_(total(charges)), invoice_(creditable(charges, totals_)) {}

  CreditNoteTotals take(std::vector<CreditedPart> parts) {
    const auto note = credit_note(invoice_, parts);
    REQUIRE(note.has_value());
    invoice_ = after_credit_note(invoice_, *note);
    credited_ += note->total;
    return *note;
  }
  CreditNoteTotals take(std::size_t line, std::int64_t amount) { return take({{line, amount}}); }
  CreditNoteTotals take_rest() { return take(remaining_parts(invoice_)); }

  bool refuses(std::vector<CreditedPart> parts) const { return !credit_note(invoice_, parts); }
  std::int64_t left() const { return credit_note(invoice_, remaining_parts(invoice_))->total; }
  std::int64_t credited() const { return credited_; }
  std::int64_t invoiced() const { return totals_.taxed.total; }

 private:
  InvoiceTotals totals_;
  CreditableInvoice invoice_;
  std::int64_t credited_ = 0;
};

InvoiceCharges lines_at(std::string_view percent, std::initializer_list<std::int64_t> amounts) {
  InvoiceCharges charges;
  for (const std::int64_t amount : amounts) charges.lines.push_back(at_rate(amount, percent));
  return charges;
}

TEST_CASE("F06: two equal lines, one note each") {
  CreditedInvoice invoice(lines_at("20", {6'833, 6'833}));
  CHECK(invoice.invoiced() == 16'399);
  const CreditNoteTotals first = invoice.take(0, 6'833);
  CHECK(first.total == 8'200);
  CHECK(first.tax == 1'367);
  const CreditNoteTotals second = invoice.take(1, 6'833);
  CHECK(second.total == 8'199);
  CHECK(second.tax == 1'366);
}

TEST_CASE("F07, F08: each note rounds its own tax and the last takes what is left") {
  CreditedInvoice invoice(lines_at("20", {6'833, 6'833, 6'833, 6'833}));
  CHECK(invoice.invoiced() == 32'798);
  for (std::size_t line = 0; line < 3; ++line) CHECK(invoice.take(line, 6'833).total == 8'200);
  CHECK(invoice.left() == 8'198);
  CHECK(invoice.take(3, 1'367).total == 1'640);
  CHECK(invoice.take(3, 2'233).total == 2'680);
  CHECK(invoice.take(3, 3'233).total == 3'878);
  CHECK(invoice.credited() == 32'798);
  CHECK(invoice.left() == 0);
}

TEST_CASE("F09, F10: a part of a discounted line takes its share of the coupon with it") {
  InvoiceCharges charges;
  charges.lines = {at_rate(17'900, "10"), at_rate(39'900, "20")};
  charges.discounts = {fixed_discount("A", 25'000, {1})};
  CreditedInvoice invoice(charges);
  CHECK(total(charges).taxed.net == 32'800);
  CHECK(total(charges).taxed.tax == 4'770);
  CHECK(invoice.invoiced() == 37'570);
  CHECK(invoice.left() == 37'570);
  const CreditNoteTotals note = invoice.take(1, 26'260);
  CHECK(note.lines[0].discount == 16'454);
  CHECK(note.net == 9'806);
  CHECK(note.tax == 1'961);
  CHECK(note.total == 11'767);
  CHECK(note.groups.size() == 1);
  CHECK(note.groups[0].group == 1);
  CHECK(note.groups[0].base == 9'806);
  CHECK(invoice.left() == 37'570 - 11'767);
}

TEST_CASE("F14: six sevenths of a week") {
  CreditedInvoice invoice(lines_at("23.33", {2'999}));
  CHECK(invoice.invoiced() == 3'699);
  const CreditNoteTotals note = invoice.take(0, 2'571);
  CHECK(note.tax == 600);
  CHECK(note.total == 3'171);
  CHECK(invoice.take_rest().total == 3'699 - 3'171);
}

TEST_CASE("F15: two halves of a discounted invoice") {
  InvoiceCharges charges = lines_at("10", {1'000, 2'000, 3'000, 4'000});
  charges.discounts = {percent_discount("A", 10)};
  CreditedInvoice invoice(charges);
  CHECK(invoice.invoiced() == 9'900);
  const CreditNoteTotals first = invoice.take({{0, 1'000}, {1, 2'000}});
  CHECK(first.total == 2'970);
  CHECK(first.lines[0].net + first.lines[0].tax == 990);
  CHECK(first.lines[1].net + first.lines[1].tax == 1'980);
  const CreditNoteTotals second = invoice.take({{2, 3'000}, {3, 4'000}});
  CHECK(second.total == 6'930);
  CHECK(second.lines[0].net + second.lines[0].tax == 2'970);
  CHECK(second.lines[1].net + second.lines[1].tax == 3'960);
}

TEST_CASE("F17: a note lowers what is due first, and only the excess is given back") {
  const CreditNoteEffect effect = credit_note_effect(10'000, 6'000);
  CHECK(effect.lowers_due == 6'000);
  CHECK(effect.excess == 4'000);
  CHECK(credit_note_effect(5'000, 6'000).excess == 0);
  CHECK(credit_note_effect(5'000, 0).excess == 5'000);
  CHECK(test::is_a_bug([] { return credit_note_effect(-1, 0).excess; }));
  CHECK(test::is_a_bug([] { return credit_note_effect(0, -1).excess; }));
}

TEST_CASE("many small notes do not pile up a cent each") {
  // 0.03 at 20 % is 0.006: rounded by itself each note would take 0.01, and the tax would be gone after sixty.
  CreditedInvoice up(lines_at("20", {300}));
  std::int64_t tax = 0;
  for (int i = 0; i < 50; ++i) tax += up.take(0, 3).tax;
  CHECK(tax == 32);
  // 0.02 at 20 % is 0.004: nothing each, and all at the end.
  CreditedInvoice down(lines_at("20", {200}));
  tax = 0;
  for (int i = 0; i < 50; ++i) tax += down.take(0, 2).tax;
  CHECK(tax == 18);
  CHECK(down.take_rest().tax == 22);
}

TEST_CASE("gross prices are given back gross") {
  InvoiceCharges charges = lines_at("19", {11'900, 5'000});
  charges.tax_basis = TaxBasis::inclusive;
  CreditedInvoice invoice(charges);
  const CreditNoteTotals note = invoice.take(1, 2'500);
  CHECK(note.total == 2'500);
  CHECK(note.tax == 399);
  CHECK(note.net == 2'101);
  CHECK(note.groups[0].base == 2'101);
  CHECK(invoice.take_rest().total == 14'400);
  CHECK(invoice.left() == 0);
}

TEST_CASE("a charge and a credit line of one group are credited each with its own tax") {
  CreditedInvoice invoice(lines_at("19", {10'000, -10'000}));
  CHECK(invoice.take(0, 10'000).total == 11'900);
  CHECK(invoice.take(1, -5'000).total == -5'950);
  CHECK(invoice.take_rest().total == -5'950);
}

TEST_CASE("parts that are not there to be credited are refused") {
  CreditedInvoice invoice(lines_at("20", {1'000, -500, 0}));
  CHECK(invoice.refuses({{0, 1'001}}));
  CHECK(invoice.refuses({{0, 0}}));
  CHECK(invoice.refuses({{0, -1}}));
  CHECK(invoice.refuses({{1, 1}}));
  CHECK(invoice.refuses({{1, -501}}));
  CHECK(invoice.refuses({{2, 1}}));
  CHECK(invoice.refuses({{3, 1}}));
  CHECK(invoice.refuses({{0, 1}, {0, 1}}));
  CHECK(!invoice.refuses({{0, 1'000}, {1, -500}}));
  invoice.take(0, 400);
  CHECK(invoice.refuses({{0, 601}}));
  CHECK(!invoice.refuses({{0, 600}}));
}

TEST_CASE("figures that belong to no invoice are nothing") {
  CreditableInvoice invoice;
  invoice.lines = {{100, 0, 0, {{0, Rational(amount_max) * amount_max}}}};
  invoice.groups.resize(1);
  CHECK(!credit_note(invoice, std::vector<CreditedPart>{{0, 100}}));
}

TEST_CASE("CN-02: any partition into credit notes sums to the invoice, in any order") {
  const auto partition = [](bool with_credits) {
    const InvoiceCharges charges = test::any_charges(with_credits);
    const auto totals = total_invoice(charges);
    CreditableInvoice invoice = creditable(charges, *totals);
    std::int64_t net = 0;
    std::int64_t tax = 0;
    std::int64_t sum = 0;
    std::vector<std::int64_t> discounts(charges.lines.size());
    for (int i = 0; i < 40; ++i) {
      std::vector<CreditedPart> parts = remaining_parts(invoice);
      if (parts.empty()) break;
      if (i < 39) {
        std::vector<CreditedPart> some;
        for (const CreditedPart& part : parts) {
          if (*rc::gen::inRange(0, 3) == 0) continue;
          const std::int64_t most = std::min<std::int64_t>(std::abs(part.amount), *rc::gen::element(5, 500, 30'000));
          const std::int64_t size = *rc::gen::inRange<std::int64_t>(1, most + 1);
          some.push_back({part.line, part.amount < 0 ? -size : size});
        }
        if (!some.empty()) parts = some;
      }
      const auto note = credit_note(invoice, parts);
      RC_ASSERT(note.has_value());
      std::int64_t line_taxes = 0;
      std::int64_t line_nets = 0;
      for (const CreditNoteLine& line : note->lines) {
        line_taxes += line.tax;
        line_nets += line.net;
        discounts[line.line] += line.discount;
        RC_ASSERT(line.amount - line.discount == line.net + (charges.tax_basis == TaxBasis::inclusive ? line.tax : 0));
        if (!with_credits) {
          RC_ASSERT(line.discount >= 0);
          RC_ASSERT(line.discount <= line.amount);
        }
      }
      std::int64_t group_taxes = 0;
      for (const CreditNoteGroup& group : note->groups) {
        group_taxes += group.tax;
        if (!with_credits) RC_ASSERT(group.tax >= 0);
      }
      RC_ASSERT(line_taxes == note->tax);
      RC_ASSERT(group_taxes == note->tax);
      RC_ASSERT(line_nets == note->net);
      RC_ASSERT(note->net + note->tax == note->total);
      invoice = after_credit_note(invoice, *note);
      net += note->net;
      tax += note->tax;
      sum += note->total;
    }
    RC_ASSERT(remaining_parts(invoice).empty());
    RC_ASSERT(net == totals->taxed.net);
    RC_ASSERT(tax == totals->taxed.tax);
    RC_ASSERT(sum == totals->taxed.total);
    for (std::size_t i = 0; i < discounts.size(); ++i) {
      RC_ASSERT(discounts[i] == charges.lines[i].amount - totals->discounted.nets[i]);
    }
    for (const CreditableGroup& group : invoice.groups) RC_ASSERT(group.credited == group.tax);
  };
  test::always("of charges alone", [&] { partition(false); });
  test::always("of charges and credit lines", [&] { partition(true); });
}

}  // namespace
}  // namespace daybook
