// What a book's policies decide about subscriptions where the request does not: how many there may be, when one that is
// cancelled ends, and what a change in the middle of a period bills.
#include "tests/domain/changing.h"

using namespace daybook;
using namespace daybook::test;

namespace {

struct Governed : Changing {
  Governed() : Changing("2027-04-01T00:00:00Z") {
    plan(flat_terms("3000"), "small");
    plan(flat_terms("6000"), "large");
  }
  template <class Value>
  void set(const std::string& policy, std::optional<Value> ChangePolicy::*member, Value value) {
    ChangePolicy command;
    command.policy = policy;
    command.*member = value;
    REQUIRE(when(command).accepted());
  }
  static CancelSubscription ending(EntityRef id, std::optional<CancellationMode> mode = {}) {
    CancelSubscription command;
    command.subscription = id;
    command.mode = mode;
    return command;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Governed, "a policy is refused a member of another one, by its pointer") {
  struct Member {
    std::string_view pointer;
    std::vector<std::string> owners;
    void (*give)(ChangePolicy&);
  };
  const Member members[] = {
      {"/prefix", {"invoice.numbering", "credit_note.numbering"}, [](ChangePolicy& one) { one.prefix = "X-"; }},
      {"/digits", {"invoice.numbering", "credit_note.numbering"}, [](ChangePolicy& one) { one.digits = 5; }},
      {"/reset",
       {"invoice.numbering", "credit_note.numbering"},
       [](ChangePolicy& one) { one.reset = NumberReset::yearly; }},
      {"/manual", {"invoice.net_days"}, [](ChangePolicy& one) { one.manual = 5; }},
      {"/country", {"tax.seller"}, [](ChangePolicy& one) { one.country = "DE"; }},
      {"/unused_time", {"cancel.unused_time"}, [](ChangePolicy& one) { one.unused_time = UnusedTime::no_credit; }},
      {"/days", {"pause.max_days", "trial.on_account_open"}, [](ChangePolicy& one) { one.days = 5; }},
      {"/max_live", {"subscription.max_live"}, [](ChangePolicy& one) { one.max_live = LiveSubscriptions::single; }},
      {"/mode", {"subscription.cancel_default"}, [](ChangePolicy& one) { one.mode = CancellationMode::immediate; }},
      {"/proration_behavior", {"proration.behavior"}, [](ChangePolicy& one) { one.proration_behavior = next_invoice; }},
      {"/stacking", {"coupon.stacking"}, [](ChangePolicy& one) { one.stacking = DiscountStacking::best_of; }},
      {"/arithmetic", {"coupon.arithmetic"}, [](ChangePolicy& one) { one.arithmetic = PercentArithmetic::chained; }},
      {"/effective",
       {"change.upgrade", "change.downgrade"},
       [](ChangePolicy& one) { one.effective = ChangeEffect::now; }},
      {"/unit", {"proration.unit"}, [](ChangePolicy& one) { one.unit = ProrationUnit::day; }},
      {"/on_account_open",
       {"trial.on_account_open"},
       [](ChangePolicy& one) { one.on_account_open = TrialOnOpening::off; }},
      {"/trial_end", {"trial.end"}, [](ChangePolicy& one) { one.trial_end = TrialEnd::cancel; }},
      {"/rounding", {"invoice.rounding"}, [](ChangePolicy& one) { one.rounding = Rounding::half_even; }},
  };
  for (const Member& owner : members) {
    for (const std::string& policy : owner.owners) {
      for (const Member& member : members) {
        const bool is_own = std::find(member.owners.begin(), member.owners.end(), policy) != member.owners.end();
        ChangePolicy command;
        command.policy = policy;
        member.give(command);
        INFO(policy << " with " << member.pointer);
        const Decision decision = when(command);
        CHECK((decision.rejection.pointer == member.pointer) == !is_own);
      }
    }
  }
}

TEST_CASE_FIXTURE(Governed, "SUB-01: where one live subscription is allowed, a second is refused and names the first") {
  set("subscription.max_live", &ChangePolicy::max_live, LiveSubscriptions::single);
  const EntityRef first = accept(to_plan("small"));
  const Decision second = when(to_plan("large"));
  CHECK(second.rejection.code == RejectionCode::subscription_exists);
  REQUIRE(second.rejection.details.size() == 1);
  CHECK(std::get<std::string>(second.rejection.details[0].value) == format_id("sub", first));
  CHECK(second.size() == 0);

  accept(ending(first, CancellationMode::immediate));
  const EntityRef other = accept(to_plan("large"));
  CHECK(refused(ReactivateSubscription{{}, first}) == RejectionCode::subscription_exists);
  // A cancellation that is scheduled can be taken back: it is the one that is live.
  accept(ending(other));
  accept(ReactivateSubscription{{}, other});
  CHECK_FALSE(subscription(other).cancels_at_period_end);

  set("subscription.max_live", &ChangePolicy::max_live, LiveSubscriptions::multi);
  accept(ReactivateSubscription{{}, first});
  CHECK(subscription(first).is_live());
}

TEST_CASE_FIXTURE(Governed,
                  "SUB-09: a cancellation that does not say when goes by the policy, one that says it does not") {
  const EntityRef by_default = accept(to_plan("small"));
  accept(ending(by_default));
  CHECK(subscription(by_default).cancels_at_period_end);

  set("subscription.cancel_default", &ChangePolicy::mode, CancellationMode::immediate);
  const EntityRef at_once = accept(to_plan("small")), later = accept(to_plan("small"));
  accept(ending(later, CancellationMode::period_end));
  CHECK(subscription(later).is_live());
  CancelSubscription giving_back = ending(at_once);
  giving_back.unused_time = UnusedTime::no_credit;  // It is about an immediate end, which this one is.
  accept(giving_back);
  CHECK_FALSE(subscription(at_once).is_live());
}

TEST_CASE_FIXTURE(Governed,
                  "CHG-05: a change that does not say what it bills goes by the policy, one that says it does not") {
  const auto undecided = [](EntityRef id) {
    ChangePlan command = to(id, "large");
    command.proration_behavior.reset();
    return command;
  };
  const EntityRef usual = accept(to_plan("small")), waits = accept(to_plan("small"));
  const EntityRef nothing = accept(to_plan("small")), told = accept(to_plan("small"));
  const std::size_t billed = account.invoices().size();
  wait_until("2027-04-16T00:00:00Z");
  accept(undecided(usual));
  CHECK(last_amounts() == Amounts{-1500, 3000});

  set("proration.behavior", &ChangePolicy::proration_behavior, ProrationBehavior::next_invoice);
  accept(undecided(waits));
  CHECK(subscription(waits).waiting.size() == 2);
  set("proration.behavior", &ChangePolicy::proration_behavior, ProrationBehavior::none);
  accept(undecided(nothing));
  CHECK(subscription(nothing).waiting.empty());
  CHECK(account.invoices().size() == billed + 1);
  accept(to(told, "large", ProrationBehavior::create_prorations));
  CHECK(account.invoices().size() == billed + 2);
}

TEST_CASE_FIXTURE(Governed, "CHG-01, CHG-03: a change that does not say when goes by what it costs and the policies") {
  const auto unsaid = [](EntityRef id, const std::string& plan_id) {
    ChangePlan command = to(id, plan_id);
    command.effective.reset();
    return command;
  };
  const EntityRef up = accept(to_plan("small")), down = accept(to_plan("large"));
  accept(unsaid(up, "large"));
  CHECK(subscription(up).plan_id == "large");
  accept(unsaid(down, "small"));
  CHECK(subscription(down).plan_id == "large");
  CHECK(subscription(down).scheduled_plan->plan_id == "small");
  accept(to(down, "small"));
  CHECK(subscription(down).plan_id == "small");

  set("change.upgrade", &ChangePolicy::effective, ChangeEffect::period_end);
  set("change.downgrade", &ChangePolicy::effective, ChangeEffect::now);
  accept(unsaid(up, "small"));
  CHECK(subscription(up).plan_id == "small");
  accept(unsaid(up, "large"));
  CHECK(subscription(up).plan_id == "small");
  CHECK(subscription(up).scheduled_plan->plan_id == "large");
  ChangePlan downgrade = unsaid(down, "large");
  downgrade.is_downgrade = true;
  accept(downgrade);
  CHECK(subscription(down).plan_id == "large");
}

TEST_CASE_FIXTURE(Changing, "CHG-03: costs of other intervals and quantities are compared by the year") {
  using Unit = schema::IntervalUnit;
  plan(flat_terms("1000"), "month");
  plan(flat_terms("11999", Unit::year), "under");
  plan(flat_terms("12000", Unit::year), "same");
  plan(flat_terms("230", Unit::week), "week");  // 52.1775 weeks: 12000.825
  plan(flat_terms("229", Unit::week), "cheap-week");
  plan(flat_terms("32", Unit::day), "day");
  plan(seat_terms("400"), "seats");
  const auto is_at_once = [&](const std::string& plan_id, std::int64_t quantity) {
    Changing one = *this;
    const EntityRef id = one.accept(to_plan("month"));
    ChangePlan command = to(id, plan_id);
    command.effective.reset();
    command.quantity = quantity;
    one.accept(command);
    return one.subscription(id).plan_id == plan_id;
  };
  CHECK_FALSE(is_at_once("under", 1));
  CHECK(is_at_once("same", 1));
  CHECK(is_at_once("week", 1));
  CHECK_FALSE(is_at_once("cheap-week", 1));
  CHECK_FALSE(is_at_once("day", 1));
  CHECK_FALSE(is_at_once("seats", 2));
  CHECK(is_at_once("seats", 3));
}

TEST_CASE_FIXTURE(Governed, "a quantity alone changes at once, whatever plans do; support may only schedule") {
  set("change.upgrade", &ChangePolicy::effective, ChangeEffect::period_end);
  const EntityRef id = accept(to_plan("small"));
  ChangePlan more;
  more.subscription = id;
  more.quantity = 3;
  ChangePlan by_policy = to(id, "large");
  by_policy.effective.reset();
  role = Role::support_rep;
  for (const Command& command : {Command(more), Command(seats(id, 4)), Command(to(id, "large"))}) {
    CHECK(refused(command) == RejectionCode::forbidden);
  }
  accept(by_policy);
  CHECK(subscription(id).scheduled_plan->plan_id == "large");
  role = Role::billing_admin;
  accept(more);
  CHECK(subscription(id).quantity == 3);
}

TEST_CASE_FIXTURE(Governed, "a plan that does not say how it shares a period goes by the policy of the time") {
  for (const auto unit : {schema::ProrationUnit::by_policy, schema::ProrationUnit::second}) {
    auto terms = flat_terms("3000");
    terms->proration = unit;
    plan(terms, unit == schema::ProrationUnit::second ? "second" : "policy");
  }
  const EntityRef by_policy = accept(to_plan("policy")), by_second = accept(to_plan("second"));
  wait_until("2027-04-16T12:00:00Z");
  const auto part_of = [&](EntityRef id) {
    accept(to(id, "large"));
    return last_invoice().lines.front()->proration->part;
  };
  Changing before = *this;
  before.accept(to(by_policy, "large"));
  CHECK(before.last_invoice().lines.front()->proration->unit == schema::ProrationUnit::second);
  set("proration.unit", &ChangePolicy::unit, ProrationUnit::day);
  CHECK(part_of(by_policy) == 15);
  CHECK(part_of(by_second) == 14 * 86'400 + 43'200);
}

TEST_CASE_FIXTURE(Governed, "policies of subscriptions are in the book's row, and each takes its own members only") {
  set("subscription.max_live", &ChangePolicy::max_live, LiveSubscriptions::single);
  set("subscription.cancel_default", &ChangePolicy::mode, CancellationMode::immediate);
  set("proration.behavior", &ChangePolicy::proration_behavior, ProrationBehavior::none);
  set("coupon.stacking", &ChangePolicy::stacking, DiscountStacking::exclusive);
  set("coupon.arithmetic", &ChangePolicy::arithmetic, PercentArithmetic::stacked);
  set("change.upgrade", &ChangePolicy::effective, ChangeEffect::period_end);
  set("change.downgrade", &ChangePolicy::effective, ChangeEffect::now);
  set("proration.unit", &ChangePolicy::unit, ProrationUnit::day);
  set("invoice.rounding", &ChangePolicy::rounding, Rounding::half_even);
  const auto row = decode_book(encode_state(book));
  REQUIRE(row.has_value());
  CHECK(row->policies == book.policies);
  CHECK(row->policies.max_live == LiveSubscriptions::single);
  CHECK(row->policies.cancel_default == CancellationMode::immediate);
  CHECK(row->policies.proration_behavior == ProrationBehavior::none);
  CHECK(row->policies.stacking == DiscountStacking::exclusive);
  CHECK(row->policies.arithmetic == PercentArithmetic::stacked);
  CHECK(row->policies.upgrade == ChangeEffect::period_end);
  CHECK(row->policies.downgrade == ChangeEffect::now);
  CHECK(row->policies.proration_unit == ProrationUnit::day);
  for (const char* policy :
       {"subscription.max_live", "subscription.cancel_default", "proration.behavior", "coupon.stacking",
        "coupon.arithmetic", "change.upgrade", "change.downgrade", "proration.unit", "invoice.rounding"}) {
    CAPTURE(policy);
    ChangePolicy command;
    command.policy = policy;
    command.days = 3;
    CHECK(refused(command) == RejectionCode::validation_failed);
    command.days.reset();
    CHECK(when(command).accepted());  // back to what holds until the book decides
  }
  Policies usual;
  usual.version = book.policies.version;
  CHECK(book.policies == usual);
}
