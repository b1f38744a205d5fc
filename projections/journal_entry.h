// The journal entry of one event, for exports: what was posted, when, and by which event. The journal's totals are a
// view of their own (journal_view); this is read from the log and kept nowhere.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/journal.h"
#include "projections/fold_event.h"

namespace daybook {

struct JournalEntry {
  LogPosition at;
  std::string book;
  std::string account_id;  ///< Whose stream it is: the customer's account.
  std::string_view type;   ///< "CreditIssued".
  Instant effective_at{};  ///< The value date; where there is none, when it was decided.
  Instant recorded_at{};
  std::vector<JournalLine> lines;  ///< In the event's order; balanced in every currency.
};

/// Nothing if the event posts nothing. Throws CorruptLog, naming the position, if its postings do not balance, name a
/// ledger account that this build does not know, or have an instant that is not on the calendar.
std::optional<JournalEntry> journal_entry_of(const FoldEvent& event);

}  // namespace daybook
