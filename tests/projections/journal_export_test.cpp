#include "projections/journal_export.h"

#include <doctest/doctest.h>

#include <vector>

#include "projections/event_rows.h"
#include "projections/fold_batch.h"
#include "projections/journal_rows.h"
#include "schemas/events/credits_generated.h"
#include "tests/projections/book_builder.h"

namespace daybook::test {
namespace {

struct LogFixture {
  TestFolder folder;
  BookBuilder book{folder.path()};

  std::vector<JournalEntry> entries() {
    std::vector<JournalEntry> found;
    FoldBatch batch({.events_max = 1000, .bytes_max = 1 << 20});
    BatchReader reader(book.log(), 0);
    if (!reader.read(batch, 1)) return found;
    for (const FoldEvent& event : batch.events()) {
      if (auto entry = journal_entry_of(event)) found.push_back(std::move(*entry));
    }
    return found;
  }
  std::string exported(JournalFormat format, JournalGrouping grouping = JournalGrouping::none,
                       std::optional<Currency> currency = {}) {
    JournalExport journal(format, grouping, currency);
    std::string out;
    journal.begin(out, "Title");
    for (const JournalEntry& entry : entries()) journal.add(out, entry);
    journal.finish(out);
    totals = journal.totals();
    return out;
  }
  void plant_posting(std::uint16_t account, std::int64_t debit, std::int64_t credit) {
    book.open_account("a");
    schema::CreditIssuedT event;
    for (const auto side : {schema::Side::debit, schema::Side::credit}) {
      auto posting = std::make_unique<schema::PostingT>();
      posting->account = account;
      posting->side = side;
      posting->amount = {side == schema::Side::debit ? debit : credit, currency_of("USD")};
      event.postings.push_back(std::move(posting));
    }
    book.plant("a", PendingEvent::of(std::move(event)));
  }
  JournalExportTotals totals;
};

/// Two currencies, two kinds of entry, two days, the last of them in the next month.
struct Filled : LogFixture {
  Filled() {
    book.advance(16 * 86'400);  // 2023-11-30T22:13:20Z
    book.open_account("a");
    book.open_account("b", {}, "JPY");
    const EntityRef credit = book.issue_credit("a", 500, CreditType::refund);
    book.issue_credit("b", 7);
    book.advance(86'400);
    book.consume(credit, 120);
    book.consume(credit, 5);
  }
};

std::string amount(Balance128 minor, Currency currency) {
  std::string text;
  append_decimal_amount(text, minor, currency);
  return text;
}

/// The amount ends in the same column whatever the account's name.
std::string posting(std::string_view indent, std::string account, const std::string& minor, std::string_view currency) {
  account.resize(32, ' ');
  std::string line(indent);
  line += account + "  " + std::string(16 - minor.size(), ' ') + minor + ' ';
  return line.append(currency) + '\n';
}

std::string after_chart(const std::string& text, std::string_view first_currency) {
  const std::size_t at = text.find(first_currency);
  REQUIRE(at != text.npos);
  return text.substr(at);
}

std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("an amount is written in its currency's own decimals, exactly") {
  CHECK(amount(1234, currency_of("USD")) == "12.34");
  CHECK(amount(-5, currency_of("USD")) == "-0.05");
  CHECK(amount(0, currency_of("USD")) == "0.00");
  CHECK(amount(1234, currency_of("JPY")) == "1234");
  CHECK(amount(-1234, currency_of("KWD")) == "-1.234");
  CHECK(amount(1, currency_of("CLF")) == "0.0001");
  CHECK(amount(12, currency_of("XAU")) == "12");
  CHECK(amount(Balance128{amount_max} * 1'000'000'000'000, currency_of("USD")) == "10000000000000000000000000.00");
}

TEST_CASE("a month's last day is the calendar's, leap years and the last month of all included") {
  CHECK(last_day_of_month(*parse_rfc3339("2024-02-01T00:00:00Z")) == "2024-02-29");
  CHECK(last_day_of_month(*parse_rfc3339("2023-02-28T23:59:59Z")) == "2023-02-28");
  CHECK(last_day_of_month(*parse_rfc3339("2026-12-31T23:59:59.999999Z")) == "2026-12-31");
  CHECK(last_day_of_month(latest) == "9999-12-31");
}

TEST_CASE_FIXTURE(Filled, "ledger gets each event as a transaction, every currency declared before its first use") {
  const std::string text = exported(JournalFormat::ledger);
  CHECK(text.starts_with("; Title\n\naccount Assets:Cash-Clearing\n    note 1000 cash_clearing\n"));
  CHECK(after_chart(text, "\ncommodity")
            .starts_with("\ncommodity USD\n    format 1000.00 USD\n\n"
                         "2023-11-30 * (evt_000000000003) a\n"
                         "    ; type: CreditIssued\n"
                         "    ; book: default\n"
                         "    ; position: 0:3\n"));
  CHECK(text.find(posting("    ", "Expenses:Refunds", "5.00", "USD") +
                  posting("    ", "Liabilities:Customer-Credit", "-5.00", "USD")) != text.npos);
  CHECK(text.find("\ncommodity JPY\n    format 1000 JPY\n\n2023-11-30 * (evt_000000000004) b\n") != text.npos);
  CHECK(text.find(posting("    ", "Liabilities:Customer-Credit", "-7", "JPY")) != text.npos);
  CHECK(count_of(text, "\ncommodity USD") == 1);
  CHECK(count_of(text, "\naccount ") == chart_of_accounts().size() - 1);
  CHECK(text.find("Disputed-Funds") == text.npos);
}

TEST_CASE_FIXTURE(Filled, "an account that came into the chart later is declared once, before its first use") {
  book.open_account("payer");
  book.attach_method("payer");
  const EntityRef invoice = book.draft_invoice("payer", 100);
  book.finalize(invoice);
  const EntityRef payment = book.pay(invoice);
  book.record(payment, PaymentOutcome::succeeded);
  book.close_dispute(book.dispute(payment, 100), DisputeOutcome::won);
  const std::string text = exported(JournalFormat::ledger);
  const std::size_t declared = text.find("\n\naccount Assets:Disputed-Funds\n    note 1010 disputed_funds\n\n");
  CHECK(declared != text.npos);
  CHECK(declared < text.find("    Assets:Disputed-Funds"));
  CHECK(count_of(text, "\naccount Assets:Disputed-Funds") == 1);
}

TEST_CASE_FIXTURE(Filled, "hledger and beancount get the same in their own words") {
  const std::string hledger = exported(JournalFormat::hledger);
  CHECK(hledger.find("account Liabilities:Customer-Credit  ; number: 2100\n") != hledger.npos);
  CHECK(hledger.find("\ncommodity 1000. JPY\n") != hledger.npos);
  CHECK(hledger.find("\n2023-12-01 * (evt_000000000005) a | CreditConsumed\n") != hledger.npos);
  const std::string beancount = exported(JournalFormat::beancount);
  CHECK(beancount.find("1970-01-01 open Liabilities:Customer-Credit\n  number: 2100\n") != beancount.npos);
  CHECK(beancount.find("\n1970-01-01 commodity JPY\n") != beancount.npos);
  CHECK(beancount.find("\n2023-12-01 * \"a\" \"CreditConsumed\" ^evt_000000000005\n  type: \"CreditConsumed\"\n") !=
        beancount.npos);
  CHECK(beancount.find(posting("  ", "Income:Revenue", "-1.20", "USD")) != beancount.npos);
}

TEST_CASE_FIXTURE(Filled, "tables get a row a posting line, with the amount on its side") {
  const std::string csv = exported(JournalFormat::csv);
  CHECK(csv.find("evt_000000000003,0:3,1,CreditIssued,default,a,2023-11-30,") != csv.npos);
  CHECK(csv.find(",refunds,5100,USD,5.00,\r\n") != csv.npos);
  CHECK(csv.find(",customer_credit,2100,JPY,,7\r\n") != csv.npos);
  CHECK(count_of(csv, "\r\n") == 1 + 8);
  const std::string json = exported(JournalFormat::jsonl);
  CHECK(
      json.find(R"("ledger_account":"customer_credit","number":2100,"side":"credit","amount":500,"currency":"USD"})") !=
      json.npos);
  CHECK(count_of(json, "\n") == 8);
}

TEST_CASE_FIXTURE(Filled, "totals count what was written, and debits equal credits") {
  exported(JournalFormat::ledger);
  CHECK(totals.transactions == 4);
  CHECK(totals.postings == 8);
  CHECK(totals.sums.at(currency_of("USD")).debits == 625);
  CHECK(totals.sums.at(currency_of("USD")).credits == 625);
  CHECK(totals.sums.at(currency_of("JPY")).debits == 7);
}

TEST_CASE_FIXTURE(Filled, "a group sums each ledger account's debits and credits apart, by value date") {
  const std::string days = exported(JournalFormat::csv, JournalGrouping::day);
  CHECK(days ==
        "date,book,ledger_account,number,currency,debit,credit,postings\r\n"
        "2023-11-30,default,customer_credit,2100,JPY,0,7,1\r\n"
        "2023-11-30,default,credits_granted,4200,JPY,7,0,1\r\n"
        "2023-11-30,default,customer_credit,2100,USD,0.00,5.00,1\r\n"
        "2023-11-30,default,refunds,5100,USD,5.00,0.00,1\r\n"
        "2023-12-01,default,customer_credit,2100,USD,1.25,0.00,2\r\n"
        "2023-12-01,default,revenue,4000,USD,0.00,1.25,2\r\n");
  CHECK(totals.transactions == 2);
  const std::string months = exported(JournalFormat::ledger, JournalGrouping::month);
  CHECK(months.find("\n2023-11-30 * default\n") != months.npos);
  CHECK(months.find(
            "\n2023-12-31 * default\n    ; book: default\n    ; events: 2\n    ; first: 0:5\n    ; last: 0:6\n") !=
        months.npos);
}

TEST_CASE_FIXTURE(Filled, "with a currency only its lines are written and counted") {
  const std::string text = exported(JournalFormat::ledger, JournalGrouping::none, currency_of("JPY"));
  CHECK(text.find("USD") == text.npos);
  CHECK(totals.transactions == 1);
  CHECK(totals.postings == 2);
  CHECK(exported(JournalFormat::csv, JournalGrouping::day, currency_of("EUR")) ==
        "date,book,ledger_account,number,currency,debit,credit,postings\r\n");
  CHECK(totals.transactions == 0);
}

TEST_CASE_FIXTURE(Filled, "the same log gives the same bytes") {
  for (const auto format :
       {JournalFormat::ledger, JournalFormat::beancount, JournalFormat::csv, JournalFormat::jsonl}) {
    for (const auto grouping : {JournalGrouping::none, JournalGrouping::day, JournalGrouping::month}) {
      CHECK(exported(format, grouping) == exported(format, grouping));
    }
  }
}

TEST_CASE("postings that do not balance, or whose account nobody knows, are refused by their position") {
  LogFixture unbalanced, unknown;
  unbalanced.plant_posting(2100, 5, 6);
  CHECK_THROWS_WITH_AS(unbalanced.entries(),
                       "the event at 0:2 cannot be folded: its postings do not balance; run daybook verify",
                       CorruptLog);
  unknown.plant_posting(6000, 5, 5);
  CHECK_THROWS_AS(unknown.entries(), CorruptLog);
}

TEST_CASE("a field of a table is quoted when it must be") {
  const auto field = [](std::string_view text) {
    std::string out;
    append_csv_field(out, text);
    return out;
  };
  CHECK(field("plain 1") == "plain 1");
  CHECK(field("a,b") == "\"a,b\"");
  CHECK(field("a\"b") == "\"a\"\"b\"");
  CHECK(field("a\r\nb") == "\"a\r\nb\"");
}

TEST_CASE_FIXTURE(Filled, "an event's row has its envelope in columns and hides what is sealed") {
  book.open_account("c", "c@example.test");
  std::string out;
  append_event_row_header(out);
  const EventRenderer renderer;
  append_event_row(out, renderer, book.log().read_one(0, 3));
  append_event_row(out, renderer, book.log().read_one(0, book.head()));
  CHECK(out.starts_with("event_id,position,type,stream,"));
  CHECK(out.find("\r\nevt_000000000003,0:3,CreditIssued,default/a,2,2023-11-30T22:13:20") != out.npos);
  CHECK(out.find("\"\"amount\"\":500") != out.npos);
  CHECK(out.find("{\"\"sealed\"\":true}") != out.npos);
  CHECK(out.find("nonce") == out.npos);
}

}  // namespace daybook::test
