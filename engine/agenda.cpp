#include "engine/agenda.h"

namespace daybook {
namespace {

constexpr std::int64_t window_us = 3'600LL * micros_per_second;  ///< How far ahead entries are held in memory.

}  // namespace

void Agenda::note(const Stream& account) {
  const Instant at = account.account.next_due();
  if (at == never) return;
  const ClockRef clock = account.clock();
  auto list = lists_.find(clock);
  if (list == lists_.end()) {
    if (!clock.test_clock.is_none()) return;  // found when somebody asks for it
    list = lists_.try_emplace(clock).first;
  }
  // What lies behind the horizon is found through the index (or the dirty streams) when the horizon moves.
  if (at < list->second.horizon) list->second.soon.insert({at, account.ordinal});
}

Agenda::List& Agenda::extend(const ClockRef& clock, Instant now) {
  List& list = lists_[clock];
  if (now < list.horizon) return list;
  const Instant horizon{static_cast<std::int64_t>(now) + window_us};
  for (const StreamIndex::DueRow& row : index_.due(due_list(clock), micros(list.horizon), micros(horizon))) {
    list.soon.insert({Instant{row.at_us}, row.ordinal});
  }
  for (const Stream* stream : cache_.dirty()) {
    if (stream->is_book || stream->clock() != clock) continue;
    const Instant at = stream->account.next_due();
    if (at < horizon) list.soon.insert({at, stream->ordinal});
  }
  list.horizon = horizon;
  return list;
}

std::optional<Agenda::Entry> Agenda::take(const ClockRef& clock, Instant now) {
  List& list = extend(clock, now);
  if (list.soon.empty() || list.soon.begin()->at > now) return std::nullopt;
  const Entry entry = *list.soon.begin();
  list.soon.erase(list.soon.begin());
  return entry;
}

std::vector<std::uint64_t> Agenda::next_accounts(const ClockRef& clock, Instant now, std::size_t count) {
  std::vector<std::uint64_t> ordinals;
  for (const Entry& entry : extend(clock, now).soon) {
    if (entry.at > now || ordinals.size() == count) break;
    ordinals.push_back(entry.ordinal);
  }
  return ordinals;
}

bool Agenda::has_due(const ClockRef& clock, Instant now) {
  const List& list = extend(clock, now);
  return !list.soon.empty() && list.soon.begin()->at <= now;
}

Instant Agenda::next(const ClockRef& clock) {
  const auto found = lists_.find(clock);
  if (found == lists_.end()) return never;
  return found->second.soon.empty() ? found->second.horizon : found->second.soon.begin()->at;
}

std::vector<std::string> Agenda::books() const {
  std::vector<std::string> names;
  for (const auto& [clock, list] : lists_) {
    if (clock.test_clock.is_none()) names.push_back(clock.book);
  }
  return names;
}

}  // namespace daybook
