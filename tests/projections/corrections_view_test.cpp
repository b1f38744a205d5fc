#include "domain/state_codec.h"
#include "tests/projections/views_fixture.h"

namespace daybook::test {
namespace {

PageRequest<EntityRef> page_of(std::size_t limit, std::optional<EntityRef> after = {}) {
  return {.limit = limit, .starting_after = after, .ending_before = {}};
}

std::vector<EntityRef> notes_of(const CorrectionsReader& reader, const CorrectionFilter& filter,
                                std::optional<CreditNoteStatus> status = {}) {
  std::vector<EntityRef> all;
  for (const CreditNoteRow& row : reader.credit_notes("default", filter, status, page_of(200)).data) {
    all.push_back(row.note.id);
  }
  return all;
}

}  // namespace

TEST_CASE("the rows of credit notes and adjustments are what the account's own fold has, after every event") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  ViewsFixture fixture;
  std::size_t notes = 0, adjustments = 0;
  fixture.compare_rounds(random, [&] {
    const auto reader = fixture.views().corrections();
    for (const char* book : {"default", "second"}) {
      for (const CreditNoteRow& row : reader.credit_notes(book, {}, {}, page_of(200)).data) {
        const std::string account = (book[0] == 's' ? "second/" : "") + row.account_id;
        const CreditNote* note = fixture.book.state(account).find_credit_note(row.note.id);
        REQUIRE(note != nullptr);
        CreditNote open = *note;  // whether it can still be voided only the account knows
        open.is_final = row.note.is_final;
        CHECK(encode_row(row.note) == encode_row(open));
        ++notes;
      }
      for (const AdjustmentRow& row : reader.adjustments(book, {}, {}, page_of(200)).data) {
        const std::string account = (book[0] == 's' ? "second/" : "") + row.account_id;
        const InvoiceAdjustment* adjustment = fixture.book.state(account).find_adjustment(row.adjustment.id);
        REQUIRE(adjustment != nullptr);
        CHECK(encode_row(row.adjustment) == encode_row(*adjustment));
        ++adjustments;
      }
    }
    return notes > 50 && adjustments > 10;
  });
  CHECK(fixture.views().check_view(ViewName::corrections).passed());
  CHECK(fixture.views().check_view(ViewName::invoices).passed());
  CHECK(fixture.views().reconcile().passed());
}

TEST_CASE("a credit note moves from list to list when it is voided, and is listed with its invoice") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  fixture.book.open_account("b");
  std::vector<EntityRef> invoices, notes;
  for (const char* account : {"a", "a", "b"}) {
    invoices.push_back(fixture.book.draft_invoice(account, 100));
    fixture.book.finalize(invoices.back());
    notes.push_back(fixture.book.credit_invoice(invoices.back(), 10));
  }
  const EntityRef adjusted = fixture.book.adjust_invoice(invoices[0], AdjustmentType::surcharge, 7);
  fixture.book.void_credit_note(notes[1]);
  const CorrectionsReader reader = fixture.views().corrections();
  CorrectionFilter first, of_a;
  first.invoice = invoices[0];
  of_a.account_id = "a";
  CHECK(notes_of(reader, {}) == std::vector<EntityRef>{notes[2], notes[1], notes[0]});
  CHECK(notes_of(reader, of_a) == std::vector<EntityRef>{notes[1], notes[0]});
  CHECK(notes_of(reader, first) == std::vector<EntityRef>{notes[0]});
  CHECK(notes_of(reader, {}, CreditNoteStatus::voided) == std::vector<EntityRef>{notes[1]});
  CHECK(notes_of(reader, {}, CreditNoteStatus::issued) == std::vector<EntityRef>{notes[2], notes[0]});
  CHECK(reader.credit_notes("second", first, {}, page_of(9)).data.empty());
  CHECK_FALSE(reader.credit_notes("default", of_a, {}, page_of(9, notes[2])).cursor_found);
  const auto page = reader.credit_notes("default", {}, {}, page_of(1, notes[2]));
  REQUIRE(page.data.size() == 1);
  CHECK(page.data[0].note.id == notes[1]);
  CHECK(page.has_more);
  const auto adjustments = reader.adjustments("default", first, AdjustmentType::surcharge, page_of(9));
  REQUIRE(adjustments.data.size() == 1);
  CHECK(adjustments.data[0].adjustment.id == adjusted);
  CHECK(reader.adjustments("default", first, AdjustmentType::credit, page_of(9)).data.empty());
}

}  // namespace daybook::test
