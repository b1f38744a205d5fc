// What Stripe's API says, in our words: what came of a call, and the objects it is about. Knows neither HTTP nor JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/money.h"
#include "domain/payment_method.h"
#include "domain/subscription.h"

namespace daybook {

enum class StripeOutcome : std::uint8_t {
  succeeded,        ///< Done, or read.
  failed,           ///< The payment or refund failed finally; `code` and `message` say why.
  action_required,  ///< The customer must act.
  pending,          ///< Under way; Stripe tells later how it ends.
  unknown,          ///< It may have been done. Look.
  not_found,
  refused,    ///< Our request, or our key, is wrong; nothing was done, and the same request will not do better.
  busy,       ///< This request did nothing, an earlier one with its key may have. Look before it is made again.
  unreached,  ///< It surely was not done; the same request may be made again at any time.
};

struct StripeResult {
  StripeOutcome outcome = StripeOutcome::unknown;
  std::string id;                ///< The object's.
  std::string code;              ///< 1 to 32 of a-z 0-9 _; empty of what succeeded.
  std::string message;           ///< Up to 255 bytes, one line; may be empty.
  bool is_hard_decline = false;  ///< Of a failed payment: the same method will not do another time either.
  /// Stripe answers with what it stored for the idempotency key, and will for a day. If a look then finds nothing, only
  /// the next round (StripeChargeOrder::round) can do it.
  bool is_stored = false;
};

struct StripeCustomer : StripeResult {
  std::string account;         ///< Metadata `daybook_account`.
  std::string default_method;  ///< "pm_..."; empty: none.
};

struct StripeMethod : StripeResult {
  ProviderMethod method;
  std::string customer;  ///< "cus_..."; empty: it is attached to none.
};

struct StripeSetup : StripeResult {
  std::string client_secret;  ///< For the customer's browser, and nobody else.
  std::string method;         ///< "pm_..." that the customer has completed it with; empty until then.
  std::string customer;       ///< "cus_..."
};

struct StripePayment : StripeResult {
  std::optional<Money> amount;
  std::string payment;     ///< Metadata `daybook_payment`.
  std::string key;         ///< Metadata `daybook_key`.
  std::string action_url;  ///< https; where the customer acts. Empty of an off-session one: confirm_payment() gives it.
};

struct StripeRefund : StripeResult {
  std::optional<Money> amount;
  std::string refund;  ///< Metadata `daybook_refund`.
};

struct StripeMirror : StripeResult {
  ProviderSubscription subscription;
  std::string own_id;  ///< Metadata `daybook_subscription`.
};

struct StripeSession : StripeResult {
  std::string url;  ///< https; the page where the customer completes it.
};

/// Text of read_stripe_catalogue().
struct StripeCatalogueText : StripeResult {
  std::string text;
};

/// A page of a list.
template <class Row>
struct StripePage : StripeResult {
  std::vector<Row> rows;
  bool has_more = false;
  std::string last_id;  ///< The next page begins after it.
};

}  // namespace daybook
