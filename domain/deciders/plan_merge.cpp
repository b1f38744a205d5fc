#include "domain/deciders/plan_merge.h"

#include <algorithm>
#include <utility>

#include "domain/deciders/plan_check.h"
#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "schemas/events/plans_generated.h"

namespace daybook {

schema::PlanTermsT completed_terms(schema::PlanTermsT terms) {
  complete_intervals(terms);
  return terms;
}

schema::PlanTermsT merged_terms(const schema::PlanTermsT& base, const schema::PlanTermsT& change,
                                const std::vector<std::string>& members) {
  schema::PlanTermsT terms = base, named = change;
  const auto take = [&](std::string_view name, auto member) {
    if (std::find(members.begin(), members.end(), name) != members.end()) terms.*member = std::move(named.*member);
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
  return completed_terms(std::move(terms));
}

std::optional<Rejection> find_clash(const Catalogue& catalogue, std::string_view own_id,
                                    const schema::PlanTermsT& terms) {
  for (const auto& [id, plan] : catalogue.plans) {
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

}  // namespace daybook
