// The invoice of a subscription's period: what its price comes to, finalised by the code that finalises any invoice.
#pragma once

#include <vector>

#include "domain/deciders/decision.h"

namespace daybook::schema {
struct SubscriptionPeriodT;
enum class BillingReason : std::uint8_t;
}  // namespace daybook::schema

namespace daybook {

struct PeriodToBill {
  const Subscription& subscription;  ///< Before the period: with its first one the setup fee is billed.
  const schema::SubscriptionPeriodT& period;
  schema::BillingReason reason;
  const std::vector<AccountDiscount>& discounts;  ///< That the account has then.
};

enum class Billed : std::uint8_t {
  nothing = 1,     ///< It costs nothing: no invoice.
  finalized = 2,   ///< An invoice with its number.
  left_draft = 3,  ///< A total, or what the account owes then, is out of range: a draft, for somebody to look at.
};

/// Adds the events of the period's invoice after those that the decision has already. Requires a price and a quantity
/// whose amount is in range.
Billed bill(Decision& decision, const AccountState& account, const PeriodToBill& due, const DecisionContext& context);

}  // namespace daybook
