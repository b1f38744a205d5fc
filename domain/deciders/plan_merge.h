// A plan's next version: what it says of itself and what it stays, and whether another plan says the same of itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/catalogue.h"
#include "domain/rejection.h"

namespace daybook {

/// With the intervals that were left out (plan_check.h).
schema::PlanTermsT completed_terms(schema::PlanTermsT terms);

/// `base` with those members of `change` that `members` names; completed.
schema::PlanTermsT merged_terms(const schema::PlanTermsT& base, const schema::PlanTermsT& change,
                                const std::vector<std::string>& members);

/// The code or the provider's price that another plan has too. The plan's own id is left out: its versions share both.
std::optional<Rejection> find_clash(const Catalogue& catalogue, std::string_view own_id,
                                    const schema::PlanTermsT& terms);

}  // namespace daybook
