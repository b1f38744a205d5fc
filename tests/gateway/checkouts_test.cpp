// Hosted checkouts over HTTP: who may open and read one, and what the simulated provider shows to whom.
#include "tests/gateway/seller.h"

using namespace daybook;
using namespace daybook::test;

namespace {

Gateway::Options served_options() {
  Gateway::Options options = Served::dev_options();
  options.dev = false;
  return options;
}

}  // namespace

TEST_CASE_FIXTURE(Seller, "SUB-02: a checkout session is opened with the page's URL, and read back") {
  const std::string body =
      R"({"account_id":"acme","plan_id":"pro","quantity":2,"cancel_url":"http://127.0.0.1:3000/"})";
  const Response opened = post("/v1/checkout-sessions", body, {{"host", "127.0.0.1:8080"}});
  REQUIRE_MESSAGE(opened.status == 201, opened.body);
  const std::string id = unquoted(json_at(opened.body, "/id"));
  CHECK(json_at(opened.body, "/url") == R"("http://127.0.0.1:8080/simulator/checkout-sessions/sim_)" + id + '"');
  CHECK(json_at(opened.body, "/status") == R"("open")");
  CHECK(json_at(opened.body, "/quantity") == "2");
  CHECK(json_at(opened.body, "/price/amount") == "1000");
  CHECK(json_at(opened.body, "/cancel_url") == R"("http://127.0.0.1:3000/")");
  CHECK(json_at(opened.body, "/success_url") == "null");
  CHECK(json_at(opened.body, "/subscription_id") == "null");
  const Response read = get("/v1/checkout-sessions/" + id, {{"host", "127.0.0.1:8080"}});
  CHECK(read.body == opened.body);
  CHECK(header_of(read, "ETag") == header_of(opened, "ETag"));
  CHECK(get("/v1/checkout-sessions/cs_00000000090000000900").status == 404);
  CHECK(get("/v1/checkout-sessions/nothing").status == 404);
  const Response none = post("/v1/checkout-sessions", R"({"account_id":"nobody","plan_id":"pro"})");
  CHECK(none.status == 404);
}

TEST_CASE_FIXTURE(Seller, "a checkout belongs to its account: another's owner neither opens nor reads it") {
  const auto owner = [&](const std::string& account) {
    return std::vector<Header>{
        {"authorization", "Bearer " + make_key(R"("role":"account_owner","account_id":")" + account + '"')}};
  };
  const Response opened = post("/v1/checkout-sessions", R"({"account_id":"acme","plan_id":"pro"})", owner("acme"));
  REQUIRE_MESSAGE(opened.status == 201, opened.body);
  const std::string path = "/v1/checkout-sessions/" + unquoted(json_at(opened.body, "/id"));
  CHECK(get(path, owner("acme")).status == 200);
  CHECK(get(path, owner("other")).status == 404);
  CHECK(post("/v1/checkout-sessions", R"({"account_id":"acme","plan_id":"pro"})", owner("other")).status == 404);
  const std::string member = make_key(R"("role":"account_member","account_id":"acme")");
  CHECK(
      post("/v1/checkout-sessions", R"({"account_id":"acme","plan_id":"pro"})", {{"authorization", "Bearer " + member}})
          .status == 403);
}

TEST_CASE_FIXTURE(Seller, "the simulated provider shows an open session without a key, and no other text as one") {
  const Response opened = post("/v1/checkout-sessions", R"({"account_id":"acme","plan_id":"pro","user_id":"ann"})");
  const std::string page = "/simulator/checkout-sessions/" + unquoted(json_at(opened.body, "/provider_session_id"));
  const Response shown = get(page, {{"authorization", ""}});
  REQUIRE_MESSAGE(shown.status == 200, shown.body);
  CHECK(json_at(shown.body, "/metadata/daybook_account") == R"("acme")");
  CHECK(json_at(shown.body, "/metadata/daybook_plan") == R"("pro")");
  CHECK(json_at(shown.body, "/metadata/daybook_user") == R"("ann")");
  CHECK(json_at(shown.body, "/metadata/daybook_coupon").empty());
  CHECK(get("/simulator/checkout-sessions/" + unquoted(json_at(opened.body, "/id"))).status == 404);
  CHECK(get("/simulator/checkout-sessions/sim_").status == 404);
}

TEST_CASE("a server that is not in dev mode has no simulator") {
  Served served(served_options());
  CHECK(served.get("/simulator/checkout-sessions/sim_cs_00000000010000000100").status == 404);
}
