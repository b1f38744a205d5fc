// Accounts: opening, and changing details with before and after.
#include <utility>

#include "domain/deciders/handlers.h"
#include "domain/deciders/test_clocks.h"
#include "domain/deciders/trials.h"
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

}  // namespace

Decision handle(const AccountState& account, const OpenAccount& command, const DecisionContext& context) {
  if (account.version != 0) return reject(RejectionCode::account_exists, "/id");
  const bool has_method = !command.payment_method_token.sealed.empty();
  if (has_method && command.payment_method.fault != RejectionCode::none) {
    return reject(command.payment_method.fault, "/payment_method_token");
  }
  if (command.test_clock && !context.is_test_book) return reject(only_in_test_books());
  if (command.test_clock && !context.book->test_clocks.contains(*command.test_clock)) {
    return reject(RejectionCode::not_found, "/test_clock");
  }

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
  event.vat_id_country = command.vat_id_country;
  event.provider = command.provider;
  event.metadata = to_table(command.metadata.sealed);
  event.test_clock = command.test_clock.value_or(EntityRef{});

  Decision decision;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  decision.subject.kind = SubjectKind::account;
  if (has_method) {
    const Sensitive no_metadata;
    const NewPaymentMethod method{command.payment_method, command.payment_method_token, no_metadata, true};
    attach_method(decision, command.account_id, method, context);
  }
  start_account_trial(decision, command, context);
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
  if (command.currency.is_set() && command.currency.value != now.currency) {
    if (account.is_currency_fixed) {
      return reject(RejectionCode::currency_fixed, "/currency", {{"currency", std::string(code(now.currency))}});
    }
    event.changed.emplace_back("currency");
    event.before->currency = now.currency.packed;
    event.after->currency = command.currency.value.packed;
    patch.changed = true;
  }
  patch.sealed("tax_id", command.tax_id, now.tax_id, &D::tax_id);
  patch.sealed("vat_id", command.vat_id, now.vat_id, &D::vat_id);
  if (!command.vat_id.is_none()) {
    patch.text("vat_id_country", {Change<std::string>::Kind::set, command.vat_id_country}, now.vat_id_country,
               &D::vat_id_country);
  }
  patch.text("provider", command.provider, now.provider, &D::provider);
  patch.sealed("metadata", command.metadata, now.metadata, &D::metadata);

  Decision decision;
  decision.subject.kind = SubjectKind::account;
  if (patch.changed) decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

}  // namespace daybook
