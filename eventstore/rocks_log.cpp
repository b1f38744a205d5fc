// EventLog over RocksDB: one column family, keys (shard, first position), one synced WriteBatch a group.
#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <limits>

#include "eventstore/log.h"
#include "eventstore/log_reader.h"
#include "eventstore/log_row.h"
#include "eventstore/manifest_check.h"
#include "eventstore/rocks_handle.h"
#include "eventstore/rocks_open.h"
#include "eventstore/row_cursor.h"
#include "eventstore/table_check.h"

#ifdef __SANITIZE_THREAD__
extern "C" void AnnotateIgnoreReadsBegin(const char* file, int line);
extern "C" void AnnotateIgnoreReadsEnd(const char* file, int line);
#endif

namespace daybook {
namespace {

/// A write into RocksDB, whose first writer reads the batches of those who come at the same time: they are handed over
/// by atomics of Debian's library, which ThreadSanitizer does not see.
struct LibraryWrite {
#ifdef __SANITIZE_THREAD__
  LibraryWrite() { AnnotateIgnoreReadsBegin(__FILE__, __LINE__); }
  ~LibraryWrite() { AnnotateIgnoreReadsEnd(__FILE__, __LINE__); }
  LibraryWrite(const LibraryWrite&) = delete;
  LibraryWrite& operator=(const LibraryWrite&) = delete;
#endif
};

/// Small memtables make short flushes: the p99 of commits is theirs.
constexpr std::size_t memtable_bytes = 16 << 20;
constexpr int log_memtables_max = 8;
/// A block closes at this size: full rows have blocks of their own, small ones share.
constexpr std::size_t log_block_bytes = 32 * 1024;
/// Bytes of check that the batch carries for each entry from our memory into the memtable.
constexpr std::size_t protection_bytes_per_key = 8;
constexpr Position position_max = std::numeric_limits<Position>::max();

rocksdb::Options log_options(const EventLog::Options& settings) {
  auto options = common_rocks_options(settings.env);
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.write_buffer_size = memtable_bytes;
  options.max_write_buffer_number = log_memtables_max;
  rocksdb::BlockBasedTableOptions table;
  table.block_size = log_block_bytes;
  table.block_cache = rocksdb::NewLRUCache(settings.block_cache_bytes);
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

/// What the writer of one shard keeps between groups. Only its own thread appends, any thread may read the head.
struct ShardWriter {
  std::atomic<Position> head{0};
  std::atomic<std::uint64_t> head_checksum{0};
  std::string row;
  rocksdb::WriteBatch batch{0, 0, protection_bytes_per_key, 0};
};

class RocksLog : public EventLog {
 public:
  explicit RocksLog(const Options& options)
      : options_(options),
        writers_(options.shards),
        handle_(std::make_shared<RocksHandle>(
            [this] { return open_rocks(log_options(options_), options_.directory, options_.read_only); },
            [this](rocksdb::DB& db) { recover_heads(db); })) {}
  ~RocksLog() override { handle_->close(); }

  ShardNumber shards() const override { return options_.shards; }
  Position head(ShardNumber shard) const override { return writer(shard).head; }
  std::uint64_t head_checksum(ShardNumber shard) const override { return writer(shard).head_checksum; }

  void append(ShardNumber shard, Position first, std::span<const std::string_view> envelopes) override;
  void reopen() override { handle_->reopen(); }
  bool has_failed() const override { return failed_; }

  std::unique_ptr<LogReader> read_forward(ShardNumber shard, Position from) const override {
    return std::make_unique<RowLogReader>(handle_, shard, Direction::forward, from, head(shard));
  }
  std::unique_ptr<LogReader> read_backward(ShardNumber shard, Position from) const override {
    return std::make_unique<RowLogReader>(handle_, shard, Direction::backward, from, head(shard));
  }
  std::string read_one(ShardNumber shard, Position position) const override;
  void for_each_row(ShardNumber shard, Position from,
                    const std::function<bool(Position, std::string_view)>& row) const override;
  void check_files() const override;
  std::uint64_t disk_bytes() const override { return rocks_disk_bytes(options_.directory); }
  std::uint64_t free_disk_bytes() const override;

 private:
  const ShardWriter& writer(ShardNumber shard) const;
  void recover_heads(rocksdb::DB& db);
  void recover_head(rocksdb::Iterator& iterator, ShardNumber shard);
  void check_appendable(ShardNumber shard, Position first, std::span<const std::string_view> envelopes) const;

  const Options options_;
  std::vector<ShardWriter> writers_;
  std::atomic<bool> failed_{false};
  std::atomic<bool> found_no_room_{false};  ///< Why it failed.
  std::shared_ptr<RocksHandle> handle_;     ///< Shared with readers, which may outlive a reopen() and the log itself.
};

const ShardWriter& RocksLog::writer(ShardNumber shard) const {
  if (shard >= writers_.size()) {
    throw StorageFault(fmt::format("the log has {} shards, there is no shard {}", writers_.size(), shard));
  }
  return writers_[shard];
}

void RocksLog::recover_heads(rocksdb::DB& db) {
  const std::unique_ptr<rocksdb::Iterator> iterator(db.NewIterator(rocksdb::ReadOptions()));
  iterator->SeekToLast();
  if (iterator->Valid()) {
    const auto last = parse_row_key(iterator->key().ToStringView());
    if (!last || last->shard >= options_.shards) {
      throw StorageFault(fmt::format("the log in {} holds rows of other shards than its {}: a wrong FORMAT file?",
                                     options_.directory.string(), options_.shards));
    }
  }
  for (ShardNumber shard = 0; shard < options_.shards; ++shard) recover_head(*iterator, shard);
  failed_ = false;
}

void RocksLog::recover_head(rocksdb::Iterator& iterator, ShardNumber shard) {
  const auto end = make_row_key(shard, position_max);
  iterator.SeekForPrev({end.data(), end.size()});
  if (!iterator.Valid()) require_ok(iterator.status(), "reading the head of the log");
  const auto key = iterator.Valid() ? parse_row_key(iterator.key().ToStringView()) : std::nullopt;
  auto& writer = writers_[shard];
  writer.head = 0;
  writer.head_checksum = 0;
  if (!key || key->shard != shard) return;
  const RowView row(shard, key->position, iterator.value().ToStringView());
  if (!row.damage().empty()) {
    throw CorruptLog(shard, key->position,
                     fmt::format("the log's last row, at {}, is damaged: {}", to_string(*key), row.damage()));
  }
  writer.head = row.last();
  writer.head_checksum = row.checksum();
}

void RocksLog::check_appendable(ShardNumber shard, Position first, std::span<const std::string_view> envelopes) const {
  if (options_.read_only) throw StorageFault("the log is open for reading only");
  if (failed_ && found_no_room_) throw DiskFull("a write of the log found the disk full before; reopen it first");
  if (failed_) throw StorageFault("a write of the log failed before; reopen it first");
  if (first != head(shard) + 1) {
    throw StorageFault(fmt::format("append at {}, but the head is {}", to_string({shard, first}), head(shard)));
  }
  if (envelopes.empty()) throw StorageFault("append of an empty group");
  for (const auto envelope : envelopes) {
    if (!envelope.empty() && envelope.size() <= envelope_bytes_max) continue;
    throw StorageFault(fmt::format("append of an envelope of {} bytes at {}: 1 to {} are allowed", envelope.size(),
                                   to_string({shard, first}), envelope_bytes_max));
  }
}

void RocksLog::append(ShardNumber shard, Position first, std::span<const std::string_view> envelopes) {
  const auto use = handle_->use();
  check_appendable(shard, first, envelopes);
  auto& writer = writers_[shard];
  writer.batch.Clear();
  std::uint64_t checksum = 0;
  Position row_first = first;
  for (auto rest = envelopes; !rest.empty();) {
    const auto count = count_row_envelopes(rest, options_.row_bytes_max);
    checksum = encode_row(shard, row_first, rest.first(count), writer.row);
    const auto key = make_row_key(shard, row_first);
    require_ok(writer.batch.Put({key.data(), key.size()}, writer.row), "building a log row");
    row_first += count;
    rest = rest.subspan(count);
  }
  rocksdb::WriteOptions write_options;
  write_options.sync = options_.sync;
  const auto status = [&] {
    [[maybe_unused]] const LibraryWrite scope;
    return use.db().Write(write_options, &writer.batch);
  }();
  if (!status.ok()) {
    found_no_room_ = status.IsNoSpace();
    failed_ = true;
  }
  require_ok(status, fmt::format("writing the log at {}", to_string({shard, first})));
  writer.head_checksum = checksum;
  writer.head = row_first - 1;
}

std::string RocksLog::read_one(ShardNumber shard, Position position) const {
  if (position == 0 || position > head(shard)) {
    throw StorageFault(
        fmt::format("the log has no event {}: its head is {}", to_string({shard, position}), head(shard)));
  }
  return read_one_event(handle_, shard, position);
}

void RocksLog::for_each_row(ShardNumber shard, Position from,
                            const std::function<bool(Position, std::string_view)>& row) const {
  const auto until = head(shard);
  if (until == 0) return;
  RowCursor cursor(handle_, shard, ScanLength::long_scan);
  from = std::max<Position>(from, 1);
  bool found = cursor.seek(from, from) || cursor.seek_after(from, from);
  while (found && cursor.first() <= until && row(cursor.first(), cursor.bytes())) found = cursor.next(cursor.first());
}

std::uint64_t RocksLog::free_disk_bytes() const {
  std::uint64_t bytes = 0;
  rocksdb::Env* const env = options_.env != nullptr ? options_.env : rocksdb::Env::Default();
  const auto status = env->GetFreeSpace(options_.directory.string(), &bytes);
  return status.ok() ? bytes : std::numeric_limits<std::uint64_t>::max();
}

void RocksLog::check_files() const {
  check_manifest(options_.directory);
  check_tables(log_options(options_), options_.directory);
}

}  // namespace

std::unique_ptr<EventLog> EventLog::open(const Options& options) {
  if (options.shards == 0) throw StorageFault("a log needs at least one shard");
  return std::make_unique<RocksLog>(options);
}

}  // namespace daybook
