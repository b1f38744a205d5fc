// Stripe's API in typed calls: customers, methods, payments, refunds, sessions and the catalogue. What comes of a call
// is a StripeOutcome, whatever happened on the way; what it means for a payment of ours is for the adapter above. No
// number of a card ever passes here: objects are named by Stripe's ids, and any other text is refused unsent.
//
// Finding by key does not use Stripe's search, which lags behind: it lists what the customer has since an instant,
// which shows what was created before at once, and compares the metadata.
//
// Concurrency: any thread, several calls at once; each takes as long as provider_calls lets it. No call throws but
// std::bad_alloc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/provider_calls.h"
#include "connectors/stripe_objects.h"
#include "domain/instant.h"
#include "domain/money.h"

namespace daybook {

/// The version of Stripe's API that is spoken: that of the OpenAPI description in stripe-mock 0.203.0.
inline constexpr std::string_view stripe_api_version = "2026-08-26.dahlia";
inline constexpr std::string_view stripe_api_base = "https://api.stripe.com";
inline constexpr std::size_t stripe_page_rows = 100;  ///< The most that Stripe gives.
inline constexpr std::size_t stripe_find_pages = 20;  ///< A customer with more in the time is `unknown`.
inline constexpr std::size_t stripe_price_pages = 100;
/// How far Stripe's clock may be behind ours.
inline constexpr std::int64_t stripe_clock_skew_s = 3'600;

struct StripeCustomerOrder {
  std::string key;                    ///< The idempotency key.
  std::string account;                ///< Ours; metadata `daybook_account`.
  std::string email = {}, name = {};  ///< May be empty.
};

struct StripeSetupOrder {
  std::string key;
  std::string customer;      ///< "cus_..."
  std::string account = {};  ///< Metadata `daybook_account`; may be empty.
};

struct StripeChargeOrder {
  std::string key;       ///< Ours: metadata `daybook_key`, and the idempotency key in round 0.
  std::string payment;   ///< "pay_..."; metadata `daybook_payment`.
  std::string customer;  ///< "cus_..."
  std::string method;    ///< "pm_..."
  Money amount;
  /// Another one is another idempotency key for the same charge: only after a look that found nothing, where the answer
  /// to the round before was is_stored.
  std::uint32_t round = 0;
  std::string return_url = {};  ///< Where a redirect comes back to; without one, methods that redirect are not used.
};

enum class StripeRefundReason : std::uint8_t { none, duplicate, fraudulent, requested_by_customer };

struct StripeRefundOrder {
  std::string key;      ///< The idempotency key in round 0.
  std::string refund;   ///< "re_...", ours; metadata `daybook_refund`.
  std::string payment;  ///< "pi_..."
  Money amount;
  StripeRefundReason reason = StripeRefundReason::none;
  std::uint32_t round = 0;  ///< As of a charge.
};

struct StripeCheckoutOrder {
  std::string key;
  std::string checkout;  ///< "cs_...", ours; metadata `daybook_checkout`.
  std::string customer;  ///< "cus_..."
  Currency currency;     ///< Decides which methods the page offers.
  std::string success_url;
  std::string cancel_url = {};
};

class StripeClient {
 public:
  struct Options {
    std::string secret_key;  ///< "sk_..." or "rk_..."
    /// Provider, headers and judge are filled in; an empty base URL is stripe_api_base.
    ProviderCalls::Options calls = {};
  };

  /// Throws std::invalid_argument if the key or the base URL is none, without repeating it.
  explicit StripeClient(Options options);

  StripeCustomer create_customer(const StripeCustomerOrder& order);
  /// The customer of the account, created since then; `email` narrows the search and may be empty.
  StripeCustomer find_customer(std::string_view account, std::string_view email, Instant since);
  StripeCustomer read_customer(std::string_view customer);
  StripeCustomer set_default_method(std::string_view customer, std::string_view method);

  /// `now` decides which cards have expired.
  StripeMethod read_method(std::string_view method, Instant now);
  StripeMethod attach_method(std::string_view method, std::string_view customer, Instant now);
  StripeMethod detach_method(std::string_view method, Instant now);
  StripeSetup create_setup(const StripeSetupOrder& order);
  /// Also of a completed checkout, whose message names its setup and not the method.
  StripeSetup read_setup(std::string_view setup);

  /// Creates and confirms at once, while the customer is not there. action_required has no URL then: see
  /// confirm_payment(). Refused unsent: an amount that Stripe cannot hold (amount_not_representable).
  StripePayment charge(const StripeChargeOrder& order);
  /// Confirms again while the customer is there, who may be sent to action_url and comes back to `return_url`.
  StripePayment confirm_payment(std::string_view payment, std::string_view method, std::string_view return_url);
  StripePayment read_payment(std::string_view payment);
  /// The customer's payment with our key, created since then. Of several the one that has got furthest. not_found only
  /// if all were seen.
  StripePayment find_payment(std::string_view customer, std::string_view key, Instant since);
  StripePayment cancel_payment(std::string_view payment);

  StripeRefund refund(const StripeRefundOrder& order);
  StripeRefund read_refund(std::string_view refund);
  /// The refund of the payment with our id.
  StripeRefund find_refund(std::string_view payment, std::string_view own_id);

  /// All products, and all active prices with their tiers.
  StripeCatalogueText list_catalogue();
  StripeMirror read_subscription(std::string_view subscription);
  /// A session that takes down a method for later.
  StripeSession create_checkout(const StripeCheckoutOrder& order);

  CircuitBreaker::State circuit() const { return calls_.circuit(); }
  /// As ProviderCalls::stop().
  void stop() { calls_.stop(); }

 private:
  CallReply get(std::string_view operation, std::string path);
  CallReply post(std::string_view operation, std::string path, std::string form, std::string_view key = {});
  StripeResult append_rows(std::string_view operation, const std::string& list, std::size_t pages_max,
                           std::string& out);

  ProviderCalls calls_;
};

}  // namespace daybook
