// The chart of accounts and balanced journal entries. Account numbers never change meaning; new ones are added.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "domain/money.h"

namespace daybook {

enum class LedgerAccount : std::uint16_t {
  cash_clearing = 1000,
  disputed_funds = 1010,  ///< Taken back by customers' banks until it is decided who is right.
  receivable = 1100,
  customer_credit = 2100,  ///< What we owe customers as account credit.
  deferred_revenue = 2200,
  tax_payable = 2300,
  revenue = 4000,
  discounts = 4100,
  credits_granted = 4200,  ///< Contra revenue: credit given away.
  breakage = 4900,         ///< Paid credit that expired unused.
  refunds =
      5100,  ///< Money and credit that went back, and what credit notes of refunds took over: the rest was a cost.
  write_offs = 5300,
  dispute_losses = 5400,
};

/// "customer_credit".
std::string_view to_text(LedgerAccount account);
std::span<const LedgerAccount> chart_of_accounts();

enum class Side : std::uint8_t { debit = 1, credit = 2 };

struct JournalLine {
  LedgerAccount account;
  Side side;
  Money amount;
};

/// Debits equal credits in every currency, and every amount is positive.
bool is_balanced(std::span<const JournalLine> lines);

}  // namespace daybook
