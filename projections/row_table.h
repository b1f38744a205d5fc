// The rows of one table of a view while they are folded: loaded when first needed, changed in memory, written once a
// batch whatever number of events touched them.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "eventstore/row_store.h"
#include "projections/damaged_view.h"
#include "projections/fold_event.h"

namespace daybook {

/// Rows of other tables that change with those of a RowTable, put in the order of their keys: a memtable takes
/// ascending keys several times as fast as others.
class RowChanges {
 public:
  void put(std::string key, std::string value) { changes_.push_back({std::move(key), std::move(value), false}); }
  void erase(std::string key) { changes_.push_back({std::move(key), {}, true}); }
  void write(RowBatch& batch) {
    std::sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) { return a.key < b.key; });
    for (const Change& change : changes_) {
      if (change.is_erased) {
        batch.erase(change.key);
      } else {
        batch.put(change.key, change.value);
      }
    }
    forget();
  }
  void forget() {
    changes_.clear();
    changes_.shrink_to_fit();
  }
  std::size_t memory_bytes() const { return changes_.size() * 400; }

 private:
  struct Change {
    std::string key, value;
    bool is_erased;
  };
  std::vector<Change> changes_;  ///< At most one a key.
};

/// Traits names Value, `static std::string encode(const Value&)`, `static bool decode(std::string_view, Value&)` (false
/// for damaged bytes) and `memory_bytes`, about what one row takes in memory.
template <class Traits>
class RowTable {
 public:
  using Value = typename Traits::Value;
  struct Row {
    Value value{};
    std::string key;
    bool is_stored = false;  ///< It is in the store; false for a row that this batch makes.
    bool is_changed = false;
  };

  void attach(const RowStore& store, bool is_empty) {
    store_ = &store;
    is_complete_ = is_empty;
  }

  /// Notes that the row will be needed. `make_key` gives its key; it is called for rows not in memory only.
  template <class MakeKey>
  void want(RowId id, MakeKey make_key) {
    if (is_complete_) return;
    const auto [entry, is_new] = rows_.try_emplace(id);
    if (!is_new) return;
    entry->second.key = make_key();
    wanted_.push_back(&entry->second);
  }

  /// Reads the wanted rows together.
  void load() {
    if (wanted_.empty()) return;
    std::sort(wanted_.begin(), wanted_.end(), [](const Row* a, const Row* b) { return a->key < b->key; });
    std::vector<std::string> keys;
    keys.reserve(wanted_.size());
    for (const Row* row : wanted_) keys.push_back(row->key);
    const auto values = store_->get_many(keys);
    for (std::size_t i = 0; i < values.size(); ++i) take_stored(*wanted_[i], values[i]);
    wanted_.clear();
  }

  /// The row, new and empty if there is none yet. A row that nobody wanted is read alone.
  template <class MakeKey>
  Row& at(RowId id, MakeKey make_key) {
    const auto [entry, is_new] = rows_.try_emplace(id);
    Row& row = entry->second;
    if (is_new) {
      row.key = make_key();
      if (!is_complete_) take_stored(row, store_->get(row.key));
    }
    return row;
  }

  /// A row that is known not to be in the store.
  template <class MakeKey>
  Row& add(RowId id, MakeKey make_key) {
    const auto [entry, is_new] = rows_.try_emplace(id);
    if (is_new) entry->second.key = make_key();
    return entry->second;
  }

  void change(Row& row) {
    if (row.is_changed) return;
    row.is_changed = true;
    changed_.push_back(&row);
  }

  /// Puts the changed rows in the order of their keys. `before(row)` sees each first, is_stored as before this write.
  template <class Before>
  void write(RowBatch& batch, Before before) {
    for_changed([&](Row& row) {
      before(row);
      batch.put(row.key, Traits::encode(row.value));
    });
  }
  void write(RowBatch& batch) {
    write(batch, [](Row&) {});
  }
  /// The same among other rows of the same table.
  void write(RowChanges& changes) {
    for_changed([&](Row& row) { changes.put(row.key, Traits::encode(row.value)); });
  }

  /// Forgets the rows that are hardly ever touched again. They must be written.
  template <class IsDone>
  void forget_if(IsDone is_done) {
    const std::size_t gone = std::erase_if(rows_, [&](const auto& entry) { return is_done(entry.second.value); });
    if (gone > 0) is_complete_ = false;
  }

  void forget() {
    rows_.clear();
    wanted_.clear();
    changed_.clear();
    is_complete_ = false;
  }

  std::size_t memory_bytes() const { return rows_.size() * (Traits::memory_bytes + sizeof(Row) + 96); }

 private:
  template <class Use>
  void for_changed(Use use) {
    std::sort(changed_.begin(), changed_.end(), [](const Row* a, const Row* b) { return a->key < b->key; });
    for (Row* row : changed_) {
      use(*row);
      row->is_stored = true;
      row->is_changed = false;
    }
    changed_.clear();
  }
  static void take_stored(Row& row, const std::optional<std::string>& bytes) {
    if (!bytes) return;
    if (!Traits::decode(*bytes, row.value)) throw DamagedView("a damaged row");
    row.is_stored = true;
  }

  const RowStore* store_ = nullptr;
  bool is_complete_ = false;  ///< What is not in memory does not exist.
  std::unordered_map<RowId, Row, RowIdHash> rows_;
  std::vector<Row*> wanted_, changed_;
};

/// Small numbers for texts, for ids in memory.
class TextNumbers {
 public:
  std::uint64_t of(std::string_view text) {
    const auto found = numbers_.find(text);
    if (found != numbers_.end()) return found->second;
    return numbers_.emplace(std::string(text), numbers_.size() + 1).first->second;
  }
  void forget() { numbers_.clear(); }
  std::size_t memory_bytes() const { return numbers_.size() * 128; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, std::uint64_t, Hash, std::equal_to<>> numbers_;
};

}  // namespace daybook
