// The run's crashes: opening again until it works, what must be there then, and disks that lied.
#include <fmt/format.h>

#include <algorithm>

#include "tests/simulation/run.h"

namespace daybook::test {
namespace {

constexpr int opens_max = 60;
constexpr std::uint64_t lying_groups_max = 5;

}  // namespace

void Run::recover() {
  ++report_.crashes;
  waiters_.clear();
  world_.close();
  if (random_.once_in(60)) world_.delete_views();
  for (int attempt = 0; attempt < opens_max; ++attempt) {
    world_.disk.power_on();
    world_.clock.pass(micros_per_second);
    // It may end again while it opens, at any operation.
    if (random_.once_in(5)) world_.disk.plan_crash(1 + random_.below(40), CrashKind::power_loss);
    if (attempt > 2) heal();
    if (world_.open()) return check_heads();
    if (attempt > opens_max / 2) break;
  }
  fail("the ledger does not open again: " + world_.why());
}

void Run::check_heads() {
  if (world_.disk.is_off()) return recover();
  for (ShardNumber shard = 0; shard < shards_; ++shard) {
    const Position head = world_.engine().log().head(shard);
    const auto undecided = undecided_.find(shard);
    if (undecided == undecided_.end()) {
      const Position before = ledger_.log.head(shard);
      if (head > before) fail(fmt::format("shard {} has {} events that nobody asked for", shard, head - before));
      decide_at(shard, head, {{}, world_.clock.now(), before});
    } else {
      decide_at(shard, head, undecided->second);
    }
  }
  undecided_.clear();
  look_at_log();
}

void Run::lie_and_lose() {
  heal();
  world_.disk.plan_crash(0, CrashKind::kill);
  drain();
  std::vector<std::pair<std::vector<Position>, Ledger>> moments;
  const auto heads = [&] {
    std::vector<Position> all;
    for (ShardNumber shard = 0; shard < shards_; ++shard) all.push_back(ledger_.log.head(shard));
    return all;
  };
  moments.emplace_back(heads(), ledger_);
  world_.disk.set_lying(true);
  for (std::uint64_t groups = 1 + random_.below(lying_groups_max); groups > 0; --groups) {
    const auto shard = static_cast<ShardNumber>(random_.below(shards_));
    if (random_.once_in(3)) collect();
    random_.once_in(3) ? send_shoppers(shard) : send_group(shard);
    if (heads() != moments.back().first) moments.emplace_back(heads(), ledger_);
    if (random_.once_in(2)) step_relay(shard);
    if (random_.once_in(4)) write_behind();
    world_.clock.pass(micros_per_second);
  }
  ++report_.losses;
  world_.disk.crash(CrashKind::power_loss);
  world_.disk.set_lying(false);
  world_.close();
  waiters_.clear();
  world_.disk.power_on();
  accept_loss(moments);
}

void Run::accept_loss(const std::vector<std::pair<std::vector<Position>, Ledger>>& moments) {
  const std::vector<Position> heads = world_.heads_on_disk();
  const auto moment =
      std::find_if(moments.rbegin(), moments.rend(), [&](const auto& one) { return one.first == heads; });
  if (moment == moments.rend()) fail("a power loss left a part of a group");
  bool must_be_refused = false;
  for (ShardNumber shard = 0; shard < shards_; ++shard) {
    must_be_refused = must_be_refused || world_.witness(shard).position > heads[shard];
  }
  const bool has_lost = moment->first != moments.back().first;
  const bool has_opened = world_.open();
  if (has_opened && must_be_refused) fail("a log that ends before its witness was opened");
  if (!has_opened && !has_lost) fail("a log that lost nothing does not open: " + world_.why());
  world_.close();
  if (must_be_refused) world_.delete_witness();
  if (has_lost) world_.delete_views();
  if (has_lost) world_.provider.lose_history();
  ledger_ = moment->second;
  recover();
  --report_.crashes;
  // A commit whose answer was lost, too, may have come through: before the loss, or only now.
  world_.broker.end_open_transactions();
  bool is_ahead = false;
  for (ShardNumber shard = 0; shard < shards_; ++shard) {
    if (KafkaAudit::reached(world_.broker, world_.events_topic(), shard) <= heads[shard]) continue;
    is_ahead = true;
    world_.broker.set_away(false);
    world_.broker.fail_once_in(0);
    for (int round = 0; round < 3; ++round) world_.relay().step(shard);
    const KafkaRelay::Status status = world_.relay().status(shard);
    if (status.state != "halted" || !status.message.starts_with("history forked")) {
      fail("Kafka is ahead of the log, and the relay is " + status.state + ": " + status.message);
    }
  }
  if (!is_ahead) return;
  world_.change_topics();
  kafka_ = KafkaAudit(shards_);
  recover();
  --report_.crashes;
}

}  // namespace daybook::test
