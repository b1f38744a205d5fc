// What views fold by themselves means what the account's own fold says: one credit out of its events, and the lines of
// the units' history, whose running sums are the balances.
#include "domain/grant_fold.h"
#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "domain/tables.h"
#include "domain/unit_movement.h"
#include "tests/domain/filled.h"

using namespace daybook;
using namespace daybook::test;

namespace {

/// Each credit by its own events alone.
std::map<EntityRef, Grant> credits_of(const Given& given) {
  std::map<EntityRef, Grant> credits;
  for (const std::string& bytes : given.envelopes) {
    const schema::Envelope& envelope = *schema::GetEnvelope(bytes.data());
    const Instant at = instant(envelope.decided_at());
    const EventMoment moment{envelope.stream_version(), at, at};
    if (const auto* issued = envelope.event_as_CreditIssued()) {
      credits.emplace(entity(issued->credit()), issued_grant(*issued, moment));
    }
    const auto move = [&](const auto* event) {
      if (event != nullptr) fold(credits.at(entity(event->credit())), *event, moment);
    };
    move(envelope.event_as_CreditConsumed());
    move(envelope.event_as_CreditExpired());
    move(envelope.event_as_CreditVoided());
    move(envelope.event_as_CreditApplied());
    move(envelope.event_as_CreditReturned());
  }
  return credits;
}

void check_credits(const Given& given) {
  for (const auto& [id, credit] : credits_of(given)) {
    CAPTURE(to_text(credit.status));
    CHECK(credit == *given.account.find_grant(id));
  }
}

/// After each line of the history: available and reserved.
std::vector<std::pair<std::int64_t, std::int64_t>> balances(const Given& given) {
  std::vector<std::pair<std::int64_t, std::int64_t>> rows;
  std::pair<std::int64_t, std::int64_t> now{0, 0};
  for (const std::string& bytes : given.envelopes) {
    const auto line = unit_movement(*schema::GetEnvelope(bytes.data()));
    if (!line) continue;
    CHECK(line->unit == "credits");
    now.first += line->amount;
    now.second += line->reserved_amount;
    rows.push_back(now);
  }
  return rows;
}

}  // namespace

TEST_CASE("a credit out of its own events is the account's: used, applied, returned, expired and voided") {
  Invoicing given;
  const EntityRef used = given.accept(issue(100));
  given.accept(consume(used, 40));
  given.accept(consume(used, 60));
  const EntityRef mistaken = given.accept(issue(70));
  given.accept(VoidCredit{mistaken, {}});
  const EntityRef ended = given.accept(issue(30));
  given.accept(consume(ended, 10));
  given.accept(ExpireCredit{ended, {}});
  CHECK(given.account.find_grant(ended)->status == GrantStatus::expired);
  const EntityRef first = given.accept(issue(500, CreditType::promotion, Instant{micros(given.now) + 5'000'000}));
  const EntityRef second = given.accept(issue(1'000));
  check_credits(given);
  const EntityRef invoice = given.finalized({"1800"});
  CHECK(given.account.find_grant(first)->status == GrantStatus::consumed);
  CHECK(given.account.find_grant(second)->free() == 0);
  check_credits(given);
  // What comes back to a credit that has expired meanwhile expires at once.
  given.pass_seconds(5);
  given.accept(VoidInvoice{invoice, {}});
  CHECK(given.account.find_grant(first)->status == GrantStatus::expired);
  CHECK(given.account.find_grant(second)->status == GrantStatus::available);
  check_credits(given);
}

TEST_CASE("CRD-04: a credit that is expired by hand gives up what is left, by its origin's ledger account") {
  struct Row {
    CreditType type;
    LedgerAccount origin, expiry;
  };
  for (const Row& row : {Row{CreditType::goodwill, LedgerAccount::credits_granted, LedgerAccount::credits_granted},
                         Row{CreditType::promotion, LedgerAccount::credits_granted, LedgerAccount::credits_granted},
                         Row{CreditType::proration, LedgerAccount::revenue, LedgerAccount::breakage},
                         Row{CreditType::invoice_void, LedgerAccount::revenue, LedgerAccount::breakage},
                         Row{CreditType::refund, LedgerAccount::refunds, LedgerAccount::breakage},
                         Row{CreditType::overpayment, LedgerAccount::cash_clearing, LedgerAccount::breakage},
                         Row{CreditType::dispute, LedgerAccount::dispute_losses, LedgerAccount::breakage}}) {
    CAPTURE(static_cast<int>(row.type));
    Invoicing given;
    const EntityRef id = given.accept(issue(100, row.type));
    given.accept(consume(id, 30));
    ExpireCredit command;
    command.credit = id;
    command.reason = sealed("a mistake");
    given.accept(command);
    CHECK(given.account.find_grant(id)->status == GrantStatus::expired);
    CHECK(given.money() == 0);
    const auto* event = schema::GetEnvelope(given.envelopes.back().data())->event_as_CreditExpired();
    CHECK(event->cause() == schema::ExpiryCause::request);
    CHECK(event->amount()->minor() == 70);
    std::map<LedgerAccount, std::int64_t> expected{{LedgerAccount::customer_credit, 0}};
    expected[row.origin] += 100;
    expected[LedgerAccount::revenue] -= 30;
    expected[row.expiry] -= 70;
    CHECK(given.journal() == expected);
  }
}

TEST_CASE("UNI-09: the running sums of the units' history are the balances after each movement") {
  Given given;
  given.accept(allocate(100, UnitSource::promotion, Instant{micros(given.now) + 700'000'000}));
  AdjustUnitCredits adjust;
  adjust.account_id = "acme";
  adjust.amount = 20;
  given.accept(adjust);
  adjust.amount = -15;
  given.accept(adjust);
  given.accept(deduct(5));
  given.accept(capture(given.accept(reserve(10)), 4));
  given.accept(release(given.accept(reserve(7))));
  given.accept(reserve(9, 600));
  given.pass_seconds(600);
  given.run_due();
  given.pass_seconds(100);
  given.run_due();
  using Pair = std::pair<std::int64_t, std::int64_t>;
  // Allocated, adjusted up and down, deducted, held and captured in part, held and released, held and expired; at last
  // the first grant expires, of which 76 are left, for the adjustment's own is drawn from last.
  CHECK(balances(given) ==
        std::vector<Pair>{
            {100, 0}, {120, 0}, {105, 0}, {100, 0}, {90, 10}, {96, 0}, {89, 7}, {96, 0}, {87, 9}, {96, 0}, {20, 0}});
  CHECK(balances(given).back() == Pair{given.available(), given.reserved()});
  CHECK_FALSE(unit_movement(*schema::GetEnvelope(given.envelopes.front().data())).has_value());
}
