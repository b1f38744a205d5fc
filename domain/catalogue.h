// What a book sells: plans and their versions, as deciders and reads need them. A catalogue never changes: evolve()
// puts a new one in its place.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "domain/instant.h"

namespace daybook::schema {
struct PlanTermsT;
}

namespace daybook {

/// What was sold from `published_at` on.
struct PlanVersion {
  std::uint32_t number = 0;  ///< From 1, dense.
  Instant published_at{};
  std::shared_ptr<const schema::PlanTermsT> terms;  ///< Never null.
  bool operator==(const PlanVersion& other) const;  ///< Of what they say.
};

struct Plan {
  std::string id;
  std::string account_id;  ///< The only account that sees it; empty: public.
  bool is_active = true;
  std::vector<PlanVersion> versions;  ///< Never empty.
  Instant created_at{}, updated_at{};
  std::uint64_t version = 0;  ///< Stream version of the last event that touched it.
  const PlanVersion& current() const { return versions.back(); }
  bool operator==(const Plan&) const = default;
};

struct Catalogue {
  std::map<std::string, Plan, std::less<>> plans;  ///< By id.
  std::uint64_t version = 0;                       ///< Stream version of the last event that touched it.
  bool operator==(const Catalogue&) const = default;
};

}  // namespace daybook
