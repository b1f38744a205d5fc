#include "domain/state_codec.h"

#include <algorithm>
#include <concepts>

#include "domain/byte_codec.h"
#include "domain/catalogue_codec.h"
#include "domain/checkout_codec.h"
#include "domain/coupon_codec.h"
#include "domain/credit_note_codec.h"
#include "domain/evolve.h"
#include "domain/invoice_codec.h"
#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "domain/payment_codec.h"
#include "domain/refund_codec.h"
#include "domain/subscription_codec.h"
#include "domain/tax_settings_codec.h"
#include "domain/value_codec.h"
#include "schemas/events/governance_generated.h"

namespace daybook {
namespace {

// One description of each struct serves both directions: visit(codec, object) writes or reads its members in order.
template <class C, class E>
void one_of(C& codec, E& value, std::remove_const_t<E> first, std::remove_const_t<E> last) {
  codec.number(value);
  codec.require(value >= first && value <= last);
}
template <class C>
void visit(C& codec, auto& value)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(value)>>, Sealed>
{
  visit_sealed(codec, value);
}

template <class C>
void visit(C& codec, auto& value)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(value)>>, EntityRef>
{
  visit_id(codec, value);
}

template <class C>
void visit(C& codec, auto& value)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(value)>>, Asset>
{
  codec.text(value.code);
  codec.flag(value.is_money);
}

template <class C>
void visit(C& codec, auto& value)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(value)>>, PaymentMethod>
{
  visit(codec, value.id);
  codec.text(value.provider);
  codec.number(value.type);
  codec.number(value.status);
  codec.text(value.brand);
  codec.text(value.last4);
  codec.number(value.exp_month);
  codec.number(value.exp_year);
  visit(codec, value.token);
  visit(codec, value.metadata);
  codec.number(value.created_at);
  codec.number(value.updated_at);
  codec.number(value.version);
}

void payment_methods(ByteWriter& codec, const std::vector<PaymentMethod>& values) {
  codec.number(static_cast<std::uint32_t>(values.size()));
  for (const PaymentMethod& method : values) visit(codec, method);
}
void payment_methods(ByteReader& codec, std::vector<PaymentMethod>& values) {
  std::uint32_t count = 0;
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) visit(codec, values.emplace_back());
}

void failed_invoices(ByteWriter& codec, const std::vector<EntityRef>& values) {
  codec.number(static_cast<std::uint32_t>(values.size()));
  for (const EntityRef& invoice : values) visit_id(codec, invoice);
}
void failed_invoices(ByteReader& codec, std::vector<EntityRef>& values) {
  std::uint32_t count = 0;
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) visit_id(codec, values.emplace_back());
}

template <class C>
void visit(C& codec, auto& value)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(value)>>, AccountDetails>
{
  codec.text(value.id);
  for (auto* sealed : {&value.name, &value.email, &value.billing_email, &value.company, &value.tax_id, &value.vat_id,
                       &value.metadata, &value.line1, &value.line2, &value.city}) {
    visit(codec, *sealed);
  }
  codec.number(value.currency.packed);
  for (auto* text :
       {&value.time_zone, &value.locale, &value.provider, &value.country, &value.region, &value.postal_code}) {
    codec.text(*text);
  }
  codec.flag(value.tax_exempt);
  codec.text(value.vat_id_country);
  visit(codec, value.test_clock);
  one_of(codec, value.status, AccountStatus::active, AccountStatus::deleted);
  codec.number(value.purge_at);
  codec.flag(value.legal_hold);
  codec.number(value.parking.reason);
  visit(codec, value.parking.subscription);
  codec.number(value.parking.since);
  codec.number(value.trial.start);
  codec.number(value.trial.end);
  codec.flag(value.trial.is_running);
  codec.number(value.trial.reminded);
  codec.text(value.trial.plan_id);
  codec.number(value.trial.plan_version);
  codec.flag(value.payments.has_been_charged);
  failed_invoices(codec, value.payments.failed);
  codec.number(value.created_at);
  codec.number(value.updated_at);
  codec.number(value.sealing_key);
  codec.number(value.version);
  payment_methods(codec, value.payment_methods);
  visit(codec, value.default_payment_method);
}

void applications(ByteWriter& codec, const std::vector<CreditApplication>& values) {
  codec.number(static_cast<std::uint32_t>(values.size()));
  for (const CreditApplication& application : values) {
    visit_id(codec, application.invoice);
    codec.number(application.amount);
  }
}
void applications(ByteReader& codec, std::vector<CreditApplication>& values) {
  std::uint32_t count = 0;
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    CreditApplication& application = values.emplace_back();
    visit_id(codec, application.invoice);
    codec.number(application.amount);
  }
}

template <class C>
void visit(C& codec, auto& value)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(value)>>, Grant>
{
  visit(codec, value.id);
  visit(codec, value.asset);
  codec.number(value.amount);
  codec.number(value.remaining);
  codec.number(value.held);
  codec.number(value.priority);
  codec.number(value.effective_at);
  codec.number(value.expires_at);
  codec.number(value.type);
  one_of(codec, value.status, GrantStatus::available, GrantStatus::voided);
  visit(codec, value.reason);
  visit(codec, value.metadata);
  codec.text(value.reference);
  visit(codec, value.invoice);
  codec.number(value.created_at);
  codec.number(value.updated_at);
  codec.number(value.version);
  applications(codec, value.applications);
}

void draws(ByteWriter& codec, const std::vector<Draw>& values) {
  codec.number(static_cast<std::uint32_t>(values.size()));
  for (const Draw& draw : values) {
    visit(codec, draw.grant);
    codec.number(draw.amount);
  }
}
void draws(ByteReader& codec, std::vector<Draw>& values) {
  std::uint32_t count = 0;
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    Draw& draw = values.emplace_back();
    visit(codec, draw.grant);
    codec.number(draw.amount);
  }
}

template <class C>
void visit(C& codec, auto& value)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(value)>>, Hold>
{
  visit(codec, value.id);
  visit(codec, value.asset);
  codec.number(value.amount);
  codec.number(value.captured);
  codec.number(value.released);
  draws(codec, value.draws);
  codec.number(value.expires_at);
  one_of(codec, value.status, HoldStatus::held, HoldStatus::expired);
  codec.text(value.reference);
  codec.number(value.created_at);
  codec.number(value.updated_at);
  codec.number(value.version);
}

template <class C>
void visit(C& codec, auto& value)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(value)>>, ApiKey>
{
  visit(codec, value.id);
  for (auto* text : {&value.name, &value.digest, &value.prefix, &value.account_id}) codec.text(*text);
  one_of(codec, value.role, Role::super_admin, Role::system);
  codec.flag(value.revoked);
  codec.number(value.created_at);
  codec.number(value.revoked_at);
  codec.number(value.version);
}

template <class C>
void visit(C& codec, auto& value)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(value)>>, TestClock>
{
  visit(codec, value.id);
  codec.text(value.name);
  codec.number(value.frozen_time);
  codec.number(value.to);
  codec.number(value.created_at);
  codec.number(value.updated_at);
  codec.number(value.version);
}

template <class C>
void visit_profile(C& codec, auto& profile) {
  codec.flag(profile.is_created);
  codec.number(profile.created_at);
  codec.number(profile.updated_at);
  codec.number(profile.closed_at);
  codec.number(profile.version);
}

void book_profile(ByteWriter& codec, const BookProfile& profile) {
  visit_profile(codec, profile);
  codec.number(static_cast<std::uint8_t>(profile.mode ? *profile.mode : BookMode{}));
  codec.flag(profile.terms != nullptr);
  if (profile.terms) visit_table<schema::BookTerms>(codec, profile.terms);
}
/// False: it is damaged.
bool book_profile(ByteReader& codec, BookProfile& profile) {
  visit_profile(codec, profile);
  std::uint8_t mode = 0;
  codec.number(mode);
  codec.require(mode <= static_cast<std::uint8_t>(BookMode::live));
  if (mode != 0) profile.mode = static_cast<BookMode>(mode);
  bool has_terms = false;
  codec.flag(has_terms);
  if (has_terms && !visit_table<schema::BookTerms>(codec, profile.terms)) return false;
  return codec.ok();
}

template <class C>
void visit_given_back(C& codec, auto& part) {
  visit_id(codec, part.invoice);
  codec.number(part.line);
  codec.number(part.amount);
  visit_id(codec, part.by);
}

template <class C>
void visit_policies(C& codec, auto& policies) {
  for (auto* numbering : {&policies.numbering, &policies.credit_note_numbering}) {
    codec.text(numbering->prefix);
    codec.number(numbering->digits);
    codec.number(numbering->reset);
  }
  codec.number(policies.net_days.manual);
  codec.text(policies.seller.country);
  codec.number(policies.cancel_unused_time.unused_time);
  codec.number(policies.pause_max_days.days);
  codec.number(policies.max_live);
  codec.number(policies.cancel_default);
  codec.number(policies.proration_behavior);
  codec.number(policies.stacking);
  codec.number(policies.arithmetic);
  codec.number(policies.upgrade);
  codec.number(policies.downgrade);
  codec.number(policies.proration_unit);
  codec.number(policies.trial_on_opening.starts);
  codec.number(policies.trial_on_opening.days);
  codec.number(policies.trial_end);
  codec.number(policies.rounding);
  codec.number(policies.version);
}

template <class T>
std::string encode_versioned(const T& value) {
  std::string out;
  ByteWriter codec(out);
  codec.number(fold_version);
  visit(codec, value);
  return out;
}

template <class T>
std::optional<T> decode_versioned(std::string_view row) {
  ByteReader codec(row);
  std::uint16_t version = 0;
  codec.number(version);
  if (version != fold_version) return std::nullopt;
  T value;
  visit(codec, value);
  if (!codec.finished()) return std::nullopt;
  return value;
}

/// The same of what has a codec of its own.
template <class T>
std::string encode_whole(const T& value) {
  std::string out;
  ByteWriter codec(out);
  codec.number(fold_version);
  encode(codec, value);
  return out;
}

template <class T>
std::optional<T> decode_whole(std::string_view row) {
  ByteReader codec(row);
  std::uint16_t version = 0;
  codec.number(version);
  T value;
  if (version != fold_version || !decode(codec, value) || !codec.finished()) return std::nullopt;
  return value;
}

}  // namespace

std::string encode_row(const Grant& grant) {
  return encode_versioned(grant);
}
std::string encode_row(const Hold& hold) {
  return encode_versioned(hold);
}
std::string encode_row(const AccountDetails& details) {
  return encode_versioned(details);
}
std::optional<Grant> decode_grant(std::string_view row) {
  return decode_versioned<Grant>(row);
}
std::optional<Hold> decode_hold(std::string_view row) {
  return decode_versioned<Hold>(row);
}
std::optional<AccountDetails> decode_details(std::string_view row) {
  return decode_versioned<AccountDetails>(row);
}

std::string encode_row(const Invoice& invoice) {
  return encode_whole(invoice);
}
std::optional<Invoice> decode_invoice(std::string_view row) {
  return decode_whole<Invoice>(row);
}

std::string encode_row(const Subscription& subscription) {
  return encode_whole(subscription);
}
std::optional<Subscription> decode_subscription(std::string_view row) {
  return decode_whole<Subscription>(row);
}

std::string encode_row(const CreditNote& note) {
  return encode_whole(note);
}
std::optional<CreditNote> decode_credit_note(std::string_view row) {
  return decode_whole<CreditNote>(row);
}

std::string encode_row(const InvoiceAdjustment& adjustment) {
  return encode_whole(adjustment);
}
std::optional<InvoiceAdjustment> decode_adjustment(std::string_view row) {
  return decode_whole<InvoiceAdjustment>(row);
}

std::string encode_row(const Payment& payment) {
  return encode_whole(payment);
}
std::optional<Payment> decode_payment(std::string_view row) {
  return decode_whole<Payment>(row);
}

std::string encode_row(const Refund& refund) {
  return encode_whole(refund);
}
std::optional<Refund> decode_refund(std::string_view row) {
  return decode_whole<Refund>(row);
}

std::string encode_row(const Dispute& dispute) {
  return encode_whole(dispute);
}
std::optional<Dispute> decode_dispute(std::string_view row) {
  return decode_whole<Dispute>(row);
}

std::string encode_row(const CheckoutSession& session) {
  return encode_whole(session);
}
std::optional<CheckoutSession> decode_checkout_session(std::string_view row) {
  return decode_whole<CheckoutSession>(row);
}

void for_each_row(const AccountState::Ended& ended, const std::function<void(EntityRef, std::string)>& use) {
  const auto each = [&](char kind, const auto& entities) {
    for (const auto& entity : entities) use(entity.id, kind + encode_row(entity));
  };
  each('g', ended.grants);
  each('h', ended.holds);
  each('i', ended.invoices);
  each('n', ended.credit_notes);
  each('a', ended.adjustments);
  each('p', ended.payments);
  each('c', ended.checkout_sessions);
  each('r', ended.refunds);
  each('d', ended.disputes);
}

bool adopt_row(AccountState& account, EntityRef id, std::string_view row) {
  // Only what has ended has a row of its own, under its own id.
  const auto adopt = [&](auto entity) {
    if (!entity || entity->is_open() || entity->id != id) return false;
    account.adopt(std::move(*entity));
    return true;
  };
  if (row.empty()) return false;
  const std::string_view bytes = row.substr(1);
  switch (row.front()) {
    case 'g':
      return adopt(decode_grant(bytes));
    case 'h':
      return adopt(decode_hold(bytes));
    case 'i':
      return adopt(decode_invoice(bytes));
    case 'n':
      return adopt(decode_credit_note(bytes));
    case 'a':
      return adopt(decode_adjustment(bytes));
    case 'p':
      return adopt(decode_payment(bytes));
    case 'c':
      return adopt(decode_checkout_session(bytes));
    case 'r':
      return adopt(decode_refund(bytes));
    case 'd':
      return adopt(decode_dispute(bytes));
    default:
      return false;
  }
}

std::string encode_state(const AccountState& account) {
  std::string out;
  ByteWriter codec(out);
  codec.number(fold_version);
  codec.number(account.version);
  codec.number(account.ordinal);
  codec.number(account.decided_at);
  visit(codec, account.details);
  const auto list = [&](const auto& entities, const auto& stays) {
    codec.number(static_cast<std::uint32_t>(std::count_if(entities.begin(), entities.end(), stays)));
    for (const auto& entry : entities) {
      if (stays(entry)) visit(codec, entry.second);
    }
  };
  std::uint32_t invoices = 0;
  for (const auto& [id, invoice] : account.invoices()) invoices += invoice.is_open() ? 1U : 0U;
  codec.number(invoices);
  for (const auto& [id, invoice] : account.invoices()) {
    if (invoice.is_open()) encode(codec, invoice);
  }
  list(account.grants(),
       [&](const auto& entry) { return entry.second.is_open() || account.pays_open_invoice(entry.first); });
  list(account.holds(), [](const auto& entry) { return entry.second.is_open(); });
  codec.number(static_cast<std::uint32_t>(account.wallets().size()));
  for (const auto& [asset, wallet] : account.wallets()) {
    visit(codec, asset);
    codec.number(wallet.granted);
    codec.number(wallet.consumed);
    codec.number(wallet.expired);
  }
  encode(codec, account.discounts);
  codec.flag(account.has_purchased);
  codec.flag(account.has_trialed);
  codec.flag(account.is_blocked_by_trial);
  codec.flag(account.is_currency_fixed);
  codec.number(static_cast<std::uint32_t>(account.subscriptions().size()));
  for (const auto& [id, subscription] : account.subscriptions()) encode(codec, subscription);
  const auto& notes = account.credit_notes();
  const auto is_open = [](const auto& entry) { return entry.second.is_open(); };
  codec.number(static_cast<std::uint32_t>(std::count_if(notes.begin(), notes.end(), is_open)));
  for (const auto& [id, note] : notes) {
    if (note.is_open()) encode(codec, note);
  }
  codec.number(static_cast<std::uint32_t>(account.credited_invoices().size()));
  for (const auto& [id, shares] : account.credited_invoices()) {
    visit_id(codec, id);
    encode(codec, shares);
  }
  codec.number(static_cast<std::uint32_t>(account.billed.all().size()));
  for (const BilledCharge& line : account.billed.all()) encode(codec, line);
  codec.number(static_cast<std::uint32_t>(account.given_back.all().size()));
  for (const GivenBackPart& part : account.given_back.all()) visit_given_back(codec, part);
  visit_id(codec, account.given_back.forgotten());
  const auto& payments = account.payments();
  codec.number(static_cast<std::uint32_t>(std::count_if(payments.begin(), payments.end(), is_open)));
  for (const auto& [id, payment] : payments) {
    if (payment.is_open()) encode(codec, payment);
  }
  codec.number(static_cast<std::uint32_t>(account.open_checkout_sessions()));
  for (const auto& [id, session] : account.checkout_sessions()) {
    if (session.is_open()) encode(codec, session);
  }
  const auto open_ones = [&](const auto& entities) {
    codec.number(static_cast<std::uint32_t>(std::count_if(entities.begin(), entities.end(), is_open)));
    for (const auto& [id, one] : entities) {
      if (one.is_open()) encode(codec, one);
    }
  };
  open_ones(account.refunds());
  open_ones(account.disputes());
  codec.number(static_cast<std::uint32_t>(account.reversals().size()));
  for (const auto& [payment, reversals] : account.reversals()) {
    visit_id(codec, payment);
    encode(codec, reversals);
  }
  return out;
}

std::optional<AccountState> decode_account(std::string_view row) {
  ByteReader codec(row);
  std::uint16_t version = 0;
  codec.number(version);
  if (version != fold_version) return std::nullopt;
  AccountState account;
  codec.number(account.version);
  codec.number(account.ordinal);
  codec.number(account.decided_at);
  visit(codec, account.details);
  account.note_purge();
  account.note_trial();
  std::uint32_t count = 0;
  codec.number(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    Invoice invoice;
    if (!decode(codec, invoice)) return std::nullopt;
    codec.require(invoice.is_open());
    if (codec.ok()) account.restore(std::move(invoice));
  }
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    Grant grant;
    visit(codec, grant);
    codec.require(grant.is_open() || account.pays_open_invoice(grant.id));
    if (codec.ok()) account.restore(std::move(grant));
  }
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    Hold hold;
    visit(codec, hold);
    codec.require(hold.is_open());
    if (codec.ok()) account.restore(std::move(hold));
  }
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    Asset asset;
    visit(codec, asset);
    std::int64_t granted = 0, consumed = 0, expired = 0;
    codec.number(granted);
    codec.number(consumed);
    codec.number(expired);
    account.restore_totals(asset, granted, consumed, expired);
  }
  if (!decode(codec, account.discounts)) return std::nullopt;
  codec.flag(account.has_purchased);
  codec.flag(account.has_trialed);
  codec.flag(account.is_blocked_by_trial);
  codec.flag(account.is_currency_fixed);
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    Subscription subscription;
    if (!decode(codec, subscription)) return std::nullopt;
    codec.require(account.find_subscription(subscription.id) == nullptr);
    if (codec.ok()) account.restore(std::move(subscription));
  }
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    CreditNote note;
    if (!decode(codec, note)) return std::nullopt;
    codec.require(note.is_open() && account.find_credit_note(note.id) == nullptr);
    if (codec.ok()) account.restore(std::move(note));
  }
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    EntityRef invoice;
    std::vector<CreditNoteShare> shares;
    visit_id(codec, invoice);
    if (!decode(codec, shares)) return std::nullopt;
    account.restore(invoice, std::move(shares));
  }
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    BilledCharge line;
    if (!decode(codec, line)) return std::nullopt;
    account.billed.restore(std::move(line));
  }
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    GivenBackPart part;
    visit_given_back(codec, part);
    account.given_back.restore(part);
  }
  EntityRef forgotten;
  visit_id(codec, forgotten);
  account.given_back.restore_forgotten(forgotten);
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    Payment payment;
    if (!decode(codec, payment)) return std::nullopt;
    codec.require(payment.is_open() && account.find_payment(payment.id) == nullptr);
    if (codec.ok()) account.restore(std::move(payment));
  }
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    CheckoutSession session;
    if (!decode(codec, session)) return std::nullopt;
    codec.require(session.is_open() && account.find_checkout_session(session.id) == nullptr);
    if (codec.ok()) account.restore(std::move(session));
  }
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    Refund refund;
    if (!decode(codec, refund)) return std::nullopt;
    codec.require(refund.is_open() && account.find_refund(refund.id) == nullptr);
    if (codec.ok()) account.restore(std::move(refund));
  }
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    Dispute dispute;
    if (!decode(codec, dispute)) return std::nullopt;
    codec.require(dispute.is_open() && account.find_dispute(dispute.id) == nullptr);
    if (codec.ok()) account.restore(std::move(dispute));
  }
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    EntityRef payment;
    PaymentReversals reversals;
    visit_id(codec, payment);
    decode(codec, reversals);
    account.restore(payment, reversals);
  }
  if (!codec.finished()) return std::nullopt;
  return account;
}

std::string encode_state(const BookState& book) {
  std::string out;
  ByteWriter codec(out);
  codec.number(fold_version);
  codec.number(book.version);
  codec.number(book.ordinal);
  codec.number(book.decided_at);
  codec.number(book.clock_offset_us);
  codec.number(book.clock_to);
  codec.number(book.clock_version);
  book_profile(codec, book.profile);
  codec.number(static_cast<std::uint32_t>(book.test_clocks.size()));
  for (const auto& [id, clock] : book.test_clocks) visit(codec, clock);
  codec.number(static_cast<std::uint32_t>(book.keys.size()));
  for (const auto& [id, key] : book.keys) {
    visit(codec, key);
    codec.number(static_cast<std::uint32_t>(key.scopes.size()));
    for (const std::string& scope : key.scopes) codec.text(scope);
  }
  encode(codec, *book.catalogue);
  encode(codec, *book.offers);
  encode(codec, book.redemptions);
  visit_policies(codec, book.policies);
  encode(codec, book.tax_rates);
  for (const auto* numbers : {&book.invoice_numbers, &book.credit_note_numbers}) {
    codec.number(static_cast<std::uint32_t>(numbers->size()));
    for (const auto& [series, last] : *numbers) {
      codec.text(series);
      codec.number(last);
    }
  }
  return out;
}

std::optional<BookState> decode_book(std::string_view row) {
  ByteReader codec(row);
  std::uint16_t version = 0;
  codec.number(version);
  if (version != fold_version) return std::nullopt;
  BookState book;
  codec.number(book.version);
  codec.number(book.ordinal);
  codec.number(book.decided_at);
  codec.number(book.clock_offset_us);
  codec.number(book.clock_to);
  codec.number(book.clock_version);
  if (!book_profile(codec, book.profile)) return std::nullopt;
  std::uint32_t count = 0;
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    TestClock clock;
    visit(codec, clock);
    book.test_clocks.emplace(clock.id, std::move(clock));
  }
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
    ApiKey key;
    visit(codec, key);
    std::uint32_t scopes = 0;
    codec.number(scopes);
    for (std::uint32_t s = 0; s < scopes && codec.ok(); ++s) codec.text(key.scopes.emplace_back());
    book.keys.emplace(key.id, std::move(key));
  }
  auto sold = std::make_shared<Catalogue>();
  if (!decode(codec, *sold)) return std::nullopt;
  book.catalogue = std::move(sold);
  auto offered = std::make_shared<Offers>();
  if (!decode(codec, *offered) || !decode(codec, book.redemptions)) return std::nullopt;
  book.offers = std::move(offered);
  visit_policies(codec, book.policies);
  if (!decode(codec, book.tax_rates)) return std::nullopt;
  for (auto* numbers : {&book.invoice_numbers, &book.credit_note_numbers}) {
    codec.number(count);
    for (std::uint32_t i = 0; i < count && codec.ok(); ++i) {
      std::string series;
      codec.text(series);
      codec.number((*numbers)[series]);
    }
  }
  if (!codec.finished()) return std::nullopt;
  return book;
}

}  // namespace daybook
