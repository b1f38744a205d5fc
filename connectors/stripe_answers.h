// Reads the answers of Stripe's API: what a status and an error say of a request, and the objects in them. What is no
// JSON, or lacks what must be there, is `unknown` with the code malformed_answer; members that we do not know pass.
//
//   error:  {"error": {"type": "card_error", "code": "card_declined", "decline_code": "lost_card", "message": "...",
//            "payment_intent": {...}}}
//   list:   {"object": "list", "data": [...], "has_more": false}
//
// Concurrency: any thread. None throws but std::bad_alloc.
#pragma once

#include <string>

#include "connectors/provider_calls.h"
#include "connectors/stripe_objects.h"
#include "domain/instant.h"

namespace daybook {

/// What an answer says of repeating its request.
AnswerHints judge_stripe_answer(const HttpAnswer& answer);

StripeCustomer read_stripe_customer(const CallReply& reply);
/// A card whose month is over at `now` has expired.
StripeMethod read_stripe_method(const CallReply& reply, Instant now);
StripeSetup read_stripe_setup(const CallReply& reply);
StripePayment read_stripe_payment(const CallReply& reply);
StripeRefund read_stripe_refund(const CallReply& reply);
StripeMirror read_stripe_subscription(const CallReply& reply);
StripeSession read_stripe_session(const CallReply& reply);

StripePage<StripeCustomer> read_stripe_customers(const CallReply& reply);
StripePage<StripePayment> read_stripe_payments(const CallReply& reply);
StripePage<StripeRefund> read_stripe_refunds(const CallReply& reply);
/// The rows as JSON.
StripePage<std::string> read_stripe_rows(const CallReply& reply);

}  // namespace daybook
