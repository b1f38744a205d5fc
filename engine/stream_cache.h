// The streams that a shard's writer holds in memory: folded states, who changed since its row was stored, and whom to
// let go when the budget is used up. One thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "domain/account.h"
#include "domain/book.h"
#include "eventstore/stream_index.h"

namespace daybook {

/// What an account's time goes by: its book's clock, or one of the book's test clocks.
struct ClockRef {
  std::string book;
  EntityRef test_clock;  ///< None: the book's own clock.
  auto operator<=>(const ClockRef&) const = default;
};

/// Under which name the index has what is due by that clock: the book's, or "book/clock_...".
std::string due_list(const ClockRef& clock);

struct Stream {
  std::string name;
  std::string book;
  std::uint64_t ordinal = 0;  ///< 0: not in the log yet.
  std::uint64_t version = 0;
  bool is_book = false;
  AccountState account;        ///< Of an account's stream.
  BookState book_state;        ///< Of a book's own.
  Position first_dirty = 0;    ///< Position of the first event that its stored row does not know; 0 if clean.
  Instant stored_due = never;  ///< The due instant that the index holds for it.
  std::uint64_t touched_in_group = 0;
  std::size_t charged_bytes = 0;
  std::list<Stream*>::iterator place;
  ClockRef clock() const { return {book, account.details.test_clock}; }
  Instant decided_at() const { return is_book ? book_state.decided_at : account.decided_at; }
};

class StreamCache {
 public:
  StreamCache(StreamIndex& index, std::size_t bytes_max) : index_(index), bytes_max_(bytes_max) {}

  /// The stream from memory or its stored row; null if the log does not have it. Throws StorageFault.
  Stream* find(std::string_view name);
  Stream* find(std::uint64_t ordinal);
  /// find(), or a new empty stream without an ordinal.
  Stream& find_or_make(std::string_view name);
  /// Those that are not in memory and have a stored row, read together: find() then has them. Throws StorageFault.
  void prefetch(std::vector<std::string> names);
  void prefetch(const std::vector<std::uint64_t>& ordinals);
  /// Gives a new stream its ordinal.
  void number(Stream& stream, std::uint64_t ordinal);

  void mark_dirty(Stream& stream, Position position);
  bool has_dirty() const { return !dirty_.empty(); }
  std::size_t dirty_count() const { return dirty_.size(); }
  /// The stream that is dirty the longest; requires has_dirty().
  Stream& oldest_dirty() { return *dirty_.front(); }
  const std::deque<Stream*>& dirty() const { return dirty_; }
  /// Removes the oldest dirty stream from the queue after its row was stored.
  void mark_oldest_stored();
  /// Makes it the most recently used and accounts for its size.
  void touch(Stream& stream);
  /// Lets clean streams go until the budget holds.
  void shrink();
  void clear();

  std::size_t bytes() const { return bytes_; }
  /// What was prefetched is a miss, and a hit when it is found.
  std::uint64_t hits() const { return hits_; }
  std::uint64_t misses() const { return misses_; }

 private:
  Stream* load(std::string_view name);
  Stream& take_row(std::string_view name, std::string_view row);
  /// From a state row; false if it is none of that stream.
  static bool decode(std::string_view row, Stream& stream);
  Stream& insert(std::string_view name);
  void drop(Stream& stream);

  StreamIndex& index_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::uint64_t hits_ = 0, misses_ = 0;
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
  };
  std::unordered_map<std::string, std::unique_ptr<Stream>, NameHash, std::equal_to<>> by_name_;
  std::unordered_map<std::uint64_t, Stream*> by_ordinal_;
  std::list<Stream*> recent_;  ///< Front: used last.
  std::deque<Stream*> dirty_;
};

/// "book/account" and "book/~book".
std::string account_stream(std::string_view book, std::string_view account_id);
std::string book_stream(std::string_view book);
/// The part before the slash.
std::string_view book_of_stream(std::string_view stream);
bool is_book_stream(std::string_view stream);

/// The state row of a stream: its kind and the domain's encoding.
std::string encode_stream_row(const Stream& stream);

}  // namespace daybook
