#include "tests/simulation/audit_clocks.h"

#include "domain/tables.h"
#include "tests/simulation/audit_invoices.h"
#include "tests/simulation/audit_subscriptions.h"

namespace daybook::test {
namespace {

void look(Shop& shop, const schema::TestClockCreated& event) {
  const Instant at = instant(event.frozen_time());
  shop_must(shop.clocks.emplace(entity(event.test_clock()), ShopClock{at, at}).second, "makes a clock that there is");
}

void look(Shop& shop, const schema::TestClockAdvanced& event) {
  ShopClock& clock = shop_find(shop.clocks, entity(event.test_clock()), "sends a clock that is not there");
  shop_must(!clock.is_advancing(), "sends a clock that is on its way");
  shop_must(instant(event.from()) == clock.stands_at, "sends a clock from elsewhere");
  clock.goes_to = instant(event.to());
  shop_must(clock.goes_to > clock.stands_at, "sends a clock back");
}

void look(Shop& shop, const schema::TestClockBecameReady& event) {
  const EntityRef id = entity(event.test_clock());
  ShopClock& clock = shop_find(shop.clocks, id, "stops a clock that is not there");
  shop_must(clock.is_advancing() && clock.goes_to == instant(event.frozen_time()), "stops a clock elsewhere");
  clock.stands_at = clock.goes_to;
  for (const auto& [name, account] : shop.accounts) {
    if (account.test_clock != id) continue;
    expect_subscriptions_done(account, clock.stands_at);
    expect_invoices_done(account, clock.stands_at);
  }
}

}  // namespace

void look_at_clocks(Shop& shop, const schema::Envelope& envelope) {
  if (const auto* created = envelope.event_as_TestClockCreated()) return look(shop, *created);
  if (const auto* advanced = envelope.event_as_TestClockAdvanced()) return look(shop, *advanced);
  if (const auto* ready = envelope.event_as_TestClockBecameReady()) return look(shop, *ready);
  if (const auto* moved = envelope.event_as_SandboxClockAdvanced()) {
    shop_must(moved->offset_us() >= shop.offset_us, "moves the book's clock back");
    shop.offset_us = moved->offset_us();
  }
}

void expect_within_clock(const ShopEvent& event) {
  if (event.account.test_clock.is_none()) return;
  const ShopClock& clock = shop_find(event.shop.clocks, event.account.test_clock, "lives by a clock that is not there");
  shop_must(event.decided_at <= clock.goes_to, "is ahead of its account's clock");
}

}  // namespace daybook::test
