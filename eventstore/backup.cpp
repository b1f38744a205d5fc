#include "eventstore/backup.h"

#include <fcntl.h>
#include <fmt/format.h>

#include "eventstore/backup_segment.h"
#include "eventstore/durable_file.h"
#include "eventstore/envelope_view.h"
#include "eventstore/merkle_tree.h"
#include "eventstore/pace.h"

namespace daybook {
namespace {

namespace fs = std::filesystem;

/// A run that adds more than this makes several segments, so that one can be checked or copied at a time.
constexpr std::uint64_t segment_bytes_max = 256 << 20;

[[noreturn]] void refuse(const fs::path& folder, std::string_view why) {
  throw StorageFault(fmt::format("{} {}; choose an empty folder for a backup of this log", folder.string(), why));
}

class BackupRun {
 public:
  BackupRun(const EventLog& log, const std::string& log_id, const fs::path& folder, const VerifyProgress& progress,
            const BackupTrees& trees)
      : log_(log), folder_(folder), progress_(progress), trees_(trees) {
    for (ShardNumber shard = 0; shard < log.shards(); ++shard) {
      heads_.push_back(log.head(shard));
      total_ += heads_.back();
    }
    if (auto known = read_manifest(folder)) {
      if (known->log_id != log_id) refuse(folder, "holds the backup of another log");
      if (known->shards() != log.shards()) refuse(folder, "holds the backup of a log with other shards");
      totals_.manifest = std::move(*known);
    } else {
      totals_.manifest.log_id = log_id;
      totals_.manifest.heads.assign(log.shards(), {0, hasher_.empty()});
    }
  }

  BackupTotals run(std::int64_t now_us) {
    for (ShardNumber shard = 0; shard < log_.shards(); ++shard) add_shard(shard);
    totals_.manifest.taken_us = now_us;
    write_manifest(folder_, totals_.manifest);
    return std::move(totals_);
  }

 private:
  void add_shard(ShardNumber shard) {
    TreeHead& known = totals_.manifest.heads[shard];
    if (known.size > heads_[shard]) refuse(folder_, "holds more than this log: the log was restored to an older state");
    MerkleFrontier frontier = known_frontier(shard, trees_, known.size);
    if (frontier.root(hasher_) != known.root) frontier = known_frontier(shard, {}, known.size);
    if (frontier.root(hasher_) != known.root) refuse(folder_, "holds another history than this log");
    done_ += known.size;
    if (known.size == heads_[shard]) return;
    std::unique_ptr<SegmentWriter> writer;
    log_.for_each_row(shard, known.size + 1, [&](Position first, std::string_view bytes) {
      const RowView row(shard, first, bytes);
      if (!row.damage().empty() || first != frontier.size() + 1) {
        throw CorruptLog(shard, frontier.size() + 1,
                         fmt::format("the log is damaged at {}: nothing behind it was backed up; run daybook verify",
                                     to_string({shard, frontier.size() + 1})));
      }
      if (!writer) writer = std::make_unique<SegmentWriter>(folder_, shard, first);
      writer->add(first, row.last(), bytes);
      for (Position at = first; at <= row.last(); ++at) frontier.append(hasher_.leaf(row.envelope(at)), hasher_);
      if (writer->bytes() >= segment_bytes_max) keep(writer);
      done_ += row.count();
      show_progress();
      return row.last() < heads_[shard];
    });
    keep(writer);
    totals_.events += frontier.size() - known.size;
    known = {frontier.size(), frontier.root(hasher_)};
  }

  /// The tree over the events that the backup already holds: from the nodes of the log's own tree and at most a tile of
  /// leaves, so that a run costs what it adds; hashed from the log where there are no such nodes. The caller compares
  /// its root with the backup's.
  MerkleFrontier known_frontier(ShardNumber shard, const BackupTrees& trees, std::uint64_t size) {
    std::uint64_t done = 0;
    std::vector<MerkleHash> roots;
    for (unsigned bit = 64; bit-- > merkle_tile_level && trees;) {
      if ((size >> bit & 1U) == 0) continue;
      const auto node = trees(shard, bit, done >> bit);
      if (!node) return known_frontier(shard, {}, size);
      roots.push_back(*node);
      done += std::uint64_t{1} << bit;
    }
    MerkleFrontier frontier(done, std::move(roots));
    const auto reader = log_.read_forward(shard, done + 1);
    StoredEvent event;
    while (frontier.size() < size && reader->next(event)) {
      frontier.append(hasher_.leaf(event.envelope), hasher_);
      if (frontier.size() % merkle_tile_leaves == 0) show_progress();
    }
    return frontier;
  }

  void show_progress() {
    pace_.keep();
    if (progress_) progress_(done_, total_);
  }

  /// Ends the segment, if there is one, and reads what the disk took.
  void keep(std::unique_ptr<SegmentWriter>& writer) {
    if (!writer) return;
    const BackupSegment segment = writer->finish();
    writer.reset();
    read_segment(folder_, segment, [this](const RowView&) { show_progress(); });
    totals_.manifest.segments.push_back(segment);
    ++totals_.segments;
    totals_.bytes += segment.bytes;
  }

  const EventLog& log_;
  const fs::path& folder_;
  const VerifyProgress& progress_;
  const BackupTrees& trees_;
  std::vector<Position> heads_;
  Position total_ = 0, done_ = 0;
  MerkleHasher hasher_;
  Pace pace_;
  BackupTotals totals_;
};

}  // namespace

BackupTotals back_up(const EventLog& log, const std::string& log_id, const fs::path& folder, std::int64_t now_us,
                     const VerifyProgress& progress, const BackupTrees& trees) {
  std::error_code error;
  fs::create_directories(folder.parent_path(), error);
  make_private_folder(folder);
  FileDescriptor lock(folder / "LOCK", O_RDWR | O_CREAT);
  if (!lock.try_lock()) throw StorageFault(fmt::format("another backup into {} is under way", folder.string()));
  return BackupRun(log, log_id, folder, progress, trees).run(now_us);
}

BackupTotals check_backup(const fs::path& folder, const VerifyProgress& progress) {
  auto manifest = read_manifest(folder);
  if (!manifest) throw StorageFault(fmt::format("{} holds no backup: it has no MANIFEST", folder.string()));
  Pace pace;
  BackupTotals totals;
  Position total = 0;
  for (const TreeHead& head : manifest->heads) total += head.size;
  MerkleHasher hasher;
  std::vector<MerkleFrontier> frontiers(manifest->heads.size());
  for (const BackupSegment& segment : manifest->segments) {
    MerkleFrontier& frontier = frontiers[segment.shard];
    read_segment(folder, segment, [&](const RowView& row) {
      for (Position at = row.first(); at <= row.last(); ++at) {
        if (!verify_envelope(row.envelope(at))) {
          throw CorruptLog(segment.shard, at,
                           fmt::format("{}: the envelope at {} does not verify",
                                       (folder / segment.file_name()).string(), to_string({segment.shard, at})));
        }
        frontier.append(hasher.leaf(row.envelope(at)), hasher);
      }
      totals.events += row.count();
      pace.keep();
      if (progress) progress(totals.events, total);
    });
    ++totals.segments;
    totals.bytes += segment.bytes;
  }
  for (ShardNumber shard = 0; shard < manifest->shards(); ++shard) {
    if (frontiers[shard].root(hasher) != manifest->heads[shard].root) {
      throw CorruptLog(shard, 0,
                       fmt::format("{}: the Merkle root of shard {} is not the manifest's", folder.string(), shard));
    }
  }
  totals.manifest = std::move(*manifest);
  return totals;
}

}  // namespace daybook
