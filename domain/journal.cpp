#include "domain/journal.h"

#include <array>
#include <map>

#include "domain/assert.h"

namespace daybook {
namespace {

constexpr std::array chart = {
    LedgerAccount::cash_clearing,   LedgerAccount::disputed_funds,   LedgerAccount::receivable,
    LedgerAccount::customer_credit, LedgerAccount::deferred_revenue, LedgerAccount::tax_payable,
    LedgerAccount::revenue,         LedgerAccount::discounts,        LedgerAccount::credits_granted,
    LedgerAccount::breakage,        LedgerAccount::refunds,          LedgerAccount::write_offs,
    LedgerAccount::dispute_losses,
};

}  // namespace

std::string_view to_text(LedgerAccount account) {
  switch (account) {
    case LedgerAccount::cash_clearing:
      return "cash_clearing";
    case LedgerAccount::disputed_funds:
      return "disputed_funds";
    case LedgerAccount::receivable:
      return "receivable";
    case LedgerAccount::customer_credit:
      return "customer_credit";
    case LedgerAccount::deferred_revenue:
      return "deferred_revenue";
    case LedgerAccount::tax_payable:
      return "tax_payable";
    case LedgerAccount::revenue:
      return "revenue";
    case LedgerAccount::discounts:
      return "discounts";
    case LedgerAccount::credits_granted:
      return "credits_granted";
    case LedgerAccount::breakage:
      return "breakage";
    case LedgerAccount::refunds:
      return "refunds";
    case LedgerAccount::write_offs:
      return "write_offs";
    case LedgerAccount::dispute_losses:
      return "dispute_losses";
  }
  bug("ledger account without a name");
}

std::span<const LedgerAccount> chart_of_accounts() {
  return chart;
}

bool is_balanced(std::span<const JournalLine> lines) {
  std::map<Currency, std::int64_t> sums;  // an entry has few lines of at most 10^15: no overflow
  for (const JournalLine& line : lines) {
    if (line.amount.minor <= 0) return false;
    sums[line.amount.currency] += line.side == Side::debit ? line.amount.minor : -line.amount.minor;
  }
  for (const auto& [currency, sum] : sums) {
    if (sum != 0) return false;
  }
  return true;
}

}  // namespace daybook
