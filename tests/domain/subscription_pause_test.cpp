// Pauses: what is left of a period is kept, nothing is billed meanwhile, and what comes after goes by the time that was
// used.
#include "tests/domain/changing.h"

using namespace daybook;
using namespace daybook::test;

namespace {

using Unit = schema::IntervalUnit;
using E = schema::Event;

}  // namespace

TEST_CASE("PAU-01, PAU-03: ten days of pause move the period's end by ten days, and it goes on by itself") {
  Changing given("2027-04-01T00:00:00Z");
  const EntityRef id = given.subscribe("3000");
  given.wait_until("2027-04-11T00:00:00.7Z");
  PauseSubscription command = Subscribing::pausing(id, "2027-04-21T00:00:00.9Z");
  command.reason.sealed = {1, "nonce", "reason"};
  given.accept(command);
  const Subscription& paused = given.subscription(id);
  CHECK(paused.status == SubscriptionStatus::paused);
  CHECK(paused.paused_at == at("2027-04-11T00:00:00Z"));
  CHECK(paused.resumes_at == at("2027-04-21T00:00:00Z"));
  CHECK(paused.pause_ends_at == at("2027-07-11T00:00:00Z"));
  CHECK(paused.pause_reason == command.reason.sealed);
  CHECK(given.period(id) == "[2027-04-01,2027-05-01)");
  CHECK(given.account.next_due() == paused.resumes_at);
  check_changed_row(given.account);

  given.wait_until("2027-08-01T00:00:00Z");  // late: what was due is as it would have been in time
  CHECK(given.count(E::SubscriptionResumed) == 1);
  CHECK(given.subscription(id).status == SubscriptionStatus::active);
  CHECK(given.subscription(id).paused_at == never);
  CHECK(given.subscription(id).pause_reason.empty());
  CHECK(given.invoices() ==
        std::vector<std::string>{"INV-000001 [2027-04-01,2027-05-01) 3000", "INV-000002 [2027-05-11,2027-06-11) 3000",
                                 "INV-000003 [2027-06-11,2027-07-11) 3000", "INV-000004 [2027-07-11,2027-08-11) 3000"});
  check_changed_row(given.account);
}

TEST_CASE("PAU-02, PAU-03: without a date nothing is billed for two cycles, until somebody resumes it") {
  Changing given("2027-04-01T00:00:00Z");
  const EntityRef id = given.subscribe("3000");
  given.pause(id);
  given.wait_until("2027-06-05T12:00:00Z");
  CHECK(given.account.invoices().size() == 1);
  CHECK(given.subscription(id).status == SubscriptionStatus::paused);
  given.resume(id);
  CHECK(given.period(id) == "[2027-04-01,2027-07-05T12:00:00Z)");
  given.wait_until("2027-07-05T12:00:00Z");
  CHECK(given.period(id) == "[2027-07-05T12:00:00Z,2027-08-05T12:00:00Z)");
  CHECK(given.account.invoices().size() == 2);
}

TEST_CASE("PAU-04: on day 90 it is still paused, with day 91 it is cancelled, as on what the policy says") {
  for (const std::int32_t days : {90, 5}) {
    Changing given("2027-04-01T08:00:00.5Z");
    const EntityRef id = given.subscribe("3000");
    ChangePolicy policy;
    policy.policy = "pause.max_days";
    policy.days = days;
    REQUIRE(given.when(policy).accepted());
    given.pause(id);
    const Instant paused = given.subscription(id).paused_at;
    const auto after = [&](std::int64_t day, std::int64_t seconds) {
      given.now = Instant{micros(paused) + day * micros_per_day + seconds * micros_per_second};
      given.run_due();
      return given.subscription(id).status;
    };
    CHECK(after(days - 2, 0) == SubscriptionStatus::paused);
    CHECK(after(days, 0) == SubscriptionStatus::paused);
    CHECK(after(days + 1, -1) == SubscriptionStatus::paused);
    CHECK(after(days + 1, 0) == SubscriptionStatus::canceled);
    const Subscription& ended = given.subscription(id);
    CHECK(ended.cancellation_cause == static_cast<std::uint8_t>(schema::CancellationCause::pause_limit));
    CHECK(ended.canceled_at == given.now);
    CHECK(ended.paused_at == never);
    CHECK(given.account.invoices().size() == 1);
    CHECK(given.money() == 0);
    check_changed_row(given.account);
  }
}

TEST_CASE("PAU-01: a date is later than now and within the days that a pause may last") {
  Changing given("2027-04-01T08:00:00.5Z");
  const EntityRef id = given.subscribe("3000");
  const auto refused = [&](std::string_view date) {
    const Rejection rejection = given.when(Subscribing::pausing(id, date)).rejection;
    return rejection.code == RejectionCode::validation_failed && rejection.pointer == "/resumes_at";
  };
  CHECK(refused("2027-04-01T08:00:00.5Z"));
  CHECK(refused("2027-04-01T08:00:00.9Z"));  // as whole seconds it is past
  CHECK(refused("2027-06-30T08:00:01Z"));
  CHECK(refused("9999-12-31T23:59:59Z"));
  given.pause(id, "2027-06-30T08:00:00Z");
  given.wait_until("2027-06-30T08:00:00Z");
  CHECK(given.period(id) == "[2027-04-01T08:00:00Z,2027-07-30T08:00:00Z)");
}

TEST_CASE("SUB-12: resume ends a pause, takes a pending cancellation back, and else is refused") {
  Changing given("2027-04-01T00:00:00Z");
  const EntityRef id = given.subscribe("3000");
  given.cancel(id);
  given.pause(id);
  given.wait_until("2027-04-03T00:00:00Z");
  given.resume(id);
  CHECK(given.subscription(id).status == SubscriptionStatus::active);
  CHECK(given.subscription(id).cancels_at_period_end);
  given.resume(id);
  CHECK_FALSE(given.subscription(id).cancels_at_period_end);
  CHECK(given.count(E::SubscriptionReactivated) == 1);
  CHECK(given.refused(ResumeSubscription{{}, id}) == RejectionCode::invalid_transition);
}

TEST_CASE("a pending cancellation waits for the end that the pause has moved") {
  Changing given("2027-04-01T00:00:00Z");
  const EntityRef id = given.subscribe("3000");
  given.pause(id, "2027-04-08T00:00:00Z");
  given.cancel(id);
  given.wait_until("2027-05-07T23:59:59Z");
  CHECK(given.subscription(id).is_live());
  given.wait_until("2027-05-08T00:00:00Z");
  CHECK(given.subscription(id).cancellation_cause == static_cast<std::uint8_t>(schema::CancellationCause::scheduled));
  CHECK(given.account.invoices().size() == 1);
}

TEST_CASE("the periods after a pause are counted from the end that it moved: months' ends and leap days are restored") {
  Changing given("2027-01-31T00:00:00Z");
  const EntityRef id = given.subscribe("3000");
  given.wait_until("2027-02-01T00:00:00Z");
  given.pause(id, "2027-03-04T00:00:00Z");
  given.wait_until("2027-03-31T00:00:00Z");
  CHECK(given.period(id) == "[2027-03-31,2027-04-30)");
  given.wait_until("2027-04-30T00:00:00Z");
  CHECK(given.period(id) == "[2027-04-30,2027-05-31)");

  Changing yearly("2027-02-28T00:00:00Z");
  const EntityRef leap = yearly.subscribe("3000", Unit::year);
  yearly.pause(leap, "2027-03-01T00:00:00Z");
  yearly.wait_until("2028-02-29T00:00:00Z");
  CHECK(yearly.period(leap) == "[2028-02-29,2029-02-28)");
  yearly.wait_until("2032-02-28T00:00:00Z");
  CHECK(yearly.period(leap) == "[2031-02-28,2032-02-29)");
  const Date anchor = yearly.subscription(leap).anchor;
  CHECK(parse_date(format_date(anchor)) == anchor);  // a day that there is

  Changing weekly("2027-03-01T00:00:00Z");
  const EntityRef weeks = weekly.subscribe("3000", Unit::week, 2);
  weekly.pause(weeks, "2027-03-04T06:00:00Z");
  weekly.wait_until("2027-04-01T06:00:00Z");
  CHECK(weekly.period(weeks) == "[2027-04-01T06:00:00Z,2027-04-15T06:00:00Z)");
}

TEST_CASE("a pause within one second moves nothing") {
  Changing given("2027-01-31T00:00:00Z");
  const EntityRef id = given.subscribe("3000");
  given.wait_until("2027-02-15T00:00:00.1Z");
  given.pause(id);
  given.wait_until("2027-02-15T00:00:00.9Z");
  given.resume(id);
  CHECK(given.period(id) == "[2027-01-31,2027-02-28)");
  given.wait_until("2027-02-28T00:00:00Z");
  CHECK(given.period(id) == "[2027-02-28,2027-03-31)");
}

TEST_CASE("a trial is paused too: what is left of it is left, and its moved end bills the first period") {
  Changing given("2027-04-01T00:00:00Z");
  auto terms = flat_terms("3000");
  terms->trial_days = 14;
  given.plan(terms);
  const EntityRef id = given.accept(Subscribing::to_plan());
  given.wait_until("2027-04-05T00:00:00Z");
  given.pause(id, "2027-04-08T00:00:00Z");
  given.wait_until("2027-04-08T00:00:00Z");
  CHECK(given.subscription(id).status == SubscriptionStatus::trialing);
  CHECK(given.subscription(id).trial_end == at("2027-04-18T00:00:00Z"));
  check_changed_row(given.account);
  given.wait_until("2027-04-18T00:00:00Z");
  CHECK(given.invoices() == std::vector<std::string>{"INV-000001 [2027-04-18,2027-05-18) 3000"});
}

TEST_CASE("a change after a pause goes by the days that were used, of the first line and of a line of a change") {
  Changing given("2027-04-01T00:00:00Z");
  for (const char* id : {"3000", "6000"}) given.plan(flat_terms(id), id);
  const EntityRef id = given.subscribe_to("3000");
  given.wait_until("2027-04-11T00:00:00Z");
  given.pause(id, "2027-04-21T00:00:00Z");
  given.change("2027-04-26T00:00:00Z", id, "6000");  // 15 of 30 days are used
  CHECK(given.last_amounts() == Amounts{-1'500, 3'000});
  const schema::InvoiceLineT& credit = *given.last_invoice().lines[0];
  CHECK(credit.proration->part == 15 * 86'400);
  CHECK(credit.proration->whole == 30 * 86'400);
  CHECK(Subscribing::span(credit.period_start, credit.period_end) == "[2027-04-26,2027-05-11)");
  given.pause(id, "2027-05-26T00:00:00Z");
  check_changed_row(given.account);
  given.change("2027-05-31T00:00:00Z", id, "3000");  // 20 of 30, 5 of the 15
  CHECK(given.last_amounts() == Amounts{-2'000, 1'000});
  CHECK(given.period(id) == "[2027-04-01,2027-06-10)");
  check_changed_row(given.account);
}

TEST_CASE("days are counted without the pause as seconds are") {
  Changing given("2027-04-01T00:00:00Z");
  for (const char* id : {"3000", "6000"}) given.plan(by_day(flat_terms(id)), id);
  const EntityRef id = given.subscribe_to("3000");
  given.wait_until("2027-04-11T00:00:00Z");
  given.pause(id, "2027-04-21T00:00:00Z");
  given.change("2027-04-26T15:00:00Z", id, "6000");
  CHECK(given.last_amounts() == Amounts{-1'500, 3'000});
  CHECK(given.last_invoice().lines[1]->proration->part == 15);
}

TEST_CASE("what waits for the next invoice is shortened by the time that was used of it, and says how long it stood") {
  Changing given("2027-04-01T00:00:00Z");
  for (const char* id : {"3000", "6000", "9000"}) given.plan(flat_terms(id), id);
  const EntityRef id = given.subscribe_to("3000");
  given.change("2027-04-11T00:00:00Z", id, "6000", next_invoice);
  given.wait_until("2027-04-16T00:00:00Z");
  given.pause(id, "2027-04-26T00:00:00Z");
  given.wait_until("2027-04-27T00:00:00Z");
  check_changed_row(given.account);
  given.change("2027-05-01T00:00:00Z", id, "9000", next_invoice);
  given.wait_until("2027-05-11T00:00:00Z");
  CHECK(given.last_amounts() == Amounts{-2'000, 2'000, 3'000, 9'000});
  const schema::InvoiceLineT& used = *given.last_invoice().lines[1];
  CHECK(Subscribing::span(used.period_start, used.period_end) == "[2027-04-11,2027-05-01)");
  CHECK(used.paused_seconds == 10 * 86'400);
  CHECK(used.proration->part == 10 * 86'400);
}

TEST_CASE("a change that is scheduled comes with the end that the pause has moved") {
  Changing given("2027-04-01T00:00:00Z");
  given.plan(flat_terms("3000"), "small");
  given.plan(flat_terms("9000", Unit::year), "year");
  const EntityRef id = given.subscribe_to("small");
  given.accept(Changing::later(id, "year"));
  given.pause(id, "2027-04-11T00:00:00Z");
  CHECK(given.subscription(id).scheduled_plan);
  UpdateSubscription update;
  update.subscription = id;
  update.metadata = {Change<Sensitive>::Kind::set, {{}, {1, "nonce", "metadata"}}};
  given.accept(update);  // that is no change of what is billed
  given.wait_until("2027-05-11T00:00:00Z");
  CHECK(given.period(id) == "[2027-05-11,2028-05-11)");
  CHECK(given.last_amounts() == Amounts{9'000});
}

TEST_CASE("an account that is deleted ends what is paused, at its date or at its end") {
  Changing given("2027-04-01T00:00:00Z");
  const EntityRef dated = given.subscribe("3000");
  const EntityRef open_ended = given.subscribe_to("plan");
  given.pause(dated, "2027-04-11T00:00:00Z");
  given.pause(open_ended);
  REQUIRE(given.when(ScheduleAccountDeletion{"acme", {}}).accepted());
  given.wait_until("2027-04-11T00:00:00Z");
  CHECK(given.subscription(dated).status == SubscriptionStatus::canceled);
  CHECK(given.subscription(open_ended).is_live());
  given.wait_until("2027-06-01T00:00:00Z");
  CHECK(given.subscription(open_ended).cancellation_cause ==
        static_cast<std::uint8_t>(schema::CancellationCause::account_deleted));
  CHECK(given.account.next_due() == never);
}

TEST_CASE("the date of a pause that passes while the account is parked is kept when it is released") {
  Changing given("2027-04-01T00:00:00Z");
  given.plan(flat_terms("600000000000000"), "large");
  given.plan(flat_terms("3000"), "small");
  const EntityRef large = given.subscribe_to("large");
  const EntityRef id = given.subscribe_to("small");
  given.wait_until("2027-04-25T00:00:00Z");
  given.pause(id, "2027-05-05T00:00:00Z");
  given.wait_until("2027-05-08T00:00:00Z");
  CHECK(given.account.details.is_parked());
  CHECK(given.subscription(id).status == SubscriptionStatus::paused);
  given.cancel(large, CancellationMode::immediate);
  REQUIRE(given.when(UnparkAccount{"acme", {}}).accepted());
  given.run_due();
  CHECK(given.period(id) == "[2027-04-01,2027-05-11)");
}
