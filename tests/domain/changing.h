// An account of Given whose subscriptions change: the changes by verbs, and the lines and credits that come of them.
#pragma once

#include <string>
#include <vector>

#include "domain/state_codec.h"
#include "schemas/events/invoices_generated.h"
#include "schemas/events/plans_generated.h"
#include "schemas/events/subscriptions_generated.h"
#include "tests/domain/subscribing.h"

namespace daybook::test {

constexpr auto next_invoice = ProrationBehavior::next_invoice;

inline PlanTermsPointer by_day(PlanTermsPointer terms) {
  terms->proration = schema::ProrationUnit::day;
  return terms;
}

inline PlanTermsPointer seat_terms(std::string amount) {
  auto terms = flat_terms(std::move(amount));
  terms->prices.front()->model = schema::PriceModel::per_seat;
  return terms;
}

class Changing : public Subscribing {
 public:
  using Subscribing::Subscribing;

  static ChangePlan to(EntityRef id, const std::string& plan_id,
                       ProrationBehavior behavior = ProrationBehavior::create_prorations) {
    ChangePlan command;
    command.subscription = id;
    command.plan_id = plan_id;
    command.effective = ChangeEffect::now;
    command.proration_behavior = behavior;
    return command;
  }
  static ChangePlan later(EntityRef id, const std::string& plan_id) {
    ChangePlan command = to(id, plan_id);
    command.effective = ChangeEffect::period_end;
    return command;
  }
  static ChangeQuantity seats(EntityRef id, std::int64_t quantity,
                              ProrationBehavior behavior = ProrationBehavior::create_prorations) {
    ChangeQuantity command;
    command.subscription = id;
    command.quantity = quantity;
    command.proration_behavior = behavior;
    return command;
  }
  void change(std::string_view instant, EntityRef id, const std::string& plan_id,
              ProrationBehavior behavior = ProrationBehavior::create_prorations) {
    wait_until(instant);
    accept(to(id, plan_id, behavior));
  }
  EntityRef subscribe_to(const std::string& plan_id, std::int64_t quantity = 1) {
    CreateSubscription command = to_plan(plan_id);
    command.quantity = quantity;
    return accept(command);
  }
  const Invoice& last_invoice() const { return account.invoices().rbegin()->second; }
  std::vector<std::int64_t> last_amounts() const {
    std::vector<std::int64_t> amounts;
    for (const auto& line : last_invoice().lines) amounts.push_back(line->amount);
    return amounts;
  }
};

using Amounts = std::vector<std::int64_t>;

/// What is held equals what a row brings back.
inline void check_changed_row(const AccountState& account) {
  const auto again = decode_account(encode_state(account));
  REQUIRE(again.has_value());
  CHECK(encode_state(*again) == encode_state(account));
  CHECK(again->subscriptions() == account.subscriptions());
  CHECK(again->billed == account.billed);
}

}  // namespace daybook::test
