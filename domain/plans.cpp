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

/// Of the event that makes it.
template <class Event>
Plan new_plan(const Event& event, const EventMoment& moment) {
  Plan plan;
  plan.id = text(event.plan_id());
  plan.versions.push_back(version_of(1, event.terms(), moment));
  plan.created_at = plan.updated_at = moment.at;
  plan.version = moment.version;
  return plan;
}

void add_plan(BookState& book, Plan plan, const EventMoment& moment) {
  std::string id = plan.id;
  change_catalogue(book, moment).plans.emplace(std::move(id), std::move(plan));
}

}  // namespace

bool CatalogueSync::operator==(const CatalogueSync& other) const {
  const auto same = [](const auto& a, const auto& b) { return a == b || (a && b && *a == *b); };
  return same(outcome, other.outcome) && completed_at == other.completed_at && version == other.version;
}

bool PlanVersion::operator==(const PlanVersion& other) const {
  return number == other.number && published_at == other.published_at && *terms == *other.terms;
}

void apply(BookState& book, const schema::PlanCreated& event, const EventMoment& moment) {
  Plan plan = new_plan(event, moment);
  plan.account_id = text(event.account_id());
  add_plan(book, std::move(plan), moment);
}

void apply(BookState& book, const schema::PlanImported& event, const EventMoment& moment) {
  Plan plan = new_plan(event, moment);
  plan.provider = text(event.provider());
  plan.product_id = text(event.product_id());
  add_plan(book, std::move(plan), moment);
}

void apply(BookState& book, const schema::PlanVersionPublished& event, const EventMoment& moment) {
  Plan& plan = touch_plan(book, text(event.plan_id()), moment);
  plan.versions.push_back(version_of(event.plan_version(), event.terms(), moment));
}

void apply(BookState& book, const schema::PlanRetired& event, const EventMoment& moment) {
  Plan& plan = touch_plan(book, text(event.plan_id()), moment);
  plan.is_active = false;
  plan.is_gone_at_provider = event.is_gone_at_provider();
}

void apply(BookState& book, const schema::PlanRestored& event, const EventMoment& moment) {
  Plan& plan = touch_plan(book, text(event.plan_id()), moment);
  plan.is_active = true;
  plan.is_gone_at_provider = false;
}

void apply(BookState& book, const schema::CatalogueSyncCompleted& event, const EventMoment& moment) {
  auto outcome = std::make_shared<schema::CatalogueSyncCompletedT>();
  event.UnPackTo(outcome.get());
  change_catalogue(book, moment).last_sync = {std::move(outcome), moment.at, moment.version};
}

}  // namespace daybook
