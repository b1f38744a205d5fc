// The catalogue over HTTP: who may do what, what is shown to whom, versions, and repeats.
#include "connectors/stripe_catalogue.h"
#include "doctest/doctest.h"
#include "tests/gateway/served.h"

using namespace daybook;
using namespace daybook::test;

namespace {

const std::string pro = R"({"id":"pro","name":"Pro","tier":"pro","prices":[{"currency":"USD","amount":1000},)"
                        R"({"currency":"USD","interval":"year","amount":10000}],"features":["sso"],)"
                        R"("limits":{"seats":5,"campaigns":null}})";

struct Shop : Served {
  Response patch(std::string_view target, std::string body, std::vector<Header> headers = {}) {
    return call(Method::patch, target, std::move(body), std::move(headers));
  }
  /// Without any key.
  Response anonymous(std::string_view target) { return call(Method::get, target, {}, {{"authorization", ""}}); }
};

std::string plan_list(const Response& response) {
  std::string ids;
  for (std::size_t i = 0;; ++i) {
    const std::string id = json_at(response.body, "/data/" + std::to_string(i) + "/id");
    if (id.empty()) return ids;
    ids += (ids.empty() ? "" : " ") + id.substr(1, id.size() - 2);
  }
}

}  // namespace

TEST_CASE_FIXTURE(Shop, "PLN-01, PLN-06: a plan is there at once, with what a year saves") {
  const Response created = post("/v1/plans", pro);
  REQUIRE(created.status == 201);
  CHECK(json_at(created.body, "/object") == R"("plan")");
  CHECK(json_at(created.body, "/version") == "1");
  CHECK(json_at(created.body, "/prices/0/amount") == "1000");
  CHECK(json_at(created.body, "/annual_savings/amount") == "2000");
  CHECK(json_at(created.body, "/annual_savings/percent") == "16.67");
  CHECK(json_at(created.body, "/limits/campaigns") == "null");
  CHECK(get("/v1/plans/pro").body == created.body);
  CHECK(header_of(get("/v1/plans/pro"), "ETag") == header_of(created, "ETag"));
  CHECK(json_at(post("/v1/plans", R"({"name":"x","prices":[{"currency":"USD","amount":"0.5"}]})").body,
                "/prices/0/amount") == R"("0.5")");
  CHECK(post("/v1/plans", pro).status == 409);
  CHECK(post("/v1/plans", R"({"name":"x"})").status == 422);
  CHECK(post("/v1/plans", R"({"name":"x","prices":[]})").status == 422);
  CHECK(post("/v1/plans", R"({"name":"x","prices":[{"currency":"USD","amount":1.5}]})").status == 400);
}

TEST_CASE_FIXTURE(Shop, "PLN-03: PATCH changes what it names, PUT everything; the versions stay") {
  REQUIRE(post("/v1/plans", pro).status == 201);
  const std::string first_tag = header_of(get("/v1/plans/pro"), "ETag");
  const Response patched = patch("/v1/plans/pro", R"({"name":"Pro+"})");
  REQUIRE(patched.status == 200);
  CHECK(json_at(patched.body, "/version") == "2");
  CHECK(json_at(patched.body, "/prices/1/amount") == "10000");
  CHECK(patch("/v1/plans/pro", R"({"name":"late"})", {{"if-match", first_tag}}).status == 412);

  const Response put = call(Method::put, "/v1/plans/pro", R"({"name":"New","prices":[{"currency":"EUR","amount":1}]})");
  REQUIRE(put.status == 200);
  CHECK(json_at(put.body, "/version") == "3");
  CHECK(json_at(put.body, "/tier") == "null");
  CHECK(call(Method::put, "/v1/plans/pro", R"({"name":"New"})").status == 422);

  const Response versions = get("/v1/plans/pro/versions");
  CHECK(json_at(versions.body, "/data/0/version") == "3");
  CHECK(json_at(versions.body, "/data/2/name") == R"("Pro")");
  CHECK(json_at(get("/v1/plans/pro/versions?limit=1&starting_after=3").body, "/data/0/version") == "2");
  CHECK(get("/v1/plans/pro/versions?starting_after=9").status == 422);
  CHECK(patch("/v1/plans/none", "{}").status == 404);
}

TEST_CASE_FIXTURE(Shop, "PLN-01: what is not said of an interval follows from what is, and is subscribed to without") {
  const Response yearly =
      post("/v1/plans", R"({"id":"yearly","name":"Y","interval":"year","prices":[{"currency":"USD","amount":12000}]})");
  REQUIRE(yearly.status == 201);
  CHECK(json_at(yearly.body, "/prices/0/interval") == R"("year")");
  const Response weekly =
      post("/v1/plans",
           R"({"id":"w","name":"W","prices":[{"currency":"USD","amount":1,"interval":"week","interval_count":2}]})");
  REQUIRE(weekly.status == 201);
  CHECK(json_at(weekly.body, "/interval") == R"("week")");
  CHECK(json_at(weekly.body, "/interval_count") == "2");
  const Response revised = patch("/v1/plans/yearly", R"({"prices":[{"currency":"USD","amount":11000}]})");
  CHECK(json_at(revised.body, "/prices/0/interval") == R"("year")");
}

TEST_CASE_FIXTURE(Shop, "a refusal says what the member must be, and what is beyond an amount is out of range") {
  const auto refused = [&](const std::string& price) {
    const std::string body = R"({"id":"p","name":"P","prices":[{"currency":"USD",)" + price + "}]}";
    return post("/v1/plans", body).body;
  };
  const std::string below = refused(R"("amount":-1)");
  CHECK(json_at(below, "/errors/0/pointer") == R"("/prices/0/amount")");
  CHECK(json_at(below, "/errors/0/detail") == R"("must be 0 or more minor units with at most 12 decimals")");
  CHECK(json_at(below, "/detail") == R"("/prices/0/amount must be 0 or more minor units with at most 12 decimals.")");
  for (const char* price :
       {R"("amount":1000000000000001)", R"("model":"volume","tiers":[{"unit_amount":1000000000000001}])"}) {
    CHECK(json_at(refused(price), "/code") == R"("amount_out_of_range")");
  }
  CHECK(json_at(post("/v1/plans", R"({"id":"p"})").body, "/detail") == R"("The request is understood but wrong")");
  CHECK(json_at(post("/v1/plans", R"({"name":"P"})").body, "/detail") == R"("/prices is required.")");
}

TEST_CASE_FIXTURE(Shop, "PLN-02, PLN-04: retired plans are hidden from those who cannot have them") {
  REQUIRE(post("/v1/plans", pro).status == 201);
  REQUIRE(post("/v1/plans", R"({"id":"old","name":"Old","prices":[{"currency":"USD","amount":1}]})").status == 201);
  const Response retired = call(Method::del, "/v1/plans/old");
  CHECK(json_at(retired.body, "/active") == "false");
  CHECK(plan_list(get("/v1/plans?active=true")) == "pro");
  CHECK(plan_list(get("/v1/plans?active=false")) == "old");
  CHECK(plan_list(get("/v1/plans")) == "pro old");
  CHECK(plan_list(get("/v1/plans?tier=pro")) == "pro");
  CHECK(plan_list(get("/v1/plans?tier=free")).empty());
  CHECK(get("/v1/plans?tier=%C3%A4").status == 422);
  CHECK(plan_list(anonymous("/v1/plans")) == "pro");
  CHECK(anonymous("/v1/plans/old").status == 404);
  CHECK(patch("/v1/plans/old", R"({"name":"x"})").status == 422);
  CHECK(json_at(post("/v1/plans/old/restore", "").body, "/active") == "true");
  CHECK(anonymous("/v1/plans/old").status == 200);
}

TEST_CASE_FIXTURE(Shop, "PLN-07, PLN-09: anybody reads the public list; an account's own plans are its own") {
  REQUIRE(post("/v1/accounts", R"({"id":"acme","name":"A","email":"a@b.example"})").status == 201);
  REQUIRE(post("/v1/accounts", R"({"id":"other","name":"A","email":"a@b.example"})").status == 201);
  REQUIRE(post("/v1/plans", pro).status == 201);
  const std::string own = R"({"id":"deal","name":"Deal","account_id":"acme","prices":[{"currency":"USD","amount":1}]})";
  REQUIRE(post("/v1/plans", own).status == 201);
  const Header acme{"authorization", "Bearer " + make_key(R"("role":"account_owner","account_id":"acme")")};
  const Header other{"authorization", "Bearer " + make_key(R"("role":"account_owner","account_id":"other")")};
  CHECK(plan_list(get("/v1/plans", {acme})) == "pro deal");
  CHECK(plan_list(get("/v1/plans", {other})) == "pro");
  CHECK(plan_list(anonymous("/v1/plans")) == "pro");
  CHECK(get("/v1/plans/deal", {other}).status == 404);
  CHECK(get("/v1/plans/deal/versions", {other}).status == 404);
  CHECK(get("/v1/plans/deal", {acme}).status == 200);
  CHECK(post("/v1/plans", pro, {acme}).status == 403);
  CHECK(call(Method::get, "/v1/plans", {}, {{"authorization", "Bearer wrong"}}).status == 401);
  CHECK(post("/v1/plans", R"({"name":"x","account_id":"nobody","prices":[{"currency":"USD","amount":1}]})").status ==
        404);
  const Response list = anonymous("/v1/plans");
  CHECK(json_at(list.body, "/comparison/features/0/plans/pro") == "true");
  CHECK(json_at(list.body, "/comparison/limits/1/plans/pro") == "5");
}

TEST_CASE_FIXTURE(Shop, "PLN-12: the list is rendered once, and a change shows in the next read") {
  REQUIRE(post("/v1/plans", pro).status == 201);
  const std::string hits = "cache_hits_total{cache=\"plans\"} ";
  get("/v1/plans");
  const std::string first = get("/v1/plans").body;
  CHECK(metrics.text().find(hits + "1") != std::string::npos);
  REQUIRE(patch("/v1/plans/pro", R"({"prices":[{"currency":"USD","amount":7}]})").status == 200);
  const Response changed = get("/v1/plans");
  CHECK(changed.body != first);
  CHECK(json_at(changed.body, "/data/0/prices/0/amount") == "7");
}

TEST_CASE_FIXTURE(Shop, "a repeat shows the plan as it was; a dry run shows it as it would be") {
  const Response first = post("/v1/plans", pro, {{"idempotency-key", "k1"}});
  REQUIRE(first.status == 201);
  const std::string rename = R"({"name":"Pro+"})";
  const Response renamed = patch("/v1/plans/pro", rename, {{"idempotency-key", "k2"}});
  REQUIRE(call(Method::del, "/v1/plans/pro").status == 200);
  const Response again = post("/v1/plans", pro, {{"idempotency-key", "k1"}});
  CHECK(again.body == first.body);
  CHECK(header_of(again, "Idempotent-Replayed") == "true");
  CHECK(patch("/v1/plans/pro", rename, {{"idempotency-key", "k2"}}).body == renamed.body);
  CHECK(patch("/v1/plans/pro", R"({"tier":"pro"})", {{"idempotency-key", "k2"}}).status == 422);
  // What changed nothing is answered again as it was.
  const Response nothing = call(Method::del, "/v1/plans/pro", {}, {{"idempotency-key", "k3"}});
  REQUIRE(nothing.status == 200);
  REQUIRE(post("/v1/plans/pro/restore", "").status == 200);
  CHECK(call(Method::del, "/v1/plans/pro", {}, {{"idempotency-key", "k3"}}).body == nothing.body);

  const Response dry = post("/v1/plans?dry_run=true", R"({"name":"x","prices":[{"currency":"USD","amount":1}]})");
  CHECK(dry.status == 200);
  CHECK(json_at(dry.body, "/resource/id") == R"("plan_dry_1")");
  CHECK(json_at(dry.body, "/events/0/data/terms/prices/0/currency") == R"("USD")");
  CHECK(plan_list(get("/v1/plans")) == "pro");
}

namespace {

/// With a provider whose catalogue is `catalogue`.
struct Selling : Served {
  Selling() : Served(options()) {}
  Gateway::Options options() {
    Gateway::Options options = dev_options();
    options.read_catalogue = [this] { return read_stripe_catalogue("simulator", catalogue); };
    return options;
  }
  std::string catalogue = with("1900");
  static std::string with(const std::string& amount) {
    return R"({"products":{"data":[{"id":"prod_1","active":true,"name":"One"},{"id":"prod_2","active":true,"name":"Two"}]},)"
           R"("prices":{"data":[{"id":"price_1","active":true,"product":"prod_1","currency":"usd","unit_amount":)" +
           amount + R"(,"recurring":{"interval":"month"}}]}})";
  }
};

}  // namespace

TEST_CASE_FIXTURE(Selling, "PLN-11: the provider's catalogue is imported, counted and shown; a repeat tells the same") {
  const Response dry = post("/v1/plans/sync?dry_run=true", "{}");
  CHECK(json_at(dry.body, "/resource/imported") == "1");
  CHECK(json_at(dry.body, "/events/0/type") == R"("PlanImported")");
  CHECK(json_at(dry.body, "/events/1/type") == R"("CatalogueSyncCompleted")");
  CHECK(get("/v1/plans/prod_1").status == 404);
  const std::vector<Header> key = {{"idempotency-key", "sync-1"}};
  const Response first = post("/v1/plans/sync", "", key);
  REQUIRE(first.status == 200);
  CHECK(json_at(first.body, "/object") == R"("catalogue_sync")");
  CHECK(json_at(first.body, "/imported") == "1");
  CHECK(json_at(first.body, "/skipped/0") ==
        R"({"product_id":"prod_2","code":"validation_failed","pointer":"/prices"})");
  CHECK(json_at(get("/v1/plans/prod_1").body, "/imported_from") ==
        R"({"provider":"simulator","product_id":"prod_1","is_gone":false})");
  CHECK(json_at(get("/v1/plans/prod_1").body, "/prices/0/provider_prices/0/price_id") == R"("price_1")");
  catalogue = with("2900");
  CHECK(json_at(post("/v1/plans/sync", R"({"provider":"simulator"})").body, "/revised") == "1");
  CHECK(post("/v1/plans/sync", "", key).body == first.body);
  CHECK(json_at(get("/v1/plans/prod_1").body, "/prices/0/amount") == "2900");
  catalogue = R"({"products":{"data":[]},"prices":{"data":[]}})";
  CHECK(json_at(post("/v1/plans/sync", "{}").body, "/retired") == "1");
  CHECK(json_at(get("/v1/plans/prod_1").body, "/imported_from/is_gone") == "true");
  CHECK(json_at(get("/v1/plans/prod_1").body, "/active") == "false");
  CHECK(metrics.text().find(R"(catalogue_products_total{outcome="imported",provider="simulator"} 1)") !=
        std::string::npos);
}

TEST_CASE_FIXTURE(Selling, "PLN-11: who may not is refused, and a catalogue that is none changes nothing") {
  REQUIRE(post("/v1/plans/sync", "{}").status == 200);
  const Response wrong = post("/v1/plans/sync", R"({"provider":"paystack"})");
  CHECK(wrong.status == 422);
  CHECK(json_at(wrong.body, "/errors/0/pointer") == R"("/provider")");
  catalogue = "{";
  const Response broken = post("/v1/plans/sync", "{}");
  CHECK(broken.status == 502);
  CHECK(json_at(broken.body, "/code") == R"("provider_error")");
  CHECK(json_at(get("/v1/plans/prod_1").body, "/active") == "true");
  for (const auto& [role, status] : {std::pair{"billing_admin", 502}, {"auditor", 403}, {"support_rep", 403}}) {
    CAPTURE(role);
    const std::string text = make_key(R"("role":")" + std::string(role) + '"');
    CHECK(post("/v1/plans/sync", "{}", {{"authorization", "Bearer " + text}}).status == status);
  }
}

TEST_CASE_FIXTURE(Shop, "PLN-11: a book without a provider has no catalogue to import") {
  CHECK(json_at(post("/v1/plans/sync", "{}").body, "/code") == R"("provider_not_configured")");
}
