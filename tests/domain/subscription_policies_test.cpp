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

TEST_CASE_FIXTURE(Governed, "policies of subscriptions are in the book's row, and each takes its own members only") {
  set("subscription.max_live", &ChangePolicy::max_live, LiveSubscriptions::single);
  set("subscription.cancel_default", &ChangePolicy::mode, CancellationMode::immediate);
  set("proration.behavior", &ChangePolicy::proration_behavior, ProrationBehavior::none);
  set("coupon.stacking", &ChangePolicy::stacking, DiscountStacking::exclusive);
  const auto row = decode_book(encode_state(book));
  REQUIRE(row.has_value());
  CHECK(row->policies == book.policies);
  CHECK(row->policies.max_live == LiveSubscriptions::single);
  CHECK(row->policies.cancel_default == CancellationMode::immediate);
  CHECK(row->policies.proration_behavior == ProrationBehavior::none);
  CHECK(row->policies.stacking == DiscountStacking::exclusive);
  for (const char* policy :
       {"subscription.max_live", "subscription.cancel_default", "proration.behavior", "coupon.stacking"}) {
    CAPTURE(policy);
    ChangePolicy command;
    command.policy = policy;
    command.days = 3;
    CHECK(refused(command) == RejectionCode::validation_failed);
    command.days.reset();
    CHECK(when(command).accepted());  // back to what holds until the book decides
  }
  CHECK(book.policies.max_live == LiveSubscriptions::multi);
  CHECK(book.policies.stacking == DiscountStacking::priority_stack);
}
