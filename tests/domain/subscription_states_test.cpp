// The states of a subscription: every command in every state either goes an edge that there is, or is refused with
// from, to and what is allowed.
#include "tests/domain/changing.h"
#include "tests/domain/paying.h"

using namespace daybook;
using namespace daybook::test;

namespace {

using Status = SubscriptionStatus;

/// Where a subscription stands, and the commands that bring one there.
struct State {
  std::string_view name;
  Status status;
  std::string_view allowed;
};

constexpr State states[] = {
    {"in its trial", Status::trialing, "active, paused, canceled"},
    {"active", Status::active, "paused, canceled"},
    {"paused", Status::paused, "active, canceled"},
    {"paused in its trial", Status::paused, "trialing, canceled"},
    {"canceled", Status::canceled, "active"},
    {"past due", Status::past_due, "active, canceled"},
};

struct Move {
  std::string_view name;
  Command (*command)(EntityRef id);
  Status to;  ///< What it asks for.
  /// Of the states above, in order: where it leads; nothing: there is no such edge.
  std::optional<Status> leads[std::size(states)];
};

const std::optional<Status> no;

const Move moves[] = {
    {"pause",
     [](EntityRef id) -> Command { return Subscribing::pausing(id); },
     Status::paused,
     {Status::paused, Status::paused, no, no, no, no}},
    {"resume",
     [](EntityRef id) -> Command {
       return ResumeSubscription{{}, id};
     },
     Status::active,
     {no, no, Status::active, Status::trialing, no, no}},
    {"cancel at once",
     [](EntityRef id) -> Command {
       CancelSubscription command;
       command.subscription = id;
       command.mode = CancellationMode::immediate;
       return command;
     },
     Status::canceled,
     {Status::canceled, Status::canceled, Status::canceled, Status::canceled, no, Status::canceled}},
    {"reactivate",
     [](EntityRef id) -> Command {
       return ReactivateSubscription{{}, id};
     },
     Status::active,
     {no, no, no, no, Status::active, no}},
};

EntityRef brought_to(Paying& given, const State& state) {
  CreateSubscription create = Subscribing::to_plan();
  const bool is_trial = state.name.find("trial") != state.name.npos;
  if (is_trial) create.trial_days = 30;
  if (state.status == Status::past_due) given.attach();
  const EntityRef id = given.accept(create);
  if (state.status == Status::paused) given.pause(id);
  if (state.status == Status::past_due) given.accept(Paying::decline(given.last_payment().id));
  if (state.status == Status::canceled) given.cancel(id, CancellationMode::immediate);
  REQUIRE(given.subscription(id).status == state.status);
  return id;
}

std::string detail_of(const Rejection& rejection, std::string_view name) {
  for (const RejectionDetail& detail : rejection.details) {
    if (detail.name == name) return std::get<std::string>(detail.value);
  }
  return {};
}

}  // namespace

TEST_CASE("SUB-07: the oldest subscription that lives is the account's primary one") {
  Subscribing given;
  CHECK(given.account.primary_subscription() == nullptr);
  const EntityRef first = given.subscribe("1000"), second = given.accept(Subscribing::to_plan());
  CHECK(given.account.primary_subscription()->id == first);
  given.cancel(first, CancellationMode::immediate);
  CHECK(given.account.primary_subscription()->id == second);
  given.cancel(second, CancellationMode::immediate);
  CHECK(given.account.primary_subscription() == nullptr);
}

TEST_CASE("TS-022, SUB-05: each command goes an edge of the states, or is refused with from, to and allowed") {
  for (const State& state : states) {
    for (const Move& move : moves) {
      CAPTURE(state.name);
      CAPTURE(move.name);
      Paying given;
      given.plan(flat_terms("1000"));
      const EntityRef id = brought_to(given, state);
      const std::size_t before = given.types.size();
      const Decision decision = given.when(move.command(id));
      const std::optional<Status> leads = move.leads[&state - states];
      CHECK(decision.accepted() == leads.has_value());
      CHECK(given.subscription(id).status == leads.value_or(state.status));
      if (leads) continue;
      CHECK(given.types.size() == before);
      CHECK(decision.rejection.code == RejectionCode::invalid_transition);
      CHECK(detail_of(decision.rejection, "from") == to_text(state.status));
      CHECK(detail_of(decision.rejection, "to") == to_text(move.to));
      CHECK(detail_of(decision.rejection, "allowed") == state.allowed);
    }
  }
}

TEST_CASE("what is paused is not changed, what is ended neither, and the refusals say why") {
  for (const State& state : states) {
    if (state.status != Status::paused && state.status != Status::canceled) continue;
    CAPTURE(state.name);
    Paying given;
    given.plan(flat_terms("1000"));
    given.plan(flat_terms("2000"), "other");
    const EntityRef id = brought_to(given, state);
    const auto code =
        state.status == Status::paused ? RejectionCode::subscription_paused : RejectionCode::invalid_transition;
    CHECK(given.refused(Changing::to(id, "other")) == code);
    CHECK(given.refused(Changing::later(id, "other")) == code);
    CHECK(given.refused(Changing::seats(id, 2)) == code);
  }
}

TEST_CASE("a subscription that there is not is not found, whatever is asked of it") {
  Subscribing given;
  for (const Move& move : moves) CHECK(given.refused(move.command({2, 99, 0, 0})) == RejectionCode::not_found);
}
