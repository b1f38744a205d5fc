#include "tests/simulation/run.h"

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace daybook::test {
namespace {

constexpr unsigned view_attempts_max = 3;
constexpr std::int64_t hour_us = 3'600 * micros_per_second;

}  // namespace

Run::Run(const SimulationOptions& options)
    : options_(options),
      random_(options.seed),
      shards_(static_cast<ShardNumber>(1 + random_.below(2))),
      world_(random_, shards_, find_plant(options.plant)),
      ledger_{Model(), LogAudit(shards_)},
      kafka_(shards_),
      clients_(random_.fork()),
      shoppers_(random_.fork()) {
  recover();
  report_.crashes = 0;
  // Two books a shard, whatever their names hash to.
  std::vector<int> has(shards_);
  for (int number = 1; ledger_.model.books().size() < 2U * shards_; ++number) {
    const std::string book = "book-" + std::to_string(number);
    const ShardNumber shard = world_.engine().shard_of(book);
    if (++has[shard] <= 2) ledger_.model.add_book(book, shard);
  }
  // And a shop.
  has.assign(shards_, 0);
  for (int number = 1; ledger_.log.shops.shops().size() < shards_; ++number) {
    const std::string shop = "shop-" + std::to_string(number);
    const ShardNumber shard = world_.engine().shard_of(shop);
    if (++has[shard] == 1) ledger_.log.shops.add(shop, shard);
  }
}

void Run::fail(const std::string& what) const {
  throw SimulationFailure(step_, what);
}

Complain Run::complain() const {
  return [this](const std::string& what) { fail(what); };
}

void Run::note(std::string_view text) {
  digest_ = XXH3_64bits_withSeed(text.data(), text.size(), digest_);
}

SimulationReport Run::all() {
  while (step_ < options_.steps) {
    ++step_;
    step();
    if (step_ % options_.full_check_steps == 0) check_everything();
  }
  check_everything();
  report_.steps = step_;
  report_.requests = clients_.asked() + shoppers_.asked();
  for (const auto& [name, book] : ledger_.model.books()) report_.accounts += book.accounts.size();
  for (ShardNumber shard = 0; shard < shards_; ++shard) {
    report_.events += ledger_.log.head(shard);
    report_.published += kafka_.published(shard);
  }
  report_.years = static_cast<double>(micros(world_.clock.now()) - micros(simulation_start)) / (365.25 * 24) / hour_us;
  for (const auto& [name, shop] : ledger_.log.shops.shops()) {
    for (const auto& [command, count] : shop.commands) report_.commands[command] += count;
  }
  report_.charges = world_.provider.charged();
  note(std::to_string(ledger_.log.digest()));
  report_.digest = fmt::format("{:016x}", digest_);
  return report_;
}

void Run::step() {
  let_time_pass();
  plan_faults();
  const auto shard = static_cast<ShardNumber>(random_.below(shards_));
  if (random_.once_in(700)) {
    lie_and_lose();
  } else if (random_.once_in(300)) {
    clean_restart();
  } else {
    if (random_.once_in(2)) collect();
    send_group(shard);
    if (random_.once_in(3)) send_shoppers(shard);
    // What the collector found out is in the queues of the others still.
    for (ShardNumber other = 0; other < shards_; ++other) {
      if (other != shard) send({}, other);
    }
  }
  if (random_.once_in(50)) check_at_rest();
  write_behind();
  move_brokers();
  move_provider();
  if (random_.once_in(2)) step_relay(shard);
  if (world_.disk.is_off()) recover();
}

void Run::let_time_pass() {
  // On average four and a half hours: mostly seconds, sometimes days.
  // Whole seconds, so that what falls due together does.
  std::int64_t seconds = random_.between(1, 20);
  if (random_.once_in(3)) seconds = random_.between(1, 20 * 3'600);
  if (random_.once_in(400)) seconds = random_.between(1, 40 * 86'400);
  world_.clock.pass(seconds * micros_per_second);
  // Somebody sets the clock, at times backwards; the ledger's own times must not care.
  if (!random_.once_in(500)) return;
  // The model finds what is due when it looks: it must look before the time is gone again.
  check_at_rest();
  world_.clock.jump(random_.between(-7'200, 7'200) * micros_per_second);
}

void Run::plan_faults() {
  if (fault_steps_ > 0 && --fault_steps_ == 0) heal();
  if (random_.once_in(90)) {
    world_.disk.plan_crash(1 + random_.below(20), random_.once_in(2) ? CrashKind::kill : CrashKind::power_loss);
  }
  if (fault_steps_ > 0 || !random_.once_in(120)) return;
  ++report_.faults;
  fault_steps_ = 1 + random_.below(6);
  switch (random_.below(3)) {
    case 0:
      return world_.disk.fail_once_in(2 + random_.below(20));
    case 1:
      return world_.disk.set_full(true);
    default:
      return world_.disk.set_delay(micros_per_second);
  }
}

void Run::heal() {
  fault_steps_ = 0;
  world_.disk.fail_once_in(0);
  world_.disk.set_full(false);
  world_.disk.set_delay(0);
}

void Run::move_brokers() {
  if (away_steps_ > 0 && --away_steps_ == 0) {
    world_.broker.set_away(false);
    world_.broker.fail_once_in(0);
  }
  if (random_.once_in(200)) world_.broker.end_open_transactions();
  if (away_steps_ > 0 || !random_.once_in(60)) return;
  away_steps_ = 1 + random_.below(30);
  if (random_.once_in(2)) {
    world_.broker.set_away(true);
  } else {
    world_.broker.fail_once_in(3 + random_.below(10));
  }
}

void Run::step_relay(ShardNumber shard) {
  if (!world_.is_open()) return;
  for (std::uint64_t rounds = 1 + random_.below(4); rounds > 0; --rounds) world_.relay().step(shard);
  const KafkaRelay::Status status = world_.relay().status(shard);
  if (status.state == "halted") fail("the relay halted: " + status.message);
  kafka_.look(world_.broker, world_.events_topic(), world_.engine().log(), shard, complain());
}

void Run::write_behind() {
  if (!world_.is_open() || world_.disk.is_off()) return;
  for (ShardNumber shard = 0; shard < shards_; ++shard) {
    if (random_.once_in(4)) world_.engine().write_index(shard);
  }
  try {
    if (random_.once_in(3)) world_.engine().directory().sync_witness();
    if (!random_.once_in(6)) return;
    world_.projections().catch_up();
    views_failed_ = 0;
  } catch (const StorageFault& fault) {
    // Tried again by and by; on a disk that works it must go on.
    if (fault_steps_ > 0 || world_.disk.is_off()) return;
    if (++views_failed_ > view_attempts_max) fail(std::string("the views do not go on: ") + fault.what());
  }
}

void Run::clean_restart() {
  world_.engine().stop();
  if (world_.disk.is_off()) return;
  check_waiters();
  if (!waiters_.empty()) fail("the engine has stopped and owes an answer");
  world_.close();
  if (random_.once_in(8)) world_.delete_views();
  recover();
}

}  // namespace daybook::test
