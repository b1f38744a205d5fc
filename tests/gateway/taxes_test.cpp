// Taxes over HTTP: the rates, a book's own ones, estimates, VAT ids, and what they do to an invoice.
#include "doctest/doctest.h"
#include "tests/gateway/served.h"

using namespace daybook;
using namespace daybook::test;

namespace {

struct Taxing : Served {
  Taxing() {
    REQUIRE(call(Method::put, "/v1/admin/policies/tax.seller", R"({"country":"IE"})").status == 200);
    REQUIRE(post("/v1/accounts", R"({"id":"acme","name":"A","email":"a@b.example","currency":"EUR",)"
                                 R"("address":{"country":"DE"}})")
                .status == 201);
  }
  Response set_rate(const std::string& body) { return call(Method::put, "/v1/tax/rates", body); }
  /// The tax of 100.00 and its reason.
  std::string estimate(const std::string& members) {
    const Response answer = post("/v1/tax/estimate", "{" + members + R"(,"lines":[{"amount":10000}]})");
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    return json_at(answer.body, "/tax") + " " + json_at(answer.body, "/taxes/0/reason");
  }
  std::string code_of(const Response& answer) { return json_at(answer.body, "/code"); }
};

}  // namespace

TEST_CASE_FIXTURE(Taxing, "TAX-05: tax rates are listed by country and day, and a book sets its own") {
  const Response before = get("/v1/tax/rates?country=DE&on=2026-06-01");
  REQUIRE_MESSAGE(before.status == 200, before.body);
  CHECK(json_at(before.body, "/data/0/id") == R"("DE:VAT:2021-01-01")");
  CHECK(json_at(before.body, "/data/0/percent") == "19");
  CHECK(json_at(before.body, "/data/0/source") == R"("default")");
  CHECK(json_at(before.body, "/data/1").empty());
  CHECK(json_at(get("/v1/tax/rates?country=DE").body, "/data/2/percent") == "19");  // 19, 16, 19 over the years

  const std::string body = R"({"country":"US","region":"CA","name":"sales_tax","percent":"7.50","from":"2027-01-01",)"
                           R"("state_rate_only":true})";
  const Response dry = call(Method::put, "/v1/tax/rates?dry_run=true", body);
  CHECK(dry.status == 200);
  CHECK(json_at(dry.body, "/resource/id") == R"("US-CA:sales_tax:2027-01-01")");
  CHECK(json_at(get("/v1/tax/rates?country=US&on=2027-01-01").body, "/data/0/source") == R"("default")");
  const Response set = set_rate(body);
  REQUIRE_MESSAGE(set.status == 200, set.body);
  CHECK(json_at(set.body, "/percent") == R"("7.5")");
  CHECK(json_at(set.body, "/warning").find("counties") != std::string::npos);
  const Response after = get("/v1/tax/rates?country=US&on=2027-01-01");
  CHECK(json_at(after.body, "/data/0/id") == R"("US-CA:sales_tax:2027-01-01")");
  CHECK(json_at(after.body, "/data/0/source") == R"("book")");
  CHECK(json_at(get("/v1/tax/rates?country=US&on=2026-12-31").body, "/data/0/source") == R"("default")");

  CHECK(get("/v1/tax/rates?on=2027-02-29").status == 422);
  CHECK(set_rate(R"({"country":"DE","name":"VAT","percent":"101","from":"2027-01-01"})").status == 422);
  CHECK(set_rate(R"({"country":"DE","name":"VAT","percent":19.5,"from":"2027-01-01"})").status == 400);
  CHECK(set_rate(R"({"country":"DE","name":"VAT","percent":19})").status == 422);
  const std::vector<Header> support = {{"authorization", "Bearer " + make_key(R"("role":"support_rep")")}};
  CHECK(call(Method::put, "/v1/tax/rates", body, support).status == 403);
  CHECK(get("/v1/tax/rates", support).status == 200);
}

TEST_CASE_FIXTURE(Taxing,
                  "TAX-03, TAX-04: the account's VAT id is checked when it is given, and decides who pays the tax") {
  CHECK(json_at(get("/v1/accounts/acme").body, "/vat_id_country") == "null");
  CHECK(estimate(R"("account_id":"acme")") == R"(1900 "rate")");
  const Response wrong = call(Method::patch, "/v1/accounts/acme", R"({"vat_id":"DE444661960"})");
  CHECK(wrong.status == 200);
  CHECK(json_at(wrong.body, "/vat_id_country") == "null");
  CHECK(estimate(R"("account_id":"acme")") == R"(1900 "rate")");
  const Response right = call(Method::patch, "/v1/accounts/acme", R"({"vat_id":"de 444 661 961"})");
  CHECK(json_at(right.body, "/vat_id_country") == R"("DE")");
  CHECK(estimate(R"("account_id":"acme")") == R"(0 "reverse_charge")");
  const Response invoice =
      post("/v1/invoices", R"({"account_id":"acme","lines":[{"description":"x","unit_amount":10000}]})");
  const std::string id = json_at(invoice.body, "/id");
  const Response final_one = post("/v1/invoices/" + id.substr(1, id.size() - 2) + "/finalize", "{}");
  CHECK(json_at(final_one.body, "/total") == "10000");
  CHECK(json_at(final_one.body, "/taxes/0/category") == R"("reverse_charge")");
  CHECK(json_at(call(Method::patch, "/v1/accounts/acme", R"({"vat_id":null})").body, "/vat_id_country") == "null");
  CHECK(estimate(R"("account_id":"acme")") == R"(1900 "rate")");
  const Response opened =
      post("/v1/accounts", R"({"id":"zwei","name":"B","email":"b@b.example","vat_id":"DE444661961"})");
  CHECK(json_at(opened.body, "/vat_id_country") == R"("DE")");

  const auto checked = [&](const std::string& vat_id) {
    const Response answer = post("/v1/tax/validate-id", R"({"vat_id":")" + vat_id + R"("})");
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    return json_at(answer.body, "/valid") + " " + json_at(answer.body, "/fault") + " " + json_at(answer.body, "/id") +
           " " + json_at(answer.body, "/country");
  };
  CHECK(checked("el 931.584-027") == R"(true null "EL931584027" "GR")");
  CHECK(checked("DE444661960") == R"(false "wrong_check_digit" "DE444661960" "DE")");
  CHECK(checked("DE44466196") == R"(false "wrong_format" "DE44466196" "DE")");
  CHECK(checked("ZZ1") == R"(false "unknown_prefix" null null)");
  CHECK(post("/v1/tax/validate-id", "{}").status == 422);
  CHECK(post("/v1/tax/validate-id", R"({"vat":"x"})").status == 400);
}

TEST_CASE_FIXTURE(Taxing,
                  "TAX-01, TAX-02, TAX-08: an estimate says what an invoice's tax would be, and stores nothing") {
  const std::string head = json_at(get("/v1/events?limit=1").body, "/data/0/id");
  const auto events = [&] { return get("/v1/events?limit=200").body; };
  const std::string all = events();
  CHECK(estimate(R"("country":"US","region":"CA","currency":"USD")") == R"(725 "rate")");
  CHECK(estimate(R"("country":"JP","currency":"JPY")") == R"(1000 "rate")");
  CHECK(estimate(R"("country":"AQ","currency":"USD")") == R"(0 "no_rate")");
  CHECK(estimate(R"("country":"DE","currency":"EUR","tax_exempt":true)") == R"(0 "customer_exempt")");
  CHECK(estimate(R"("country":"DE","currency":"EUR","vat_id":"DE444661961")") == R"(0 "reverse_charge")");
  CHECK(estimate(R"("country":"DE","currency":"EUR","vat_id":"DE444661960")") == R"(1900 "rate")");
  CHECK(estimate(R"("country":"DE","currency":"EUR","tax_inclusive":true)") == R"(1597 "rate")");
  CHECK(events() == all);
  const Response two = post("/v1/tax/estimate", R"({"account_id":"acme","lines":[{"amount":105},{"amount":-5}]})");
  CHECK(json_at(two.body, "/subtotal") == "100");
  CHECK(json_at(two.body, "/total") == "119");
  CHECK(json_at(two.body, "/lines/1/tax") == "-1");

  CHECK(code_of(post("/v1/tax/estimate", R"({"account_id":"nobody","lines":[{"amount":1}]})")) == R"("not_found")");
  for (const char* body :
       {R"({"lines":[{"amount":1}]})", R"({"country":"DE","lines":[{"amount":1}]})",
        R"({"account_id":"acme","country":"DE","lines":[{"amount":1}]})", R"({"account_id":"acme","lines":[]})",
        R"({"account_id":"acme"})", R"({"account_id":"acme","lines":[{"amount":1000000000000001}]})",
        R"({"account_id":"acme","lines":[{"amount":1000000000000000}]})"}) {
    CHECK_MESSAGE(post("/v1/tax/estimate", body).status == 422, body);
  }
  CHECK(post("/v1/tax/estimate", R"({"account_id":"acme","lines":[{"amount":1.5}]})").status == 400);
}

TEST_CASE_FIXTURE(Taxing, "CUR-01: currencies are listed with their decimals, to anybody") {
  const Response list = call(Method::get, "/v1/currencies", {}, {{"authorization", ""}});
  REQUIRE_MESSAGE(list.status == 200, list.body);
  const auto row = [&](const std::string& code, int digits) {
    const std::size_t at = list.body.find(R"("code":")" + code + '"');
    if (at == std::string::npos) return false;
    const std::string rest = list.body.substr(at, list.body.find('}', at) - at);
    return rest.ends_with(R"("minor_digits":)" + std::to_string(digits) + R"(,"formatted":null)");
  };
  CHECK(row("JPY", 0));
  CHECK(row("USD", 2));
  CHECK(row("KWD", 3));
  CHECK(row("CLF", 4));
  CHECK(list.body.find(R"("XAU")") == std::string::npos);
}

TEST_CASE_FIXTURE(Taxing, "CUR-01, CUR-03: an amount is written as its currency and the locale want it") {
  const auto written = [&](const std::string& query) {
    return json_at(get("/v1/currencies?" + query).body, "/data/0/formatted");
  };
  CHECK(written("currency=EUR&amount=123456&locale=de") == "\"1.234,56\u00a0\u20ac\"");
  CHECK(written("currency=EUR&amount=123456&locale=en") == "\"\u20ac1,234.56\"");
  CHECK(written("currency=JPY&amount=500") == "\"\u00a5500\"");
  CHECK(written("currency=KWD&amount=1500") == "\"KWD\u00a01.500\"");
  CHECK(written("currency=USD") == "null");
  for (const char* wrong : {"amount=1", "currency=usd", "currency=XAU&amount=1", "currency=USD&amount=1.5",
                            "currency=USD&amount=1000000000000001", "currency=USD&amount=1&locale=%21"}) {
    CHECK_MESSAGE(get("/v1/currencies?" + std::string(wrong)).status == 422, wrong);
  }
}
