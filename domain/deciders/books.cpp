// Books: created with their first key, changed, closed for good.
#include <algorithm>
#include <utility>

#include "domain/deciders/handlers.h"
#include "schemas/events/governance_generated.h"

namespace daybook {
namespace {

constexpr std::string_view first_key_name = "First key";

/// Whoever asks for it by that id: the first book is there always.
bool has_book(const BookState& book, std::string_view id) {
  return id == default_book || book.exists();
}

/// A legal entity or branding of which nothing is said is none.
void drop_empty_parts(schema::BookTermsT& terms) {
  if (terms.legal_entity && *terms.legal_entity == schema::LegalEntityT()) terms.legal_entity.reset();
  if (terms.branding && *terms.branding == schema::BrandingT()) terms.branding.reset();
}

/// `base` with those members of the command that are named.
schema::BookTermsT merge(schema::BookTermsT base, const ChangeBook& command) {
  if (!command.members) return base;
  schema::BookTermsT change = *command.terms;
  drop_empty_parts(change);
  const auto take = [&](std::string_view name, auto member) {
    const auto& names = *command.members;
    if (std::find(names.begin(), names.end(), name) != names.end()) base.*member = std::move(change.*member);
  };
  take("name", &schema::BookTermsT::name);
  take("default_currency", &schema::BookTermsT::currency);
  take("time_zone", &schema::BookTermsT::time_zone);
  take("legal_entity", &schema::BookTermsT::legal_entity);
  take("metadata", &schema::BookTermsT::metadata);
  take("branding", &schema::BookTermsT::branding);
  return base;
}

}  // namespace

Decision handle(const BookState& book, const CreateBook& command, const DecisionContext& context) {
  if (has_book(book, command.book_id)) return reject(RejectionCode::book_exists, "/id");
  schema::BookCreatedT created;
  created.book_id = command.book_id;
  created.mode = static_cast<schema::BookMode>(command.mode);
  created.terms = std::make_unique<schema::BookTermsT>(*command.terms);
  drop_empty_parts(*created.terms);
  schema::ApiKeyCreatedT key;
  key.key = context.new_id(1);
  key.name = first_key_name;
  key.digest.assign(command.key_digest.begin(), command.key_digest.end());
  key.prefix = command.key_prefix;
  key.role = schema::Role::super_admin;
  Decision decision;
  decision.subject = {SubjectKind::book, key.key, command.book_id};
  decision.events.push_back(PendingEvent::of(std::move(created)));
  decision.events.push_back(PendingEvent::of(std::move(key)));
  return decision;
}

Decision handle(const BookState& book, const ChangeBook& command, const DecisionContext&) {
  if (!has_book(book, command.book_id)) return reject(RejectionCode::not_found);
  schema::BookTermsT before = terms_of_book(command.book_id, book.profile);
  schema::BookTermsT after = merge(before, command);
  Decision decision;
  decision.subject = {SubjectKind::book, {}, command.book_id};
  if (after == before) return decision;
  schema::BookChangedT event;
  event.book_id = command.book_id;
  event.before = std::make_unique<schema::BookTermsT>(std::move(before));
  event.after = std::make_unique<schema::BookTermsT>(std::move(after));
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

Decision handle(const BookState& book, const CloseBook& command, const DecisionContext&) {
  if (!has_book(book, command.book_id)) return reject(RejectionCode::not_found);
  if (command.book_id == default_book) {
    return reject(RejectionCode::invalid_transition, {},
                  {{"from", std::string("open")}, {"to", std::string("closed")}, {"allowed", std::string()}});
  }
  Decision decision;
  decision.subject = {SubjectKind::book, {}, command.book_id};
  if (book.profile.is_closed()) return decision;
  schema::BookClosedT event;
  event.book_id = command.book_id;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

}  // namespace daybook
