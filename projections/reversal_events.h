// The events of refunds and disputes, for the views that fold them: of their own rows, and of the payment that they
// take back.
#pragma once

#include "projections/view_fold.h"
#include "schemas/envelope_generated.h"

namespace daybook {

/// Calls of_refund(payload) or of_dispute(payload) with the event's own table. False if it is about neither.
template <class OfRefund, class OfDispute>
bool with_reversal_payload(const schema::Envelope& envelope, OfRefund of_refund, OfDispute of_dispute) {
  switch (envelope.event_type()) {
    case schema::Event::RefundIssued:
      of_refund(*envelope.event_as_RefundIssued());
      return true;
    case schema::Event::RefundSucceeded:
      of_refund(*envelope.event_as_RefundSucceeded());
      return true;
    case schema::Event::RefundFailed:
      of_refund(*envelope.event_as_RefundFailed());
      return true;
    case schema::Event::RefundCanceled:
      of_refund(*envelope.event_as_RefundCanceled());
      return true;
    case schema::Event::DisputeOpened:
      of_dispute(*envelope.event_as_DisputeOpened());
      return true;
    case schema::Event::DisputeWon:
      of_dispute(*envelope.event_as_DisputeWon());
      return true;
    case schema::Event::DisputeLost:
      of_dispute(*envelope.event_as_DisputeLost());
      return true;
    default:
      return false;
  }
}

}  // namespace daybook
