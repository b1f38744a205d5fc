#include "tests/simulation/world.h"

#include "engine/sealing.h"
#include "tests/simulation/simulated_directory.h"
#include "tests/simulation/simulated_log.h"
#include "tests/simulation/simulated_row_store.h"

namespace daybook::test {
namespace {

constexpr std::size_t row_bytes_max = 2'048;    ///< So that groups have several rows.
constexpr std::size_t cache_bytes = 512 << 10;  ///< So that accounts are let go and loaded again.
constexpr std::uint64_t dirty_lag_events = 60;  ///< So that rows run ahead of the checkpoint.
constexpr std::uint64_t free_bytes_min = 1 << 20;
constexpr std::size_t store_flush_bytes = 8 << 10;
constexpr std::size_t batch_events = 700;  ///< Of the views.
constexpr std::size_t transaction_events = 200;

EventFormat compact_format(const EventRenderer& renderer) {
  return {.topic = [&renderer](std::string_view envelope) { return std::string(renderer.topic(envelope)); },
          // What the JSON looks like has its own tests, and would take most of the time.
          .cloud_event =
              [](std::string_view envelope, Position previous) {
                return std::to_string(envelope.size()) + " after " + std::to_string(previous);
              }};
}

}  // namespace

World::World(Random& random, ShardNumber shards, const Plant& plant)
    : disk(random.fork(), clock), broker(random.fork()), provider(random.fork()), plant_(plant) {
  format_.shards = shards;
  format_.log_id = "5eed5eed5eed5eed5eed5eed5eed5eed";
  std::filesystem::create_directories(scratch_.path() / "keys");
  if (plant_.kafka) planted_client_ = plant_.kafka(broker);
  if (plant_.provider) planted_provider_ = plant_.provider(provider);
}

World::~World() {
  disk.crash(CrashKind::kill);
  close();
}

std::unique_ptr<RowStore> World::open_rows(const RowStore::Options& options) {
  RowStore::Options small = options;
  small.flush_bytes = store_flush_bytes;
  auto store = open_simulated_rows(disk, small);
  if (!plant_.rows) return store;
  return plant_.rows(std::move(store), options.directory.lexically_relative(scratch_.path() / "views"));
}

bool World::open() {
  Engine::Options options;
  options.clock = &clock;
  options.threads = false;
  options.sandbox = true;
  options.collects = true;
  options.cache_bytes = cache_bytes;
  options.free_bytes_min = free_bytes_min;
  options.dirty_lag_events = dirty_lag_events;
  options.ground.open_directory = [this]() -> std::unique_ptr<DataDirectory> {
    std::unique_ptr<DataDirectory> directory = std::make_unique<SimulatedDirectory>(disk, scratch_.path(), format_);
    return plant_.directory ? plant_.directory(std::move(directory)) : std::move(directory);
  };
  options.ground.open_log = [this](EventLog::Options log) {
    log.row_bytes_max = row_bytes_max;
    if (plant_.change_log_options) plant_.change_log_options(log);
    auto opened = open_simulated_log(disk, log);
    return plant_.log ? plant_.log(std::move(opened)) : std::move(opened);
  };
  options.ground.open_keyring = [this]() -> std::unique_ptr<Keyring> {
    std::unique_ptr<Keyring> keys = std::make_unique<SimulatedKeyring>(disk, keys_);
    return plant_.keyring ? plant_.keyring(std::move(keys)) : std::move(keys);
  };
  options.ground.open_rows = [this](const RowStore::Options& rows) { return open_rows(rows); };
  if (plant_.decide) options.ground.decide = plant_.decide;
  if (plant_.decide_due) options.ground.decide_due = plant_.decide_due;
  std::filesystem::create_directories(scratch_.path() / "views");  // the collector's cursors are real files
  try {
    engine_ = Engine::open(options);
    engine_->add_commit_listener([this](ShardNumber shard, Position position) { on_commit(shard, position); });
    Projections::Options views;
    views.directory = scratch_.path() / "views";
    views.log = &engine_->log();
    views.streams = [this](const std::string& stream, std::uint64_t from, std::uint64_t to) {
      return engine_->stream_positions(stream, from, to);
    };
    views.email_digest = email_digester(engine_->keyring());
    views.follow = false;
    views.batch_events_max = batch_events;
    views.cache_bytes = 256 << 10;
    views.open_rows = options.ground.open_rows;
    projections_ = Projections::open(views);
    KafkaRelay::Options relay;
    relay.log_id = format_.log_id;
    relay.shards = format_.shards;
    relay.topic_prefix = prefix_;
    relay.topics = billing_topics(renderer_);
    relay.client = planted_client_ ? planted_client_.get() : &broker;
    relay.transaction_events_max = transaction_events;
    relay.transaction_time_max = std::chrono::hours(1);  // the machine's time must decide nothing
    relay_ = std::make_unique<KafkaRelay>(std::move(relay), engine_->log(), compact_format(renderer_));
    PaymentCollector::Options collector;
    collector.engine = engine_.get();
    collector.provider = [this](std::string_view, const std::string&) -> PaymentProvider* {
      return planted_provider_ ? planted_provider_.get() : &provider;
    };
    collector.clock = &clock;
    collector_ = std::make_unique<PaymentCollector>(std::move(collector));
    return true;
  } catch (const StorageFault& fault) {
    why_ = fault.what();
    close();
    return false;
  }
}

void World::close() {
  if (collector_ && !disk.is_off()) collector_->stop();
  collector_.reset();
  relay_.reset();
  projections_.reset();
  engine_.reset();
}

std::vector<Position> World::heads_on_disk() {
  EventLog::Options options;
  options.directory = scratch_.path() / "log";
  options.shards = format_.shards;
  const auto log = open_simulated_log(disk, options);
  std::vector<Position> heads;
  for (ShardNumber shard = 0; shard < format_.shards; ++shard) heads.push_back(log->head(shard));
  return heads;
}

HeadWitness World::witness(ShardNumber shard) {
  return SimulatedDirectory(disk, scratch_.path(), format_).read_witness(shard);
}

void World::delete_witness() {
  for (ShardNumber shard = 0; shard < format_.shards; ++shard) {
    SimulatedDirectory(disk, scratch_.path(), format_).witness(shard, {});
  }
  disk.sync_cells();
}

void World::delete_views() {
  std::filesystem::remove_all(scratch_.path() / "views");
  disk.erase_tables_under(scratch_.path() / "views");
}

void World::change_topics() {
  close();
  broker.delete_topics(prefix_);
  prefix_ = "s" + std::to_string(++topics_number_) + ".";
}

KafkaCheckOptions World::check_options() {
  KafkaCheckOptions options;
  options.client = &broker;
  options.timeout = std::chrono::milliseconds(100);  // of this machine: the model answers at once or not at all
  options.topic_prefix = prefix_;
  options.topics = billing_topics(renderer_);
  options.shards = format_.shards;
  options.format = compact_format(renderer_);
  options.log = engine_ ? &engine_->log() : nullptr;
  options.log_id = format_.log_id;
  return options;
}

}  // namespace daybook::test
