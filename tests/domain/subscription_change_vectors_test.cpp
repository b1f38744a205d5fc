// Changes of subscriptions with exact amounts, by the ids of their vectors.
#include "tests/domain/changing.h"

using namespace daybook;
using namespace daybook::test;

namespace {

using Unit = schema::IntervalUnit;

/// On a plan of one price from one instant, changed to one of another at another: the lines of the change.
Amounts lines_of_change(std::string_view start, const PlanTermsPointer& from, std::string_view at_instant,
                        const PlanTermsPointer& to) {
  Changing given(start);
  given.plan(from, "from");
  given.plan(to, "to");
  const EntityRef id = given.subscribe_to("from");
  given.change(at_instant, id, "to");
  return given.last_amounts();
}

PlanTermsPointer thirty_days(const std::string& amount) {
  return flat_terms(amount, Unit::day, 30);
}

}  // namespace

TEST_CASE("B18, B19: changes of plan on two days running; a net below zero is credit, which the next one uses") {
  Changing given("2012-05-01T00:00:00Z");
  for (const auto& [id, amount] : {std::pair{"gold", "59995"}, std::pair{"tin", "995"}, std::pair{"iron", "2995"}}) {
    given.plan(by_day(flat_terms(amount)), id);
  }
  const EntityRef id = given.subscribe_to("gold");
  given.settle();
  given.change("2012-05-07T00:00:00Z", id, "tin");
  CHECK(given.last_amounts() == Amounts{-48'383, 802});
  CHECK(given.last_invoice().total == 0);
  CHECK(given.last_invoice().status == InvoiceStatus::paid);
  CHECK(given.last_invoice().figures->credited == 47'581);
  CHECK(given.money() == 47'581);
  given.change("2012-05-08T00:00:00Z", id, "iron");
  CHECK(given.last_amounts() == Amounts{-770, 2'319});
  CHECK(given.last_invoice().credit_applied == 1'549);
  CHECK(given.money() == 47'581 - 1'549);
  auto journal = given.journal();
  CHECK(journal[LedgerAccount::customer_credit] == -given.money());
  CHECK(journal[LedgerAccount::receivable] == given.account.receivable());
  CHECK(journal[LedgerAccount::revenue] == -59'995 + 48'383 - 802 + 770 - 2'319);
  check_changed_row(given.account);
}

TEST_CASE(
    "B27, B37, B62: another interval begins a new row of periods, billed whole, and credits the rest of the old") {
  const auto yearly = flat_terms("239995", Unit::year);
  CHECK(lines_of_change("2012-05-01", by_day(flat_terms("24995")), "2012-05-12", yearly) == Amounts{-16'126, 239'995});
  CHECK(lines_of_change("2011-07-20", by_day(flat_terms("1000")), "2011-07-31", flat_terms("10000", Unit::year)) ==
        Amounts{-645, 10'000});
  CHECK(lines_of_change("2017-02-14", flat_terms("1000"), "2017-03-03T19:14:48Z", flat_terms("10000", Unit::year)) ==
        Amounts{-364, 10'000});
}

TEST_CASE("B35, B63: the unused share of what was billed is credited, by the day or by the second") {
  Changing given("2011-04-05T00:00:00Z");
  given.plan(flat_terms("1200"), "from");
  given.plan(flat_terms("0"), "free");
  const EntityRef id = given.subscribe_to("from");
  given.settle();
  given.change("2011-04-29T00:00:00Z", id, "free");
  CHECK(given.last_amounts() == Amounts{-240});
  CHECK(given.money() == 240);
  const Amounts lines =
      lines_of_change("2018-05-16T14:56:59Z", flat_terms("1000"), "2018-05-16T16:11:23Z", flat_terms("0"));
  CHECK(lines == Amounts{-998});
}

TEST_CASE("B56, B57, B61: changes in the middle of a period, at its beginning, and near its end") {
  const auto low = thirty_days("10000"), high = thirty_days("20000");
  CHECK(lines_of_change("2025-01-01", low, "2025-01-16", high) == Amounts{-5'000, 10'000});
  CHECK(lines_of_change("2025-01-01", low, "2025-01-01", high) == Amounts{-10'000, 20'000});
  CHECK(lines_of_change("2025-01-01", thirty_days("30000"), "2025-01-30", thirty_days("60000")) ==
        Amounts{-1'000, 2'000});
  CHECK(lines_of_change("2025-01-01", thirty_days("1000"), "2025-01-16", thirty_days("2000")) == Amounts{-500, 1'000});
  // With the period there is no rest to be prorated.
  Changing given("2025-01-01T00:00:00Z");
  given.plan(low, "low");
  given.plan(high, "high");
  const EntityRef id = given.subscribe_to("low");
  given.accept(Changing::later(id, "high"));
  given.wait_until("2025-01-31T00:00:00Z");
  CHECK(given.last_amounts() == Amounts{20'000});
}

TEST_CASE("B67, B68: downgrades by the day") {
  CHECK(lines_of_change("2012-04-01", by_day(flat_terms("6000")), "2012-04-21T13:30:00Z", by_day(flat_terms("3000"))) ==
        Amounts{-2'000, 1'000});
  Changing given("2013-04-01T00:00:00Z");
  given.plan(by_day(seat_terms("3000")));
  const EntityRef id = given.subscribe_to("plan", 3);
  given.settle();
  given.wait_until("2013-04-10T00:00:00Z");
  given.accept(Changing::seats(id, 2));
  CHECK(given.last_amounts() == Amounts{-6'300, 4'200});
  CHECK(given.money() == 2'100);
}

TEST_CASE("B34: more seats from the next boundary on are billed with it, and no line is prorated") {
  Changing given("2027-04-01T00:00:00Z");
  given.plan(seat_terms("2995"));
  const EntityRef id = given.subscribe_to("plan", 7);
  ChangeQuantity command = Changing::seats(id, 10);
  command.effective = ChangeEffect::period_end;
  given.accept(command);
  CHECK(given.subscription(id).quantity == 7);
  given.wait_until("2027-05-01T00:00:00Z");
  CHECK(given.invoices() == std::vector<std::string>{"INV-000001 [2027-04-01,2027-05-01) 20965",
                                                     "INV-000002 [2027-05-01,2027-06-01) 29950"});
  CHECK(given.count(schema::Event::SubscriptionQuantityChanged) == 1);
  CHECK(given.count(schema::Event::PlanChanged) == 0);
}

TEST_CASE("CHG-08: the first instant, the last second, and the end of February in leap and common years") {
  const auto cents = [](std::string_view start, std::string_view at_instant) {
    return lines_of_change(start, flat_terms("10000"), at_instant, flat_terms("20000"));
  };
  CHECK(cents("2027-03-01", "2027-03-01") == Amounts{-10'000, 20'000});
  CHECK(cents("2027-03-01", "2027-03-31T23:00:00Z") == Amounts{-13, 27});
  CHECK(cents("2027-03-01", "2027-03-30") == Amounts{-645, 1'290});
  CHECK(cents("2027-02-01", "2027-02-28") == Amounts{-357, 714});
  CHECK(cents("2028-02-01", "2028-02-29") == Amounts{-345, 690});
  // At a boundary the renewal has come first, and it is the first instant of the next period.
  CHECK(cents("2027-01-31", "2027-02-28") == Amounts{-10'000, 20'000});
}

TEST_CASE("CHG-09, CHG-11: a year's unused value pays the first month, and the rest becomes credit") {
  Changing given("2027-01-01T00:00:00Z");
  given.plan(flat_terms("12000", Unit::day, 360), "yearly");
  given.plan(flat_terms("1000"), "monthly");
  const EntityRef id = given.subscribe_to("yearly");
  given.settle();
  given.change("2027-06-30T00:00:00Z", id, "monthly");
  CHECK(given.last_amounts() == Amounts{-6'000, 1'000});
  CHECK(given.last_invoice().amount_due() == 0);
  CHECK(given.money() == 5'000);
  CHECK(given.period(id) == "[2027-06-30,2027-07-30)");
  CHECK(given.subscription(id).anchor == Date{2027, 6, 30});
  given.wait_until("2027-07-30T00:00:00Z");
  CHECK(given.last_invoice().credit_applied == 1'000);
  CHECK(given.money() == 4'000);
}

TEST_CASE("CHG-10, SUB-16: seats prorate up and down, by a number or to one") {
  Changing given("2027-04-01T00:00:00Z");
  given.plan(seat_terms("1000"));
  const EntityRef id = given.subscribe_to("plan", 5);
  given.wait_until("2027-04-16T00:00:00Z");
  ChangeQuantity command;
  command.subscription = id;
  command.delta = 3;
  given.accept(command);
  CHECK(given.last_invoice().total == 1'500);
  CHECK(given.last_invoice().lines[1]->quantity == "8");
  given.settle();
  given.accept(Changing::seats(id, 5));
  CHECK(given.money() == 1'500);
  CHECK(given.count(schema::Event::SubscriptionQuantityChanged) == 2);
}
