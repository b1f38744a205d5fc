// Unused time that is given back, beside credit notes of the same invoice, and where the invoice is not paid; what is
// foreseen of it.
#include "domain/deciders/foresight.h"
#include "domain/deciders/line_amounts.h"
#include "domain/deciders/subscription_lines.h"
#include "domain/deciders/subscription_plan.h"
#include "domain/deciders/subscription_states.h"
#include "schemas/events/accounts_generated.h"
#include "tests/domain/changing.h"
#include "tests/domain/paying.h"
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

TEST_CASE_FIXTURE(GivingBack, "CN-03: what waits to be given back keeps the notes of its own line only") {
  auto terms = flat_terms("3000");
  terms->prices.front()->setup_fee = 500;
  plan(terms, "with_setup");
  const EntityRef id = accept(to_plan("with_setup")), bill = first_invoice();
  settle();
  const EntityRef other = finalized({"100"});
  const auto note_of = [&](EntityRef invoice, std::int64_t line) {
    IssueCreditNote command;
    command.invoice = invoice;
    command.lines = {{line, 50, {}}};
    return accept(command);
  };
  const EntityRef of_period = note_of(bill, 1), of_setup = note_of(bill, 2), of_other = note_of(other, 1);
  wait_until("2027-04-16T00:00:00Z");
  accept(to(id, "small", ProrationBehavior::next_invoice));
  CHECK(refused(VoidCreditNote{of_period, {}}) == RejectionCode::invalid_transition);
  accept(VoidCreditNote{of_setup, {}});
  accept(VoidCreditNote{of_other, {}});
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

TEST_CASE_FIXTURE(GivingBack, "CN-02: what was given back of a line is never more than the line") {
  accept(to_plan("team"));
  const EntityRef bill = first_invoice();
  settle();
  Invoice giving;
  giving.id = {2, 1'000, 0, 0};
  auto line = std::make_shared<schema::InvoiceLineT>();
  line->credits = std::make_unique<schema::LineCreditT>();
  line->credits->invoice = bill;
  line->credits->number = 1;
  line->credits->credited = 2'000;
  giving.lines.push_back(std::move(line));
  for (const std::int64_t left : {1'000, 0, 0}) {
    account.given_back.add(giving);
    const Decision beyond = when(note(bill, left + 1));
    REQUIRE(beyond.rejection.code == RejectionCode::credit_exceeds_invoice);
    CHECK(std::get<std::int64_t>(beyond.rejection.details.at(0).value) == left);
  }
}

TEST_CASE_FIXTURE(GivingBack, "CN-02: what is beyond a price's maximum is given back and credited with its share") {
  auto most = seat_terms("1000");
  most->prices.front()->maximum_amount = 2'500;
  plan(most, "capped");
  credit(2'500);
  const EntityRef id = subscribe_to("capped", 4), bill = first_invoice();
  wait_until("2027-04-16T00:00:00Z");
  accept(giving_back(id));
  CHECK(money() == 1'250);
  accept(note(bill));
  CHECK(money() == 2'500);
  CHECK(refused(note(bill)) == RejectionCode::credit_exceeds_invoice);
}

TEST_CASE_FIXTURE(GivingBack,
                  "CN-03: a note of another line, or of another invoice, is voided whatever is given back") {
  auto terms = flat_terms("3000");
  terms->prices.front()->setup_fee = 500;
  plan(terms, "fee");
  for (const bool waits : {false, true}) {
    credit(10'000);
    const EntityRef id = accept(to_plan("fee"));
    IssueCreditNote of_fee = note(last_invoice().id);
    of_fee.lines = {{2, 500, {}}};
    accept(to_plan("small"));
    const EntityRef other = last_invoice().id;
    std::vector<EntityRef> notes = {accept(of_fee), accept(note(other, 100))};
    now = Instant{micros(now) + 5 * micros_per_day};
    accept(waits ? Command(to(id, "team", next_invoice)) : Command(giving_back(id)));
    for (const EntityRef one : notes) accept(VoidCreditNote{one, {}});
  }
}

TEST_CASE("CHG-07: what is given back of an invoice whose payment is under way is credit") {
  Paying given("2027-04-01T00:00:00Z");
  given.attach();
  const EntityRef id = given.subscribe("3000");
  const EntityRef bill = given.account.invoices().begin()->first;
  REQUIRE(given.invoice(bill).is_collecting);
  given.now = at("2027-04-16T00:00:00Z");
  given.accept(GivingBack::giving_back(id));
  CHECK(given.money() == 1'500);
  CHECK(given.invoice(bill).amount_remaining() == 3'000);
}

TEST_CASE_FIXTURE(GivingBack,
                  "CHG-07: an invoice that has as many credits as it may takes none of what is given back") {
  for (std::size_t i = 0; i < credits_per_invoice_max; ++i) credit(1);
  const EntityRef id = accept(to_plan("team")), bill = first_invoice();
  CHECK(invoice_at(bill).amount_remaining() == 2'500);
  accept(giving_back(id));
  CHECK(money() == 3'000);
  CHECK(invoice_at(bill).amount_remaining() == 2'500);
}

TEST_CASE_FIXTURE(GivingBack, "CHG-07: a share that comes to no cent is not given back") {
  plan(flat_terms("1"), "cent");
  credit(1);
  const EntityRef id = accept(to_plan("cent"));
  now = at("2027-04-30T00:00:00Z");
  accept(giving_back(id));
  CHECK(money() == 0);
  CHECK(count(schema::Event::InvoiceFinalized) == 1);
}

TEST_CASE("a day that is none in months of thirty days is shared by its seconds") {
  Changing given("2027-01-30T00:00:00Z");
  for (const char* id : {"2400", "4800"}) {
    auto terms = flat_terms(id, schema::IntervalUnit::day);
    terms->proration = schema::ProrationUnit::thirty_360;
    given.plan(terms, id);
  }
  const EntityRef id = given.subscribe_to("2400");
  given.settle();
  given.now = at("2027-01-30T06:00:00Z");
  given.accept(Changing::to(id, "4800"));
  CHECK(given.last_amounts() == Amounts{-1'800, 3'600});
}

TEST_CASE_FIXTURE(GivingBack, "a part that waits and is counted otherwise now is cut to the share of it that is used") {
  auto line = std::make_shared<schema::InvoiceLineT>();
  line->quantity = "1";
  line->unit_amount = "3000";
  line->amount = 2'000;
  line->period_start = at("2027-04-11T00:00:00Z");
  line->period_end = at("2027-05-01T00:00:00Z");
  line->proration = std::make_unique<schema::LineProrationT>();
  line->proration->unit = schema::ProrationUnit::second;
  line->proration->part = 20;  // days, not seconds
  line->proration->whole = 30;
  const InvoiceLines cut = cut_lines({line}, at("2027-04-16T00:00:00Z"), context(), TimeZone());
  REQUIRE(cut.size() == 1);
  CHECK(cut[0]->amount == 500);
  CHECK(cut[0]->period_end == at("2027-04-16T00:00:00Z"));
}

TEST_CASE("restated without tax an amount below zero is the opposite of the one above it") {
  std::vector<std::unique_ptr<schema::InvoiceTaxT>> taxes;
  taxes.push_back(std::make_unique<schema::InvoiceTaxT>());
  taxes.front()->percent = "50";
  for (std::int64_t billed = 1; billed <= 300; ++billed) {
    const std::int64_t net = Restated{billed, taxes, false}.amount();
    CHECK(Restated{-billed, taxes, false}.amount() == -net);
    CHECK(net + amount_of(Rational(net, 2), Rounding::half_away_from_zero) <= billed);
  }
}

TEST_CASE("ADJ-01: a surcharge on an invoice whose lines are taxed in several ways names its line") {
  for (const bool inclusive : {false, true}) {
    GivingBack given;
    given.tax("DE", "DE");
    for (const char* id : {"11900", "59500"}) {
      auto terms = flat_terms(id);
      if (inclusive) terms->prices.front()->tax_behavior = schema::TaxBehavior::inclusive;
      given.plan(terms, id);
    }
    const EntityRef id = given.subscribe_to("11900");
    given.settle();
    UpdateAccount move;
    move.account_id = "acme";
    move.country = {Change<std::string>::Kind::set, "AT"};
    REQUIRE(given.when(move).accepted());
    given.change("2027-04-16T00:00:00Z", id, "59500");
    const EntityRef bill = given.last_invoice().id;
    REQUIRE(given.last_invoice().figures->taxes.size() == 2);
    AdjustInvoice surcharge;
    surcharge.invoice = bill;
    surcharge.type = AdjustmentType::surcharge;
    surcharge.amount = 1'200;
    CHECK(given.when(surcharge).rejection.pointer == "/line");
    const std::int64_t before = given.account.receivable();
    for (const auto& [line, total] : {std::pair{1, 1'428}, std::pair{2, 1'440}}) {
      surcharge.line = line;
      const EntityRef made = given.accept(surcharge);
      CHECK(given.account.find_adjustment(made)->document->total == (inclusive ? 1'200 : total));
    }
    CHECK(given.account.receivable() - before == (inclusive ? 2'400 : 2'868));
  }
}

TEST_CASE_FIXTURE(GivingBack, "INV-10: nothing is foreseen of a parked account, nor behind too much else that is due") {
  plan(flat_terms("1000", schema::IntervalUnit::year, 10), "decade");
  plan(flat_terms("0", schema::IntervalUnit::day), "daily");
  const EntityRef decade = accept(to_plan("decade"));
  REQUIRE(foreseen_of(decade).has_value());
  for (int i = 0; i < 3; ++i) accept(to_plan("daily"));
  CHECK_FALSE(foreseen_of(decade).has_value());  // 3 * 3,652 renewals come before it
  plan(flat_terms("600000000000000"), "huge");
  const EntityRef huge = accept(to_plan("huge"));
  wait_until("2027-05-02T00:00:00Z");
  REQUIRE(account.details.is_parked());
  CHECK_FALSE(foreseen_of(huge).has_value());
}

TEST_CASE_FIXTURE(GivingBack,
                  "what a change, a trial's end or a new beginning would bill beyond the range is refused") {
  auto trial = flat_terms("2000");
  trial->trial_days = 14;
  plan(trial, "trial");
  plan(flat_terms("900000000000000"), "huge");
  const EntityRef id = accept(to_plan("team")), second = accept(to_plan("team"));
  const EntityRef trying = accept(to_plan("trial")), ended = accept(to_plan("huge"));
  accept(giving_back(ended));
  wait_until("2027-04-10T00:00:00Z");
  accept(to(id, "huge", next_invoice));
  finalized({"900000000000000"});
  CHECK(refused(to(trying, "huge")) == RejectionCode::amount_out_of_range);
  CHECK(refused(to(second, "huge")) == RejectionCode::amount_out_of_range);
  CHECK(refused(ReactivateSubscription{{}, ended}) == RejectionCode::amount_out_of_range);
  CancelSubscription at_once = giving_back(id);
  at_once.unused_time = UnusedTime::no_credit;
  CHECK(refused(at_once) == RejectionCode::amount_out_of_range);
  cancel(id);
  wait_until("2027-05-02T00:00:00Z");
  CHECK(account.details.parking.reason == static_cast<std::uint8_t>(schema::ParkReason::amount_out_of_range));
  CHECK(account.details.parking.subscription == id);
}

TEST_CASE_FIXTURE(GivingBack, "what would be given back beyond what an account may have is refused") {
  credit(3'000);
  const EntityRef id = accept(to_plan("team"));
  credit(amount_max);
  CHECK(refused(giving_back(id)) == RejectionCode::amount_out_of_range);
  CHECK(subscription(id).is_live());
}

TEST_CASE("what would be given back as one more credit than an account may have is refused") {
  const auto given_back_beside = [](std::size_t grants) {
    GivingBack given;
    given.credit(3'000);
    const EntityRef id = given.accept(GivingBack::to_plan("team"));
    Grant grant;
    grant.asset = {"credits", false};
    grant.amount = grant.remaining = 1;
    grant.expires_at = never;
    while (given.account.grants().size() < grants) {
      grant.id = {2, 1'000'000 + given.account.grants().size(), 0, 0};
      given.account.restore(grant);
    }
    const RejectionCode code = given.when(GivingBack::giving_back(id)).rejection.code;
    CHECK(given.subscription(id).is_live() == (code != RejectionCode::none));
    return code;
  };
  CHECK(given_back_beside(open_grants_max - 1) == RejectionCode::none);
  CHECK(given_back_beside(open_grants_max) == RejectionCode::amount_out_of_range);
}

TEST_CASE_FIXTURE(GivingBack, "with tax a subscription beyond the range is refused") {
  tax("DE", "DE");
  plan(flat_terms("1000000000000000"), "most");
  CHECK(when(to_plan("most")).rejection == Rejection{RejectionCode::amount_out_of_range, "/quantity", {}});
}

TEST_CASE_FIXTURE(GivingBack, "CHG-05: quantities stay in range, also of the plan that is scheduled") {
  plan(seat_terms("10"), "seats");
  plan(seat_terms("400000000000000"), "dear");
  const EntityRef id = subscribe_to("seats");
  ChangeQuantity fewer;
  fewer.subscription = id;
  fewer.delta = -1;
  CHECK(when(fewer).rejection.pointer == "/delta");
  accept(later(id, "dear"));
  CHECK(when(seats(id, 3)).rejection == Rejection{RejectionCode::amount_out_of_range, "/quantity", {}});
  accept(CancelScheduledPlanChange{{}, id});
  CHECK(refused(CancelScheduledPlanChange{{}, id}) == RejectionCode::not_found);
  CHECK(refused(CancelScheduledPlanChange{{}, {2, 9'999, 0, 0}}) == RejectionCode::not_found);
  UpdateSubscription update;
  update.subscription = id;
  update.quantity = 3;
  accept(update);
  CHECK(subscription(id).quantity == 3);
  ChangePlan usual = to(id, "dear");
  usual.effective.reset();
  CHECK(refused(usual) == RejectionCode::amount_out_of_range);
}

TEST_CASE_FIXTURE(GivingBack,
                  "CHG-01: another interval of the same plan is a change, one that it has no price for is refused") {
  auto terms = flat_terms("1000");
  for (const auto& [currency, amount] :
       {std::pair{currency_of("EUR"), "9000"}, std::pair{currency_of("USD"), "10000"}}) {
    auto price = std::make_unique<schema::PlanPriceT>(*terms->prices.front());
    price->currency = currency.packed;
    price->interval = schema::IntervalUnit::year;
    price->unit_amount = amount;
    terms->prices.push_back(std::move(price));
  }
  plan(terms, "both");
  const EntityRef id = accept(to_plan("both"));
  ChangePlan change = to(id, "");
  change.interval = BillingInterval::week;
  CHECK(when(change).rejection == Rejection{RejectionCode::price_not_available, "/interval", {}});
  CreateSubscription weekly = to_plan("both");
  weekly.interval = BillingInterval::week;
  CHECK(when(weekly).rejection == Rejection{RejectionCode::price_not_available, "/interval", {}});
  change.interval.reset();
  change.interval_count = 2;
  CHECK(when(change).rejection == Rejection{RejectionCode::price_not_available, "/interval", {}});
  change.interval = BillingInterval::year;
  change.interval_count.reset();
  accept(change);
  CHECK(period(id) == "[2027-04-01,2028-04-01)");
  CHECK(last_amounts() == Amounts{-1'000, 10'000});
}

TEST_CASE_FIXTURE(GivingBack,
                  "a plan of another account is none, its own is one; limits of other things are no limits of seats") {
  auto terms = flat_terms("1000");
  for (const char* metric : {"api_calls", "seats"}) {
    terms->limits.push_back(std::make_unique<schema::PlanLimitT>());
    terms->limits.back()->metric = metric;
  }
  terms->limits.front()->limit = 0;
  REQUIRE(when(CreatePlan{"theirs", "other", terms}).accepted());
  REQUIRE(when(CreatePlan{"own", "acme", terms}).accepted());
  const EntityRef id = accept(to_plan("team"));
  settle();
  CHECK(refused(to(id, "theirs")) == RejectionCode::not_found);
  accept(to(id, "own"));
  CHECK(subscription(id).plan_id == "own");
}

TEST_CASE_FIXTURE(GivingBack,
                  "free is what costs nothing at all, and what no version says of proration the policy does") {
  schema::PlanPriceT price = *flat_terms("0")->prices.front();
  CHECK(costs_nothing(price, 1));
  price.setup_fee = 1;
  CHECK_FALSE(costs_nothing(price, 1));
  price.setup_fee = 0;
  price.minimum_amount = 1;
  CHECK_FALSE(costs_nothing(price, 1));
  CHECK_FALSE(costs_nothing(*seat_terms("1")->prices.front(), 1));
  CHECK_FALSE(costs_nothing(*seat_terms("1000000000000000")->prices.front(), 2));
  plan(by_day(flat_terms("1")), "days");
  const ProrationUnit usual = book.policies.proration_unit;
  CHECK(proration_unit("days", 1, context()) == ProrationUnit::day);
  CHECK(proration_unit("days", 2, context()) == usual);
  CHECK(proration_unit("none", 1, context()) == usual);
  for (const Role one : {Role::super_admin, Role::billing_admin, Role::system}) CHECK(may_override(one));
  for (const Role one : {Role::support_rep, Role::account_owner, Role::api_key}) CHECK_FALSE(may_override(one));
}
