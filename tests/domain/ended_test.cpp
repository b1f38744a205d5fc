// What has ended leaves the state when it is asked for, and what still needs it does not.
#include "domain/billed_charges.h"
#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "schemas/events/credit_notes_generated.h"
#include "tests/domain/filled.h"

using namespace daybook;
using namespace daybook::test;

namespace {

class Ending : public Changing {
 public:
  using Changing::Changing;
  /// How many have ended since the last time, by kind.
  std::string ended() {
    const bool expected = account.has_ended();
    const auto ended = account.take_ended();
    std::string kinds;
    const auto say = [&](std::string_view kind, std::size_t count) {
      if (count != 0) kinds += std::to_string(count) + std::string(kind);
    };
    say("g", ended.grants.size());
    say("h", ended.holds.size());
    say("i", ended.invoices.size());
    say("n", ended.credit_notes.size());
    say("a", ended.adjustments.size());
    say("p", ended.payments.size());
    say("c", ended.checkout_sessions.size());
    CHECK(expected == !kinds.empty());
    CHECK_FALSE(account.has_ended());
    return kinds;
  }
  void apply_credit(EntityRef credit, EntityRef invoice, std::int64_t amount) {
    ApplyCredit command;
    command.credit = credit;
    command.invoice = invoice;
    command.amount = amount;
    accept(command);
  }
};

}  // namespace

TEST_CASE("each kind leaves the state by itself") {
  Ending given;
  CHECK(given.ended().empty());
  const EntityRef credit = given.accept(issue(30));
  given.accept(consume(credit, 30));
  CHECK(given.ended() == "1g");
  given.accept(allocate(100));
  given.accept(release(given.accept(reserve(10))));
  CHECK(given.ended() == "1h");
  const EntityRef open = given.finalized({"1000"});
  AdjustInvoice adjust;
  adjust.invoice = open;
  adjust.type = AdjustmentType::surcharge;
  adjust.amount = 5;
  given.accept(adjust);
  CHECK(given.ended() == "1a");
  IssueCreditNote note;
  note.invoice = open;
  note.amount = 10;
  given.accept(VoidCreditNote{given.accept(note), {}});
  CHECK(given.ended() == "1n");
  given.accept(VoidInvoice{given.finalized({"7"}), {}});
  CHECK(given.ended() == "1i");
  StartCheckout checkout;
  checkout.account_id = "acme";
  given.plan(flat_terms("100"));
  checkout.plan_id = "plan";
  checkout.provider = "simulator";
  given.accept(ExpireCheckout{given.accept(checkout)});
  CHECK(given.ended() == "1c");
  CHECK(given.account.find_adjustment(adjust.invoice) == nullptr);
  CHECK(given.account.find_invoice(open)->status == InvoiceStatus::open);
}

TEST_CASE("CRD: a credit that pays for an open invoice stays, and comes back when that is voided") {
  Ending given;
  const EntityRef bill = given.finalized({"300"});
  const EntityRef whole = given.accept(issue(100)), part = given.accept(issue(80));
  given.apply_credit(whole, bill, 60);
  given.apply_credit(whole, bill, 40);
  given.apply_credit(part, bill, 50);
  CHECK(given.account.find_grant(whole)->status == GrantStatus::consumed);
  CHECK(given.account.find_grant(part)->status == GrantStatus::partially_applied);
  CHECK(given.ended().empty());
  check_changed_row(given.account);
  CHECK(given.account.find_grant(whole) != nullptr);
  given.accept(VoidInvoice{bill, {}});
  CHECK(given.money() == 180);
  CHECK(given.account.find_grant(whole)->status == GrantStatus::available);
  CHECK(given.ended() == "1i");
}

TEST_CASE("CRD: a credit leaves with the invoice that it paid") {
  Ending given;
  const EntityRef bill = given.finalized({"100"});
  const EntityRef credit = given.accept(issue(60)), rest = given.accept(issue(50));
  given.apply_credit(credit, bill, 60);
  CHECK(given.ended().empty());
  given.apply_credit(rest, bill, 40);
  CHECK(given.ended() == "1g1i");
  CHECK(given.money() == 10);
  CHECK(given.account.find_invoice(bill) == nullptr);
}

TEST_CASE("SUB: a period ends also where its invoice has left the state") {
  Ending given("2027-01-15T08:00:00Z");
  const EntityRef id = given.subscribe("1000");
  given.settle();
  CHECK_FALSE(given.ended().empty());
  REQUIRE(given.account.billed.all().size() == 1);
  given.wait_until("2027-02-16T00:00:00Z");
  CHECK(given.subscription(id).period_number == 2);
  CHECK(given.account.billed.all().size() == 1);
  given.settle();
  CHECK_FALSE(given.ended().empty());
  given.cancel(id, CancellationMode::immediate);
  CHECK(given.account.billed.all().empty());
}

TEST_CASE("what cost nothing is not kept as billed") {
  Changing given("2027-01-15T08:00:00Z");
  given.discount(percent_for_ever("100"));
  given.subscribe("1000");
  CHECK(given.account.billed.all().empty());
}

TEST_CASE("SUB-09: a pause moves the end of what is not over when it begins, and of nothing else") {
  const auto line = [](std::int64_t end, bool is_credit) {
    auto one = std::make_shared<schema::InvoiceLineT>();
    one->period_end = Instant{end};
    if (is_credit) one->credits = std::make_unique<schema::LineCreditT>();
    return std::shared_ptr<const schema::InvoiceLineT>(std::move(one));
  };
  const Instant paused_at{10 * micros_per_second}, resumed_at{14 * micros_per_second};
  const auto running = line(20 * micros_per_second, false);
  const auto moved = after_pause(running, paused_at, resumed_at);
  CHECK(moved->period_end == Instant{24 * micros_per_second});
  CHECK(moved->paused_seconds == 4);
  CHECK(after_pause(running, paused_at, paused_at) == running);
  for (const auto& other :
       {line(20 * micros_per_second, true), line(10 * micros_per_second, false), line(micros(never), false)}) {
    CHECK(after_pause(other, paused_at, resumed_at) == other);
  }
}

TEST_CASE("SUB: a trial that ended with its subscription is a trial no more; a code is its capitals") {
  Changing given;
  CreateSubscription create = Changing::to_plan();
  given.plan(flat_terms("100"));
  create.trial_days = 14;
  const EntityRef id = given.accept(create);
  CHECK(given.subscription(id).is_in_trial());
  given.cancel(id, CancellationMode::immediate);
  CHECK_FALSE(given.subscription(id).is_in_trial());
  CHECK(coupon_code("az{~`09Az") == "AZ{~`09AZ");
}
