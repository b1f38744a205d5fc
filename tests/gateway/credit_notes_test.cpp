// Credit notes and adjustments over HTTP: issued, previewed, voided; listed and read, and who may.
#include "doctest/doctest.h"
#include "tests/gateway/served.h"

using namespace daybook;
using namespace daybook::test;

namespace {

struct Corrector : Served {
  Corrector() {
    for (const char* id : {"acme", "other"}) {
      REQUIRE(post("/v1/accounts", R"({"id":")" + std::string(id) + R"(","name":"A","email":"a@b.example"})").status ==
              201);
    }
  }
  /// Of two lines.
  std::string open_invoice(const std::string& account = "acme") {
    const Response draft = post("/v1/invoices", R"({"account_id":")" + account +
                                                    R"(","lines":[{"description":"a","unit_amount":1000,"quantity":2},)"
                                                    R"({"description":"b","unit_amount":3000}]})");
    REQUIRE_MESSAGE(draft.status == 201, draft.body);
    const std::string id = unquoted(json_at(draft.body, "/id"));
    REQUIRE(post("/v1/invoices/" + id + "/finalize", "{}").status == 200);
    return id;
  }
  std::string paid_invoice() {
    REQUIRE(
        post("/v1/credits", R"({"account_id":"acme","amount":5000,"currency":"USD","type":"overpayment","reason":"x"})")
            .status == 201);
    return open_invoice();
  }
  Response credit(const std::string& invoice, const std::string& more = {}, const std::string& query = {},
                  const std::vector<Header>& headers = {}) {
    return post("/v1/credit-notes" + query, R"({"invoice_id":")" + invoice + "\"" + more + "}", headers);
  }
  Response adjust(const std::string& invoice, const std::string& type, int amount,
                  const std::vector<Header>& headers = {}) {
    return post("/v1/invoice-adjustments",
                R"({"invoice_id":")" + invoice + R"(","type":")" + type + R"(","reason":"for Ann","amount":)" +
                    std::to_string(amount) + "}",
                headers);
  }
  std::vector<Header> key(const std::string& members) { return {{"authorization", "Bearer " + make_key(members)}}; }
};

}  // namespace

TEST_CASE_FIXTURE(Corrector, "CN-01: a credit note lowers what is due, with its tax, and the preview is the same") {
  REQUIRE(call(Method::put, "/v1/admin/policies/tax.seller", R"({"country":"DE"})").status == 200);
  REQUIRE(call(Method::patch, "/v1/accounts/acme", R"({"address":{"country":"DE"}})").status == 200);
  const std::string invoice = open_invoice();
  const std::string parts = R"(,"lines":[{"line":1,"quantity":1},{"line":2,"amount":500}],"reason":"late","memo":"m")";
  const Response preview = credit(invoice, parts, "?dry_run=true");
  REQUIRE_MESSAGE(preview.status == 200, preview.body);
  CHECK(json_at(preview.body, "/resource/id") == R"("cn_dry_1")");
  const Response issued = credit(invoice, parts);
  REQUIRE_MESSAGE(issued.status == 201, issued.body);
  for (const char* member : {"/number", "/lines", "/taxes", "/net", "/tax", "/total", "/due_reduction"}) {
    CHECK(json_at(issued.body, member) == json_at(preview.body, std::string("/resource") + member));
  }
  CHECK(json_at(issued.body, "/net") == "1500");
  CHECK(json_at(issued.body, "/tax") == "285");
  CHECK(json_at(issued.body, "/due_reduction") == "1785");
  CHECK(json_at(issued.body, "/credit_amount") == "0");
  CHECK(json_at(issued.body, "/invoice_number") == R"("INV-000001")");
  CHECK(json_at(issued.body, "/reason") == R"("late")");
  CHECK(json_at(issued.body, "/lines/0/quantity") == "1");
  const std::string id = unquoted(json_at(issued.body, "/id"));
  CHECK(get("/v1/credit-notes/" + id).body == issued.body);

  const Response shown = get("/v1/invoices/" + invoice);
  CHECK(json_at(shown.body, "/total") == "5950");
  CHECK(json_at(shown.body, "/amount_credited") == "1785");
  CHECK(json_at(shown.body, "/amount_remaining") == "4165");
  CHECK(json_at(shown.body, "/credit_notes/0/credit_note_id") == '"' + id + '"');
  CHECK(get("/v1/invoices?account_id=acme").body.find(shown.body) != std::string::npos);
  CHECK(get("/v1/accounts/acme/timeline").body.find("Credit note CN-") != std::string::npos);
}

TEST_CASE_FIXTURE(Corrector, "CN-01: of a paid invoice a credit note is credit of the account") {
  const std::string invoice = paid_invoice();
  REQUIRE(json_at(get("/v1/invoices/" + invoice).body, "/status") == R"("paid")");
  const std::string version = json_at(get("/v1/invoices/" + invoice).body, "/version");
  const Response issued = credit(invoice, R"(,"amount":700)");
  REQUIRE_MESSAGE(issued.status == 201, issued.body);
  CHECK(json_at(issued.body, "/credit_amount") == "700");
  const Response given = get("/v1/credits/" + unquoted(json_at(issued.body, "/credit_id")));
  CHECK(json_at(given.body, "/type") == R"("adjustment")");
  CHECK(json_at(given.body, "/remaining") == "700");
  const Response shown = get("/v1/invoices/" + invoice);
  CHECK(json_at(shown.body, "/version") == version);
  CHECK(json_at(shown.body, "/amount_due") == "0");
  CHECK(json_at(shown.body, "/amount_credited") == "700");
  CHECK(get("/v1/invoices?account_id=acme").body.find(shown.body) != std::string::npos);
  CHECK(get("/v1/credits?type=adjustment").body.find(given.body) != std::string::npos);
  const Response exceeding = credit(invoice, R"(,"amount":4301)");
  CHECK(exceeding.status == 422);
  CHECK(json_at(exceeding.body, "/code") == R"("credit_exceeds_invoice")");
  CHECK(json_at(exceeding.body, "/remaining") == "4300");
  CHECK(credit(invoice).status == 201);
  CHECK(credit(invoice).status == 422);
}

TEST_CASE_FIXTURE(Corrector, "a refused credit note has no effect, and the refusal says the status") {
  const Response draft =
      post("/v1/invoices", R"({"account_id":"acme","lines":[{"description":"a","unit_amount":10}]})");
  const std::string id = unquoted(json_at(draft.body, "/id"));
  const Response refused = credit(id);
  CHECK(refused.status == 409);
  CHECK(json_at(refused.body, "/code") == R"("invoice_not_creditable")");
  CHECK(json_at(refused.body, "/invoice_status") == R"("draft")");
  CHECK(credit("inv_00000000010000000100").status == 404);
  CHECK(credit("nonsense").status == 422);
  CHECK(ids("/v1/credit-notes") == "");
}

TEST_CASE_FIXTURE(Corrector, "CN-03: credit notes are listed by invoice, account and status, and voided while unused") {
  const std::string first = open_invoice(), second = open_invoice(), foreign = open_invoice("other");
  std::vector<std::string> notes;
  for (const std::string& invoice : {first, second, first, foreign}) {
    notes.push_back(unquoted(json_at(credit(invoice, R"(,"amount":100)").body, "/id")));
  }
  const std::string path = "/v1/credit-notes";
  CHECK(ids(path) == notes[3] + " " + notes[2] + " " + notes[1] + " " + notes[0]);
  CHECK(ids(path + "?invoice_id=" + first) == notes[2] + " " + notes[0]);
  CHECK(ids(path + "?account_id=other") == notes[3]);
  CHECK(ids(path + "?account_id=other&invoice_id=" + first) == "");
  CHECK(ids(path + "?limit=1&starting_after=" + notes[2]) == notes[1]);
  CHECK(ids(path + "?limit=1&ending_before=" + notes[2]) == notes[3]);
  CHECK(get(path + "?starting_after=" + notes[1] + "&invoice_id=" + first).status == 422);

  const Response voided = post(path + "/" + notes[2] + "/void", R"({"reason":"a mistake"})");
  REQUIRE_MESSAGE(voided.status == 200, voided.body);
  CHECK(json_at(voided.body, "/status") == R"("void")");
  CHECK(json_at(voided.body, "/void_reason") == R"("a mistake")");
  CHECK(get(path + "/" + notes[2]).body == voided.body);
  CHECK(ids(path + "?status=void") == notes[2]);
  CHECK(ids(path + "?status=issued&invoice_id=" + first) == notes[0]);
  CHECK(json_at(get("/v1/invoices/" + first).body, "/amount_credited") == "100");
  const Response again = post(path + "/" + notes[2] + "/void", "{}");
  CHECK(again.status == 409);
  CHECK(json_at(again.body, "/from") == R"("void")");
  CHECK(json_at(again.body, "/allowed") == "[]");
}

TEST_CASE_FIXTURE(Corrector, "ADJ-01 to ADJ-03: adjustments change what is due, and are listed by invoice and type") {
  const std::string invoice = open_invoice();
  const auto remaining = [&] { return json_at(get("/v1/invoices/" + invoice).body, "/amount_remaining"); };
  const Response discount = adjust(invoice, "discount", 500);
  REQUIRE_MESSAGE(discount.status == 201, discount.body);
  CHECK(remaining() == "4500");
  const std::string note = unquoted(json_at(discount.body, "/credit_note_id"));
  CHECK(json_at(get("/v1/credit-notes/" + note).body, "/kind") == R"("discount")");
  CHECK(adjust(invoice, "surcharge", 200).status == 201);
  CHECK(adjust(invoice, "write_off", 100).status == 201);
  CHECK(remaining() == "4600");
  const Response shown = get("/v1/invoices/" + invoice);
  std::int64_t sum = 0;
  for (int i = 0; i < 5; ++i) sum += std::stoll(json_at(shown.body, "/lines/" + std::to_string(i) + "/amount"));
  CHECK(sum == 4'600);
  const Response below = adjust(invoice, "credit", 4'601);
  CHECK(below.status == 422);
  CHECK(json_at(below.body, "/code") == R"("credit_exceeds_invoice")");
  CHECK(remaining() == "4600");

  const std::string id = unquoted(json_at(discount.body, "/id"));
  CHECK(get("/v1/invoice-adjustments/" + id).body == discount.body);
  CHECK(ids("/v1/invoice-adjustments?type=discount") == id);
  CHECK(ids("/v1/invoice-adjustments?type=discount&invoice_id=" + invoice) == id);
  CHECK(ids("/v1/invoice-adjustments?account_id=other") == "");
  CHECK(ids("/v1/invoice-adjustments").size() == 3 * id.size() + 2);

  const std::string paid = paid_invoice();
  CHECK(adjust(paid, "surcharge", 1).status == 409);
  CHECK(adjust(paid, "discount", 400).status == 201);
  CHECK(json_at(get("/v1/invoices/" + paid).body, "/amount_due") == "0");
  CHECK(get("/v1/credits?type=adjustment").body.find("\"remaining\":400") != std::string::npos);
}

TEST_CASE_FIXTURE(Corrector, "who may correct: staff, a Support Rep up to the ceiling; a customer sees his own") {
  const std::string invoice = open_invoice(), foreign = open_invoice("other");
  const auto support = key(R"("role":"support_rep")");
  const auto finance = key(R"("role":"finance_viewer")");
  const auto owner = key(R"("role":"account_owner","account_id":"acme")");
  CHECK(credit(invoice, R"(,"amount":100)", {}, finance).status == 403);
  CHECK(credit(invoice, R"(,"amount":100)", {}, owner).status == 403);
  CHECK(credit(invoice, R"(,"amount":100)", {}, support).status == 201);
  CHECK(adjust(invoice, "discount", 100, support).status == 201);
  CHECK(adjust(invoice, "write_off", 100, support).status == 403);
  CHECK(adjust(invoice, "discount", 100, owner).status == 403);
  const std::string own = unquoted(json_at(credit(invoice, R"(,"amount":5)").body, "/id"));
  const Response other = credit(foreign, R"(,"amount":5)");
  const std::string theirs = unquoted(json_at(other.body, "/id"));
  CHECK(get("/v1/credit-notes/" + own, owner).status == 200);
  CHECK(get("/v1/credit-notes/" + theirs, owner).status == 404);
  CHECK(get("/v1/credit-notes?account_id=other", owner).status == 404);
  CHECK(get("/v1/credit-notes", owner).body.find(theirs) == std::string::npos);
  CHECK(get("/v1/credit-notes?invoice_id=" + foreign, owner).body.find(theirs) == std::string::npos);
  CHECK(get("/v1/invoice-adjustments", owner).body.find("for Ann") != std::string::npos);
  CHECK(get("/v1/invoice-adjustments", finance).body.find("for Ann") == std::string::npos);
}

TEST_CASE_FIXTURE(Corrector, "the numbering of credit notes is a policy of its own") {
  const Response shown = get("/v1/admin/policies/credit_note.numbering");
  REQUIRE_MESSAGE(shown.status == 200, shown.body);
  CHECK(json_at(shown.body, "/prefix") == R"("CN-")");
  CHECK(json_at(shown.body, "/reset") == R"("yearly")");
  REQUIRE(
      call(Method::put, "/v1/admin/policies/credit_note.numbering", R"({"prefix":"G","reset":"continuous"})").status ==
      200);
  CHECK(json_at(credit(open_invoice()).body, "/number") == R"("G00001")");
  CHECK(call(Method::put, "/v1/admin/policies/credit_note.numbering", R"({"prefix":"INV-"})").status == 422);
}
