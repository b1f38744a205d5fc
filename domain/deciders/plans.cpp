// Plans: created, revised by new versions, retired and restored. A published version never changes.
#include <algorithm>

#include "domain/deciders/handlers.h"
#include "domain/deciders/plan_check.h"
#include "schemas/events/plans_generated.h"

namespace daybook {
namespace {

const Plan* find_plan(const BookState& book, std::string_view id) {
  const auto found = book.catalogue->plans.find(id);
  return found == book.catalogue->plans.end() ? nullptr : &found->second;
}

/// The plan's own id is left out: its versions share a code and provider's prices.
std::optional<Rejection> find_clash(const BookState& book, std::string_view own_id, const schema::PlanTermsT& terms) {
  for (const auto& [id, plan] : book.catalogue->plans) {
    if (id == own_id) continue;
    const schema::PlanTermsT& other = *plan.current().terms;
    if (!terms.code.empty() && terms.code == other.code) {
      return Rejection{RejectionCode::plan_exists, "/code", {{"plan_id", id}}};
    }
    if (const auto pointer = find_shared_provider_price(terms, other)) {
      return Rejection{RejectionCode::duplicate_provider_price, *pointer, {{"plan_id", id}}};
    }
  }
  return std::nullopt;
}

schema::PlanTermsT completed(schema::PlanTermsT terms) {
  complete_intervals(terms);
  return terms;
}

/// `base` with those members of `change` that are named.
schema::PlanTermsT merge(const schema::PlanTermsT& base, const RevisePlan& command) {
  if (!command.members) return completed(*command.terms);
  schema::PlanTermsT terms = base;
  schema::PlanTermsT change = *command.terms;
  const auto take = [&](std::string_view name, auto member) {
    const auto& names = *command.members;
    if (std::find(names.begin(), names.end(), name) != names.end()) terms.*member = std::move(change.*member);
  };
  take("name", &schema::PlanTermsT::name);
  take("code", &schema::PlanTermsT::code);
  take("description", &schema::PlanTermsT::description);
  take("tier", &schema::PlanTermsT::tier);
  take("interval", &schema::PlanTermsT::interval);
  take("interval_count", &schema::PlanTermsT::interval_count);
  take("prices", &schema::PlanTermsT::prices);
  take("trial_days", &schema::PlanTermsT::trial_days);
  take("features", &schema::PlanTermsT::features);
  take("limits", &schema::PlanTermsT::limits);
  take("unit_credits_per_cycle", &schema::PlanTermsT::unit_credits_per_cycle);
  take("manual_invoicing", &schema::PlanTermsT::manual_invoicing);
  take("net_days", &schema::PlanTermsT::net_days);
  take("proration", &schema::PlanTermsT::proration);
  take("tax_category", &schema::PlanTermsT::tax_category);
  take("metadata", &schema::PlanTermsT::metadata);
  return completed(std::move(terms));
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
  schema::PlanTermsT terms = completed(*command.terms);
  if (auto fault = check_plan_terms(terms)) return reject(std::move(*fault));
  if (auto clash = find_clash(book, id, terms)) return reject(std::move(*clash));
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
  schema::PlanTermsT terms = merge(before, command);
  Decision decision;
  decision.subject = {SubjectKind::plan, {}, plan->id};
  if (terms == before) return decision;
  if (plan->versions.size() >= plan_versions_max) {
    return reject(RejectionCode::limit_reached, {}, {{"limit", std::string("versions of a plan")}});
  }
  if (auto fault = check_plan_terms(terms)) return reject(std::move(*fault));
  if (auto clash = find_clash(book, plan->id, terms)) return reject(std::move(*clash));
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
