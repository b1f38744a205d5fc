// Discounts and coupons over HTTP: what is offered and to whom, redemptions, their limits and their repeats.
#include <future>
#include <thread>

#include "doctest/doctest.h"
#include "tests/gateway/served.h"

using namespace daybook;
using namespace daybook::test;

namespace {

const std::string tenth = R"({"id":"tenth","name":"A tenth","percent":10})";
const std::string save10 = R"({"code":"save10","discount_id":"tenth"})";

struct Shop : Served {
  Shop() {
    for (const char* id : {"acme", "other"}) {
      REQUIRE(post("/v1/accounts", R"({"id":")" + std::string(id) + R"(","name":"A","email":"a@b.example"})").status ==
              201);
    }
    REQUIRE(post("/v1/discounts", tenth).status == 201);
  }
  Response redeem(std::string_view code, const std::string& account, const std::string& more = {},
                  std::vector<Header> headers = {}) {
    return post("/v1/coupons/" + std::string(code) + "/redeem", R"({"account_id":")" + account + "\"" + more + "}",
                std::move(headers));
  }
  Response validate(std::string_view code, const std::string& account = "acme", const std::string& more = {}) {
    return post("/v1/coupons/" + std::string(code) + "/validate", R"({"account_id":")" + account + "\"" + more + "}");
  }
};

}  // namespace

TEST_CASE_FIXTURE(Shop, "CPN-01: a discount is offered, changed and retired") {
  const Response shown = get("/v1/discounts/tenth");
  REQUIRE(shown.status == 200);
  CHECK(json_at(shown.body, "/object") == R"("discount")");
  CHECK(json_at(shown.body, "/percent") == R"("10")");
  CHECK(json_at(shown.body, "/amount") == "null");
  CHECK(json_at(shown.body, "/duration") == R"("once")");
  CHECK(json_at(shown.body, "/ends_at") == "null");
  CHECK(post("/v1/discounts", tenth).status == 409);
  const Response too_much = post("/v1/discounts", R"({"name":"x","percent":"100.1"})");
  CHECK(too_much.status == 422);
  CHECK(json_at(too_much.body, "/errors/0/pointer") == R"("/percent")");
  CHECK(post("/v1/discounts", R"({"name":"x","percent":10.5})").status == 400);
  CHECK(post("/v1/discounts", R"({"percent":10})").status == 422);
  const Response five =
      post("/v1/discounts", R"({"id":"five","name":"Five","kind":"fixed","amount":500,"currency":"USD",)"
                            R"("duration":"repeating","months":3,"ends_at":"2030-01-01T00:00:00Z"})");
  REQUIRE(five.status == 201);
  CHECK(json_at(five.body, "/ends_at") == R"("2030-01-01T00:00:00Z")");
  CHECK(json_at(five.body, "/months") == "3");

  const std::string tag = header_of(shown, "ETag");
  const Response changed = call(Method::patch, "/v1/discounts/tenth", R"({"percent":"12.5","plans":[]})");
  REQUIRE(changed.status == 200);
  CHECK(json_at(changed.body, "/percent") == R"("12.5")");
  CHECK(json_at(changed.body, "/name") == R"("A tenth")");
  CHECK(call(Method::patch, "/v1/discounts/tenth", R"({"name":"x"})", {{"if-match", tag}}).status == 412);
  CHECK(json_at(call(Method::patch, "/v1/discounts/five", R"({"ends_at":null})").body, "/ends_at") == "null");
  CHECK(json_at(call(Method::del, "/v1/discounts/five").body, "/active") == "false");
  CHECK(call(Method::patch, "/v1/discounts/five", R"({"name":"x"})").status == 409);
  const Response fixed =
      call(Method::patch, "/v1/discounts/tenth", R"({"kind":"fixed","percent":null,"amount":150,"currency":"JPY"})");
  CHECK(json_at(fixed.body, "/percent") == "null");
  CHECK(json_at(fixed.body, "/amount") == "150");
  CHECK(get("/v1/discounts/none").status == 404);
  CHECK(json_at(get("/v1/discounts?limit=1").body, "/has_more") == "true");
  CHECK(json_at(get("/v1/discounts?starting_after=five").body, "/data/0/id").empty() !=
        json_at(get("/v1/discounts?starting_after=tenth").body, "/data/0/id").empty());
  const Header owner{"authorization", "Bearer " + make_key(R"("role":"account_owner","account_id":"acme")")};
  CHECK(get("/v1/discounts", {owner}).status == 403);
  CHECK(post("/v1/discounts", tenth, {owner}).status == 403);
}

TEST_CASE_FIXTURE(Shop, "CPN-02: a code is one in capital and small letters") {
  const Response created = post("/v1/coupons", save10);
  REQUIRE(created.status == 201);
  CHECK(json_at(created.body, "/code") == R"("SAVE10")");
  CHECK(json_at(created.body, "/max_per_account") == "1");
  CHECK(post("/v1/coupons", R"({"code":"Save10","discount_id":"tenth"})").status == 409);
  CHECK(post("/v1/coupons", R"({"code":"x","discount_id":"none"})").status == 404);
  CHECK(json_at(post("/v1/coupons", R"({"code":"x","discount_id":"tenth","max_per_account":null})").body,
                "/max_per_account") == "null");
  REQUIRE(redeem("save10", "acme").status == 201);
  REQUIRE(redeem("SAVE10", "other").status == 201);
  const Response shown = get("/v1/coupons/sAVe10");
  CHECK(json_at(shown.body, "/redemptions") == "2");
  CHECK(header_of(shown, "ETag") != header_of(created, "ETag"));
  CHECK(json_at(get("/v1/coupons").body, "/data/1/redemptions") == "2");
  CHECK(json_at(get("/v1/coupons").body, "/data/0/redemptions") == "0");
  CHECK(call(Method::del, "/v1/coupons/save10", {}, {{"if-match", header_of(created, "ETag")}}).status == 412);
  CHECK(json_at(call(Method::del, "/v1/coupons/save10", {}, {{"if-match", header_of(shown, "ETag")}}).body,
                "/active") == "false");
  CHECK(get("/v1/coupons/none").status == 404);
}

TEST_CASE_FIXTURE(Shop, "CPN-03: a redemption is one command, in the account's history and in the book's") {
  REQUIRE(post("/v1/coupons", save10).status == 201);
  const Response dry = post("/v1/coupons/save10/redeem?dry_run=true", R"({"account_id":"acme"})");
  REQUIRE(dry.status == 200);
  CHECK(json_at(dry.body, "/events/0/type") == R"("DiscountApplied")");
  CHECK(json_at(dry.body, "/events/1/type") == R"("CouponRedeemed")");
  CHECK(json_at(dry.body, "/resource/id") == R"("red_dry_1")");
  CHECK(json_at(dry.body, "/resource/account_discount_id") == R"("di_dry_1")");
  CHECK(json_at(get("/v1/coupons/save10").body, "/redemptions") == "0");

  const Response redeemed = redeem("save10", "acme", R"(,"user_id":"u1")", {{"idempotency-key", "k1"}});
  REQUIRE(redeemed.status == 201);
  CHECK(json_at(redeemed.body, "/account_id") == R"("acme")");
  CHECK(json_at(redeemed.body, "/user_id") == R"("u1")");
  CHECK(json_at(redeemed.body, "/discount/percent") == R"("10")");
  REQUIRE(call(Method::patch, "/v1/discounts/tenth", R"({"percent":20})").status == 200);
  const Response again = redeem("save10", "acme", R"(,"user_id":"u1")", {{"idempotency-key", "k1"}});
  CHECK(again.body == redeemed.body);
  CHECK(header_of(again, "Daybook-Position") == header_of(redeemed, "Daybook-Position"));
  CHECK(header_of(again, "Idempotent-Replayed") == "true");
  CHECK(redeem("save10", "other", {}, {{"idempotency-key", "k1"}}).status == 422);
  CHECK(json_at(get("/v1/coupons/save10").body, "/redemptions") == "1");
  const Response timeline = get("/v1/accounts/acme/timeline");
  CHECK(json_at(timeline.body, "/data/0/summary") == R"("Discount tenth applied, for the coupon SAVE10")");
  CHECK(redeem("save10", "nobody").status == 404);
  CHECK(redeem("none", "acme").status == 404);
}

TEST_CASE_FIXTURE(Shop, "CPN-04: limits and the list of redemptions, with account and user") {
  REQUIRE(post("/v1/coupons", R"({"code":"many","discount_id":"tenth","max_per_account":3,"max_per_user":2})").status ==
          201);
  CHECK(redeem("many", "acme").status == 422);
  const Response first = redeem("many", "acme", R"(,"user_id":"u1")");
  REQUIRE(first.status == 201);
  REQUIRE(redeem("many", "acme", R"(,"user_id":"u1")").status == 201);
  const Response by_user = redeem("many", "other", R"(,"user_id":"u1")");
  CHECK(by_user.status == 409);
  CHECK(json_at(by_user.body, "/code") == R"("coupon_already_redeemed")");
  CHECK(json_at(by_user.body, "/by") == R"("user")");
  REQUIRE(redeem("many", "acme", R"(,"user_id":"u2")").status == 201);
  CHECK(json_at(redeem("many", "acme", R"(,"user_id":"u3")").body, "/by") == R"("account")");
  REQUIRE(redeem("many", "other", R"(,"user_id":"u2")").status == 201);

  const Response all = get("/v1/coupons/many/redemptions");
  CHECK(json_at(all.body, "/data/0/account_id") == R"("other")");
  CHECK(json_at(all.body, "/data/1/user_id") == R"("u2")");
  CHECK(json_at(all.body, "/data/3/id") == json_at(first.body, "/id"));
  CHECK(json_at(all.body, "/data/3/account_discount_id") == json_at(first.body, "/account_discount_id"));
  CHECK(json_at(all.body, "/data/3/at") == json_at(first.body, "/at"));
  CHECK(json_at(all.body, "/data/4").empty());
  const Response page = get("/v1/coupons/many/redemptions?limit=2");
  CHECK(json_at(page.body, "/has_more") == "true");
  std::string cursor = json_at(page.body, "/data/1/id");
  cursor = cursor.substr(1, cursor.size() - 2);
  const Response rest = get("/v1/coupons/many/redemptions?starting_after=" + cursor);
  CHECK(json_at(rest.body, "/data/1/id") == json_at(first.body, "/id"));
  CHECK(json_at(rest.body, "/has_more") == "false");
  REQUIRE(post("/v1/coupons", save10).status == 201);
  CHECK(json_at(get("/v1/coupons/save10/redemptions").body, "/data") == "[]");
  CHECK(get("/v1/coupons/save10/redemptions?starting_after=" + cursor).status == 422);
  CHECK(get("/v1/coupons/none/redemptions").status == 404);
}

TEST_CASE_FIXTURE(Shop, "CPN-05: validation says what a redemption would, and redeems nothing") {
  REQUIRE(post("/v1/coupons", R"({"code":"one","discount_id":"tenth","max_redemptions":1})").status == 201);
  const Response valid = validate("one");
  REQUIRE(valid.status == 200);
  CHECK(json_at(valid.body, "/valid") == "true");
  CHECK(json_at(valid.body, "/reason") == "null");
  CHECK(json_at(valid.body, "/discount/percent") == R"("10")");
  CHECK(json_at(get("/v1/coupons/one").body, "/redemptions") == "0");
  REQUIRE(redeem("one", "acme").status == 201);
  CHECK(json_at(validate("one").body, "/reason") == R"("already_redeemed")");
  CHECK(json_at(validate("one", "other").body, "/reason") == R"("exhausted")");
  CHECK(json_at(validate("one", "other").body, "/discount") == "null");
  const Response exhausted = redeem("one", "other");
  CHECK(exhausted.status == 422);
  CHECK(json_at(exhausted.body, "/code") == R"("coupon_invalid")");
  CHECK(json_at(exhausted.body, "/reason") == R"("exhausted")");

  REQUIRE(post("/v1/discounts", R"({"id":"past","name":"x","percent":5,"ends_at":"2020-01-01T00:00:00Z"})").status ==
          201);
  REQUIRE(post("/v1/coupons", R"({"code":"past","discount_id":"past"})").status == 201);
  CHECK(json_at(validate("past").body, "/reason") == R"("expired")");
  for (const char* plan : {"pro", "free"}) {
    REQUIRE(post("/v1/plans",
                 R"({"id":")" + std::string(plan) + R"(","name":"x","prices":[{"currency":"USD","amount":1}]})")
                .status == 201);
  }
  REQUIRE(post("/v1/discounts", R"({"id":"pros","name":"x","percent":5,"plans":["pro"]})").status == 201);
  REQUIRE(post("/v1/coupons", R"({"code":"pros","discount_id":"pros","first_purchase_only":true})").status == 201);
  CHECK(json_at(validate("pros", "acme", R"(,"plan_id":"free")").body, "/reason") == R"("wrong_plan")");
  CHECK(json_at(validate("pros", "acme", R"(,"plan_id":"pro")").body, "/valid") == "true");
  REQUIRE(post("/v1/accounts/acme/unit-credits/allocate", R"({"amount":5,"source":"pack"})").status == 201);
  CHECK(json_at(validate("pros", "acme", R"(,"plan_id":"pro")").body, "/reason") == R"("not_first_purchase")");
  CHECK(validate("none").status == 404);
  CHECK(validate("one", "nobody").status == 404);
  CHECK(post("/v1/coupons/one/validate", "{}").status == 422);
}

TEST_CASE_FIXTURE(Shop, "an owner redeems for the own account only") {
  REQUIRE(post("/v1/coupons", save10).status == 201);
  const Header owner{"authorization", "Bearer " + make_key(R"("role":"account_owner","account_id":"acme")")};
  const Header key{"authorization",
                   "Bearer " + make_key(R"("role":"api_key","account_id":"acme","scopes":["units:read"])")};
  CHECK(redeem("save10", "other", {}, {owner}).status == 404);
  CHECK(redeem("save10", "acme", {}, {key}).status == 403);
  CHECK(redeem("save10", "acme", {}, {owner}).status == 201);
  CHECK(get("/v1/coupons/save10/redemptions", {owner}).status == 403);
}

TEST_CASE_FIXTURE(Shop, "CPN-08: of ten that ask at once for the last redemption, one gets it") {
  REQUIRE(post("/v1/coupons", R"({"code":"last","discount_id":"tenth","max_redemptions":1})").status == 201);
  for (int i = 0; i < 10; ++i) {
    REQUIRE(post("/v1/accounts", R"({"id":"a)" + std::to_string(i) + R"(","name":"A","email":"a@b.example"})").status ==
            201);
  }
  std::promise<void> go;
  const std::shared_future<void> started = go.get_future().share();
  std::vector<std::future<int>> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(std::async(std::launch::async, [this, i, started] {
      started.wait();
      return redeem("last", "a" + std::to_string(i)).status;
    }));
  }
  go.set_value();
  int won = 0, refused = 0;
  for (auto& client : clients) {
    const int status = client.get();
    won += status == 201 ? 1 : 0;
    refused += status == 422 ? 1 : 0;
  }
  CHECK(won == 1);
  CHECK(refused == 9);
  CHECK(json_at(get("/v1/coupons/last").body, "/redemptions") == "1");
}

TEST_CASE_FIXTURE(Shop, "CPN-06: where discounts are exclusive, a second coupon is refused, and asking says why") {
  REQUIRE(post("/v1/coupons", save10).status == 201);
  REQUIRE(post("/v1/discounts", R"({"id":"five","name":"Five","kind":"fixed","amount":500,"currency":"USD"})").status ==
          201);
  REQUIRE(post("/v1/coupons", R"({"code":"five","discount_id":"five"})").status == 201);
  const Response policy = call(Method::put, "/v1/admin/policies/coupon.stacking", R"({"stacking":"exclusive"})");
  REQUIRE_MESSAGE(policy.status == 200, policy.body);
  CHECK(json_at(policy.body, "/stacking") == R"("exclusive")");
  REQUIRE(redeem("save10", "acme").status == 201);
  const Response second = redeem("five", "acme");
  CHECK(second.status == 409);
  CHECK(json_at(second.body, "/code") == R"("discount_not_combinable")");
  CHECK(json_at(validate("five").body, "/reason") == R"("not_combinable")");
  CHECK(redeem("five", "other").status == 201);
}
