// One run of the simulation: what happens in each step, and what must be true after it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/audit.h"
#include "tests/simulation/clients.h"
#include "tests/simulation/model.h"
#include "tests/simulation/shoppers.h"
#include "tests/simulation/simulation.h"
#include "tests/simulation/world.h"

namespace daybook::test {

/// Says nothing of what was asked for: the ledger could not do it now.
inline bool is_unclear(const Answer& answer) {
  return answer.rejection.code == RejectionCode::not_ready || answer.rejection.code == RejectionCode::storage_full;
}

class Run {
 public:
  explicit Run(const SimulationOptions& options);
  SimulationReport all();

 private:
  /// What the ledger must be: the model, and the log as it was looked at.
  struct Ledger {
    Model model;
    LogAudit log;
  };
  /// A request on its way, and its answer once there is one.
  struct Sent {
    Request request;
    std::optional<ShopRequest> bought;        ///< Instead of the request.
    std::optional<ShopAnswered> kept_before;  ///< What the log had of its key.
    std::optional<Answer> answer;
    std::string state;  ///< What a read saw.
  };
  using Group = std::vector<std::shared_ptr<Sent>>;

  [[noreturn]] void fail(const std::string& what) const;
  Complain complain() const;

  // run.cpp
  void step();
  void let_time_pass();
  void plan_faults();
  void heal();
  void move_brokers();
  void step_relay(ShardNumber shard);
  void write_behind();
  void clean_restart();

  // run_traffic.cpp
  void send_group(ShardNumber shard);
  void send(const Group& group, ShardNumber shard);
  /// Steps a shard whose group failed until it is ready, or the process ends; then knows what became of the group.
  void settle(ShardNumber shard);
  struct Undecided;
  /// The group is in the log if this is the head that it left. What is left to be decided: nothing.
  Undecided decide_at(ShardNumber shard, Position head, const Undecided& undecided);
  /// The group is in the log, or there was nothing to put there: the model does the same, and its answers are compared.
  void follow(const Group& group, Instant wall, bool is_answered);
  void compare(const Sent& sent, const std::string& expected);
  void check_waiters();
  void look_at_log();

  // run_shops.cpp
  void send_shoppers(ShardNumber shard);
  /// A customer from whom a payment waits for a word has acted; nothing if there is none.
  std::optional<ShopRequest> acted_on(ShardNumber shard);
  /// Calls the provider for what has come into the log; its results are in the shards' queues then.
  void collect();
  void move_provider();
  /// What the shops' requests were answered, against what the log keeps of their keys.
  void check_bought(const Group& group, Position head);
  void check_shops_at_rest();
  bool are_clocks_on_their_way() const;
  void check_shop_states();

  // run_crash.cpp
  /// The process has ended: opens everything again, whatever happens meanwhile.
  void recover();
  void check_heads();
  /// A disk that lies for a few groups, and then loses its power.
  void lie_and_lose();
  void accept_loss(const std::vector<std::pair<std::vector<Position>, Ledger>>& moments);

  // run_check.cpp
  void check_everything();
  /// What was due by now has been done, and nothing else.
  void check_at_rest();
  void drain();
  /// After a power loss the witness may be older than the log, until the next group.
  void append_something();
  void check_states();
  void check_books();
  void check_log_and_tree();
  void check_views();
  void check_kafka_whole();
  void note(std::string_view text);

  const SimulationOptions options_;
  Random random_;
  const ShardNumber shards_;
  World world_;
  Ledger ledger_;
  KafkaAudit kafka_;
  Clients clients_;
  Shoppers shoppers_;
  /// A group that nobody knows the fate of: the process ended, or the write failed, while it was in the engine.
  struct Undecided {
    Group group;
    Instant wall{};
    Position head = 0;  ///< Before it.
  };
  std::map<ShardNumber, Undecided> undecided_;
  std::uint64_t interrupted_ = 0;               ///< How many groups there were of that kind.
  std::vector<std::shared_ptr<Sent>> waiters_;  ///< Moved clocks whose answer is not there yet.
  std::map<std::pair<std::string, std::string>, LogPosition> positions_;  ///< Of the first answers, by book and key.
  std::uint64_t fault_steps_ = 0;                                         ///< How long the disk's faults go on.
  std::uint64_t away_steps_ = 0;                                          ///< And Kafka's absence.
  std::uint64_t provider_away_steps_ = 0;                                 ///< And the payment provider's.
  unsigned views_failed_ = 0;                                             ///< How often in a row, on a disk that works.
  std::uint64_t digest_ = 0;
  std::uint64_t step_ = 0;
  SimulationReport report_;
};

}  // namespace daybook::test
