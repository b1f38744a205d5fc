// A book's own tax rates: set, in force from their day on, before the default table; and VAT ids on invoices.
#include "domain/rules/tax_rates.h"
#include "domain/state_codec.h"
#include "schemas/events/invoices_generated.h"
#include "tests/domain/invoicing.h"

using namespace daybook;
using namespace daybook::test;

namespace {

Instant on(const char* text) {
  return *parse_rfc3339(text);
}

SetTaxRate rate(std::string country, std::string percent, std::string from) {
  SetTaxRate command;
  command.country = std::move(country);
  command.name = "VAT";
  command.percent = std::move(percent);
  command.from = std::move(from);
  return command;
}

/// The percent of each tax of an invoice of 100.00 that is finalised now, and how it came to that.
std::string taxed(Invoicing& given) {
  const schema::InvoiceFiguresT& figures = *given.invoice(given.finalized({"10000"})).figures;
  std::string text;
  for (const auto& tax : figures.taxes) {
    text += (text.empty() ? "" : " + ") + tax->percent + " " + schema::EnumNameTaxReason(tax->reason);
  }
  return text + " = " + std::to_string(figures.tax);
}

}  // namespace

TEST_CASE("TAX-05: a rate holds for invoices finalised from its day on, and no earlier") {
  Invoicing given;
  given.tax("DE", "DE");
  given.now = on("2027-06-30T12:00:00Z");
  REQUIRE(given.when(rate("DE", "21", "2027-07-01")).accepted());
  CHECK(taxed(given) == "19 rate = 1900");
  given.now = on("2027-06-30T23:59:59Z");
  CHECK(taxed(given) == "19 rate = 1900");
  given.now = on("2027-07-01T00:00:00Z");
  CHECK(taxed(given) == "21 rate = 2100");
  REQUIRE(given.when(rate("DE", "18.5", "2027-08-01")).accepted());
  given.now = on("2027-07-31T23:59:59Z");
  CHECK(taxed(given) == "21 rate = 2100");
  given.now = on("2027-08-01T00:00:00Z");
  CHECK(taxed(given) == "18.5 rate = 1850");
  // The same first day again takes its place.
  REQUIRE(given.when(rate("DE", "18", "2027-08-01")).accepted());
  CHECK(given.book.tax_rates.size() == 2);
  CHECK(taxed(given) == "18 rate = 1800");
  // A draft of before has the rate of the day on which it is finalised.
  const EntityRef draft = given.draft({"10000"});
  REQUIRE(given.when(rate("DE", "17", "2027-08-15")).accepted());
  given.now = on("2027-08-15T00:00:00Z");
  given.accept(FinalizeInvoice{draft});
  CHECK(given.invoice(draft).figures->tax == 1'700);
}

TEST_CASE("TAX-05: after its last day the default table holds again, and a region's rates come before its country's") {
  Invoicing given;
  given.tax("DE", "DE");
  SetTaxRate lowered = rate("DE", "16", "2027-07-01");
  lowered.until = "2027-12-31";
  REQUIRE(given.when(lowered).accepted());
  given.now = on("2027-12-31T23:00:00Z");
  CHECK(taxed(given) == "16 rate = 1600");
  given.now = on("2028-01-01T00:00:00Z");
  CHECK(taxed(given) == "19 rate = 1900");
  SetTaxRate island = rate("DE", "0", "2027-01-01");
  island.region = "HH";
  REQUIRE(given.when(island).accepted());
  UpdateAccount moved;
  moved.account_id = "acme";
  moved.region = {Change<std::string>::Kind::set, "HH"};
  REQUIRE(given.when(moved).accepted());
  CHECK(taxed(given) == "0 rate = 0");
  SetTaxRate second = island;
  second.name = "levy";
  second.percent = "1.5";
  REQUIRE(given.when(second).accepted());
  CHECK(taxed(given) == "0 rate + 1.5 rate = 150");
}

TEST_CASE("a book's rows end where the next of their place and name begin, whichever was set first") {
  OwnTaxRates own;
  const auto add = [&](const char* name, const char* percent, Date from, std::optional<Date> until) {
    own[{"DE", "", name, from}] = {percent, until, false, 1};
  };
  add("VAT", "3", {2027, 3, 1}, {});
  add("VAT", "1", {2027, 1, 1}, {});
  add("VAT", "2", {2027, 2, 1}, Date{2027, 2, 10});
  add("VAT", "2.5", {2027, 2, 20}, Date{2027, 6, 1});
  own[{"DF", "", "VAT", {2027, 1, 1}}] = {"9", {}, false, 1};
  const TaxRates table = rates_of_book(own, "DE");
  const auto percent_on = [&](Date day) {
    const std::vector<TaxRate> rates = rates_at({}, "DE", "", day, table);
    return rates.empty() ? std::string("none") : *format_decimal(rates.front().percent);
  };
  REQUIRE(table.size() == 4);
  CHECK(percent_on({2026, 12, 31}) == "none");
  CHECK(percent_on({2027, 1, 31}) == "1");
  CHECK(percent_on({2027, 2, 1}) == "2");
  CHECK(percent_on({2027, 2, 11}) == "none");
  CHECK(percent_on({2027, 2, 28}) == "2.5");
  CHECK(percent_on({2027, 3, 1}) == "3");
  CHECK(rates_of_book(own, "D").empty());
  CHECK(rates_of_book({}, "DE").empty());
}

TEST_CASE("a tax rate that cannot be is refused by its pointer; the same again changes nothing") {
  Invoicing given;
  const auto refused = [&](SetTaxRate command) {
    const Decision decision = given.when(command);
    return decision.accepted() ? std::string("accepted") : decision.rejection.pointer;
  };
  CHECK(refused(rate("DE", "-1", "2027-01-01")) == "/percent");
  CHECK(refused(rate("DE", "100.000001", "2027-01-01")) == "/percent");
  CHECK(refused(rate("DE", "0.0000001", "2027-01-01")) == "/percent");
  CHECK(refused(rate("DE", "19", "2027-02-29")) == "/from");
  SetTaxRate ended = rate("DE", "19", "2027-01-02");
  ended.until = "2027-01-01";
  CHECK(refused(ended) == "/until");
  ended.until = "2027-01-32";
  CHECK(refused(ended) == "/until");
  CHECK(given.book.tax_rates.empty());
  ended.until = "2027-01-02";
  CHECK(refused(ended) == "accepted");
  CHECK(refused(rate("DE", "100", "2027-01-01")) == "accepted");
  const std::uint64_t version = given.book.version;
  CHECK(refused(ended) == "accepted");
  CHECK(given.book.version == version);
  const auto again = decode_book(encode_state(given.book));
  REQUIRE(again.has_value());
  CHECK(*again == given.book);
}

TEST_CASE("a book has as many tax rates as it may, and not one more") {
  Invoicing given;
  const Date first{2027, 1, 1};
  for (std::size_t i = 0; i < own_tax_rates_max; ++i) {
    const Date day = civil_from_days(days_from_civil(first) + static_cast<std::int64_t>(i));
    given.book.tax_rates[{"DE", "", "VAT", day}] = {"19", {}, false, 1};
  }
  CHECK(given.refused(rate("DE", "20", "2026-12-31")) == RejectionCode::limit_reached);
  CHECK(given.when(rate("DE", "20", "2027-01-01")).accepted());  // in a row's place
}

TEST_CASE("TAX-04: a business abroad with a valid VAT id accounts for the tax itself") {
  Invoicing given;
  given.tax("IE", "DE");
  CHECK(taxed(given) == "19 rate = 1900");
  const auto vat_country = [&](const std::string& country) {
    UpdateAccount update;
    update.account_id = "acme";
    update.vat_id = {Change<Sensitive>::Kind::set, {{}, Sealed{1, "n", "c" + country}}};
    update.vat_id_country = country;
    REQUIRE(given.when(update).accepted());
  };
  vat_country("DE");
  CHECK(given.account.details.vat_id_country == "DE");
  CHECK(taxed(given) == " reverse_charge = 0");
  vat_country("FR");  // not of where it is
  CHECK(taxed(given) == "19 rate = 1900");
  vat_country("");  // not valid
  CHECK(taxed(given) == "19 rate = 1900");
  CHECK(decode_account(encode_state(given.account))->details == given.account.details);
  given.tax("DE", "DE");
  vat_country("DE");
  CHECK(taxed(given) == "19 rate = 1900");  // at home
}

TEST_CASE("ACC-02: a member that is set to what it is changes nothing; one that is cleared is empty") {
  Invoicing given;
  UpdateAccount update;
  update.account_id = "acme";
  update.company = {Change<Sensitive>::Kind::set, {"", {1, "123456789012", "sealed company"}}};
  update.locale = {Change<std::string>::Kind::set, "de-AT"};
  update.tax_exempt = {Change<bool>::Kind::set, true};
  CHECK(given.when(update).size() == 1);
  CHECK(given.when(update).size() == 0);
  CHECK(given.account.details.tax_exempt);
  update.company.kind = Change<Sensitive>::Kind::clear;
  update.locale.kind = Change<std::string>::Kind::clear;
  CHECK(given.when(update).size() == 1);
  CHECK(given.account.details.company.empty());
  CHECK(given.account.details.locale.empty());
  OpenAccount again;
  again.account_id = "acme";
  again.currency = currency_of("USD");
  again.time_zone = "UTC";
  CHECK(given.when(again).rejection == Rejection{RejectionCode::account_exists, "/id", {}});
}
