// Laws of changes of subscriptions, over random ones.
#include <cstdlib>

#include "domain/state_codec.h"
#include "tests/domain/changing.h"
#include "tests/domain/property.h"

using namespace daybook;
using namespace daybook::test;

namespace {

constexpr std::int64_t day = 86'400;

/// What lines of its invoices bill of one plan, less what they give back of it.
std::int64_t billed_of(const Changing& given, const std::string& plan) {
  std::int64_t sum = 0;
  for (const auto& [id, invoice] : given.account.invoices()) {
    for (const auto& line : invoice.lines) {
      if (line->plan_id == plan) sum += line->amount;
    }
  }
  return sum;
}

void check_books(const Changing& given) {
  auto journal = given.journal();
  std::int64_t sum = 0, receivable = 0;
  for (const auto& [ledger_account, minor] : journal) sum += minor;
  RC_ASSERT(sum == 0);
  for (const auto& [id, invoice] : given.account.invoices()) {
    receivable += invoice.amount_remaining();
    RC_ASSERT(invoice.total >= 0);
  }
  RC_ASSERT(journal[LedgerAccount::receivable] == receivable);
  RC_ASSERT(given.account.receivable() == receivable);
  RC_ASSERT(-journal[LedgerAccount::customer_credit] == given.money());
}

/// One of the changes that there are, of a subscription that is live.
Command any_change(EntityRef id) {
  static const std::vector<std::string> plans = {"a", "b", "seats", "days", "year", "gross"};
  const auto behavior = static_cast<ProrationBehavior>(*rc::gen::inRange(1, 4));
  const bool is_later = *rc::gen::inRange(0, 5) == 0;
  const auto quantity = *rc::gen::inRange<std::int64_t>(1, 20);
  if (*rc::gen::inRange(0, 6) == 0) return Subscribing::pausing(id);
  if (*rc::gen::inRange(0, 4) == 0) return ResumeSubscription{{}, id};
  if (*rc::gen::inRange(0, 3) == 0) {
    ChangeQuantity command = Changing::seats(id, quantity, behavior);
    if (is_later) command.effective = ChangeEffect::period_end;
    return command;
  }
  ChangePlan command = Changing::to(id, *rc::gen::elementOf(plans), behavior);
  if (is_later) command.effective = ChangeEffect::period_end;
  if (*rc::gen::inRange(0, 3) == 0) command.effective.reset();
  if (*rc::gen::inRange(0, 3) == 0) command.quantity = quantity;
  return command;
}

void sell(Changing& given) {
  given.plan(flat_terms("9999"), "a");
  given.plan(flat_terms("3333"), "b");
  given.plan(seat_terms("777.5"), "seats");
  given.plan(by_day(flat_terms("12345")), "days");
  given.plan(flat_terms("100001", schema::IntervalUnit::year), "year");
  auto gross = flat_terms("5000");
  gross->prices.front()->tax_behavior = schema::TaxBehavior::inclusive;
  given.plan(gross, "gross");
}

}  // namespace

TEST_CASE("CHG-07: there and back, each plan is billed what was used of it, and no credit exceeds what was billed") {
  always("a plan is billed its share of the period, to the rounding of its lines", [] {
    Changing given("2027-01-01T00:00:00Z");
    const auto first = *rc::gen::inRange<std::int64_t>(0, 1'000'000);
    const auto second = *rc::gen::inRange<std::int64_t>(0, 1'000'000);
    given.plan(flat_terms(std::to_string(first)), "first");
    given.plan(flat_terms(std::to_string(second)), "second");
    const EntityRef id = given.subscribe_to("first");
    const Instant start = given.now;
    const std::int64_t whole = 31 * day;
    const auto there = *rc::gen::inRange<std::int64_t>(0, whole);
    const auto back = *rc::gen::inRange<std::int64_t>(there, whole);
    const auto behavior = static_cast<ProrationBehavior>(*rc::gen::inRange(1, 3));
    const auto at_second = [&](std::int64_t seconds) { return Instant{micros(start) + seconds * micros_per_second}; };
    given.now = at_second(there);
    given.accept(Changing::to(id, "second", behavior));
    given.now = at_second(back);
    given.accept(Changing::to(id, "first", behavior));
    for (const auto& [invoice_id, invoice] : given.account.invoices()) {
      for (const auto& line : invoice.lines) {
        if (!line->credits) continue;
        RC_ASSERT(line->credits->credited >= 0);
        RC_ASSERT(line->credits->credited <= line->credits->billed);
        RC_ASSERT(line->amount == -line->credits->credited);
      }
    }
    check_books(given);
    given.now = given.subscription(id).period_end;
    given.run_due();
    check_books(given);
    const auto is_near = [&](std::int64_t amount, std::int64_t price, std::int64_t seconds) {
      // Within the roundings of at most three lines.
      return std::abs(amount * whole - price * seconds) * 2 <= 3 * whole;
    };
    const std::int64_t renewal = first;
    RC_ASSERT(is_near(billed_of(given, "first") - renewal, first, whole - (back - there)));
    RC_ASSERT(is_near(billed_of(given, "second"), second, back - there));
  });
}

TEST_CASE("changes in any order keep the journal, what is owed and what is credited in agreement") {
  always("books agree, the state is its row, and what is run late is what was run in time", [] {
    Changing given("2027-01-31T10:00:00Z", "America/New_York"), late("2027-01-31T10:00:00Z", "America/New_York");
    const bool is_taxed = *rc::gen::arbitrary<bool>();
    EntityRef id;
    for (Changing* one : {&given, &late}) {
      if (is_taxed) one->tax("DE", "DE");
      sell(*one);
      id = one->subscribe_to("a");
    }
    const int changes = *rc::gen::inRange(1, 8);
    for (int i = 0; i < changes; ++i) {
      const auto seconds = *rc::gen::inRange<std::int64_t>(0, 45 * day);
      // One of them is looked at on the way.
      for (const std::int64_t part : {seconds / 3, seconds - seconds / 3}) {
        given.pass_seconds(part);
        given.run_due();
      }
      late.pass_seconds(seconds);
      late.run_due();
      const Command command = any_change(id);
      const Decision dry = decide(given.account, command, given.context());
      const Decision decision = given.when(command);
      RC_ASSERT(dry.rejection == decision.rejection);
      RC_ASSERT(dry.events.size() == decision.events.size());
      RC_ASSERT(late.when(command).rejection == decision.rejection);
      if (*rc::gen::inRange(0, 6) == 0 && given.last_invoice().status == InvoiceStatus::open) {
        VoidInvoice undo;
        undo.invoice = given.last_invoice().id;
        // Refused if the change before gave a part of it back.
        RC_ASSERT(given.when(undo).rejection == late.when(undo).rejection);
      }
      check_books(given);
    }
    RC_ASSERT(given.envelopes == late.envelopes);
    const auto again = decode_account(encode_state(given.account));
    RC_ASSERT(again.has_value());
    RC_ASSERT(encode_state(*again) == encode_state(given.account));
    RC_ASSERT(again->billed == given.account.billed);
  });
}

TEST_CASE("PAU-03: with pauses the same is billed as without, later") {
  always("changes at the same times of use come to the same lines", [] {
    Changing given("2027-01-01T00:00:00Z"), paused("2027-01-01T00:00:00Z");
    EntityRef id;
    for (Changing* one : {&given, &paused}) {
      one->plan(flat_terms("9999", schema::IntervalUnit::day, 30), "a");
      one->plan(flat_terms("3333", schema::IntervalUnit::day, 30), "b");
      auto seats = flat_terms("777.5", schema::IntervalUnit::day, 30);
      seats->prices.front()->model = schema::PriceModel::per_seat;
      one->plan(seats, "seats");
      id = one->subscribe_to("a");
    }
    const int changes = *rc::gen::inRange(1, 8);
    for (int i = 0; i < changes; ++i) {
      const auto seconds = *rc::gen::inRange<std::int64_t>(0, 20 * day);
      const auto until_pause = *rc::gen::inRange<std::int64_t>(0, seconds + 1);
      for (Changing* one : {&given, &paused}) {
        one->pass_seconds(until_pause);
        one->run_due();
        if (one == &paused) {
          one->pause(id);
          one->pass_seconds(*rc::gen::inRange<std::int64_t>(0, 90 * day));
          one->run_due();
          one->resume(id);
        }
        one->pass_seconds(seconds - until_pause);
        one->run_due();
      }
      static const std::vector<std::string> plans = {"a", "b", "seats"};
      ChangePlan command =
          Changing::to(id, *rc::gen::elementOf(plans), static_cast<ProrationBehavior>(*rc::gen::inRange(1, 4)));
      command.quantity = *rc::gen::inRange<std::int64_t>(1, 5);
      RC_ASSERT(given.when(command).rejection == paused.when(command).rejection);
    }
    const auto amounts = [](const Changing& one) {
      std::vector<Amounts> all;
      for (const auto& [invoice_id, invoice] : one.account.invoices()) {
        auto& lines = all.emplace_back();
        for (const auto& line : invoice.lines) lines.push_back(line->amount);
      }
      return all;
    };
    RC_ASSERT(amounts(given) == amounts(paused));
    check_books(paused);
    const auto again = decode_account(encode_state(paused.account));
    RC_ASSERT(again.has_value());
    RC_ASSERT(encode_state(*again) == encode_state(paused.account));
  });
}
