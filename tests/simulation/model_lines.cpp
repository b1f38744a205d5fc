#include "tests/simulation/model_lines.h"

#include <fmt/format.h>

namespace daybook::test {
namespace {

std::string wallet_line(const std::string& code, const Sums& sums, std::int64_t granted, std::int64_t consumed,
                        std::int64_t expired) {
  if (granted == 0) return {};
  return fmt::format(" {}:{}/{}/{}/{}/{}/{}/{}", code, sums.available, sums.reserved, granted, consumed, expired,
                     sums.cycle_granted, sums.cycle_consumed);
}

std::string id_line(EntityRef id) {
  return fmt::format("{}.{}.{}", id.shard, id.stream_ordinal, id.stream_version);
}

}  // namespace

// ---- The model's ----------------------------------------------------------------------------------------------------

Sums sums_of(const ModelAccount& account, const std::string& asset, bool is_money) {
  Sums sums;
  for (const auto& [id, grant] : account.open_grants) {
    if (grant.asset != asset || grant.is_money != is_money) continue;
    sums.available += grant.free();
    if (is_money || grant.type != 1) continue;
    sums.cycle_granted += grant.amount;
    sums.cycle_consumed += grant.amount - grant.free();
  }
  for (const auto& [id, hold] : account.open_holds) {
    if (!is_money && hold.unit == asset) sums.reserved += hold.amount;
  }
  return sums;
}

std::string account_line(const ModelAccount& account) {
  std::string line = fmt::format("account {} v{} {} {} {} {} {}", account.id, account.details_version, account.status,
                                 micros(account.purge_at), account.legal_hold, account.country, account.currency);
  for (const auto& [asset, totals] : account.totals) {
    line += wallet_line(asset.first, sums_of(account, asset.first, asset.second), totals.granted, totals.consumed,
                        totals.expired);
  }
  std::int64_t owed = 0;
  for (const auto& [id, invoice] : account.open_invoices) {
    if (invoice.status == "open") owed += invoice.total - invoice.applied;
  }
  return line + fmt::format(" owes {}", owed);
}

std::string credit_line(EntityRef id, const ModelGrant& grant) {
  return fmt::format("credit {} {} {} {} {} {} v{}", id_line(id), grant.amount, grant.remaining, grant.held,
                     grant.status, micros(grant.expires_at), grant.version);
}

std::string hold_line(EntityRef id, const ModelHold& hold) {
  return fmt::format("hold {} {} {} {} {} {} v{}", id_line(id), hold.amount, hold.captured, hold.released, hold.status,
                     micros(hold.expires_at), hold.version);
}

std::string invoice_line(EntityRef id, const ModelInvoice& invoice) {
  std::int64_t subtotal = 0;
  for (const auto& [number, amount] : invoice.lines) subtotal += amount;
  return fmt::format("invoice {} {} {} {} {} {} {} {} {} v{}", id_line(id), invoice.status, invoice.number,
                     invoice.lines.size(), subtotal, invoice.total, invoice.applied, micros(invoice.due_date),
                     invoice.is_overdue, invoice.version);
}

std::string redemption_line(EntityRef redemption, const std::string& code, const std::string& account) {
  return fmt::format("redemption {} of {} by {}", id_line(redemption), code, account);
}

std::string rejection_line(RejectionCode code) {
  return fmt::format("rejected {}", rejection_info(code).name);
}

// ---- The engine's ---------------------------------------------------------------------------------------------------

// ---- The engine's side ----------------------------------------------------------------------------------------------

namespace {

std::string account_line(const AccountDetails& details, const std::map<Asset, Wallet>& wallets,
                         std::int64_t receivable) {
  std::string line = fmt::format("account {} v{} {} {} {} {} {}", details.id, details.version, to_text(details.status),
                                 micros(details.purge_at), details.legal_hold, details.country, code(details.currency));
  for (const auto& [asset, wallet] : wallets) {
    line += wallet_line(asset.code, {wallet.available, wallet.reserved, wallet.cycle_granted, wallet.cycle_consumed},
                        wallet.granted, wallet.consumed, wallet.expired);
  }
  return line + fmt::format(" owes {}", receivable);
}

std::string invoice_line(const Invoice& invoice) {
  return fmt::format("invoice {} {} {} {} {} {} {} {} {} v{}", id_line(invoice.id), to_text(invoice.status),
                     invoice.number, invoice.lines.size(), invoice.subtotal, invoice.total, invoice.credit_applied,
                     micros(invoice.due_date), invoice.is_overdue, invoice.version);
}

std::string grant_line(const Grant& grant) {
  return fmt::format("credit {} {} {} {} {} {} v{}", id_line(grant.id), grant.amount, grant.remaining, grant.held,
                     to_text(grant.status), micros(grant.expires_at), grant.version);
}

std::string hold_line(const Hold& hold) {
  return fmt::format("hold {} {} {} {} {} {} v{}", id_line(hold.id), hold.amount, hold.captured, hold.released,
                     to_text(hold.status), micros(hold.expires_at), hold.version);
}

struct ShownLine {
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(const AccountShown& shown) const {
    return account_line(shown.details, shown.wallets, shown.receivable);
  }
  std::string operator()(const CreditShown& shown) const { return grant_line(shown.grant); }
  std::string operator()(const UnitEntryShown& shown) const {
    return fmt::format("entry v{} {} {} leaves {} {}", shown.movement.id.stream_version, shown.movement.unit,
                       shown.movement.amount, shown.balance_after, shown.reserved_after);
  }
  std::string operator()(const ReservationShown& shown) const {
    return hold_line(shown.hold) + fmt::format(" leaves {} {}", shown.wallet.available, shown.wallet.reserved);
  }
  std::string operator()(const ClockShown&) const { return "clock"; }
  std::string operator()(const CatalogueSyncShown&) const { return "catalogue"; }
  std::string operator()(const TestClockShown& shown) const {
    return fmt::format("test clock {} {}", micros(shown.clock.frozen_time), micros(shown.clock.to));
  }
  std::string operator()(const ApiKeyShown& shown) const { return "key " + shown.key.name; }
  std::string operator()(const PaymentMethodShown& shown) const { return "payment method " + shown.method.last4; }
  std::string operator()(const PlanShown& shown) const { return "plan " + shown.plan.id; }
  std::string operator()(const DiscountShown& shown) const { return "discount " + shown.discount.id; }
  std::string operator()(const CouponShown& shown) const {
    return fmt::format("coupon {} redeemed {}", shown.coupon.code, shown.redemptions);
  }
  std::string operator()(const InvoiceShown& shown) const { return invoice_line(shown.invoice); }
  std::string operator()(const BookShown& shown) const { return "book " + shown.id; }
  std::string operator()(const PolicyShown& shown) const { return "policy " + shown.policy; }
  std::string operator()(const TaxRateShown& shown) const { return "tax rate " + tax_rate_id(shown.key); }
  std::string operator()(const SubscriptionShown& shown) const {
    return "subscription to " + shown.subscription.plan_id;
  }
  std::string operator()(const CreditNoteShown& shown) const { return "credit note " + id_line(shown.note.id); }
  std::string operator()(const AdjustmentShown& shown) const { return "adjustment " + id_line(shown.adjustment.id); }
  std::string operator()(const CheckoutSessionShown& shown) const { return "checkout " + id_line(shown.session.id); }
  std::string operator()(const PaymentShown& shown) const { return "payment " + id_line(shown.payment.id); }
  std::string operator()(const RefundShown& shown) const { return "refund " + id_line(shown.refund.id); }
  std::string operator()(const DisputeShown& shown) const { return "dispute " + id_line(shown.dispute.id); }
  std::string operator()(const RedemptionShown& shown) const {
    return redemption_line(shown.discount.redemption, shown.discount.code, shown.account_id);
  }
};

}  // namespace

std::string describe(const Answer& answer) {
  std::string line;
  if (answer.is_replay) line += "replay ";
  if (answer.is_dry_run) line += "dry ";
  if (!answer.accepted()) return line + rejection_line(answer.rejection.code);
  if (answer.is_unchanged) line += "unchanged ";
  return line + std::visit(ShownLine(), answer.shown);
}

std::string describe_state(const AccountState* state) {
  if (state == nullptr) return "none";
  std::string line = account_line(state->details, state->wallets(), state->receivable());
  line += fmt::format(" at {} of {} decided {}", state->version, state->ordinal, micros(state->decided_at));
  for (const auto& [id, grant] : state->grants()) {
    if (!grant.is_open()) continue;
    line += fmt::format("; {} of {} {}", grant_line(grant), grant.asset.code, grant.priority);
  }
  for (const auto& [id, hold] : state->holds()) {
    if (hold.is_open()) line += "; " + hold_line(hold);
  }
  for (const AccountDiscount& discount : state->discounts) {
    line += "; " + redemption_line(discount.redemption, discount.code, state->details.id);
  }
  for (const auto& [id, invoice] : state->invoices()) {
    if (invoice.is_open() && invoice.status != InvoiceStatus::uncollectible) line += "; " + invoice_line(invoice);
  }
  return line;
}

}  // namespace daybook::test
