// Plans: created, revised by new versions, retired and restored. A published version never changes.
#include "domain/deciders/handlers.h"
#include "domain/deciders/plan_check.h"
#include "domain/deciders/plan_merge.h"
#include "schemas/events/plans_generated.h"

namespace daybook {
namespace {

const Plan* find_plan(const BookState& book, std::string_view id) {
  const auto found = book.catalogue->plans.find(id);
  return found == book.catalogue->plans.end() ? nullptr : &found->second;
}

}  // namespace

Decision handle(const BookState& book, const CreatePlan& command, const DecisionContext& context) {
  std::string id = command.plan_id;
  if (id.empty() && context.dry_run) id = "plan_dry_1";
  if (id.empty()) append_id(id, "plan", context.new_id());
  if (find_plan(book, id) != nullptr) return reject(RejectionCode::plan_exists, "/id");
  if (book.catalogue->plans.size() >= plans_max) {
    return reject(RejectionCode::limit_reached, {}, {{"limit", std::string("plans of a book")}});
  }
  schema::PlanTermsT terms = completed_terms(*command.terms);
  if (auto fault = check_plan_terms(terms)) return reject(std::move(*fault));
  if (auto clash = find_clash(*book.catalogue, id, terms)) return reject(std::move(*clash));
  schema::PlanCreatedT event;
  event.plan_id = id;
  event.account_id = command.account_id;
  event.terms = std::make_unique<schema::PlanTermsT>(std::move(terms));
  Decision decision;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  decision.subject = {SubjectKind::plan, {}, std::move(id)};
  return decision;
}

Decision handle(const BookState& book, const RevisePlan& command, const DecisionContext&) {
  const Plan* plan = find_plan(book, command.plan_id);
  if (plan == nullptr) return reject(RejectionCode::not_found);
  if (!plan->is_active) return reject(RejectionCode::plan_retired);
  const schema::PlanTermsT& before = *plan->current().terms;
  schema::PlanTermsT terms =
      command.members ? merged_terms(before, *command.terms, *command.members) : completed_terms(*command.terms);
  Decision decision;
  decision.subject = {SubjectKind::plan, {}, plan->id};
  if (terms == before) return decision;
  if (plan->versions.size() >= plan_versions_max) {
    return reject(RejectionCode::limit_reached, {}, {{"limit", std::string("versions of a plan")}});
  }
  if (auto fault = check_plan_terms(terms)) return reject(std::move(*fault));
  if (auto clash = find_clash(*book.catalogue, plan->id, terms)) return reject(std::move(*clash));
  schema::PlanVersionPublishedT event;
  event.plan_id = plan->id;
  event.plan_version = plan->current().number + 1;
  event.terms = std::make_unique<schema::PlanTermsT>(std::move(terms));
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

Decision handle(const BookState& book, const RetirePlan& command, const DecisionContext&) {
  const Plan* plan = find_plan(book, command.plan_id);
  if (plan == nullptr) return reject(RejectionCode::not_found);
  Decision decision;
  decision.subject = {SubjectKind::plan, {}, plan->id};
  if (!plan->is_active) return decision;
  schema::PlanRetiredT event;
  event.plan_id = plan->id;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

Decision handle(const BookState& book, const RestorePlan& command, const DecisionContext&) {
  const Plan* plan = find_plan(book, command.plan_id);
  if (plan == nullptr) return reject(RejectionCode::not_found);
  Decision decision;
  decision.subject = {SubjectKind::plan, {}, plan->id};
  if (plan->is_active) return decision;
  schema::PlanRestoredT event;
  event.plan_id = plan->id;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

}  // namespace daybook
