// The run's traffic: a group of requests goes into the engine, and what becomes of it is compared with the model.
#include <fmt/format.h>

#include "eventstore/envelope_view.h"
#include "tests/simulation/run.h"

namespace daybook::test {
namespace {

constexpr int settle_steps_max = 200;

}  // namespace

void Run::send_group(ShardNumber shard) {
  Group group;
  for (Request& request : clients_.group(ledger_.model, shard, world_.clock.now())) {
    group.push_back(std::make_shared<Sent>());
    group.back()->request = std::move(request);
  }
  send(group, shard);
}

void Run::send(const Group& group, ShardNumber shard) {
  for (const auto& sent : group) {
    Work work = sent->bought ? to_work(*sent->bought) : to_work(sent->request);
    if (!work.command) {
      work.read_account = [sent](const AccountState* state, LogPosition, Instant) {
        sent->state = describe_state(state);
      };
    }
    // Shared with the engine, which may be gone before it answers.
    work.done = [sent, &disk = world_.disk](Answer answer) {
      if (!disk.is_off()) sent->answer = std::move(answer);
    };
    if (!world_.engine().submit(std::move(work))) fail("the queue is full");
  }
  const Instant wall = world_.clock.now();
  const Position head = ledger_.log.head(shard);
  world_.engine().step(shard);
  if (world_.disk.is_off() || !world_.engine().is_ready()) {
    undecided_[shard] = {group, wall, head};
    ++interrupted_;
    return world_.disk.is_off() ? recover() : settle(shard);
  }
  follow(group, wall, true);
  look_at_log();
  check_bought(group, head);
  check_waiters();
}

void Run::settle(ShardNumber shard) {
  for (int step = 0; step < settle_steps_max; ++step) {
    if (random_.once_in(3)) heal();
    world_.clock.pass(micros_per_second);
    std::optional<Position> reloaded;
    world_.on_commit = [&](ShardNumber told, Position head) {
      if (told == shard && !reloaded) reloaded = head;
    };
    world_.engine().step(shard);
    world_.on_commit = [](ShardNumber, Position) {};
    // What comes after the reload is of another group, which has no requests.
    if (reloaded) undecided_[shard] = decide_at(shard, *reloaded, undecided_.at(shard));
    if (world_.disk.is_off()) return recover();
    if (!world_.engine().is_ready()) continue;
    if (!reloaded) fail("a shard has reloaded and did not tell its followers");
    return check_heads();
  }
  fail("the shard does not come back: " + world_.engine().status());
}

Run::Undecided Run::decide_at(ShardNumber shard, Position head, const Undecided& undecided) {
  if (head < undecided.head) {
    fail(fmt::format("shard {} was acknowledged up to {} and has events up to {} only", shard, undecided.head, head));
  }
  // On a full disk commands are refused; what a read found to be due can have been written all the same.
  bool has_commands = false;
  const auto reader = world_.engine().log().read_forward(shard, undecided.head + 1);
  for (StoredEvent event; reader->next(event) && event.position <= head;) {
    has_commands = has_commands || view_envelope(event.envelope).principal != "system:agenda";
  }
  if (has_commands) follow(undecided.group, undecided.wall, false);
  return {{}, undecided.wall, head};
}

void Run::follow(const Group& group, Instant wall, bool is_answered) {
  for (const auto& sent : group) {
    if (sent->bought) continue;  // nothing predicts it
    const Request& request = sent->request;
    if (is_answered && sent->answer && is_unclear(*sent->answer)) {
      if (!world_.engine().is_full()) fail("an engine that is ready answered that it is not: " + describe(request));
      continue;  // refused before it was decided
    }
    if (request.kind == Request::Kind::read) {
      const std::string expected = ledger_.model.state(request.book, request.account, wall);
      if (is_answered && sent->state != expected) {
        fail(fmt::format("{} saw\n  {}\ninstead of\n  {}", describe(request), sent->state, expected));
      }
      if (is_answered && !sent->answer) fail("no answer to " + describe(request));
      continue;
    }
    const std::string expected = ledger_.model.run(request, wall);
    // Done again after its key was forgotten: the first answer's place is another one now.
    if (!expected.starts_with("replay")) positions_.erase({request.book, request.key});
    if (!is_answered) continue;
    if (!sent->answer && request.kind == Request::Kind::advance_clock) {
      waiters_.push_back(sent);
      continue;
    }
    if (!sent->answer) fail("no answer to " + describe(request));
    compare(*sent, expected);
  }
}

void Run::compare(const Sent& sent, const std::string& expected) {
  const Request& request = sent.request;
  const std::string got = daybook::test::describe(*sent.answer);
  note(got);
  if (got != expected) {
    fail(fmt::format("{} was answered\n  {}\ninstead of\n  {}", describe(request), got, expected));
  }
  if (request.key.empty() || request.is_dry_run) return;
  if (sent.answer->rejection.code == RejectionCode::idempotency_key_reused) return;
  LogPosition& first = positions_[{request.book, request.key}];
  if (sent.answer->is_replay && first.position != 0 && sent.answer->accepted() && first != sent.answer->position) {
    fail(fmt::format("{} was answered at {}, the first time at {}", describe(request), to_string(sent.answer->position),
                     to_string(first)));
  }
  first = sent.answer->position;
}

void Run::check_waiters() {
  std::erase_if(waiters_, [&](const std::shared_ptr<Sent>& sent) {
    if (!sent->answer) return false;
    if (!sent->bought && !is_unclear(*sent->answer) && describe(*sent->answer) != "clock") {
      fail("a moved clock was answered " + describe(*sent->answer));
    }
    return true;
  });
}

void Run::look_at_log() {
  for (ShardNumber shard = 0; shard < shards_; ++shard) {
    ledger_.log.look(world_.engine().log(), shard, complain());
    ledger_.model.follow_shard(shard, ledger_.log.ordinals(shard), ledger_.log.recorded_at(shard));
  }
}

}  // namespace daybook::test
