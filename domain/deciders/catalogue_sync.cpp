// The book's imported plans become what a provider's catalogue says. A plan that was made here is nobody's but the
// book's: a product that one is already sold as (by its code or by a provider's price) is skipped.
#include <set>
#include <utility>

#include "domain/check.h"
#include "domain/deciders/handlers.h"
#include "domain/deciders/plan_check.h"
#include "domain/deciders/plan_merge.h"
#include "schemas/events/plans_generated.h"

namespace daybook {
namespace {

class Sync {
 public:
  Sync(const BookState& book, const SyncCatalogue& command, const DecisionContext& context)
      : provider_(command.found.provider), plans_(*book.catalogue), now_(context.now) {
    outcome_.provider = provider_;
  }

  void take(const ProviderProduct& product) {
    seen_.insert(product.product_id);
    const Plan* plan = plan_of(product.product_id);
    if (!product.is_offered) {
      if (plan != nullptr) retire(plan->id);
      return;
    }
    // Somebody has retired it here, whatever the provider offers.
    if (plan != nullptr && !plan->is_active && !plan->is_gone_at_provider) {
      ++outcome_.unchanged;
      return;
    }
    Rejection fault = product.fault;
    if (product.terms != nullptr) fault = plan == nullptr ? import(product) : update(plan->id, product);
    if (fault.code == RejectionCode::none) return;
    auto skipped = std::make_unique<schema::SkippedProductT>();
    skipped->product_id = product.product_id;
    skipped->code = rejection_info(fault.code).name;
    skipped->pointer = fault.pointer;
    outcome_.skipped.push_back(std::move(skipped));
  }

  /// Of the products that were not taken, the plans are retired.
  Decision finish() {
    std::vector<std::string> gone;
    for (const auto& [id, plan] : plans_.plans) {
      if (plan.provider == provider_ && !seen_.contains(plan.product_id)) gone.push_back(id);
    }
    for (const std::string& id : gone) retire(id);
    decision_.events.push_back(PendingEvent::of(std::move(outcome_)));
    decision_.subject = {SubjectKind::catalogue_sync, {}};
    return std::move(decision_);
  }

 private:
  const Plan* plan_of(const std::string& product_id) const {
    for (const auto& [id, plan] : plans_.plans) {
      if (plan.provider == provider_ && plan.product_id == product_id) return &plan;
    }
    return nullptr;
  }

  /// Why those cannot be the plan's terms; the code `none` if they can.
  Rejection check(const std::string& id, const schema::PlanTermsT& terms) const {
    if (auto fault = check_plan_terms(terms)) return std::move(*fault);
    if (auto clash = find_clash(plans_, id, terms)) return std::move(*clash);
    return {};
  }

  void publish(Plan& plan, schema::PlanTermsT terms) {
    const std::uint32_t number = plan.versions.empty() ? 1 : plan.current().number + 1;
    plan.versions.push_back({number, now_, std::make_shared<const schema::PlanTermsT>(std::move(terms))});
  }

  Rejection import(const ProviderProduct& product) {
    const std::string& id = product.plan_id.empty() ? product.product_id : product.plan_id;
    if (!valid_client_id(id)) return must_be("/id", "an id of a plan");
    if (plans_.plans.contains(id)) return {RejectionCode::plan_exists, "/id", {}};
    if (plans_.plans.size() >= plans_max) return over_limit("plans of a book", plans_max);
    schema::PlanTermsT terms = completed_terms(*product.terms);
    if (Rejection fault = check(id, terms); fault.code != RejectionCode::none) return fault;
    schema::PlanImportedT event;
    event.plan_id = id;
    event.provider = provider_;
    event.product_id = product.product_id;
    event.terms = std::make_unique<schema::PlanTermsT>(terms);
    decision_.events.push_back(PendingEvent::of(std::move(event)));
    Plan& plan = plans_.plans[id];
    plan.id = id;
    plan.provider = provider_;
    plan.product_id = product.product_id;
    publish(plan, std::move(terms));
    ++outcome_.imported;
    return {};
  }

  Rejection update(const std::string& id, const ProviderProduct& product) {
    Plan& plan = plans_.plans.find(id)->second;
    const schema::PlanTermsT& before = *plan.current().terms;
    schema::PlanTermsT terms = merged_terms(before, *product.terms, product.members);
    const bool is_new = terms != before;
    if (is_new) {
      if (plan.versions.size() >= plan_versions_max) return over_limit("versions of a plan", plan_versions_max);
      if (Rejection fault = check(id, terms); fault.code != RejectionCode::none) return fault;
    }
    ++(!plan.is_active ? outcome_.restored : is_new ? outcome_.revised : outcome_.unchanged);
    if (!plan.is_active) {
      schema::PlanRestoredT event;
      event.plan_id = id;
      decision_.events.push_back(PendingEvent::of(std::move(event)));
      plan.is_active = true;
    }
    if (is_new) {
      schema::PlanVersionPublishedT event;
      event.plan_id = id;
      event.plan_version = plan.current().number + 1;
      event.terms = std::make_unique<schema::PlanTermsT>(terms);
      decision_.events.push_back(PendingEvent::of(std::move(event)));
      publish(plan, std::move(terms));
    }
    return {};
  }

  void retire(const std::string& id) {
    Plan& plan = plans_.plans.find(id)->second;
    if (!plan.is_active) {
      ++outcome_.unchanged;
      return;
    }
    schema::PlanRetiredT event;
    event.plan_id = id;
    event.is_gone_at_provider = true;
    decision_.events.push_back(PendingEvent::of(std::move(event)));
    plan.is_active = false;
    ++outcome_.retired;
  }

  const std::string& provider_;
  Catalogue plans_;  ///< As they are with what is decided so far.
  const Instant now_;
  std::set<std::string, std::less<>> seen_;
  schema::CatalogueSyncCompletedT outcome_;
  Decision decision_;
};

}  // namespace

Decision handle(const BookState& book, const SyncCatalogue& command, const DecisionContext& context) {
  if (command.found.fault != RejectionCode::none) return reject(command.found.fault);
  if (!command.provider.empty() && command.provider != command.found.provider) {
    return reject(must_be("/provider", "the book's provider", {{"provider", command.found.provider}}));
  }
  Sync sync(book, command, context);
  for (const ProviderProduct& product : command.found.products) sync.take(product);
  return sync.finish();
}

}  // namespace daybook
