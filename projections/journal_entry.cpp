#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include <algorithm>

#include "projections/journal_entry.h"
#include "projections/postings.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

LedgerAccount ledger_account(const FoldEvent& event, std::uint16_t number) {
  const auto chart = chart_of_accounts();
  const auto account = static_cast<LedgerAccount>(number);
  if (std::find(chart.begin(), chart.end(), account) != chart.end()) return account;
  refuse(event, "it posts to ledger account " + std::to_string(number) + ", which this build does not know");
}

Instant on_calendar(const FoldEvent& event, Instant at) {
  if (!is_on_calendar(at)) refuse(event, "an instant that is not on the calendar");
  return at;
}

}  // namespace

std::optional<JournalEntry> journal_entry_of(const FoldEvent& event) {
  const Postings* postings = postings_of(event);
  if (postings == nullptr || postings->size() == 0) return std::nullopt;
  JournalEntry entry;
  entry.at = {event.shard, event.position};
  entry.book = event.book;
  entry.account_id = event.account;
  entry.type = schema::EnumNameEvent(event.envelope->event_type());
  entry.effective_at = on_calendar(event, event.effective_at);
  const schema::Instant* recorded = event.envelope->recorded_at();
  entry.recorded_at = on_calendar(event, recorded == nullptr ? Instant{-1} : Instant{recorded->us()});
  entry.lines.reserve(postings->size());
  for (const schema::Posting* posting : *postings) {
    const Money amount{posting->amount()->minor(), Currency{posting->amount()->currency()}};
    entry.lines.push_back({ledger_account(event, posting->account()), static_cast<Side>(posting->side()), amount});
  }
  if (!is_balanced(entry.lines)) refuse(event, "its postings do not balance");
  return entry;
}

}  // namespace daybook
