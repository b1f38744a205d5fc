// The invoice of a subscription's period: what its price comes to, finalised by the code that finalises any invoice.
#pragma once

#include <optional>
#include <vector>

#include "domain/deciders/decision.h"

namespace daybook::schema {
struct SubscriptionPeriodT;
enum class BillingReason : std::uint8_t;
enum class ParkReason : std::uint8_t;
}  // namespace daybook::schema

namespace daybook {

struct PeriodToBill {
  const Subscription& subscription;  ///< Before the period: with its first one the setup fee is billed.
  const schema::SubscriptionPeriodT& period;
  schema::BillingReason reason;
  const std::vector<AccountDiscount>& discounts;  ///< That the account has then.
};

/// Adds the events of the period's invoice after those that the decision has already; none if it costs nothing.
/// Otherwise what keeps it from being made: the decision is of no use then. Requires a price and a quantity whose
/// amount is in range.
std::optional<schema::ParkReason> bill(Decision& decision, const AccountState& account, const PeriodToBill& due,
                                       const DecisionContext& context);

}  // namespace daybook
