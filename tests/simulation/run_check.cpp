// The run's full check: everything at rest, all against all.
#include <fmt/format.h>

#include "connectors/kafka_check.h"
#include "eventstore/merkle_check.h"
#include "eventstore/verify.h"
#include "tests/simulation/run.h"

namespace daybook::test {
namespace {

constexpr int idle_rounds_max = 2'000;
constexpr std::int64_t payment_pause_max_us = 60 * micros_per_second;
constexpr std::size_t reads_per_group = 500;
constexpr std::uint64_t sampled_once_in = 40;
constexpr std::uint64_t busy_events = 60;  ///< Accounts with so many are all looked at.

}  // namespace

void Run::drain() {
  world_.clock.pass(micros_per_second);  // a shard whose disk was full looks again after a while
  world_.provider.set_away(false);
  world_.provider.lose_once_in(0);
  for (int round = 0; round < idle_rounds_max; ++round) {
    collect();
    bool is_idle = true;
    for (ShardNumber shard = 0; shard < shards_; ++shard) {
      const Position before = ledger_.log.head(shard);
      const std::uint64_t interrupted_before = interrupted_;
      send({}, shard);
      is_idle = is_idle && ledger_.log.head(shard) == before && interrupted_ == interrupted_before;
    }
    // Those who do not say are asked again after a pause.
    const bool is_collected = world_.collector().status().unanswered == 0;
    if (!is_collected) world_.clock.pass(payment_pause_max_us);
    if (is_idle && is_collected && waiters_.empty() && !are_clocks_on_their_way()) return;
  }
  fail("the shards do not come to rest");
}

void Run::append_something() {
  for (const auto& [name, book] : ledger_.model.books()) {
    const auto sent = std::make_shared<Sent>();
    sent->request.kind = Request::Kind::restore;
    sent->request.book = name;
    sent->request.account = "nobody";
    sent->request.key = fmt::format("check {}", step_);
    sent->request.fingerprint = "check           ";
    send({sent}, book.shard);
  }
}

void Run::check_everything() {
  ++report_.full_checks;
  heal();
  if (world_.disk.is_off()) recover();
  world_.disk.plan_crash(0, CrashKind::kill);
  drain();
  append_something();
  check_at_rest();
  check_states();
  check_shop_states();
  check_books();
  check_log_and_tree();
  check_views();
  check_kafka_whole();
}

void Run::check_at_rest() {
  heal();
  drain();
  ledger_.model.run_all_due(world_.clock.now());
  for (const auto& [name, book] : ledger_.model.books()) {
    for (const auto& [id, account] : book.accounts) {
      const std::uint64_t version = ledger_.log.version(book.shard, name + "/" + id);
      if (version == account.version) continue;
      fail(fmt::format("{}/{} has {} events at rest, and should have {}: {}", name, id, version, account.version,
                       ledger_.model.state(name, id, world_.clock.now())));
    }
  }
  check_shops_at_rest();
  for (ShardNumber shard = 0; shard < shards_; ++shard) {
    const std::uint64_t events = ledger_.model.events(shard) + ledger_.log.shops.events(shard);
    if (events != ledger_.log.head(shard)) fail("a book has more or fewer events than it should");
  }
}

void Run::check_states() {
  for (const auto& [name, book] : ledger_.model.books()) {
    Group group;
    for (const auto& [id, account] : book.accounts) {
      group.push_back(std::make_shared<Sent>());
      group.back()->request.book = name;
      group.back()->request.account = id;
      if (group.size() < reads_per_group && id != book.accounts.rbegin()->first) continue;
      send(group, book.shard);
      group.clear();
    }
    for (const auto& [id, account] : book.accounts) {
      if (account.version < busy_events && !random_.once_in(sampled_once_in)) continue;
      const std::string stream = name + "/" + id;
      const auto positions = world_.engine().stream_positions(stream, 1, account.version + 1);
      if (positions.size() != account.version) {
        fail(fmt::format("the index knows {} of {} events of {}", positions.size(), account.version, stream));
      }
      for (std::uint64_t version = 1; version <= account.version; ++version) {
        const auto one = world_.engine().stream_positions(stream, version, version);
        if (one.size() != 1 || one.front() != positions[version - 1]) {
          fail(fmt::format("the index does not find the event {} of {}", version, stream));
        }
      }
      const Engine::History history = world_.engine().account_as_of(name, id, std::nullopt, std::nullopt);
      const std::string folded = describe_state(history.state ? &*history.state : nullptr);
      const std::string expected = ledger_.model.state(name, id, world_.clock.now());
      if (folded != expected)
        fail(fmt::format("{} folded from the log is\n  {}\ninstead of\n  {}", stream, folded, expected));
    }
  }
}

void Run::check_books() {
  for (const auto& [name, book] : ledger_.model.books()) {
    Work work;
    work.context.principal.book = name;
    BookState state;
    work.read_book = [&](const BookState& now, LogPosition, Instant) { state = now; };
    work.done = [](const Answer&) {};
    world_.engine().submit(std::move(work));
    world_.engine().step(book.shard);
    if (state.clock_offset_us != book.offset_us || state.version != book.version ||
        state.keys.size() != book.keys.size()) {
      fail("the book " + name + " has another clock, version or number of keys than it should");
    }
    for (const auto& [id, key] : book.keys) {
      const auto found = state.keys.find(id);
      const bool is_same = found != state.keys.end() && found->second.name == key.name &&
                           found->second.revoked == key.is_revoked && found->second.version == key.version;
      if (!is_same) fail("the API key \"" + key.name + "\" of the book " + name + " is not what it should be");
      if (!world_.engine().find_api_key(sha256(key.name))) fail("the API key \"" + key.name + "\" is not found");
    }
  }
}

void Run::check_log_and_tree() {
  for (ShardNumber shard = 0; shard < shards_; ++shard) {
    const EventLog& log = world_.engine().log();
    ledger_.log.look_again(log, shard, complain());
    const LogCheck check = verify_log(log, shard);
    if (!check.ok()) fail("the log: " + check.problems.front().text);
    const auto tree = world_.engine().tree(shard);
    const HeadWitness witness = world_.witness(shard);
    if (witness.position != log.head(shard)) {
      fail(fmt::format("the witness of shard {} is at {}, the log at {}", shard, witness.position, log.head(shard)));
    }
    const std::vector<KnownHead> known{{tree->head(), "the tree"}, {{witness.position, witness.root}, "the witness"}};
    const MerkleCheck nodes = check_merkle(log, shard, *tree, known);
    if (!nodes.ok()) fail("the Merkle tree: " + nodes.problems.front().text);
  }
  for (const auto& [name, book] : ledger_.model.books()) {
    std::map<std::uint64_t, std::string> owners;
    for (const auto& [id, account] : book.accounts) {
      Work work;
      work.context.principal.book = name;
      work.account_id = id;
      AccountDetails details;
      work.read_account = [&](const AccountState* state, LogPosition, Instant) { details = state->details; };
      work.done = [](const Answer&) {};
      world_.engine().submit(std::move(work));
      world_.engine().step(book.shard);
      const bool is_living = world_.engine().keyring().is_living(details.sealing_key);
      if (is_living == (account.status == "deleted")) {
        fail(
            fmt::format("the sealing key of {}, which is {}, {}", id, account.status, is_living ? "lives" : "is gone"));
      }
      if (!owners.emplace(details.sealing_key, id).second) {
        fail(fmt::format("{} and {} have one sealing key", id, owners.at(details.sealing_key)));
      }
    }
  }
}

void Run::check_views() {
  Projections& views = world_.projections();
  for (int attempt = 0;; ++attempt) {
    try {
      views.catch_up();
      break;
    } catch (const StorageFault& fault) {
      if (attempt > 5) fail(std::string("the views do not catch up: ") + fault.what());
    }
  }
  for (const ViewStatus& status : views.status(world_.clock.now())) {
    if (status.lag_events == 0 && status.state != ViewState::failed) continue;
    fail(fmt::format("the view {} is {} and {} events behind: {}", to_text(status.name), to_text(status.state),
                     status.lag_events, status.message));
  }
  for (const ViewName view : all_views) {
    const ViewCheck check = views.check_view(view);
    note(views.digest(view));
    if (!check.passed()) {
      fail(fmt::format("the view {} has {} rows that a fold from zero has not: {} {}", to_text(view),
                       check.differences_found, check.error,
                       check.differences.empty() ? "" : check.differences.front().key));
    }
  }
  const Reconciliation sums = views.reconcile();
  if (!sums.passed()) fail("the views contradict each other: " + sums.failures.front());
}

void Run::check_kafka_whole() {
  world_.broker.set_away(false);
  world_.broker.fail_once_in(0);
  away_steps_ = 0;
  for (ShardNumber shard = 0; shard < shards_; ++shard) {
    int rounds = 0;
    while (world_.relay().status(shard).published < ledger_.log.head(shard)) {
      step_relay(shard);
      if (++rounds > idle_rounds_max)
        fail("the relay does not reach the head: " + world_.relay().status(shard).message);
    }
  }
  KafkaCheckReport report;
  try {
    report = check_kafka(world_.check_options());
  } catch (const KafkaFault& fault) {
    fail("Kafka, which nothing ails now, cannot be checked: " + std::string(fault.what()));
  }
  if (!report.ok()) fail("Kafka: " + report.difference);
  for (ShardNumber shard = 0; shard < shards_; ++shard) {
    const auto last = report.last.find(shard);
    const Position published = last == report.last.end() ? 0 : last->second;
    if (published != ledger_.log.head(shard)) fail("Kafka ends before the log does");
  }
}

}  // namespace daybook::test
