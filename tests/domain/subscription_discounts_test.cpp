// Discounts of one subscription: for a coupon or without one, and removed.
#include "tests/domain/changing.h"

using namespace daybook;
using namespace daybook::test;

namespace {

/// A plan for 10.00 a month, and half off it once, for three months, or for ever.
struct Discounting : Changing {
  Discounting() : Changing("2027-01-15T08:00:00Z") {
    plan(flat_terms("1000"));
    offer("once", schema::DiscountDuration::once);
    offer("quarter", schema::DiscountDuration::repeating);
    offer("always", schema::DiscountDuration::forever);
  }
  void offer(const std::string& name, schema::DiscountDuration duration) {
    const auto terms = percent_for_ever("50");
    terms->name = name;
    terms->duration = duration;
    terms->starts_at = terms->ends_at = never;
    if (duration == schema::DiscountDuration::repeating) terms->months = 3;
    REQUIRE(when(CreateDiscount{name, terms}).accepted());
    CreateCoupon coupon;
    coupon.code = name;
    coupon.discount_id = name;
    REQUIRE(when(coupon).accepted());
  }
  static ApplyDiscount coupon(EntityRef id, const std::string& code) {
    ApplyDiscount command;
    command.subscription = id;
    command.coupon = code;
    return command;
  }
  static ApplyDiscount given(EntityRef id, const std::string& discount_id) {
    ApplyDiscount command;
    command.subscription = id;
    command.discount_id = discount_id;
    return command;
  }
  EntityRef discount_of(EntityRef id) const { return subscription(id).discounts.back().id; }
  std::vector<std::int64_t> totals(EntityRef id) const {
    std::vector<std::int64_t> sums;
    for (const auto& [invoice_id, invoice] : account.invoices()) {
      if (invoice.subscription == id) sums.push_back(invoice.total);
    }
    return sums;
  }
  std::string reason_of_refusal(const Command& command) {
    const Decision decision = when(command);
    if (decision.rejection.code != RejectionCode::coupon_invalid) return {};
    return std::get<std::string>(decision.rejection.details.at(0).value) + " " + decision.rejection.pointer;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Discounting, "CPN-07: a coupon's three months are exactly three invoices of its subscription") {
  const EntityRef id = accept(to_plan()), other = accept(to_plan());
  wait_until("2027-01-20T00:00:00Z");
  accept(coupon(id, "Quarter"));
  REQUIRE(subscription(id).discounts.size() == 1);
  CHECK(subscription(id).discounts[0].code == "QUARTER");
  CHECK(count(schema::Event::CouponRedeemed) == 1);
  wait_until("2027-06-01T00:00:00Z");
  CHECK(totals(id) == Amounts{1'000, 500, 500, 500, 1'000});
  CHECK(totals(other) == Amounts{1'000, 1'000, 1'000, 1'000, 1'000});
  CHECK(refused(coupon(other, "quarter")) == RejectionCode::coupon_already_redeemed);
  check_changed_row(account);
}

TEST_CASE_FIXTURE(Discounting,
                  "CPN-07: without its discount the next invoice is whole, and the coupon stays redeemed") {
  const EntityRef id = accept(to_plan()), other = accept(to_plan());
  accept(coupon(id, "always"));
  wait_until("2027-02-20T00:00:00Z");
  const EntityRef discount = discount_of(id);
  CHECK(refused(RemoveDiscount{{}, other, discount}) == RejectionCode::not_found);
  accept(RemoveDiscount{{}, id, discount});
  CHECK(subscription(id).discounts.empty());
  CHECK(subscription(id).version == account.version);
  CHECK(refused(RemoveDiscount{{}, id, discount}) == RejectionCode::not_found);
  CHECK(refused(coupon(id, "always")) == RejectionCode::coupon_already_redeemed);
  wait_until("2027-04-01T00:00:00Z");
  CHECK(totals(id) == Amounts{1'000, 500, 1'000});
  check_changed_row(account);
}

TEST_CASE_FIXTURE(Discounting, "CPN-07: a coupon that comes with a change is of that change's invoice already") {
  plan(flat_terms("3000"), "large");
  const EntityRef id = accept(to_plan());
  settle();
  wait_until("2027-01-31T00:00:00Z");
  ChangePlan change = to(id, "large");
  change.coupon = "nothing";
  CHECK(reason_of_refusal(change) == "unknown /coupon");
  CHECK(subscription(id).plan_id == "plan");
  change.coupon = "once";
  accept(change);
  REQUIRE(subscription(id).discounts.size() == 1);
  CHECK(count(schema::Event::CouponRedeemed) == 1);
  // 31 January to 15 February, of a month of 31 days that was billed without a discount: only the new plan is half off.
  CHECK(last_amounts() == Amounts{-495, 1'484});
  CHECK(last_invoice().total == 1'484 - 742 - 495);
  check_changed_row(account);
}

TEST_CASE_FIXTURE(Discounting,
                  "SUB-08: an update redeems a coupon with its change, or by itself where nothing changes") {
  plan(flat_terms("3000"), "large");
  const EntityRef id = accept(to_plan()), other = accept(to_plan());
  UpdateSubscription update;
  update.subscription = id;
  update.coupon = "once";
  accept(update);
  CHECK(subscription(id).discounts.back().discount_id == "once");
  CHECK(refused(update) == RejectionCode::coupon_already_redeemed);
  update.plan_id = "plan";  // which it has
  update.coupon = "always";
  accept(update);
  CHECK(subscription(id).discounts.size() == 2);
  CHECK(count(schema::Event::PlanChanged) == 0);
  update.subscription = other;
  update.plan_id = "large";
  CHECK(refused(update) == RejectionCode::coupon_already_redeemed);
  CHECK(subscription(other).plan_id == "plan");
  update.coupon = "quarter";
  update.at_period_end = false;
  accept(update);
  CHECK(subscription(other).plan_id == "large");
  CHECK(subscription(other).discounts.back().discount_id == "quarter");
  CHECK(count(schema::Event::CouponRedeemed) == 3);
}

TEST_CASE_FIXTURE(Discounting, "CPN-07: a billing admin gives a discount without a coupon, and nobody else") {
  const EntityRef id = accept(to_plan());
  for (const Role one : {Role::account_owner, Role::support_rep, Role::api_key}) {
    role = one;
    CHECK(refused(given(id, "once")) == RejectionCode::forbidden);
  }
  role = Role::billing_admin;
  accept(given(id, "once"));
  CHECK(subscription(id).discounts[0].code.empty());
  CHECK(account.discounts[0].redemption.is_none());
  CHECK(count(schema::Event::CouponRedeemed) == 0);
  CHECK(refused(given(id, "once")) == RejectionCode::no_change);
  wait_until("2027-03-20T00:00:00Z");
  CHECK(totals(id) == Amounts{1'000, 500, 1'000});
  accept(given(id, "once"));  // The first one is used up.
  check_changed_row(account);
}

TEST_CASE_FIXTURE(Discounting, "a discount that cannot be had is refused with the reason, and changes nothing") {
  const EntityRef id = accept(to_plan());
  const std::size_t before = types.size();
  CHECK(refused(ApplyDiscount{{}, id, {}, {}, {}}) == RejectionCode::validation_failed);
  ApplyDiscount both = coupon(id, "once");
  both.discount_id = "once";
  CHECK(refused(both) == RejectionCode::validation_failed);
  CHECK(refused(coupon(account.details.default_payment_method, "once")) == RejectionCode::not_found);
  CHECK(refused(given(id, "never-offered")) == RejectionCode::not_found);
  CHECK(reason_of_refusal(coupon(id, "never-offered")) == "unknown /coupon");
  CHECK(types.size() == before);
  REQUIRE(when(RetireDiscount{"once"}).accepted());
  CHECK(reason_of_refusal(coupon(id, "once")) == "retired /coupon");
  CHECK(reason_of_refusal(given(id, "once")) == "retired ");
  const auto elsewhere = percent_for_ever("10");
  elsewhere->name = "elsewhere";
  plan(flat_terms("1"), "other");
  elsewhere->plans = {"other"};
  elsewhere->starts_at = elsewhere->ends_at = never;
  REQUIRE(when(CreateDiscount{"elsewhere", elsewhere}).accepted());
  CHECK(reason_of_refusal(given(id, "elsewhere")) == "wrong_plan ");
  accept(given(id, "always"));
  ChangePolicy exclusive;
  exclusive.policy = "coupon.stacking";
  exclusive.stacking = DiscountStacking::exclusive;
  REQUIRE(when(exclusive).accepted());
  CHECK(refused(given(id, "quarter")) == RejectionCode::discount_not_combinable);
  accept(RemoveDiscount{{}, id, discount_of(id)});
  accept(given(id, "quarter"));
  cancel(id, CancellationMode::immediate);
  CHECK(refused(coupon(id, "always")) == RejectionCode::invalid_transition);
  accept(RemoveDiscount{{}, id, discount_of(id)});  // It counts again when the subscription is begun again.
}

TEST_CASE_FIXTURE(Discounting, "CPN-06: where discounts exclude each other, those of other subscriptions do not") {
  const EntityRef id = accept(to_plan()), other = accept(to_plan());
  ChangePolicy exclusive;
  exclusive.policy = "coupon.stacking";
  exclusive.stacking = DiscountStacking::exclusive;
  REQUIRE(when(exclusive).accepted());
  accept(given(id, "once"));
  accept(given(other, "once"));
  CHECK(refused(given(id, "always")) == RejectionCode::discount_not_combinable);
  RedeemCoupon of_account;
  of_account.code = "quarter";
  of_account.account_id = "acme";
  CHECK(refused(of_account) == RejectionCode::discount_not_combinable);
  wait_until("2027-02-20T00:00:00Z");  // both are used up
  accept(of_account);
  CHECK(refused(given(id, "always")) == RejectionCode::discount_not_combinable);
  CHECK(refused(RemoveDiscount{{}, {2, 9'999, 0, 0}, discount_of(id)}) == RejectionCode::not_found);
  CHECK(refused(RemoveDiscount{{}, id, {2, 9'999, 0, 0}}) == RejectionCode::not_found);
}

TEST_CASE_FIXTURE(Discounting, "CPN-05: a coupon with a limit for each user says where the user is missing") {
  CreateCoupon limited;
  limited.code = "each";
  limited.discount_id = "once";
  limited.max_per_user = 1;
  REQUIRE(when(limited).accepted());
  CreateSubscription command = to_plan();
  command.coupon = "each";
  CHECK(when(command).rejection.pointer == "/user_id");
  command.user_id = "u1";
  accept(command);
}
