// What a provider says of a charge or a refund, as the command that records it.
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

/// Whether the provider has said what became of the refund.
inline bool is_final(RefundCallStatus status) {
  return status == RefundCallStatus::succeeded || status == RefundCallStatus::failed ||
         status == RefundCallStatus::canceled;
}

/// Requires a final status.
inline RecordRefundResult refund_result(EntityRef refund, RefundCallResult result) {
  RecordRefundResult command;
  command.refund = refund;
  command.outcome = result.status == RefundCallStatus::succeeded ? RefundOutcome::succeeded
                    : result.status == RefundCallStatus::failed  ? RefundOutcome::failed
                                                                 : RefundOutcome::canceled;
  command.provider_refund_id = std::move(result.refund_id);
  command.code = std::move(result.code);
  command.message = std::move(result.message);
  return command;
}

}  // namespace daybook
