#include "eventstore/stream_index.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <condition_variable>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>

#include "eventstore/damaged_row.h"
#include "eventstore/key_filter.h"
#include "eventstore/key_table.h"

namespace daybook {
namespace {

constexpr std::size_t run_entries_target = 65'536;            ///< A run is written when it has this many entries,
constexpr auto run_age_max = std::chrono::milliseconds(500);  ///< or is this old.
constexpr std::size_t flush_bytes = 8 << 20;  ///< In memory before it is on the disk: what a kill leaves to fold again.

void append_be(std::string& out, std::uint64_t value) {
  const std::uint64_t big = std::endian::native == std::endian::little ? __builtin_bswap64(value) : value;
  out.append(reinterpret_cast<const char*>(&big), sizeof big);
}

/// Requires eight bytes.
std::uint64_t read_be(std::string_view bytes) {
  std::uint64_t big = 0;
  bytes.copy(reinterpret_cast<char*>(&big), sizeof big);
  return std::endian::native == std::endian::little ? __builtin_bswap64(big) : big;
}

void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

/// Nothing if there is no whole one.
std::optional<std::uint64_t> read_varint(std::string_view& in) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(in.front());
    in.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return std::nullopt;
}

std::string positions_key(std::uint64_t ordinal, std::uint64_t version) {
  std::string key = "p";
  append_be(key, ordinal);
  append_be(key, version);
  return key;
}

std::string hash_row_key(const KeyHash& hash) {
  std::string key = "k";
  append_be(key, hash[0]);
  append_be(key, hash[1]);
  return key;
}

std::string ordinal_key(std::uint64_t ordinal) {
  std::string key = "o";
  append_be(key, ordinal);
  return key;
}

std::string state_key(const std::string& stream) {
  return "s" + stream;
}

std::string entity_key(std::uint64_t ordinal, std::uint64_t version, std::uint16_t slot) {
  std::string key = "e";
  append_be(key, ordinal);
  append_be(key, version);
  append_be(key, slot);
  return key;
}

std::string due_key(std::string_view list, std::int64_t at_us, std::uint64_t ordinal) {
  std::string key = "d";
  key.append(list);
  key.push_back('\0');
  append_be(key, static_cast<std::uint64_t>(at_us));
  append_be(key, ordinal);
  return key;
}

constexpr std::string_view meta_key = "m";
constexpr std::size_t number_bytes = sizeof(std::uint64_t);
constexpr std::size_t two_numbers_key_bytes = 1 + 2 * number_bytes;  ///< Of 'p' and 'k'.

/// What was added and is not written yet. Positions stay in the order they came: they are looked for rarely, and sorted
/// once, by the thread that writes them.
struct Run {
  std::vector<std::vector<IndexUpdate::StreamPosition>> positions;
  KeyTable keys;
  std::unordered_map<std::uint64_t, std::string> names;
  std::unordered_map<std::string, std::uint64_t> ordinals;
  std::unordered_map<std::string, std::string> states;
  std::map<std::string, std::string> entities;  // by key
  std::map<std::string, bool> due;              // by key; false: erased
  std::size_t entries = 0;
  Position checkpoint = 0;
  std::uint64_t streams = 0;
  Position highest = 0;  ///< Of all positions added so far.
};

/// Look in a run for a stream's state row, and for the name of an ordinal.
auto state_in(const std::string& stream) {
  return [&stream](const Run& run) -> std::optional<std::string> {
    const auto found = run.states.find(stream);
    if (found == run.states.end()) return std::nullopt;
    return found->second;
  };
}
auto name_in(std::uint64_t ordinal) {
  return [ordinal](const Run& run) -> std::optional<std::string> {
    const auto found = run.names.find(ordinal);
    if (found == run.names.end()) return std::nullopt;
    return found->second;
  };
}

class Index final : public StreamIndex {
 public:
  explicit Index(const Options& options) : directory_(options.directory) {
    RowStore::Options rows;
    rows.directory = options.directory;
    rows.row_format = options.row_format;
    rows.block_cache_bytes = options.block_cache_bytes;
    rows.env = options.env;
    rows.read_only = options.read_only;
    rows.flush_bytes = flush_bytes;
    store_ = options.open_rows(rows);
    if (const auto meta = store_->get(meta_key)) {
      require(meta->size() == 3 * number_bytes, meta_key, another_length);
      checkpoint_ = read_be(*meta);
      streams_ = read_be(std::string_view(*meta).substr(number_bytes));
      highest_ = read_be(std::string_view(*meta).substr(2 * number_bytes));
      stored_before_ = highest_;
    }
    if (options.read_only) {
      fault_ = "the index is open for reading only";
      return;
    }
    if (!options.threads) {
      fill_filter();
      return;
    }
    thread_ = std::thread([this] { run(); });
    fill_thread_ = std::thread([this] { fill_filter(); });
  }

  ~Index() override {
    if (!thread_.joinable()) {
      Index::write_waiting();
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    stop_filling_ = true;
    for (std::thread* thread : {&fill_thread_, &thread_}) {
      if (thread->joinable()) thread->join();
    }
  }

  Position checkpoint() const override {
    const std::lock_guard lock(mutex_);
    return checkpoint_;
  }
  std::uint64_t streams() const override {
    const std::lock_guard lock(mutex_);
    return streams_;
  }

  void add(IndexUpdate update) override {
    const std::lock_guard lock(mutex_);
    if (!fault_.empty()) throw StorageFault(fault_);
    Run& run = *current_;
    run.entries += update.entries();
    for (const auto& [hash, position] : update.keys) {
      new_keys_.add(hash);
      run.keys.insert(hash, position);
    }
    for (const auto& at : update.positions) highest_ = std::max(highest_, at.position);
    if (!update.positions.empty()) run.positions.push_back(std::move(update.positions));
    for (auto& [ordinal, name] : update.new_streams) {
      streams_ = std::max(streams_, ordinal);
      run.ordinals.insert_or_assign(name, ordinal);
      run.names.insert_or_assign(ordinal, std::move(name));
    }
    for (auto& [stream, row] : update.state_rows) run.states.insert_or_assign(std::move(stream), std::move(row));
    for (auto& entity : update.entity_rows) {
      run.entities.insert_or_assign(entity_key(entity.ordinal, entity.version, entity.slot), std::move(entity.row));
    }
    for (const auto& due : update.due) run.due.insert_or_assign(due_key(due.list, due.at_us, due.ordinal), !due.erase);
    run.checkpoint = update.checkpoint;
    run.streams = streams_;
    run.highest = highest_;
    if (run.entries >= run_entries_target) wake_.notify_all();
  }

  std::size_t backlog() const override {
    const std::lock_guard lock(mutex_);
    if (!fault_.empty()) return 0;
    return current_->entries + (writing_ ? writing_->entries : 0);
  }

  void write_waiting() override {
    std::unique_lock lock(mutex_);
    while (write_run(lock)) continue;
  }

  void flush() override {
    if (!thread_.joinable()) write_waiting();
    std::unique_lock lock(mutex_);
    flush_wanted_ = thread_.joinable();
    wake_.notify_all();
    flushed_.wait(lock, [this] { return !fault_.empty() || (!flush_wanted_ && !writing_ && current_->entries == 0); });
    if (!fault_.empty()) throw StorageFault(fault_);
    lock.unlock();
    store_->flush();
  }

  std::optional<Position> find_key(const KeyHash& key) const override {
    {
      const std::lock_guard lock(mutex_);
      if (new_keys_.may_hold(key)) {
        if (auto found = current_->keys.find(key)) return found;
        if (writing_) {
          if (auto found = writing_->keys.find(key)) return found;
        }
      } else if (old_keys_ && !old_keys_->may_hold(key)) {
        return std::nullopt;
      }
    }
    return number_at(hash_row_key(key));
  }

  std::uint64_t count_keys(Position up_to) const override {
    std::uint64_t count = 0;
    store_->snapshot()->scan("k", "l", [&](std::string_view key, std::string_view row) {
      if (number_in(key, row) <= up_to) ++count;
      return true;
    });
    return count;
  }

  std::optional<std::string> state_row(std::string_view stream) const override {
    const std::string name(stream);
    if (auto found = in_memory(state_in(name))) return found;
    return store_->get(state_key(name));
  }

  std::vector<std::optional<std::string>> state_rows(const std::vector<std::string>& streams) const override {
    return find_many(streams, state_in, state_key);
  }

  std::optional<std::string> entity_row(std::uint64_t ordinal, std::uint64_t version,
                                        std::uint16_t slot) const override {
    const std::string key = entity_key(ordinal, version, slot);
    const auto in = [&](const Run& run) -> std::optional<std::string> {
      const auto found = run.entities.find(key);
      if (found == run.entities.end()) return std::nullopt;
      return found->second;
    };
    if (auto found = in_memory(in)) return found;
    return store_->get(key);
  }

  std::optional<std::string> stream_name(std::uint64_t ordinal) const override {
    if (auto found = in_memory(name_in(ordinal))) return found;
    const std::string key = ordinal_key(ordinal);
    auto name = store_->get(key);
    if (name) require_name(*name, key);
    return name;
  }

  std::vector<std::optional<std::string>> stream_names(const std::vector<std::uint64_t>& ordinals) const override {
    auto names = find_many(ordinals, name_in, ordinal_key);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i]) require_name(*names[i], ordinal_key(ordinals[i]));
    }
    return names;
  }

  std::optional<std::uint64_t> stream_ordinal(std::string_view stream) const override {
    const std::string name(stream);
    const auto in = [&](const Run& run) -> std::optional<std::uint64_t> {
      const auto found = run.ordinals.find(name);
      if (found == run.ordinals.end()) return std::nullopt;
      return found->second;
    };
    if (auto found = in_memory(in)) return found;
    return number_at("n" + name);
  }

  std::vector<Position> positions(std::uint64_t ordinal, std::uint64_t from, std::uint64_t to) const override {
    // Memory first, then disk: what moves from one to the other in between is seen twice, never missed.
    std::vector<IndexUpdate::StreamPosition> recent;
    {
      const std::lock_guard lock(mutex_);
      for (const Run* run : {writing_.get(), current_.get()}) {
        if (run == nullptr) continue;
        for (const auto& group : run->positions) {
          for (const auto& at : group) {
            if (at.ordinal == ordinal && at.version >= from && at.version <= to) recent.push_back(at);
          }
        }
      }
    }
    std::vector<Position> result;
    std::uint64_t next = from;
    const auto take = [&](std::uint64_t version, Position position) {
      if (version != next || version > to) return;
      result.push_back(position);
      ++next;
    };
    const auto snapshot = store_->snapshot();
    // The run that holds `from` may start before it.
    std::string first = positions_key(ordinal, from);
    snapshot->scan_backward(positions_key(ordinal, 0), positions_key(ordinal, from + 1),
                            [&](std::string_view key, std::string_view) {
                              first.assign(key);
                              return false;
                            });
    snapshot->scan(first, positions_key(ordinal + 1, 0), [&](std::string_view key, std::string_view row) {
      require(key.size() == two_numbers_key_bytes, key, another_length);
      std::uint64_t version = read_be(key.substr(1 + number_bytes));
      if (version > to) return false;
      require(!row.empty(), key, "holds no positions");
      Position position = 0;
      while (!row.empty()) {
        const auto step = read_varint(row);
        require(step && *step > 0 && *step <= std::numeric_limits<Position>::max() - position, key,
                "holds no ascending positions");
        position += *step;
        take(version++, position);
      }
      return next <= to;
    });
    std::sort(recent.begin(), recent.end(), [](const auto& a, const auto& b) { return a.version < b.version; });
    for (const auto& at : recent) take(at.version, at.position);
    return result;
  }

  std::vector<DueRow> due(std::string_view list, std::int64_t from_us, std::int64_t to_us) const override {
    const std::string from = due_key(list, from_us, 0);
    const std::string to = due_key(list, to_us, 0);
    std::map<std::string, bool> recent;
    {
      const std::lock_guard lock(mutex_);
      for (const Run* run : {writing_.get(), current_.get()}) {
        if (run == nullptr) continue;
        for (auto row = run->due.lower_bound(from); row != run->due.end() && row->first < to; ++row) {
          recent.insert_or_assign(row->first, row->second);
        }
      }
    }
    std::set<std::string> keys;
    store_->snapshot()->scan(from, to, [&](std::string_view key, std::string_view) {
      require(key.size() == from.size(), key, another_length);
      keys.emplace(key);
      return true;
    });
    for (const auto& [key, is_due] : recent) {
      if (is_due) {
        keys.insert(key);
      } else {
        keys.erase(key);
      }
    }
    std::vector<DueRow> rows;
    rows.reserve(keys.size());
    for (const std::string& key : keys) {
      const std::string_view tail = std::string_view(key).substr(key.size() - 2 * number_bytes);
      rows.push_back({static_cast<std::int64_t>(read_be(tail)), read_be(tail.substr(number_bytes))});
    }
    return rows;
  }

  std::vector<std::string> books() const override {
    std::set<std::string> names;
    const auto take = [&](std::string_view stream) {
      const auto slash = stream.find('/');
      if (slash != std::string_view::npos) names.emplace(stream.substr(0, slash));
    };
    {
      const std::lock_guard lock(mutex_);
      for (const Run* run : {writing_.get(), current_.get()}) {
        if (run == nullptr) continue;
        for (const auto& [ordinal, name] : run->names) take(name);
      }
    }
    // Streams of one book stand together: skip from book to book.
    const auto snapshot = store_->snapshot();
    std::string from = "n";
    while (true) {
      std::string book;
      snapshot->scan(from, "o", [&](std::string_view key, std::string_view) {
        require(key.find('/') != std::string_view::npos, key, "names no stream");
        take(key.substr(1));
        book = key.substr(1, key.find('/') - 1);
        return false;
      });
      if (book.empty()) break;
      from = "n" + book;
      from.push_back('0');  // the character after '/'
    }
    return {names.begin(), names.end()};
  }

  std::uint64_t disk_bytes() const override { return store_->disk_bytes(); }

 private:
  static constexpr std::string_view another_length = "has another length than was written";

  /// Throws DamagedRow about that row unless the condition holds.
  void require(bool condition, std::string_view key, std::string_view why) const {
    if (!condition) throw DamagedRow(directory_, key, why);
  }
  std::uint64_t number_in(std::string_view key, std::string_view row) const {
    require(row.size() == number_bytes, key, another_length);
    return read_be(row);
  }
  std::optional<std::uint64_t> number_at(const std::string& key) const {
    const auto row = store_->get(key);
    if (!row) return std::nullopt;
    return number_in(key, *row);
  }

  void require_name(std::string_view stream, std::string_view key) const {
    require(stream.find('/') != std::string_view::npos, key, "names no stream");
  }

  /// Of each thing what is in memory, or else the row under its key: those are read together.
  template <class Thing, class LookupIn, class KeyOf>
  std::vector<std::optional<std::string>> find_many(const std::vector<Thing>& things, LookupIn lookup_in,
                                                    KeyOf key_of) const {
    std::vector<std::optional<std::string>> rows;
    rows.reserve(things.size());
    std::vector<std::string> keys;
    std::vector<std::size_t> places;
    for (const Thing& thing : things) {
      rows.push_back(in_memory(lookup_in(thing)));
      if (rows.back()) continue;
      places.push_back(rows.size() - 1);
      keys.push_back(key_of(thing));
    }
    auto stored = store_->get_many(keys);
    for (std::size_t i = 0; i < places.size(); ++i) rows[places[i]] = std::move(stored[i]);
    return rows;
  }

  template <class Lookup>
  auto in_memory(const Lookup& lookup) const -> decltype(lookup(std::declval<const Run&>())) {
    const std::lock_guard lock(mutex_);
    if (auto found = lookup(*current_)) return found;
    if (writing_) return lookup(*writing_);
    return std::nullopt;
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait_for(lock, run_age_max,
                     [this] { return stopping_ || flush_wanted_ || current_->entries >= run_entries_target; });
      if (write_run(lock)) continue;
      if (!fault_.empty()) return;
      flush_wanted_ = false;
      flushed_.notify_all();
      if (stopping_) return;
    }
  }

  /// Writes everything that waits, with `lock` open meanwhile. False if there was nothing, or it could not be written.
  bool write_run(std::unique_lock<std::mutex>& lock) {
    if (!fault_.empty() || (current_->entries == 0 && current_->checkpoint <= checkpoint_)) return false;
    writing_ = std::move(current_);
    current_ = std::make_unique<Run>();
    current_->checkpoint = writing_->checkpoint;
    lock.unlock();
    std::string fault;
    try {
      write(*writing_);
    } catch (const StorageFault& error) {
      fault = error.what();
    }
    std::unique_ptr<Run> written;
    lock.lock();
    if (!fault.empty()) {
      fault_ = fault;
      flushed_.notify_all();
      return false;
    }
    checkpoint_ = writing_->checkpoint;
    written = std::move(writing_);
    lock.unlock();
    written.reset();  // freed outside the lock: a run is large
    lock.lock();
    return true;
  }

  /// Fills the filter of the keys that were stored before this start; until then, or if they cannot be read, they are
  /// looked up.
  void fill_filter() try {
    auto filter = std::make_unique<KeyFilter>();
    store_->snapshot()->scan("k", "l", [&](std::string_view key, std::string_view) {
      require(key.size() == two_numbers_key_bytes, key, another_length);
      filter->add({read_be(key.substr(1)), read_be(key.substr(1 + number_bytes))});
      return !stop_filling_;
    });
    if (stop_filling_) return;
    const std::lock_guard lock(mutex_);
    old_keys_ = std::move(filter);
  } catch (const StorageFault&) {
  }

  /// What is added again after a crash comes in other runs than before. A run of then that begins within one of now
  /// would hide from positions() what stands behind it.
  void erase_within(RowBatch& batch, std::uint64_t ordinal, std::uint64_t from, std::uint64_t to) const {
    store_->snapshot()->scan(positions_key(ordinal, from + 1), positions_key(ordinal, to + 1),
                             [&](std::string_view key, std::string_view) {
                               batch.erase(key);
                               return true;
                             });
  }

  /// One batch, sorted by key, so that the memtable's inserts are cheap.
  void write(const Run& run) {
    std::vector<std::pair<std::string, std::string>> puts;
    puts.reserve(run.entries);
    const auto batch = store_->new_batch();
    std::vector<IndexUpdate::StreamPosition> positions;
    for (const auto& group : run.positions) positions.insert(positions.end(), group.begin(), group.end());
    std::sort(positions.begin(), positions.end(), [](const auto& a, const auto& b) {
      return std::pair(a.ordinal, a.version) < std::pair(b.ordinal, b.version);
    });
    for (auto at = positions.begin(); at != positions.end();) {
      std::string key = positions_key(at->ordinal, at->version);
      std::string row;
      Position previous = 0;
      const std::uint64_t ordinal = at->ordinal;
      const IndexUpdate::StreamPosition first = *at;
      for (; at != positions.end() && at->ordinal == ordinal; ++at) {
        append_varint(row, at->position - previous);
        previous = at->position;
      }
      if (first.position <= stored_before_) erase_within(*batch, ordinal, first.version, std::prev(at)->version);
      puts.emplace_back(std::move(key), std::move(row));
    }
    for (const KeyTable::Entry& entry : run.keys.places()) {
      if (entry.position == 0) continue;
      std::string row;
      append_be(row, entry.position);
      puts.emplace_back(hash_row_key(entry.hash), std::move(row));
    }
    for (const auto& [ordinal, name] : run.names) {
      puts.emplace_back(ordinal_key(ordinal), name);
      std::string row;
      append_be(row, ordinal);
      puts.emplace_back("n" + name, std::move(row));
    }
    for (const auto& [stream, row] : run.states) puts.emplace_back(state_key(stream), row);
    for (const auto& [key, row] : run.entities) puts.emplace_back(key, row);
    std::sort(puts.begin(), puts.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [key, is_due] : run.due) {
      if (is_due) {
        batch->put(key, {});
      } else {
        batch->erase(key);
      }
    }
    for (const auto& [key, row] : puts) batch->put(key, row);
    std::string meta;
    append_be(meta, run.checkpoint);
    append_be(meta, run.streams);
    append_be(meta, run.highest);
    batch->put(meta_key, meta);
    store_->write(*batch);
  }

  const std::filesystem::path directory_;
  std::unique_ptr<RowStore> store_;
  mutable std::mutex mutex_;
  std::condition_variable wake_, flushed_;
  std::unique_ptr<Run> current_ = std::make_unique<Run>();
  std::unique_ptr<Run> writing_;
  Position checkpoint_ = 0;
  std::uint64_t streams_ = 0;
  Position highest_ = 0;        ///< Of all positions added, in this life or before.
  Position stored_before_ = 0;  ///< Up to here positions may have been stored before this start, in other runs.
  std::string fault_;
  bool flush_wanted_ = false;
  bool stopping_ = false;
  KeyFilter new_keys_;                   ///< Added since the start.
  std::unique_ptr<KeyFilter> old_keys_;  ///< Stored before it; null until it is filled.
  std::atomic<bool> stop_filling_{false};
  std::thread fill_thread_;
  std::thread thread_;
};

}  // namespace

KeyHash hash_key(std::string_view book, std::string_view principal, std::string_view key) {
  std::string text;
  text.reserve(book.size() + principal.size() + key.size() + 2);
  text.append(book).push_back('\0');
  text.append(principal).push_back('\0');
  text.append(key);
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return {hash.high64, hash.low64};
}

std::unique_ptr<StreamIndex> StreamIndex::open(const Options& options) {
  return std::make_unique<Index>(options);
}

}  // namespace daybook
