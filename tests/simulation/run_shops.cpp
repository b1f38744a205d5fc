// The run's shops: their traffic, the payments that the collector has the provider make, and what must be true of both.
#include <fmt/format.h>

#include "tests/simulation/audit_invoices.h"
#include "tests/simulation/audit_payments.h"
#include "tests/simulation/audit_subscriptions.h"
#include "tests/simulation/run.h"

namespace daybook::test {
namespace {

/// An answer is kept for 30 days; within these nobody can doubt it.
constexpr std::int64_t surely_kept_us = 29 * micros_per_day;

/// Those whose answer comes when a clock has moved.
bool may_wait(const ShopRequest& request) {
  return std::holds_alternative<AdvanceSandboxClock>(request.command) ||
         (request.waits && std::holds_alternative<AdvanceTestClock>(request.command));
}

RecordPaymentResult word_of(EntityRef payment, const ChargeResult& result) {
  RecordPaymentResult command;
  command.payment = payment;
  command.outcome = result.status == ChargeStatus::succeeded ? PaymentOutcome::succeeded : PaymentOutcome::failed;
  command.transaction_id = result.transaction_id;
  command.code = result.code;
  command.message = result.message;
  return command;
}

ShopSubscription::Status status_of(const Subscription& one) {
  using Status = ShopSubscription::Status;
  switch (one.status) {
    case SubscriptionStatus::trialing:
      return Status::trialing;
    case SubscriptionStatus::active:
      return Status::active;
    case SubscriptionStatus::paused:
      return Status::paused;
    case SubscriptionStatus::past_due:
      return Status::past_due;
    case SubscriptionStatus::canceled:
    case SubscriptionStatus::expired:
      break;
  }
  return Status::canceled;
}

/// The ledger's own account, against what its events say.
void expect_state(const ShopAccount& told, const AccountState& state) {
  shop_must(told.receivable == state.receivable(), "owes another amount than its events say");
  shop_must(told.subscriptions.size() == state.subscriptions().size(), "has other subscriptions than its events say");
  using PaymentStatus = AccountPaymentStatus;
  PaymentStatus payments = told.has_been_charged ? PaymentStatus::current : PaymentStatus::none;
  for (const EntityRef id : told.open_invoices) {
    if (told.invoices.at(id).has_failed) payments = PaymentStatus::past_due;
  }
  shop_must(state.details.payments.status() == payments, "has another payment status than its events say");
  for (const auto& [id, one] : told.subscriptions) {
    const Subscription* found = state.find_subscription(id);
    const bool is_same = found != nullptr && status_of(*found) == one.status && found->period_start == one.start &&
                         found->period_end == one.end && found->quantity == one.quantity;
    shop_must(is_same, "has another subscription than its events say");
  }
  for (const EntityRef id : told.open_invoices) {
    const Invoice* found = state.find_invoice(id);
    const bool is_same = found != nullptr && found->amount_remaining() == told.invoices.at(id).remaining();
    shop_must(is_same, "has another open invoice than its events say");
  }
}

}  // namespace

// ---- Traffic --------------------------------------------------------------------------------------------------------

std::optional<ShopRequest> Run::acted_on(ShardNumber shard) {
  for (const auto& [name, shop] : ledger_.log.shops.shops()) {
    if (shop.shard != shard) continue;
    for (const auto& [id, account] : shop.accounts) {
      for (const EntityRef invoice : account.open_invoices) {
        const EntityRef payment = account.invoices.at(invoice).payment;
        if (payment.is_none()) continue;
        const ShopPayment& asked = account.payments.at(payment);
        if (asked.status != ShopPayment::Status::requires_action || random_.once_in(4)) continue;
        const ChargeResult result = world_.provider.act(asked.key, !random_.once_in(3));
        if (result.status != ChargeStatus::succeeded && result.status != ChargeStatus::failed) continue;
        ShopRequest request;
        request.book = name;
        request.command = word_of(payment, result);
        request.role = Role::system;
        return request;
      }
    }
  }
  return std::nullopt;
}

void Run::send_shoppers(ShardNumber shard) {
  Group group;
  const auto add = [&](ShopRequest request) {
    group.push_back(std::make_shared<Sent>());
    const Shop& shop = ledger_.log.shops.shops().at(request.book);
    const auto kept = shop.keys.find(request.key);
    if (kept != shop.keys.end()) group.back()->kept_before = kept->second;
    group.back()->bought = std::move(request);
  };
  for (ShopRequest& request : shoppers_.group(ledger_.log.shops, shard, world_.clock.now())) add(std::move(request));
  if (random_.once_in(4)) {
    if (auto request = acted_on(shard)) add(std::move(*request));
  }
  send(group, shard);
}

// ---- Payments -------------------------------------------------------------------------------------------------------

void Run::collect() {
  if (!world_.is_open() || world_.disk.is_off()) return;
  world_.collector().step();
  for (const ModelProvider::Asked& asked : world_.provider.take_asked()) {
    try {
      expect_intended(ledger_.log.shops.shops(), asked);
    } catch (const ShopFault& fault) {
      fail("the collector " + fault.what() + ": " + asked.key);
    }
  }
  if (world_.disk.is_off()) recover();
}

void Run::move_provider() {
  if (provider_away_steps_ > 0 && --provider_away_steps_ == 0) {
    world_.provider.set_away(false);
    world_.provider.lose_once_in(0);
  }
  if (provider_away_steps_ > 0 || !random_.once_in(60)) return;
  provider_away_steps_ = 1 + random_.below(20);
  if (random_.once_in(2)) {
    world_.provider.set_away(true);
  } else {
    world_.provider.lose_once_in(2 + random_.below(4));
  }
}

// ---- Checks ---------------------------------------------------------------------------------------------------------

void Run::check_bought(const Group& group, Position head) {
  for (const auto& sent : group) {
    if (!sent->bought) continue;
    const ShopRequest& request = *sent->bought;
    if (!sent->answer && may_wait(request)) {
      waiters_.push_back(sent);
      continue;
    }
    if (!sent->answer) fail("no answer to " + describe(request));
    const Answer& answer = *sent->answer;
    note(fmt::format("{} {}", static_cast<int>(answer.rejection.code), to_string(answer.position)));
    if (is_unclear(answer)) {
      if (!world_.engine().is_full()) fail("an engine that is ready answered that it is not: " + describe(request));
      continue;
    }
    if (request.key.empty() || request.is_dry_run) continue;
    const Shop& shop = ledger_.log.shops.shops().at(request.book);
    const auto kept = shop.keys.find(request.key);
    if (kept == shop.keys.end()) fail("the log has nothing of " + describe(request));
    const bool is_same = kept->second.fingerprint == request.fingerprint;
    if (answer.rejection.code == RejectionCode::idempotency_key_reused) {
      if (is_same) fail("called another request what is the same: " + describe(request));
      continue;
    }
    if (!is_same) fail("a key was used for two requests: " + describe(request));
    if (!answer.is_replay && kept->second.last <= head) fail("left no trace in the log: " + describe(request));
    if (answer.rejection.code != static_cast<RejectionCode>(kept->second.code.value_or(0))) {
      fail("was answered otherwise than the log says: " + describe(request));
    }
    const bool is_known =
        sent->kept_before && micros(world_.clock.now()) - sent->kept_before->recorded_us < surely_kept_us;
    if (is_known && kept->second.last != sent->kept_before->last) fail("was done again: " + describe(request));
    if (is_known && !answer.is_replay) fail("was not known to be a repeat: " + describe(request));
  }
}

bool Run::are_clocks_on_their_way() const {
  for (const auto& [name, shop] : ledger_.log.shops.shops()) {
    for (const auto& [id, clock] : shop.clocks) {
      if (clock.is_advancing()) return true;
    }
  }
  return false;
}

void Run::check_shops_at_rest() {
  for (const auto& [name, shop] : ledger_.log.shops.shops()) {
    std::string at = name;
    try {
      expect_charged(shop, world_.provider);
      for (const auto& [id, account] : shop.accounts) {
        at = fmt::format("{}/{}", name, id);
        const Instant now = world_.engine().now(name, account.test_clock);
        expect_subscriptions_done(account, now);
        expect_invoices_done(account, now);
      }
    } catch (const ShopFault& fault) {
      fail(fmt::format("at rest {} {}", at, fault.what()));
    }
  }
}

void Run::check_shop_states() {
  for (const auto& [name, shop] : ledger_.log.shops.shops()) {
    for (const auto& [id, account] : shop.accounts) {
      std::string fault = "was not read";
      Work work;
      work.context.principal.book = name;
      work.account_id = id;
      work.read_account = [&](const AccountState* state, LogPosition, Instant) {
        try {
          shop_must(state != nullptr, "is not there");
          expect_state(account, *state);
          fault.clear();
        } catch (const ShopFault& found) {
          fault = found.what();
        }
      };
      work.done = [](const Answer&) {};
      world_.engine().submit(std::move(work));
      world_.engine().step(shop.shard);
      if (!fault.empty()) fail(fmt::format("{}/{} {}", name, id, fault));
    }
  }
}

}  // namespace daybook::test
