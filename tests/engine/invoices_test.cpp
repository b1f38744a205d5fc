// Invoices in the engine: what stays in a state and what leaves it, over restarts, and one command in two streams.
#include "domain/evolve.h"
#include "engine/index_check.h"
#include "eventstore/stream_index.h"
#include "tests/engine/engine_fixture.h"

namespace daybook::test {
namespace {

struct Invoiced : EngineFixture {
  Invoiced() { open_account("acme"); }
  EntityRef draft(std::int64_t amount, std::int32_t net_days = 30) {
    DraftInvoice command;
    command.account_id = "acme";
    command.net_days = net_days;
    command.lines.emplace_back().unit_amount = std::to_string(amount);
    command.lines.back().description.clear = "what for";
    return shown<InvoiceShown>(run(command)).invoice.id;
  }
  Invoice finalize(EntityRef id) { return shown<InvoiceShown>(run(FinalizeInvoice{id})).invoice; }
  std::int64_t available() { return state("acme").wallet({"USD", true}).available; }
};

}  // namespace

TEST_CASE_FIXTURE(Invoiced, "an invoice that has ended can still be named, and keeps its lines sealed") {
  const EntityRef id = draft(500);
  finalize(id);
  const Answer ended = run(VoidInvoice{id, {"insolvent", {}}});
  CHECK(shown<InvoiceShown>(ended).invoice.status == InvoiceStatus::voided);
  reopen();
  CHECK(state("acme").invoices().empty());
  CHECK(run(VoidInvoice{id, {}}).rejection.code == RejectionCode::invalid_transition);
  Work read = work(Command{});
  read.command.reset();
  read.entity = id;
  std::optional<Invoice> found;
  read.read_account = [&](const AccountState* account, LogPosition, Instant) { found = *account->find_invoice(id); };
  run(std::move(read));
  REQUIRE(found);
  CHECK(*found == shown<InvoiceShown>(ended).invoice);
  CHECK(engine().keyring().unseal(found->reason, "default/acme", "reason") == "insolvent");
}

TEST_CASE_FIXTURE(Invoiced, "a used credit comes back when its invoice is voided, whatever the state was loaded from") {
  issue("acme", 300);
  const EntityRef first = draft(500), second = draft(500), third = draft(100);
  finalize(first);
  CHECK(available() == 0);
  reopen();  // from its row
  CHECK(shown<InvoiceShown>(run(VoidInvoice{first, {}})).invoice.credits.empty());
  CHECK(available() == 300);
  finalize(second);
  reopen_without_views();  // from the log
  run(VoidInvoice{second, {}});
  CHECK(available() == 300);
  CHECK(finalize(third).status == InvoiceStatus::paid);
  CHECK(available() == 200);
}

TEST_CASE_FIXTURE(Invoiced, "finalising is one command in two streams, and a repeat has the first number") {
  const EntityRef id = draft(500);
  const Position before = head();
  const Answer answer = run(FinalizeInvoice{id}, "key");
  CHECK(shown<InvoiceShown>(answer).invoice.number == "INV-000001");
  CHECK(head() == before + 2);
  CHECK(answer.position.position == head());
  run(VoidInvoice{id, {}});
  const Answer repeated = run(FinalizeInvoice{id}, "key");
  CHECK(repeated.is_replay);
  CHECK(shown<InvoiceShown>(repeated).invoice == shown<InvoiceShown>(answer).invoice);
  Work dry = work(FinalizeInvoice{draft(500)});
  dry.context.dry_run = true;
  CHECK(shown<InvoiceShown>(run(std::move(dry))).invoice.number == "INV-000002");
  reopen();
  CHECK(finalize(draft(500)).number == "INV-000002");
}

TEST_CASE_FIXTURE(Invoiced, "an invoice becomes overdue at its due date, by itself") {
  const EntityRef id = draft(500, 2);
  finalize(id);
  const Position before = head();
  clock().advance_seconds(2 * 86'400 - 1);
  CHECK_FALSE(state("acme").find_invoice(id)->is_overdue);
  reopen();
  clock().advance_seconds(10);
  CHECK(state("acme").find_invoice(id)->is_overdue);
  CHECK(head() == before + 1);
  CHECK(micros(state("acme").decided_at) == micros(state("acme").find_invoice(id)->due_date));
}

TEST_CASE_FIXTURE(Invoiced,
                  "the rows of ended invoices, and of credits that paid for them, are what the log folds to") {
  issue("acme", 300);
  issue("acme", 50);
  const EntityRef open = draft(320), paid = draft(20), discarded = draft(1);
  finalize(open);
  finalize(paid);
  run(VoidInvoice{discarded, {}});
  reopen();
  run(MarkInvoiceUncollectible{open, {}});
  CHECK(sound_closed_index().ended == 4);
}

}  // namespace daybook::test
