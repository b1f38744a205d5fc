// Accounts: opening, and changing details with before and after.
#include <utility>

#include "domain/handlers.h"
#include "domain/tables.h"
#include "schemas/events/accounts_generated.h"

namespace daybook {
namespace {

/// A clear or sealed member that a patch may change. `table` is where before/after carry it.
struct Patch {
  schema::AccountDetailsChangedT& event;
  bool changed = false;

  void sealed(const char* name, const Change<Sensitive>& change, const Sealed& now,
              std::unique_ptr<schema::SealedT> schema::AccountDetailsT::*member) {
    if (change.is_none()) return;
    const Sealed& next = change.is_set() ? change.value.sealed : Sealed{};
    if (next == now) return;
    mark(name);
    (*event.before).*member = present(now);
    (*event.after).*member = present(next);
  }
  void text(const char* name, const Change<std::string>& change, const std::string& now,
            std::string schema::AccountDetailsT::*member) {
    if (change.is_none()) return;
    const std::string next = change.is_set() ? change.value : std::string();
    if (next == now) return;
    mark(name);
    (*event.before).*member = now;
    (*event.after).*member = next;
  }

 private:
  void mark(const char* name) {
    event.changed.emplace_back(name);
    changed = true;
  }
  /// A cleared member is there and empty; an unchanged one is absent.
  static std::unique_ptr<schema::SealedT> present(const Sealed& value) {
    auto table = to_table(value);
    return table ? std::move(table) : std::make_unique<schema::SealedT>();
  }
};

bool has_changed(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* names, std::string_view name) {
  if (names == nullptr) return false;
  for (const flatbuffers::String* one : *names) {
    if (one->string_view() == name) return true;
  }
  return false;
}

}  // namespace

Decision handle(const AccountState& account, const OpenAccount& command, const DecisionContext&) {
  if (account.version != 0) return reject(RejectionCode::account_exists, "/id");

  schema::AccountOpenedT event;
  event.account_id = command.account_id;
  event.name = to_table(command.name.sealed);
  event.email = to_table(command.email.sealed);
  event.billing_email = to_table(command.billing_email.sealed);
  event.company = to_table(command.company.sealed);
  event.currency = command.currency->packed;
  event.time_zone = command.time_zone;
  event.locale = command.locale;
  event.address = std::make_unique<schema::AddressT>();
  event.address->country = command.address.country;
  event.address->region = command.address.region;
  event.address->postal_code = command.address.postal_code;
  event.address->line1 = to_table(command.address.line1.sealed);
  event.address->line2 = to_table(command.address.line2.sealed);
  event.address->city = to_table(command.address.city.sealed);
  event.tax_exempt = command.tax_exempt;
  event.tax_id = to_table(command.tax_id.sealed);
  event.vat_id = to_table(command.vat_id.sealed);
  event.provider = command.provider;
  event.metadata = to_table(command.metadata.sealed);

  Decision decision;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  decision.subject.kind = SubjectKind::account;
  return decision;
}

Decision handle(const AccountState& account, const UpdateAccount& command, const DecisionContext&) {
  const AccountDetails& now = account.details;
  using D = schema::AccountDetailsT;
  schema::AccountDetailsChangedT event;
  event.before = std::make_unique<D>();
  event.after = std::make_unique<D>();
  Patch patch{event};
  patch.sealed("name", command.name, now.name, &D::name);
  patch.sealed("email", command.email, now.email, &D::email);
  patch.sealed("billing_email", command.billing_email, now.billing_email, &D::billing_email);
  patch.sealed("company", command.company, now.company, &D::company);
  patch.text("time_zone", command.time_zone, now.time_zone, &D::time_zone);
  patch.text("locale", command.locale, now.locale, &D::locale);
  patch.text("country", command.country, now.country, &D::country);
  patch.text("region", command.region, now.region, &D::region);
  patch.text("postal_code", command.postal_code, now.postal_code, &D::postal_code);
  patch.sealed("line1", command.line1, now.line1, &D::line1);
  patch.sealed("line2", command.line2, now.line2, &D::line2);
  patch.sealed("city", command.city, now.city, &D::city);
  if (command.tax_exempt.is_set() && command.tax_exempt.value != now.tax_exempt) {
    event.changed.emplace_back("tax_exempt");
    event.before->tax_exempt = now.tax_exempt;
    event.after->tax_exempt = command.tax_exempt.value;
    patch.changed = true;
  }
  patch.sealed("tax_id", command.tax_id, now.tax_id, &D::tax_id);
  patch.sealed("vat_id", command.vat_id, now.vat_id, &D::vat_id);
  patch.text("provider", command.provider, now.provider, &D::provider);
  patch.sealed("metadata", command.metadata, now.metadata, &D::metadata);

  Decision decision;
  decision.subject.kind = SubjectKind::account;
  if (patch.changed) decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

void apply(AccountState& account, const schema::AccountOpened& event, const EventMoment& moment) {
  AccountDetails& details = account.details;
  details.id = text(event.account_id());
  details.name = from_table(event.name());
  details.email = from_table(event.email());
  details.billing_email = from_table(event.billing_email());
  details.company = from_table(event.company());
  details.currency = Currency{event.currency()};
  details.time_zone = text(event.time_zone());
  details.locale = text(event.locale());
  if (const schema::Address* address = event.address()) {
    details.country = text(address->country());
    details.region = text(address->region());
    details.postal_code = text(address->postal_code());
    details.line1 = from_table(address->line1());
    details.line2 = from_table(address->line2());
    details.city = from_table(address->city());
  }
  details.tax_exempt = event.tax_exempt();
  details.tax_id = from_table(event.tax_id());
  details.vat_id = from_table(event.vat_id());
  details.provider = text(event.provider());
  details.metadata = from_table(event.metadata());
  details.created_at = moment.at;
  details.updated_at = moment.at;
  details.version = moment.version;
}

void apply(AccountState& account, const schema::AccountDetailsChanged& event, const EventMoment& moment) {
  AccountDetails& details = account.details;
  const schema::AccountDetails* after = event.after();
  const auto* changed = event.changed();
  if (after == nullptr) return;
  const auto sealed = [&](const char* name, Sealed& member, const schema::Sealed* value) {
    if (has_changed(changed, name)) member = from_table(value);
  };
  const auto plain = [&](const char* name, std::string& member, const flatbuffers::String* value) {
    if (has_changed(changed, name)) member = text(value);
  };
  sealed("name", details.name, after->name());
  sealed("email", details.email, after->email());
  sealed("billing_email", details.billing_email, after->billing_email());
  sealed("company", details.company, after->company());
  plain("time_zone", details.time_zone, after->time_zone());
  plain("locale", details.locale, after->locale());
  plain("country", details.country, after->country());
  plain("region", details.region, after->region());
  plain("postal_code", details.postal_code, after->postal_code());
  sealed("line1", details.line1, after->line1());
  sealed("line2", details.line2, after->line2());
  sealed("city", details.city, after->city());
  if (has_changed(changed, "tax_exempt") && after->tax_exempt().has_value()) details.tax_exempt = *after->tax_exempt();
  sealed("tax_id", details.tax_id, after->tax_id());
  sealed("vat_id", details.vat_id, after->vat_id());
  plain("provider", details.provider, after->provider());
  sealed("metadata", details.metadata, after->metadata());
  details.updated_at = moment.at;
  details.version = moment.version;
}

}  // namespace daybook
