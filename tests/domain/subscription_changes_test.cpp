// Changes of plan and quantity: what each gives back and bills, now, on the next invoice or not at all.
#include "tests/domain/changing.h"

using namespace daybook;
using namespace daybook::test;

namespace {

using Unit = schema::IntervalUnit;
constexpr auto no_proration = ProrationBehavior::none;

/// The last event of that type.
const schema::Envelope& last_of(const Given& given, schema::Event type) {
  for (auto bytes = given.envelopes.rbegin(); bytes != given.envelopes.rend(); ++bytes) {
    const schema::Envelope* envelope = schema::GetEnvelope(bytes->data());
    if (envelope->event_type() == type) return *envelope;
  }
  throw std::logic_error("no event of that type");
}

}  // namespace

TEST_CASE(
    "what is beyond a price's maximum is taken off in a line of its own, and a change gives back its share of both") {
  Changing given("2027-04-01T00:00:00Z");
  auto most = seat_terms("1000");
  most->prices.front()->maximum_amount = 2'500;
  given.plan(most, "capped");
  given.plan(flat_terms("6000"), "large");
  const EntityRef id = given.subscribe_to("capped", 4);
  CHECK(given.last_amounts() == Amounts{4'000, -1'500});
  CHECK(given.last_invoice().lines[1]->type == schema::InvoiceLineType::maximum);
  CHECK(given.last_invoice().total == 2'500);
  given.settle();
  given.change("2027-04-16T00:00:00Z", id, "large");  // half of April
  CHECK(given.last_amounts() == Amounts{-2'000, 750, 3'000});
  CHECK(given.last_invoice().total == 3'000 - 1'250);
  check_changed_row(given.account);
}

TEST_CASE(
    "CHG-01: a change now is one invoice of a credit and a charge, and each line says how it comes to its amount") {
  Changing given("2027-04-01T00:00:00Z");
  given.plan(flat_terms("1000"), "small");
  given.plan(flat_terms("3000"), "large");
  const EntityRef id = given.subscribe_to("small");
  const Invoice first = given.last_invoice();
  given.wait_until("2027-04-11T00:00:00Z");
  const std::size_t before = given.types.size();
  given.accept(Changing::to(id, "large"));
  using E = schema::Event;
  const std::vector<E> expected = {E::PlanChanged,      E::ProrationCalculated, E::InvoiceDrafted,
                                   E::InvoiceFinalized, E::PaymentFailed,       E::InvoiceNumberAssigned};
  REQUIRE(given.types.size() - before == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(static_cast<E>(given.types[before + i]) == expected[i]);
  CHECK(given.subscription(id).plan_id == "large");
  CHECK(given.period(id) == "[2027-04-01,2027-05-01)");
  const Invoice& invoice = given.last_invoice();
  CHECK(invoice.billing_reason == static_cast<std::uint8_t>(schema::BillingReason::subscription_update));
  CHECK(invoice.total == 1'333);
  REQUIRE(invoice.lines.size() == 2);
  const schema::InvoiceLineT& credit = *invoice.lines[0];
  CHECK(credit.type == schema::InvoiceLineType::proration_credit);
  CHECK(credit.amount == -667);
  CHECK(credit.plan_id == "small");
  CHECK(credit.proration->part == 20 * 86'400);
  CHECK(credit.proration->whole == 30 * 86'400);
  CHECK(credit.credits->invoice == first.id);
  CHECK(credit.credits->number == 1);
  CHECK(credit.credits->billed == 1'000);
  CHECK(credit.credits->credited == 667);
  const schema::InvoiceLineT& charge = *invoice.lines[1];
  CHECK(charge.type == schema::InvoiceLineType::proration_charge);
  CHECK(charge.amount == 2'000);
  CHECK(charge.unit_amount == "3000");
  CHECK(charge.plan_version == 1);
  CHECK(Subscribing::span(charge.period_start, charge.period_end) == "[2027-04-11,2027-05-01)");
  check_changed_row(given.account);
  given.wait_until("2027-05-01T00:00:00Z");
  CHECK(given.last_amounts() == Amounts{3'000});
}

TEST_CASE("a change says whether it is up or down, by what a period costs for its length") {
  Changing given("2027-04-01T00:00:00Z");
  given.plan(flat_terms("1000"), "month");
  given.plan(flat_terms("1000"), "same");
  given.plan(flat_terms("12000", Unit::year), "even");
  given.plan(flat_terms("11999", Unit::year), "cheaper");
  given.plan(flat_terms("12001", Unit::year), "dearer");
  given.plan(flat_terms("229", Unit::week), "weeks");  // 229 * 52.1775 = 11948.6 a year
  given.plan(flat_terms("230", Unit::week), "costly");
  given.plan(flat_terms("33", Unit::day), "days");
  given.plan(seat_terms("400"), "seats");
  const auto direction = [&](const ChangePlan& change) {
    given.accept(change);
    if (change.effective != ChangeEffect::period_end) {
      return last_of(given, schema::Event::PlanChanged).event_as_PlanChanged()->direction();
    }
    return last_of(given, schema::Event::PlanChangeScheduled).event_as_PlanChangeScheduled()->direction();
  };
  using Direction = schema::ChangeDirection;
  const std::pair<const char*, Direction> rows[] = {{"same", Direction::none},         {"even", Direction::none},
                                                    {"cheaper", Direction::downgrade}, {"dearer", Direction::upgrade},
                                                    {"weeks", Direction::downgrade},   {"costly", Direction::upgrade},
                                                    {"days", Direction::upgrade},      {"seats", Direction::downgrade}};
  for (const auto& [plan, expected] : rows) {
    CAPTURE(plan);
    const EntityRef id = given.subscribe_to("month");
    CHECK(direction(Changing::later(id, plan)) == expected);
    CHECK(direction(Changing::to(id, plan)) == expected);
    if (expected != Direction::none) {
      const bool was_up = expected == Direction::upgrade;
      CHECK(direction(Changing::to(id, "month")) == (was_up ? Direction::downgrade : Direction::upgrade));
    }
  }
  const EntityRef id = given.subscribe_to("seats", 2);
  ChangePlan fewer = Changing::later(id, "seats");
  fewer.quantity = 1;
  CHECK(direction(fewer) == Direction::downgrade);
  ChangePlan more = Changing::to(id, "month");
  more.quantity = 9;  // flat: as much as one
  CHECK(direction(more) == Direction::upgrade);
  CHECK(direction(Changing::later(id, "seats")) == Direction::upgrade);  // nine of them
  given.wait_until("2027-05-01T00:00:00Z");
  const schema::PlanChanged& due = *last_of(given, schema::Event::PlanChanged).event_as_PlanChanged();
  CHECK(due.scheduled());
  CHECK(due.direction() == Direction::upgrade);
}

TEST_CASE("the tax of what is given back goes back at the rate that it was billed with, and discounts lower it") {
  Changing given("2027-04-01T00:00:00Z");
  given.tax("DE", "DE");
  auto half = std::make_shared<schema::DiscountTermsT>();
  half->percent = "50";
  half->duration = schema::DiscountDuration::forever;
  given.plan(flat_terms("10000"), "large");
  given.plan(flat_terms("2000"), "small");
  given.discount(half);
  const EntityRef id = given.subscribe_to("large");
  CHECK(given.last_invoice().total == 5'950);
  given.settle();
  UpdateAccount move;
  move.account_id = "acme";
  move.country = {Change<std::string>::Kind::set, "US"};
  REQUIRE(given.when(move).accepted());
  given.change("2027-04-16T00:00:00Z", id, "small");
  const Invoice& invoice = given.last_invoice();
  CHECK(given.last_amounts() == Amounts{-2'500, 1'000});
  CHECK(invoice.figures->tax == -475);
  CHECK(invoice.figures->credited == 2'500 + 475 - 500);
  CHECK(invoice.total == 0);
  CHECK(given.money() == 2'475);
  auto journal = given.journal();
  CHECK(journal[LedgerAccount::tax_payable] == -475);
  CHECK(journal[LedgerAccount::customer_credit] == -2'475);
  CHECK(journal[LedgerAccount::receivable] == given.account.receivable());
  CHECK(invoice.figures->taxes.front()->reason == schema::TaxReason::rate);
}

TEST_CASE("between prices with tax and without the credit is what was billed, tax included") {
  Changing given("2027-04-01T00:00:00Z");
  given.tax("DE", "DE");
  auto gross = flat_terms("11900");
  gross->prices.front()->tax_behavior = schema::TaxBehavior::inclusive;
  given.plan(gross, "gross");
  given.plan(flat_terms("10000"), "net");
  const EntityRef id = given.subscribe_to("gross");
  given.change("2027-04-16T00:00:00Z", id, "net");
  CHECK(given.last_amounts() == Amounts{-5'000, 5'000});
  CHECK(given.last_invoice().lines[0]->credits->credited == 5'950);
  CHECK(given.last_invoice().total == 0);
  given.accept(Changing::to(id, "gross"));
  CHECK(given.last_amounts() == Amounts{-5'950, 5'950});
  CHECK(given.last_invoice().figures->tax == 0);
  CHECK(given.refused(Changing::to(id, "net", next_invoice)) == RejectionCode::validation_failed);
}

TEST_CASE("restated without its tax a credit comes to no cent more than was billed") {
  for (const auto& [gross, net, credit] : {std::tuple{"3", "0", 2}, std::tuple{"3000", "1000", 1'499 - 595}}) {
    Changing given("2027-04-01T00:00:00Z");
    given.tax("DE", "DE");
    auto with_tax = flat_terms(gross);
    with_tax->prices.front()->tax_behavior = schema::TaxBehavior::inclusive;
    given.plan(with_tax, "gross");
    given.plan(flat_terms(net), "net");
    const EntityRef id = given.subscribe_to("gross");
    given.settle();
    given.change(std::string_view(gross) == "3" ? "2027-04-01T00:00:00Z" : "2027-04-16T00:00:00Z", id, "net");
    CHECK(given.money() == credit);
  }
}

TEST_CASE("what waits for the next invoice stands on it, shortened by what came after") {
  Changing given("2027-04-01T00:00:00Z");
  for (const char* id : {"3000", "6000", "9000"}) given.plan(flat_terms(id), id);
  const EntityRef id = given.subscribe_to("3000");
  given.change("2027-04-11T00:00:00Z", id, "6000", next_invoice);
  CHECK(given.account.invoices().size() == 1);
  CHECK(given.subscription(id).waiting.size() == 2);
  given.change("2027-04-21T00:00:00Z", id, "9000", next_invoice);
  check_changed_row(given.account);
  given.wait_until("2027-05-01T00:00:00Z");
  CHECK(given.account.invoices().size() == 2);
  CHECK(given.last_amounts() == Amounts{-2'000, 2'000, 3'000, 9'000});
  CHECK(Subscribing::span(given.last_invoice().lines[1]->period_start, given.last_invoice().lines[1]->period_end) ==
        "[2027-04-11,2027-04-21)");
  CHECK(given.last_invoice().lines[1]->proration->part == 10 * 86'400);
  CHECK(given.subscription(id).waiting.empty());
  given.wait_until("2027-06-01T00:00:00Z");
  CHECK(given.last_amounts() == Amounts{9'000});
}

TEST_CASE("a whole period that waits is shortened too, and a line that is over is not credited") {
  Changing given("2027-04-01T00:00:00Z");
  given.plan(flat_terms("3000"), "month");
  given.plan(flat_terms("36500", Unit::year), "year");
  const EntityRef id = given.subscribe_to("month");
  given.change("2027-04-16T00:00:00Z", id, "year", next_invoice);
  CHECK(given.subscription(id).waiting.size() == 2);
  given.change("2027-04-26T00:00:00Z", id, "month", next_invoice);
  given.wait_until("2027-05-26T00:00:00Z");
  CHECK(given.last_amounts() == Amounts{-1'500, 997, 3'000, 3'000});
  const EntityRef other = given.subscribe_to("month");
  given.change("2027-05-27T00:00:00Z", other, "year", no_proration);
  given.change("2027-07-20T00:00:00Z", other, "month");
  CHECK(given.last_amounts() == Amounts{-31'115, 3'000});
}

TEST_CASE("what waits is billed with an end that comes before its invoice") {
  for (const auto mode : {CancellationMode::immediate, CancellationMode::period_end}) {
    Changing given("2027-04-01T00:00:00Z");
    given.plan(flat_terms("3000"), "small");
    given.plan(flat_terms("9000"), "large");
    const EntityRef id = given.subscribe_to("large");
    given.change("2027-04-16T00:00:00Z", id, "small", next_invoice);
    given.cancel(id, mode);
    given.wait_until("2027-08-01T00:00:00Z");
    CHECK(given.subscription(id).status == SubscriptionStatus::canceled);
    CHECK(given.account.invoices().size() == 2);
    CHECK(given.money() == 0);
    CHECK(given.account.receivable() == 6'000);  // half of each plan: the rest of the invoice was given back
    CHECK(given.subscription(id).waiting.empty());
    CHECK(given.account.billed.creditable(id).empty());
    MarkInvoiceUncollectible lost;
    lost.invoice = given.account.invoices().begin()->first;
    given.accept(lost);
    CHECK(given.account.billed.all().empty());
  }
}

TEST_CASE("CHG-05: without proration the rest of the period is neither credited nor billed, until a change that does") {
  Changing given("2027-04-01T00:00:00Z");
  for (const char* id : {"3000", "6000", "9000"}) given.plan(flat_terms(id), id);
  given.plan(flat_terms("99000", Unit::year), "year");
  const EntityRef id = given.subscribe_to("3000");
  given.change("2027-04-11T00:00:00Z", id, "6000", no_proration);
  CHECK(given.account.invoices().size() == 1);
  CHECK(given.subscription(id).plan_id == "6000");
  given.change("2027-04-21T00:00:00Z", id, "9000");
  CHECK(given.last_amounts() == Amounts{-1'000, 3'000});  // what was really billed
  given.change("2027-04-26T00:00:00Z", id, "year", no_proration);
  CHECK(given.last_amounts() == Amounts{99'000});  // a new row of periods is always billed
}

TEST_CASE("an invoice that is voided is not billed any more, and what it credited is billed again") {
  Changing given("2027-04-01T00:00:00Z");
  for (const char* id : {"3000", "6000", "9000"}) given.plan(flat_terms(id), id);
  const EntityRef id = given.subscribe_to("3000");
  given.change("2027-04-16T00:00:00Z", id, "6000");
  VoidInvoice undo;
  undo.invoice = given.last_invoice().id;
  given.accept(undo);
  given.change("2027-04-16T00:00:00Z", id, "9000");
  CHECK(given.last_amounts() == Amounts{-1'500, 4'500});
  MarkInvoiceUncollectible lost;
  lost.invoice = given.last_invoice().id;
  given.accept(lost);
  given.change("2027-04-17T00:00:00Z", id, "3000");
  CHECK(given.last_amounts() == Amounts{1'400});  // of what was written off nothing is given back
}

TEST_CASE("an invoice is not voided after a part of it was given back, until what gave it back is voided") {
  Changing given("2027-04-01T00:00:00Z");
  for (const char* id : {"3000", "6000"}) given.plan(flat_terms(id), id);
  const EntityRef id = given.subscribe_to("6000");
  VoidInvoice first;
  first.invoice = given.last_invoice().id;
  given.change("2027-04-16T00:00:00Z", id, "3000");  // an invoice of 0, which is paid
  CHECK(given.account.receivable() == 4'500);
  CHECK(given.refused(first) == RejectionCode::invalid_transition);
  check_changed_row(given.account);
  const EntityRef other = given.subscribe_to("3000");
  VoidInvoice second, third;
  second.invoice = given.last_invoice().id;
  given.accept(Changing::to(other, "6000"));
  third.invoice = given.last_invoice().id;
  CHECK(given.refused(second) == RejectionCode::invalid_transition);
  given.accept(third);
  given.accept(second);
}

TEST_CASE("an invoice that a part was given back of is not voided when its period is over either") {
  Changing given("2027-04-01T00:00:00Z");
  for (const char* id : {"3000", "6000"}) given.plan(flat_terms(id), id);
  const EntityRef id = given.subscribe_to("6000");
  VoidInvoice first;
  first.invoice = given.last_invoice().id;
  given.change("2027-04-16T00:00:00Z", id, "3000");
  given.wait_until("2027-05-01T00:00:00Z");
  CHECK(given.refused(first) == RejectionCode::invalid_transition);
  SUBCASE("nor when the subscription is") {
    given.cancel(id, CancellationMode::immediate);
    CHECK(given.refused(first) == RejectionCode::invalid_transition);
    check_changed_row(given.account);
  }
  MarkInvoiceUncollectible lost;
  lost.invoice = first.invoice;
  given.accept(lost);
  given.wait_until("2027-06-01T00:00:00Z");
  for (const BilledCharge& line : given.account.billed.all()) CHECK(line.invoice != first.invoice);
}

TEST_CASE("a trial goes on until the plan that it is changed to with its end, and that bills it") {
  Changing given("2027-04-01T00:00:00Z");
  auto terms = flat_terms("3000");
  terms->trial_days = 14;
  given.plan(terms, "small");
  given.plan(flat_terms("90000", Unit::year), "year");
  const EntityRef id = given.subscribe_to("small");
  given.wait_until("2027-04-05T00:00:00Z");
  given.accept(Changing::later(id, "year"));
  CHECK(given.account.invoices().empty());
  CHECK(given.period(id) == "[2027-04-01,2027-04-15)");
  given.wait_until("2027-04-15T00:00:00Z");
  CHECK(given.invoices() == std::vector<std::string>{"INV-000001 [2027-04-15,2028-04-15) 90000"});
}

TEST_CASE("what a credit note gave back of a line, a change does not give back again, unless the note is voided") {
  Changing given("2027-04-01T00:00:00Z");
  given.plan(flat_terms("1000"), "small");
  given.plan(flat_terms("0"), "free");
  const EntityRef id = given.subscribe_to("small");
  const EntityRef invoice = given.last_invoice().id;
  const auto credit_note = [&](std::int64_t amount) {
    IssueCreditNote command;
    command.invoice = invoice;
    command.amount = amount;
    return given.accept(command);
  };
  credit_note(400);
  const EntityRef voided = credit_note(300);
  CHECK(given.account.billed.all().front().amount == 300);
  VoidCreditNote command;
  command.credit_note = voided;
  given.accept(command);
  CHECK(given.account.billed.all().front().amount == 600);
  check_changed_row(given.account);
  given.change("2027-04-16T00:00:00Z", id, "free");
  CHECK(given.last_amounts() == Amounts{-300});
  CHECK(given.money() == 0);
  CHECK(given.account.receivable() == 300);
}

TEST_CASE("PLN-03: a change to the plan that it is on is a change to the version that is sold now") {
  Changing given("2027-04-01T00:00:00Z");
  given.plan(flat_terms("3000"));
  const EntityRef id = given.subscribe_to("plan");
  REQUIRE(given.when(RevisePlan{"plan", flat_terms("5000"), {}}).accepted());
  given.change("2027-04-16T00:00:00Z", id, "plan");
  CHECK(given.subscription(id).plan_version == 2);
  CHECK(given.last_amounts() == Amounts{-1'500, 2'500});
  CHECK(given.refused(Changing::to(id, "plan")) == RejectionCode::no_change);
}

TEST_CASE("the changes of an account's present periods are bounded") {
  constexpr std::size_t maximum = 2'000;
  const auto refusal_at = [](std::size_t count) {
    Changing given("2027-04-01T00:00:00Z");
    given.plan(seat_terms("100"));
    const EntityRef id = given.subscribe_to("plan", 3);
    BilledCharge other = given.account.billed.all().front();
    other.subscription.stream_version += 1'000'000;
    while (given.account.billed.all().size() < count) given.account.billed.restore(other);
    return given.when(Changing::seats(id, 4)).rejection;
  };
  CHECK(refusal_at(maximum - 1).code == RejectionCode::none);
  CHECK(refusal_at(maximum) == Rejection{RejectionCode::limit_reached,
                                         {},
                                         {{"limit", std::string("changes of an account's present periods")},
                                          {"maximum", static_cast<std::int64_t>(maximum)}}});
}

TEST_CASE("a change is refused whose invoice would have more lines, or be one more, than there may be") {
  Changing given("2027-04-01T00:00:00Z");
  given.plan(flat_terms("3000"), "month");
  given.plan(flat_terms("99000", Unit::year), "year");
  const EntityRef id = given.subscribe_to("month");
  const auto waiting = [&](std::size_t count) {
    const std::shared_ptr<const schema::InvoiceLineT> line = given.account.billed.all().front().line;
    given.account.change_subscription(id, [&](Subscription& one) { one.waiting.assign(count, line); });
  };
  const auto limit = [](std::string name, std::size_t maximum) {
    return Rejection{RejectionCode::limit_reached,
                     {},
                     {{"limit", std::move(name)}, {"maximum", static_cast<std::int64_t>(maximum)}}};
  };
  waiting(invoice_lines_max);
  CHECK(given.when(Changing::to(id, "year", no_proration)).rejection ==
        limit("lines of an invoice", invoice_lines_max));
  CHECK(given.subscription(id).plan_id == "month");
  waiting(invoice_lines_max - 1);
  const EntityRef open = given.finalized({"1"});
  while (given.account.open_invoices() < open_invoices_max) given.draft({});
  CHECK(given.when(Changing::to(id, "year", no_proration)).rejection ==
        limit("drafts and open invoices of an account", open_invoices_max));
  given.accept(VoidInvoice{open, {}});
  given.accept(Changing::to(id, "year", no_proration));
  CHECK(given.last_invoice().lines.size() == invoice_lines_max);
}

TEST_CASE("a change is refused that would let more lines wait than the next invoice has room for") {
  constexpr std::size_t maximum = invoice_lines_max - 10;
  const auto refusal_at = [](std::size_t count) {
    Changing given("2027-04-01T00:00:00Z");
    for (const char* id : {"3000", "6000"}) given.plan(flat_terms(id), id);
    const EntityRef id = given.subscribe_to("3000");
    const std::shared_ptr<const schema::InvoiceLineT> line = given.account.billed.all().front().line;
    given.account.change_subscription(id, [&](Subscription& one) { one.waiting.assign(count, line); });
    given.wait_until("2027-04-16T00:00:00Z");
    return given.when(Changing::to(id, "6000", next_invoice)).rejection;  // a credit and a charge more
  };
  CHECK(refusal_at(maximum - 2).code == RejectionCode::none);
  CHECK(refusal_at(maximum - 1) ==
        Rejection{RejectionCode::limit_reached,
                  {},
                  {{"limit", std::string("lines of an invoice")}, {"maximum", static_cast<std::int64_t>(maximum)}}});
}

TEST_CASE("of a plan that was left the moment it came nothing waits") {
  Changing given("2027-04-01T00:00:00Z");
  for (const char* id : {"3000", "1000", "9000"}) given.plan(flat_terms(id), id);
  const EntityRef id = given.subscribe_to("3000");
  given.settle();
  given.change("2027-04-16T00:00:00Z", id, "1000", next_invoice);
  CHECK(given.subscription(id).waiting.size() == 2);
  given.accept(Changing::to(id, "9000", next_invoice));
  given.wait_until("2027-05-02T00:00:00Z");
  CHECK(given.last_amounts() == Amounts{-1'500, 4'500, 9'000});
}
