// daybook consume: reads what was published to Kafka as any consumer would and checks that it is the log.
#include <fmt/format.h>

#include <csignal>
#include <map>
#include <thread>

#include "connectors/kafka_check.h"
#include "eventstore/envelope_view.h"
#include "projections/event_json.h"
#include "tools/command_line.h"
#include "tools/log_access.h"
#include "tools/proof_files.h"

namespace daybook {
namespace {

struct ConsumeOptions {
  CommonOptions common;
  std::string brokers, prefix, log_id;
  std::vector<std::string> properties;
  ShardNumber shards = 1;
  bool compare = false, print = false, follow = false, published_checkpoints = false;
  std::vector<std::string> checkpoints, verifier_keys;
};

/// The Merkle tree of what is read, against checkpoints that were kept.
class TreeOfRecords {
 public:
  explicit TreeOfRecords(ShardNumber shards) : frontiers_(shards) {}

  /// Throws std::invalid_argument unless all checkpoints are of one log and its shards.
  void expect(KeptCheckpoint kept) {
    if (log_id_.empty()) log_id_ = kept.log_id;
    if (kept.log_id != log_id_ || kept.shard >= frontiers_.size()) {
      throw std::invalid_argument(
          fmt::format("{} is of another log, or of a shard beyond --shards", kept.known.source));
    }
    if (kept.known.head.size == 0) compare(kept, MerkleFrontier());
    kept_.emplace(std::pair(kept.shard, kept.known.head.size), std::move(kept));
  }
  bool is_wanted() const { return !kept_.empty(); }
  /// Of the checkpoints; empty without any.
  const std::string& log_id() const { return log_id_; }

  void add(ShardNumber shard, std::string_view envelope) {
    MerkleFrontier& frontier = frontiers_[shard];
    frontier.append(hasher_.leaf(envelope), hasher_);
    const auto [first, end] = kept_.equal_range({shard, frontier.size()});
    for (auto one = first; one != end; ++one) compare(one->second, frontier);
  }
  /// The checkpoints that the records agree with; what they do not agree with, or do not reach, is printed.
  std::size_t count_agreeing() const {
    for (const auto& [place, one] : kept_) {
      if (place.second <= frontiers_[place.first].size()) continue;
      fmt::print(stderr, "daybook: shard {}: there are {} events, but {} is of {}\n", place.first,
                 frontiers_[place.first].size(), one.known.source, place.second);
    }
    return agreeing_;
  }
  std::size_t count() const { return kept_.size(); }

 private:
  void compare(const KeptCheckpoint& one, const MerkleFrontier& frontier) {
    if (frontier.root(hasher_) == one.known.head.root) {
      ++agreeing_;
    } else {
      fmt::print(stderr, "daybook: shard {}: the first {} events do not give the root of {}\n", one.shard,
                 one.known.head.size, one.known.source);
    }
  }

  std::string log_id_;
  std::multimap<std::pair<ShardNumber, std::uint64_t>, KeptCheckpoint> kept_;  ///< By shard and size.
  std::vector<MerkleFrontier> frontiers_;
  MerkleHasher hasher_;
  std::size_t agreeing_ = 0;
};

/// The checkpoints from files, and those that were published.
void expect_checkpoints(const ConsumeOptions& options, const KafkaCheckOptions& check, TreeOfRecords& tree) {
  const std::vector<VerifierKey> keys = read_verifier_keys(options.verifier_keys);
  for (const std::string& file : options.checkpoints) tree.expect(read_kept_checkpoint(file, keys));
  for (ShardNumber shard = 0; options.published_checkpoints && shard < check.shards; ++shard) {
    for (const std::string& note :
         read_published_checkpoints(check.kafka, check.topic_prefix, shard, check.log_id, check.timeout)) {
      tree.expect(open_kept_checkpoint(note, "a published checkpoint", keys));
    }
  }
}

std::stop_source check_stop;

int run_consume(const ConsumeOptions& options) {
  const EventRenderer renderer;
  KafkaCheckOptions check;
  check.kafka = kafka_settings(options.brokers, options.properties);
  check.topic_prefix = options.prefix;
  check.topics = billing_topics(renderer);
  check.shards = options.shards;
  check.log_id = options.log_id;
  check.follow = options.follow;
  LogAccess access;
  if (options.compare) {
    access = open_log(options.common.data);
    check.log = access.log.get();
    check.shards = access.directory->format().shards;
    check.log_id = access.directory->format().log_id;
  }
  if ((options.published_checkpoints || !options.checkpoints.empty()) == options.verifier_keys.empty()) {
    throw std::invalid_argument("--checkpoint and --published-checkpoints need a --verifier-key, and the reverse");
  }
  TreeOfRecords tree(check.shards);
  expect_checkpoints(options, check, tree);
  if (check.log_id.empty()) check.log_id = tree.log_id();
  check.format = cloud_event_format(renderer, check.log_id);
  std::string line;
  Progress progress("consume", "events", options.common.json);
  std::uint64_t seen = 0;
  check.on_event = [&](LogPosition at, std::string_view envelope) {
    ++seen;
    if (tree.is_wanted()) tree.add(at.shard, envelope);
    progress.update(seen, seen);
    if (options.print) {
      line.clear();
      renderer.append_event(line, envelope);
      fmt::print("{}\n", line);
    }
    return true;
  };
  std::signal(SIGINT, [](int) { check_stop.request_stop(); });
  const KafkaCheckReport report = check_kafka(check, check_stop.get_token());
  const std::size_t agreeing = tree.count_agreeing();
  const bool is_right = report.ok() && agreeing == tree.count();
  if (options.common.json) {
    fmt::print(
        "{{\"events\":{},\"billing_records\":{},\"log_id\":\"{}\",\"compared_with_log\":{},"
        "\"checkpoints_found\":{},\"ok\":{}}}\n",
        report.events, report.billing_records, report.log_id, options.compare, agreeing, is_right);
  } else if (!options.print) {
    fmt::print("{} events and {} billing records of log {}: {}\n", report.events, report.billing_records, report.log_id,
               report.ok() ? "dense, in order, exactly once" : "not the log");
    if (tree.is_wanted()) fmt::print("{} of {} checkpoints are of these events\n", agreeing, tree.count());
  }
  if (!report.ok()) fmt::print(stderr, "daybook: {}\n", report.difference);
  if (report.ok() && options.compare) {
    for (ShardNumber shard = 0; shard < check.shards; ++shard) {
      const auto last = report.last.find(shard);
      const Position published = last == report.last.end() ? 0 : last->second;
      if (published < access.log->head(shard)) {
        fmt::print(stderr, "shard {}: published up to {}, the log is at {}\n", shard, published,
                   access.log->head(shard));
      }
    }
  }
  return is_right ? exit_done : exit_check_failed;
}

}  // namespace

void add_consume(Subcommand app, Action& action) {
  auto options = std::make_shared<ConsumeOptions>();
  const Subcommand command = app.subcommand("consume", "Check what is in Kafka, or print it");
  add_common(command, options->common);
  command.add_option("--kafka-brokers", &options->brokers, "host:port,...").envname("DAYBOOK_KAFKA_BROKERS").required();
  command.add_option("--kafka-topic-prefix", &options->prefix, "In front of every topic's name")
      .envname("DAYBOOK_KAFKA_TOPIC_PREFIX");
  command.add_option("--kafka-property", &options->properties, "name=value for librdkafka; repeatable");
  command.add_option("--shards", &options->shards, "Partitions, without --compare").shows_default();
  command.add_option("--log-id", &options->log_id, "Refuse another log's records");
  command.add_flag("--compare", options->compare, "Compare every byte with the log under --data");
  command.add_flag("--print", options->print, "Print the events as JSON lines");
  command.add_option("--checkpoint", &options->checkpoints,
                     "A checkpoint of the log that the records must give the root of; repeatable");
  command.add_flag("--published-checkpoints", options->published_checkpoints,
                   "Each checkpoint in daybook.checkpoints must be signed, and the records give its root");
  command.add_option("--verifier-key", &options->verifier_keys, "A key to trust for it, or a file of them; repeatable");
  command.add_flag("--follow", options->follow, "Go on at the end, until interrupted");
  command.footer(
      "Examples:\n  daybook consume --kafka-brokers 127.0.0.1:9092 --compare --data ./data\n"
      "  daybook consume --kafka-brokers 127.0.0.1:9092 --print\n"
      "  daybook consume --kafka-brokers 127.0.0.1:9092 --checkpoint new.txt --verifier-key keys.txt\n"
      "  daybook consume --kafka-brokers 127.0.0.1:9092 --published-checkpoints --verifier-key keys.txt");
  command.callback([options, &action] { action = [options] { return run_consume(*options); }; });
}

}  // namespace daybook
