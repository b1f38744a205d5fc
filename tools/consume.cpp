// daybook consume: reads what was published to Kafka as any consumer would and checks that it is the log.
#include <fmt/format.h>

#include <csignal>
#include <thread>

#include "connectors/kafka_check.h"
#include "eventstore/envelope_view.h"
#include "projections/event_json.h"
#include "tools/command_line.h"
#include "tools/log_access.h"

namespace daybook {
namespace {

struct ConsumeOptions {
  CommonOptions common;
  std::string brokers, prefix, log_id;
  std::vector<std::string> properties;
  ShardNumber shards = 1;
  bool compare = false, print = false, follow = false;
};

std::stop_source interrupted;

int run_consume(const ConsumeOptions& options) {
  const EventRenderer renderer;
  KafkaCheckOptions check;
  check.kafka.brokers = options.brokers;
  for (const std::string& property : options.properties) {
    const auto equals = property.find('=');
    if (equals == std::string::npos) throw std::invalid_argument("--kafka-property takes name=value");
    check.kafka.extra[property.substr(0, equals)] = property.substr(equals + 1);
  }
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
  check.format = cloud_event_format(renderer, check.log_id);
  std::string line;
  Progress progress("consume", "events", options.common.json);
  std::uint64_t seen = 0;
  check.on_event = [&](LogPosition, std::string_view envelope) {
    ++seen;
    progress.update(seen, seen);
    if (options.print) {
      line.clear();
      renderer.append_event(line, envelope);
      fmt::print("{}\n", line);
    }
    return true;
  };
  std::signal(SIGINT, [](int) { interrupted.request_stop(); });
  const KafkaCheckReport report = check_kafka(check, interrupted.get_token());
  if (options.common.json) {
    fmt::print("{{\"events\":{},\"billing_records\":{},\"log_id\":\"{}\",\"compared_with_log\":{},\"ok\":{}}}\n",
               report.events, report.billing_records, report.log_id, options.compare, report.ok());
  } else if (!options.print) {
    fmt::print("{} events and {} billing records of log {}: {}\n", report.events, report.billing_records, report.log_id,
               report.ok() ? "dense, in order, exactly once" : "not the log");
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
  return report.ok() ? exit_done : exit_check_failed;
}

}  // namespace

void add_consume(CLI::App& app, Action& action) {
  auto options = std::make_shared<ConsumeOptions>();
  CLI::App& command = *app.add_subcommand("consume", "Check what is in Kafka, or print it");
  add_common(command, options->common);
  command.add_option("--kafka-brokers", options->brokers, "host:port,...")
      ->envname("DAYBOOK_KAFKA_BROKERS")
      ->required();
  command.add_option("--kafka-topic-prefix", options->prefix, "In front of every topic's name")
      ->envname("DAYBOOK_KAFKA_TOPIC_PREFIX");
  command.add_option("--kafka-property", options->properties, "name=value for librdkafka; repeatable");
  command.add_option("--shards", options->shards, "Partitions, without --compare")->capture_default_str();
  command.add_option("--log-id", options->log_id, "Refuse another log's records");
  command.add_flag("--compare", options->compare, "Compare every byte with the log under --data");
  command.add_flag("--print", options->print, "Print the events as JSON lines");
  command.add_flag("--follow", options->follow, "Go on at the end, until interrupted");
  command.footer(
      "Examples:\n  daybook consume --kafka-brokers 127.0.0.1:9092 --compare --data ./data\n"
      "  daybook consume --kafka-brokers 127.0.0.1:9092 --print");
  command.callback([options, &action] { action = [options] { return run_consume(*options); }; });
}

}  // namespace daybook
