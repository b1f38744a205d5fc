// Discounts: created, changed for those who get them from then on, retired.
#include <algorithm>

#include "domain/deciders/coupon_check.h"
#include "domain/deciders/handlers.h"
#include "schemas/events/coupons_generated.h"

namespace daybook {
namespace {

const OfferedDiscount* find_discount(const BookState& book, std::string_view id) {
  const auto found = book.offers->discounts.find(id);
  return found == book.offers->discounts.end() ? nullptr : &found->second;
}

/// The first plan that the book does not have.
std::optional<Rejection> find_unknown_plan(const BookState& book, const schema::DiscountTermsT& terms) {
  for (std::size_t i = 0; i < terms.plans.size(); ++i) {
    if (book.catalogue->plans.contains(terms.plans[i])) continue;
    return Rejection{RejectionCode::not_found, "/plans/" + std::to_string(i), {}};
  }
  return std::nullopt;
}

/// `base` with those members of `change` that are named.
schema::DiscountTermsT merge(const schema::DiscountTermsT& base, const ChangeDiscount& command) {
  schema::DiscountTermsT terms = base;
  if (!command.members) return terms;
  schema::DiscountTermsT change = *command.terms;
  const auto take = [&](std::string_view name, auto member) {
    const auto& names = *command.members;
    if (std::find(names.begin(), names.end(), name) != names.end()) terms.*member = std::move(change.*member);
  };
  take("name", &schema::DiscountTermsT::name);
  take("kind", &schema::DiscountTermsT::kind);
  take("percent", &schema::DiscountTermsT::percent);
  take("amount", &schema::DiscountTermsT::amount);
  take("amount_max", &schema::DiscountTermsT::amount_max);
  take("currency", &schema::DiscountTermsT::currency);
  take("duration", &schema::DiscountTermsT::duration);
  take("months", &schema::DiscountTermsT::months);
  take("plans", &schema::DiscountTermsT::plans);
  take("starts_at", &schema::DiscountTermsT::starts_at);
  take("ends_at", &schema::DiscountTermsT::ends_at);
  take("max_redemptions", &schema::DiscountTermsT::max_redemptions);
  take("priority", &schema::DiscountTermsT::priority);
  take("stackable", &schema::DiscountTermsT::stackable);
  take("metadata", &schema::DiscountTermsT::metadata);
  return terms;
}

}  // namespace

Decision handle(const BookState& book, const CreateDiscount& command, const DecisionContext& context) {
  std::string id = command.discount_id;
  if (id.empty() && context.dry_run) id = "disc_dry_1";
  if (id.empty()) append_id(id, "disc", context.new_id());
  if (find_discount(book, id) != nullptr) return reject(RejectionCode::discount_exists, "/id");
  if (book.offers->discounts.size() >= discounts_max) {
    return reject(RejectionCode::limit_reached, {}, {{"limit", std::string("discounts of a book")}});
  }
  if (auto wrong = check_discount_terms(*command.terms)) return reject(std::move(*wrong));
  if (auto unknown = find_unknown_plan(book, *command.terms)) return reject(std::move(*unknown));
  schema::DiscountCreatedT event;
  event.discount_id = id;
  event.terms = std::make_unique<schema::DiscountTermsT>(*command.terms);
  Decision decision;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  decision.subject = {SubjectKind::discount, {}, std::move(id)};
  return decision;
}

Decision handle(const BookState& book, const ChangeDiscount& command, const DecisionContext&) {
  const OfferedDiscount* discount = find_discount(book, command.discount_id);
  if (discount == nullptr) return reject(RejectionCode::not_found);
  if (!discount->is_active) return reject(RejectionCode::invalid_transition, {}, {{"from", std::string("retired")}});
  schema::DiscountTermsT terms = merge(*discount->terms, command);
  Decision decision;
  decision.subject = {SubjectKind::discount, {}, discount->id};
  if (terms == *discount->terms) return decision;
  if (auto wrong = check_discount_terms(terms)) return reject(std::move(*wrong));
  if (auto unknown = find_unknown_plan(book, terms)) return reject(std::move(*unknown));
  schema::DiscountChangedT event;
  event.discount_id = discount->id;
  event.terms = std::make_unique<schema::DiscountTermsT>(std::move(terms));
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

Decision handle(const BookState& book, const RetireDiscount& command, const DecisionContext&) {
  const OfferedDiscount* discount = find_discount(book, command.discount_id);
  if (discount == nullptr) return reject(RejectionCode::not_found);
  Decision decision;
  decision.subject = {SubjectKind::discount, {}, discount->id};
  if (!discount->is_active) return decision;
  schema::DiscountRetiredT event;
  event.discount_id = discount->id;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

}  // namespace daybook
