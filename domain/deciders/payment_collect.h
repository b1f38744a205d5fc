// The intent to collect what is owed for an invoice. What the provider makes of it comes back as RecordPaymentResult.
#pragma once

#include "domain/deciders/decision.h"

namespace daybook {

/// Adds an attempt to charge the method (null: the account's default) for the invoice, of which none is in flight; or
/// the failure of one if there is no method to charge.
void collect(Decision& decision, const AccountState& account, const Invoice& invoice, std::int64_t amount,
             const PaymentMethod* method, const DecisionContext& context);

/// Whether the decision has such a failure.
bool lacks_payment_method(const Decision& decision);

}  // namespace daybook
