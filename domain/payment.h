// A payment as an account's state, the views and the answers hold it: one attempt to collect what is owed for an
// invoice, and what came of it. It is only ever changed by the folds in payment_fold.h, from the stored bytes of an
// event.
//
// While its result is not known it stands in its account's state; then it has ended and stands in a row of its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "domain/currency.h"
#include "domain/id.h"
#include "domain/instant.h"
#include "domain/refund.h"
#include "domain/sealed.h"

namespace daybook {

enum class PaymentStatus : std::uint8_t {
  pending = 1,
  requires_action = 2,
  succeeded = 3,
  failed = 4,
  partially_refunded = 5,
  refunded = 6,
  disputed = 7
};
/// "pending", "requires_action", "succeeded", "failed", "partially_refunded", "refunded", "disputed".
std::string_view to_text(PaymentStatus status);

enum class OfflineMethod : std::uint8_t { bank_transfer = 1, cash = 2, check = 3, other = 4 };
/// "bank_transfer", "cash", "check", "other".
std::string_view to_text(OfflineMethod method);

inline constexpr std::string_view offline_provider_name = "offline";  ///< Of a payment that no provider collected.

/// What is known of a payment that no provider collected.
struct OfflinePayment {
  OfflineMethod method = OfflineMethod::bank_transfer;
  Sealed reference;                ///< On the bank's statement.
  Instant received_at = never;     ///< When the money came in; never: it was not said.
  std::int64_t credit_amount = 0;  ///< What exceeded what was owed.
  EntityRef credit;                ///< That it became; none.
  bool operator==(const OfflinePayment&) const = default;
};

/// The code of a failure where there was nothing to charge, so that no provider was asked.
inline constexpr std::string_view no_payment_method_code = "no_payment_method";

/// Whether it was collected, whatever has gone back since.
inline bool is_collected(PaymentStatus status) {
  return status == PaymentStatus::succeeded || status >= PaymentStatus::partially_refunded;
}

struct Payment {
  EntityRef id;
  EntityRef invoice;
  EntityRef payment_method;  ///< None: there was none.
  Currency currency{};
  std::int64_t amount = 0;
  std::uint32_t attempt = 0;  ///< Of the invoice, from 1.
  PaymentStatus status = PaymentStatus::pending;
  std::string provider, provider_key;
  std::string transaction_id;  ///< The provider's; empty until it is known.
  std::string failure_code, failure_message;
  std::string action_url;      ///< While the customer must act.
  OfflinePayment offline;      ///< If no provider collected it.
  PaymentReversals reversals;  ///< Of one that succeeded; where it stands alone none.
  Instant created_at{}, updated_at{};
  std::uint64_t version = 0;  ///< Stream version of the last event that touched it.

  /// Whether its result is still to come.
  bool is_open() const { return status == PaymentStatus::pending || status == PaymentStatus::requires_action; }
  bool is_collected() const { return daybook::is_collected(status); }
  bool is_offline() const { return provider == offline_provider_name; }
  /// What can be refunded of it, in minor units.
  std::int64_t refundable() const {
    const std::int64_t gone =
        reversals.refunded + reversals.refunding + reversals.charged_back + reversals.disputed + offline.credit_amount;
    return is_collected() && gone < amount ? amount - gone : 0;
  }
  bool operator==(const Payment&) const = default;
};

}  // namespace daybook
