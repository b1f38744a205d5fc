// What a provider says of a charge, as the command that records it.
#pragma once

#include <utility>

#include "connectors/payment_provider.h"
#include "domain/commands.h"

namespace daybook {

/// Requires a status that says what became of the charge.
inline RecordPaymentResult payment_result(EntityRef payment, ChargeResult result) {
  RecordPaymentResult command;
  command.payment = payment;
  command.outcome = result.status == ChargeStatus::succeeded ? PaymentOutcome::succeeded
                    : result.status == ChargeStatus::failed  ? PaymentOutcome::failed
                                                             : PaymentOutcome::action_required;
  command.transaction_id = std::move(result.transaction_id);
  command.code = std::move(result.code);
  command.message = std::move(result.message);
  command.action_url = std::move(result.action_url);
  return command;
}

}  // namespace daybook
