// The ledger in its simulated world: the engine, its views, its relay and its collector on a disk, keys, a broker and a
// payment provider of the simulation's own, opened, crashed and opened again. Knows no clients and no model.
#pragma once

#include <memory>
#include <string>

#include "connectors/kafka_check.h"
#include "connectors/kafka_relay.h"
#include "connectors/payment_collector.h"
#include "engine/engine.h"
#include "projections/event_json.h"
#include "projections/projections.h"
#include "tests/simulation/model_broker.h"
#include "tests/simulation/model_provider.h"
#include "tests/simulation/plants.h"
#include "tests/simulation/scratch.h"
#include "tests/simulation/simulated_keyring.h"

namespace daybook::test {

inline constexpr Instant simulation_start{1'800'000'000'000'000};  // 2027-01-15T08:00:00Z

class World {
 public:
  World(Random& random, ShardNumber shards, const Plant& plant);
  ~World();

  /// False if the process ended, or an operation failed, while it opened: nothing is open then, why() says why.
  bool open();
  const std::string& why() const { return why_; }
  /// Lets go of everything; nothing is written if the disk is off.
  void close();
  bool is_open() const { return engine_ != nullptr; }

  Engine& engine() { return *engine_; }
  Projections& projections() { return *projections_; }
  KafkaRelay& relay() { return *relay_; }
  PaymentCollector& collector() { return *collector_; }
  ShardNumber shards() const { return format_.shards; }

  /// The heads that the log would be opened with. Requires that it is closed.
  std::vector<Position> heads_on_disk();
  /// The witness that the disk holds.
  HeadWitness witness(ShardNumber shard);
  /// As an operator who accepts a loss.
  void delete_witness();
  /// As an operator who deletes views/ while nothing is open.
  void delete_views();
  /// Closes, and goes on with new topics, as after a restore.
  void change_topics();
  std::string events_topic() const { return KafkaTopics{prefix_, {}}.events(); }
  KafkaCheckOptions check_options();

  /// What the engine tells its followers: after each group, and when a shard has reloaded.
  std::function<void(ShardNumber, Position)> on_commit = [](ShardNumber, Position) {};
  SimulatedClock clock{simulation_start};
  SimulatedDisk disk;
  ModelBroker broker;
  ModelProvider provider;

 private:
  std::unique_ptr<RowStore> open_rows(const RowStore::Options& options);

  const Plant& plant_;
  Scratch scratch_;
  DirectoryFormat format_;
  KeySlots keys_;
  std::unique_ptr<KafkaClient> planted_client_;
  std::unique_ptr<PaymentProvider> planted_provider_;
  const EventRenderer renderer_;
  unsigned topics_number_ = 1;
  std::string prefix_ = "s1.";
  std::string why_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Projections> projections_;
  std::unique_ptr<KafkaRelay> relay_;
  std::unique_ptr<PaymentCollector> collector_;
};

}  // namespace daybook::test
