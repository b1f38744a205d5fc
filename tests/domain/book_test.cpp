// A book's own stream: its sandbox clock, its API keys; and what would come of a decision.
#include "domain/deciders/foresight.h"
#include "tests/domain/filled.h"

using namespace daybook;
using namespace daybook::test;

namespace {

AdvanceSandboxClock advance_by(int days) {
  AdvanceSandboxClock command;
  command.advance = Duration{0, days, 0};
  return command;
}

AdvanceSandboxClock advance_to(Instant to) {
  AdvanceSandboxClock command;
  command.to = to;
  return command;
}

CreateApiKey new_key(Role role = Role::support_rep) {
  CreateApiKey command;
  command.name = "support";
  command.digest = std::string(32, 'x');
  command.prefix = "dbk_ab";
  command.role = role;
  command.scopes = {"credits.read"};
  command.account_id = "acme";
  return command;
}

}  // namespace

TEST_CASE("a sandbox clock goes forward by a duration or to an instant, and where it is already changes nothing") {
  Given given;
  REQUIRE(given.when(advance_by(3)).accepted());
  CHECK(given.book.clock_offset_us == 3 * micros_per_day);
  CHECK(micros(given.book.clock_to) == micros(given.now) + 3 * micros_per_day);
  CHECK(given.book.clock_version == given.book.version);
  given.now = given.book.clock_to;
  const Instant later{micros(given.now) + micros_per_second};
  REQUIRE(given.when(advance_to(later)).accepted());
  CHECK(given.book.clock_offset_us == 3 * micros_per_day + micros_per_second);
  const std::size_t before = given.types.size();
  // A repeat, after wall time has gone on a little; and no way at all.
  given.now = Instant{micros(later) + 5};
  CHECK(given.when(advance_to(later)).accepted());
  CHECK(given.when(advance_by(0)).accepted());
  CHECK(given.types.size() == before);
}

TEST_CASE("a sandbox clock goes neither back nor beyond what an instant can be") {
  Given given;
  const Rejection back = given.when(advance_to(Instant{micros(given.now) - 1})).rejection;
  CHECK(back == must_be("/to", "no time that is over", {{"now", format_rfc3339(given.now)}}));
  CHECK(given.when(advance_to(clock_limit)).rejection.pointer == "/to");
  CHECK(given.when(advance_by(duration_days_max)).rejection.pointer == "/advance");
  CHECK(given.when(advance_to(Instant{micros(clock_limit) - 1})).accepted());
}

TEST_CASE("an API key is made with what it may do, and revoked once") {
  Given given;
  const Decision made = given.when(new_key());
  REQUIRE(made.accepted());
  const ApiKey key = given.book.keys.at(made.subject.id);
  CHECK(key.name == "support");
  CHECK(key.digest == std::string(32, 'x'));
  CHECK(key.prefix == "dbk_ab");
  CHECK(key.role == Role::support_rep);
  CHECK(key.scopes == std::vector<std::string>{"credits.read"});
  CHECK(key.account_id == "acme");
  CHECK_FALSE(key.revoked);
  CHECK(key.created_at == given.now);
  given.pass_seconds(1);
  REQUIRE(given.when(RevokeApiKey{key.id}).accepted());
  CHECK(given.book.keys.at(key.id).revoked);
  CHECK(given.book.keys.at(key.id).revoked_at == given.now);
  const std::size_t before = given.types.size();
  CHECK(given.when(RevokeApiKey{key.id}).accepted());
  CHECK(given.refused(RevokeApiKey{{9, 9, 0, 0}}) == RejectionCode::not_found);
  CHECK(given.types.size() == before);
}

TEST_CASE("what would come of a decision is what comes of it, and the account before it stays as it is") {
  Filled given;
  const Command commands[] = {deduct(1), issue(5), FinalizeInvoice{given.draft_id}};
  for (const Command& command : commands) {
    CAPTURE(command_name(command));
    const std::string before = encode_state(given.account);
    const DecisionContext context = given.context();
    const Decision decision = decide(given.account, command, context);
    REQUIRE(decision.accepted());
    const AccountState after = foreseen(given.account, decision, context);
    CHECK(encode_state(given.account) == before);
    given.accept(command);
    CHECK(encode_state(after) == encode_state(given.account));
  }
}

TEST_CASE("the invoice that a decision makes is foreseen, and none where it makes none") {
  Subscribing given;
  given.plan(flat_terms("1000"));
  const DecisionContext context = given.context();
  CHECK(foreseen_invoice(given.account, context) == nullptr);
  const Decision decision = decide(given.account, Subscribing::to_plan(), context);
  const AccountState after = foreseen(given.account, decision, context);
  REQUIRE(foreseen_invoice(after, context) != nullptr);
  CHECK(foreseen_invoice(after, context)->total == 1'000);
  given.accept(Subscribing::to_plan());
  CHECK(foreseen_invoice(given.account, given.context()) == nullptr);
}

TEST_CASE("the upcoming invoice is the one that the period's end makes") {
  Subscribing given("2027-01-31T00:00:00Z");
  const EntityRef id = given.subscribe("1000");
  const auto upcoming = upcoming_invoice(given.account, id, given.context());
  REQUIRE(upcoming.has_value());
  given.wait_until("2027-02-28T00:00:00Z");
  const Invoice& made = given.account.invoices().rbegin()->second;
  CHECK(upcoming->total == made.total);
  CHECK(Subscribing::span(upcoming->lines.front()->period_start, upcoming->lines.front()->period_end) ==
        "[2027-02-28,2027-03-31)");
  CHECK_FALSE(upcoming_invoice(given.account, {2, 99, 0, 0}, given.context()).has_value());
  // What is paused, ends with its period, or costs nothing has no next invoice.
  given.pause(id);
  CHECK_FALSE(upcoming_invoice(given.account, id, given.context()).has_value());
  given.resume(id);
  given.cancel(id);
  CHECK_FALSE(upcoming_invoice(given.account, id, given.context()).has_value());
  given.cancel(id, CancellationMode::immediate);
  CHECK_FALSE(upcoming_invoice(given.account, id, given.context()).has_value());
  given.plan(flat_terms("0"), "free");
  const EntityRef free = given.accept(Subscribing::to_plan("free"));
  CHECK_FALSE(upcoming_invoice(given.account, free, given.context()).has_value());
}
