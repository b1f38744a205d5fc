// RowStore over RocksDB without a write-ahead log: one column family, so its memtables reach the disk in the order in
// which they were written, and a batch lies in one memtable. Hence what a crash leaves is a prefix of the batches.
//
//   stored row := key -> value checksum:u32le    checksum := lower half of XXH3-64 of the value, seeded with XXH3-64 of
//                                                the key: a row under another key does not pass
//   format     := "" -> store format, ".", row_format    in decimal; the first row, which nobody else sees
//
// RocksDB's own checksums are of blocks on the disk; this one is of what a reader gets in its hands.
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "eventstore/damaged_row.h"
#include "eventstore/rocks_open.h"
#include "eventstore/row_store.h"
#include "eventstore/table_check.h"

namespace daybook {
namespace {

/// Room for writes while older memtables are being flushed.
constexpr int rows_memtables_max = 4;
constexpr double bloom_bits_per_key = 10;
constexpr std::size_t rows_block_bytes = 8 * 1024;
/// Batches come sorted, so that an insert starts where the last one of the same table (a key's first byte) ended.
constexpr std::size_t insert_hint_bytes = 1;
constexpr std::string_view format_key = "";
constexpr std::string_view store_format = "1";

using RowChecksum = std::array<char, 4>;

RowChecksum checksum_of(std::string_view key, std::string_view value) {
  const XXH64_hash_t seed = XXH3_64bits(key.data(), key.size());
  const auto sum = static_cast<std::uint32_t>(XXH3_64bits_withSeed(value.data(), value.size(), seed));
  RowChecksum bytes;
  std::memcpy(bytes.data(), &sum, bytes.size());
  return bytes;
}

rocksdb::Options row_store_options(const RowStore::Options& settings) {
  auto options = common_rocks_options(settings.env);
  options.write_buffer_size = settings.flush_bytes;
  options.max_write_buffer_number = rows_memtables_max;
  options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(insert_hint_bytes));
  rocksdb::BlockBasedTableOptions table;
  table.block_size = rows_block_bytes;
  table.block_cache = rocksdb::NewLRUCache(settings.block_cache_bytes);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(bloom_bits_per_key));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

rocksdb::Slice slice(std::string_view bytes) {
  return {bytes.data() != nullptr ? bytes.data() : "", bytes.size()};  // RocksDB compares no null pointers.
}

/// What was put there. Throws DamagedRow.
std::string_view checked(const std::filesystem::path& store, std::string_view key, std::string_view stored) {
  constexpr std::size_t tail_bytes = RowChecksum().size();
  if (stored.size() < tail_bytes) throw DamagedRow(store, key, "is too short");
  const std::string_view value = stored.substr(0, stored.size() - tail_bytes);
  const RowChecksum expected = checksum_of(key, value);
  if (std::memcmp(expected.data(), stored.data() + value.size(), tail_bytes) == 0) return value;
  throw DamagedRow(store, key, "does not have the checksum that was written with it");
}

/// Nothing if the key is absent; throws StorageFault for a failed read, DamagedRow.
std::optional<std::string> found(const std::filesystem::path& store, std::string_view key,
                                 const rocksdb::Status& status, const rocksdb::PinnableSlice& stored) {
  if (status.IsNotFound()) return std::nullopt;
  require_ok(status, "reading " + store.string());
  return std::string(checked(store, key, stored.ToStringView()));
}

class RocksBatch : public RowBatch {
 public:
  void put(std::string_view key, std::string_view value) override {
    const RowChecksum checksum = checksum_of(key, value);
    const rocksdb::Slice row[] = {slice(value), {checksum.data(), checksum.size()}};
    const rocksdb::Slice whole_key = slice(key);
    require_ok(batch_.Put(rocksdb::SliceParts(&whole_key, 1), rocksdb::SliceParts(row, 2)), "building a batch");
  }
  void erase(std::string_view key) override { require_ok(batch_.Delete(slice(key)), "building a batch"); }
  std::size_t count() const override { return static_cast<std::size_t>(batch_.Count()); }
  void clear() override { batch_.Clear(); }
  rocksdb::WriteBatch& batch() { return batch_; }

 private:
  rocksdb::WriteBatch batch_;
};

class RocksSnapshot : public RowStore::Snapshot {
 public:
  /// A read-only store never moves on by itself, and RocksDB has no snapshots there: it is one already.
  RocksSnapshot(const std::filesystem::path& store, rocksdb::DB& db, bool read_only)
      : store_(store), db_(db), snapshot_(read_only ? nullptr : db.GetSnapshot()) {}
  ~RocksSnapshot() override {
    if (snapshot_ != nullptr) db_.ReleaseSnapshot(snapshot_);
  }
  RocksSnapshot(const RocksSnapshot&) = delete;
  RocksSnapshot& operator=(const RocksSnapshot&) = delete;

  std::optional<std::string> get(std::string_view key) const override {
    rocksdb::PinnableSlice value;
    const auto status = db_.Get(options(), db_.DefaultColumnFamily(), slice(key), &value);
    return found(store_, key, status, value);
  }

  void scan(std::string_view from, std::string_view to,
            const std::function<bool(std::string_view, std::string_view)>& row) const override {
    auto read = options();
    const auto upper = slice(to);
    if (!to.empty()) read.iterate_upper_bound = &upper;
    const std::unique_ptr<rocksdb::Iterator> iterator(db_.NewIterator(read));
    for (iterator->Seek(slice(from)); iterator->Valid(); iterator->Next()) {
      if (!take(*iterator, row)) return;
    }
    require_ok(iterator->status(), "scanning " + store_.string());
  }

  void scan_backward(std::string_view from, std::string_view to,
                     const std::function<bool(std::string_view, std::string_view)>& row) const override {
    auto read = options();
    const auto lower = slice(from);
    const auto upper = slice(to);
    read.iterate_lower_bound = &lower;
    if (!to.empty()) read.iterate_upper_bound = &upper;
    const std::unique_ptr<rocksdb::Iterator> iterator(db_.NewIterator(read));
    for (iterator->SeekToLast(); iterator->Valid(); iterator->Prev()) {  // The last one under the upper bound.
      if (!take(*iterator, row)) return;
    }
    require_ok(iterator->status(), "scanning " + store_.string());
  }

 private:
  rocksdb::ReadOptions options() const {
    rocksdb::ReadOptions read;
    read.snapshot = snapshot_;
    return read;
  }

  bool take(const rocksdb::Iterator& iterator,
            const std::function<bool(std::string_view, std::string_view)>& row) const {
    const std::string_view key = iterator.key().ToStringView();
    const std::string_view value = checked(store_, key, iterator.value().ToStringView());
    return key == format_key || row(key, value);
  }

  const std::filesystem::path& store_;
  rocksdb::DB& db_;
  const rocksdb::Snapshot* snapshot_;
};

class RocksRowStore : public RowStore {
 public:
  explicit RocksRowStore(const Options& options)
      : options_(options), opened_(open_rocks(row_store_options(options), options.directory, options.read_only)) {
    // Renamed before it is deleted, so that a stop in between leaves a whole store or none.
    const std::filesystem::path discarded = options.directory.string() + ".discarded";
    if (!options.read_only) std::filesystem::remove_all(discarded);
    if (is_of_this_format()) return;
    if (options.read_only) throw OtherRowFormat("another release wrote it: it is folded again at the next start");
    opened_.db.reset();
    std::filesystem::rename(options.directory, discarded);
    std::filesystem::remove_all(discarded);
    opened_ = open_rocks(row_store_options(options), options.directory, false);
    begin();
  }
  ~RocksRowStore() override {
    if (options_.read_only) return;
    // A failure loses nothing that cannot be folded again, and a destructor has nobody to tell.
    db().Flush(rocksdb::FlushOptions()).PermitUncheckedError();
  }

  std::unique_ptr<RowBatch> new_batch() const override { return std::make_unique<RocksBatch>(); }

  void write(RowBatch& batch) override {
    rocksdb::WriteOptions write;
    write.disableWAL = true;
    require_ok(db().Write(write, &static_cast<RocksBatch&>(batch).batch()), "writing " + options_.directory.string());
  }

  void flush() override { require_ok(db().Flush(rocksdb::FlushOptions()), "flushing " + options_.directory.string()); }

  std::optional<std::string> get(std::string_view key) const override {
    rocksdb::PinnableSlice value;
    const auto status = db().Get(rocksdb::ReadOptions(), db().DefaultColumnFamily(), slice(key), &value);
    return found(options_.directory, key, status, value);
  }

  std::vector<std::optional<std::string>> get_many(const std::vector<std::string>& keys) const override {
    const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
    std::vector<rocksdb::PinnableSlice> values(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    db().MultiGet(rocksdb::ReadOptions(), db().DefaultColumnFamily(), keys.size(), slices.data(), values.data(),
                  statuses.data());
    std::vector<std::optional<std::string>> rows;
    rows.reserve(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      rows.push_back(found(options_.directory, keys[i], statuses[i], values[i]));
    }
    return rows;
  }

  std::unique_ptr<Snapshot> snapshot() const override {
    return std::make_unique<RocksSnapshot>(options_.directory, db(), options_.read_only);
  }
  std::uint64_t disk_bytes() const override { return rocks_disk_bytes(options_.directory); }

 private:
  rocksdb::DB& db() const { return *opened_.db; }

  std::string format_row() const { return std::string(store_format) + "." + std::to_string(options_.row_format); }
  /// Makes an empty store one of this format, unless it is read only.
  bool is_of_this_format() {
    if (const auto row = get(format_key)) return *row == format_row();
    const std::unique_ptr<rocksdb::Iterator> rows(db().NewIterator(rocksdb::ReadOptions()));
    rows->SeekToFirst();
    require_ok(rows->status(), "opening " + options_.directory.string());
    if (rows->Valid()) return false;
    if (!options_.read_only) begin();
    return true;
  }
  void begin() {
    RocksBatch batch;
    batch.put(format_key, format_row());
    write(batch);
  }

  const Options options_;
  OpenedRocks opened_;
};

}  // namespace

void RowStore::check_files(const std::filesystem::path& directory) {
  Options options;
  options.directory = directory;
  options.read_only = true;
  check_tables(row_store_options(options), directory);
}

std::unique_ptr<RowStore> RowStore::open(const Options& options) {
  return std::make_unique<RocksRowStore>(options);
}

}  // namespace daybook
