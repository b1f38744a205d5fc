#include "engine/stream_cache.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "domain/state_codec.h"
#include "eventstore/damaged_row.h"

namespace daybook {
namespace {

constexpr std::string_view book_suffix = "/~book";

}  // namespace

std::string account_stream(std::string_view book, std::string_view account_id) {
  std::string name;
  name.reserve(book.size() + account_id.size() + 1);
  name.append(book).push_back('/');
  name.append(account_id);
  return name;
}

std::string book_stream(std::string_view book) {
  return std::string(book).append(book_suffix);
}

std::string_view book_of_stream(std::string_view stream) {
  return stream.substr(0, stream.find('/'));
}

std::string due_list(const ClockRef& clock) {
  if (clock.test_clock.is_none()) return clock.book;
  // No id of a book has a slash.
  return clock.book + '/' + format_id("clock", clock.test_clock);
}

bool is_book_stream(std::string_view stream) {
  return stream.ends_with(book_suffix);
}

std::string encode_stream_row(const Stream& stream) {
  return stream.is_book ? encode_state(stream.book_state) : encode_state(stream.account);
}

Stream& StreamCache::insert(std::string_view name) {
  auto owned = std::make_unique<Stream>();
  Stream& stream = *owned;
  stream.name = name;
  stream.book = book_of_stream(name);
  stream.is_book = is_book_stream(name);
  recent_.push_front(&stream);
  stream.place = recent_.begin();
  by_name_.emplace(stream.name, std::move(owned));
  return stream;
}

Stream* StreamCache::load(std::string_view name) {
  const auto row = index_.state_row(name);
  return row ? &take_row(name, *row) : nullptr;
}

Stream& StreamCache::take_row(std::string_view name, std::string_view row) {
  Stream& stream = insert(name);
  // Nobody else has its ordinal: a row that says so is another stream's.
  if (!decode(row, stream) || by_ordinal_.contains(stream.ordinal)) {
    stream.ordinal = 0;
    drop(stream);
    throw DamagedRow::in_views("the state row of " + std::string(name) + " in views/ is damaged");
  }
  number(stream, stream.ordinal);
  touch(stream);
  return stream;
}

void StreamCache::prefetch(std::vector<std::string> names) {
  std::erase_if(names, [this](const std::string& name) { return by_name_.contains(name); });
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (names.size() < 2) return;  // find() reads it
  const auto rows = index_.state_rows(names);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!rows[i]) continue;
    ++misses_;
    take_row(names[i], *rows[i]);
  }
}

void StreamCache::prefetch(const std::vector<std::uint64_t>& ordinals) {
  std::vector<std::uint64_t> unknown;
  std::copy_if(ordinals.begin(), ordinals.end(), std::back_inserter(unknown),
               [this](std::uint64_t ordinal) { return !by_ordinal_.contains(ordinal); });
  if (unknown.size() < 2) return;
  std::vector<std::string> names;
  for (std::optional<std::string>& name : index_.stream_names(unknown)) {
    if (name) names.push_back(std::move(*name));
  }
  prefetch(std::move(names));
}

bool StreamCache::decode(std::string_view row, Stream& stream) {
  if (stream.is_book) {
    auto state = decode_book(row);
    if (!state) return false;
    stream.book_state = std::move(*state);
    stream.version = stream.book_state.version;
    stream.ordinal = stream.book_state.ordinal;
  } else {
    auto state = decode_account(row);
    // The book keeps the answers about accounts that are not there, so an account's stream begins with its opening.
    if (!state || account_stream(stream.book, state->details.id) != stream.name) return false;
    stream.account = std::move(*state);
    stream.version = stream.account.version;
    stream.ordinal = stream.account.ordinal;
    stream.stored_due = stream.account.next_due();
  }
  return stream.version != 0 && stream.ordinal != 0;
}

Stream* StreamCache::find(std::string_view name) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) {
    ++hits_;
    return found->second->ordinal == 0 ? nullptr : found->second.get();
  }
  ++misses_;
  return load(name);
}

Stream* StreamCache::find(std::uint64_t ordinal) {
  const auto found = by_ordinal_.find(ordinal);
  if (found != by_ordinal_.end()) {
    ++hits_;
    return found->second;
  }
  const auto name = index_.stream_name(ordinal);
  if (!name) return nullptr;
  Stream* const stream = find(std::string_view(*name));
  if (stream != nullptr && stream->ordinal == ordinal) return stream;
  throw DamagedRow::in_views("the stream index in views/ has " + *name + " under an ordinal that is not its own");
}

Stream& StreamCache::find_or_make(std::string_view name) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) {
    ++hits_;
    return *found->second;
  }
  ++misses_;
  if (Stream* stream = load(name)) return *stream;
  return insert(name);
}

void StreamCache::number(Stream& stream, std::uint64_t ordinal) {
  stream.ordinal = ordinal;
  by_ordinal_.emplace(ordinal, &stream);
}

void StreamCache::mark_dirty(Stream& stream, Position position) {
  if (stream.first_dirty != 0) return;
  stream.first_dirty = position;
  dirty_.push_back(&stream);
}

void StreamCache::mark_oldest_stored() {
  dirty_.front()->first_dirty = 0;
  dirty_.pop_front();
}

void StreamCache::touch(Stream& stream) {
  recent_.splice(recent_.begin(), recent_, stream.place);
  // Sizing a state walks nothing but counts, so it is exact enough to do on each touch.
  const std::size_t bytes = sizeof(Stream) + 200 + (stream.is_book ? 400 : stream.account.memory_bytes());
  bytes_ += bytes - stream.charged_bytes;
  stream.charged_bytes = bytes;
}

void StreamCache::drop(Stream& stream) {
  bytes_ -= stream.charged_bytes;
  by_ordinal_.erase(stream.ordinal);
  recent_.erase(stream.place);
  const std::string name = stream.name;
  by_name_.erase(name);
}

void StreamCache::shrink() {
  constexpr int looked_at_max = 1'024;  // a bound on one call; the next goes on
  auto place = recent_.end();
  for (int looked_at = 0; bytes_ > bytes_max_ && place != recent_.begin() && looked_at < looked_at_max; ++looked_at) {
    --place;
    Stream& stream = **place;
    // A dirty stream's row is older than its state; a book is asked for all the time.
    if (stream.first_dirty != 0 || stream.is_book) continue;
    const auto after = std::next(place);
    drop(stream);
    place = after;
  }
}

void StreamCache::clear() {
  dirty_.clear();
  recent_.clear();
  by_ordinal_.clear();
  by_name_.clear();
  bytes_ = 0;
}

}  // namespace daybook
