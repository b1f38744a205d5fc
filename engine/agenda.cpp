#include "engine/agenda.h"

namespace daybook {
namespace {

constexpr std::int64_t window_us = 3'600LL * micros_per_second;  ///< How far ahead entries are held in memory.

}  // namespace

void Agenda::note(const std::string& book, Instant at, std::uint64_t ordinal) {
  if (at == never) return;
  Book& agenda = books_[book];
  // What lies behind the horizon is found through the index (or the dirty streams) when the horizon moves.
  if (at < agenda.horizon) agenda.soon.insert({at, ordinal});
}

Agenda::Book& Agenda::extend(const std::string& book, Instant now) {
  Book& agenda = books_[book];
  if (now < agenda.horizon) return agenda;
  const Instant horizon{static_cast<std::int64_t>(now) + window_us};
  for (const StreamIndex::DueRow& row : index_.due(book, micros(agenda.horizon), micros(horizon))) {
    agenda.soon.insert({Instant{row.at_us}, row.ordinal});
  }
  for (const Stream* stream : cache_.dirty()) {
    if (stream->is_book || stream->book != book) continue;
    const Instant at = stream->account.next_due();
    if (at < horizon) agenda.soon.insert({at, stream->ordinal});
  }
  agenda.horizon = horizon;
  return agenda;
}

std::optional<Agenda::Entry> Agenda::take(const std::string& book, Instant now) {
  Book& agenda = extend(book, now);
  if (agenda.soon.empty() || agenda.soon.begin()->at > now) return std::nullopt;
  const Entry entry = *agenda.soon.begin();
  agenda.soon.erase(agenda.soon.begin());
  return entry;
}

bool Agenda::has_due(const std::string& book, Instant now) {
  const Book& agenda = extend(book, now);
  return !agenda.soon.empty() && agenda.soon.begin()->at <= now;
}

Instant Agenda::next(const std::string& book) {
  const auto found = books_.find(book);
  if (found == books_.end()) return never;
  return found->second.soon.empty() ? found->second.horizon : found->second.soon.begin()->at;
}

std::vector<std::string> Agenda::books() const {
  std::vector<std::string> names;
  for (const auto& [name, agenda] : books_) names.push_back(name);
  return names;
}

}  // namespace daybook
