// Unused time that is given back, beside credit notes of the same invoice, and where the invoice is not paid; what is
// foreseen of it.
#include "domain/deciders/foresight.h"
#include "tests/domain/changing.h"
#include "tests/domain/property.h"

using namespace daybook;
using namespace daybook::test;

namespace {

/// A plan for 30.00 a month from 1 April 2027, and one for 10.00.
struct GivingBack : Changing {
  GivingBack() : Changing("2027-04-01T00:00:00Z") {
    plan(flat_terms("3000"), "team");
    plan(flat_terms("1000"), "small");
  }
  void credit(std::int64_t amount, std::optional<Instant> expires_at = {}) {
    IssueCredit issue;
    issue.account_id = "acme";
    issue.amount = amount;
    issue.currency = account.details.currency;
    issue.type = CreditType::overpayment;
    issue.expires_at = expires_at;
    accept(issue);
  }
  static CancelSubscription giving_back(EntityRef id) {
    CancelSubscription command;
    command.subscription = id;
    command.mode = CancellationMode::immediate;
    command.unused_time = UnusedTime::prorated_credit;
    return command;
  }
  static IssueCreditNote note(EntityRef invoice, std::optional<std::int64_t> amount = {}) {
    IssueCreditNote command;
    command.invoice = invoice;
    command.amount = amount;
    return command;
  }
  /// A finalised invoice that was paid before its subscription changed.
  EntityRef first_invoice() const { return account.invoices().begin()->first; }
  const Invoice& invoice_at(EntityRef id) const { return *account.find_invoice(id); }
  std::optional<Invoice> foreseen_of(EntityRef id) { return upcoming_invoice(account, id, context()); }
};

}  // namespace

TEST_CASE_FIXTURE(GivingBack, "CN-02: what a cancellation gave back is not credited once more, before or after it") {
  credit(3'000);
  const EntityRef id = accept(to_plan("team")), bill = first_invoice();
  REQUIRE(invoice_at(bill).status == InvoiceStatus::paid);
  wait_until("2027-04-16T00:00:00Z");
  accept(giving_back(id));
  CHECK(money() == 1'500);
  const Decision beyond = when(note(bill, 3'000));
  CHECK(beyond.rejection.code == RejectionCode::credit_exceeds_invoice);
  CHECK(std::get<std::int64_t>(beyond.rejection.details.at(0).value) == 1'500);
  accept(note(bill));
  CHECK(money() == 3'000);
  CHECK(refused(note(bill)) == RejectionCode::credit_exceeds_invoice);
  check_changed_row(account);
}

TEST_CASE_FIXTURE(GivingBack, "CN-02: what waits to be given back with the next invoice is not credited either") {
  credit(3'000);
  const EntityRef id = accept(to_plan("team")), bill = first_invoice();
  wait_until("2027-04-16T00:00:00Z");
  accept(to(id, "small", ProrationBehavior::next_invoice));
  CHECK(refused(note(bill, 1'501)) == RejectionCode::credit_exceeds_invoice);
  accept(note(bill, 1'500));
  wait_until("2027-05-02T00:00:00Z");
  CHECK(last_amounts() == Amounts{-1'500, 500, 1'000});
  CHECK(refused(note(bill, 1)) == RejectionCode::credit_exceeds_invoice);
}

TEST_CASE_FIXTURE(GivingBack, "CN-03: a note that unused time was counted without is not voided any more") {
  credit(3'000);
  const EntityRef id = accept(to_plan("team"));
  const EntityRef first = accept(note(first_invoice(), 1'000));
  wait_until("2027-04-16T00:00:00Z");
  accept(giving_back(id));
  CHECK(money() == 1'000 + 1'000);  // half of the 2000 that were left
  VoidCreditNote voiding;
  voiding.credit_note = first;
  CHECK(refused(voiding) == RejectionCode::invalid_transition);
  voiding.credit_note = accept(note(first_invoice(), 500));
  accept(voiding);  // nothing was counted on this one
}

TEST_CASE_FIXTURE(GivingBack, "CHG-07: what is given back of an invoice that is not paid pays for it first") {
  const EntityRef id = accept(to_plan("team")), bill = first_invoice();
  REQUIRE(invoice_at(bill).status == InvoiceStatus::open);
  wait_until("2027-04-16T00:00:00Z");
  accept(to(id, "small"));
  CHECK(last_amounts() == Amounts{-1'500, 500});
  CHECK(money() == 0);
  CHECK(invoice_at(bill).amount_remaining() == 2'000);  // half of each plan
  CHECK(account.receivable() == 2'000);
  accept(giving_back(id));
  CHECK(money() == 0);
  CHECK(invoice_at(bill).amount_remaining() == 1'500);
  CHECK(journal()[LedgerAccount::receivable] == 1'500);
  CHECK(journal()[LedgerAccount::customer_credit] == 0);
  check_changed_row(account);
}

TEST_CASE_FIXTURE(GivingBack, "CHG-07: as far as it goes: the rest of it is credit, and the invoice is paid") {
  const EntityRef id = accept(to_plan("team")), bill = first_invoice();
  IssueCredit part;
  part.account_id = "acme";
  part.amount = 2'500;
  part.currency = account.details.currency;
  part.invoice = bill;
  accept(part);
  accept(giving_back(id));  // at once: all of it
  CHECK(invoice_at(bill).status == InvoiceStatus::paid);
  CHECK(money() == 2'500);
  CHECK(journal()[LedgerAccount::receivable] == 0);
}

TEST_CASE("CN-02: with discount and tax, what is given back and the note for the rest come to the invoice") {
  always("given back and credited is what was billed", [] {
    GivingBack given;
    given.tax("DE", "DE");
    given.discount(percent_for_ever(std::to_string(*rc::gen::inRange(1, 60))));
    given.plan(flat_terms(std::to_string(*rc::gen::inRange<std::int64_t>(1, 1'000'000))), "any");
    given.credit(10'000'000);
    const std::int64_t before = given.money();
    const EntityRef id = given.accept(Subscribing::to_plan("any")), bill = given.first_invoice();
    const std::int64_t total = given.invoice_at(bill).total;
    given.now = Instant{micros(given.now) + *rc::gen::inRange<std::int64_t>(1, 30 * 86'400) * micros_per_second};
    given.accept(GivingBack::giving_back(id));
    const Decision rest = given.when(GivingBack::note(bill));
    RC_ASSERT(rest.accepted() || rest.rejection.code == RejectionCode::credit_exceeds_invoice);
    const std::int64_t missing = before - given.money();
    RC_ASSERT(missing >= -1);  // the tax of each is rounded by itself
    RC_ASSERT(missing <= 1);
    RC_ASSERT(given.refused(GivingBack::note(bill)) == RejectionCode::credit_exceeds_invoice);
    RC_ASSERT(total >= 0);
  });
}

TEST_CASE_FIXTURE(GivingBack, "INV-10: what falls due before the next invoice is foreseen with it") {
  const EntityRef first = accept(to_plan("team")), second = accept(to_plan("small"));
  credit(500);
  credit(700, at("2027-04-30T00:00:00Z"));
  const auto due = [&](EntityRef id) { return foreseen_of(id)->amount_due(); };
  CHECK(due(first) == 2'500);
  CHECK(due(second) == 1'000);  // the first one has taken what was left
  wait_until("2027-05-01T00:00:00Z");
  CHECK(std::next(account.invoices().rbegin())->second.amount_due() == 2'500);
  CHECK(last_invoice().amount_due() == 1'000);
}

TEST_CASE_FIXTURE(GivingBack, "INV-10: what waits is foreseen also where the subscription ends with its period") {
  const EntityRef id = accept(to_plan("small"));
  wait_until("2027-04-16T00:00:00Z");
  accept(to(id, "team", ProrationBehavior::next_invoice));
  cancel(id);
  REQUIRE(foreseen_of(id).has_value());
  CHECK(foreseen_of(id)->amount_due() == 1'000);
  wait_until("2027-05-01T00:00:00Z");
  CHECK(last_invoice().amount_due() == 1'000);
  CHECK_FALSE(foreseen_of(id).has_value());
}

TEST_CASE_FIXTURE(GivingBack, "CN-02: where not all is known of what an invoice gave back, no credit note is issued") {
  accept(to_plan("team"));
  const EntityRef bill = first_invoice();
  settle();
  Invoice giving;
  giving.id = {2, 1'000, 0, 0};
  auto line = std::make_shared<schema::InvoiceLineT>();
  line->credits = std::make_unique<schema::LineCreditT>();
  line->credits->invoice = bill;
  line->credits->number = 1;
  line->credits->credited = 1;
  giving.lines.push_back(std::move(line));
  for (std::size_t i = 0; i < GivenBack::parts_max; ++i) account.given_back.add(giving);
  CHECK(account.given_back.is_known(bill));
  CHECK(when(note(bill, 1)).accepted());
  account.given_back.add(giving);
  CHECK(account.given_back.all().size() == GivenBack::parts_max);
  CHECK(account.given_back.forgotten() == bill);
  CHECK(refused(note(bill, 1)) == RejectionCode::limit_reached);
  accept(to_plan("small"));  // later than what is not known
  CHECK(when(note(last_invoice().id, 1)).accepted());
}
