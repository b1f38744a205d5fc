// The catalogue: plans created, revised, retired and restored, and what cannot be sold.
#include "domain/state_codec.h"
#include "schemas/envelope_generated.h"
#include "tests/domain/given.h"

using namespace daybook;
using namespace daybook::test;

namespace {

std::unique_ptr<schema::PlanPriceT> price(std::string amount, std::string_view currency = "USD",
                                          schema::IntervalUnit interval = schema::IntervalUnit::month) {
  auto row = std::make_unique<schema::PlanPriceT>();
  row->currency = find_currency(currency)->packed;
  row->interval = interval;
  row->unit_amount = std::move(amount);
  return row;
}

PlanTermsPointer terms(std::string amount = "1000") {
  auto made = std::make_shared<schema::PlanTermsT>();
  made->name = "Pro";
  made->prices.push_back(price(std::move(amount)));
  return made;
}

CreatePlan create(std::string id, PlanTermsPointer with = terms()) {
  CreatePlan command;
  command.plan_id = std::move(id);
  command.terms = std::move(with);
  return command;
}

RevisePlan revise(std::string id, PlanTermsPointer with, std::optional<std::vector<std::string>> members) {
  RevisePlan command;
  command.plan_id = std::move(id);
  command.terms = std::move(with);
  command.members = std::move(members);
  return command;
}

template <class T>
T about_plan(std::string id) {
  T command;
  command.plan_id = std::move(id);
  return command;
}

const Plan& plan(const Given& given, std::string_view id) {
  return given.book.catalogue->plans.find(id)->second;
}

void limit(schema::PlanTermsT& with, std::string metric, std::optional<std::int64_t> value) {
  auto row = std::make_unique<schema::PlanLimitT>();
  row->metric = std::move(metric);
  row->limit = value;
  with.limits.push_back(std::move(row));
}

void sold_at(schema::PlanTermsT& with, std::string provider, std::string price_id) {
  auto row = std::make_unique<schema::ProviderPriceT>();
  row->provider = std::move(provider);
  row->price_id = std::move(price_id);
  with.prices.front()->provider_prices.push_back(std::move(row));
}

}  // namespace

TEST_CASE("PLN-01: a plan is created with its first version, under its own id or one that it gets") {
  Given given;
  given.accept(create("pro"));
  CHECK(plan(given, "pro").is_active);
  REQUIRE(plan(given, "pro").versions.size() == 1);
  CHECK(plan(given, "pro").current().number == 1);
  CHECK(plan(given, "pro").current().terms->name == "Pro");
  CHECK(given.refused(create("pro")) == RejectionCode::plan_exists);

  const Decision named = given.when(create(""));
  CHECK(named.subject.text_id.starts_with("plan_0"));
  CHECK(given.book.catalogue->plans.size() == 2);
  DecisionContext dry = given.context();
  dry.dry_run = true;
  CHECK(decide(given.book, create(""), dry).subject.text_id == "plan_dry_1");
}

TEST_CASE("PLN-03: another price is a new version, and the old one stays as it was") {
  Given given;
  given.accept(create("pro"));
  auto change = terms("1200");
  change->name = "not taken over";
  given.accept(revise("pro", change, {{"prices"}}));
  const Plan& now = plan(given, "pro");
  REQUIRE(now.versions.size() == 2);
  CHECK(now.current().number == 2);
  CHECK(now.current().terms->name == "Pro");
  CHECK(now.current().terms->prices[0]->unit_amount == "1200");
  CHECK(now.versions[0].terms->prices[0]->unit_amount == "1000");

  const std::size_t events = given.types.size();
  CHECK(given.when(revise("pro", change, {{"prices"}})).accepted());
  CHECK(given.types.size() == events);  // nothing had to change

  given.accept(revise("pro", change, std::nullopt));
  CHECK(plan(given, "pro").current().terms->name == "not taken over");
  CHECK(given.refused(revise("none", change, std::nullopt)) == RejectionCode::not_found);
}

TEST_CASE("every member of a plan's terms can be changed by itself") {
  Given given;
  given.accept(create("pro"));
  schema::PlanTermsT all;
  all.name = "Other";
  all.code = "other";
  all.description = "d";
  all.tier = "starter";
  all.interval = schema::IntervalUnit::year;
  all.interval_count = 2;
  all.prices.push_back(price("7", "EUR"));
  all.trial_days = 3;
  all.features = {"sso"};
  limit(all, "seats", 5);
  all.unit_credits_per_cycle = 10;
  all.manual_invoicing = true;
  all.net_days = 14;
  all.proration = schema::ProrationUnit::day;
  all.tax_category = "saas";
  all.metadata = "{}";
  const std::vector<std::string> names = {"name",
                                          "code",
                                          "description",
                                          "tier",
                                          "interval",
                                          "interval_count",
                                          "prices",
                                          "trial_days",
                                          "features",
                                          "limits",
                                          "unit_credits_per_cycle",
                                          "manual_invoicing",
                                          "net_days",
                                          "proration",
                                          "tax_category",
                                          "metadata"};
  for (const std::string& name : names) {
    CAPTURE(name);
    const std::size_t before = plan(given, "pro").versions.size();
    given.accept(revise("pro", std::make_shared<schema::PlanTermsT>(all), {{name}}));
    CHECK(plan(given, "pro").versions.size() == before + 1);
  }
  CHECK(*plan(given, "pro").current().terms == all);
}

TEST_CASE("PLN-04: a retired plan is not revised, and can be offered again") {
  Given given;
  given.accept(create("pro"));
  given.accept(about_plan<RetirePlan>("pro"));
  CHECK_FALSE(plan(given, "pro").is_active);
  CHECK(given.refused(revise("pro", terms("1"), std::nullopt)) == RejectionCode::plan_retired);
  CHECK(given.when(about_plan<RetirePlan>("pro")).events.empty());
  given.accept(about_plan<RestorePlan>("pro"));
  CHECK(plan(given, "pro").is_active);
  CHECK(given.when(about_plan<RestorePlan>("pro")).events.empty());
  CHECK(given.refused(about_plan<RetirePlan>("none")) == RejectionCode::not_found);
  CHECK(given.refused(about_plan<RestorePlan>("none")) == RejectionCode::not_found);
}

TEST_CASE("PLN-05: limits are for known metrics, none is negative") {
  Given given;
  const auto refused = [&](std::string metric, std::optional<std::int64_t> value) {
    auto with = terms();
    limit(*with, std::move(metric), value);
    return given.when(create("pro", with)).rejection;
  };
  CHECK(refused("tables", 1).pointer == "/limits/tables");
  CHECK(refused("seats", -1).pointer == "/limits/seats");
  CHECK(refused("seats", -1).code == RejectionCode::validation_failed);
  CHECK(refused("seats", std::nullopt).code == RejectionCode::none);
}

TEST_CASE("PLN-03: a version that could not be sold is refused, and the one before it stays") {
  Given given;
  given.accept(create("a"));
  auto wrong = terms();
  limit(*wrong, "seats", -1);
  const Decision refused = given.when(revise("a", wrong, std::vector<std::string>{"limits"}));
  CHECK(refused.rejection.code == RejectionCode::validation_failed);
  CHECK(refused.rejection.pointer == given.when(create("b", wrong)).rejection.pointer);
  CHECK(plan(given, "a").versions.size() == 1);
}

TEST_CASE("PLN-14: a provider's price and a code stand for one plan") {
  Given given;
  auto first = terms();
  first->code = "pro";
  sold_at(*first, "stripe", "price_1");
  given.accept(create("a", first));

  auto same_price = terms();
  sold_at(*same_price, "stripe", "price_1");
  const Decision clash = given.when(create("b", same_price));
  CHECK(clash.rejection.code == RejectionCode::duplicate_provider_price);
  CHECK(clash.rejection.pointer == "/prices/0/provider_prices/0/price_id");
  auto other_provider = terms();
  sold_at(*other_provider, "paystack", "price_1");
  given.accept(create("c", other_provider));
  auto same_code = terms();
  same_code->code = "pro";
  CHECK(given.refused(create("d", same_code)) == RejectionCode::plan_exists);
  auto twice = terms();
  sold_at(*twice, "stripe", "price_2");
  sold_at(*twice, "stripe", "price_2");
  CHECK(given.refused(create("e", twice)) == RejectionCode::duplicate_provider_price);
  auto other_price = terms();
  sold_at(*other_price, "stripe", "price_3");
  given.accept(create("f", other_price));
  CHECK(given.when(revise("f", first, std::vector<std::string>{"prices"})).rejection == clash.rejection);
  CHECK(given.refused(revise("f", first, std::vector<std::string>{"code"})) == RejectionCode::plan_exists);
  CHECK(plan(given, "f").versions.size() == 1);
  // Its own versions share both.
  auto next = std::make_shared<schema::PlanTermsT>(*first);
  next->name = "Pro 2";
  given.accept(revise("a", next, std::nullopt));
}

TEST_CASE("a price that cannot be computed is refused where it stands") {
  Given given;
  const auto refused = [&](PlanTermsPointer with) {
    const Rejection rejection = given.when(create("pro", std::move(with))).rejection;
    CHECK(rejection.code == RejectionCode::validation_failed);
    return rejection.pointer;
  };
  auto same_interval = terms();
  same_interval->prices.push_back(price("900"));
  CHECK(refused(same_interval) == "/prices/1");
  auto no_tiers = terms("");
  no_tiers->prices[0]->model = schema::PriceModel::graduated;
  CHECK(refused(no_tiers).starts_with("/prices/0"));
  auto no_decimal = terms("ten");
  CHECK(refused(no_decimal) == "/prices/0");
  for (std::string schema::PlanPriceT::*member :
       {&schema::PlanPriceT::package_size, &schema::PlanPriceT::included_quantity}) {
    auto wrong = terms();
    (*wrong->prices[0]).*member = "x";
    CHECK(refused(wrong) == "/prices/0");
  }
  for (std::string schema::PriceTierT::*member : {&schema::PriceTierT::unit_amount, &schema::PriceTierT::up_to}) {
    auto wrong = terms("");
    wrong->prices[0]->model = schema::PriceModel::volume;
    wrong->prices[0]->tiers.push_back(std::make_unique<schema::PriceTierT>());
    (*wrong->prices[0]->tiers[0]).*member = "x";
    CHECK(refused(wrong) == "/prices/0");
  }
  CHECK(given.book.catalogue->plans.empty());
}

TEST_CASE("tiers, bounds and fees of a price that can be computed are kept as they are") {
  Given given;
  auto with = terms("");
  schema::PlanPriceT& tiered = *with->prices[0];
  tiered.model = schema::PriceModel::graduated;
  tiered.tiers.push_back(std::make_unique<schema::PriceTierT>());
  tiered.tiers[0]->up_to = "100";
  tiered.tiers[0]->unit_amount = "0.06";
  tiered.tiers.push_back(std::make_unique<schema::PriceTierT>());
  tiered.tiers[1]->unit_amount = "0.05";
  tiered.tiers[1]->flat_amount = 5;
  tiered.minimum_amount = 10;
  tiered.maximum_amount = 1'000;
  tiered.setup_fee = 99;
  given.accept(create("metered", with));
  CHECK(*plan(given, "metered").current().terms == *with);
}

TEST_CASE("a book with a catalogue survives its row") {
  Given given;
  given.accept(create("pro"));
  given.accept(revise("pro", terms("1100"), std::nullopt));
  given.accept(create("free", terms("0")));
  given.accept(about_plan<RetirePlan>("free"));
  const std::string row = encode_state(given.book);
  const std::optional<BookState> read = decode_book(row);
  REQUIRE(read.has_value());
  CHECK(*read == given.book);
  CHECK(encode_state(*read) == row);
  for (std::size_t cut = 0; cut < row.size(); ++cut) CHECK_FALSE(decode_book(row.substr(0, cut)).has_value());
}

TEST_CASE("PLN-01 an interval that is not said is the plan's, or a price's") {
  using Interval = std::pair<schema::IntervalUnit, int>;
  using Unit = schema::IntervalUnit;
  const Unit unsaid{};
  struct Row {
    Interval plan;
    std::vector<Interval> prices;
    Interval plan_then;
    std::vector<Interval> prices_then;
  };
  const Row rows[] = {
      {{unsaid, 0}, {{unsaid, 0}}, {Unit::month, 1}, {{Unit::month, 1}}},
      {{Unit::year, 0}, {{unsaid, 0}}, {Unit::year, 1}, {{Unit::year, 1}}},
      {{Unit::week, 2}, {{unsaid, 0}, {Unit::week, 0}}, {Unit::week, 2}, {{Unit::week, 2}, {Unit::week, 1}}},
      {{Unit::week, 2}, {{unsaid, 3}}, {Unit::week, 2}, {{Unit::week, 3}}},
      {{unsaid, 3}, {{unsaid, 0}}, {Unit::month, 3}, {{Unit::month, 3}}},
      {{unsaid, 0}, {{Unit::year, 0}}, {Unit::year, 1}, {{Unit::year, 1}}},
      {{unsaid, 0}, {{Unit::year, 2}, {Unit::week, 1}}, {Unit::year, 2}, {{Unit::year, 2}, {Unit::week, 1}}},
      {{unsaid, 0}, {{Unit::year, 1}, {unsaid, 0}}, {Unit::month, 1}, {{Unit::year, 1}, {Unit::month, 1}}},
      {{unsaid, 0}, {{Unit::month, 3}}, {Unit::month, 3}, {{Unit::month, 3}}},
      {{unsaid, 0}, {}, {Unit::month, 1}, {}},
  };
  for (const Row& row : rows) {
    for (const bool is_revised : {false, true}) {
      Given given;
      auto with = std::make_shared<schema::PlanTermsT>();
      with->name = "Pro";
      std::tie(with->interval, with->interval_count) = row.plan;
      for (const auto& [unit, count] : row.prices) {
        auto& made = *with->prices.emplace_back(price("1000", "USD", unit));
        made.interval_count = static_cast<std::uint16_t>(count);
      }
      if (is_revised) REQUIRE(given.when(create("pro")).accepted());
      REQUIRE(
          (is_revised ? given.when(revise("pro", with, std::nullopt)) : given.when(create("pro", with))).accepted());
      const schema::PlanTermsT& then = *plan(given, "pro").current().terms;
      CHECK(Interval(then.interval, then.interval_count) == row.plan_then);
      std::vector<Interval> prices;
      for (const auto& made : then.prices) prices.emplace_back(made->interval, made->interval_count);
      CHECK(prices == row.prices_then);
    }
  }
}
