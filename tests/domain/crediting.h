// An invoiced account whose invoices are credited and adjusted.
#pragma once

#include <utility>

#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "domain/tables.h"
#include "schemas/events/credit_notes_generated.h"
#include "tests/domain/invoicing.h"

namespace daybook::test {

class Crediting : public Invoicing {
 public:
  /// The note as it was issued; it stays readable when the state lets it go.
  schema::CreditNoteIssuedT credit(EntityRef invoice, std::vector<CreditNoteLineInput> lines) {
    IssueCreditNote command;
    command.invoice = invoice;
    command.lines = std::move(lines);
    return note(accept(command));
  }
  schema::CreditNoteIssuedT credit_amount(EntityRef invoice, std::optional<std::int64_t> amount = {}) {
    IssueCreditNote command;
    command.invoice = invoice;
    command.amount = amount;
    return note(accept(command));
  }
  schema::CreditNoteIssuedT note(EntityRef id) const {
    REQUIRE(account.find_credit_note(id) != nullptr);
    schema::CreditNoteIssuedT copy;
    for (const std::string& bytes : envelopes) {
      const auto* event = schema::GetEnvelope(bytes.data())->event_as_CreditNoteIssued();
      if (event != nullptr && entity(event->credit_note()) == id) event->UnPackTo(&copy);
    }
    return copy;
  }

  /// The journal is what the state says: open invoices are receivable, grants what is owed to the customer.
  bool reconciles() const {
    auto sums = journal();
    return sums[LedgerAccount::receivable] == account.receivable() &&
           sums[LedgerAccount::customer_credit] == -account.wallet({"USD", true}).available;
  }
};

inline CreditNoteLineInput part(std::int64_t line, std::int64_t amount) {
  return {line, amount, {}};
}
inline CreditNoteLineInput quantity_of(std::int64_t line, std::string quantity) {
  return {line, {}, std::move(quantity)};
}

/// "total tax"
inline std::string sums(const schema::CreditNoteIssuedT& note) {
  return std::to_string(note.total) + " " + std::to_string(note.tax);
}

}  // namespace daybook::test
