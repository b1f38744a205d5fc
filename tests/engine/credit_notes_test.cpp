// Credit notes in the engine: what an account's state keeps of them and what leaves it, over restarts.
#include "domain/evolve.h"
#include "engine/index_check.h"
#include "eventstore/stream_index.h"
#include "tests/engine/engine_fixture.h"

namespace daybook::test {
namespace {

struct Credited : EngineFixture {
  Credited() { open_account("acme"); }
  EntityRef finalized(std::int64_t amount) {
    DraftInvoice command;
    command.account_id = "acme";
    command.lines.emplace_back().unit_amount = std::to_string(amount);
    command.lines.back().description.clear = "what for";
    const EntityRef id = shown<InvoiceShown>(run(command)).invoice.id;
    run(FinalizeInvoice{id});
    return id;
  }
  Answer credit(EntityRef invoice, std::int64_t amount, const std::string& key = {}) {
    IssueCreditNote command;
    command.invoice = invoice;
    command.amount = amount;
    command.reason.clear = "late";
    return run(command, key);
  }
  Answer void_note(EntityRef note) { return run(VoidCreditNote{note, {"a mistake", {}}}); }
  std::int64_t available() { return state("acme").wallet({"USD", true}).available; }
};

}  // namespace

TEST_CASE_FIXTURE(Credited, "a note can be voided after a restart, from its row's state and from the log alone") {
  const EntityRef open = finalized(500);
  const EntityRef first = shown<CreditNoteShown>(credit(open, 100)).note.id;
  const EntityRef second = shown<CreditNoteShown>(credit(open, 50)).note.id;
  reopen();
  CHECK(state("acme").receivable() == 350);
  const Answer voided = void_note(first);
  CHECK(shown<CreditNoteShown>(voided).note.status == CreditNoteStatus::voided);
  CHECK(engine().keyring().unseal(shown<CreditNoteShown>(voided).note.void_reason, "default/acme", "void_reason") ==
        "a mistake");
  reopen_without_views();
  CHECK(state("acme").receivable() == 450);
  CHECK(shown<CreditNoteShown>(void_note(second)).note.status == CreditNoteStatus::voided);
  CHECK(state("acme").receivable() == 500);
}

TEST_CASE_FIXTURE(Credited, "what was credited of a paid invoice stays known when the invoice has left the state") {
  issue("acme", 300);
  const EntityRef paid = finalized(300);
  const EntityRef note = shown<CreditNoteShown>(credit(paid, 100)).note.id;
  reopen();
  CHECK(state("acme").find_invoice(paid) == nullptr);
  CHECK(credit(paid, 201).rejection.code == RejectionCode::credit_exceeds_invoice);
  CHECK(shown<CreditNoteShown>(credit(paid, 200)).note.version != 0);
  CHECK(available() == 300);
  reopen_without_views();
  CHECK(credit(paid, 1).rejection.code == RejectionCode::credit_exceeds_invoice);
  void_note(note);
  CHECK(available() == 200);
  reopen();
  CHECK(shown<CreditNoteShown>(credit(paid, 100)).note.version != 0);
}

TEST_CASE_FIXTURE(Credited,
                  "a note that is final leaves the state and can still be read; its row and the index verify") {
  const EntityRef open = finalized(100);
  const EntityRef note = shown<CreditNoteShown>(credit(open, 100)).note.id;
  AdjustInvoice surcharge;
  surcharge.invoice = finalized(100);
  surcharge.type = AdjustmentType::surcharge;
  surcharge.amount = 5;
  surcharge.reason.clear = "extra work";
  const EntityRef adjustment = shown<AdjustmentShown>(run(surcharge)).adjustment.id;
  reopen();
  CHECK(state("acme").credit_notes().empty());
  CHECK(void_note(note).rejection.code == RejectionCode::invalid_transition);
  for (const EntityRef id : {note, adjustment}) {
    Work read = work(Command{});
    read.command.reset();
    read.entity = id;
    bool is_found = false;
    read.read_account = [&](const AccountState* account, LogPosition, Instant) {
      is_found = account->find_credit_note(id) != nullptr || account->find_adjustment(id) != nullptr;
    };
    run(std::move(read));
    CHECK(is_found);
  }
  const EntityRef voided = shown<CreditNoteShown>(credit(surcharge.invoice, 5)).note.id;
  void_note(voided);
  CHECK(sound_closed_index().ended == 4);  // an invoice, two credit notes, an adjustment
}

TEST_CASE_FIXTURE(Credited, "a repeat of a credit note has the first number, and a dry run takes none") {
  const EntityRef open = finalized(500);
  const Answer first = credit(open, 100, "key");
  credit(open, 100);
  const Answer repeated = credit(open, 100, "key");
  CHECK(repeated.is_replay);
  CHECK(shown<CreditNoteShown>(repeated).note == shown<CreditNoteShown>(first).note);
  IssueCreditNote command;
  command.invoice = open;
  command.amount = 1;
  Work dry = work(command);
  dry.context.dry_run = true;
  const Position before = head();
  CHECK(shown<CreditNoteShown>(run(std::move(dry))).note.id.stream_version != 0);
  CHECK(head() == before);
  CHECK(state("acme").receivable() == 300);
}

}  // namespace daybook::test
