// On-line, incremental backup of a log, and its judge. A backup is a folder: segments, which are never changed once
// they are written, and the manifest, written last. Each run adds what was appended since the last one.
//
// Only log/ is in it. keys/ is backed up apart (with a backup of the log and the keys in one place, whoever has the
// place reads everything); views/ is folded again.
// Threads: one run at a time a folder (a lock file sees to it).
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "eventstore/backup_manifest.h"
#include "eventstore/log.h"
#include "eventstore/verify.h"

namespace daybook {

struct BackupTotals {
  std::uint64_t events = 0;    ///< Added by this run, or checked.
  std::uint64_t segments = 0;  ///< Likewise.
  std::uint64_t bytes = 0;     ///< Of those segments.
  BackupManifest manifest;     ///< As it stands now.
};

/// A node of a shard's tree, of level 8 or above (MerkleTree::node); nothing if it is not there.
using BackupTrees = std::function<std::optional<MerkleHash>(ShardNumber, unsigned level, std::uint64_t number)>;

/// Brings the backup in `folder`, made if absent, to the log's head as of now. `log` is best a read-only one: a
/// snapshot beside a live server. What was written is read again and checked before the manifest names it. Throws
/// StorageFault if the folder holds another log's backup, or one of a history that this log does not have (its Merkle
/// root at the backup's head is another); CorruptLog for damage in the log. Without `trees` every run hashes again what
/// the backup holds already. Gives way to who else wants the processors (pace.h).
BackupTotals back_up(const EventLog& log, const std::string& log_id, const std::filesystem::path& folder,
                     std::int64_t now_us, const VerifyProgress& progress = {}, const BackupTrees& trees = {});

/// Reads all of it: files, rows, envelopes, dense positions, Merkle roots. Throws CorruptLog naming file and position,
/// StorageFault if there is no backup.
BackupTotals check_backup(const std::filesystem::path& folder, const VerifyProgress& progress = {});

}  // namespace daybook
