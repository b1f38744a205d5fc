// What holds of every invoice, however it is credited: parts close exactly, nothing is given back twice, and the
// journal says what the state says.
#include "domain/state_codec.h"
#include "schemas/events/coupons_generated.h"
#include "schemas/events/invoices_generated.h"
#include "tests/domain/crediting.h"
#include "tests/domain/property.h"

using namespace daybook;
using namespace daybook::test;

namespace {

int in_range(int from, int to) {
  return *rc::gen::inRange(from, to);
}

/// With or without tax, a discount and credit to begin with.
void begin(Crediting& given) {
  const char* countries[] = {"AT", "AU", "DE"};
  const char* country = countries[in_range(0, 3)];
  if (in_range(0, 4) != 0) given.tax(country, country);
  if (in_range(0, 2) == 0) {
    auto terms = std::make_shared<schema::DiscountTermsT>();
    terms->percent = std::to_string(in_range(1, 60));
    terms->duration = schema::DiscountDuration::forever;
    given.discount(std::move(terms));
  }
  if (in_range(0, 2) == 0) given.accept(issue(in_range(1, 3'000)));
}

EntityRef random_invoice(Crediting& given) {
  std::vector<std::string> amounts;
  for (int i = in_range(1, 5); i > 0; --i) amounts.push_back(std::to_string(in_range(1, 2'000)));
  return given.finalized(amounts);
}

Invoice now(const Crediting& given, EntityRef id) {
  return given.account.with_credit_notes(given.invoice(id));
}

/// What is left of each line's amount.
std::vector<std::int64_t> left_of(const Invoice& invoice) {
  std::vector<std::int64_t> left;
  for (const auto& line : invoice.figures->lines) left.push_back(line->amount);
  for (const CreditNoteShare& note : invoice.credit_notes) {
    for (const CreditNoteShare::Line& line : note.lines) left[line.number - 1] -= line.amount;
  }
  return left;
}

/// A random part of some lines; empty if nothing is left.
std::vector<CreditNoteLineInput> random_parts(const Invoice& invoice) {
  std::vector<CreditNoteLineInput> parts;
  const std::vector<std::int64_t> left = left_of(invoice);
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i] == 0 || in_range(0, 3) == 0) continue;
    const bool is_rest = in_range(0, 3) == 0;
    parts.push_back(
        part(static_cast<std::int64_t>(i) + 1, is_rest ? left[i] : in_range(1, static_cast<int>(left[i]) + 1)));
  }
  return parts;
}

IssueCreditNote of_lines(EntityRef invoice, std::vector<CreditNoteLineInput> lines) {
  IssueCreditNote command;
  command.invoice = invoice;
  command.lines = std::move(lines);
  return command;
}

bool row_is_whole(const AccountState& account) {
  const auto again = decode_account(encode_state(account));
  return again && encode_state(*again) == encode_state(account) && again->receivable() == account.receivable();
}

}  // namespace

TEST_CASE("CN-02: any partition of an invoice into credit notes closes exactly, in any order") {
  always("the notes of an invoice sum to it, net and per tax, and then nothing more can be credited", [] {
    Crediting given;
    begin(given);
    const EntityRef id = random_invoice(given);
    const schema::InvoiceFiguresT& figures = *given.invoice(id).figures;
    std::int64_t total = 0, tax = 0;
    for (int round = 0; round < 40; ++round) {
      std::vector<CreditNoteLineInput> parts = random_parts(now(given, id));
      if (parts.empty()) continue;
      const Decision decision = given.when(of_lines(id, std::move(parts)));
      // A part that rounds to nothing is no credit note.
      if (!decision.accepted()) continue;
      const schema::CreditNoteIssuedT note = given.note(decision.subject.id);
      total += note.total;
      tax += note.tax;
      RC_ASSERT(total <= figures.total);
    }
    if (total < figures.total) {
      const schema::CreditNoteIssuedT rest = given.credit_amount(id);
      total += rest.total;
      tax += rest.tax;
    }
    RC_ASSERT(total == figures.total);
    RC_ASSERT(tax == figures.tax);
    RC_ASSERT(!given.when(of_lines(id, {part(1, 1)})).accepted());
    auto sums = given.journal();
    // Parts that a discount takes whole are worth nothing and may be left.
    RC_ASSERT(sums[LedgerAccount::revenue] + sums[LedgerAccount::discounts] == 0);
    RC_ASSERT(sums[LedgerAccount::tax_payable] == 0);
    RC_ASSERT(sums[LedgerAccount::receivable] == 0);
    RC_ASSERT(given.reconciles());
  });
}

TEST_CASE("CN-02: more than is left of a line is always refused and changes nothing") {
  always("over-crediting is refused", [] {
    Crediting given;
    begin(given);
    const EntityRef id = random_invoice(given);
    for (int round = in_range(0, 3); round > 0; --round) {
      std::vector<CreditNoteLineInput> parts = random_parts(now(given, id));
      if (!parts.empty()) given.when(of_lines(id, std::move(parts)));
    }
    const std::vector<std::int64_t> left = left_of(now(given, id));
    const std::size_t line = static_cast<std::size_t>(in_range(0, static_cast<int>(left.size())));
    const std::string before = encode_state(given.account);
    const Decision decision =
        given.when(of_lines(id, {part(static_cast<std::int64_t>(line) + 1, left[line] + in_range(1, 100))}));
    RC_ASSERT(decision.rejection.code == RejectionCode::credit_exceeds_invoice);
    RC_ASSERT(encode_state(given.account) == before);
  });
}

TEST_CASE("receivable and credit reconcile after any mix of notes, adjustments, voids and credits") {
  always("the journal says what the state says", [] {
    Crediting given;
    begin(given);
    std::vector<EntityRef> invoices;
    for (int step = 0; step < 12; ++step) {
      const int action = in_range(0, 8);
      if (invoices.empty() || action == 0) {
        invoices.push_back(random_invoice(given));
        continue;
      }
      const EntityRef id = invoices[static_cast<std::size_t>(in_range(0, static_cast<int>(invoices.size())))];
      if (action <= 2) {
        std::vector<CreditNoteLineInput> parts = random_parts(now(given, id));
        if (!parts.empty()) given.when(of_lines(id, std::move(parts)));
      } else if (action == 3) {
        const auto& notes = given.account.credit_notes();
        if (!notes.empty())
          given.when(VoidCreditNote{std::next(notes.begin(), in_range(0, static_cast<int>(notes.size())))->first, {}});
      } else if (action == 4) {
        AdjustInvoice command;
        command.invoice = id;
        command.type = static_cast<AdjustmentType>(in_range(1, 5));
        command.amount = in_range(1, 1'500);
        given.when(command);
      } else if (action == 5) {
        given.when(VoidInvoice{id, {}});
      } else if (action == 6) {
        given.accept(issue(in_range(1, 2'000)));
      } else {
        given.when(MarkInvoiceUncollectible{id, {}});
      }
      RC_ASSERT(given.reconciles());
    }
    RC_ASSERT(row_is_whole(given.account));
  });
}
