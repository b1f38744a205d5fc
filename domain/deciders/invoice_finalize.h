// Finalising an invoice, whoever asks for it: its number, its figures, and the credit that pays for it.
#pragma once

#include "domain/deciders/decision.h"

namespace daybook::schema {
struct InvoiceFiguresT;
enum class SettlementCause : std::uint8_t;
}  // namespace daybook::schema

namespace daybook {

/// Gives the invoice its number and its figures; what is available of the account's credit pays for it, in draw-down
/// order; with nothing left to pay it is paid, and what is left is collected if that is how it is paid. Its events come
/// after those that the decision has already, of which none is another invoice's. What the figures say is credited
/// becomes the account's credit, with the invoice's postings. Requires a total that is not negative.
/// It is collected by `method`; null: by the account's default.
void finalize(Decision& decision, const AccountState& account, const Invoice& invoice, schema::InvoiceFiguresT figures,
              const DecisionContext& context, const PaymentMethod* method = nullptr);

/// So much of the credit pays for the invoice; minor units.
PendingEvent credit_applied(const AccountState& account, const Invoice& invoice, EntityRef credit, std::int64_t minor);

/// Nothing is owed for the invoice any more.
PendingEvent invoice_paid(const AccountState& account, const Invoice& invoice, schema::SettlementCause cause);

/// A transition that the invoice's status does not have.
Decision refuse_transition(const Invoice& invoice, InvoiceStatus to);
/// The same of what is no status: "sent".
Decision refuse_transition(const Invoice& invoice, std::string_view to);

}  // namespace daybook
