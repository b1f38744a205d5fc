#include "domain/catalogue_codec.h"

#include <utility>

#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "domain/value_codec.h"
#include "schemas/events/plans_generated.h"

namespace daybook {
namespace {

template <class C>
void visit_plan(C& codec, auto& plan) {
  codec.text(plan.id);
  codec.text(plan.account_id);
  codec.text(plan.provider);
  codec.text(plan.product_id);
  codec.flag(plan.is_active);
  codec.flag(plan.is_gone_at_provider);
  codec.number(plan.created_at);
  codec.number(plan.updated_at);
  codec.number(plan.version);
}

/// What it returns is for the reader: false, the terms are damaged.
template <class C>
auto visit_version(C& codec, auto& version) {
  codec.number(version.number);
  codec.number(version.published_at);
  return visit_table<schema::PlanTerms>(codec, version.terms);
}

template <class C>
auto visit_sync(C& codec, auto& sync) {
  codec.number(sync.completed_at);
  codec.number(sync.version);
  return visit_table<schema::CatalogueSyncCompleted>(codec, sync.outcome);
}

}  // namespace

void encode(ByteWriter& codec, const Catalogue& catalogue) {
  codec.number(catalogue.version);
  codec.number(static_cast<std::uint32_t>(catalogue.plans.size()));
  for (const auto& [id, plan] : catalogue.plans) {
    visit_plan(codec, plan);
    codec.number(static_cast<std::uint32_t>(plan.versions.size()));
    for (const PlanVersion& version : plan.versions) visit_version(codec, version);
  }
  codec.flag(catalogue.last_sync.outcome != nullptr);
  if (catalogue.last_sync.outcome) visit_sync(codec, catalogue.last_sync);
}

bool decode(ByteReader& codec, Catalogue& catalogue) {
  codec.number(catalogue.version);
  std::uint32_t plans = 0;
  codec.number(plans);
  for (std::uint32_t i = 0; i < plans; ++i) {
    Plan plan;
    visit_plan(codec, plan);
    std::uint32_t versions = 0;
    codec.number(versions);
    for (std::uint32_t v = 0; v < versions; ++v) {
      if (!visit_version(codec, plan.versions.emplace_back())) return false;
    }
    if (plan.versions.empty()) return false;
    std::string id = plan.id;
    catalogue.plans.emplace(std::move(id), std::move(plan));
  }
  bool is_synced = false;
  codec.flag(is_synced);
  if (is_synced && !visit_sync(codec, catalogue.last_sync)) return false;
  return codec.ok();
}

}  // namespace daybook
