// The hosted invoice: who gets its link, what the link opens, for how long, and what the page shows.
#include "gateway/invoice_link.h"

#include "doctest/doctest.h"
#include "engine/keyring.h"
#include "tests/gateway/served.h"

using namespace daybook;
using namespace daybook::test;

namespace {

struct Hosted : Served {
  Hosted() {
    open("acme");
    open("other");
  }
  void open(const std::string& id, const std::string& more = {}) {
    const Response opened =
        post("/v1/accounts", R"({"id":")" + id + R"(","name":"Ann <b>Onym</b>","email":"a@b.example")" + more + "}");
    REQUIRE_MESSAGE(opened.status == 201, opened.body);
  }
  std::string draft(const std::string& account = "acme", const std::string& more = {}) {
    const Response answer = post("/v1/invoices", R"({"account_id":")" + account +
                                                     R"(","lines":[{"description":"Work & \"care\" <script>",)"
                                                     R"("unit_amount":1000}])" +
                                                     more + "}");
    REQUIRE_MESSAGE(answer.status == 201, answer.body);
    return unquoted(json_at(answer.body, "/id"));
  }
  std::string finalized(const std::string& account = "acme", const std::string& more = {}) {
    const std::string id = draft(account, more);
    const Response answer = post("/v1/invoices/" + id + "/finalize", "{}");
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    return id;
  }
  std::string link(const std::string& id) {
    return unquoted(json_at(get("/v1/invoices/" + id).body, "/hosted_invoice_url"));
  }
  /// Without a key.
  Response visit(const std::string& path) { return get(path, {{"authorization", ""}}); }
  void refuses(const std::string& path) {
    CAPTURE(path);
    const Response refused = visit(path);
    CHECK(refused.status == 403);
    CHECK(json_at(refused.body, "/code") == R"("link_invalid")");
    CHECK(json_at(refused.body, "/status") == "403");
    CHECK(refused.body.find("Onym") == std::string::npos);
  }
  void pass_days(std::int64_t days) { clock.now_us += days * micros_per_day; }
};

bool holds(const Response& page, std::string_view text) {
  return page.body.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE_FIXTURE(Hosted, "INV-17: the link opens the invoice without a key, as a page that nobody keeps") {
  const std::string id = finalized();
  const Response page = visit(link(id));
  REQUIRE_MESSAGE(page.status == 200, page.body);
  CHECK(page.content_type == "text/html; charset=utf-8");
  CHECK(header_of(page, "Cache-Control") == "no-store");
  CHECK(header_of(page, "Referrer-Policy") == "no-referrer");
  CHECK(header_of(page, "X-Robots-Tag") == "noindex");
  const std::string policy = header_of(page, "Content-Security-Policy");
  CHECK(policy.starts_with("default-src 'none'; style-src 'sha256-"));
  CHECK(policy.find("unsafe") == std::string::npos);
  CHECK(holds(page, "<h1>Invoice INV-000001</h1>"));
  CHECK(holds(page, ">Open<"));
  CHECK(holds(page, "$10.00"));
  // What people wrote is text.
  CHECK(holds(page, "Ann &lt;b&gt;Onym&lt;/b&gt;"));
  CHECK(holds(page, "Work &amp; &quot;care&quot; &lt;script&gt;"));
  CHECK_FALSE(holds(page, "<script"));
  CHECK_FALSE(holds(page, "<b>"));
}

TEST_CASE_FIXTURE(Hosted, "INV-17: a link that is altered anywhere, cut or made of another is refused") {
  const std::string path = link(finalized()), second = link(finalized("other"));
  for (std::size_t at = 3; at < path.size(); ++at) {
    std::string altered = path;
    altered[at] = altered[at] == '0' ? '1' : '0';
    refuses(altered);
  }
  refuses(path.substr(0, path.size() - 1));
  refuses(path + "0");
  refuses("/i/x");
  refuses("/i/...");
  refuses("/i/" + std::string(1'000, 'a'));
  refuses(path.substr(0, path.rfind('.')) + second.substr(second.rfind('.')));
  CHECK(visit(path + "/more").status == 401);
  CHECK(visit(path + "?as_of=2027-01-01T00:00:00Z").status == 400);
}

TEST_CASE_FIXTURE(Hosted, "INV-17: a link expires 30 days after its invoice's last change or due date") {
  const std::string id = finalized("acme", R"(,"net_days":7)");
  const std::string first = link(id);
  pass_days(36);
  CHECK(visit(first).status == 200);
  pass_days(1);
  refuses(first);
  // It became overdue in the meantime, which the link of today knows no better than that of then: both end alike.
  REQUIRE(post("/v1/invoices/" + id + "/void", R"({"reason":"Ann said so"})").status == 200);
  const std::string second = link(id);
  CHECK(second != first);
  const Response page = visit(second);
  REQUIRE(page.status == 200);
  CHECK(holds(page, "Void: this invoice is not to be paid"));
  CHECK_FALSE(holds(page, "Ann said so"));
  refuses(first);
  pass_days(30);
  refuses(second);
}

TEST_CASE_FIXTURE(Hosted, "INV-08: one version of an invoice has one link, in every answer and as of any time") {
  const std::string id = draft();
  CHECK(json_at(get("/v1/invoices/" + id).body, "/hosted_invoice_url") == "null");
  const Response dry = post("/v1/invoices/" + id + "/finalize?dry_run=true", "{}");
  CHECK(json_at(dry.body, "/resource/hosted_invoice_url") == "null");
  const std::vector<Header> keyed = {{"idempotency-key", "once"}};
  const Response done = post("/v1/invoices/" + id + "/finalize", "{}", keyed);
  const Response read = get("/v1/invoices/" + id);
  CHECK(json_at(done.body, "/hosted_invoice_url") == json_at(read.body, "/hosted_invoice_url"));
  CHECK(json_at(get("/v1/invoices").body, "/data/0/hosted_invoice_url") == json_at(read.body, "/hosted_invoice_url"));
  pass_days(2);
  CHECK(get("/v1/invoices/" + id).body == read.body);
  CHECK(post("/v1/invoices/" + id + "/finalize", "{}", keyed).body == done.body);
  pass_days(40);
  const std::string before = format_rfc3339(Instant{clock.now_us - micros_per_day});
  REQUIRE(post("/v1/invoices/" + id + "/void", R"({"reason":"x"})").status == 200);
  CHECK(link(id) != unquoted(json_at(read.body, "/hosted_invoice_url")));
  CHECK(json_at(get("/v1/invoices/" + id + "?as_of=" + before).body, "/hosted_invoice_url") ==
        json_at(read.body, "/hosted_invoice_url"));
  const std::vector<Header> auditor = {{"authorization", "Bearer " + make_key(R"("role":"auditor")")}};
  CHECK(json_at(get("/v1/invoices/" + id, auditor).body, "/hosted_invoice_url") == "null");
  const std::vector<Header> owner = {
      {"authorization", "Bearer " + make_key(R"("role":"account_owner","account_id":"acme")")}};
  CHECK(json_at(get("/v1/invoices/" + id, owner).body, "/hosted_invoice_url").starts_with(R"("/i/default.)"));
}

TEST_CASE_FIXTURE(Hosted,
                  "INV-17: the page has seller, discounts, tax, credits and what remains, as the account reads") {
  REQUIRE(call(Method::patch, "/v1/books/default",
               R"({"legal_entity":{"name":"Shop & Sons","address_lines":["1 High St"],"country":"DE",)"
               R"("registration_number":"HRB 1","tax_id":"DE123"}})")
              .status == 200);
  REQUIRE(call(Method::put, "/v1/admin/policies/tax.seller", R"({"country":"DE"})").status == 200);
  open("eins", R"(,"currency":"EUR","locale":"de","time_zone":"Pacific/Auckland",)"
               R"("address":{"country":"DE","line1":"Weg 1","postal_code":"10115","city":"Berlin"})");
  REQUIRE(post("/v1/discounts", R"({"id":"tenth","name":"A tenth","percent":10})").status == 201);
  REQUIRE(post("/v1/coupons", R"({"code":"save","discount_id":"tenth"})").status == 201);
  REQUIRE(post("/v1/coupons/save/redeem", R"({"account_id":"eins"})").status == 201);
  REQUIRE(post("/v1/credits", R"({"account_id":"eins","amount":71,"currency":"EUR","type":"goodwill","reason":"x"})")
              .status == 201);
  const std::string id = draft("eins");
  REQUIRE(post("/v1/invoices/" + id + "/lines",
               R"({"description":"Fine","quantity":"10","unit_amount":"0.5",)"
               R"("period":{"start":"2027-01-01T00:00:00Z","end":"2027-02-01T00:00:00Z"}})")
              .status == 200);
  REQUIRE(post("/v1/invoices/" + id + "/finalize", "{}").status == 200);
  const Response page = visit(link(id));
  REQUIRE(page.status == 200);
  for (const char* text : {"Shop &amp; Sons", "1 High St", "HRB 1", "DE123", "Weg 1", "10115 Berlin", "EUR 0.005",
                           "Discount tenth, 10 %, coupon SAVE", "19 %", "Remaining", "2027-01-01 to 2027-02-01"}) {
    CAPTURE(text);
    CHECK(holds(page, text));
  }
  const Response json = get("/v1/invoices/" + id);
  CHECK(json_at(json.body, "/amount_remaining") == "1005");
  CHECK(holds(page, "10,05"));
  CHECK(json_at(json.body, "/credit_applied") == "71");
  CHECK(holds(page, "0,71"));
}

TEST_CASE_FIXTURE(Hosted, "BOK-01: the page looks as the book's branding says, and loads its logo and nothing else") {
  const std::string id = finalized();
  const std::string plain = header_of(visit(link(id)), "Content-Security-Policy");
  CHECK(plain.find("img-src") == std::string::npos);
  REQUIRE(call(Method::patch, "/v1/books/default",
               R"({"legal_entity":{"name":"Shop GmbH"},"branding":{"company_name":"Shop & Co",)"
               R"("logo_url":"https://shop.example/a;b,c.png?x=1&y=2","primary_color":"#0b5fff",)"
               R"("secondary_color":"#AA0011","footer":"Thank you\n<b>Bank</b>"}})")
              .status == 200);
  const Response page = visit(link(id));
  REQUIRE(page.status == 200);
  CHECK(holds(page, "<strong>Shop &amp; Co</strong><p>Shop GmbH</p>"));
  CHECK(holds(page, R"(<img src="https://shop.example/a;b,c.png?x=1&amp;y=2" alt="Shop &amp; Co">)"));
  CHECK(holds(page, "<style>:root{--brand:#0b5fff;--accent:#AA0011;}</style>"));
  CHECK(holds(page, "<footer>Thank you\n&lt;b&gt;Bank&lt;/b&gt;</footer>"));
  const std::string policy = header_of(page, "Content-Security-Policy");
  CHECK(policy.find("; img-src https://shop.example/a%3Bb%2Cc.png;") != std::string::npos);
  CHECK(policy.starts_with(plain.substr(0, plain.find("; base-uri"))));
  CHECK(policy.find("' 'sha256-") != std::string::npos);
}

TEST_CASE_FIXTURE(Hosted, "INV-17: of a purged account the page shows the figures and nobody") {
  const std::string id = finalized("acme", R"(,"net_days":60)");
  const std::string path = link(id);
  REQUIRE(visit(path).status == 200);
  REQUIRE(post("/v1/invoices/" + id + "/void", R"({"reason":"closing"})").status == 200);
  REQUIRE(call(Method::del, "/v1/accounts/acme").status == 200);
  CHECK(holds(visit(path), "Onym"));
  REQUIRE(post("/v1/accounts/acme/purge", "{}").status == 200);
  const Response page = visit(path);
  REQUIRE(page.status == 200);
  CHECK(holds(page, "INV-000001"));
  CHECK(holds(page, "$10.00"));
  for (const char* gone : {"Onym", "care", "Billed to", "[purged]"}) {
    CAPTURE(gone);
    CHECK_FALSE(holds(page, gone));
  }
}

TEST_CASE_FIXTURE(Hosted, "INV-17: a token says book, invoice and expiry, and another ledger's is none of ours") {
  const InvoiceLink link{"a.book-1", {7, 9, 0, 3}, Instant{1'900'000'000'000'000}};
  const std::string token = invoice_link_token(engine->keyring(), link);
  const auto read = read_invoice_link(engine->keyring(), token);
  REQUIRE(read);
  CHECK(read->book == link.book);
  CHECK(read->invoice == link.invoice);
  CHECK(read->expires_at == link.expires_at);
  const Served elsewhere;
  CHECK_FALSE(read_invoice_link(elsewhere.engine->keyring(), token));
  CHECK_FALSE(read_invoice_link(engine->keyring(), ""));
  CHECK_FALSE(read_invoice_link(engine->keyring(), "." + token));
}
