// Finalising an invoice, whoever asks for it: its number, its figures, and the credit that pays for it.
#pragma once

#include "domain/deciders/decision.h"

namespace daybook::schema {
struct InvoiceFiguresT;
}

namespace daybook {

/// Gives the invoice its number and its figures; what is available of the account's credit pays for it, in draw-down
/// order; with nothing left to pay it is paid. Its events come after those that the decision has already, of which none
/// is another invoice's. Requires a total that is not negative.
void finalize(Decision& decision, const AccountState& account, const Invoice& invoice, schema::InvoiceFiguresT figures,
              const DecisionContext& context);

}  // namespace daybook
