// The members of every command as JSON: the one description that parsing (command_parser), fingerprints
// (command_text) and the API document's test are made from. The order is that of the fingerprint: append only.
//
//   visit(name, member, rule)       one member
//   visit.object(name, describe)    an object with members of its own
#pragma once

#include <array>
#include <string_view>

#include "domain/commands.h"
#include "domain/decision.h"
#include "gateway/field_rule.h"

namespace daybook {

inline constexpr std::array<std::string_view, 7> credit_type_names = {
    "goodwill", "promotion", "proration", "refund", "invoice_void", "overpayment", "dispute"};
inline constexpr std::array<std::string_view, 4> unit_source_names = {"cycle", "pack", "promotion", "adjustment"};
/// Without `system`, which nobody can be given.
inline constexpr std::array<std::string_view, 8> key_role_names = {"super_admin",    "billing_admin", "support_rep",
                                                                   "finance_viewer", "auditor",       "account_owner",
                                                                   "account_member", "api_key"};
inline constexpr std::array<std::string_view, 4> provider_names = {"simulator", "stripe", "paystack", "paypal"};

namespace rules {
inline constexpr Rule account = a(FieldKind::client_id).about(TargetKind::account);
inline constexpr Rule credit = id_of("cr").about(TargetKind::entity);
inline constexpr Rule reservation = id_of("hold").about(TargetKind::entity);
inline constexpr Rule api_key = id_of("key").about(TargetKind::entity);
inline constexpr Rule name = text_of(name_characters_max);
inline constexpr Rule tax_id = text_of(tax_id_characters_max);
inline constexpr Rule address_line = text_of(address_line_characters_max);
inline constexpr Rule region = text_of(region_characters_max);
inline constexpr Rule postal_code = text_of(postal_code_characters_max);
inline constexpr Rule reason = text_of(reason_characters_max, Lines::many);
inline constexpr Rule reference = text_of(reference_characters_max);
inline constexpr Rule email = a(FieldKind::email);
inline constexpr Rule unit = a(FieldKind::unit);
inline constexpr Rule amount = a(FieldKind::integer).must();
inline constexpr Rule priority = integer_from(0, priority_max);
inline constexpr Rule provider = one_of(provider_names);
inline constexpr Rule metadata = a(FieldKind::metadata);
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
void describe(IssueCredit& c, V& visit) {
  visit("account_id", c.account_id, rules::account);
  visit("amount", c.amount, rules::amount);
  visit("currency", c.currency, a(FieldKind::currency).must());
  visit("type", c.type, one_of(credit_type_names).must());
  visit("reason", c.reason, rules::reason.must());
  visit("expires_at", c.expires_at, a(FieldKind::instant));
  visit("priority", c.priority, rules::priority);
  visit("metadata", c.metadata, rules::metadata);
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
void describe(AdvanceSandboxClock& c, V& visit) {
  visit("advance", c.advance, a(FieldKind::duration));
  visit("to", c.to, a(FieldKind::instant));
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

}  // namespace daybook
