// A payment provider as the ledger sees it: what is behind a method's token, charges and refunds with keys, and what it
// posts by itself. An adapter a provider; every adapter passes tests/connectors/provider_conformance_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/commands.h"
#include "domain/money.h"
#include "domain/payment_method.h"
#include "domain/provider_message.h"
#include "domain/subscription.h"

namespace daybook {

struct Charge {
  std::string key;  ///< The charge's own: with the same key nothing is charged twice, whatever happened to the answer.
  std::string token;  ///< The method's, in clear.
  Money amount;
  std::uint32_t attempt = 1;  ///< Of the same invoice, from 1.
};

enum class ChargeStatus : std::uint8_t {
  succeeded,
  failed,           ///< Finally: `code` and `message` say why.
  action_required,  ///< The customer must act at `action_url`.
  unknown,          ///< No answer, or none that says: ask with the key.
  not_found,        ///< Of find() only: nothing was charged with the key, and nothing is under way.
};

struct ChargeResult {
  ChargeStatus status = ChargeStatus::unknown;
  std::string transaction_id;  ///< The provider's own name of it; may be empty of a failure.
  std::string code;            ///< "card_declined": 1 to 32 of a-z 0-9 _.
  std::string message;         ///< Up to 255 characters.
  std::string action_url;
};

struct RefundCall {
  std::string key;     ///< The refund's own, as a charge's.
  std::string refund;  ///< Ours: "re_...", for the provider's notes.
  std::string charge;  ///< What the provider calls the charge.
  Money amount;
};

enum class RefundCallStatus : std::uint8_t {
  succeeded,
  failed,    ///< Finally: `code` and `message` say why.
  canceled,  ///< Called off before any money moved.
  pending,   ///< The provider has it, and says later what became of it.
  unknown,   ///< As a charge's, as the next.
  not_found,
};

struct RefundCallResult {
  RefundCallStatus status = RefundCallStatus::unknown;
  std::string refund_id;  ///< The provider's own name of it; may be empty of a failure.
  std::string code;       ///< As a charge's, as the next.
  std::string message;
};

/// What a message tells of; none: it is not understood.
enum class ProviderTopic : std::uint8_t { none, charge, checkout, subscription, refund, dispute };

/// A dispute as the provider has it.
struct ProviderDispute {
  std::string id;      ///< The provider's own name of it.
  std::string reason;  ///< As a charge's code.
  std::optional<Instant> due_by;
  std::optional<DisputeOutcome> outcome;  ///< Nothing: it is not decided.
};

/// What became of a checkout session on the provider's own page; none: the message does not tell.
enum class CheckoutNews : std::uint8_t { none, completed, expired };

/// What a provider posted about one of its objects.
struct ProviderNotice {
  ProviderMessage message;
  std::optional<Money> amount;  ///< Of the charge, the refund or the dispute, where the message tells it.
  ChargeResult result;          ///< Of the charge; unknown: the type does not tell of one.
  CheckoutNews checkout = CheckoutNews::none;
  std::string payment_method;              ///< The token of the method that a checkout was completed with.
  ProviderSubscription subscription = {};  ///< As the provider has it; its `provider` is left empty.
  RefundCallResult refund = {};            ///< Of the refund; unknown or pending: the message tells of no end.
  ProviderDispute dispute = {};
};

/// Threads: any, several calls at once. None throws. charge(), refund() and the finds of what became of them may take
/// as long as the adapter lets them; the others do not wait.
class PaymentProvider {
 public:
  virtual ~PaymentProvider() = default;
  /// The method behind a token.
  virtual ProviderMethod find_method(std::string_view token) const = 0;
  virtual ChargeResult charge(const Charge& charge) = 0;
  /// What became of the charge with that key.
  virtual ChargeResult find(std::string_view key) = 0;
  /// Gives back a part of a charge, or all of it.
  virtual RefundCallResult refund(const RefundCall& call) = 0;
  /// What became of the refund with that call's key.
  virtual RefundCallResult find_refund(const RefundCall& call) = 0;
  /// Whether the provider has signed exactly that body, and when: none, signature_invalid or webhook_too_old.
  virtual RejectionCode check_signature(std::string_view signature, std::string_view body, Instant now) const = 0;
  /// What messages of that type tell of.
  virtual ProviderTopic topic_of(std::string_view type) const = 0;
  /// The body of such a message; its fault is malformed_request if it is no message of the provider's.
  virtual ProviderNotice read_message(std::string_view body) const = 0;
};

/// What the provider has posted, or why it is not believed to be the provider's.
inline ProviderMessage read_signed(const PaymentProvider& provider, std::string_view signature, std::string_view body,
                                   Instant now) {
  ProviderMessage refused;
  refused.fault = provider.check_signature(signature, body, now);
  return refused.fault == RejectionCode::none ? provider.read_message(body).message : refused;
}

}  // namespace daybook
