// Strict parsing, member by member: each command's sample is broken in every way that a client can break it.
#include "gateway/command_parser.h"

#include <algorithm>

#include "doctest/doctest.h"
#include "gateway/command_text.h"
#include "gateway/field_rule.h"

using namespace daybook;

namespace {

struct MemberRow {
  std::string name;
  std::string value;  ///< A right one.
  bool required = false;
  std::string wrong_type;  ///< JSON of another type: 400.
  std::string invalid;     ///< Right type, wrong value: 422. Empty: every value of the type is right.
};
struct CommandRow {
  std::string name;
  std::vector<MemberRow> members;
};

const std::string long_reason = '"' + std::string(reason_characters_max + 1, 'x') + '"';
const std::string long_name = '"' + std::string(name_characters_max + 1, 'x') + '"';
const std::string long_reference = '"' + std::string(reference_characters_max + 1, 'x') + '"';
const std::string long_token = '"' + std::string(payment_token_characters_max + 1, 'x') + '"';
const std::string clock_id = R"("clock_00000000010000000100")";
const std::string credit_id = R"("cr_00000000010000000100")";
const std::string invoice_id = R"("inv_00000000010000000100")";
const std::string credit_note_id = R"("cn_00000000010000000100")";
const std::string subscription_id = R"("sub_00000000010000000100")";
const std::string account_discount_id = R"("di_00000000010000000100")";
const std::string checkout_id = R"("cs_00000000010000000100")";
const std::string refund_id = R"("re_00000000010000000100")";
const std::string hold_id = R"("hold_00000000010000000100")";

MemberRow account() {
  return {"account_id", R"("acme")", true, "1", R"("-acme")"};
}
MemberRow reason(bool required = false) {
  return {"reason", R"("because\nof")", required, "[]", long_reason};
}
MemberRow reference() {
  return {"reference", R"("job-1")", false, "{}", long_reference};
}
MemberRow unit() {
  return {"unit", R"("minutes")", false, "7", R"("Minutes")"};
}
MemberRow amount(bool required = true) {
  return {"amount", "10", required, "10.5", ""};
}
MemberRow metadata() {
  return {"metadata", R"({"plan":"pro","seats":5,"on":true})", false, R"("x")", R"({"":1})"};
}
MemberRow expiry() {
  return {"expires_at", R"("2027-01-01T00:00:00Z")", false, "1", R"("tomorrow")"};
}
MemberRow priority() {
  return {"priority", "100", false, "1.0", "101"};
}
MemberRow email(std::string name, bool required) {
  return {std::move(name), R"("a@b.example")", required, "true", R"("a@b")"};
}
MemberRow text(std::string name, bool required = false) {
  return {std::move(name), R"("text")", required, "1", long_name};
}
MemberRow address() {
  return {"address", R"({"country":"DE","line1":"x"})", false, R"("x")", R"({"country":"XX"})"};
}

MemberRow plan() {
  return {"plan_id", R"("pro")", true, "1", R"("-pro")"};
}
MemberRow interval_count() {
  return {"interval_count", "3", false, R"("3")", "0"};
}
MemberRow interval() {
  return {"interval", R"("year")", false, "12", R"("yearly")"};
}

std::vector<MemberRow> plan_members(bool is_new) {
  std::vector<MemberRow> members = {
      text("name", is_new),
      {"code", R"("pro-2026")", false, "1", R"("a b")"},
      {"description", R"("For\nteams")", false, "1", long_reason},
      {"tier", R"("pro")", false, "2", R"("Pro!")"},
      interval(),
      interval_count(),
      {"prices", R"([{"currency":"USD","amount":1000},{"currency":"EUR","amount":"9.5","setup_fee":1}])", is_new, "{}",
       R"([{"currency":"USD","amount":"1.1234567890123"}])"},
      {"trial_days", "14", false, R"("14")", "731"},
      {"features", R"(["sso","audit"])", false, "{}", R"(["sso","sso"])"},
      {"limits", R"({"seats":5,"campaigns":null})", false, "[]", R"({"seats":-1})"},
      {"unit_credits_per_cycle", "1000", false, "1.5", "-1"},
      {"manual_invoicing", "true", false, "1", ""},
      {"net_days", "30", false, R"("30")", "366"},
      {"proration", R"("day")", false, "1", R"("week")"},
      {"tax_category", R"("saas")", false, "1", R"("S a")"},
      metadata()};
  if (!is_new) {
    members[0].required = false;
    members.push_back(plan());
  } else {
    members.push_back({"id", R"("pro")", false, "1", R"("-pro")"});
    members.push_back({"account_id", R"("acme")", false, "1", R"("-acme")"});
  }
  return members;
}

MemberRow named(std::string member, bool required = false) {
  return {std::move(member), R"("acme-1")", required, "1", R"("-acme")"};
}
MemberRow uses(std::string member) {
  return {std::move(member), "5", false, R"("5")", "0"};
}

std::vector<MemberRow> book_members(bool is_new) {
  std::vector<MemberRow> members = {
      named(is_new ? "id" : "book_id", !is_new),
      text("name", is_new),
      {"default_currency", R"("EUR")", false, "1", R"("eur")"},
      {"time_zone", R"("Europe/Berlin")", false, "1", R"("Mars/Base")"},
      {"legal_entity", R"({"name":"Seller","address_lines":["Street 1","Berlin"],"country":"DE","tax_id":"x"})", false,
       R"("x")", R"({"country":"DE"})"},
      metadata(),
      {"branding", R"({"company_name":"Shop","logo_url":"https://shop.example/logo.png","primary_color":"#0b5fff"})",
       false, R"("x")", R"({"primary_color":"blue"})"}};
  if (is_new) members.push_back({"mode", R"("live")", true, "1", R"("both")"});
  return members;
}

std::vector<MemberRow> discount_members(bool is_new) {
  return {named(is_new ? "id" : "discount_id", !is_new),
          text("name", is_new),
          {"kind", R"("fixed")", false, "1", R"("gift")"},
          {"percent", R"("12.5")", false, "true", R"("1.1234567")"},
          {"amount", "500", false, "1.5", "-1"},
          uses("amount_max"),
          {"currency", R"("USD")", false, "1", R"("usd")"},
          {"duration", R"("repeating")", false, "1", R"("twice")"},
          {"months", "3", false, R"("3")", "0"},
          {"plans", R"(["pro","free"])", false, "{}", R"(["pro","pro"])"},
          {"starts_at", R"("2027-01-01T00:00:00Z")", false, "1", R"("today")"},
          {"ends_at", R"("2028-01-01T00:00:00Z")", false, "1", R"("tomorrow")"},
          uses("max_redemptions"),
          priority(),
          {"stackable", "false", false, "0", ""},
          metadata()};
}

const std::vector<CommandRow> rows = {
    {"OpenAccount",
     {{"id", R"("acme")", false, "1", R"("me")"},
      text("name", true),
      email("email", true),
      email("billing_email", false),
      text("company"),
      {"currency", R"("EUR")", false, "1", R"("XAU")"},
      {"time_zone", R"("Europe/Berlin")", false, "1", R"("Mars/Olympus")"},
      {"locale", R"("pt-BR")", false, "1", R"("PT_br")"},
      address(),
      {"tax_exempt", "true", false, "1", ""},
      text("tax_id"),
      text("vat_id"),
      {"provider", R"("stripe")", false, "1", R"("nobody")"},
      metadata(),
      {"payment_method_token", R"("tok_ok")", false, "1", long_token},
      {"test_clock", clock_id, false, "1", R"("clock_1")"}}},
    {"UpdateAccount",
     {account(),
      text("name"),
      email("email", false),
      email("billing_email", false),
      text("company"),
      {"time_zone", R"("UTC")", false, "null", R"("Mars/Olympus")"},
      {"locale", R"("en")", false, "1", R"("e")"},
      address(),
      {"tax_exempt", "false", false, "0", ""},
      text("tax_id"),
      text("vat_id"),
      {"provider", R"("paypal")", false, "1", R"("nobody")"},
      metadata(),
      {"currency", R"("EUR")", false, "null", R"("eur")"}}},
    {"IssueCredit",
     {account(),
      amount(),
      {"currency", R"("USD")", true, "840", R"("usd")"},
      {"type", R"("goodwill")", true, "1", R"("bribe")"},
      reason(true),
      expiry(),
      priority(),
      {"invoice_id", invoice_id, false, "1", hold_id},
      metadata()}},
    {"ConsumeCredit", {{"credit_id", credit_id, true, "1", hold_id}, amount(), reason(), reference()}},
    {"ApplyCredit",
     {{"credit_id", credit_id, true, "1", hold_id},
      {"invoice_id", invoice_id, true, "1", credit_id},
      {"amount", "5", false, R"("5")", "-1"}}},
    {"ExpireCredit", {{"credit_id", credit_id, true, "1", R"("cr_1")"}, reason()}},
    {"VoidCredit", {{"credit_id", credit_id, true, "1", R"("cr_1")"}, reason()}},
    {"AllocateUnitCredits",
     {account(),
      unit(),
      amount(),
      {"source", R"("pack")", false, "2", R"("magic")"},
      priority(),
      expiry(),
      reason(),
      reference()}},
    {"DeductUnitCredits", {account(), unit(), amount(), reference(), reason()}},
    {"AdjustUnitCredits", {account(), unit(), amount(), reason(true), reference()}},
    {"ReserveUnitCredits", {account(), unit(), amount(), {"ttl_seconds", "60", true, R"("60")", ""}, reference()}},
    {"CaptureReservation",
     {{"account_id", R"("acme")", false, "1", R"("-acme")"},
      {"reservation_id", hold_id, true, "1", credit_id},
      amount(false),
      reference()}},
    {"ReleaseReservation",
     {{"account_id", R"("acme")", false, "1", R"("-acme")"}, {"reservation_id", hold_id, true, "1", credit_id}}},
    {"ScheduleAccountDeletion", {account(), reason()}},
    {"RestoreAccount", {account(), reason()}},
    {"PurgeAccount", {account()}},
    {"PlaceLegalHold", {account(), reason(true)}},
    {"ReleaseLegalHold", {account(), reason()}},
    {"UnparkAccount", {account(), reason()}},
    {"AdvanceSandboxClock", {{"advance", R"("P3D")", false, "3", R"("3 days")"}}},
    {"CreateTestClock", {text("name"), {"frozen_time", R"("2027-01-31T12:00:00Z")", true, "1", R"("noon")"}}},
    {"AdvanceTestClock",
     {{"test_clock_id", clock_id, true, "1", R"("clock_1")"}, {"advance", R"("P3D")", false, "3", R"("3 days")"}}},
    {"CreateBook", book_members(true)},
    {"ChangeBook", book_members(false)},
    {"CloseBook", {named("book_id", true)}},
    {"CreateApiKey",
     {text("name", true),
      {"role", R"("api_key")", false, "8", R"("system")"},
      {"scopes", R"(["units:read"])", false, R"("units:read")", R"(["units:everything"])"},
      {"account_id", R"("acme")", false, "1", R"("a b")"}}},
    {"CreatePlan", plan_members(true)},
    {"RevisePlan", plan_members(false)},
    {"RetirePlan", {plan()}},
    {"RestorePlan", {plan()}},
    {"SyncCatalogue", {{"provider", R"("simulator")", false, "1", R"("A provider")"}}},
    {"AttachPaymentMethod",
     {account(), {"token", R"("tok_ok")", true, "1", long_token}, {"is_default", "true", false, "1", ""}, metadata()}},
    {"SetDefaultPaymentMethod",
     {{"account_id", R"("acme")", false, "1", R"("-acme")"},
      {"payment_method_id", R"("pm_00000000010000000100")", true, "1", credit_id}}},
    {"DetachPaymentMethod",
     {{"account_id", R"("acme")", false, "1", R"("-acme")"},
      {"payment_method_id", R"("pm_00000000010000000100")", true, "1", credit_id}}},
    {"CreateDiscount", discount_members(true)},
    {"ChangeDiscount", discount_members(false)},
    {"RetireDiscount", {named("discount_id", true)}},
    {"CreateCoupon",
     {named("code", true),
      named("discount_id", true),
      uses("max_redemptions"),
      uses("max_per_account"),
      uses("max_per_user"),
      {"first_purchase_only", "true", false, "1", ""}}},
    {"RetireCoupon", {named("code", true)}},
    {"DraftInvoice",
     {account(),
      {"lines", R"([{"description":"a","unit_amount":5}])", false, "{}", R"([{"description":"a"}])"},
      {"net_days", "14", false, R"("14")", "366"},
      metadata(),
      {"collection", R"("automatic")", false, "1", R"("sometimes")"}}},
    {"AddInvoiceLine",
     {{"invoice_id", invoice_id, true, "1", credit_id},
      {"description", R"("Set-up")", true, "1", long_reason},
      {"quantity", R"("1.5")", false, "true", R"("1.1234567891")"},
      {"unit_amount", R"("-10.25")", true, "true", R"("1.1234567891234")"},
      {"period", R"({"start":"2027-01-01T00:00:00Z","end":"2027-02-01T00:00:00Z"})", false, "1", R"({"start":"x"})"}}},
    {"RemoveInvoiceLine", {{"invoice_id", invoice_id, true, "1", credit_id}, {"number", "2", true, R"("2")", "0"}}},
    {"FinalizeInvoice", {{"invoice_id", invoice_id, true, "1", credit_id}}},
    {"VoidInvoice", {{"invoice_id", invoice_id, true, "1", credit_id}, reason()}},
    {"MarkInvoiceUncollectible", {{"invoice_id", invoice_id, true, "1", credit_id}, reason()}},
    {"SendInvoice",
     {{"account_id", R"("acme")", false, "1", R"("-acme")"}, {"invoice_id", invoice_id, true, "1", credit_id}}},
    {"ChangePolicy",
     {{"policy", R"("invoice.numbering")", true, "1", R"("-x")"},
      {"prefix", R"("ACME-")", false, "1", R"("123456789012345678901")"},
      {"digits", "4", false, R"("4")", "13"},
      {"reset", R"("yearly")", false, "1", R"("monthly")"},
      {"manual", "14", false, R"("14")", "366"},
      {"country", R"("DE")", false, "1", R"("de")"},
      {"unused_time", R"("no_credit")", false, "1", R"("some")"},
      {"days", "90", false, R"("90")", "3651"},
      {"max_live", R"("single")", false, "1", R"("two")"},
      {"mode", R"("immediate")", false, "1", R"("later")"},
      {"proration_behavior", R"("next_invoice")", false, "1", R"("later")"},
      {"stacking", R"("best_of")", false, "1", R"("all")"},
      {"arithmetic", R"("stacked")", false, "1", R"("summed")"},
      {"effective", R"("period_end")", false, "1", R"("later")"},
      {"unit", R"("day")", false, "1", R"("thirty_360")"},
      {"on_account_open", R"("off")", false, "1", R"("maybe")"},
      {"trial_end", R"("cancel")", false, "1", R"("later")"},
      {"rounding", R"("half_even")", false, "1", R"("up")"}}},
    {"SetTaxRate",
     {{"country", R"("DE")", true, "1", R"("de")"},
      named("region"),
      named("name", true),
      {"percent", R"("19.5")", true, "true", R"("1.1234567")"},
      {"from", R"("2027-01-01")", true, "1", R"("2027-02-29")"},
      {"until", R"("2027-12-31")", false, "1", R"("2027-1-1")"},
      {"state_rate_only", "true", false, "1", ""}}},
    {"CreateSubscription",
     {account(),
      named("plan_id", true),
      {"quantity", "3", false, R"("3")", "0"},
      {"currency", R"("EUR")", false, "1", R"("eur")"},
      {"interval", R"("year")", false, "1", R"("decade")"},
      {"interval_count", "2", false, R"("2")", "0"},
      named("coupon"),
      named("user_id"),
      {"trial_days", "14", false, R"("14")", "731"},
      metadata(),
      {"payment_method", R"("tok_ok")", false, "1", long_token}}},
    {"StartCheckout",
     {account(),
      named("plan_id", true),
      {"quantity", "3", false, R"("3")", "0"},
      {"currency", R"("EUR")", false, "1", R"("eur")"},
      {"interval", R"("year")", false, "1", R"("decade")"},
      {"interval_count", "2", false, R"("2")", "0"},
      named("coupon"),
      named("user_id"),
      {"trial_days", "14", false, R"("14")", "731"},
      metadata(),
      {"success_url", R"("https://shop.example/done?a=1")", false, "1", R"("http://shop.example/done")"},
      {"cancel_url", R"("http://localhost:3000/")", false, "1", R"("javascript:alert")"},
      expiry()}},
    {"CompleteCheckout",
     {{"checkout_session_id", checkout_id, true, "1", credit_id},
      {"payment_method", R"("tok_ok")", true, "1", long_token}}},
    {"ExpireCheckout", {{"checkout_session_id", checkout_id, true, "1", credit_id}}},
    {"MirrorProviderSubscription",
     {{"subscription_id", subscription_id, true, "1", credit_id},
      {"provider", R"("stripe")", true, "1", R"("nobody")"},
      {"provider_subscription_id", R"("sub_1Abc")", true, "1", long_token},
      {"provider_status", R"("active")", true, "1", R"("")"},
      {"has_ended", "true", false, "1", ""}}},
    {"CancelSubscription",
     {{"account_id", R"("acme")", false, "1", R"("-acme")"},
      {"subscription_id", subscription_id, true, "1", credit_id},
      {"mode", R"("immediate")", false, "1", R"("later")"},
      reason(),
      {"comment", R"("Too far away")", false, "1", long_reason},
      {"unused_time", R"("prorated_credit")", false, "1", R"("some")"}}},
    {"ApplyDiscount",
     {{"account_id", R"("acme")", false, "1", R"("-acme")"},
      {"subscription_id", subscription_id, true, "1", credit_id},
      named("coupon"),
      named("discount_id"),
      named("user_id")}},
    {"RemoveDiscount",
     {{"account_id", R"("acme")", false, "1", R"("-acme")"},
      {"subscription_id", subscription_id, true, "1", credit_id},
      {"discount", account_discount_id, true, "1", credit_id}}},
    {"PauseSubscription",
     {{"account_id", R"("acme")", false, "1", R"("-acme")"},
      {"subscription_id", subscription_id, true, "1", credit_id},
      {"resumes_at", R"("2027-02-01T00:00:00Z")", false, "1", R"("tomorrow")"},
      reason()}},
    {"ResumeSubscription",
     {{"account_id", R"("acme")", false, "1", R"("-acme")"},
      {"subscription_id", subscription_id, true, "1", credit_id}}},
    {"ReactivateSubscription",
     {{"account_id", R"("acme")", false, "1", R"("-acme")"},
      {"subscription_id", subscription_id, true, "1", credit_id}}},
    {"IssueCreditNote",
     {{"invoice_id", invoice_id, true, "1", credit_id},
      {"lines", R"([{"line":1,"amount":5},{"line":2,"quantity":"0.5"}])", false, "{}", R"([{"amount":5}])"},
      {"amount", "5", false, R"("5")", "-1"},
      reason(),
      {"memo", R"("For the delay")", false, "1", long_reason}}},
    {"VoidCreditNote", {{"credit_note_id", credit_note_id, true, "1", credit_id}, reason()}},
    {"AdjustInvoice",
     {{"invoice_id", invoice_id, true, "1", credit_id},
      {"line", "1", false, R"("1")", "0"},
      {"type", R"("discount")", true, "1", R"("gift")"},
      {"amount", "5", true, "1.5", ""},
      {"reason", R"("Loyalty")", true, "1", long_reason}}},
    {"ChangePlan",
     {{"account_id", R"("acme")", false, "1", R"("-acme")"},
      {"subscription_id", subscription_id, true, "1", credit_id},
      named("plan_id"),
      {"quantity", "3", false, R"("3")", "0"},
      {"currency", R"("EUR")", false, "1", R"("eur")"},
      {"interval", R"("year")", false, "1", R"("decade")"},
      {"interval_count", "2", false, R"("2")", "0"},
      {"effective", R"("period_end")", false, "1", R"("later")"},
      {"proration_behavior", R"("next_invoice")", false, "1", R"("half")"},
      reason(),
      named("coupon"),
      named("user_id")}},
    {"ChangeQuantity",
     {{"account_id", R"("acme")", false, "1", R"("-acme")"},
      {"subscription_id", subscription_id, true, "1", credit_id},
      {"delta", "-2", false, R"("2")", "1000000001"},
      {"quantity", "3", false, R"("3")", "0"},
      {"effective", R"("now")", false, "1", R"("later")"},
      {"proration_behavior", R"("none")", false, "1", R"("half")"},
      reason()}},
    {"CancelScheduledPlanChange",
     {{"account_id", R"("acme")", false, "1", R"("-acme")"},
      {"subscription_id", subscription_id, true, "1", credit_id}}},
    {"UpdateSubscription",
     {{"account_id", R"("acme")", false, "1", R"("-acme")"},
      {"subscription_id", subscription_id, true, "1", credit_id},
      named("plan_id"),
      {"quantity", "3", false, R"("3")", "0"},
      metadata(),
      {"at_period_end", "true", false, "1", ""},
      {"proration_behavior", R"("create_prorations")", false, "1", R"("half")"},
      named("coupon"),
      named("user_id")}},
    {"AttemptPayment",
     {{"account_id", R"("acme")", false, "1", R"("-acme")"},
      {"invoice_id", invoice_id, true, "1", credit_id},
      {"payment_method_id", R"("pm_00000000010000000100")", false, "1", credit_id}}},
    {"RetryPayment", {account(), {"payment_method_id", R"("pm_00000000010000000100")", false, "1", credit_id}}},
    {"RecordPaymentResult",
     {{"payment_id", R"("pay_00000000010000000100")", true, "1", credit_id},
      {"outcome", R"("failed")", true, "1", R"("lost")"},
      {"transaction_id", R"("ch_1")", false, "1", long_token},
      {"code", R"("card_declined")", false, "1", R"("Declined")"},
      {"message", R"("No.")", false, "1", long_token},
      {"action_url", R"("https://bank.test/confirm")", false, "1", '"' + std::string(2'001, 'x') + '"'}}},
    {"RecordOfflinePayment",
     {{"invoice_id", R"("inv_00000000010000000100")", true, "1", credit_id},
      amount(true),
      {"method", R"("check")", false, "1", R"("gold")"},
      {"reference", R"("statement 7")", false, "1", long_token},
      {"received_at", R"("2027-01-31T12:00:00Z")", false, "1", R"("soon")"}}},
    {"IssueRefund",
     {{"payment_id", R"("pay_00000000010000000100")", true, "1", credit_id},
      amount(false),
      {"reason", R"("duplicate")", false, "1", R"("boredom")"},
      {"destination", R"("credit")", false, "1", R"("cash")"},
      {"description", R"("Sent twice")", false, "1", long_reason}}},
    {"RecordRefundResult",
     {{"refund_id", refund_id, true, "1", credit_id},
      {"outcome", R"("failed")", true, "1", R"("lost")"},
      {"provider_refund_id", R"("re_1")", false, "1", long_token},
      {"code", R"("lost_or_stolen_card")", false, "1", R"("Lost")"},
      {"message", R"("No.")", false, "1", long_token}}},
    {"OpenDispute",
     {{"payment_id", R"("pay_00000000010000000100")", true, "1", credit_id},
      amount(true),
      {"reason", R"("fraudulent")", false, "1", R"("Fraud")"},
      {"provider_dispute_id", R"("dp_1")", true, "1", long_token},
      {"due_by", R"("2027-01-31T12:00:00Z")", false, "1", R"("soon")"}}},
    {"CloseDispute",
     {{"payment_id", R"("pay_00000000010000000100")", true, "1", credit_id},
      {"provider_dispute_id", R"("dp_1")", true, "1", long_token},
      {"outcome", R"("won")", true, "1", R"("drawn")"}}},
    {"ReceiveProviderEvent",
     {{"provider", R"("stripe")", true, "1", R"("nobody")"},
      {"external_id", R"("evt_1")", true, "1", long_token},
      {"type", R"("charge.succeeded")", true, "1", long_token},
      {"payment_id", R"("pay_00000000010000000100")", false, "1", credit_id},
      {"body", R"("{}")", true, "1", R"("a\u0001b")"},
      {"checkout_session_id", checkout_id, false, "1", credit_id},
      {"subscription_id", subscription_id, false, "1", credit_id},
      {"refund_id", refund_id, false, "1", credit_id}}},
    {"ProcessProviderEvent",
     {{"provider_event_id", R"("whe_00000000010000000100")", true, "1", credit_id},
      {"outcome", R"("ignored")", true, "1", R"("lost")"},
      {"changed", "true", false, "1", ""},
      {"reason", R"("not_supported")", false, "1", R"("Not supported")"}}},
    {"RedeemCoupon", {named("code", true), named("account_id", true), named("user_id"), named("plan_id")}},
    {"RevokeApiKey", {{"api_key_id", R"("key_00000000010000000100")", true, "1", credit_id}}},
};

/// The sample with one member's text replaced, left out (`nullopt`), or as it is.
std::string line_of(const CommandRow& row, const MemberRow* changed = nullptr, std::optional<std::string> value = {},
                    const std::string& extra = {}) {
  std::string params;
  for (const MemberRow& member : row.members) {
    const bool is_changed = &member == changed;
    if (is_changed && !value) continue;
    if (!params.empty()) params += ',';
    params += '"' + member.name + "\":" + (is_changed ? *value : member.value);
  }
  if (!extra.empty()) params += (params.empty() ? "" : ",") + extra;
  return R"({"command":")" + row.name + R"(","params":{)" + params + "}}";
}

bool has_fault(const Faults& faults, std::string_view pointer) {
  return std::any_of(faults.list.begin(), faults.list.end(),
                     [&](const FieldFault& fault) { return fault.pointer.starts_with(pointer); });
}

void check_malformed(const std::string& line, const std::string& pointer) {
  CAPTURE(line);
  const ParsedLine parsed = parse_command_line(line);
  CHECK_FALSE(parsed.command.has_value());
  CHECK(parsed.faults.code() == RejectionCode::malformed_request);
  CHECK(has_fault(parsed.faults, pointer));
}

void check_invalid(const std::string& line, const std::string& pointer) {
  CAPTURE(line);
  const ParsedLine parsed = parse_command_line(line);
  CHECK_FALSE(parsed.command.has_value());
  CHECK(parsed.faults.code() == RejectionCode::validation_failed);
  CHECK(has_fault(parsed.faults, pointer));
}

}  // namespace

TEST_CASE("every command has a row here, and the row has every member") {
  for (std::size_t i = 0; i < std::variant_size_v<Command>; ++i) CHECK(i < rows.size());
  for (const CommandRow& row : rows) {
    CAPTURE(row.name);
    REQUIRE(is_command_name(row.name));
    for (const std::string& name : member_names(row.name)) {
      if (name.find('/') != name.npos || (row.name.starts_with("Advance") && name == "to")) continue;
      CAPTURE(name);
      CHECK(std::any_of(row.members.begin(), row.members.end(), [&](const auto& one) { return one.name == name; }));
    }
  }
}

TEST_CASE("a right command parses, with and without its optional members") {
  for (const CommandRow& row : rows) {
    const std::string line = line_of(row);
    CAPTURE(line);
    const ParsedLine parsed = parse_command_line(line);
    for (const FieldFault& fault : parsed.faults.list) MESSAGE(fault.pointer << ' ' << fault.detail);
    REQUIRE(parsed.command.has_value());
    CHECK(command_name(*parsed.command) == row.name);
  }
}

TEST_CASE("each member: missing, wrong type, wrong value, twice") {
  for (const CommandRow& row : rows) {
    for (const MemberRow& member : row.members) {
      CAPTURE(row.name);
      CAPTURE(member.name);
      const std::string pointer = "/params/" + member.name;
      if (member.required) check_invalid(line_of(row, &member, std::nullopt), pointer);
      check_malformed(line_of(row, &member, member.wrong_type), pointer);
      if (!member.invalid.empty()) check_invalid(line_of(row, &member, member.invalid), pointer);
      check_malformed(line_of(row, nullptr, {}, '"' + member.name + "\":" + member.value), pointer);
      if (member.required) check_malformed(line_of(row, &member, "null"), pointer);
    }
    check_malformed(line_of(row, nullptr, {}, R"("surprise":1)"), "/params/surprise");
  }
}

TEST_CASE("what is no JSON object is malformed") {
  for (const std::string body : {"[]", "1", "\"x\"", "{", "{}}", "{} x", "{\"a\":}", "\xff\xfe", "nul"}) {
    CAPTURE(body);
    const ParsedCommand parsed = parse_command("DeductUnitCredits", body, {});
    CHECK_FALSE(parsed.command.has_value());
    CHECK(parsed.faults.code() == RejectionCode::malformed_request);
  }
  const std::string invalid_utf8 = "{\"reference\":\"\xc3\x28\"}";
  CHECK(parse_command("DeductUnitCredits", invalid_utf8, {}).faults.is_malformed);
}

TEST_CASE("nesting is limited") {
  const auto nested = [](std::size_t depth) {
    return "{\"metadata\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  CHECK(parse_command("IssueCredit", nested(4), {}).faults.is_malformed);
  const Faults deep = parse_command("IssueCredit", nested(json_depth_max + 1), {}).faults;
  REQUIRE(deep.list.size() == 1);
  CHECK(deep.list[0].detail == "the body nests too deep");
}

TEST_CASE("integers beyond 64 bits are out of range, not unreadable") {
  CommandTarget target;
  target.account_id = "acme";
  target.is_from_path = true;
  for (const std::string number : {"9223372036854775808", "18446744073709551616", "99999999999999999999999999"}) {
    const ParsedCommand parsed = parse_command("DeductUnitCredits", "{\"amount\":" + number + "}", target);
    REQUIRE(parsed.command.has_value());
    CHECK(std::get<DeductUnitCredits>(*parsed.command).amount == std::numeric_limits<std::int64_t>::max());
  }
  CHECK(parse_command("DeductUnitCredits", R"({"amount":007})", target).faults.is_malformed);
  CHECK(parse_command("DeductUnitCredits", R"({"amount":1e400})", target).faults.is_malformed);
}

TEST_CASE("what the path names is no member of the body, and a bad path is not found") {
  CommandTarget target;
  target.account_id = "acme";
  target.is_from_path = true;
  CHECK(parse_command("DeductUnitCredits", R"({"account_id":"acme","amount":1})", target).faults.is_malformed);
  target.account_id = "no such name";
  CHECK(parse_command("DeductUnitCredits", R"({"amount":1})", target).faults.code() == RejectionCode::not_found);
  CommandTarget coupon;
  coupon.entity_id = "save10";
  coupon.is_from_path = true;
  CHECK(parse_command("RedeemCoupon", R"({"account_id":"acme"})", coupon).command);
  CHECK(parse_command("RedeemCoupon", R"({"account_id":"acme","code":"save10"})", coupon).faults.is_malformed);
  CHECK(has_fault(parse_command("RedeemCoupon", "{}", coupon).faults, "/account_id"));
}

TEST_CASE("a line's account stands in either place, and both must agree") {
  CHECK(parse_command_line(R"({"command":"DeductUnitCredits","account_id":"a","params":{"amount":1}})").command);
  CHECK(parse_command_line(R"({"command":"DeductUnitCredits","params":{"account_id":"a","amount":1}})").command);
  check_invalid(R"({"command":"DeductUnitCredits","account_id":"a","params":{"account_id":"b","amount":1}})",
                "/params/account_id");
  CHECK(parse_command_line(R"({"command":"RedeemCoupon","account_id":"a","params":{"code":"c"}})").command);
  check_invalid(R"({"command":"Bribe","params":{}})", "/command");
  check_invalid(R"({"params":{}})", "/command");
  check_malformed(R"({"command":1,"params":{}})", "/command");
}

TEST_CASE("all faults are reported at once") {
  const ParsedLine parsed = parse_command_line(
      R"({"command":"IssueCredit","extra":1,"params":{"account_id":"-","currency":"usd","x":1,"amount":"1"}})");
  for (const std::string pointer : {"/extra", "/params/account_id", "/params/currency", "/params/x", "/params/amount",
                                    "/params/type", "/params/reason"}) {
    CAPTURE(pointer);
    CHECK(has_fault(parsed.faults, pointer));
  }
}

TEST_CASE("a pointer escapes the member's name") {
  CHECK(json_pointer("/params", "a/b~c") == "/params/a~1b~0c");
}

TEST_CASE("limits are inclusive") {
  const auto with = [](const std::string& reason_text) {
    CommandTarget target;
    target.account_id = "acme";
    target.is_from_path = true;
    return parse_command("DeductUnitCredits", R"({"amount":1,"reason":")" + reason_text + "\"}", target);
  };
  CHECK(with(std::string(reason_characters_max, 'x')).command);
  CHECK_FALSE(with(std::string(reason_characters_max + 1, 'x')).command);
  std::string members;
  for (std::size_t i = 0; i <= metadata_members_max; ++i) {
    const std::string line = R"({"command":"IssueCredit","account_id":"a","params":{"amount":1,"currency":"USD",)"
                             R"("type":"goodwill","reason":"r","metadata":{)" +
                             members + "}}}";
    CHECK(parse_command_line(line).command.has_value());
    members += (i ? ",\"m" : "\"m") + std::to_string(i) + "\":1";
  }
  CHECK_FALSE(parse_command_line(R"({"command":"IssueCredit","account_id":"a","params":{"amount":1,"currency":"USD",)"
                                 R"("type":"goodwill","reason":"r","metadata":{)" +
                                 members + "}}}")
                  .command);
}

TEST_CASE("null clears what may be empty") {
  CommandTarget target;
  target.account_id = "acme";
  target.is_from_path = true;
  const auto parsed =
      parse_command("UpdateAccount", R"({"company":null,"address":{"line1":null,"city":"Bonn"}})", target);
  REQUIRE(parsed.command);
  const auto& update = std::get<UpdateAccount>(*parsed.command);
  CHECK(update.company.kind == Change<Sensitive>::Kind::clear);
  CHECK(update.line1.kind == Change<Sensitive>::Kind::clear);
  CHECK(update.city.value.clear == "Bonn");
  CHECK(update.line2.is_none());
  const auto cleared = parse_command("UpdateAccount", R"({"address":null})", target);
  REQUIRE(cleared.command);
  CHECK(std::get<UpdateAccount>(*cleared.command).country.kind == Change<std::string>::Kind::clear);
}

TEST_CASE("a credit's action says which command it is") {
  CommandTarget target;
  target.entity_id = "cr_00000000010000000100";
  target.is_from_path = true;
  CHECK(command_name(*parse_credit_action(R"({"action":"consume","amount":5})", target).command) == "ConsumeCredit");
  CHECK(command_name(*parse_credit_action(R"({"action":"expire"})", target).command) == "ExpireCredit");
  CHECK(command_name(*parse_credit_action(R"({"action":"void"})", target).command) == "VoidCredit");
  CHECK(parse_credit_action(R"({"action":"burn"})", target).faults.code() == RejectionCode::validation_failed);
  CHECK(parse_credit_action(R"({"amount":1})", target).faults.code() == RejectionCode::validation_failed);
  CHECK(parse_credit_action(R"({"action":"void","amount":1})", target).faults.is_malformed);
}

TEST_CASE("the same command has the same canonical text, however it was written") {
  CommandTarget path;
  path.account_id = "acme";
  path.is_from_path = true;
  const auto typed = parse_command("DeductUnitCredits", R"({ "reference":"j", "amount":10 })", path);
  const auto line = parse_command_line(R"({"params":{"amount":10,"unit":"credits","reference":"\u006a"},)"
                                       R"("account_id":"acme","command":"DeductUnitCredits"})");
  REQUIRE(typed.command);
  REQUIRE(line.command);
  CHECK(canonical_text(*typed.command) == canonical_text(*line.command));
  const auto other = parse_command("DeductUnitCredits", R"({"reference":"j","amount":11})", path);
  CHECK(canonical_text(*typed.command) != canonical_text(*other.command));

  path.entity_id = "hold_00000000010000000100";
  const auto capture = parse_command("CaptureReservation", "", path);
  const auto bulk =
      parse_command_line(R"({"command":"CaptureReservation","params":{"reservation_id":"hold_00000000010000000100"}})");
  CHECK(canonical_text(*capture.command) == canonical_text(*bulk.command));
}

TEST_CASE("clearing a member is another command than leaving it alone") {
  CommandTarget target;
  target.account_id = "acme";
  target.is_from_path = true;
  const auto text_of = [&](std::string_view body) {
    return canonical_text(*parse_command("UpdateAccount", body, target).command);
  };
  CHECK(text_of(R"({"company":null})") != text_of("{}"));
  CHECK(text_of(R"({"company":null})") != text_of(R"({"company":"null"})"));
  CHECK(text_of(R"({"address":{"city":"x"}})") != text_of(R"({"address":{"line1":"x"}})"));
}
