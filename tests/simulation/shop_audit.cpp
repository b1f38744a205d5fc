#include "tests/simulation/shop_audit.h"

#include <fmt/format.h>

#include "domain/tables.h"
#include "projections/postings.h"
#include "schemas/envelope_generated.h"
#include "tests/simulation/audit_clocks.h"
#include "tests/simulation/audit_invoices.h"
#include "tests/simulation/audit_payments.h"
#include "tests/simulation/audit_subscriptions.h"

namespace daybook::test {
namespace {

constexpr std::uint16_t receivable_number = 1100;
constexpr std::string_view agenda_name = "system:agenda";

void look_at_life(ShopAccount& account, const schema::Envelope& envelope) {
  switch (envelope.event_type()) {
    case schema::Event::AccountParked:
      account.is_parked = true;
      break;
    case schema::Event::AccountUnparked:
      account.is_parked = false;
      break;
    case schema::Event::AccountDeletionScheduled:
      account.is_closing = true;
      break;
    case schema::Event::AccountRestored:
      account.is_closing = false;
      break;
    case schema::Event::AccountPurged:
      account.is_purged = true;
      break;
    default:
      break;
  }
}

void add_receivable(ShopAccount& account, const FoldEvent& event) {
  const Postings* postings = postings_of(event);
  if (postings == nullptr) return;
  for (const schema::Posting* posting : *postings) {
    if (posting->account() != receivable_number) continue;
    const std::int64_t minor = posting->amount()->minor();
    account.receivable += posting->side() == schema::Side::debit ? minor : -minor;
  }
}

}  // namespace

void ShopAudit::look(const FoldEvent& event, const Complain& complain) {
  const schema::Envelope& envelope = *event.envelope;
  Shop& shop = shops_.at(std::string(event.book));
  ++shop.events;
  if (envelope.command_index() == 0) {
    shop.command = {};
    shop.command.name = text(envelope.command());
    if (envelope.actor() != nullptr) shop.command.principal = text(envelope.actor()->principal());
    if (envelope.event_type() != schema::Event::CommandAnswered) ++shop.commands[shop.command.name];
  }
  try {
    note_answer(shop, event);
    event.account.empty() ? look_at_book(shop, event) : look_at_account(shop, event);
    if (envelope.command_index() + 1U != envelope.command_size()) return;
    const auto account = shop.accounts.find(shop.command.account);
    if (account == shop.accounts.end()) return;
    expect_periods_billed(shop.command, account->second);
    expect_standing(shop.command, account->second);
    expect_settled(shop.command, account->second);
  } catch (const ShopFault& fault) {
    complain(fmt::format("the event at {}:{}, {} of {} by {}, {}", event.shard, event.position,
                         schema::EnumNameEvent(envelope.event_type()), event.stream, shop.command.name, fault.what()));
  }
}

void ShopAudit::look_at_book(Shop& shop, const FoldEvent& event) {
  const schema::Envelope& envelope = *event.envelope;
  look_at_clocks(shop, envelope);
  look_at_numbers(shop, envelope);
  if (const auto* plan = envelope.event_as_PlanCreated()) shop.plans.insert(plan->plan_id()->str());
  if (const auto* coupon = envelope.event_as_CouponCreated()) shop.coupons.insert(coupon->code()->str());
}

void ShopAudit::look_at_account(Shop& shop, const FoldEvent& event) {
  const schema::Envelope& envelope = *event.envelope;
  ShopAccount& account = shop.accounts[std::string(event.account)];
  shop.command.account = event.account;
  if (const auto* opened = envelope.event_as_AccountOpened()) {
    account.currency = code(Currency{opened->currency()});
    account.test_clock = entity(opened->test_clock());
    account.ordinal = event.ordinal;
  }
  const ShopEvent at{shop, account, event.decided_at, account.decided_at};
  account.decided_at = event.decided_at;
  if (envelope.command_index() == 0 && shop.command.principal != agenda_name) {
    expect_subscriptions_done(account, event.decided_at);
    expect_invoices_done(account, event.decided_at);
  }
  expect_within_clock(at);
  look_at_life(account, envelope);
  add_receivable(account, event);
  look_at_subscriptions(at, envelope);
  look_at_invoices(at, envelope);
  look_at_payments(at, envelope);
}

void ShopAudit::note_answer(Shop& shop, const FoldEvent& event) {
  const schema::Envelope& envelope = *event.envelope;
  const std::string key = text(envelope.idempotency_key());
  if (key.empty()) return;
  ShopAnswered& answered = shop.keys[key];
  if (envelope.command_index() == 0) answered = {};
  answered.fingerprint = view(envelope.fingerprint());
  answered.last = event.position;
  answered.recorded_us = micros(instant(envelope.recorded_at()));
  if (const auto* refused = envelope.event_as_CommandAnswered()) answered.code = refused->code();
}

std::uint64_t ShopAudit::events(ShardNumber shard) const {
  std::uint64_t events = 0;
  for (const auto& [name, shop] : shops_) events += shop.shard == shard ? shop.events : 0;
  return events;
}

}  // namespace daybook::test
