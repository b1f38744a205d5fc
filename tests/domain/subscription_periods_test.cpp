// The periods of subscriptions: trials, renewals and what is late, by worked cases that are named by their ids.
#include "domain/state_codec.h"
#include "schemas/events/invoices_generated.h"
#include "schemas/events/plans_generated.h"
#include "schemas/events/subscriptions_generated.h"
#include "tests/domain/property.h"
#include "tests/domain/subscribing.h"

using namespace daybook;
using namespace daybook::test;

namespace {

using Unit = schema::IntervalUnit;

/// Every period of a subscription that began at `start`, as its invoices tell them.
std::vector<std::string> billed(std::string_view start, std::string_view until, Unit interval, std::uint16_t count = 1,
                                const std::string& time_zone = "UTC") {
  Subscribing given(start, time_zone);
  given.subscribe("1", interval, count);
  given.wait_until(until);
  std::vector<std::string> spans;
  for (const auto& [id, invoice] : given.account.invoices()) {
    spans.push_back(Subscribing::span(invoice.lines.front()->period_start, invoice.lines.front()->period_end));
  }
  return spans;
}

using Spans = std::vector<std::string>;

}  // namespace

TEST_CASE("A02, A04, A31, SUB-14: renewals clamp to the month's end and come back to their day") {
  CHECK(billed("2024-01-31", "2024-03-31", Unit::month) ==
        Spans{"[2024-01-31,2024-02-29)", "[2024-02-29,2024-03-31)", "[2024-03-31,2024-04-30)"});
  CHECK(billed("2024-01-30", "2024-04-30", Unit::month) == Spans{"[2024-01-30,2024-02-29)", "[2024-02-29,2024-03-30)",
                                                                 "[2024-03-30,2024-04-30)", "[2024-04-30,2024-05-30)"});
  CHECK(billed("2025-03-31", "2025-05-31", Unit::month) ==
        Spans{"[2025-03-31,2025-04-30)", "[2025-04-30,2025-05-31)", "[2025-05-31,2025-06-30)"});
}

TEST_CASE("A06, A07: renewals keep their time of day") {
  const Spans spans = billed("2025-01-31T15:00:00Z", "2025-09-30T15:00:00Z", Unit::month);
  REQUIRE(spans.size() == 9);
  CHECK(spans[6] == "[2025-07-31T15:00:00Z,2025-08-31T15:00:00Z)");
  CHECK(spans[8] == "[2025-09-30T15:00:00Z,2025-10-31T15:00:00Z)");
  CHECK(billed("2025-01-30T15:00:00Z", "2025-02-01", Unit::month) ==
        Spans{"[2025-01-30T15:00:00Z,2025-02-28T15:00:00Z)"});
}

TEST_CASE("A18: seven renewals of a month, of 30 days and of a week") {
  CHECK(billed("2016-04-08", "2016-11-07", Unit::month).back() == "[2016-10-08,2016-11-08)");
  CHECK(billed("2016-04-08", "2016-11-03", Unit::day, 30).back() == "[2016-10-05,2016-11-04)");
  CHECK(billed("2016-04-08", "2016-05-26", Unit::week).back() == "[2016-05-20,2016-05-27)");
}

TEST_CASE("A23: a trial over the change to daylight time converts on its local day, and its anchor is the 31st") {
  Subscribing given("2017-03-02T07:30:00Z", "America/Los_Angeles");  // 2017-03-01T23:30 local
  auto terms = flat_terms("2995");
  terms->trial_days = 30;
  given.plan(terms);
  const EntityRef id = given.accept(Subscribing::to_plan());
  CHECK(given.subscription(id).status == SubscriptionStatus::trialing);
  CHECK(given.account.invoices().empty());
  given.wait_until("2017-04-01T06:30:00Z");  // 2017-03-31T23:30 local
  CHECK(given.subscription(id).status == SubscriptionStatus::active);
  CHECK(given.subscription(id).anchor == Date{2017, 3, 31});
  CHECK(given.invoices() == std::vector<std::string>{"INV-000001 [2017-04-01T06:30:00Z,2017-05-01T06:30:00Z) 2995"});
}

TEST_CASE("A26: eighteen renewals over three changes of the clocks, none skipped or doubled") {
  Subscribing given("2015-09-01T08:00:00Z", "America/Juneau");  // midnight there
  auto terms = flat_terms("24995");
  terms->trial_days = 30;
  given.plan(terms);
  const EntityRef id = given.accept(Subscribing::to_plan());
  given.wait_until("2015-10-01T08:00:00Z");
  CHECK(given.account.invoices().size() == 1);
  given.wait_until("2017-04-01T08:00:00Z");
  CHECK(given.account.invoices().size() == 19);
  const TimeZone& juneau = zone("America/Juneau");
  Instant end = never;
  for (const auto& [invoice_id, invoice] : given.account.invoices()) {
    CHECK(invoice.total == 24'995);
    const schema::InvoiceLineT& line = *invoice.lines.front();
    CHECK(juneau.local_time(line.period_start).date.day == 1);
    CHECK(juneau.local_time(line.period_start).second_of_day == 0);
    CHECK((end == never || line.period_start == end));
    end = line.period_end;
  }
  CHECK(given.subscription(id).period_number == 19);
}

TEST_CASE("A32, A35, A38: years and quarters are counted from the anchor") {
  CHECK(billed("2024-02-29", "2028-02-29", Unit::year) == Spans{"[2024-02-29,2025-02-28)", "[2025-02-28,2026-02-28)",
                                                                "[2026-02-28,2027-02-28)", "[2027-02-28,2028-02-29)",
                                                                "[2028-02-29,2029-02-28)"});
  CHECK(billed("2021-04-30", "2022-01-30", Unit::month, 3) ==
        Spans{"[2021-04-30,2021-07-30)", "[2021-07-30,2021-10-30)", "[2021-10-30,2022-01-30)",
              "[2022-01-30,2022-04-30)"});
  CHECK(billed("2022-01-29", "2022-02-28", Unit::month, 3) == Spans{"[2022-01-29,2022-04-29)"});
}

TEST_CASE("a day that a zone leaves out is no period") {
  // Samoa had no 30 December 2011.
  const Spans spans = billed("2011-12-28T10:00:00Z", "2011-12-31T10:00:00Z", Unit::day, 1, "Pacific/Apia");
  CHECK(spans == Spans{"[2011-12-28T10:00:00Z,2011-12-29T10:00:00Z)", "[2011-12-29T10:00:00Z,2011-12-30T10:00:00Z)",
                       "[2011-12-30T10:00:00Z,2011-12-31T10:00:00Z)", "[2011-12-31T10:00:00Z,2012-01-01T10:00:00Z)"});
}

TEST_CASE("TRI-02: one trial of a plan for each account; without one it is billed at once; an admin may give more") {
  Subscribing given;
  auto terms = flat_terms("1000");
  terms->trial_days = 7;
  given.plan(terms);
  given.role = Role::account_owner;
  const EntityRef first = given.accept(Subscribing::to_plan());
  CHECK(given.period(first) == "[2027-01-15T08:00:00Z,2027-01-22T08:00:00Z)");
  CHECK(given.subscription(first).trial_end == given.subscription(first).period_end);
  CHECK(given.refused(Subscribing::to_plan()) == RejectionCode::trial_already_used);
  CreateSubscription command = Subscribing::to_plan();
  command.trial_days = 0;
  CHECK(given.subscription(given.accept(command)).status == SubscriptionStatus::active);
  CHECK(given.account.invoices().size() == 1);
  command.trial_days = 8;
  CHECK(given.refused(command) == RejectionCode::forbidden);
  command.trial_days = 7;
  CHECK(given.refused(command) == RejectionCode::trial_already_used);
  given.role = Role::billing_admin;
  CHECK(given.subscription(given.accept(command)).status == SubscriptionStatus::trialing);
}

TEST_CASE("TRI-03: at its end a trial converts and is invoiced; one that is to end with it is not") {
  Subscribing given;
  auto terms = flat_terms("1000");
  terms->trial_days = 7;
  terms->prices.front()->setup_fee = 300;
  given.plan(terms);
  const EntityRef id = given.accept(Subscribing::to_plan());
  CreateSubscription command = Subscribing::to_plan();
  command.trial_days = 7;
  const EntityRef leaves = given.accept(command);
  given.cancel(leaves);
  given.wait_until("2027-01-22T08:00:00Z");
  CHECK(given.subscription(id).status == SubscriptionStatus::active);
  CHECK(given.count(schema::Event::TrialConverted) == 1);
  CHECK(given.subscription(leaves).status == SubscriptionStatus::canceled);
  CHECK(given.invoices() == std::vector<std::string>{"INV-000001 [2027-01-22T08:00:00Z,2027-02-22T08:00:00Z) 1300"});
  // Begun again after a trial: without another, and with what every first invoice has.
  given.accept(ReactivateSubscription{{}, leaves});
  CHECK(given.invoices().back() == "INV-000002 [2027-01-22T08:00:00Z,2027-02-22T08:00:00Z) 1300");
}

TEST_CASE("SUB-13, INV-01: a renewal happens once, at its own instant, with numbers that are dense") {
  Subscribing given("2027-01-31T00:00:00Z");
  const EntityRef id = given.subscribe("1000");
  given.wait_until("2027-02-28T00:00:00Z");
  given.run_due();
  CHECK(given.count(schema::Event::SubscriptionRenewed) == 1);
  CHECK(given.invoices() ==
        std::vector<std::string>{"INV-000001 [2027-01-31,2027-02-28) 1000", "INV-000002 [2027-02-28,2027-03-31) 1000"});
  CHECK(given.account.invoices().rbegin()->second.billing_reason ==
        static_cast<std::uint8_t>(schema::BillingReason::subscription_cycle));
  CHECK(given.subscription(id).updated_at == at("2027-02-28"));
}

TEST_CASE("what is run late is what would have been run in time, to the byte") {
  const auto run = [](const std::vector<std::string_view>& looks) {
    Subscribing given("2027-01-31T00:00:00Z", "Europe/Berlin");
    ChangePolicy policy;
    policy.policy = "invoice.numbering";
    policy.reset = NumberReset::yearly;
    REQUIRE(given.when(policy).accepted());
    given.accept(issue(1'500, CreditType::goodwill, at("2027-02-28T00:00:00Z")));
    given.subscribe("1000");
    auto weekly = flat_terms("70", Unit::week);
    weekly->trial_days = 10;
    weekly->manual_invoicing = true;
    given.plan(weekly, "weekly");
    given.accept(Subscribing::to_plan("weekly"));
    for (const std::string_view look : looks) given.wait_until(look);
    return given.envelopes;
  };
  const auto late = run({"2028-03-01T00:00:00Z"});
  const auto often =
      run({"2027-02-10T00:00:00Z", "2027-02-14T00:00:00Z", "2027-02-28T00:00:00Z", "2027-03-01T12:00:00Z",
           "2027-09-30T00:00:00Z", "2028-01-01T00:00:00Z", "2028-03-01T00:00:00Z"});
  CHECK(late.size() > 200);
  CHECK(late == often);
}

TEST_CASE("a zone's data of another release change no boundary that is past, and leave no gap") {
  Subscribing given("2027-01-31T15:00:00Z", "America/New_York");
  const EntityRef id = given.subscribe("1000");
  given.zones = nullptr;  // as if the next release did not have the zone
  given.wait_until("2027-05-01T00:00:00Z");
  Instant end = at("2027-01-31T15:00:00Z");
  for (const auto& [invoice_id, invoice] : given.account.invoices()) {
    CHECK(invoice.lines.front()->period_start == end);
    end = invoice.lines.front()->period_end;
  }
  CHECK(given.subscription(id).period_end == end);
}

TEST_CASE("periods of subscriptions tile, from any start, in any zone, for any interval") {
  const std::vector<std::string_view> names = test::zones().names();
  always("each period begins where the one before ended, and its number is the next", [&] {
    const std::int64_t second = *rc::gen::inRange<std::int64_t>(0, 4'000'000'000);
    const auto name = *rc::gen::inRange<std::size_t>(0, names.size());
    const Unit unit = *rc::gen::element(Unit::day, Unit::week, Unit::month, Unit::year);
    const int most = unit == Unit::year ? 3 : 14;
    const auto count = static_cast<std::uint16_t>(*rc::gen::inRange(1, most));
    Subscribing given("2027-01-01", std::string(names[name]));
    given.now = Instant{std::max(micros(given.now), second * micros_per_second)};
    const EntityRef id = given.subscribe("1", unit, count);
    Instant end = given.subscription(id).period_start;
    RC_ASSERT(end == given.now);
    for (std::uint64_t number = 1; number <= 5; ++number) {
      const Subscription& subscription = given.subscription(id);
      RC_ASSERT(subscription.period_start == end);
      RC_ASSERT(subscription.period_end > end);
      RC_ASSERT(subscription.period_number >= number);
      end = subscription.period_end;
      given.now = end;
      given.run_due();
    }
    RC_ASSERT(given.account.invoices().size() == 6);
  });
}
