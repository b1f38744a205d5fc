// A book's roles, and what the events of the book itself, its clock and its API keys mean.
#include "domain/book.h"

#include <utility>

#include "domain/assert.h"
#include "domain/folds.h"
#include "domain/tables.h"
#include "schemas/events/governance_generated.h"

namespace daybook {

std::string_view to_text(Role role) {
  switch (role) {
    case Role::super_admin:
      return "super_admin";
    case Role::billing_admin:
      return "billing_admin";
    case Role::support_rep:
      return "support_rep";
    case Role::finance_viewer:
      return "finance_viewer";
    case Role::auditor:
      return "auditor";
    case Role::account_owner:
      return "account_owner";
    case Role::account_member:
      return "account_member";
    case Role::api_key:
      return "api_key";
    case Role::system:
      return "system";
  }
  bug("role without a text");
}

bool BookProfile::operator==(const BookProfile& other) const {
  const bool same_terms = terms == other.terms || (terms && other.terms && *terms == *other.terms);
  return same_terms && is_created == other.is_created && mode == other.mode && created_at == other.created_at &&
         updated_at == other.updated_at && closed_at == other.closed_at && version == other.version;
}

schema::BookTermsT terms_of_book(std::string_view id, const BookProfile& profile) {
  if (profile.terms) return *profile.terms;
  schema::BookTermsT terms;
  terms.name = id;
  return terms;
}

bool BookState::operator==(const BookState& other) const {
  return version == other.version && ordinal == other.ordinal && decided_at == other.decided_at &&
         clock_offset_us == other.clock_offset_us && clock_to == other.clock_to &&
         clock_version == other.clock_version && profile == other.profile && test_clocks == other.test_clocks &&
         keys == other.keys && *catalogue == *other.catalogue && *offers == *other.offers &&
         redemptions == other.redemptions && policies == other.policies && tax_rates == other.tax_rates &&
         invoice_numbers == other.invoice_numbers && credit_note_numbers == other.credit_note_numbers;
}

namespace {

std::shared_ptr<const schema::BookTermsT> book_terms(const schema::BookTerms* terms) {
  ensure(terms != nullptr, "an event about a book without its terms");
  auto copy = std::make_shared<schema::BookTermsT>();
  terms->UnPackTo(copy.get());
  return copy;
}

}  // namespace

void apply(BookState& book, const schema::BookCreated& event, const EventMoment& moment) {
  BookProfile& profile = book.profile;
  profile.is_created = true;
  profile.mode = static_cast<BookMode>(event.mode());
  profile.terms = book_terms(event.terms());
  profile.created_at = moment.at;
  touch(profile, moment);
}

void apply(BookState& book, const schema::BookChanged& event, const EventMoment& moment) {
  book.profile.terms = book_terms(event.after());
  touch(book.profile, moment);
}

void apply(BookState& book, const schema::BookClosed&, const EventMoment& moment) {
  book.profile.closed_at = moment.at;
  touch(book.profile, moment);
}

void apply(BookState& book, const schema::SandboxClockAdvanced& event, const EventMoment& moment) {
  book.clock_offset_us = event.offset_us();
  book.clock_to = instant(event.to());
  book.clock_version = moment.version;
}

void apply(BookState& book, const schema::ApiKeyCreated& event, const EventMoment& moment) {
  ApiKey key;
  key.id = entity(event.key());
  key.name = text(event.name());
  if (event.digest()) key.digest.assign(event.digest()->begin(), event.digest()->end());
  key.prefix = text(event.prefix());
  key.role = static_cast<Role>(event.role());
  if (event.scopes()) {
    for (const flatbuffers::String* scope : *event.scopes()) key.scopes.push_back(scope->str());
  }
  key.account_id = text(event.account_id());
  key.created_at = moment.at;
  key.version = moment.version;
  book.keys.emplace(key.id, std::move(key));
}

void apply(BookState& book, const schema::ApiKeyRevoked& event, const EventMoment& moment) {
  const auto found = book.keys.find(entity(event.key()));
  ensure(found != book.keys.end(), "a revoked key that was never created");
  found->second.revoked = true;
  found->second.revoked_at = moment.at;
  found->second.version = moment.version;
}

}  // namespace daybook
