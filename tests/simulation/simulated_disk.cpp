#include "tests/simulation/simulated_disk.h"

#include <algorithm>

namespace daybook::test {

// ---- What goes wrong ------------------------------------------------------------------------------------------------

void SimulatedDisk::plan_crash(std::uint64_t operations, CrashKind kind) {
  crash_in_ = operations;
  crash_kind_ = kind;
}

void SimulatedDisk::crash(CrashKind kind) {
  crash_in_ = 0;
  if (!is_off_) lose(kind);
}

void SimulatedDisk::power_on() {
  is_off_ = false;
  for (auto& [name, table] : tables_) table.is_open = false;
}

bool SimulatedDisk::ends_now() {
  return crash_in_ != 0 && --crash_in_ == 0;
}

void SimulatedDisk::operate_in_memory() {
  if (is_off_) throw Crashed("the process has ended");
  ++operations_;
  if (!ends_now()) return;
  lose(crash_kind_);
  throw Crashed("the process ends");
}

void SimulatedDisk::operate(bool needs_room) {
  operate_in_memory();
  if (delay_us_ != 0) clock_.pass(delay_us_);
  if (needs_room && is_full_) throw DiskFull("no space left on the simulated disk");
  if (fail_once_in_ != 0 && random_.once_in(fail_once_in_)) throw StorageFault("an operation of the simulated disk");
}

void SimulatedDisk::lose(CrashKind kind) {
  is_off_ = true;
  for (auto& [name, file] : files_) {
    if (kind == CrashKind::kill) continue;
    // Writes reach the disk in order; the last that does may be torn.
    const std::size_t kept = file.synced + random_.below(file.writes.size() - file.synced + 1);
    if (kept < file.writes.size() && random_.once_in(2)) {
      std::string& torn = file.writes[kept];
      torn.resize(random_.below(torn.size() + 1));
      file.writes.resize(kept + 1);
    } else {
      file.writes.resize(kept);
    }
    file.synced = file.writes.size();
  }
  for (auto& [name, cell] : cells_) {
    if (kind == CrashKind::power_loss && random_.once_in(2)) cell.written = cell.synced;
    if (kind == CrashKind::power_loss) cell.synced = cell.written;
  }
  for (auto& [name, table] : tables_) table.take_back(random_.below(table.unflushed() + 1));
}

// ---- Files ----------------------------------------------------------------------------------------------------------

void SimulatedDisk::append_part(File& file, std::string bytes) {
  const std::uint64_t part = random_.below(3);
  if (part == 0) return;
  if (part == 1) bytes.resize(random_.below(bytes.size() + 1));
  file.writes.push_back(std::move(bytes));
}

void SimulatedDisk::append(const std::string& name, std::string bytes) {
  File& file = files_[name];
  if (!is_off_ && crash_in_ == 1) append_part(file, bytes);  // then the crash takes its share of that
  try {
    operate(true);
  } catch (const Crashed&) {
    throw;
  } catch (const StorageFault&) {
    append_part(file, std::move(bytes));
    throw;
  }
  file.writes.push_back(std::move(bytes));
}

void SimulatedDisk::sync(const std::string& name) {
  operate(true);
  File& file = files_[name];
  if (!lies_) file.synced = file.writes.size();
}

void SimulatedDisk::truncate(const std::string& name, std::size_t writes) {
  operate(true);
  File& file = files_[name];
  file.writes.resize(writes);
  file.synced = std::min(file.synced, writes);
}

// ---- Cells ----------------------------------------------------------------------------------------------------------

void SimulatedDisk::write_cell(const std::string& name, std::string bytes) {
  operate(true);
  cells_[name].written = std::move(bytes);
}

void SimulatedDisk::sync_cells() {
  operate(true);
  if (lies_) return;
  for (auto& [name, cell] : cells_) cell.synced = cell.written;
}

std::string SimulatedDisk::read_cell(const std::string& name) const {
  const auto found = cells_.find(name);
  return found == cells_.end() ? std::string() : found->second.written;
}

// ---- Tables ---------------------------------------------------------------------------------------------------------

SimulatedDisk::Table& SimulatedDisk::open_table(const std::string& name) {
  operate(false);
  Table& table = tables_[name];
  if (table.is_open) throw StorageFault("the simulated table " + name + " is open already");
  table.is_open = true;
  return table;
}

void SimulatedDisk::erase_tables_under(const std::string& prefix) {
  std::erase_if(tables_, [&](const auto& one) { return one.first.starts_with(prefix); });
}

const std::string* SimulatedDisk::Table::value_at(const std::vector<Version>& versions, std::uint64_t snapshot) {
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    if (version->number <= snapshot) return version->value ? &*version->value : nullptr;
  }
  return nullptr;
}

const std::string* SimulatedDisk::Table::find(const std::string& key, std::uint64_t snapshot) const {
  const auto row = rows_.find(key);
  return row == rows_.end() ? nullptr : value_at(row->second, snapshot);
}

void SimulatedDisk::Table::set(const std::string& key, std::optional<std::string> value) {
  if (snapshots_.empty()) {
    if (!value) {
      rows_.erase(key);
      return;
    }
    std::vector<Version>& versions = rows_[key];
    versions.clear();
    versions.push_back({number_, std::move(value)});
    return;
  }
  std::vector<Version>& versions = rows_[key];
  if (!versions.empty() && versions.back().number == number_) {
    versions.back().value = std::move(value);
  } else {
    versions.push_back({number_, std::move(value)});
  }
}

void SimulatedDisk::Table::apply(const std::vector<Change>& changes) {
  ++number_;
  std::vector<Change>& undo = undo_.emplace_back();
  for (const auto& [key, value] : changes) {
    const std::string* before = find(key, newest);
    undo.emplace_back(key, before ? std::optional(*before) : std::nullopt);
    bytes += key.size() + (value ? value->size() : 0);
    set(key, value);
  }
}

void SimulatedDisk::Table::take_back(std::size_t kept) {
  snapshots_.clear();
  while (undo_.size() > kept) {
    ++number_;
    for (auto change = undo_.back().rbegin(); change != undo_.back().rend(); ++change) {
      set(change->first, std::move(change->second));
    }
    undo_.pop_back();
  }
  undo_.clear();
}

std::uint64_t SimulatedDisk::Table::take_snapshot() {
  snapshots_.emplace(number_, 0);
  return number_;
}

void SimulatedDisk::Table::release_snapshot(std::uint64_t number) {
  const auto found = snapshots_.find(number);
  if (found != snapshots_.end()) snapshots_.erase(found);
}

}  // namespace daybook::test
