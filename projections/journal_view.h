// View `journal`: the trial balance: totals of all postings per book, currency and ledger account. Sums are 128 bits
// wide, which no number of postings of 10^15 can exceed.
//
// Rows: 'j' text(book) currency:u32be account:u16be -> debits:u128 credits:u128 postings:u64
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "domain/currency.h"
#include "domain/journal.h"
#include "projections/view_snapshot.h"

namespace daybook {

class ViewFold;

__extension__ typedef unsigned __int128 Sum128;
__extension__ typedef __int128 Balance128;

/// Decimal digits, with "-" if negative.
std::string to_decimal(Balance128 value);

struct JournalTotal {
  Currency currency;
  LedgerAccount account{};  ///< May be a number that this build has no name for.
  Sum128 debits = 0;
  Sum128 credits = 0;
  std::uint64_t postings = 0;
  /// Debits less credits.
  Balance128 balance() const { return static_cast<Balance128>(debits) - static_cast<Balance128>(credits); }
};

/// Threads: each reader from one thread at a time.
class JournalReader {
 public:
  explicit JournalReader(ViewSnapshot snapshot) : snapshot_(std::move(snapshot)) {}
  /// Every ledger account that has postings, by currency and number. Debits equal credits in each currency.
  std::vector<JournalTotal> trial_balance(std::string_view book) const;
  /// Books that have postings.
  std::vector<std::string> books() const;
  const ViewSnapshot& snapshot() const { return snapshot_; }

 private:
  ViewSnapshot snapshot_;
};

std::unique_ptr<ViewFold> make_journal_fold();

}  // namespace daybook
