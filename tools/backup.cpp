// daybook backup, restore and keys backup: the log and the keys, apart from each other.
#include <fmt/format.h>

#include "connectors/kafka_check.h"
#include "engine/clock.h"
#include "engine/key_backup.h"
#include "eventstore/backup.h"
#include "eventstore/backup_segment.h"
#include "eventstore/log_restore.h"
#include "tools/command_line.h"
#include "tools/log_access.h"
#include "tools/proof_files.h"

namespace daybook {
namespace {

struct BackupOptions {
  CommonOptions common;
  std::filesystem::path folder;
  bool check = false;
};

struct RestoreOptions {
  CommonOptions common;
  std::filesystem::path from, keys;
  std::string brokers, prefix, at, log_id;
  std::vector<std::string> properties, checkpoints, verifier_keys;
  ShardNumber shards = 1;
  bool without_keys = false;
};

/// The kept checkpoints that the restored log must lead to, if it is of `log_id`.
void expect_checkpoints(const RestoreOptions& options, const std::string& log_id, LogRestore& restore) {
  const auto keys = read_verifier_keys(options.verifier_keys);
  for (const std::string& file : options.checkpoints) {
    KeptCheckpoint kept = read_kept_checkpoint(file, keys);
    if (kept.log_id != log_id) {
      throw std::invalid_argument(fmt::format("{} is of the log {}, not of {}", file, kept.log_id, log_id));
    }
    restore.expect(kept.shard, std::move(kept.known));
  }
}

std::string heads_json(const std::vector<TreeHead>& heads) {
  std::string json = "[";
  for (std::size_t shard = 0; shard < heads.size(); ++shard) {
    json += fmt::format("{}{{\"shard\":{},\"position\":{},\"root\":\"{}\"}}", shard > 0 ? "," : "", shard,
                        heads[shard].size, to_hex(heads[shard].root));
  }
  return json + "]";
}

void print_heads(const std::vector<TreeHead>& heads) {
  for (std::size_t shard = 0; shard < heads.size(); ++shard) {
    fmt::print("  shard {} up to {}, root {}\n", shard, heads[shard].size, to_hex(heads[shard].root));
  }
}

/// The nodes of the log's trees: those under views/, and what they lack so far, hashed when a tree is opened.
BackupTrees tree_nodes(const LogAccess& access) {
  auto trees = std::make_shared<std::vector<std::unique_ptr<MerkleTree>>>(access.log->shards());
  return [&access, trees](ShardNumber shard, unsigned level, std::uint64_t number) -> std::optional<MerkleHash> {
    try {
      if (!trees->at(shard)) trees->at(shard) = open_tree(access, shard);
      return trees->at(shard)->node(level, number);
    } catch (const StorageFault&) {
      return std::nullopt;
    }
  };
}

int run_backup(const BackupOptions& options) {
  Progress progress(options.check ? "check backup" : "backup", "events", options.common.json);
  const auto show = [&](Position done, Position total) { progress.update(done, total); };
  BackupTotals totals;
  if (options.check) {
    totals = check_backup(options.folder, show);
  } else {
    const LogAccess access = open_log(options.common.data);
    totals = back_up(*access.log, access.directory->format().log_id, options.folder, micros(wall_clock().now()), show,
                     tree_nodes(access));
  }
  if (options.common.json) {
    fmt::print("{{\"object\":\"{}\",\"log_id\":\"{}\",\"events\":{},\"segments\":{},\"bytes\":{},\"heads\":{}}}\n",
               options.check ? "backup_check" : "backup", totals.manifest.log_id, totals.events, totals.segments,
               totals.bytes, heads_json(totals.manifest.heads));
    return exit_done;
  }
  fmt::print("{} {} events in {} segments, {} bytes; the backup holds log {}\n",
             options.check ? "checked" : "backed up and read again", totals.events, totals.segments, totals.bytes,
             totals.manifest.log_id);
  print_heads(totals.manifest.heads);
  return exit_done;
}

/// Where to stop, by shard: the position given for one, everything for the others.
struct Until {
  std::optional<LogPosition> at;
  explicit Until(const std::string& text) {
    if (text.empty()) return;
    at = parse_log_position(text);
    if (!at) throw std::invalid_argument("--at takes a position such as 0:42");
  }
  bool takes(ShardNumber shard, Position position) const {
    return !at || at->shard != shard || position <= at->position;
  }
};

/// The restored log's heads.
std::vector<TreeHead> restore_backup(const RestoreOptions& options, const Until& until,
                                     std::unique_ptr<LogRestore>& restore, Progress& progress) {
  const auto manifest = read_manifest(options.from);
  if (!manifest) throw StorageFault(options.from.string() + " holds no backup: it has no MANIFEST");
  if (until.at && until.at->shard >= manifest->shards()) throw std::invalid_argument("--at names a shard too many");
  // A history that is cut goes on differently: it must not be taken for the log that others have seen more of.
  const bool is_cut = until.at && until.at->position < manifest->heads[until.at->shard].size;
  restore = std::make_unique<LogRestore>(options.common.data, manifest->shards(), is_cut ? "" : manifest->log_id);
  expect_checkpoints(options, manifest->log_id, *restore);
  Position total = 0, done = 0;
  for (const TreeHead& head : manifest->heads) total += head.size;
  for (const BackupSegment& segment : manifest->segments) {
    read_segment(options.from, segment, [&](const RowView& row) {
      for (Position at = row.first(); at <= row.last(); ++at) {
        if (until.takes(segment.shard, at)) restore->add(segment.shard, at, row.envelope(at));
      }
      progress.update(done += row.count(), total);
    });
  }
  auto heads = restore->close();
  for (ShardNumber shard = 0; !is_cut && shard < heads.size(); ++shard) {
    if (heads[shard] != manifest->heads[shard]) {
      throw CorruptLog(shard, 0, fmt::format("shard {} does not lead to the manifest's Merkle root", shard));
    }
  }
  return heads;
}

std::vector<TreeHead> restore_kafka(const RestoreOptions& options, const Until& until,
                                    std::unique_ptr<LogRestore>& restore, Progress& progress) {
  KafkaCheckOptions check;
  check.kafka = kafka_settings(options.brokers, options.properties);
  check.topic_prefix = options.prefix;
  check.shards = options.shards;
  check.log_id = options.log_id;
  restore = std::make_unique<LogRestore>(options.common.data, options.shards, until.at ? "" : options.log_id);
  expect_checkpoints(options, options.log_id, *restore);
  std::uint64_t seen = 0;
  check.on_event = [&](LogPosition at, std::string_view envelope) {
    if (until.takes(at.shard, at.position)) restore->add(at.shard, at.position, envelope);
    ++seen;
    progress.update(seen, seen);
    return true;
  };
  const KafkaCheckReport report = check_kafka(check);
  if (!report.ok()) throw CorruptLog(0, 0, "what Kafka holds is not one whole log: " + report.difference);
  if (report.events == 0) throw StorageFault("Kafka holds no event of the log " + options.log_id);
  return restore->close();
}

int run_restore(const RestoreOptions& options) {
  const bool from_kafka = !options.brokers.empty();
  if (from_kafka == !options.from.empty()) throw std::invalid_argument("name one source: --from or --kafka-brokers");
  if (from_kafka && options.log_id.empty()) {
    throw std::invalid_argument(
        "--kafka-brokers needs --log-id: the file FORMAT of the lost directory, a backup's "
        "MANIFEST, or `daybook consume` name it");
  }
  if (options.without_keys == !options.keys.empty()) {
    throw std::invalid_argument(
        "name the keys' backup with --keys, or say --without-keys: what is sealed can then "
        "never be read again");
  }
  if (options.checkpoints.empty() != options.verifier_keys.empty()) {
    throw std::invalid_argument("--checkpoint needs the --verifier-key that was kept with it, and the reverse");
  }
  const Until until(options.at);
  Progress progress("restore", "events", options.common.json);
  std::unique_ptr<LogRestore> restore;
  const auto heads =
      from_kafka ? restore_kafka(options, until, restore, progress) : restore_backup(options, until, restore, progress);
  const RestoredKeys keys = restore_keys(options.keys, restore->keys_path(), restore->sealing_key_max());
  restore->finish();
  const auto directory = DataDirectory::open(options.common.data, DataDirectory::Access::read);
  if (options.common.json) {
    fmt::print("{{\"object\":\"restore\",\"log_id\":\"{}\",\"heads\":{},\"keys\":{},\"keys_missing\":{}}}\n",
               directory->format().log_id, heads_json(heads), keys.slots, keys.missing);
    return exit_done;
  }
  fmt::print("restored log {} into {}\n", directory->format().log_id, options.common.data.string());
  print_heads(heads);
  if (keys.missing > 0) {
    fmt::print("  {} sealing keys are not there: what was sealed under them stays sealed for ever\n", keys.missing);
  }
  return exit_done;
}

int run_keys_backup(const BackupOptions& options) {
  const auto directory = DataDirectory::open(options.common.data, DataDirectory::Access::read);
  const KeyBackupTotals totals = back_up_keys(directory->keys_path(), options.folder);
  if (options.common.json) {
    fmt::print("{{\"object\":\"keys_backup\",\"slots\":{},\"living\":{},\"blanked\":{}}}\n", totals.slots,
               totals.living, totals.blanked);
  } else {
    fmt::print("{} key slots, {} living, {} newly blank because they were purged\n", totals.slots, totals.living,
               totals.blanked);
  }
  return exit_done;
}

}  // namespace

void add_backup(Subcommand app, Action& action) {
  auto options = std::make_shared<BackupOptions>();
  const Subcommand command =
      app.subcommand("backup", "Bring a backup of the log up to date, beside a live server, and read it again");
  add_common(command, options->common);
  command.add_option("--to", &options->folder, "The backup's folder; made if absent, added to if it is there")
      .required();
  command.add_flag("--check", options->check, "Only read and check what the backup holds; needs no --data");
  command.footer(
      "The keys are backed up apart: daybook keys backup.\n"
      "Examples:\n  daybook backup --data ./data --to /backup/log\n  daybook backup --to /backup/log --check");
  command.callback([options, &action] { action = [options] { return run_backup(*options); }; });
}

void add_restore(Subcommand app, Action& action) {
  auto options = std::make_shared<RestoreOptions>();
  const Subcommand command = app.subcommand("restore", "Make a data directory from a backup, or from Kafka alone");
  add_common(command, options->common);
  command.add_option("--from", &options->from, "The backup's folder");
  command.add_option("--kafka-brokers", &options->brokers, "host:port,... of the brokers that hold daybook.events");
  command.add_option("--kafka-topic-prefix", &options->prefix, "As it was given to serve");
  command.add_option("--kafka-property", &options->properties, "librdkafka property, name=value; repeatable");
  command.add_option("--log-id", &options->log_id, "The log to take from Kafka");
  command.add_option("--shards", &options->shards, "Its number of shards, for Kafka").shows_default();
  command.add_option("--at", &options->at,
                     "Only up to this position (shard:position), or the end of the command before it; what goes on "
                     "from there is a new log with an id of its own");
  command.add_option("--checkpoint", &options->checkpoints,
                     "A kept checkpoint that the restored log must lead to; repeatable");
  command.add_option("--verifier-key", &options->verifier_keys, "The key that signed it, or a file with one a line");
  command.add_option("--keys", &options->keys, "The keys' backup");
  command.add_flag("--without-keys", options->without_keys, "There is none: sealed data is given up");
  command.footer(
      "The directory appears only when all of it is there and leads to the Merkle root of the manifest.\n"
      "Examples:\n  daybook restore --from /backup/log --keys /safe/keys --data ./restored\n"
      "  daybook restore --from /backup/log --keys /safe/keys --data ./restored --checkpoint june.txt "
      "--verifier-key keys.txt\n"
      "  daybook restore --from /backup/log --keys /safe/keys --at 0:1200 --data ./earlier\n"
      "  daybook restore --kafka-brokers 127.0.0.1:9092 --log-id 0123456789abcdef0123456789abcdef --keys /safe/keys "
      "--data ./restored");
  command.callback([options, &action] { action = [options] { return run_restore(*options); }; });
}

void add_keys_backup(Subcommand keys, Action& action) {
  auto options = std::make_shared<BackupOptions>();
  const Subcommand command = keys.subcommand("backup", "Bring a backup of the keys up to date, apart from the log's");
  add_common(command, options->common);
  command.add_option("--to", &options->folder, "The backup's folder; not where the log's backup is").required();
  command.footer(
      "Run it after each purge: the purged key is then overwritten in the backup too.\n"
      "Examples:\n  daybook keys backup --data ./data --to /safe/keys");
  command.callback([options, &action] { action = [options] { return run_keys_backup(*options); }; });
}

}  // namespace daybook
