// A disk of the simulation's own: files that are appended to, tables of rows, small cells that are overwritten. It
// knows what of each would survive a killed process and what a power loss, and it fails as it is told: operations that
// fail with some, all or nothing of their bytes written, no room, slowness, syncs that lie, and the end of the process
// at any operation. What a crash leaves is drawn from the seed.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/fault.h"
#include "tests/simulation/random.h"
#include "tests/simulation/simulated_clock.h"

namespace daybook::test {

/// The process ended in the middle of the operation: everything that it does from now on fails, until power_on().
class Crashed : public StorageFault {
 public:
  using StorageFault::StorageFault;
};

enum class CrashKind : std::uint8_t {
  kill,       ///< What was written is there, synced or not; what a table held in memory is not.
  power_loss  ///< Only what was synced is sure to be there.
};

class SimulatedDisk {
 public:
  SimulatedDisk(Random random, SimulatedClock& clock) : random_(random), clock_(clock) {}

  // ---- What goes wrong ----
  /// The process ends at that operation from now on (1: the next).
  void plan_crash(std::uint64_t operations, CrashKind kind);
  /// Ends it now, between two operations.
  void crash(CrashKind kind);
  bool is_off() const { return is_off_; }
  void power_on();
  /// One operation in so many fails; 0: none does.
  void fail_once_in(std::uint64_t operations) { fail_once_in_ = operations; }
  void set_full(bool is_full) { is_full_ = is_full; }
  /// Each operation takes that long, by the simulated clock.
  void set_delay(std::int64_t us) { delay_us_ = us; }
  /// Syncs return and have done nothing.
  void set_lying(bool lies) { lies_ = lies; }
  std::uint64_t operations() const { return operations_; }
  std::uint64_t free_bytes() const { return is_full_ ? 0 : std::uint64_t{1} << 40U; }

  // ---- Files: a sequence of writes, each of which may come to be torn ----
  using Writes = std::deque<std::string>;
  void append(const std::string& file, std::string bytes);
  void sync(const std::string& file);
  /// Cuts everything behind the first `writes` of them, durably.
  void truncate(const std::string& file, std::size_t writes);
  const Writes& writes(const std::string& file) { return files_[file].writes; }

  // ---- Cells: overwritten in place, made durable together ----
  void write_cell(const std::string& cell, std::string bytes);
  void sync_cells();
  std::string read_cell(const std::string& cell) const;

  // ---- Tables: batches of rows, durable in the order in which they came ----
  class Table;
  /// Throws StorageFault if it is open already.
  Table& open_table(const std::string& name);
  void erase_table(const std::string& name) { tables_.erase(name); }
  void erase_tables_under(const std::string& prefix);

  /// What every operation passes through. Throws Crashed, DiskFull (if it needs room), StorageFault.
  void operate(bool needs_room);
  /// The same for what touches no disk: the process may end there, and nothing else goes wrong.
  void operate_in_memory();

 private:
  struct File {
    Writes writes;
    std::size_t synced = 0;
  };
  struct Cell {
    std::string written, synced;
  };
  /// Whether the operation ends the process.
  bool ends_now();
  /// Some, all or nothing of the bytes got there.
  void append_part(File& file, std::string bytes);
  void lose(CrashKind kind);

  Random random_;
  SimulatedClock& clock_;
  bool is_off_ = false;
  std::uint64_t crash_in_ = 0;
  CrashKind crash_kind_ = CrashKind::kill;
  std::uint64_t fail_once_in_ = 0;
  bool is_full_ = false;
  bool lies_ = false;
  std::int64_t delay_us_ = 0;
  std::uint64_t operations_ = 0;
  std::map<std::string, File> files_;
  std::map<std::string, Cell> cells_;
  std::map<std::string, Table> tables_;
};

/// An ordered map whose last batches a crash takes back. Rows keep the versions that a snapshot still needs.
class SimulatedDisk::Table {
 public:
  using Change = std::pair<std::string, std::optional<std::string>>;

  void apply(const std::vector<Change>& changes);
  /// Everything applied so far stays.
  void flush() { undo_.clear(); }
  /// Takes back all batches behind the first `kept` of those that are not durable.
  void take_back(std::size_t kept);
  std::size_t unflushed() const { return undo_.size(); }

  std::uint64_t take_snapshot();
  void release_snapshot(std::uint64_t number);
  static constexpr std::uint64_t newest = std::numeric_limits<std::uint64_t>::max();
  /// As of the snapshot; null if there is no such row.
  const std::string* find(const std::string& key, std::uint64_t snapshot) const;
  struct Version {
    std::uint64_t number;
    std::optional<std::string> value;
  };
  using Rows = std::map<std::string, std::vector<Version>, std::less<>>;
  const Rows& rows() const { return rows_; }
  static const std::string* value_at(const std::vector<Version>& versions, std::uint64_t snapshot);

  bool is_open = false;
  std::uint64_t bytes = 0;

 private:
  void set(const std::string& key, std::optional<std::string> value);

  Rows rows_;
  std::uint64_t number_ = 0;  ///< Of the last batch.
  std::vector<std::vector<Change>> undo_;
  std::multimap<std::uint64_t, int> snapshots_;
};

}  // namespace daybook::test
