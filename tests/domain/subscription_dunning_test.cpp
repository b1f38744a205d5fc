// A subscription whose charge fails is past due until none of its failed invoices is open, whichever way that comes.
#include "domain/rules/dunning_ladder.h"
#include "domain/state_codec.h"
#include "tests/domain/changing.h"
#include "tests/domain/paying.h"

using namespace daybook;
using namespace daybook::test;

namespace {

using Status = SubscriptionStatus;

/// One to a plan of 1,000 a month from 2027-01-15T08:00:00Z, whose first invoice is paid.
struct PastDue : Paying {
  PastDue() {
    attach();
    id = subscribe("1000");
    accept(success(last_payment().id));
  }
  /// Its next invoice, which a charge fails for.
  EntityRef fail(std::string_view renewal = "2027-02-15T08:00:00Z") {
    wait_until(renewal);
    const EntityRef payment = last_payment().id;
    accept(decline(payment));
    return account.find_payment(payment)->invoice;
  }
  Status status() const { return subscription(id).status; }
  AccountPaymentStatus account_status() const { return account.details.payments.status(); }
  EntityRef id;
};

}  // namespace

TEST_CASE("SUB-17: a renewal whose charge fails is past due with both dates, and active again when it is paid") {
  PastDue given;
  CHECK(given.status() == Status::active);
  CHECK(given.account_status() == AccountPaymentStatus::current);
  const EntityRef invoice = given.fail();
  const Subscription& one = given.subscription(given.id);
  CHECK(one.status == Status::past_due);
  CHECK(one.past_due_at == given.now);
  CHECK(one.grace_period_end == at("2027-02-19T08:00:00Z"));
  CHECK(one.dunning_until == at("2027-03-18T08:00:00Z"));
  CHECK(given.account_status() == AccountPaymentStatus::past_due);
  CHECK(*decode_subscription(encode_row(one)) == one);

  given.now = at("2027-02-16T09:00:00Z");
  given.accept(Paying::pay(invoice));
  CHECK(one.status == Status::past_due);
  given.accept(Paying::success(given.last_payment().id));
  CHECK(one.status == Status::active);
  CHECK(one.past_due_at == never);
  CHECK(one.grace_period_end == never);
  CHECK(one.dunning_until == never);
  CHECK(given.account_status() == AccountPaymentStatus::current);
  CHECK(given.count(schema::Event::SubscriptionBecamePastDue) == 1);
  CHECK(given.count(schema::Event::SubscriptionRecovered) == 1);
}

TEST_CASE("SUB-17: a second failure moves no date, and what is past due is renewed and billed still") {
  PastDue given;
  const EntityRef first = given.fail();
  const Instant until = given.subscription(given.id).dunning_until;
  given.pass_seconds(86'400);
  given.accept(Paying::pay(first));
  given.accept(Paying::decline(given.last_payment().id));
  CHECK(given.subscription(given.id).dunning_until == until);
  const EntityRef second = given.fail("2027-03-15T08:00:00Z");
  CHECK(second != first);
  CHECK(given.status() == Status::past_due);
  CHECK(given.period(given.id) == "[2027-03-15T08:00:00Z,2027-04-15T08:00:00Z)");
  CHECK(given.subscription(given.id).dunning_until == until);
  CHECK(given.count(schema::Event::SubscriptionBecamePastDue) == 1);
  given.accept(Paying::pay(first));
  given.accept(Paying::success(given.last_payment().id));
  CHECK(given.status() == Status::past_due);
  given.accept(Paying::pay(second));
  given.accept(Paying::success(given.last_payment().id));
  CHECK(given.status() == Status::active);
}

TEST_CASE("SUB-17: whatever leaves none of its failed invoices open makes it active again, with the same command") {
  using Settle = void (*)(PastDue& given, EntityRef invoice);
  const std::pair<std::string_view, Settle> ways[] = {
      {"a credit for it",
       [](PastDue& given, EntityRef invoice) {
         IssueCredit credit = issue(1'000);
         credit.invoice = invoice;
         given.accept(credit);
       }},
      {"an account's credit",
       [](PastDue& given, EntityRef invoice) {
         const EntityRef credit = given.accept(issue(1'000));
         given.accept(ApplyCredit{credit, invoice, {}});
       }},
      {"a credit note",
       [](PastDue& given, EntityRef invoice) {
         IssueCreditNote note;
         note.invoice = invoice;
         given.accept(note);
       }},
      {"voided",
       [](PastDue& given, EntityRef invoice) {
         given.accept(VoidInvoice{invoice, {}});
       }},
      {"written off",
       [](PastDue& given, EntityRef invoice) {
         given.accept(MarkInvoiceUncollectible{invoice, {}});
       }},
      {"written off by an adjustment",
       [](PastDue& given, EntityRef invoice) {
         AdjustInvoice adjust;
         adjust.invoice = invoice;
         adjust.type = AdjustmentType::write_off;
         adjust.amount = 1'000;
         given.accept(adjust);
       }},
  };
  for (const auto& [name, settle] : ways) {
    CAPTURE(name);
    PastDue given;
    const EntityRef invoice = given.fail();
    REQUIRE(given.status() == Status::past_due);
    settle(given, invoice);
    CHECK(given.status() == Status::active);
    CHECK(given.count(schema::Event::SubscriptionRecovered) == 1);
    CHECK(given.account_status() == AccountPaymentStatus::current);
  }
}

TEST_CASE("SUB-17: the first invoice, and that of a trial's end, make it past due too") {
  Paying given;
  given.attach();
  given.plan(flat_terms("1000"));
  const EntityRef first = given.accept(Subscribing::to_plan());
  given.accept(Paying::decline(given.last_payment().id));
  CHECK(given.subscription(first).status == Status::past_due);
  CreateSubscription trial = Subscribing::to_plan();
  trial.trial_days = 7;
  const EntityRef second = given.accept(trial);
  given.wait_until("2027-01-22T08:00:00Z");
  CHECK(given.subscription(second).status == Status::active);
  given.accept(Paying::decline(given.last_payment().id));
  CHECK(given.subscription(second).status == Status::past_due);
  CHECK(given.subscription(first).status == Status::past_due);
}

TEST_CASE("SUB-17: nobody's charge, another's and one of what was written off leave it active") {
  Paying given;
  given.plan(flat_terms("1000"));
  const EntityRef id = given.accept(Subscribing::to_plan());
  CHECK(given.last_payment().failure_code == no_payment_method_code);
  CHECK(given.subscription(id).status == Status::active);
  given.attach();
  given.collected("500");
  given.accept(Paying::decline(given.last_payment().id));
  CHECK(given.subscription(id).status == Status::active);
  CHECK(given.account.details.payments.status() == AccountPaymentStatus::past_due);
  const EntityRef invoice = given.account.invoices().begin()->first;
  given.accept(MarkInvoiceUncollectible{invoice, {}});
  given.accept(Paying::pay(invoice));
  given.accept(Paying::decline(given.last_payment().id));
  CHECK(given.subscription(id).status == Status::active);
}

TEST_CASE("PAU-01, CHG-14: what is past due is not paused or changed, and is cancelled") {
  PastDue given;
  given.plan(flat_terms("2000"), "other");
  given.fail();
  CHECK(given.refused(Subscribing::pausing(given.id)) == RejectionCode::invalid_transition);
  CHECK(given.refused(Changing::to(given.id, "other")) == RejectionCode::settle_first);
  CHECK(given.refused(Changing::later(given.id, "other")) == RejectionCode::settle_first);
  CHECK(given.refused(Changing::seats(given.id, 2)) == RejectionCode::settle_first);
  given.cancel(given.id);
  CHECK(given.status() == Status::past_due);
  given.wait_until("2027-03-15T08:00:00Z");
  const Subscription& one = given.subscription(given.id);
  CHECK(one.status == Status::canceled);
  CHECK(one.dunning_until == never);
  CHECK(one.grace_period_end == never);
  given.settle();
  CHECK(given.status() == Status::canceled);
  CHECK(given.count(schema::Event::SubscriptionRecovered) == 0);
}

TEST_CASE("SUB-17: one that is cancelled at once while past due is not said to recover, though its credit pays") {
  PastDue given;
  given.fail();
  CancelSubscription command;
  command.subscription = given.id;
  command.mode = CancellationMode::immediate;
  command.unused_time = UnusedTime::prorated_credit;
  given.accept(command);
  CHECK(given.status() == Status::canceled);
  CHECK(given.count(schema::Event::SubscriptionRecovered) == 0);
}

TEST_CASE("five_stage: a stage begins with its first whole day of 24 hours, and not before") {
  const auto ladder = five_stage_ladder();
  const Instant since = at("2027-01-15T08:00:00Z");
  CHECK(grace_period_end(ladder, since) == at("2027-01-19T08:00:00Z"));
  CHECK(dunning_until(ladder, since) == at("2027-02-15T08:00:00Z"));
  const auto stage = [&](std::int64_t days, std::int64_t us) {
    return stage_at(ladder, since, Instant{micros(since) + days * micros_per_day + us}).name;
  };
  CHECK(stage(0, 0) == "grace");
  const std::pair<std::int64_t, std::string_view> edges[] = {
      {4, "retry"}, {8, "restricted"}, {15, "suspended"}, {31, "canceled"}};
  std::string_view before = "grace";
  for (const auto& [day, name] : edges) {
    CHECK(stage(day, -1) == before);
    CHECK(stage(day, 0) == name);
    before = name;
  }
  CHECK(stage(400, 0) == "canceled");
}
