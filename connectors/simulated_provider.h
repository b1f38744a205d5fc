// The payment provider of test mode: every token gives the same outcome in every run, and no money moves.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "connectors/payment_provider.h"
#include "connectors/stripe_messages.h"
#include "domain/commands.h"

namespace daybook {

inline constexpr std::string_view simulated_provider_name = "simulator";
/// What it signs with unless it is told otherwise. No secret: test mode serves on loopback.
inline constexpr std::string_view simulated_webhook_secret = "whsec_dev";

/// The method behind one of the simulator's tokens: tok_ok, tok_declined, tok_insufficient_funds, tok_expired_card,
/// tok_requires_action, tok_fail_then_ok:N (N from 1 to 99), tok_timeout, tok_refund_pending, tok_refund_failed and
/// tok_refund_timeout, and tok_bank_account, tok_sepa_debit and tok_wallet for the other types. Any other text is
/// refused. Any thread.
ProviderMethod simulated_method(std::string_view token);

/// What a charge of these tokens comes to: tok_declined card_declined, tok_insufficient_funds insufficient_funds,
/// tok_expired_card expired_card; tok_requires_action waits for the customer; tok_fail_then_ok:N is declined at the
/// first N attempts of an invoice; tok_timeout is charged, but nobody hears of it until find() is asked; all others
/// succeed. It remembers keys as long as it lives; what it has forgotten then it decides alike again, under the same
/// transaction id, which is made of the key. Its messages are Stripe's.
/// What the simulator offers: the catalogue in that file, as Stripe tells it (stripe_catalogue.h), read anew each time.
/// Its fault is provider_error if there is no such file. Any thread.
ProviderCatalogue simulated_catalogue(const std::filesystem::path& file);

/// A refund succeeds at once, but of a charge of tok_refund_pending, which is pending until it is asked for the second
/// time, of tok_refund_failed (expired_or_canceled_card), and of tok_refund_timeout, of which nobody hears until
/// find_refund() is asked. The charge's transaction id says which.
class SimulatedProvider final : public PaymentProvider {
 public:
  explicit SimulatedProvider(WebhookTrust trust = {{std::string(simulated_webhook_secret)}})
      : trust_(std::move(trust)) {}

  ProviderMethod find_method(std::string_view token) const override { return simulated_method(token); }
  ChargeResult charge(const Charge& charge) override;
  ChargeResult find(std::string_view key) override;
  RefundCallResult refund(const RefundCall& call) override;
  RefundCallResult find_refund(const RefundCall& call) override;
  RejectionCode check_signature(std::string_view signature, std::string_view body, Instant now) const override {
    return check_stripe_signature(signature, body, trust_, now);
  }
  ProviderTopic topic_of(std::string_view type) const override { return stripe_topic_of(type); }
  ProviderNotice read_message(std::string_view body) const override { return read_stripe_message(body); }

  struct Counters {
    std::uint64_t calls = 0;    ///< Of charge().
    std::uint64_t charges = 0;  ///< That money would have moved for.
    std::uint64_t refunds = 0;  ///< Likewise.
  };
  Counters counters() const;

 private:
  const WebhookTrust trust_;
  mutable std::mutex mutex_;
  std::map<std::string, ChargeResult, std::less<>> results_;  ///< By key.
  struct SimulatedRefund {
    RefundCallResult result;
    std::uint32_t asked = 0;  ///< How often it was asked for.
  };
  std::map<std::string, SimulatedRefund, std::less<>> refunds_;  ///< By key.
  Counters counters_;
};

}  // namespace daybook
