// PLN-11: the imported plans become what the provider's catalogue says, and nothing else does.
#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "schemas/events/plans_generated.h"
#include "tests/domain/subscribing.h"

using namespace daybook;
using namespace daybook::test;

namespace {

ProviderProduct product(const std::string& id, const std::string& amount = "1000") {
  ProviderProduct one;
  one.product_id = id;
  one.terms = flat_terms(amount);
  one.terms->name = id;
  auto row = std::make_unique<schema::ProviderPriceT>();
  row->provider = "simulator";
  row->product_id = id;
  row->price_id = "price_" + id;
  one.terms->prices.front()->provider_prices.push_back(std::move(row));
  one.members = {"name", "prices", "interval", "interval_count"};
  return one;
}

ProviderProduct unusable(const std::string& id) {
  ProviderProduct one;
  one.product_id = id;
  one.fault = must_be("/prices", "of fixed amounts");
  return one;
}

class Syncing : public Subscribing {
 public:
  /// "imported revised retired restored unchanged", and what was skipped with its reason.
  std::string sync(std::vector<ProviderProduct> products) {
    const std::size_t before = types.size();
    SyncCatalogue command;
    command.found.provider = "simulator";
    command.found.products = std::move(products);
    const Decision decision = when(command);
    REQUIRE(decision.accepted());
    CHECK(decision.subject.kind == SubjectKind::catalogue_sync);
    appended = types.size() - before;
    const schema::CatalogueSyncCompletedT& outcome = *book.catalogue->last_sync.outcome;
    CHECK(outcome.provider == "simulator");
    CHECK(book.catalogue->last_sync.completed_at == now);
    CHECK(book.catalogue->last_sync.version == book.version);
    CHECK(*decode_book(encode_state(book)) == book);
    std::string text;
    for (const auto count : {outcome.imported, outcome.revised, outcome.retired, outcome.restored, outcome.unchanged}) {
      text += std::to_string(count) + " ";
    }
    for (const auto& row : outcome.skipped) text += row->product_id + ":" + row->code + row->pointer + " ";
    text.pop_back();
    return text;
  }
  const Plan& plan_at(const std::string& id) const { return book.catalogue->plans.at(id); }
  std::size_t appended = 0;
};

}  // namespace

TEST_CASE(
    "PLN-11, TS-011: what is new is imported, what has changed revised, what is gone retired; then nothing more") {
  Syncing given;
  CHECK(given.sync({product("a"), product("b")}) == "2 0 0 0 0");
  CHECK(given.plan_at("a").provider == "simulator");
  CHECK(given.plan_at("a").product_id == "a");
  CHECK(given.plan_at("a").versions.size() == 1);
  CHECK(given.sync({product("a"), product("b")}) == "0 0 0 0 2");
  CHECK(given.appended == 1);
  const EntityRef id = given.accept(Syncing::to_plan("a"));
  CHECK(given.sync({product("a", "2000"), product("c")}) == "1 1 1 0 0");
  CHECK(given.plan_at("a").current().number == 2);
  CHECK(given.plan_at("a").current().terms->prices.front()->unit_amount == "2000");
  CHECK(given.subscription(id).price->unit_amount == "1000");
  CHECK_FALSE(given.plan_at("b").is_active);
  CHECK(given.plan_at("b").is_gone_at_provider);
  CHECK(given.refused(Syncing::to_plan("b")) == RejectionCode::plan_retired);
  CHECK(given.sync({product("a", "2000"), product("c")}) == "0 0 0 0 3");
  CHECK(given.appended == 1);
}

TEST_CASE(
    "PLN-11: a product that comes back restores its plan, with what has changed; one that is kept back retires it") {
  Syncing given;
  given.sync({product("a"), product("b")});
  ProviderProduct kept_back = product("a");
  kept_back.is_offered = false;
  CHECK(given.sync({kept_back, product("b")}) == "0 0 1 0 1");
  CHECK(given.sync({product("a", "1500")}) == "0 0 1 1 0");
  CHECK(given.plan_at("a").is_active);
  CHECK(given.plan_at("a").current().number == 2);
  CHECK(given.sync({product("a", "1500"), product("b")}) == "0 0 0 1 1");
  CHECK(given.plan_at("b").current().number == 1);
  ProviderProduct never_offered = product("z");
  never_offered.is_offered = false;
  CHECK(given.sync({product("a", "1500"), product("b"), never_offered}) == "0 0 0 0 2");
}

TEST_CASE("PLN-11: a plan that was retired here stays so, and one restored here is retired again") {
  Syncing given;
  given.sync({product("a")});
  RetirePlan retire;
  retire.plan_id = "a";
  REQUIRE(given.when(retire).accepted());
  CHECK(given.sync({product("a", "2000")}) == "0 0 0 0 1");
  CHECK_FALSE(given.plan_at("a").is_active);
  RestorePlan restore;
  restore.plan_id = "a";
  REQUIRE(given.when(restore).accepted());
  CHECK(given.sync({}) == "0 0 1 0 0");
  REQUIRE(given.when(restore).accepted());
  CHECK_FALSE(given.plan_at("a").is_gone_at_provider);
  CHECK(given.sync({}) == "0 0 1 0 0");
}

TEST_CASE("PLN-11: members that the provider does not tell of stay what they are here") {
  Syncing given;
  given.sync({product("a")});
  RevisePlan revise;
  revise.plan_id = "a";
  revise.terms = flat_terms("1");
  revise.terms->name = "Another name";
  revise.terms->tax_category = "software";
  revise.members = std::vector<std::string>{"name", "tax_category"};
  REQUIRE(given.when(revise).accepted());
  CHECK(given.sync({product("a")}) == "0 1 0 0 0");
  CHECK(given.plan_at("a").current().terms->name == "a");
  CHECK(given.plan_at("a").current().terms->tax_category == "software");
}

TEST_CASE("PLN-11: what can be no plan is skipped with its reason, and the rest goes on") {
  Syncing given;
  auto own = flat_terms("7");
  own->code = "OURS";
  given.plan(std::move(own), "ours");
  ProviderProduct named = product("named"), clash = product("clash"), odd = product("odd id"), twice = product("twice");
  named.plan_id = "ours";
  clash.terms->code = "OURS";
  twice.terms->prices.front()->provider_prices.front()->price_id = "price_good";
  ProviderProduct broken = product("broken");
  broken.terms->prices.front()->unit_amount = "a lot";
  CHECK(given.sync({named, clash, odd, product("good"), twice, broken, unusable("usage")}) ==
        "1 0 0 0 0 named:plan_exists/id clash:plan_exists/code odd id:validation_failed/id "
        "twice:duplicate_provider_price/prices/0/provider_prices/0/price_id broken:validation_failed/prices/0 "
        "usage:validation_failed/prices");
  CHECK(given.plan_at("ours").provider.empty());
  // One that was a plan stays as it was.
  ProviderProduct worse = product("good");
  worse.terms->prices.front()->unit_amount = "a lot";
  CHECK(given.sync({worse}) == "0 0 0 0 0 good:validation_failed/prices/0");
  CHECK(given.sync({unusable("good")}) == "0 0 0 0 0 good:validation_failed/prices");
  CHECK(given.plan_at("good").is_active);
  CHECK(given.plan_at("good").versions.size() == 1);
}

TEST_CASE("PLN-11: plans of another provider, and those made here, are nobody else's to retire") {
  Syncing given;
  given.plan(flat_terms("7"), "ours");
  SyncCatalogue other;
  other.found.provider = "stripe";
  other.found.products.push_back(product("theirs"));
  REQUIRE(given.when(other).accepted());
  CHECK(given.sync({}) == "0 0 0 0 0");
  CHECK(given.plan_at("theirs").is_active);
  CHECK(given.plan_at("ours").is_active);
}

TEST_CASE("PLN-11: a catalogue that cannot be read, or is another provider's, changes nothing") {
  Syncing given;
  given.sync({product("a")});
  SyncCatalogue command;
  command.found.fault = RejectionCode::provider_error;
  CHECK(given.refused(command) == RejectionCode::provider_error);
  command.found.fault = RejectionCode::none;
  command.found.provider = "simulator";
  command.provider = "stripe";
  CHECK(given.when(command).rejection.pointer == "/provider");
  CHECK(given.plan_at("a").is_active);
  command.provider = command.found.provider;
  CHECK(given.when(command).accepted());
  CHECK_FALSE(given.plan_at("a").is_active);
}

TEST_CASE("PLN-11: a plan and a book have no more versions and plans than they may") {
  Syncing given;
  given.sync({product("a")});
  auto full = std::make_shared<Catalogue>(*given.book.catalogue);
  while (full->plans.at("a").versions.size() < plan_versions_max) {
    full->plans.at("a").versions.push_back(full->plans.at("a").versions.back());
    ++full->plans.at("a").versions.back().number;
  }
  given.book.catalogue = full;
  CHECK(given.sync({product("a", "2000")}) == "0 0 0 0 0 a:limit_reached");
  full = std::make_shared<Catalogue>(*given.book.catalogue);
  for (std::size_t i = full->plans.size(); i < plans_max; ++i) {
    Plan plan = full->plans.at("a");
    plan.id = "p" + std::to_string(i);
    plan.provider.clear();
    plan.versions.resize(1);
    full->plans.emplace(plan.id, std::move(plan));
  }
  given.book.catalogue = full;
  CHECK(given.sync({product("a"), product("b")}) == "0 0 0 0 1 b:limit_reached");
}
