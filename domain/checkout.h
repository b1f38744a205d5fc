// A hosted checkout as an account's state and the answers hold it: what the customer is to subscribe to, and whether
// the provider has said that there is a payment method for it. It is only ever changed by the folds in
// checkout_fold.h, from the stored bytes of an event.
//
// While it is open it stands in its account's state; then it has ended and stands in a row of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/id.h"
#include "domain/instant.h"
#include "domain/sealed.h"

namespace daybook::schema {
struct PlanPriceT;
}  // namespace daybook::schema

namespace daybook {

enum class CheckoutStatus : std::uint8_t { open = 1, completed = 2, expired = 3 };
/// "open", "completed", "expired".
std::string_view to_text(CheckoutStatus status);

struct CheckoutSession {
  EntityRef id;
  std::string plan_id;
  std::shared_ptr<const schema::PlanPriceT> price;  ///< Never null.
  std::int64_t quantity = 0;
  std::optional<std::int32_t> trial_days;  ///< Absent: the plan's.
  std::string coupon, user_id, opened_by;
  Sealed success_url, cancel_url, metadata;
  Instant expires_at{};
  std::string provider, provider_session_id;  ///< Empty: the plan is free.
  CheckoutStatus status = CheckoutStatus::open;
  EntityRef subscription;  ///< Of a completed one.
  Instant created_at{}, updated_at{};
  std::uint64_t version = 0;  ///< Stream version of the last event that touched it.

  bool is_open() const { return status == CheckoutStatus::open; }
  bool operator==(const CheckoutSession& other) const;
};

}  // namespace daybook
