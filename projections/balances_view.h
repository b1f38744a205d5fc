// View `balances`: what a customer owes and has to his credit, per account and currency: sums of the postings of his
// own events on the ledger accounts `customer_credit` and `receivable`, never of the events' amounts.
//
// Rows: 'b' text(book) text(account) currency:u32be -> credit:i64 receivable:i64 version:u64 updated_at:i64
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/currency.h"
#include "domain/instant.h"
#include "projections/view_snapshot.h"

namespace daybook {

class ViewFold;

struct BalanceRow {
  std::string account_id;
  Currency currency;
  std::int64_t credit = 0;      ///< What we owe him: credits less debits of customer_credit.
  std::int64_t receivable = 0;  ///< What he owes us: debits less credits of receivable.
  std::uint64_t version = 0;    ///< Stream version of the last event that posted.
  Instant updated_at{};         ///< When that was decided.
  std::int64_t net() const { return receivable - credit; }  ///< Positive: he owes us.
};

/// Threads: each reader from one thread at a time.
class BalancesReader {
 public:
  explicit BalancesReader(ViewSnapshot snapshot) : snapshot_(std::move(snapshot)) {}
  /// One row a currency in which the account ever had a posting, by code.
  std::vector<BalanceRow> of_account(std::string_view book, std::string_view account_id) const;
  /// Every balance of the book until `row` returns false, by account id.
  void for_each(std::string_view book, const std::function<bool(const BalanceRow&)>& row) const;
  const ViewSnapshot& snapshot() const { return snapshot_; }

 private:
  ViewSnapshot snapshot_;
};

std::unique_ptr<ViewFold> make_balances_fold();

}  // namespace daybook
