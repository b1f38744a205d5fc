// What goes back of a payment that succeeded, as an account's state, the views and the answers hold it: refunds,
// disputes, and what these leave of their payment. Only ever changed by the folds in refund_fold.h, from the stored
// bytes of an event.
//
// While its result is not known, a refund or a dispute stands in its account's state; then it has ended and stands in a
// row of its own. Of a payment, which has ended before, its account keeps what went back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domain/currency.h"
#include "domain/id.h"
#include "domain/instant.h"
#include "domain/sealed.h"

namespace daybook {

enum class RefundStatus : std::uint8_t { pending = 1, succeeded = 2, failed = 3, canceled = 4 };
/// "pending", "succeeded", "failed", "canceled".
std::string_view to_text(RefundStatus status);

enum class RefundReason : std::uint8_t {
  duplicate = 1,
  fraudulent = 2,
  requested_by_customer = 3,
  service_issue = 4,
  other = 5  ///< What the description says.
};
/// "duplicate", "fraudulent", "requested_by_customer", "service_issue", "other".
std::string_view to_text(RefundReason reason);

enum class RefundDestination : std::uint8_t { payment_method = 1, credit = 2 };
/// "payment_method", "credit".
std::string_view to_text(RefundDestination destination);

struct Refund {
  EntityRef id;
  EntityRef payment, invoice;
  Currency currency{};
  std::int64_t amount = 0;  ///< Minor units.
  RefundStatus status = RefundStatus::pending;
  RefundReason reason = RefundReason::requested_by_customer;
  RefundDestination destination = RefundDestination::payment_method;
  Sealed description;
  std::string provider, provider_key;  ///< Empty of a refund to credit.
  std::string provider_refund_id;      ///< Empty until it is known.
  std::string failure_code, failure_message;
  EntityRef credit_note, credit;  ///< That it led to; none.
  Instant created_at{}, updated_at{};
  std::uint64_t version = 0;  ///< Stream version of the last event that touched it.

  bool is_open() const { return status == RefundStatus::pending; }
  bool operator==(const Refund&) const = default;
};

enum class DisputeStatus : std::uint8_t { open = 1, won = 2, lost = 3 };
/// "open", "won", "lost".
std::string_view to_text(DisputeStatus status);

struct Dispute {
  EntityRef id;
  EntityRef payment, invoice;
  Currency currency{};
  std::int64_t amount = 0;
  DisputeStatus status = DisputeStatus::open;
  std::string reason;  ///< The bank's.
  std::string provider, provider_dispute_id;
  Instant due_by = never;  ///< Until when evidence is taken.
  Instant opened_at{}, updated_at{};
  Instant closed_at = never;
  std::uint64_t version = 0;

  bool is_open() const { return status == DisputeStatus::open; }
  bool operator==(const Dispute&) const = default;
};

/// What became of a payment since it succeeded; amounts in minor units of its currency.
struct PaymentReversals {
  std::int64_t refunded = 0;          ///< Has gone back.
  std::int64_t refunding = 0;         ///< Is to go back: the results are still to come.
  std::int64_t charged_back = 0;      ///< Was lost in disputes.
  EntityRef dispute;                  ///< That is open; none.
  std::int64_t disputed = 0;          ///< Of that one.
  std::vector<std::string> disputes;  ///< What the provider calls each that there was, the open one too.
  Instant updated_at{};
  std::uint64_t version = 0;  ///< Stream version of the last event that touched it; 0: none has.
  bool operator==(const PaymentReversals&) const = default;
};

}  // namespace daybook
