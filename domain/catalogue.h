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
struct CatalogueSyncCompletedT;
}  // namespace daybook::schema

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
  std::string provider, product_id;   ///< Whose product it was imported from; empty: nobody's.
  bool is_gone_at_provider = false;   ///< That is why it is not active; it is again when the provider has it again.
  std::vector<PlanVersion> versions;  ///< Never empty.
  Instant created_at{}, updated_at{};
  std::uint64_t version = 0;  ///< Stream version of the last event that touched it.
  const PlanVersion& current() const { return versions.back(); }
  bool operator==(const Plan&) const = default;
};

/// The last time that plans were imported.
struct CatalogueSync {
  std::shared_ptr<const schema::CatalogueSyncCompletedT> outcome;  ///< Null: there was none.
  Instant completed_at{};
  std::uint64_t version = 0;                    ///< Stream version of the event.
  bool operator==(const CatalogueSync&) const;  ///< Of what the outcome says.
};

struct Catalogue {
  std::map<std::string, Plan, std::less<>> plans;  ///< By id.
  CatalogueSync last_sync;
  std::uint64_t version = 0;  ///< Stream version of the last event that touched it.
  bool operator==(const Catalogue&) const = default;
};

}  // namespace daybook
