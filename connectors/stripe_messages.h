// The messages that Stripe posts (its webhooks): signature, body, and what they say of a charge. The simulator posts
// likewise, so that what receives them is tried without an account there.
//
//   Stripe-Signature: t=SECONDS,v1=HEX[,v1=HEX...]    HMAC-SHA256 under the secret of "SECONDS.BODY", 64 hex digits;
//                                                     other schemes than v1 are passed over
//   body: {"id":"evt_...","object":"event","type":"payment_intent.succeeded","data":{"object":{...}}}
//
// Which payment, checkout session or subscription an object is about stands in its metadata as `daybook_payment`,
// `daybook_checkout`, `daybook_subscription` or `daybook_refund`, where the adapter puts it. A dispute has no metadata
// of ours: it names the charge that it is about, by which the payment is found.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/payment_provider.h"
#include "domain/instant.h"

namespace daybook {

inline constexpr std::string_view stripe_name = "stripe";
inline constexpr std::string_view stripe_signature_header = "stripe-signature";
inline constexpr std::int64_t webhook_tolerance_s_default = 300;

/// Whose signatures count. While a secret is being replaced there are two.
struct WebhookTrust {
  std::vector<std::string> secrets;
  std::int64_t tolerance_s = webhook_tolerance_s_default;  ///< How far the time of signing may be from now.
};

/// The header's value for a body that is signed then.
std::string sign_as_stripe(std::string_view body, std::string_view secret, Instant at);
/// As PaymentProvider::check_signature: first who signed, then when.
RejectionCode check_stripe_signature(std::string_view signature, std::string_view body, const WebhookTrust& trust,
                                     Instant now);
/// charge: payment_intent.succeeded, .payment_failed and .requires_action, and their twins of invoices and charges;
/// checkout: checkout.session.completed and .expired; subscription: customer.subscription.created, .updated and
/// .deleted; refund: refund.created, .updated and .failed, and charge.refunded, which has the newest of its refunds;
/// dispute: charge.dispute.created, .updated and .closed.
ProviderTopic stripe_topic_of(std::string_view type);
/// As PaymentProvider::read_message.
ProviderNotice read_stripe_message(std::string_view body);

/// What a message is to say.
struct StripeCharge {
  std::string payment;         ///< "pay_..."; empty: it names none.
  std::string transaction_id;  ///< "pi_..."
  std::int64_t amount = 0;
  std::string currency;    ///< "USD"
  std::string code;        ///< Of a failure.
  std::string action_url;  ///< Where the customer acts.
};
/// A message of that type about the charge, as Stripe words it. Any type: other kinds of objects hold the charge's
/// common members.
std::string stripe_message(std::string_view event_id, std::string_view type, const StripeCharge& charge, Instant at);

struct StripeCheckout {
  std::string session;         ///< "cs_...", ours.
  std::string provider_id;     ///< "cs_test_...", the provider's.
  std::string payment_method;  ///< The token that a completed one comes with.
};
/// The same of a checkout session.
std::string stripe_message(std::string_view event_id, std::string_view type, const StripeCheckout& checkout,
                           Instant at);

struct StripeSubscription {
  std::string subscription;  ///< "sub_...", ours.
  std::string provider_id;   ///< "sub_...", the provider's.
  std::string status;        ///< "active"
};
/// The same of a subscription.
std::string stripe_message(std::string_view event_id, std::string_view type, const StripeSubscription& subscription,
                           Instant at);

struct StripeToldRefund {
  std::string refund;          ///< "re_...", ours.
  std::string provider_id;     ///< "re_...", the provider's.
  std::string transaction_id;  ///< Of the charge: "pi_..."
  std::int64_t amount = 0;
  std::string currency;  ///< "USD"
  std::string status;    ///< "pending", "succeeded", "failed", "canceled"
  std::string code;      ///< Of a failure.
};
/// The same of a refund.
std::string stripe_message(std::string_view event_id, std::string_view type, const StripeToldRefund& refund,
                           Instant at);

struct StripeToldDispute {
  std::string provider_id;     ///< "dp_...", the provider's.
  std::string transaction_id;  ///< Of the charge: "pi_..."
  std::int64_t amount = 0;
  std::string currency;  ///< "USD"
  std::string reason;    ///< "fraudulent"
  std::string status;    ///< "needs_response", "won", "lost"
};
/// The same of a dispute; its evidence is due a week after `at`.
std::string stripe_message(std::string_view event_id, std::string_view type, const StripeToldDispute& dispute,
                           Instant at);

}  // namespace daybook
