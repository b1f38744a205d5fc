// Money credits, their postings, and the rejections.
#include <map>

#include "domain/journal.h"
#include "schemas/envelope_generated.h"
#include "tests/domain/given.h"

using namespace daybook;
using namespace daybook::test;

namespace {

/// Debits less credits of each ledger account over everything that was posted.
std::map<LedgerAccount, std::int64_t> journal(const Given& given) {
  std::map<LedgerAccount, std::int64_t> sums;
  const auto post = [&](const auto* postings) {
    if (postings == nullptr) return;
    for (const schema::Posting* line : *postings) {
      const std::int64_t minor = line->amount()->minor();
      sums[static_cast<LedgerAccount>(line->account())] += line->side() == schema::Side::debit ? minor : -minor;
    }
  };
  for (const std::string& bytes : given.envelopes) {
    const schema::Envelope& envelope = *schema::GetEnvelope(bytes.data());
    if (const auto* event = envelope.event_as_CreditIssued()) post(event->postings());
    if (const auto* event = envelope.event_as_CreditConsumed()) post(event->postings());
    if (const auto* event = envelope.event_as_CreditExpired()) post(event->postings());
    if (const auto* event = envelope.event_as_CreditVoided()) post(event->postings());
  }
  return sums;
}

Instant in(const Given& given, std::int64_t seconds) {
  return Instant{micros(given.now) + seconds * micros_per_second};
}

}  // namespace

TEST_CASE("CRD-01: a credit is available, and owed to the customer in the journal") {
  Given given;
  const EntityRef credit = given.accept(issue(5'000));
  CHECK(given.money() == 5'000);
  CHECK(given.account.find_grant(credit)->status == GrantStatus::available);
  CHECK(journal(given)[LedgerAccount::customer_credit] == -5'000);
  CHECK(journal(given)[LedgerAccount::credits_granted] == 5'000);
}

TEST_CASE("CRD-01: amounts below one, another currency and a past expiry are refused") {
  Given given;
  CHECK(given.refused(issue(0)) == RejectionCode::validation_failed);
  CHECK(given.refused(issue(-5)) == RejectionCode::validation_failed);
  CHECK(given.refused(issue(amount_max + 1)) == RejectionCode::amount_out_of_range);
  IssueCredit foreign = issue(5);
  foreign.currency = currency_of("EUR");
  CHECK(given.when(foreign).rejection.pointer == "/currency");
  CHECK(given.refused(issue(5, CreditType::goodwill, given.now)) == RejectionCode::validation_failed);
  given.accept(issue(amount_max));
  CHECK(given.refused(issue(1)) == RejectionCode::amount_out_of_range);
}

TEST_CASE("CRD-11: a support rep issues up to the ceiling, a billing admin beyond it") {
  Given given;
  given.role = Role::support_rep;
  given.accept(issue(credit_ceiling_support));
  CHECK(given.refused(issue(credit_ceiling_support + 1)) == RejectionCode::credit_ceiling);
  given.role = Role::billing_admin;
  given.accept(issue(credit_ceiling_support + 1));
}

TEST_CASE("CRD-04: consuming goes to what remains and no further") {
  Given given;
  const EntityRef credit = given.accept(issue(5'000));
  given.accept(consume(credit, 1'200));
  CHECK(given.account.find_grant(credit)->remaining == 3'800);
  CHECK(given.account.find_grant(credit)->status == GrantStatus::partially_applied);
  const Decision more = given.when(consume(credit, 3'801));
  CHECK(more.rejection.code == RejectionCode::credit_insufficient);
  CHECK(std::get<std::int64_t>(more.rejection.details.at(0).value) == 3'800);
  CHECK(given.refused(consume(credit, 0)) == RejectionCode::validation_failed);
  given.accept(consume(credit, 3'800));
  CHECK(given.account.find_grant(credit)->status == GrantStatus::consumed);
  CHECK(given.refused(consume(credit, 1)) == RejectionCode::invalid_transition);
  CHECK(journal(given)[LedgerAccount::revenue] == -5'000);
}

TEST_CASE("CRD-06: what is left of a credit expires, paid credit as breakage") {
  Given given;
  const EntityRef paid = given.accept(issue(500, CreditType::overpayment, in(given, 60)));
  const EntityRef gift = given.accept(issue(300, CreditType::goodwill, in(given, 60)));
  given.accept(consume(paid, 100));
  given.pass_seconds(60);
  given.run_due();
  CHECK(given.money() == 0);
  CHECK(given.account.find_grant(paid)->status == GrantStatus::expired);
  CHECK(given.account.find_grant(gift)->status == GrantStatus::expired);
  auto sums = journal(given);
  CHECK(sums[LedgerAccount::breakage] == -400);
  CHECK(sums[LedgerAccount::credits_granted] == 0);
  CHECK(sums[LedgerAccount::customer_credit] == 0);
  ExpireCredit expire;
  expire.credit = gift;
  CHECK(given.refused(expire) == RejectionCode::invalid_transition);
}

TEST_CASE("CRD-09: an unused credit can be voided, a used one cannot") {
  Given given;
  const EntityRef unused = given.accept(issue(500));
  const EntityRef used = given.accept(issue(500));
  given.accept(consume(used, 1));
  VoidCredit command;
  command.credit = unused;
  given.accept(command);
  CHECK(given.account.find_grant(unused)->status == GrantStatus::voided);
  CHECK(given.refused(command) == RejectionCode::invalid_transition);
  command.credit = used;
  CHECK(given.refused(command) == RejectionCode::invalid_transition);
  CHECK(given.money() == 499);
}

TEST_CASE("CRD-08: every type has an origin, and the journal is zero when it is void again") {
  for (int type = 1; type <= 7; ++type) {
    Given given;
    VoidCredit command;
    command.credit = given.accept(issue(777, static_cast<CreditType>(type)));
    CHECK(journal(given)[LedgerAccount::customer_credit] == -777);
    given.accept(command);
    for (const auto& [account, sum] : journal(given)) CHECK(sum == 0);
  }
}

TEST_CASE("a credit's id names a credit only, and units are not money") {
  Given given;
  const EntityRef units = given.accept(allocate(10));
  CHECK(given.refused(consume(units, 1)) == RejectionCode::not_found);
  CHECK(given.refused(consume({2, 99, 0, 0}, 1)) == RejectionCode::not_found);
}

TEST_CASE("every rejection has a row with a code, a status, a title and a hint, and no two share a name") {
  std::map<std::string_view, int> names;
  for (const RejectionInfo& row : all_rejections()) {
    CHECK(row.http_status >= 400);
    CHECK_FALSE(row.title.empty());
    CHECK_FALSE(row.hint.empty());
    ++names[row.name];
    CHECK(&rejection_info(row.code) == &row);
  }
  for (const auto& [name, count] : names) CHECK(count == 1);
  CHECK(names.size() == all_rejections().size());
}

TEST_CASE("an entry that does not balance is seen") {
  const Money ten{10, currency_of("USD")}, nine{9, currency_of("USD")}, euro{10, currency_of("EUR")};
  const JournalLine good[] = {{LedgerAccount::revenue, Side::debit, ten}, {LedgerAccount::refunds, Side::credit, ten}};
  const JournalLine off[] = {{LedgerAccount::revenue, Side::debit, ten}, {LedgerAccount::refunds, Side::credit, nine}};
  const JournalLine mixed[] = {{LedgerAccount::revenue, Side::debit, ten},
                               {LedgerAccount::refunds, Side::credit, euro}};
  const Money nothing{0, currency_of("USD")};
  const JournalLine empty[] = {{LedgerAccount::revenue, Side::debit, nothing},
                               {LedgerAccount::refunds, Side::credit, nothing}};
  CHECK(is_balanced(good));
  CHECK_FALSE(is_balanced(empty));
  CHECK_FALSE(is_balanced(off));
  CHECK_FALSE(is_balanced(mixed));
  for (const LedgerAccount account : chart_of_accounts()) CHECK_FALSE(to_text(account).empty());
}
