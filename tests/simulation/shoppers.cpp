#include "tests/simulation/shoppers.h"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/simulated_provider.h"
#include "schemas/events/coupons_generated.h"
#include "tests/simulation/shop_catalogue.h"

namespace daybook::test {
namespace {

constexpr std::size_t shop_group_max = 8;
constexpr std::size_t kept_shop_requests_max = 200;
constexpr std::size_t clocks_per_shop = 3;
constexpr std::size_t open_invoices_wanted = 12;
constexpr std::size_t subscriptions_wanted = 2;  ///< Live ones of an account; more are bought now and then.
const std::vector<std::string> tokens{"tok_ok",
                                      "tok_ok",
                                      "tok_ok",
                                      "tok_declined",
                                      "tok_timeout",
                                      "tok_requires_action",
                                      "tok_sepa_debit",
                                      "tok_expired_card",
                                      "tok_fail_then_ok:1",
                                      "tok_fail_then_ok:2",
                                      "tok_insufficient_funds"};

template <class Map>
EntityRef any_key(const Map& map, Random& random) {
  return std::next(map.begin(), static_cast<std::ptrdiff_t>(random.below(map.size())))->first;
}

template <class T>
T any_enum(Random& random, int count) {
  return static_cast<T>(random.between(1, count));
}

template <class T>
std::optional<T> maybe(Random& random, T value) {
  if (random.once_in(2)) return std::nullopt;
  return value;
}

}  // namespace

std::string Shoppers::any_plan() {
  return random_.once_in(60) ? "no-such-plan" : random_.pick(shop_plans());
}

Sensitive Shoppers::some_token() {
  return {random_.pick(tokens), {}};
}

EntityRef Shoppers::any_subscription(const About& about) {
  const auto& all = about.account.subscriptions;
  if (all.empty() || random_.once_in(60)) return {about.account.ordinal, 1'000'000, about.shop.shard, 0};
  // Mostly one of the last, which may live still.
  const std::size_t last = std::min<std::size_t>(all.size(), 4);
  const std::size_t back = random_.once_in(10) ? random_.below(all.size()) : random_.below(last);
  return std::prev(all.end(), static_cast<std::ptrdiff_t>(back + 1))->first;
}

EntityRef Shoppers::any_invoice(const About& about) {
  const auto& open = about.account.open_invoices;
  if (!open.empty() && !random_.once_in(3)) {
    return *std::next(open.begin(), static_cast<std::ptrdiff_t>(random_.below(open.size())));
  }
  const auto& all = about.account.invoices;
  if (all.empty()) return {about.account.ordinal, 1 + random_.below(3), about.shop.shard, 0};
  const std::size_t last = std::min<std::size_t>(all.size(), 10);
  return std::prev(all.end(), static_cast<std::ptrdiff_t>(random_.below(last) + 1))->first;
}

Command Shoppers::open_account(const Shop& shop) {
  static const std::vector<std::string> currencies{"USD", "USD", "EUR", "JPY"};
  static const std::vector<std::string> zones{"UTC", "America/New_York", "Pacific/Apia", "Europe/Berlin"};
  static const std::vector<std::string> countries{"DE", "FR", "US", ""};
  OpenAccount command;
  command.account_id = fmt::format("s{}", shop.accounts.size());
  command.name.clear = command.account_id;
  command.currency = find_currency(random_.pick(currencies));
  command.time_zone = random_.pick(zones);
  command.address.country = random_.pick(countries);
  if (!random_.once_in(3)) {
    command.payment_method_token = some_token();
    command.payment_method = simulated_method(command.payment_method_token.clear);
  }
  if (!shop.clocks.empty() && random_.once_in(3)) command.test_clock = any_key(shop.clocks, random_);
  return command;
}

Command Shoppers::catalogue_command(const Shop& shop, Instant wall) {
  switch (random_.below(8)) {
    case 0: {
      AdvanceSandboxClock command;
      command.advance = Duration{0, 0, random_.between(0, 5 * 86'400) * micros_per_second};
      return command;
    }
    case 1: {
      if (shop.clocks.size() >= clocks_per_shop) return create_shop_plan(random_.pick(shop_plans()));
      return CreateTestClock{"clock", Instant{micros(wall) - random_.between(0, 400) * micros_per_day}};
    }
    case 2: {
      ChangePolicy command;
      command.policy = "cancel.unused_time";
      command.unused_time = any_enum<UnusedTime>(random_, 2);
      return command;
    }
    case 3: {
      ChangePolicy command;
      command.policy = "proration.behavior";
      command.proration_behavior = any_enum<ProrationBehavior>(random_, 3);
      return command;
    }
    case 4: {
      ChangePolicy command;
      command.policy = "tax.seller";
      command.country = random_.once_in(2) ? "DE" : "";
      return command;
    }
    case 5: {
      ChangePolicy command;
      command.policy = random_.once_in(2) ? "invoice.numbering" : "credit_note.numbering";
      command.prefix = random_.once_in(2) ? "A-" : "B-{year}-";
      command.digits = 4;
      command.reset = any_enum<NumberReset>(random_, 2);
      return command;
    }
    case 6: {
      if (shop.coupons.contains("TENTH")) break;
      CreateCoupon command;
      command.code = "TENTH";
      command.discount_id = "tenth";
      return command;
    }
    default: {
      CreateDiscount command;
      command.discount_id = "tenth";
      command.terms = std::make_shared<schema::DiscountTermsT>();
      command.terms->name = "A tenth";
      command.terms->percent = "10";
      command.terms->starts_at = command.terms->ends_at = never;
      return command;
    }
  }
  return create_shop_plan(random_.pick(shop_plans()));
}

Command Shoppers::account_command(const About& about) {
  switch (random_.below(6)) {
    case 0:
      return ScheduleAccountDeletion{about.id, {}};
    case 1:
      return RestoreAccount{about.id, {}};
    case 2: {
      if (!random_.once_in(4)) return UnparkAccount{about.id, {}};
      return PurgeAccount{about.id};
    }
    case 3: {
      IssueCredit command;
      command.account_id = about.id;
      command.amount = random_.between(1, 8'000);
      command.currency = *find_currency(about.account.currency);
      if (random_.once_in(3)) command.expires_at = Instant{micros(about.now) + random_.between(1, 60) * micros_per_day};
      if (random_.once_in(3)) command.invoice = any_invoice(about);
      return command;
    }
    default: {
      UpdateAccount command;
      command.account_id = about.id;
      command.time_zone = {Change<std::string>::Kind::set, random_.once_in(2) ? "Asia/Tokyo" : "Europe/Berlin"};
      return command;
    }
  }
}

Command Shoppers::subscription_command(const About& about) {
  const auto is_live = [](const auto& one) { return one.second.is_live(); };
  const auto& all = about.account.subscriptions;
  const auto live = static_cast<std::size_t>(std::count_if(all.begin(), all.end(), is_live));
  if (live < subscriptions_wanted ? !random_.once_in(3) : random_.once_in(30)) {
    CreateSubscription command;
    command.account_id = about.id;
    command.plan_id = any_plan();
    command.quantity = random_.once_in(50) ? 1'000'000'000 : random_.between(1, 20);
    if (random_.once_in(10)) command.interval = BillingInterval::year;
    if (random_.once_in(5)) command.trial_days = static_cast<std::int32_t>(random_.between(0, 20));
    if (random_.once_in(6)) command.coupon = "TENTH";
    return command;
  }
  const EntityRef id = any_subscription(about);
  switch (random_.below(12)) {
    case 0: {
      CancelSubscription command;
      command.account_id = about.id;
      command.subscription = id;
      command.mode = maybe(random_, any_enum<CancellationMode>(random_, 2));
      if (random_.once_in(3)) command.unused_time = any_enum<UnusedTime>(random_, 2);
      return command;
    }
    case 1:
    case 2: {
      PauseSubscription command{about.id, id, {}, {}};
      if (!random_.once_in(3))
        command.resumes_at = Instant{micros(about.now) + random_.between(-1, 100) * micros_per_day};
      return command;
    }
    case 3:
    case 4:
      return ResumeSubscription{about.id, id};
    case 5:
      return ReactivateSubscription{about.id, id};
    case 6:
    case 7: {
      ChangePlan command;
      command.account_id = about.id;
      command.subscription = id;
      command.plan_id = any_plan();
      if (random_.once_in(3)) command.quantity = random_.between(1, 30);
      if (random_.once_in(4)) command.interval = any_enum<BillingInterval>(random_, 4);
      command.effective = maybe(random_, any_enum<ChangeEffect>(random_, 2));
      command.proration_behavior = maybe(random_, any_enum<ProrationBehavior>(random_, 3));
      return command;
    }
    case 8:
    case 9: {
      ChangeQuantity command;
      command.account_id = about.id;
      command.subscription = id;
      if (random_.once_in(2)) command.delta = random_.between(-10, 10);
      if (!command.delta || random_.once_in(20)) command.quantity = random_.between(0, 30);
      command.effective = maybe(random_, any_enum<ChangeEffect>(random_, 2));
      command.proration_behavior = maybe(random_, any_enum<ProrationBehavior>(random_, 3));
      return command;
    }
    case 10:
      return CancelScheduledPlanChange{about.id, id};
    default: {
      UpdateSubscription command;
      command.account_id = about.id;
      command.subscription = id;
      if (random_.once_in(2)) command.quantity = random_.between(1, 30);
      if (random_.once_in(2)) command.metadata = {Change<Sensitive>::Kind::set, {"{\"a\":1}", {}}};
      command.at_period_end = random_.once_in(2);
      return command;
    }
  }
}

Command Shoppers::invoice_command(const About& about) {
  const EntityRef id = any_invoice(about);
  switch (random_.below(12)) {
    case 0: {
      DraftInvoice command;
      command.account_id = about.id;
      for (std::int64_t lines = random_.between(1, 3); lines > 0; --lines) {
        command.lines.emplace_back().unit_amount = std::to_string(random_.between(-300, 9'000));
        command.lines.back().quantity = std::to_string(random_.between(1, 3));
      }
      command.collection = maybe(random_, InvoiceCollection::automatic);
      return command;
    }
    case 1:
      return AddInvoiceLine{id, {{}, "2", std::to_string(random_.between(1, 500)), {}, {}}};
    case 2:
    case 3:
    case 4:
      return FinalizeInvoice{id};
    case 5:
      return VoidInvoice{id, {}};
    case 6:
      return MarkInvoiceUncollectible{id, {}};
    case 7:
    case 8: {
      IssueCreditNote command;
      command.invoice = id;
      if (random_.once_in(2)) {
        command.amount = random_.between(1, random_.once_in(5) ? 100'000 : 1'500);
      } else if (random_.once_in(2)) {
        command.lines.push_back({random_.between(1, 2), random_.between(1, 2'000), {}});
      }
      return command;
    }
    case 9: {
      const auto& notes = about.account.notes;
      return VoidCreditNote{notes.empty() ? id : any_key(notes, random_), {}};
    }
    default: {
      AdjustInvoice command;
      command.invoice = id;
      command.type = any_enum<AdjustmentType>(random_, 4);
      command.amount = random_.between(1, random_.once_in(5) ? 100'000 : 1'500);
      if (random_.once_in(3)) command.line = 1;
      return command;
    }
  }
}

Command Shoppers::payment_command(const About& about) {
  const auto& methods = about.account.methods;
  switch (random_.below(8)) {
    case 0: {
      AttachPaymentMethod command;
      command.account_id = about.id;
      command.token = some_token();
      command.is_default = random_.once_in(2);
      command.found = simulated_method(command.token.clear);
      return command;
    }
    case 1: {
      if (methods.empty()) break;
      const EntityRef method = *std::next(methods.begin(), static_cast<std::ptrdiff_t>(random_.below(methods.size())));
      if (random_.once_in(2)) return SetDefaultPaymentMethod{about.id, method};
      return DetachPaymentMethod{about.id, method};
    }
    case 2:
      return RetryPayment{about.id, {}};
    default:
      break;
  }
  AttemptPayment command;
  command.account_id = about.id;
  command.invoice = any_invoice(about);
  if (!methods.empty() && random_.once_in(3)) command.method = *methods.begin();
  return command;
}

Command Shoppers::command(const Shop& shop, Instant wall) {
  if (shop.plans.size() < shop_plans().size() / 2) return create_shop_plan(random_.pick(shop_plans()));
  if (random_.once_in(25)) return catalogue_command(shop, wall);
  if (!shop.clocks.empty() && random_.once_in(60)) {
    AdvanceTestClock command;
    command.test_clock = any_key(shop.clocks, random_);
    command.advance = Duration{random_.once_in(6) ? 1 : 0, static_cast<int>(random_.between(0, 9)), 0};
    return command;
  }
  const bool has_room = shop.accounts.size() < accounts_per_shop;
  if (shop.accounts.empty() || (has_room && random_.once_in(15))) return open_account(shop);
  const auto account =
      std::next(shop.accounts.begin(), static_cast<std::ptrdiff_t>(random_.below(shop.accounts.size())));
  Instant now{micros(wall) + shop.offset_us};
  if (!account->second.test_clock.is_none()) now = shop.clocks.at(account->second.test_clock).stands_at;
  const About about{shop, account->first, account->second, now};
  // What nobody pays is given up by and by.
  const auto& open = about.account.open_invoices;
  if (open.size() > open_invoices_wanted && !random_.once_in(3)) {
    if (random_.once_in(2)) return VoidInvoice{*open.begin(), {}};
    return MarkInvoiceUncollectible{*open.begin(), {}};
  }
  const std::uint64_t drawn = random_.below(100);
  if (drawn < 2) return account_command(about);
  if (drawn < 40) return subscription_command(about);
  return drawn < 75 ? invoice_command(about) : payment_command(about);
}

std::vector<ShopRequest> Shoppers::group(const ShopAudit& audit, ShardNumber shard, Instant wall) {
  std::vector<const std::pair<const std::string, Shop>*> shops;
  for (const auto& entry : audit.shops()) {
    if (entry.second.shard == shard) shops.push_back(&entry);
  }
  std::vector<ShopRequest> group;
  const std::size_t size = 1 + random_.below(shop_group_max);
  while (group.size() < size) {
    const auto& [name, shop] = *random_.pick(shops);
    ShopRequest made;
    made.book = name;
    made.command = command(shop, wall);
    made.is_dry_run = random_.once_in(25);
    made.waits = random_.once_in(2);
    if (random_.once_in(15)) made.role = Role::support_rep;
    ++asked_;
    if (!made.is_dry_run && !random_.once_in(3)) {
      made.key = fmt::format("b{}", asked_);
      made.fingerprint = fmt::format("{:016}", asked_);
    }
    if (!keyed_.empty() && random_.once_in(12)) {
      made = random_.once_in(2) ? keyed_.back() : keyed_[random_.below(keyed_.size())];
      if (audit.shops().at(made.book).shard != shard) continue;
      if (random_.once_in(15)) made.fingerprint = "another body    ";
    } else if (!made.key.empty() && random_.once_in(3)) {
      keyed_.push_back(made);
      if (keyed_.size() > kept_shop_requests_max) keyed_.pop_front();
    }
    group.push_back(made);
    // The same again at once, as from two connections.
    if (!made.key.empty() && random_.once_in(20)) group.push_back(made);
  }
  return group;
}

Work to_work(const ShopRequest& request) {
  Work work;
  work.command = request.command;
  work.context.principal.book = request.book;
  work.context.principal.name = "key:shop";
  work.context.principal.role = request.role;
  work.context.idempotency_key = request.key;
  work.context.fingerprint = request.fingerprint;
  work.context.dry_run = request.is_dry_run;
  work.context.waits = request.waits;
  return work;
}

std::string describe(const ShopRequest& request) {
  std::string line = fmt::format("{} in {}", command_name(request.command), request.book);
  if (!request.key.empty()) line += " key " + request.key;
  if (request.is_dry_run) line += " dry";
  return line;
}

}  // namespace daybook::test
