#include "tests/simulation/simulated_row_store.h"

namespace daybook::test {
namespace {

using Table = SimulatedDisk::Table;

class SimulatedBatch final : public RowBatch {
 public:
  void put(std::string_view key, std::string_view value) override { changes_.emplace_back(key, std::string(value)); }
  void erase(std::string_view key) override { changes_.emplace_back(key, std::nullopt); }
  std::size_t count() const override { return changes_.size(); }
  void clear() override { changes_.clear(); }
  const std::vector<Table::Change>& changes() const { return changes_; }

 private:
  std::vector<Table::Change> changes_;
};

class SimulatedSnapshot final : public RowStore::Snapshot {
 public:
  explicit SimulatedSnapshot(Table& table) : table_(table), number_(table.take_snapshot()) {}
  ~SimulatedSnapshot() override { table_.release_snapshot(number_); }

  std::optional<std::string> get(std::string_view key) const override {
    const std::string* value = table_.find(std::string(key), number_);
    return value ? std::optional(*value) : std::nullopt;
  }
  void scan(std::string_view from, std::string_view to,
            const std::function<bool(std::string_view, std::string_view)>& row) const override {
    const Table::Rows& rows = table_.rows();
    const auto end = to.empty() ? rows.end() : rows.lower_bound(to);
    for (auto at = rows.lower_bound(from); at != rows.end() && at != end; ++at) {
      const std::string* value = Table::value_at(at->second, number_);
      if (value != nullptr && !row(at->first, *value)) return;
    }
  }
  void scan_backward(std::string_view from, std::string_view to,
                     const std::function<bool(std::string_view, std::string_view)>& row) const override {
    const Table::Rows& rows = table_.rows();
    for (auto at = to.empty() ? rows.end() : rows.lower_bound(to); at != rows.begin();) {
      --at;
      if (at->first < from) return;
      const std::string* value = Table::value_at(at->second, number_);
      if (value != nullptr && !row(at->first, *value)) return;
    }
  }

 private:
  Table& table_;
  std::uint64_t number_;
};

class SimulatedRowStore final : public RowStore {
 public:
  SimulatedRowStore(SimulatedDisk& disk, const Options& options)
      : disk_(disk), flush_bytes_(options.flush_bytes), table_(open(disk, options)) {}
  ~SimulatedRowStore() override {
    if (disk_.is_off()) return;
    try {
      if (!failed_) SimulatedRowStore::flush();
    } catch (const StorageFault&) {
      failed_ = true;  // nobody is there to be told; as after a crash, some of the last batches are lost
    }
    if (failed_) table_.take_back(0);
    table_.is_open = false;
  }
  SimulatedRowStore(const SimulatedRowStore&) = delete;
  SimulatedRowStore& operator=(const SimulatedRowStore&) = delete;

  std::unique_ptr<RowBatch> new_batch() const override { return std::make_unique<SimulatedBatch>(); }

  void write(RowBatch& batch) override {
    if (failed_) throw StorageFault("the simulated store failed before");
    disk_.operate_in_memory();
    table_.apply(static_cast<SimulatedBatch&>(batch).changes());
    if (table_.bytes < flush_bytes_) return;
    try {
      flush();
    } catch (const StorageFault&) {
      // As RocksDB does it in the background: this batch is in, the next one learns it.
    }
  }
  void flush() override {
    if (failed_) throw StorageFault("the simulated store failed before");
    try {
      disk_.operate(true);
    } catch (const StorageFault&) {
      failed_ = true;
      throw;
    }
    table_.flush();
    table_.bytes = 0;
  }

  std::optional<std::string> get(std::string_view key) const override {
    const std::string* value = table_.find(std::string(key), Table::newest);
    return value ? std::optional(*value) : std::nullopt;
  }
  std::vector<std::optional<std::string>> get_many(const std::vector<std::string>& keys) const override {
    std::vector<std::optional<std::string>> rows;
    for (const std::string& key : keys) rows.push_back(get(key));
    return rows;
  }
  std::unique_ptr<Snapshot> snapshot() const override { return std::make_unique<SimulatedSnapshot>(table_); }
  std::uint64_t disk_bytes() const override {
    std::uint64_t bytes = 0;
    for (const auto& [key, versions] : table_.rows()) bytes += key.size() + versions.size();
    return bytes;
  }

 private:
  static Table& open(SimulatedDisk& disk, const Options& options) {
    if (!std::filesystem::exists(options.directory)) disk.erase_table(options.directory);
    std::filesystem::create_directories(options.directory);
    return disk.open_table(options.directory);
  }

  SimulatedDisk& disk_;
  const std::size_t flush_bytes_;
  Table& table_;
  bool failed_ = false;
};

}  // namespace

std::unique_ptr<RowStore> open_simulated_rows(SimulatedDisk& disk, const RowStore::Options& options) {
  return std::make_unique<SimulatedRowStore>(disk, options);
}

}  // namespace daybook::test
