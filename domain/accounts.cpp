// What the events of accounts mean: opened, and details changed.
#include <utility>

#include "domain/folds.h"
#include "domain/tables.h"
#include "schemas/events/accounts_generated.h"

namespace daybook {
namespace {

bool has_changed(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* names, std::string_view name) {
  if (names == nullptr) return false;
  for (const flatbuffers::String* one : *names) {
    if (one->string_view() == name) return true;
  }
  return false;
}

}  // namespace

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
  details.vat_id_country = text(event.vat_id_country());
  details.provider = text(event.provider());
  details.metadata = from_table(event.metadata());
  details.test_clock = entity(event.test_clock());
  details.created_at = moment.at;
  touch(details, moment);
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
  if (has_changed(changed, "currency") && after->currency().has_value()) {
    details.currency = Currency{*after->currency()};
  }
  sealed("tax_id", details.tax_id, after->tax_id());
  sealed("vat_id", details.vat_id, after->vat_id());
  plain("vat_id_country", details.vat_id_country, after->vat_id_country());
  plain("provider", details.provider, after->provider());
  sealed("metadata", details.metadata, after->metadata());
  touch(account, moment);
}

}  // namespace daybook
