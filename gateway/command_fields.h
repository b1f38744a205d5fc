// The members of every command as JSON: the one description that parsing (command_parser), fingerprints
// (command_text) and the API document's test are made from. The order is that of the fingerprint: append only.
//
//   visit(name, member, rule)       one member
//   visit.object(name, describe)    an object with members of its own
//   visit.list(name, items, rule, describe)    a list of objects
//   visit.given(names)              which members there are, for a partial update
#pragma once

#include <array>
#include <string_view>
#include <type_traits>

#include "domain/commands.h"
#include "domain/deciders/decision.h"
#include "domain/rules/discounts.h"
#include "domain/rules/pricing.h"
#include "gateway/field_rule.h"
#include "schemas/events/coupons_generated.h"
#include "schemas/events/governance_generated.h"
#include "schemas/events/plans_generated.h"

namespace daybook {

class CommandReader;

inline constexpr std::array<std::string_view, 8> credit_type_names = {
    "goodwill", "promotion", "proration", "refund", "invoice_void", "overpayment", "dispute", "adjustment"};
/// Without those that only a credit note gives.
inline constexpr std::array<std::string_view, 7> issued_credit_type_names = {
    "goodwill", "promotion", "proration", "refund", "invoice_void", "overpayment", "dispute"};
inline constexpr std::array<std::string_view, 4> unit_source_names = {"cycle", "pack", "promotion", "adjustment"};
/// Without `system`, which nobody can be given.
inline constexpr std::array<std::string_view, 8> key_role_names = {"super_admin",    "billing_admin", "support_rep",
                                                                   "finance_viewer", "auditor",       "account_owner",
                                                                   "account_member", "api_key"};
inline constexpr std::array<std::string_view, 4> provider_names = {"simulator", "stripe", "paystack", "paypal"};

inline constexpr std::array<std::string_view, 4> interval_names = {"day", "week", "month", "year"};
inline constexpr std::array<std::string_view, 6> price_model_names = {"flat",   "per_seat", "graduated",
                                                                      "volume", "package",  "stairstep"};
inline constexpr std::array<std::string_view, 2> tax_behavior_names = {"exclusive", "inclusive"};
inline constexpr std::array<std::string_view, 6> billing_reason_names = {
    "manual", "subscription_create", "subscription_cycle", "subscription_update", "usage_late", "credit_pack"};
inline constexpr std::array<std::string_view, 11> invoice_line_type_names = {
    "custom",           "subscription", "seat",      "usage",   "overage", "proration_credit",
    "proration_charge", "credit_pack",  "setup_fee", "minimum", "maximum"};
inline constexpr std::array<std::string_view, 5> line_step_kind_names = {"included", "flat", "units", "packages",
                                                                         "tier_flat"};
inline constexpr std::array<std::string_view, 2> cancellation_mode_names = {"period_end", "immediate"};
inline constexpr std::array<std::string_view, 3> proration_behavior_names = {"create_prorations", "next_invoice",
                                                                             "none"};
inline constexpr std::array<std::string_view, 2> change_effect_names = {"now", "period_end"};
inline constexpr std::array<std::string_view, 6> cancellation_cause_names = {
    "requested", "scheduled", "account_deleted", "pause_limit", "trial_expired", "provider"};
inline constexpr std::array<std::string_view, 2> unused_time_names = {"no_credit", "prorated_credit"};
inline constexpr std::array<std::string_view, 5> tax_category_names = {"standard", "zero_rated", "exempt",
                                                                       "reverse_charge", "outside_scope"};
inline constexpr std::array<std::string_view, 5> tax_reason_names = {"rate", "customer_exempt", "reverse_charge",
                                                                     "no_rate", "not_registered"};
inline constexpr std::array<std::string_view, 2> live_subscriptions_names = {"multi", "single"};
inline constexpr std::array<std::string_view, 3> discount_stacking_names = {"priority_stack", "best_of", "exclusive"};
inline constexpr std::array<std::string_view, 2> percent_arithmetic_names = {"chained", "stacked"};
inline constexpr std::array<std::string_view, 2> trial_on_opening_names = {"on", "off"};
inline constexpr std::array<std::string_view, 3> trial_end_names = {"convert_or_downgrade", "convert_or_block",
                                                                    "cancel"};
inline constexpr std::array<std::string_view, 2> number_reset_names = {"continuous", "yearly"};
inline constexpr std::array<std::string_view, 2> credit_note_status_names = {"issued", "void"};
inline constexpr std::array<std::string_view, 2> credit_note_kind_names = {"credit", "discount"};
inline constexpr std::array<std::string_view, 2> collection_names = {"automatic", "manual"};
inline constexpr std::array<std::string_view, 7> payment_status_names = {
    "pending", "requires_action", "succeeded", "failed", "partially_refunded", "refunded", "disputed"};
inline constexpr std::array<std::string_view, 4> offline_method_names = {"bank_transfer", "cash", "check", "other"};
inline constexpr std::array<std::string_view, 4> refund_status_names = {"pending", "succeeded", "failed", "canceled"};
inline constexpr std::array<std::string_view, 5> refund_reason_names = {
    "duplicate", "fraudulent", "requested_by_customer", "service_issue", "other"};
inline constexpr std::array<std::string_view, 2> refund_destination_names = {"payment_method", "credit"};
inline constexpr std::array<std::string_view, 3> refund_outcome_names = {"succeeded", "failed", "canceled"};
inline constexpr std::array<std::string_view, 2> dispute_outcome_names = {"won", "lost"};
inline constexpr std::array<std::string_view, 3> dispute_status_names = {"open", "won", "lost"};
inline constexpr std::array<std::string_view, 3> payment_outcome_names = {"succeeded", "failed", "action_required"};
inline constexpr std::array<std::string_view, 3> provider_event_outcome_names = {"processed", "ignored", "failed"};
inline constexpr std::array<std::string_view, 4> adjustment_type_names = {"discount", "credit", "surcharge",
                                                                          "write_off"};
inline constexpr std::array<std::string_view, 5> proration_names = {"second", "day", "thirty_360", "none", "by_policy"};
/// Of the policy.
inline constexpr std::array<std::string_view, 2> proration_unit_names = {"second", "day"};

inline constexpr std::array<std::string_view, 2> rounding_names = {"half_away_from_zero", "half_even"};

inline constexpr std::array<std::string_view, 2> book_mode_names = {"test", "live"};
inline constexpr std::array<std::string_view, 2> discount_kind_names = {"percent", "fixed"};
inline constexpr std::array<std::string_view, 3> discount_duration_names = {"once", "repeating", "forever"};

namespace rules {
inline constexpr Rule account = a(FieldKind::client_id).about(TargetKind::account);
inline constexpr Rule credit = id_of("cr").about(TargetKind::entity);
inline constexpr Rule reservation = id_of("hold").about(TargetKind::entity);
inline constexpr Rule payment_method = id_of("pm").about(TargetKind::entity);
inline constexpr Rule payment_token = text_of(payment_token_characters_max);
inline constexpr Rule provider_text = text_of(provider_text_characters_max);
inline constexpr Rule action_url = text_of(action_url_characters_max);
inline constexpr Rule api_key = id_of("key").about(TargetKind::entity);
inline constexpr Rule test_clock = id_of("clock").about(TargetKind::entity);
inline constexpr Rule invoice = id_of("inv").about(TargetKind::entity);
inline constexpr Rule credit_note = id_of("cn").about(TargetKind::entity);
inline constexpr Rule subscription = id_of("sub").about(TargetKind::entity);
inline constexpr Rule account_discount = id_of("di");
inline constexpr Rule payment = id_of("pay").about(TargetKind::entity);
inline constexpr Rule refund = id_of("re").about(TargetKind::entity);
inline constexpr Rule checkout_session = id_of("cs").about(TargetKind::entity);
inline constexpr Rule policy = a(FieldKind::client_id).about(TargetKind::entity);
inline constexpr Rule plan = a(FieldKind::client_id).about(TargetKind::entity);
inline constexpr Rule discount = a(FieldKind::client_id).about(TargetKind::entity);
inline constexpr Rule coupon = a(FieldKind::client_id).about(TargetKind::entity);
inline constexpr Rule name = text_of(name_characters_max);
inline constexpr Rule tax_id = text_of(tax_id_characters_max);
inline constexpr Rule address_line = text_of(address_line_characters_max);
inline constexpr Rule region = text_of(region_characters_max);
inline constexpr Rule postal_code = text_of(postal_code_characters_max);
inline constexpr Rule reason = text_of(reason_characters_max, Lines::many);
inline constexpr Rule footer = text_of(footer_characters_max, Lines::many);
inline constexpr Rule reference = text_of(reference_characters_max);
inline constexpr Rule email = a(FieldKind::email);
inline constexpr Rule unit = a(FieldKind::unit);
inline constexpr Rule amount = a(FieldKind::integer).must();
inline constexpr Rule priority = integer_from(0, priority_max);
inline constexpr Rule provider = one_of(provider_names);
inline constexpr Rule metadata = a(FieldKind::metadata);
inline constexpr Rule description = text_of(reason_characters_max, Lines::many);
inline constexpr Rule minor_units = integer_from(0, amount_max);
inline constexpr Rule uses = integer_from(1, amount_max);
inline constexpr Rule unit_amount = decimal_of(unit_amount_places_max);
inline constexpr Rule quantity = decimal_of(quantity_places_max);
inline constexpr Rule book = a(FieldKind::client_id).about(TargetKind::entity);
inline constexpr Rule address_lines = [] {
  Rule rule = a(FieldKind::names);
  rule.characters_max = address_line_characters_max;
  return rule;
}();
inline constexpr Rule features = [] {
  Rule rule = a(FieldKind::names);
  rule.characters_max = 100;
  return rule;
}();
inline constexpr Rule plans = [] {
  Rule rule = a(FieldKind::names);
  rule.characters_max = 64;
  return rule;
}();
}  // namespace rules

template <class V>
void describe(OpenAccount& c, V& visit) {
  visit("id", c.account_id, rules::account.implied());
  visit("name", c.name, rules::name.must());
  visit("email", c.email, rules::email.must());
  visit("billing_email", c.billing_email, rules::email);
  visit("company", c.company, rules::name);
  visit("currency", c.currency, a(FieldKind::currency));
  visit("time_zone", c.time_zone, a(FieldKind::time_zone));
  visit("locale", c.locale, a(FieldKind::locale));
  visit.object("address", [&c](auto& inner) {
    inner("country", c.address.country, a(FieldKind::country));
    inner("region", c.address.region, rules::region);
    inner("postal_code", c.address.postal_code, rules::postal_code);
    inner("line1", c.address.line1, rules::address_line);
    inner("line2", c.address.line2, rules::address_line);
    inner("city", c.address.city, rules::address_line);
  });
  visit("tax_exempt", c.tax_exempt, a(FieldKind::boolean));
  visit("tax_id", c.tax_id, rules::tax_id);
  visit("vat_id", c.vat_id, rules::tax_id);
  visit("provider", c.provider, rules::provider);
  visit("metadata", c.metadata, rules::metadata);
  visit("payment_method_token", c.payment_method_token, rules::payment_token);
  visit("test_clock", c.test_clock, id_of("clock"));
}

template <class V>
void describe(UpdateAccount& c, V& visit) {
  visit("account_id", c.account_id, rules::account);
  visit("name", c.name, rules::name.kept());
  visit("email", c.email, rules::email.kept());
  visit("billing_email", c.billing_email, rules::email);
  visit("company", c.company, rules::name);
  visit("time_zone", c.time_zone, a(FieldKind::time_zone).kept());
  visit("locale", c.locale, a(FieldKind::locale));
  visit.object("address", [&c](auto& inner) {
    inner("country", c.country, a(FieldKind::country));
    inner("region", c.region, rules::region);
    inner("postal_code", c.postal_code, rules::postal_code);
    inner("line1", c.line1, rules::address_line);
    inner("line2", c.line2, rules::address_line);
    inner("city", c.city, rules::address_line);
  });
  visit("tax_exempt", c.tax_exempt, a(FieldKind::boolean).kept());
  visit("tax_id", c.tax_id, rules::tax_id);
  visit("vat_id", c.vat_id, rules::tax_id);
  visit("provider", c.provider, rules::provider);
  visit("metadata", c.metadata, rules::metadata);
  visit("currency", c.currency, a(FieldKind::currency).kept());
}

template <class V>
void describe(ScheduleAccountDeletion& c, V& visit) {
  visit("account_id", c.account_id, rules::account);
  visit("reason", c.reason, rules::reason);
}

template <class V>
void describe(RestoreAccount& c, V& visit) {
  visit("account_id", c.account_id, rules::account);
  visit("reason", c.reason, rules::reason);
}

template <class V>
void describe(PurgeAccount& c, V& visit) {
  visit("account_id", c.account_id, rules::account);
}

template <class V>
void describe(PlaceLegalHold& c, V& visit) {
  visit("account_id", c.account_id, rules::account);
  visit("reason", c.reason, rules::reason.must());
}

template <class V>
void describe(ReleaseLegalHold& c, V& visit) {
  visit("account_id", c.account_id, rules::account);
  visit("reason", c.reason, rules::reason);
}

template <class V>
void describe(UnparkAccount& c, V& visit) {
  visit("account_id", c.account_id, rules::account);
  visit("reason", c.reason, rules::reason);
}

template <class V>
void describe(IssueCredit& c, V& visit) {
  visit("account_id", c.account_id, rules::account);
  visit("amount", c.amount, rules::amount);
  visit("currency", c.currency, a(FieldKind::currency).must());
  visit("type", c.type, one_of(issued_credit_type_names).must());
  visit("reason", c.reason, rules::reason.must());
  visit("expires_at", c.expires_at, a(FieldKind::instant));
  visit("priority", c.priority, rules::priority);
  visit("invoice_id", c.invoice, id_of("inv"));
  visit("metadata", c.metadata, rules::metadata);
}

template <class V>
void describe(ApplyCredit& c, V& visit) {
  visit("credit_id", c.credit, rules::credit);
  visit("invoice_id", c.invoice, id_of("inv").must());
  visit("amount", c.amount, rules::minor_units);
}

template <class V>
void describe(ConsumeCredit& c, V& visit) {
  visit("credit_id", c.credit, rules::credit);
  visit("amount", c.amount, rules::amount);
  visit("reason", c.reason, rules::reason);
  visit("reference", c.reference, rules::reference);
}

template <class V>
void describe(ExpireCredit& c, V& visit) {
  visit("credit_id", c.credit, rules::credit);
  visit("reason", c.reason, rules::reason);
}

template <class V>
void describe(VoidCredit& c, V& visit) {
  visit("credit_id", c.credit, rules::credit);
  visit("reason", c.reason, rules::reason);
}

template <class V>
void describe(AllocateUnitCredits& c, V& visit) {
  visit("account_id", c.account_id, rules::account);
  visit("unit", c.unit, rules::unit);
  visit("amount", c.amount, rules::amount);
  visit("source", c.source, one_of(unit_source_names));
  visit("priority", c.priority, rules::priority);
  visit("expires_at", c.expires_at, a(FieldKind::instant));
  visit("reason", c.reason, rules::reason);
  visit("reference", c.reference, rules::reference);
}

template <class V>
void describe(DeductUnitCredits& c, V& visit) {
  visit("account_id", c.account_id, rules::account);
  visit("unit", c.unit, rules::unit);
  visit("amount", c.amount, rules::amount);
  visit("reference", c.reference, rules::reference);
  visit("reason", c.reason, rules::reason);
}

template <class V>
void describe(AdjustUnitCredits& c, V& visit) {
  visit("account_id", c.account_id, rules::account);
  visit("unit", c.unit, rules::unit);
  visit("amount", c.amount, rules::amount);
  visit("reason", c.reason, rules::reason.must());
  visit("reference", c.reference, rules::reference);
}

template <class V>
void describe(ReserveUnitCredits& c, V& visit) {
  visit("account_id", c.account_id, rules::account);
  visit("unit", c.unit, rules::unit);
  visit("amount", c.amount, rules::amount);
  visit("ttl_seconds", c.ttl_seconds, a(FieldKind::integer).must());
  visit("reference", c.reference, rules::reference);
}

template <class V>
void describe(CaptureReservation& c, V& visit) {
  visit("account_id", c.account_id, rules::account.implied());
  visit("reservation_id", c.reservation, rules::reservation);
  visit("amount", c.amount, a(FieldKind::integer));
  visit("reference", c.reference, rules::reference);
}

template <class V>
void describe(ReleaseReservation& c, V& visit) {
  visit("account_id", c.account_id, rules::account.implied());
  visit("reservation_id", c.reservation, rules::reservation);
}

template <class V>
void describe(AttachPaymentMethod& c, V& visit) {
  visit("account_id", c.account_id, rules::account);
  visit("token", c.token, rules::payment_token.must());
  visit("is_default", c.is_default, a(FieldKind::boolean));
  visit("metadata", c.metadata, rules::metadata);
}

template <class V>
void describe(SetDefaultPaymentMethod& c, V& visit) {
  visit("account_id", c.account_id, rules::account.implied());
  visit("payment_method_id", c.payment_method, rules::payment_method);
}

template <class V>
void describe(DetachPaymentMethod& c, V& visit) {
  visit("account_id", c.account_id, rules::account.implied());
  visit("payment_method_id", c.payment_method, rules::payment_method);
}

template <class V>
void describe(AdvanceSandboxClock& c, V& visit) {
  visit("advance", c.advance, a(FieldKind::duration));
  visit("to", c.to, a(FieldKind::instant));
}

template <class V>
void describe(CreateTestClock& c, V& visit) {
  visit("name", c.name, rules::name);
  visit("frozen_time", c.frozen_time, a(FieldKind::instant).must());
}

template <class V>
void describe(AdvanceTestClock& c, V& visit) {
  visit("test_clock_id", c.test_clock, rules::test_clock);
  visit("advance", c.advance, a(FieldKind::duration));
  visit("to", c.to, a(FieldKind::instant));
}

/// `is_whole`: of a new book, which must have a name.
template <class V>
void describe_terms(schema::BookTermsT& terms, V& visit, bool is_whole) {
  visit("name", terms.name, is_whole ? rules::name.must() : rules::name.kept());
  visit("default_currency", terms.currency, a(FieldKind::currency));
  visit("time_zone", terms.time_zone, a(FieldKind::time_zone));
  visit.object("legal_entity", [&terms](auto& inner) {
    schema::LegalEntityT& entity = *terms.legal_entity;
    inner("name", entity.name, rules::name.must());
    inner("address_lines", entity.address_lines, rules::address_lines);
    inner("country", entity.country, a(FieldKind::country));
    inner("registration_number", entity.registration_number, rules::tax_id);
    inner("tax_id", entity.tax_id, rules::tax_id);
  });
  visit("metadata", terms.metadata, rules::metadata);
  visit.object("branding", [&terms](auto& inner) {
    schema::BrandingT& branding = *terms.branding;
    inner("company_name", branding.company_name, rules::name);
    inner("logo_url", branding.logo_url, a(FieldKind::url));
    inner("primary_color", branding.primary_color, a(FieldKind::color));
    inner("secondary_color", branding.secondary_color, a(FieldKind::color));
    inner("footer", branding.footer, rules::footer);
  });
}

inline void begin_terms(BookTermsPointer& terms) {
  if (terms) return;
  terms = std::make_shared<schema::BookTermsT>();
  terms->legal_entity = std::make_unique<schema::LegalEntityT>();
  terms->branding = std::make_unique<schema::BrandingT>();
}

/// Its first key is made here, not told by the client.
template <class V>
void describe(CreateBook& c, V& visit) {
  begin_terms(c.terms);
  visit("id", c.book_id, a(FieldKind::client_id));
  visit("mode", c.mode, one_of(book_mode_names).must());
  describe_terms(*c.terms, visit, true);
}

template <class V>
void describe(ChangeBook& c, V& visit) {
  begin_terms(c.terms);
  visit("book_id", c.book_id, rules::book);
  visit.given(c.members);
  describe_terms(*c.terms, visit, false);
}

template <class V>
void describe(CloseBook& c, V& visit) {
  visit("book_id", c.book_id, rules::book);
}

/// The key's text, digest and prefix are made here, not told by the client, so they are no members.
template <class V>
void describe(CreateApiKey& c, V& visit) {
  visit("name", c.name, rules::name.must());
  visit("role", c.role, one_of(key_role_names));
  visit("scopes", c.scopes, a(FieldKind::scopes));
  visit("account_id", c.account_id, a(FieldKind::client_id));
}

template <class V>
void describe(RevokeApiKey& c, V& visit) {
  visit("api_key_id", c.key, rules::api_key);
}

template <class V>
void describe(schema::PriceTierT& tier, V& visit) {
  visit("up_to", tier.up_to, rules::quantity);
  visit("unit_amount", tier.unit_amount, rules::unit_amount);
  visit("flat_amount", tier.flat_amount, rules::minor_units);
}

template <class V>
void describe(schema::ProviderPriceT& price, V& visit) {
  visit("provider", price.provider, rules::provider.must());
  visit("product_id", price.product_id, rules::reference);
  visit("price_id", price.price_id, rules::reference.must());
}

template <class V>
void describe(schema::PlanPriceT& price, V& visit) {
  visit("currency", price.currency, a(FieldKind::currency).must());
  visit("interval", price.interval, one_of(interval_names));
  visit("interval_count", price.interval_count, integer_from(1, 3'650));
  visit("model", price.model, one_of(price_model_names));
  visit("amount", price.unit_amount, rules::unit_amount);
  visit.list("tiers", price.tiers, Rule(), [](schema::PriceTierT& tier, auto& inner) { describe(tier, inner); });
  visit("package_size", price.package_size, rules::quantity);
  visit("included_quantity", price.included_quantity, rules::quantity);
  visit("setup_fee", price.setup_fee, rules::minor_units);
  visit("minimum_amount", price.minimum_amount, rules::minor_units);
  visit("maximum_amount", price.maximum_amount, rules::minor_units);
  visit("tax_behavior", price.tax_behavior, one_of(tax_behavior_names));
  visit.list("provider_prices", price.provider_prices, Rule(),
             [](schema::ProviderPriceT& row, auto& inner) { describe(row, inner); });
}

/// Of a plan or a price that a request may say the interval of (plan_check.h, complete_intervals).
template <class T>
void unsay_interval(T& terms) {
  terms.interval = {};
  terms.interval_count = 0;
}

/// `is_whole`: a plan's first version, which must say what every plan has.
template <class V>
void describe_terms(schema::PlanTermsT& terms, V& visit, bool is_whole) {
  Rule prices;
  prices.required = is_whole;
  visit("name", terms.name, is_whole ? rules::name.must() : rules::name.kept());
  visit("code", terms.code, a(FieldKind::client_id));
  visit("description", terms.description, rules::description);
  visit("tier", terms.tier, a(FieldKind::unit));
  visit("interval", terms.interval, one_of(interval_names));
  visit("interval_count", terms.interval_count, integer_from(1, 3'650));
  visit.list("prices", terms.prices, prices, [](schema::PlanPriceT& price, auto& inner) {
    if constexpr (std::is_same_v<decltype(inner), CommandReader&>) unsay_interval(price);
    describe(price, inner);
  });
  visit("trial_days", terms.trial_days, integer_from(0, 730));
  visit("features", terms.features, rules::features);
  visit("limits", terms.limits, a(FieldKind::limits));
  visit("unit_credits_per_cycle", terms.unit_credits_per_cycle, rules::minor_units);
  visit("manual_invoicing", terms.manual_invoicing, a(FieldKind::boolean));
  visit("net_days", terms.net_days, integer_from(0, 365));
  visit("proration", terms.proration, one_of(proration_names));
  visit("tax_category", terms.tax_category, a(FieldKind::unit));
  visit("metadata", terms.metadata, rules::metadata);
}

/// Terms of which nothing is said yet.
inline std::shared_ptr<schema::PlanTermsT> unsaid_terms() {
  auto terms = std::make_shared<schema::PlanTermsT>();
  terms->proration = schema::ProrationUnit::by_policy;
  unsay_interval(*terms);
  return terms;
}

template <class V>
void describe(CreatePlan& c, V& visit) {
  if (!c.terms) c.terms = unsaid_terms();
  visit("id", c.plan_id, a(FieldKind::client_id));
  visit("account_id", c.account_id, a(FieldKind::client_id));
  describe_terms(*c.terms, visit, true);
}

template <class V>
void describe(RevisePlan& c, V& visit) {
  if (!c.terms) c.terms = unsaid_terms();
  visit("plan_id", c.plan_id, rules::plan);
  visit.given(c.members);
  describe_terms(*c.terms, visit, false);
}

template <class V>
void describe(RetirePlan& c, V& visit) {
  visit("plan_id", c.plan_id, rules::plan);
}

template <class V>
void describe(RestorePlan& c, V& visit) {
  visit("plan_id", c.plan_id, rules::plan);
}

template <class V>
void describe(SyncCatalogue& c, V& visit) {
  visit("provider", c.provider, a(FieldKind::unit));
}

/// `is_whole`: of a new discount, which must have a name.
template <class V>
void describe_terms(schema::DiscountTermsT& terms, V& visit, bool is_whole) {
  visit("name", terms.name, is_whole ? rules::name.must() : rules::name.kept());
  visit("kind", terms.kind, one_of(discount_kind_names));
  visit("percent", terms.percent, decimal_of(percent_places_max));
  visit("amount", terms.amount, rules::minor_units);
  visit("amount_max", terms.amount_max, rules::uses);
  visit("currency", terms.currency, a(FieldKind::currency));
  visit("duration", terms.duration, one_of(discount_duration_names));
  visit("months", terms.months, integer_from(1, 1'200));
  visit("plans", terms.plans, rules::plans);
  visit("starts_at", terms.starts_at, a(FieldKind::instant));
  visit("ends_at", terms.ends_at, a(FieldKind::instant));
  visit("max_redemptions", terms.max_redemptions, rules::uses);
  visit("priority", terms.priority, rules::priority);
  visit("stackable", terms.stackable, a(FieldKind::boolean));
  visit("metadata", terms.metadata, rules::metadata);
}

/// Without dates, until they are given.
inline void begin_terms(DiscountTermsPointer& terms) {
  if (terms) return;
  terms = std::make_shared<schema::DiscountTermsT>();
  terms->starts_at = terms->ends_at = never;
}

template <class V>
void describe(CreateDiscount& c, V& visit) {
  begin_terms(c.terms);
  visit("id", c.discount_id, a(FieldKind::client_id));
  describe_terms(*c.terms, visit, true);
}

template <class V>
void describe(ChangeDiscount& c, V& visit) {
  begin_terms(c.terms);
  visit("discount_id", c.discount_id, rules::discount);
  visit.given(c.members);
  describe_terms(*c.terms, visit, false);
}

template <class V>
void describe(RetireDiscount& c, V& visit) {
  visit("discount_id", c.discount_id, rules::discount);
}

template <class V>
void describe(CreateCoupon& c, V& visit) {
  visit("code", c.code, a(FieldKind::client_id).must());
  visit("discount_id", c.discount_id, a(FieldKind::client_id).must());
  visit("max_redemptions", c.max_redemptions, rules::uses);
  visit("max_per_account", c.max_per_account, rules::uses);
  visit("max_per_user", c.max_per_user, rules::uses);
  visit("first_purchase_only", c.first_purchase_only, a(FieldKind::boolean));
}

template <class V>
void describe(RetireCoupon& c, V& visit) {
  visit("code", c.code, rules::coupon);
}

template <class V>
void describe(RedeemCoupon& c, V& visit) {
  visit("code", c.code, rules::coupon);
  visit("account_id", c.account_id, rules::account);
  visit("user_id", c.user_id, a(FieldKind::client_id));
  visit("plan_id", c.plan_id, a(FieldKind::client_id));
}

template <class V>
void describe(InvoiceLineInput& line, V& visit) {
  visit("description", line.description, rules::reason.must());
  visit("quantity", line.quantity, rules::quantity);
  visit("unit_amount", line.unit_amount, rules::unit_amount.must());
  visit.object("period", [&line](auto& inner) {
    inner("start", line.period_start, a(FieldKind::instant));
    inner("end", line.period_end, a(FieldKind::instant));
  });
}

template <class V>
void describe(DraftInvoice& c, V& visit) {
  visit("account_id", c.account_id, rules::account);
  visit.list("lines", c.lines, Rule(), [](InvoiceLineInput& line, auto& inner) { describe(line, inner); });
  visit("net_days", c.net_days, integer_from(0, net_days_max));
  visit("metadata", c.metadata, rules::metadata);
  visit("collection", c.collection, one_of(collection_names));
}

template <class V>
void describe(AddInvoiceLine& c, V& visit) {
  visit("invoice_id", c.invoice, rules::invoice);
  describe(c.line, visit);
}

template <class V>
void describe(RemoveInvoiceLine& c, V& visit) {
  visit("invoice_id", c.invoice, rules::invoice);
  visit("number", c.number, integer_from(1, std::numeric_limits<std::int32_t>::max()).must());
}

template <class V>
void describe(FinalizeInvoice& c, V& visit) {
  visit("invoice_id", c.invoice, rules::invoice);
}

template <class V>
void describe(VoidInvoice& c, V& visit) {
  visit("invoice_id", c.invoice, rules::invoice);
  visit("reason", c.reason, rules::reason);
}

template <class V>
void describe(MarkInvoiceUncollectible& c, V& visit) {
  visit("invoice_id", c.invoice, rules::invoice);
  visit("reason", c.reason, rules::reason);
}

template <class V>
void describe(SendInvoice& c, V& visit) {
  visit("account_id", c.account_id, rules::account.implied());
  visit("invoice_id", c.invoice, rules::invoice);
}

template <class V>
void describe(AttemptPayment& c, V& visit) {
  visit("account_id", c.account_id, rules::account.implied());
  visit("invoice_id", c.invoice, rules::invoice);
  visit("payment_method_id", c.method, id_of("pm"));
}

template <class V>
void describe(RetryPayment& c, V& visit) {
  visit("account_id", c.account_id, rules::account);
  visit("payment_method_id", c.method, id_of("pm"));
}

template <class V>
void describe(RecordPaymentResult& c, V& visit) {
  visit("payment_id", c.payment, rules::payment);
  visit("outcome", c.outcome, one_of(payment_outcome_names).must());
  visit("transaction_id", c.transaction_id, rules::provider_text);
  visit("code", c.code, rules::unit);
  visit("message", c.message, rules::provider_text);
  visit("action_url", c.action_url, rules::action_url);
}

template <class V>
void describe(RecordOfflinePayment& c, V& visit) {
  visit("invoice_id", c.invoice, rules::invoice);
  visit("amount", c.amount, rules::amount);
  visit("method", c.method, one_of(offline_method_names));
  visit("reference", c.reference, rules::provider_text);
  visit("received_at", c.received_at, a(FieldKind::instant));
}

template <class V>
void describe(IssueRefund& c, V& visit) {
  visit("payment_id", c.payment, rules::payment);
  visit("amount", c.amount, a(FieldKind::integer));
  visit("reason", c.reason, one_of(refund_reason_names));
  visit("destination", c.destination, one_of(refund_destination_names));
  visit("description", c.description, rules::description);
}

template <class V>
void describe(RecordRefundResult& c, V& visit) {
  visit("refund_id", c.refund, rules::refund);
  visit("outcome", c.outcome, one_of(refund_outcome_names).must());
  visit("provider_refund_id", c.provider_refund_id, rules::provider_text);
  visit("code", c.code, rules::unit);
  visit("message", c.message, rules::provider_text);
}

template <class V>
void describe(OpenDispute& c, V& visit) {
  visit("payment_id", c.payment, rules::payment);
  visit("amount", c.amount, rules::amount);
  visit("reason", c.reason, rules::unit);
  visit("provider_dispute_id", c.provider_dispute_id, rules::provider_text.must());
  visit("due_by", c.due_by, a(FieldKind::instant));
}

template <class V>
void describe(CloseDispute& c, V& visit) {
  visit("payment_id", c.payment, rules::payment);
  visit("provider_dispute_id", c.provider_dispute_id, rules::provider_text.must());
  visit("outcome", c.outcome, one_of(dispute_outcome_names).must());
}

template <class V>
void describe(ReceiveProviderEvent& c, V& visit) {
  visit("provider", c.provider, rules::provider.must());
  visit("external_id", c.external_id, rules::provider_text.must());
  visit("type", c.type, rules::provider_text.must());
  visit("payment_id", c.payment, id_of("pay"));
  visit("body", c.body, text_of(webhook_body_bytes_max, Lines::many).must());
  visit("checkout_session_id", c.checkout, id_of("cs"));
  visit("subscription_id", c.subscription, id_of("sub"));
  visit("refund_id", c.refund, id_of("re"));
}

template <class V>
void describe(ProcessProviderEvent& c, V& visit) {
  visit("provider_event_id", c.provider_event, id_of("whe").about(TargetKind::entity));
  visit("outcome", c.outcome, one_of(provider_event_outcome_names).must());
  visit("changed", c.changed, a(FieldKind::boolean));
  visit("reason", c.reason, rules::unit);
}

template <class V>
void describe(ChangePolicy& c, V& visit) {
  visit("policy", c.policy, rules::policy);
  visit("prefix", c.prefix, text_of(number_prefix_characters_max));
  visit("digits", c.digits, integer_from(1, number_digits_max));
  visit("reset", c.reset, one_of(number_reset_names));
  visit("manual", c.manual, integer_from(0, net_days_max));
  visit("country", c.country, a(FieldKind::country));
  visit("unused_time", c.unused_time, one_of(unused_time_names));
  visit("days", c.days, integer_from(1, pause_days_max));
  visit("max_live", c.max_live, one_of(live_subscriptions_names));
  visit("mode", c.mode, one_of(cancellation_mode_names));
  visit("proration_behavior", c.proration_behavior, one_of(proration_behavior_names));
  visit("stacking", c.stacking, one_of(discount_stacking_names));
  visit("arithmetic", c.arithmetic, one_of(percent_arithmetic_names));
  visit("effective", c.effective, one_of(change_effect_names));
  visit("unit", c.unit, one_of(proration_unit_names));
  visit("on_account_open", c.on_account_open, one_of(trial_on_opening_names));
  visit("trial_end", c.trial_end, one_of(trial_end_names));
  visit("rounding", c.rounding, one_of(rounding_names));
}

template <class V>
void describe(SetTaxRate& c, V& visit) {
  visit("country", c.country, a(FieldKind::country).must());
  visit("region", c.region, a(FieldKind::client_id));
  visit("name", c.name, a(FieldKind::client_id).must());
  visit("percent", c.percent, decimal_of(tax_percent_places_max).must());
  visit("from", c.from, a(FieldKind::date).must());
  visit("until", c.until, a(FieldKind::date));
  visit("state_rate_only", c.state_rate_only, a(FieldKind::boolean));
}

template <class V>
void describe(CreateSubscription& c, V& visit) {
  visit("account_id", c.account_id, rules::account);
  visit("plan_id", c.plan_id, a(FieldKind::client_id).must());
  visit("quantity", c.quantity, integer_from(1, subscription_quantity_max));
  visit("currency", c.currency, a(FieldKind::currency));
  visit("interval", c.interval, one_of(interval_names));
  visit("interval_count", c.interval_count, integer_from(1, 3'650));
  visit("coupon", c.coupon, a(FieldKind::client_id));
  visit("user_id", c.user_id, a(FieldKind::client_id));
  visit("trial_days", c.trial_days, integer_from(0, trial_days_max));
  visit("metadata", c.metadata, rules::metadata);
  visit("payment_method", c.payment_method, rules::payment_token);
}

template <class V>
void describe(StartCheckout& c, V& visit) {
  visit("account_id", c.account_id, rules::account);
  visit("plan_id", c.plan_id, a(FieldKind::client_id).must());
  visit("quantity", c.quantity, integer_from(1, subscription_quantity_max));
  visit("currency", c.currency, a(FieldKind::currency));
  visit("interval", c.interval, one_of(interval_names));
  visit("interval_count", c.interval_count, integer_from(1, 3'650));
  visit("coupon", c.coupon, a(FieldKind::client_id));
  visit("user_id", c.user_id, a(FieldKind::client_id));
  visit("trial_days", c.trial_days, integer_from(0, trial_days_max));
  visit("metadata", c.metadata, rules::metadata);
  visit("success_url", c.success_url, a(FieldKind::url));
  visit("cancel_url", c.cancel_url, a(FieldKind::url));
  visit("expires_at", c.expires_at, a(FieldKind::instant));
}

template <class V>
void describe(CompleteCheckout& c, V& visit) {
  visit("checkout_session_id", c.checkout_session, rules::checkout_session);
  visit("payment_method", c.payment_method, rules::payment_token.must());
}

template <class V>
void describe(ExpireCheckout& c, V& visit) {
  visit("checkout_session_id", c.checkout_session, rules::checkout_session);
}

template <class V>
void describe(MirrorProviderSubscription& c, V& visit) {
  visit("subscription_id", c.subscription, rules::subscription);
  visit("provider", c.provider, rules::provider.must());
  visit("provider_subscription_id", c.provider_subscription_id, rules::provider_text.must());
  visit("provider_status", c.provider_status, rules::provider_text.must());
  visit("has_ended", c.has_ended, a(FieldKind::boolean));
}

template <class V>
void describe(CancelSubscription& c, V& visit) {
  visit("account_id", c.account_id, rules::account.implied());
  visit("subscription_id", c.subscription, rules::subscription);
  visit("mode", c.mode, one_of(cancellation_mode_names));
  visit("reason", c.reason, rules::reason);
  visit("comment", c.comment, rules::description);
  visit("unused_time", c.unused_time, one_of(unused_time_names));
}

template <class V>
void describe(PauseSubscription& c, V& visit) {
  visit("account_id", c.account_id, rules::account.implied());
  visit("subscription_id", c.subscription, rules::subscription);
  visit("resumes_at", c.resumes_at, a(FieldKind::instant));
  visit("reason", c.reason, rules::reason);
}

template <class V>
void describe(ResumeSubscription& c, V& visit) {
  visit("account_id", c.account_id, rules::account.implied());
  visit("subscription_id", c.subscription, rules::subscription);
}

template <class V>
void describe(ReactivateSubscription& c, V& visit) {
  visit("account_id", c.account_id, rules::account.implied());
  visit("subscription_id", c.subscription, rules::subscription);
}

template <class V>
void describe(CreditNoteLineInput& line, V& visit) {
  visit("line", line.line, integer_from(1, std::numeric_limits<std::int32_t>::max()).must());
  visit("amount", line.amount, a(FieldKind::integer));
  visit("quantity", line.quantity, rules::quantity);
}

template <class V>
void describe(IssueCreditNote& c, V& visit) {
  visit("invoice_id", c.invoice, rules::invoice);
  visit.list("lines", c.lines, Rule(), [](CreditNoteLineInput& line, auto& inner) { describe(line, inner); });
  visit("amount", c.amount, rules::minor_units);
  visit("reason", c.reason, rules::reason);
  visit("memo", c.memo, rules::description);
}

template <class V>
void describe(VoidCreditNote& c, V& visit) {
  visit("credit_note_id", c.credit_note, rules::credit_note);
  visit("reason", c.reason, rules::reason);
}

template <class V>
void describe(ApplyDiscount& c, V& visit) {
  visit("account_id", c.account_id, rules::account.implied());
  visit("subscription_id", c.subscription, rules::subscription);
  visit("coupon", c.coupon, a(FieldKind::client_id));
  visit("discount_id", c.discount_id, a(FieldKind::client_id));
  visit("user_id", c.user_id, a(FieldKind::client_id));
}

template <class V>
void describe(RemoveDiscount& c, V& visit) {
  visit("account_id", c.account_id, rules::account.implied());
  visit("subscription_id", c.subscription, rules::subscription);
  visit("discount", c.discount, rules::account_discount.must());
}

template <class V>
void describe(ChangePlan& c, V& visit) {
  visit("account_id", c.account_id, rules::account.implied());
  visit("subscription_id", c.subscription, rules::subscription);
  visit("plan_id", c.plan_id, a(FieldKind::client_id));
  visit("quantity", c.quantity, integer_from(1, subscription_quantity_max));
  visit("currency", c.currency, a(FieldKind::currency));
  visit("interval", c.interval, one_of(interval_names));
  visit("interval_count", c.interval_count, integer_from(1, 3'650));
  visit("effective", c.effective, one_of(change_effect_names));
  visit("proration_behavior", c.proration_behavior, one_of(proration_behavior_names));
  visit("reason", c.reason, rules::reason);
  visit("coupon", c.coupon, a(FieldKind::client_id));
  visit("user_id", c.user_id, a(FieldKind::client_id));
}

template <class V>
void describe(AdjustInvoice& c, V& visit) {
  visit("invoice_id", c.invoice, rules::invoice);
  visit("line", c.line, integer_from(1, std::numeric_limits<std::int32_t>::max()));
  visit("type", c.type, one_of(adjustment_type_names).must());
  visit("amount", c.amount, rules::amount);
  visit("reason", c.reason, rules::reason.must());
}

template <class V>
void describe(ChangeQuantity& c, V& visit) {
  visit("account_id", c.account_id, rules::account.implied());
  visit("subscription_id", c.subscription, rules::subscription);
  visit("delta", c.delta, integer_from(-subscription_quantity_max, subscription_quantity_max));
  visit("quantity", c.quantity, integer_from(1, subscription_quantity_max));
  visit("effective", c.effective, one_of(change_effect_names));
  visit("proration_behavior", c.proration_behavior, one_of(proration_behavior_names));
  visit("reason", c.reason, rules::reason);
}

template <class V>
void describe(CancelScheduledPlanChange& c, V& visit) {
  visit("account_id", c.account_id, rules::account.implied());
  visit("subscription_id", c.subscription, rules::subscription);
}

template <class V>
void describe(UpdateSubscription& c, V& visit) {
  visit("account_id", c.account_id, rules::account.implied());
  visit("subscription_id", c.subscription, rules::subscription);
  visit("plan_id", c.plan_id, a(FieldKind::client_id));
  visit("quantity", c.quantity, integer_from(1, subscription_quantity_max));
  visit("metadata", c.metadata, rules::metadata);
  visit("at_period_end", c.at_period_end, a(FieldKind::boolean));
  visit("proration_behavior", c.proration_behavior, one_of(proration_behavior_names));
  visit("coupon", c.coupon, a(FieldKind::client_id));
  visit("user_id", c.user_id, a(FieldKind::client_id));
}

}  // namespace daybook
