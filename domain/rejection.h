// Why a command is refused: one enum, numbered, never renumbered (the numbers are stored in
// CommandAnswered). One table gives each its code, HTTP status, title and hint.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace daybook {

enum class RejectionCode : std::uint16_t {
  none = 0,  // accepted
  malformed_request = 1,
  unauthenticated = 2,
  forbidden = 3,
  not_found = 4,
  method_not_allowed = 5,
  request_timeout = 6,
  version_conflict = 7,
  invalid_transition = 8,
  idempotency_key_reused = 9,
  credit_insufficient = 10,
  insufficient_credits = 11,
  amount_out_of_range = 12,
  validation_failed = 13,
  payload_too_large = 14,
  unsupported_media_type = 15,
  headers_too_large = 16,
  rate_limited = 17,
  internal = 18,
  event_corrupt = 19,
  not_ready = 20,
  projection_lag = 21,
  account_exists = 22,
  credit_ceiling = 23,
  storage_full = 24,
  limit_reached = 25,
  tenant_required = 26,
  account_deleted = 27,
  purge_blocked = 28,
  plan_exists = 29,
  plan_retired = 30,
  no_change = 31,
  duplicate_provider_price = 32,
  raw_card_refused = 33,
  payment_method_refused = 34,
  provider_not_configured = 35,
  discount_exists = 36,
  coupon_exists = 37,
  coupon_invalid = 38,
  coupon_already_redeemed = 39,
  invoice_locked = 40,
  refund_first = 41,
  price_not_available = 42,
  trial_already_used = 43,
  no_subscription = 44,
  credit_exceeds_invoice = 45,
  invoice_not_creditable = 46,
  settle_first = 47,
  usage_above_target_limits = 48,
  subscription_paused = 49,
  payment_in_progress = 50,
  no_payment_method = 51,
  nothing_owed = 52,
  subscription_exists = 53,
  discount_not_combinable = 54,
  signature_invalid = 55,
  webhook_too_old = 56,
  trial_expired = 57,
  book_closed = 58,
  book_exists = 59,
  currency_fixed = 60,
  provider_error = 61,
  refund_exceeds_payment = 62,
};

struct RejectionInfo {
  RejectionCode code;
  std::string_view name;  ///< As in the API: "credit_insufficient".
  int http_status;
  std::string_view title;
  std::string_view hint;  ///< What to do about it.
};

/// The row of the table; a bug if the code has none.
const RejectionInfo& rejection_info(RejectionCode code);
std::span<const RejectionInfo> all_rejections();

/// A fact behind a rejection, shown as a member of the error document.
struct RejectionDetail {
  std::string name;
  std::variant<std::int64_t, std::string> value;
  bool operator==(const RejectionDetail&) const = default;
};

/// A business refusal. `pointer` is the JSON pointer of the member at fault, empty if none is.
struct Rejection {
  RejectionCode code = RejectionCode::none;
  std::string pointer;
  std::vector<RejectionDetail> details;
  bool operator==(const Rejection&) const = default;
};

/// A member that is not what it must be: `expected` completes that sentence, and comes before the other details.
Rejection must_be(std::string_view pointer, std::string_view expected, std::vector<RejectionDetail> details = {});

}  // namespace daybook
