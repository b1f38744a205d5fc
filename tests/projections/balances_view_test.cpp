#include "projections/view_check.h"
#include "schemas/events/credits_generated.h"
#include "tests/projections/views_fixture.h"

namespace daybook::test {
namespace {

std::vector<std::unique_ptr<schema::PostingT>> lines(std::initializer_list<JournalLine> entry) {
  std::vector<std::unique_ptr<schema::PostingT>> postings;
  for (const JournalLine& line : entry) {
    postings.push_back(std::make_unique<schema::PostingT>());
    postings.back()->account = static_cast<std::uint16_t>(line.account);
    postings.back()->side = static_cast<schema::Side>(line.side);
    postings.back()->amount = line.amount;
  }
  return postings;
}

std::optional<JournalTotal> total(Projections& views, LedgerAccount account, Currency currency) {
  for (const JournalTotal& one : views.journal().trial_balance("default")) {
    if (one.account == account && one.currency == currency) return one;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("an account's balance is the sum of its postings, per currency") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  fixture.book.open_account("b", {}, "JPY");
  const EntityRef credit = fixture.book.issue_credit("a", 500);
  fixture.book.consume(credit, 120);
  fixture.book.issue_credit("b", 7);
  const auto balances = fixture.views().balances().of_account("default", "a");
  REQUIRE(balances.size() == 1);
  CHECK(balances[0].currency == currency_of("USD"));
  CHECK(balances[0].credit == 380);
  CHECK(balances[0].receivable == 0);
  CHECK(balances[0].net() == -380);
  CHECK(balances[0].version == 3);
  CHECK(fixture.views().balances().of_account("default", "b")[0].credit == 7);
  CHECK(fixture.views().balances().of_account("default", "c").empty());
}

TEST_CASE("balances follow the postings and not the amounts") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  const Money owed{40, currency_of("USD")};
  schema::CreditIssuedT event;  // Says one amount and posts another, to an account that no event here posts to yet.
  event.credit = {1, 2, 0, 0};
  event.amount = {999, currency_of("USD")};
  event.postings =
      lines({{LedgerAccount::receivable, Side::debit, owed}, {LedgerAccount::revenue, Side::credit, owed}});
  fixture.book.plant("a", PendingEvent::of(std::move(event)));
  const auto balance = fixture.views().balances().of_account("default", "a").at(0);
  CHECK(balance.receivable == 40);
  CHECK(balance.credit == 0);
  CHECK(balance.net() == 40);
}

TEST_CASE("the trial balance has every ledger account's debits and credits, and they are equal") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  const EntityRef credit = fixture.book.issue_credit("a", 500);
  fixture.book.consume(credit, 120);
  fixture.book.issue_credit("a", 30, CreditType::overpayment);
  auto& views = fixture.views();
  const auto owed = total(views, LedgerAccount::customer_credit, currency_of("USD"));
  REQUIRE(owed);
  CHECK(to_decimal(static_cast<Balance128>(owed->debits)) == "120");
  CHECK(to_decimal(static_cast<Balance128>(owed->credits)) == "530");
  CHECK(to_decimal(owed->balance()) == "-410");
  CHECK(owed->postings == 3);
  Balance128 sum = 0;
  for (const JournalTotal& one : views.journal().trial_balance("default")) sum += one.balance();
  CHECK(sum == 0);
  CHECK(views.journal().trial_balance("defaul").empty());
}

TEST_CASE("journal totals go beyond 64 bits") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  fixture.book.hold();
  const Money huge{std::numeric_limits<std::int64_t>::max(), currency_of("USD")};
  for (int i = 0; i < 3; ++i) {
    schema::CreditIssuedT event;
    event.credit = {1, 2U + static_cast<unsigned>(i), 0, 0};
    event.amount = {1, currency_of("USD")};
    event.postings =
        lines({{LedgerAccount::cash_clearing, Side::debit, huge}, {LedgerAccount::revenue, Side::credit, huge}});
    fixture.book.plant("a", PendingEvent::of(std::move(event)));
  }
  fixture.book.commit();
  const auto cash = total(fixture.views(), LedgerAccount::cash_clearing, currency_of("USD"));
  CHECK(to_decimal(cash->balance()) == "27670116110564327421");
  fixture.close();  // And come back from their rows.
  CHECK(to_decimal(total(fixture.views(), LedgerAccount::revenue, currency_of("USD"))->balance()) ==
        "-27670116110564327421");
}

TEST_CASE("decimals of 128 bits are exact at their ends") {
  CHECK(to_decimal(0) == "0");
  CHECK(to_decimal(-1) == "-1");
  const auto largest = static_cast<Balance128>(~Sum128{0} >> 1);
  CHECK(to_decimal(largest) == "170141183460469231731687303715884105727");
  CHECK(to_decimal(-largest - 1) == "-170141183460469231731687303715884105728");
}

TEST_CASE("books that have postings are listed, each once") {
  ViewsFixture fixture;
  for (const char* id : {"one/a", "two/a", "two/b"}) {
    fixture.book.open_account(id);
    fixture.book.issue_credit(id, 3);
  }
  fixture.book.open_account("three/a");
  CHECK(fixture.views().journal().books() == std::vector<std::string>{"one", "two"});
}

TEST_CASE("balances, credits and journal agree after any commands, and a wrong sum is named") {
  ViewsFixture fixture;
  std::mt19937_64 random(11);
  fixture.book.random_commands(random, 2'000);
  const Reconciliation good = fixture.views().reconcile();
  CHECK(good.passed());
  CHECK(good.books == 2);
  CHECK_FALSE(good.is_of_fresh_folds);
  const Reconciliation folded = reconcile_folded(fixture.book.log(), fixture.options());
  CHECK(folded.passed());
  CHECK(folded.books == 2);
  CHECK(folded.is_of_fresh_folds);

  schema::CreditIssuedT event;  // A credit of 5 that is posted as 6, and does not balance.
  event.credit = {fixture.book.state("a1").ordinal, fixture.book.state("a1").version + 1, 0, 0};
  event.amount = {5, currency_of("USD")};
  event.postings = lines({{LedgerAccount::customer_credit, Side::credit, {6, currency_of("USD")}},
                          {LedgerAccount::credits_granted, Side::debit, {7, currency_of("USD")}}});
  fixture.book.plant("a1", PendingEvent::of(std::move(event)));
  const Reconciliation bad = fixture.views().reconcile();
  CHECK(bad.failures.size() == 2);
  CHECK(reconcile_folded(fixture.book.log(), fixture.options()).failures == bad.failures);
}

}  // namespace daybook::test
