#include "gateway/render.h"

#include "gateway/command_fields.h"
#include "projections/json_text.h"

namespace daybook {
namespace {

/// What is shown of a text whose key is destroyed.
constexpr std::string_view purged_text = "[purged]";

std::optional<std::string> unseal_or_purged(Keyring& keys, const Sealed& sealed, std::string_view stream,
                                            std::string_view field) {
  auto clear = keys.unseal(sealed, stream, field);
  if (!clear && !keys.is_living(sealed.key_id)) clear = purged_text;
  return clear;
}

std::optional<std::string> clear_text(const Sealed& sealed, std::string_view field, const Viewer& viewer) {
  if (sealed.empty() || !viewer.sees_personal_data) return std::nullopt;
  return unseal_or_purged(viewer.keys, sealed, viewer.stream, field);
}

/// Credits and invoices are in the account's own currency.
void append_money_balances(JsonText& json, Currency own, const std::map<Asset, Wallet>& wallets,
                           std::int64_t receivable) {
  const auto wallet = wallets.find(Asset{code(own), true});
  const std::int64_t credit = wallet == wallets.end() ? 0 : wallet->second.available + wallet->second.reserved;
  json.begin_array().begin_object().member("currency", code(own)).member("receivable", receivable);
  json.member("credit", credit).member("net", credit - receivable).end_object().end_array();
}

void wallet_members(JsonText& json, const Wallet& wallet) {
  json.member("available", wallet.available).member("reserved", wallet.reserved);
  json.member("settled", wallet.available + wallet.reserved).member("granted", wallet.granted);
  json.member("consumed", wallet.consumed).member("expired", wallet.expired);
  json.member("cycle_granted", wallet.cycle_granted).member("cycle_used", wallet.cycle_consumed);
  json.member("consumed_percent", consumed_percent(wallet));
}

constexpr std::array<std::string_view, 3> park_reason_names = {"too_many_open_invoices", "too_many_lines",
                                                               "amount_out_of_range"};

void append_parking(JsonText& json, const Parking& parking, const Viewer& viewer) {
  json.key("parked");
  if (parking.reason == 0) {
    json.null();
    return;
  }
  json.begin_object().member("reason", park_reason_names.at(parking.reason - 1U));
  id_member(json, "subscription_id", "sub", parking.subscription, viewer);
  instant_member(json, "since", parking.since);
  json.end_object();
}

}  // namespace

void instant_member(JsonText& json, std::string_view name, Instant at) {
  json.key(name);
  if (!is_on_calendar(at)) {
    json.null();
    return;
  }
  std::string text;
  append_rfc3339(text, at);
  json.string(text);
}

void sealed_member(JsonText& json, std::string_view name, const Sealed& sealed, const Viewer& viewer,
                   std::string_view field) {
  json.key(name);
  if (const auto text = clear_text(sealed, field.empty() ? name : field, viewer)) {
    json.string(*text);
  } else {
    json.null();
  }
}

void metadata_member(JsonText& json, const Sealed& sealed, const Viewer& viewer) {
  json.key("metadata");
  if (sealed.empty()) {
    json.begin_object().end_object();
    return;
  }
  const auto text = clear_text(sealed, "metadata", viewer);
  if (!text || !text->starts_with('{')) {
    json.null();
  } else {
    json.raw(*text);
  }
}

void id_member(JsonText& json, std::string_view name, std::string_view prefix, EntityRef id, const Viewer& viewer) {
  json.key(name);
  const auto base = viewer.existing_versions.find(id.stream_ordinal);
  if (id.is_none()) {
    json.null();
  } else if (base != viewer.existing_versions.end() && id.stream_version > base->second) {
    json.string(std::string(prefix) + "_dry_" + std::to_string(id.stream_version - base->second));
  } else {
    std::string text;
    append_id(text, prefix, id);
    json.string(text);
  }
}

void member_or_null(JsonText& json, std::string_view name, std::string_view text) {
  json.key(name);
  if (text.empty()) {
    json.null();
  } else {
    json.string(text);
  }
}

std::int64_t consumed_percent(const Wallet& wallet) {
  __extension__ typedef __int128 Wide;
  const std::int64_t of = wallet.cycle_granted > 0 ? wallet.cycle_granted : wallet.granted;
  const std::int64_t used = wallet.cycle_granted > 0 ? wallet.cycle_consumed : wallet.consumed;
  return of <= 0 ? 0 : static_cast<std::int64_t>(static_cast<Wide>(used) * 100 / of);
}

void append_account(std::string& out, const AccountDetails& details, const std::map<Asset, Wallet>& wallets,
                    std::int64_t receivable, const Viewer& viewer) {
  std::string payment_methods;
  for (const PaymentMethod& method : details.payment_methods) {
    if (!payment_methods.empty()) payment_methods += ',';
    append_payment_method(payment_methods, details.id, method, method.id == details.default_payment_method, viewer);
  }
  JsonText json(out);
  json.begin_object().member("object", "account").member("id", details.id);
  sealed_member(json, "name", details.name, viewer);
  sealed_member(json, "email", details.email, viewer);
  sealed_member(json, "billing_email", details.billing_email, viewer);
  sealed_member(json, "company", details.company, viewer);
  json.key("address").begin_object();
  member_or_null(json, "country", details.country);
  member_or_null(json, "region", details.region);
  member_or_null(json, "postal_code", details.postal_code);
  sealed_member(json, "line1", details.line1, viewer);
  sealed_member(json, "line2", details.line2, viewer);
  sealed_member(json, "city", details.city, viewer);
  json.end_object();
  json.member("currency", code(details.currency)).member("time_zone", details.time_zone);
  member_or_null(json, "locale", details.locale);
  json.member("tax_exempt", details.tax_exempt);
  sealed_member(json, "tax_id", details.tax_id, viewer);
  sealed_member(json, "vat_id", details.vat_id, viewer);
  member_or_null(json, "vat_id_country", details.vat_id_country);
  member_or_null(json, "provider", details.provider);
  metadata_member(json, details.metadata, viewer);
  id_member(json, "test_clock", "clock", details.test_clock, viewer);
  json.member("status", to_text(details.status));
  instant_member(json, "purge_at", details.purge_at);
  json.member("legal_hold", details.legal_hold);
  append_parking(json, details.parking, viewer);
  instant_member(json, "trial_started_at", details.trial.start);
  instant_member(json, "trial_ends_at", details.trial.end);
  json.member("in_trial", details.trial.is_running);
  member_or_null(json, "limits_plan_id", details.trial.plan_id);
  json.key("limits_plan_version");
  if (details.trial.plan_version == 0) {
    json.null();
  } else {
    json.integer(details.trial.plan_version);
  }
  json.member("payment_status", to_text(details.payments.status())).member("standing", "active");
  json.key("balances");
  append_money_balances(json, details.currency, wallets, receivable);
  json.key("unit_balances").begin_array();
  for (const auto& [asset, wallet] : wallets) {
    if (asset.is_money) continue;
    json.begin_object().member("unit", asset.code).member("available", wallet.available);
    json.member("reserved", wallet.reserved).end_object();
  }
  json.end_array();
  json.key("payment_methods").raw('[' + payment_methods + ']');
  id_member(json, "default_payment_method", "pm", details.default_payment_method, viewer);
  instant_member(json, "created_at", details.created_at);
  instant_member(json, "updated_at", details.updated_at);
  json.member("version", details.version).end_object();
}

void append_payment_method(std::string& out, std::string_view account_id, const PaymentMethod& method, bool is_default,
                           const Viewer& viewer) {
  JsonText json(out);
  json.begin_object().member("object", "payment_method");
  id_member(json, "id", "pm", method.id, viewer);
  json.member("account_id", account_id).member("type", to_text(method.type)).member("provider", method.provider);
  member_or_null(json, "brand", method.brand);
  member_or_null(json, "last4", method.last4);
  const auto number_or_null = [&](std::string_view name, std::int64_t number) {
    json.key(name);
    if (number == 0) {
      json.null();
    } else {
      json.integer(number);
    }
  };
  number_or_null("exp_month", method.exp_month);
  number_or_null("exp_year", method.exp_year);
  json.member("is_default", is_default).member("status", to_text(method.status));
  metadata_member(json, method.metadata, viewer);
  instant_member(json, "created_at", method.created_at);
  instant_member(json, "updated_at", method.updated_at);
  json.member("version", method.version).end_object();
}

void append_credit(std::string& out, std::string_view account_id, const Grant& credit, const Viewer& viewer) {
  JsonText json(out);
  json.begin_object().member("object", "credit");
  id_member(json, "id", "cr", credit.id, viewer);
  json.member("account_id", account_id);
  id_member(json, "invoice_id", "inv", credit.invoice, viewer);
  json.member("amount", credit.amount).member("remaining", credit.remaining);
  json.member("currency", credit.asset.code);
  const std::size_t type = credit.type;
  json.member("type", type >= 1 && type <= credit_type_names.size() ? credit_type_names[type - 1]
                                                                    : std::string_view("unknown"));
  json.member("status", to_text(credit.status));
  sealed_member(json, "reason", credit.reason, viewer);
  instant_member(json, "expires_at", credit.expires_at);
  json.member("priority", credit.priority).key("applications").begin_array();
  for (const CreditApplication& application : credit.applications) {
    json.begin_object();
    id_member(json, "invoice_id", "inv", application.invoice, viewer);
    json.member("amount", application.amount).end_object();
  }
  json.end_array();
  metadata_member(json, credit.metadata, viewer);
  instant_member(json, "created_at", credit.created_at);
  instant_member(json, "updated_at", credit.updated_at);
  json.member("version", credit.version).end_object();
}

void append_unit_entry(std::string& out, const UnitEntryShown& entry, const Viewer& viewer) {
  const UnitMovement& line = entry.movement;
  JsonText json(out);
  json.begin_object().member("object", "unit_credit_entry");
  id_member(json, "id", "ue", line.id, viewer);
  json.member("account_id", entry.account_id).member("type", to_text(line.type)).member("unit", line.unit);
  json.member("amount", line.amount).member("reserved_amount", line.reserved_amount);
  json.member("balance_after", entry.balance_after).member("reserved_after", entry.reserved_after);
  member_or_null(json, "reference", line.reference);
  sealed_member(json, "reason", line.reason, viewer);
  id_member(json, "grant", "ug", line.grant, viewer);
  id_member(json, "reservation", "hold", line.reservation, viewer);
  member_or_null(json, "actor", entry.actor);
  instant_member(json, "at", line.at);
  json.end_object();
}

void append_reservation(std::string& out, const ReservationShown& shown, const Viewer& viewer) {
  const Hold& hold = shown.hold;
  JsonText json(out);
  json.begin_object().member("object", "reservation");
  id_member(json, "id", "hold", hold.id, viewer);
  json.member("account_id", shown.account_id).member("unit", hold.asset.code).member("amount", hold.amount);
  json.member("captured", hold.captured).member("released", hold.released).member("status", to_text(hold.status));
  instant_member(json, "expires_at", hold.expires_at);
  member_or_null(json, "reference", hold.reference);
  json.member("available_after", shown.wallet.available).member("reserved_after", shown.wallet.reserved);
  instant_member(json, "created_at", hold.created_at);
  instant_member(json, "updated_at", hold.updated_at);
  json.member("version", hold.version).end_object();
}

void append_clock(std::string& out, const ClockShown& clock) {
  JsonText json(out);
  json.begin_object().member("object", "clock");
  instant_member(json, "now", clock.now);
  json.member("offset_us", clock.offset_us).end_object();
}

void append_api_key(std::string& out, const ApiKey& key, std::string_view secret, const Viewer& viewer) {
  JsonText json(out);
  json.begin_object().member("object", "api_key");
  id_member(json, "id", "key", key.id, viewer);
  json.member("name", key.name).member("prefix", key.prefix);
  json.member("mode", key.prefix.starts_with("dbk_live_") ? "live" : "test").member("role", to_text(key.role));
  json.key("scopes").begin_array();
  for (const std::string& scope : key.scopes) json.string(scope);
  json.end_array();
  member_or_null(json, "account_id", key.account_id);
  json.member("revoked", key.revoked);
  member_or_null(json, "secret", secret);
  instant_member(json, "created_at", key.created_at);
  instant_member(json, "revoked_at", key.revoked_at);
  json.member("version", key.version).end_object();
}

void append_shown(std::string& out, const Answer& answer, std::string_view secret, const Viewer& viewer) {
  struct Appender {
    std::string& out;
    std::string_view secret;
    const Viewer& viewer;
    void operator()(const std::monostate&) const { out += "null"; }
    void operator()(const AccountShown& shown) const {
      append_account(out, shown.details, shown.wallets, shown.receivable, viewer);
    }
    void operator()(const CreditShown& shown) const { append_credit(out, shown.account_id, shown.grant, viewer); }
    void operator()(const UnitEntryShown& shown) const { append_unit_entry(out, shown, viewer); }
    void operator()(const ReservationShown& shown) const { append_reservation(out, shown, viewer); }
    void operator()(const ClockShown& shown) const { append_clock(out, shown); }
    void operator()(const TestClockShown& shown) const { append_test_clock(out, shown.clock, viewer); }
    void operator()(const ApiKeyShown& shown) const { append_api_key(out, shown.key, secret, viewer); }
    void operator()(const PaymentMethodShown& shown) const {
      append_payment_method(out, shown.account_id, shown.method, shown.is_default, viewer);
    }
    void operator()(const CatalogueSyncShown& shown) const { append_catalogue_sync(out, shown.sync); }
    void operator()(const PlanShown& shown) const { append_plan(out, shown.plan, shown.plan.current()); }
    void operator()(const DiscountShown& shown) const { append_discount(out, shown.discount); }
    void operator()(const CouponShown& shown) const { append_coupon(out, shown); }
    void operator()(const RedemptionShown& shown) const {
      const AccountDiscount& discount = shown.discount;
      append_redemption(out,
                        {discount.redemption, discount.code, discount.discount_id, shown.account_id, discount.user_id,
                         discount.id, discount.applied_at, discount.terms.get()},
                        viewer);
    }
    void operator()(const InvoiceShown& shown) const { append_invoice(out, shown.account_id, shown.invoice, viewer); }
    void operator()(const SubscriptionShown& shown) const {
      append_subscription(out, shown.account_id, shown.subscription, shown.is_primary, viewer);
    }
    void operator()(const CreditNoteShown& shown) const {
      append_credit_note(out, shown.account_id, shown.note, viewer);
    }
    void operator()(const AdjustmentShown& shown) const {
      append_adjustment(out, shown.account_id, shown.adjustment, viewer);
    }
    void operator()(const PaymentShown& shown) const {
      append_payment(out, shown.account_id, shown.payment, nullptr, viewer);
    }
    void operator()(const RefundShown& shown) const { append_refund(out, shown.account_id, shown.refund, viewer); }
    void operator()(const DisputeShown& shown) const { append_dispute(out, shown.account_id, shown.dispute, viewer); }
    void operator()(const CheckoutSessionShown& shown) const {
      append_checkout_session(out, shown.account_id, shown.session, viewer);
    }
    void operator()(const PolicyShown& shown) const { append_policy(out, shown.policy, shown.policies); }
    void operator()(const BookShown& shown) const { append_book(out, shown, secret, viewer); }
    void operator()(const TaxRateShown& shown) const { append_tax_rate(out, shown.key, shown.rate); }
  };
  std::visit(Appender{out, secret, viewer}, answer.shown);
}

void append_balance(std::string& out, std::string_view account_id, Currency own, const std::map<Asset, Wallet>& wallets,
                    std::int64_t receivable, LogPosition position) {
  JsonText json(out);
  json.begin_object().member("object", "balance").member("account_id", account_id).key("balances");
  append_money_balances(json, own, wallets, receivable);
  json.member("position", to_string(position)).end_object();
}

void append_unit_balance(std::string& out, std::string_view account_id, std::string_view unit,
                         const std::map<Asset, Wallet>& wallets, LogPosition position) {
  const auto shown = wallets.find(Asset{std::string(unit), false});
  JsonText json(out);
  json.begin_object().member("object", "unit_credit_balance").member("account_id", account_id).member("unit", unit);
  wallet_members(json, shown == wallets.end() ? Wallet{} : shown->second);
  json.key("units").begin_array();
  for (const auto& [asset, wallet] : wallets) {
    if (asset.is_money) continue;
    json.begin_object().member("unit", asset.code);
    wallet_members(json, wallet);
    json.end_object();
  }
  json.end_array().member("position", to_string(position)).end_object();
}

Unseal unseal_for(Keyring& keys, bool sees_personal_data) {
  return [&keys, sees_personal_data](std::uint64_t key_id, std::string_view nonce, std::string_view bytes,
                                     std::string_view stream, std::string_view field) -> std::optional<std::string> {
    if (!sees_personal_data) return std::nullopt;
    return unseal_or_purged(keys, Sealed{key_id, std::string(nonce), std::string(bytes)}, stream, field);
  };
}

}  // namespace daybook
