// Worked cases that need an account, or exact fractions, by their ids.
#include "domain/rules/pricing.h"
#include "tests/domain/crediting.h"
#include "tests/domain/decimal.h"
#include "tests/domain/paying.h"

using namespace daybook;
using namespace daybook::test;

TEST_CASE("G06: a grant that is voided or has expired gives nothing") {
  Given given;
  given.accept(VoidCredit{given.accept(issue(100)), {}});
  CHECK(given.money() == 0);
  given.accept(issue(50, CreditType::goodwill, Instant{micros(given.now) + micros_per_second}));
  given.accept(allocate(70, UnitSource::pack, Instant{micros(given.now) + micros_per_second}));
  CHECK(given.money() == 50);
  CHECK(given.available() == 70);
  given.pass_seconds(1);
  given.run_due();
  CHECK(given.money() == 0);
  CHECK(given.available() == 0);
  CHECK(given.refused(deduct(1)) == RejectionCode::insufficient_credits);
}

TEST_CASE("G08: of one priority what was given goes before what was bought, and each in the order it came") {
  Given given;
  const EntityRef bought = given.accept(allocate(10, UnitSource::pack));
  const EntityRef first_gift = given.accept(allocate(10, UnitSource::promotion));
  const EntityRef second_gift = given.accept(allocate(10, UnitSource::promotion));
  const EntityRef urgent = given.accept(allocate(10, UnitSource::pack, {}, 49));
  const auto left = [&](EntityRef id) { return given.account.find_grant(id)->free(); };
  given.accept(deduct(15));
  CHECK(left(urgent) == 0);
  CHECK(left(first_gift) == 5);
  given.accept(deduct(10));
  CHECK(left(first_gift) == 0);
  CHECK(left(second_gift) == 5);
  CHECK(left(bought) == 10);
}

TEST_CASE("G09: of credits of 10.00 with the priorities 49, 49 and 50 an invoice of 15.00 takes 10.00 and 5.00") {
  Invoicing given;
  const auto credit = [&](std::int32_t priority) {
    IssueCredit command = issue(1'000);
    command.priority = priority;
    return given.accept(command);
  };
  const EntityRef last = credit(50), first = credit(49), second = credit(49);
  const EntityRef id = given.finalized({"1500"});
  CHECK(given.invoice(id).credits == std::vector<Draw>{{first, 1'000}, {second, 500}});
  CHECK(given.account.find_grant(last)->free() == 1'000);
}

TEST_CASE("G15: ten off an unpaid hundred leaves ninety due; off a paid one it becomes credit") {
  Paying given;
  given.attach();
  const auto ten_off = [&](EntityRef id) {
    AdjustInvoice command;
    command.invoice = id;
    command.type = AdjustmentType::credit;
    command.amount = 1'000;
    given.accept(command);
  };
  const EntityRef open = given.finalized({"10000"});
  ten_off(open);
  CHECK(given.invoice(open).amount_remaining() == 9'000);
  CHECK(given.money() == 0);
  const EntityRef paid = given.collected("10000");
  given.accept(Paying::success(given.last_payment().id));
  ten_off(paid);
  CHECK(given.invoice(paid).amount_remaining() == 0);
  CHECK(given.money() == 1'000);
  auto sums = given.journal();
  CHECK(sums[LedgerAccount::receivable] == 9'000);
  CHECK(sums[LedgerAccount::customer_credit] == -1'000);
}

TEST_CASE("K03, K14, K19: an invoice has one attempt at a time, and one success however often it is told") {
  Paying given;
  given.attach();
  const EntityRef invoice = given.collected("5000");
  const EntityRef payment = given.last_payment().id;
  CHECK(given.refused(Paying::pay(invoice)) == RejectionCode::payment_in_progress);
  CHECK(given.refused(RetryPayment{"acme", {}}) == RejectionCode::payment_in_progress);
  for (int times = 0; times < 3; ++times) CHECK(given.when(Paying::success(payment)).accepted());
  CHECK(given.count(schema::Event::PaymentAttempted) == 1);
  CHECK(given.count(schema::Event::PaymentSucceeded) == 1);
  CHECK(given.count(schema::Event::InvoicePaid) == 1);
  CHECK(given.journal()[LedgerAccount::cash_clearing] == 5'000);
}

TEST_CASE("K05: in a zone east of UTC a billing day that is run twice bills once") {
  Subscribing given("2027-01-15T08:00:00Z", "Asia/Tokyo");
  const EntityRef id = given.subscribe("1000");
  given.wait_until("2027-02-14T23:30:00Z");  // the 15th there, before the boundary's time of day
  CHECK(given.count(schema::Event::SubscriptionRenewed) == 0);
  given.wait_until("2027-02-15T08:00:00Z");
  given.run_due();
  given.wait_until("2027-02-15T14:59:59Z");  // the same local day's last second
  CHECK(given.count(schema::Event::SubscriptionRenewed) == 1);
  CHECK(given.account.invoices().size() == 2);
  CHECK(given.subscription(id).period_number == 2);
}

TEST_CASE("I03: three changes by one more seat come to three more") {
  Subscribing given;
  const EntityRef id = given.subscribe("1000");
  auto terms = flat_terms("1000");
  terms->prices.front()->model = schema::PriceModel::per_seat;
  given.plan(terms, "seats");
  const EntityRef seats = given.accept(Subscribing::to_plan("seats"));
  ChangeQuantity more;
  more.subscription = seats;
  more.delta = 1;
  for (int times = 0; times < 3; ++times) given.accept(more);
  CHECK(given.subscription(seats).quantity == 4);
  CHECK(given.subscription(id).quantity == 1);
}

TEST_CASE("C23: blocks of a hundred for the first ten, then blocks of a thousand, as two prices") {
  Price small, large;
  small.model = large.model = PriceModel::package;
  small.unit_amount = large.unit_amount = Rational(100);
  small.package_size = Rational(100);
  large.package_size = Rational(1'000);
  large.included_quantity = Rational(1'000);
  CHECK(price_of(small, Rational(1'000))->amount == 1'000);
  CHECK(price_of(large, Rational(5'325))->amount == 500);
}

TEST_CASE("E20: an amount at a rate with six decimals is exact until its one rounding") {
  const Rational rate = *parse_decimal("3.783325");
  CHECK(round(rate * Rational(2'500), Rounding::half_away_from_zero) == 9'458);
  CHECK(round(rate * Rational(1'000), Rounding::half_away_from_zero) == 3'783);
}
