// What the events of the catalogue mean.
#include "domain/assert.h"
#include "domain/catalogue.h"
#include "domain/folds.h"
#include "domain/tables.h"
#include "schemas/events/plans_generated.h"

namespace daybook {
namespace {

/// A copy to change; there are few plan events and many readers.
Catalogue& change_catalogue(BookState& book, const EventMoment& moment) {
  auto changed = std::make_shared<Catalogue>(*book.catalogue);
  changed->version = moment.version;
  Catalogue& catalogue = *changed;
  book.catalogue = std::move(changed);
  return catalogue;
}

Plan& touch_plan(BookState& book, std::string_view id, const EventMoment& moment) {
  Catalogue& catalogue = change_catalogue(book, moment);
  const auto found = catalogue.plans.find(id);
  ensure(found != catalogue.plans.end(), "an event about a plan that was never created");
  touch(found->second, moment);
  return found->second;
}

PlanVersion version_of(std::uint32_t number, const schema::PlanTerms* terms, const EventMoment& moment) {
  ensure(terms != nullptr, "a plan's version without its terms");
  auto copy = std::make_shared<schema::PlanTermsT>();
  terms->UnPackTo(copy.get());
  return {number, moment.at, std::move(copy)};
}

}  // namespace

bool PlanVersion::operator==(const PlanVersion& other) const {
  return number == other.number && published_at == other.published_at && *terms == *other.terms;
}

void apply(BookState& book, const schema::PlanCreated& event, const EventMoment& moment) {
  Plan plan;
  plan.id = text(event.plan_id());
  plan.account_id = text(event.account_id());
  plan.versions.push_back(version_of(1, event.terms(), moment));
  plan.created_at = plan.updated_at = moment.at;
  plan.version = moment.version;
  std::string id = plan.id;
  change_catalogue(book, moment).plans.emplace(std::move(id), std::move(plan));
}

void apply(BookState& book, const schema::PlanVersionPublished& event, const EventMoment& moment) {
  Plan& plan = touch_plan(book, text(event.plan_id()), moment);
  plan.versions.push_back(version_of(event.plan_version(), event.terms(), moment));
}

void apply(BookState& book, const schema::PlanRetired& event, const EventMoment& moment) {
  touch_plan(book, text(event.plan_id()), moment).is_active = false;
}

void apply(BookState& book, const schema::PlanRestored& event, const EventMoment& moment) {
  touch_plan(book, text(event.plan_id()), moment).is_active = true;
}

}  // namespace daybook
