// Invoices and policies over HTTP: drafted, edited, previewed, finalised, voided; listed, and who may see them.
#include "doctest/doctest.h"
#include "tests/gateway/served.h"

using namespace daybook;
using namespace daybook::test;

namespace {

struct Biller : Served {
  Biller() {
    for (const char* id : {"acme", "other"}) {
      REQUIRE(post("/v1/accounts", R"({"id":")" + std::string(id) + R"(","name":"A","email":"a@b.example"})").status ==
              201);
    }
  }
  std::string draft(const std::string& unit_amount = "1000", const std::string& account = "acme",
                    const std::string& more = {}) {
    const Response answer = post("/v1/invoices", R"({"account_id":")" + account +
                                                     R"(","lines":[{"description":"Work for Ann","unit_amount":)" +
                                                     unit_amount + "}]" + more + "}");
    REQUIRE_MESSAGE(answer.status == 201, answer.body);
    return unquoted(json_at(answer.body, "/id"));
  }
  Response act(const std::string& id, const std::string& what, const std::string& body = "{}") {
    return post("/v1/invoices/" + id + "/" + what, body);
  }
  std::string finalized(const std::string& unit_amount = "1000", const std::string& account = "acme") {
    const std::string id = draft(unit_amount, account);
    REQUIRE(act(id, "finalize").status == 200);
    return id;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Biller, "INV-02: a draft is made and edited, and its lines say what they are for to who may know") {
  const std::string id = draft("1000", "acme", R"(,"net_days":7,"metadata":{"po":"17"})");
  const Response added = act(id, "lines",
                             R"({"description":"Half a day","quantity":"0.5","unit_amount":"33.3",)"
                             R"("period":{"start":"2027-01-01T00:00:00Z","end":"2027-02-01T00:00:00Z"}})");
  REQUIRE_MESSAGE(added.status == 200, added.body);
  CHECK(json_at(added.body, "/lines/1/number") == "2");
  CHECK(json_at(added.body, "/lines/1/amount") == "17");
  CHECK(json_at(added.body, "/lines/1/quantity") == R"("0.5")");
  CHECK(json_at(added.body, "/lines/1/period/end") == R"("2027-02-01T00:00:00Z")");
  CHECK(json_at(added.body, "/lines/0/description") == R"("Work for Ann")");
  CHECK(json_at(added.body, "/subtotal") == "1017");
  CHECK(json_at(added.body, "/total") == "null");
  CHECK(json_at(added.body, "/number") == "null");
  CHECK(json_at(added.body, "/metadata/po") == R"("17")");
  const Response removed = call(Method::del, "/v1/invoices/" + id + "/lines/1");
  REQUIRE_MESSAGE(removed.status == 200, removed.body);
  CHECK(json_at(removed.body, "/lines/0/number") == "2");
  CHECK(get("/v1/invoices/" + id).body == removed.body);
  CHECK(call(Method::del, "/v1/invoices/" + id + "/lines/1").status == 404);
  for (const char* number : {"0", "01", "x", "1234567890"}) {
    CHECK(call(Method::del, "/v1/invoices/" + id + "/lines/" + number).status == 404);
  }
  const Response events = get("/v1/events?account_id=acme");
  CHECK(events.body.find("Half a day") != std::string::npos);
  const std::vector<Header> finance = {{"authorization", "Bearer " + make_key(R"("role":"finance_viewer")")}};
  CHECK(get("/v1/invoices/" + id, finance).body.find("Half a day") == std::string::npos);
}

TEST_CASE_FIXTURE(Biller,
                  "INV-03, INV-08: finalising gives number, totals and due date, and all lines sum to what is due") {
  REQUIRE(call(Method::put, "/v1/admin/policies/tax.seller", R"({"country":"DE"})").status == 200);
  REQUIRE(call(Method::patch, "/v1/accounts/acme", R"({"address":{"country":"DE"}})").status == 200);
  REQUIRE(post("/v1/discounts", R"({"id":"tenth","name":"A tenth","percent":10})").status == 201);
  REQUIRE(post("/v1/coupons", R"({"code":"save","discount_id":"tenth"})").status == 201);
  REQUIRE(post("/v1/coupons/save/redeem", R"({"account_id":"acme"})").status == 201);
  REQUIRE(post("/v1/credits", R"({"account_id":"acme","amount":71,"currency":"USD","type":"goodwill","reason":"x"})")
              .status == 201);
  const std::string id = draft("1000");
  const Response preview = post("/v1/invoices/" + id + "/finalize?dry_run=true", "{}");
  REQUIRE_MESSAGE(preview.status == 200, preview.body);
  CHECK(json_at(preview.body, "/events/3/type") == "");  // finalised, a credit applied, and the book's number
  const Response answer = act(id, "finalize");
  REQUIRE_MESSAGE(answer.status == 200, answer.body);
  for (const char* member : {"/number", "/total", "/amount_due", "/due_date", "/taxes", "/discounts"}) {
    CHECK(json_at(answer.body, member) == json_at(preview.body, std::string("/resource") + member));
  }
  CHECK(json_at(answer.body, "/number") == R"("INV-000001")");
  CHECK(json_at(answer.body, "/status") == R"("open")");
  CHECK(json_at(answer.body, "/discount") == "100");
  CHECK(json_at(answer.body, "/tax") == "171");
  CHECK(json_at(answer.body, "/total") == "1071");
  CHECK(json_at(answer.body, "/amount_due") == "1000");
  std::int64_t sum = 0;
  const char* types[] = {R"("custom")", R"("discount")", R"("tax")", R"("credit_applied")"};
  for (int i = 0; i < 4; ++i) {
    const std::string at = "/lines/" + std::to_string(i);
    CHECK(json_at(answer.body, at + "/type") == types[i]);
    sum += std::stoll(json_at(answer.body, at + "/amount"));
  }
  CHECK(sum == 1'000);
  CHECK(json_at(answer.body, "/taxes/0/percent") == R"("19")");
  CHECK(json_at(get("/v1/accounts/acme/balance").body, "/balances/0/receivable") == "1000");
  CHECK(json_at(get("/v1/accounts/acme/balance").body, "/balances/0/net") == "-1000");
  CHECK(json_at(get("/v1/accounts?limit=2").body, "/data/1/balances/0/receivable") == "1000");
  const Response credits = get("/v1/accounts/acme/credits");
  CHECK(unquoted(json_at(credits.body, "/data/0/applications/0/invoice_id")) == id);
  CHECK(json_at(get("/v1/accounts/acme/timeline").body, "/data/1/summary") ==
        R"("Invoice INV-000001 of 10.71 USD finalized")");
  const Response locked = act(id, "lines", R"({"description":"late","unit_amount":1})");
  CHECK(locked.status == 409);
  CHECK(json_at(locked.body, "/code") == R"("invoice_locked")");
}

TEST_CASE_FIXTURE(Biller, "INV-04, INV-12: void and write off, with the reasons and the refusals of the state table") {
  const std::string open = finalized(), paid = finalized("0"), lost = finalized();
  CHECK(json_at(get("/v1/invoices/" + paid).body, "/status") == R"("paid")");
  const Response refund = act(paid, "void");
  CHECK(refund.status == 409);
  CHECK(json_at(refund.body, "/code") == R"("refund_first")");
  const Response voided = act(open, "void", R"({"reason":"twice"})");
  REQUIRE(voided.status == 200);
  CHECK(json_at(voided.body, "/status") == R"("void")");
  CHECK(json_at(voided.body, "/number") == R"("INV-000001")");
  CHECK(json_at(voided.body, "/reason") == R"("twice")");
  CHECK(json_at(voided.body, "/amount_remaining") == "0");
  REQUIRE(act(lost, "mark-uncollectible", R"({"reason":"insolvent"})").status == 200);
  const Response again = act(open, "finalize");
  CHECK(again.status == 409);
  CHECK(json_at(again.body, "/code") == R"("invalid_transition")");
  CHECK(json_at(again.body, "/from") == R"("void")");
  const Response balance = get("/v1/ledger/trial-balance");
  CHECK(json_at(balance.body, "/currencies/0/debits") == json_at(balance.body, "/currencies/0/credits"));
  CHECK(balance.body.find(R"("account":"write_offs","number":5300,"debit":1000)") != std::string::npos);
}

TEST_CASE_FIXTURE(Biller, "INV-09, INV-18: lists by every filter, each account its own") {
  const std::string first = finalized();
  clock.now_us += 1'000'000;
  const std::string second = draft("5", "other");
  clock.now_us += 1'000'000;
  const std::string third = draft("5", "acme", R"(,"net_days":0)");
  CHECK(ids("/v1/invoices?") == third + " " + second + " " + first);
  CHECK(ids("/v1/invoices?status=draft") == third + " " + second);
  CHECK(ids("/v1/invoices?status=draft&account_id=other") == second);
  REQUIRE(act(third, "finalize").status == 200);
  clock.now_us += 1'000'000;
  CHECK(json_at(get("/v1/invoices/" + third).body, "/overdue") == "true");
  CHECK(ids("/v1/invoices?overdue=true") == third);
  CHECK(ids("/v1/invoices?overdue=false&status=open") == first);
  CHECK(ids("/v1/invoices?starting_after=" + third + "&limit=1") == second);
  CHECK(ids("/v1/invoices?created_from=2030-01-01T00:00:00Z").empty());
  CHECK(get("/v1/invoices?status=late").status == 422);
  const std::vector<Header> owner = {
      {"authorization", "Bearer " + make_key(R"("role":"account_owner","account_id":"acme")")}};
  CHECK(get("/v1/invoices?account_id=other", owner).status == 404);
  CHECK(get("/v1/invoices/" + second, owner).status == 404);
  CHECK(get("/v1/invoices/" + first, owner).status == 200);
  CHECK(json_at(get("/v1/invoices", owner).body, "/data/2/id").empty());
  CHECK(post("/v1/invoices/" + third + "/void", "{}", owner).status == 403);
  CHECK(post("/v1/invoices", R"({"account_id":"acme"})", owner).status == 403);
}

TEST_CASE_FIXTURE(Biller, "repeats, If-Match and the past") {
  const std::string id = draft();
  const Response before = get("/v1/invoices/" + id);
  const std::string tag = header_of(before, "ETag");
  const Response stale = post("/v1/invoices/" + id + "/finalize", "{}", {{"if-match", "\"1\""}});
  CHECK(stale.status == 412);
  const std::vector<Header> keyed = {{"idempotency-key", "k"}, {"if-match", tag}};
  const Response answer = post("/v1/invoices/" + id + "/finalize", "{}", keyed);
  REQUIRE_MESSAGE(answer.status == 200, answer.body);
  REQUIRE(act(id, "void").status == 200);
  const Response repeated = post("/v1/invoices/" + id + "/finalize", "{}", keyed);
  CHECK(repeated.body == answer.body);
  CHECK(header_of(repeated, "Idempotent-Replayed") == "true");
  CHECK(get("/v1/invoices/" + id + "?at=" + header_of(answer, "Daybook-Position")).body == answer.body);
  CHECK(get("/v1/invoices/" + id, {{"if-none-match", tag}}).status == 200);
  CHECK(get("/v1/invoices/inv_nothing").status == 404);
  CHECK(act("inv_00000000010000000100", "finalize").status == 404);
}

TEST_CASE_FIXTURE(Biller, "policies are read and set whole, by those who may") {
  const Response list = get("/v1/admin/policies");
  CHECK(json_at(list.body, "/data/0/unused_time") == R"("no_credit")");
  CHECK(json_at(list.body, "/data/1/effective") == R"("period_end")");
  CHECK(json_at(list.body, "/data/2/effective") == R"("now")");
  CHECK(json_at(list.body, "/data/3/arithmetic") == R"("chained")");
  CHECK(json_at(list.body, "/data/4/stacking") == R"("priority_stack")");
  CHECK(json_at(list.body, "/data/7/policy") == R"("invoice.numbering")");
  CHECK(json_at(list.body, "/data/7/prefix") == R"("INV-")");
  CHECK(json_at(list.body, "/data/8/rounding") == R"("half_away_from_zero")");
  CHECK(json_at(list.body, "/data/9/days") == "90");
  CHECK(json_at(list.body, "/data/10/proration_behavior") == R"("create_prorations")");
  CHECK(json_at(list.body, "/data/11/unit") == R"("second")");
  CHECK(json_at(list.body, "/data/12/mode") == R"("period_end")");
  CHECK(json_at(list.body, "/data/13/max_live") == R"("multi")");
  CHECK(json_at(list.body, "/data/14/country") == "null");
  CHECK(json_at(list.body, "/data/15/trial_end") == R"("convert_or_downgrade")");
  CHECK(json_at(list.body, "/data/16/on_account_open") == R"("on")");
  CHECK(json_at(list.body, "/data/16/days") == "14");
  const Response changed =
      call(Method::put, "/v1/admin/policies/invoice.numbering", R"({"prefix":"ACME-","digits":3,"reset":"yearly"})");
  REQUIRE_MESSAGE(changed.status == 200, changed.body);
  CHECK(json_at(changed.body, "/digits") == "3");
  CHECK(get("/v1/admin/policies/invoice.numbering").body == changed.body);
  CHECK(json_at(get("/v1/invoices/" + finalized()).body, "/number") == R"("ACME-2027-001")");
  CHECK(call(Method::put, "/v1/admin/policies/invoice.colour", "{}").status == 404);
  CHECK(get("/v1/admin/policies/invoice.colour").status == 404);
  CHECK(call(Method::put, "/v1/admin/policies/tax.seller", R"({"prefix":"x"})").status == 422);
  const std::vector<Header> admin = {{"authorization", "Bearer " + make_key(R"("role":"billing_admin")")}};
  CHECK(call(Method::put, "/v1/admin/policies/tax.seller", "{}", admin).status == 403);
  CHECK(get("/v1/admin/policies", admin).status == 200);
}

TEST_CASE_FIXTURE(Biller, "invoice.rounding: an invoice goes by the policy of its day, and explains itself by it") {
  const std::string before = finalized(R"("2.5")");
  REQUIRE(call(Method::put, "/v1/admin/policies/invoice.rounding", R"({"rounding":"half_even"})").status == 200);
  const std::string even = finalized(R"("2.5")");
  REQUIRE(call(Method::put, "/v1/admin/policies/invoice.rounding", "{}").status == 200);
  CHECK(json_at(get("/v1/invoices/" + before).body, "/total") == "3");
  CHECK(json_at(get("/v1/invoices/" + even).body, "/total") == "2");
  const auto derivation = [&](const std::string& id) {
    const std::string body = get("/v1/invoices/" + id + "/explain").body;
    CHECK(json_at(body, "/matches") == "true");
    return json_at(body, "/lines/0/derivation");
  };
  CHECK(derivation(before) == R"("1 x 2.5 = 2.5, rounded 3")");
  CHECK(derivation(even) == R"("1 x 2.5 = 2.5, rounded half to even 2")");
  CHECK(call(Method::put, "/v1/admin/policies/invoice.rounding", R"({"rounding":"up"})").status == 422);
}

TEST_CASE_FIXTURE(Biller,
                  "CRD-02: a credit is applied to an invoice that was open before it, and the answer shows both") {
  const std::string id = finalized();
  const Response credit =
      post("/v1/credits", R"({"account_id":"acme","amount":400,"currency":"USD","type":"goodwill","reason":"late"})");
  const std::string path = "/v1/credits/" + unquoted(json_at(credit.body, "/id")) + "/apply";
  const Response answer = post(path, R"({"invoice_id":")" + id + "\"}", {{"idempotency-key", "apply"}});
  REQUIRE_MESSAGE(answer.status == 200, answer.body);
  CHECK(json_at(answer.body, "/remaining") == "0");
  CHECK(json_at(answer.body, "/applications/0/amount") == "400");
  CHECK(json_at(get("/v1/invoices/" + id).body, "/amount_remaining") == "600");
  CHECK(post(path, R"({"invoice_id":")" + id + "\"}", {{"idempotency-key", "apply"}}).body == answer.body);
  CHECK(json_at(post(path, R"({"invoice_id":")" + id + "\"}").body, "/code") == R"("invalid_transition")");
  CHECK(post("/v1/credits/cr_nothing/apply", R"({"invoice_id":")" + id + "\"}").status == 404);
}

TEST_CASE_FIXTURE(Biller, "CRD-02, CRD-03: a credit for an invoice lowers what is due, and is found by it") {
  const std::string id = finalized(), elsewhere = finalized("1000", "other");
  const auto credit = [&](const std::string& account, const std::string& amount, const std::string& invoice) {
    return post("/v1/credits", R"({"account_id":")" + account + R"(","amount":)" + amount +
                                   R"(,"currency":"USD","type":"goodwill","reason":"late","invoice_id":")" + invoice +
                                   "\"}");
  };
  const Response dry = post("/v1/credits?dry_run=true", R"({"account_id":"acme","amount":400,"currency":"USD",)"
                                                        R"("type":"goodwill","reason":"late","invoice_id":")" +
                                                            id + "\"}");
  CHECK(json_at(dry.body, "/resource/remaining") == "0");
  CHECK(json_at(get("/v1/invoices/" + id).body, "/amount_remaining") == "1000");
  const Response answer = credit("acme", "400", id);
  REQUIRE_MESSAGE(answer.status == 201, answer.body);
  CHECK(unquoted(json_at(answer.body, "/invoice_id")) == id);
  CHECK(json_at(answer.body, "/status") == R"("consumed")");
  CHECK(json_at(answer.body, "/applications/0/amount") == "400");
  CHECK(json_at(get("/v1/invoices/" + id).body, "/amount_remaining") == "600");
  const Response second = credit("acme", "700", id);
  CHECK(json_at(second.body, "/remaining") == "100");
  CHECK(json_at(get("/v1/invoices/" + id).body, "/status") == R"("paid")");

  CHECK(json_at(credit("acme", "1", id).body, "/code") == R"("invalid_transition")");
  CHECK(credit("acme", "1", elsewhere).status == 404);  // another account's
  CHECK(credit("acme", "1", "inv_00000000010000000900").status == 404);

  const std::string first_id = json_at(answer.body, "/id"), second_id = json_at(second.body, "/id");
  const Response list = get("/v1/credits?invoice_id=" + id);
  CHECK(json_at(list.body, "/data/0/id") == second_id);
  CHECK(json_at(list.body, "/data/1/id") == first_id);
  CHECK(json_at(list.body, "/data/2").empty());
  const Response page = get("/v1/credits?invoice_id=" + id + "&limit=1&starting_after=" + unquoted(second_id));
  CHECK(json_at(page.body, "/data/0/id") == first_id);
  CHECK(json_at(get("/v1/credits?status=consumed&invoice_id=" + id).body, "/data/1").empty());
  CHECK(json_at(get("/v1/credits?invoice_id=" + elsewhere).body, "/data/0").empty());
  CHECK(json_at(get("/v1/credits?account_id=other&invoice_id=" + id).body, "/data/0").empty());
  CHECK(get("/v1/credits?invoice_id=" + unquoted(first_id)).status == 422);
}

TEST_CASE_FIXTURE(Biller, "INV-09: an invoice is found by its number, which combines with the other filters") {
  const std::string unnumbered = draft(), first = finalized(), second = finalized("1000", "other");
  CHECK(ids("/v1/invoices?number=INV-000001") == first);
  CHECK(ids("/v1/invoices?number=INV-000002") == second);
  CHECK(ids("/v1/invoices?number=INV-000003") == "");
  CHECK(ids("/v1/invoices?number=inv-000001") == "");
  CHECK(ids("/v1/invoices?number=INV-000001&account_id=acme&status=open&overdue=false&limit=1") == first);
  CHECK(ids("/v1/invoices?number=INV-000001&account_id=other") == "");
  CHECK(ids("/v1/invoices?number=INV-000001&status=void") == "");
  CHECK(ids("/v1/invoices?number=INV-000001&created_to=2026-01-01T00:00:00Z") == "");
  CHECK(ids("/v1/invoices?number=INV-000001&starting_after=" + first) == "");
  CHECK(get("/v1/invoices?number=INV-000001&starting_after=" + second).status == 422);
  CHECK(get("/v1/invoices?number=" + std::string(65, 'x')).status == 422);
  REQUIRE(act(first, "void", R"({"reason":"x"})").status == 200);
  CHECK(ids("/v1/invoices?number=INV-000001&status=void") == first);
  const std::vector<Header> owner = {
      {"authorization", "Bearer " + make_key(R"("role":"account_owner","account_id":"acme")")}};
  CHECK(json_at(get("/v1/invoices?number=INV-000001", owner).body, "/data/0/id") == '"' + first + '"');
  CHECK(json_at(get("/v1/invoices?number=INV-000002", owner).body, "/data/0/id") == "");
}
