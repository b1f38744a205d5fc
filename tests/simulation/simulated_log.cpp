#include "tests/simulation/simulated_log.h"

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "eventstore/log_row.h"

namespace daybook::test {
namespace {

struct Row {
  Position first = 0;
  std::string_view bytes;  ///< In the disk's own memory.
};

/// The rows of one shard, ascending.
using Rows = std::vector<Row>;

/// What the disk held when the log was opened, and what was appended since; shared with readers.
struct Opened {
  std::vector<Rows> shards;
  bool is_closed = false;  ///< Reopened or gone: readers of before must not go on.

  /// The row that holds `position`, or the last one before it; null if there is none.
  const Row* at_or_before(ShardNumber shard, Position position) const {
    const Rows& rows = shards[shard];
    auto after = std::upper_bound(rows.begin(), rows.end(), position,
                                  [](Position wanted, const Row& row) { return wanted < row.first; });
    return after == rows.begin() ? nullptr : &*std::prev(after);
  }
};

std::uint64_t checksum_of(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

/// The row that holds `position`, checked and copied to where FlatBuffers may read it.
RowView enter(const Opened& opened, ShardNumber shard, Position position, AlignedBytes& copy) {
  if (opened.is_closed) throw StorageFault("the simulated log was closed under its reader");
  const Row* row = opened.at_or_before(shard, position);
  if (row == nullptr) throw CorruptLog(shard, position, "the simulated log has no row before the position");
  copy.assign(row->bytes);
  const RowView view(shard, row->first, copy.view());
  if (!view.damage().empty()) throw CorruptLog(shard, row->first, std::string(view.damage()));
  if (!view.contains(position)) throw CorruptLog(shard, position, "the simulated log has a gap");
  return view;
}

class SimulatedReader final : public LogReader {
 public:
  SimulatedReader(std::shared_ptr<Opened> opened, ShardNumber shard, bool forward, Position from, Position head)
      : opened_(std::move(opened)), shard_(shard), forward_(forward), head_(head) {
    SimulatedReader::seek(from);
  }

  bool next(StoredEvent& event) override {
    if (next_ == 0 || next_ > head_) return false;
    if (!row_.contains(next_)) {
      row_ = {};
      row_ = enter(*opened_, shard_, next_, copy_);
    }
    event = {next_, row_.envelope(next_)};
    next_ = forward_ ? next_ + 1 : next_ - 1;
    return true;
  }
  void seek(Position position) override {
    next_ = forward_ ? std::max<Position>(position, 1) : std::min(position, head_);
  }

 private:
  std::shared_ptr<Opened> opened_;
  ShardNumber shard_;
  bool forward_;
  Position head_, next_ = 0;
  AlignedBytes copy_;
  RowView row_;
};

class SimulatedLog final : public EventLog {
 public:
  SimulatedLog(SimulatedDisk& disk, const Options& options)
      : disk_(disk), options_(options), file_(options.directory / "rows") {
    if (options.shards == 0) throw StorageFault("a log needs at least one shard");
    load();
  }
  ~SimulatedLog() override { opened_->is_closed = true; }

  ShardNumber shards() const override { return options_.shards; }
  Position head(ShardNumber shard) const override { return shard_at(shard).head; }
  std::uint64_t head_checksum(ShardNumber shard) const override { return shard_at(shard).checksum; }

  void append(ShardNumber shard, Position first, std::span<const std::string_view> envelopes) override {
    check_appendable(shard, first, envelopes);
    std::string record(sizeof(std::uint64_t), '\0');
    std::string row;
    std::uint64_t checksum = 0;
    Position row_first = first;
    for (auto rest = envelopes; !rest.empty();) {
      const auto count = count_row_envelopes(rest, options_.row_bytes_max);
      checksum = encode_row(shard, row_first, rest.first(count), row);
      const auto key = make_row_key(shard, row_first);
      const auto size = static_cast<std::uint32_t>(row.size());
      record.append(key.data(), key.size()).append(reinterpret_cast<const char*>(&size), sizeof size).append(row);
      row_first += count;
      rest = rest.subspan(count);
    }
    const std::uint64_t sum = checksum_of(std::string_view(record).substr(sizeof sum));
    std::memcpy(record.data(), &sum, sizeof sum);
    try {
      disk_.append(file_, std::move(record));
      if (options_.sync) disk_.sync(file_);
    } catch (const StorageFault& fault) {
      found_no_room_ = dynamic_cast<const DiskFull*>(&fault) != nullptr;
      failed_ = true;
      throw;
    }
    take_record(disk_.writes(file_).back());
    shards_[shard] = {row_first - 1, checksum};
  }

  void reopen() override {
    opened_->is_closed = true;
    failed_ = true;
    load();
  }
  bool has_failed() const override { return failed_; }

  std::unique_ptr<LogReader> read_forward(ShardNumber shard, Position from) const override {
    return std::make_unique<SimulatedReader>(opened_, shard, true, from, head(shard));
  }
  std::unique_ptr<LogReader> read_backward(ShardNumber shard, Position from) const override {
    return std::make_unique<SimulatedReader>(opened_, shard, false, from, head(shard));
  }
  std::string read_one(ShardNumber shard, Position position) const override {
    if (position == 0 || position > head(shard)) {
      throw StorageFault(fmt::format("the log has no event {}", to_string({shard, position})));
    }
    AlignedBytes copy;
    return std::string(enter(*opened_, shard, position, copy).envelope(position));
  }
  void for_each_row(ShardNumber shard, Position from,
                    const std::function<bool(Position, std::string_view)>& row) const override {
    const Rows& rows = opened_->shards[shard];
    const Row* holder = opened_->at_or_before(shard, std::max<Position>(from, 1));
    for (auto i = holder == nullptr ? 0 : static_cast<std::size_t>(holder - rows.data()); i < rows.size(); ++i) {
      if (!row(rows[i].first, rows[i].bytes)) return;
    }
  }
  void check_files() const override {}
  std::uint64_t disk_bytes() const override {
    std::uint64_t bytes = 0;
    for (const std::string& write : disk_.writes(file_)) bytes += write.size();
    return bytes;
  }
  std::uint64_t free_disk_bytes() const override { return disk_.free_bytes(); }

 private:
  struct Shard {
    Position head = 0;
    std::uint64_t checksum = 0;
  };

  const Shard& shard_at(ShardNumber shard) const {
    if (shard >= shards_.size()) throw StorageFault(fmt::format("the log has no shard {}", shard));
    return shards_[shard];
  }

  void check_appendable(ShardNumber shard, Position first, std::span<const std::string_view> envelopes) const {
    if (failed_ && found_no_room_) throw DiskFull("a write of the log found the disk full before; reopen it first");
    if (failed_) throw StorageFault("a write of the log failed before; reopen it first");
    if (first != head(shard) + 1) throw StorageFault(fmt::format("append at {}, not at the head", first));
    if (envelopes.empty()) throw StorageFault("append of an empty group");
    for (const auto envelope : envelopes) {
      if (!envelope.empty() && envelope.size() <= envelope_bytes_max) continue;
      throw StorageFault(fmt::format("append of an envelope of {} bytes", envelope.size()));
    }
  }

  void load() {
    opened_ = std::make_shared<Opened>();
    opened_->shards.resize(options_.shards);
    shards_.assign(options_.shards, {});
    std::size_t whole = 0;
    for (const std::string& write : disk_.writes(file_)) {
      if (!is_whole(write)) break;
      take_record(write);
      ++whole;
    }
    disk_.truncate(file_, whole);
    disk_.sync(file_);
    for (ShardNumber shard = 0; shard < options_.shards; ++shard) {
      const Rows& rows = opened_->shards[shard];
      if (rows.empty()) continue;
      const RowView last(shard, rows.back().first, rows.back().bytes);
      if (!last.damage().empty()) throw CorruptLog(shard, rows.back().first, std::string(last.damage()));
      shards_[shard] = {last.last(), last.checksum()};
    }
    failed_ = false;
  }

  static bool is_whole(std::string_view record) {
    std::uint64_t sum = 0;
    if (record.size() < sizeof sum) return false;
    std::memcpy(&sum, record.data(), sizeof sum);
    return sum == checksum_of(record.substr(sizeof sum));
  }

  /// Takes over the rows of a record that stands in the disk's own memory.
  void take_record(std::string_view record) {
    record.remove_prefix(sizeof(std::uint64_t));
    while (!record.empty()) {
      const auto at = parse_row_key(record.substr(0, row_key_bytes));
      std::uint32_t size = 0;
      std::memcpy(&size, record.data() + row_key_bytes, sizeof size);
      record.remove_prefix(row_key_bytes + sizeof size);
      if (!at || at->shard >= options_.shards) throw StorageFault("the log holds rows of other shards");
      opened_->shards[at->shard].push_back({at->position, record.substr(0, size)});
      record.remove_prefix(size);
    }
  }

  SimulatedDisk& disk_;
  const Options options_;
  const std::string file_;
  std::shared_ptr<Opened> opened_;  // shared with readers, which may outlive a reopen and the log itself
  std::vector<Shard> shards_;
  bool failed_ = false;
  bool found_no_room_ = false;
};

}  // namespace

std::unique_ptr<EventLog> open_simulated_log(SimulatedDisk& disk, const EventLog::Options& options) {
  return std::make_unique<SimulatedLog>(disk, options);
}

}  // namespace daybook::test
