// What comes back from a command or a read, as values: the gateway turns them into JSON.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/account.h"
#include "domain/book.h"
#include "domain/rejection.h"
#include "domain/unit_movement.h"
#include "eventstore/position.h"

namespace daybook {

struct AccountShown {
  AccountDetails details;
  std::map<Asset, Wallet> wallets;
  std::int64_t receivable = 0;
};

struct CreditShown {
  std::string account_id;
  Grant grant;
};

/// A movement of units with the balances after it.
struct UnitEntryShown {
  std::string account_id;
  UnitMovement movement;
  std::int64_t balance_after = 0;
  std::int64_t reserved_after = 0;
  std::string actor;
};

struct ReservationShown {
  std::string account_id;
  Hold hold;
  Wallet wallet;  ///< Of the unit, after the command.
};

struct PaymentMethodShown {
  std::string account_id;
  PaymentMethod method;
  bool is_default = false;
};

struct ClockShown {
  Instant now{};
  std::int64_t offset_us = 0;
};

struct TestClockShown {
  TestClock clock;
};

struct ApiKeyShown {
  ApiKey key;
};

struct PlanShown {
  Plan plan;
};

struct CatalogueSyncShown {
  CatalogueSync sync;
};

struct DiscountShown {
  OfferedDiscount discount;
};

struct CouponShown {
  Coupon coupon;
  std::int64_t redemptions = 0;
  std::uint64_t version = 0;  ///< Redemptions touch it too.
};

/// What an account got for a coupon.
struct RedemptionShown {
  std::string account_id;
  AccountDiscount discount;
};

struct InvoiceShown {
  std::string account_id;
  Invoice invoice;
};

struct SubscriptionShown {
  std::string account_id;
  Subscription subscription;
  bool is_primary = false;
};

struct CreditNoteShown {
  std::string account_id;
  CreditNote note;
};

struct AdjustmentShown {
  std::string account_id;
  InvoiceAdjustment adjustment;
};

struct PaymentShown {
  std::string account_id;
  Payment payment;
};

struct RefundShown {
  std::string account_id;
  Refund refund;
};

struct DisputeShown {
  std::string account_id;
  Dispute dispute;
};

struct CheckoutSessionShown {
  std::string account_id;
  CheckoutSession session;
};

struct PolicyShown {
  std::string policy;
  Policies policies;
};

struct BookShown {
  std::string id;
  BookProfile profile;
  std::optional<ApiKey> first_key;  ///< Of an answer to its creation.
};

struct TaxRateShown {
  OwnTaxRateKey key;
  OwnTaxRate rate;
};

using Shown =
    std::variant<std::monostate, AccountShown, CreditShown, UnitEntryShown, ReservationShown, ClockShown, ApiKeyShown,
                 PlanShown, PaymentMethodShown, DiscountShown, CouponShown, RedemptionShown, InvoiceShown, PolicyShown,
                 SubscriptionShown, TaxRateShown, CreditNoteShown, AdjustmentShown, TestClockShown, PaymentShown,
                 BookShown, CheckoutSessionShown, CatalogueSyncShown, RefundShown, DisputeShown>;

struct Answer {
  Rejection rejection;  ///< code none: accepted.
  Shown shown;
  LogPosition position;       ///< Of the command's last event; of the head it was decided at if it has none.
  std::uint64_t version = 0;  ///< The shown resource's version, for its ETag.
  std::string stream;         ///< Of the account or book, for unsealing.
  bool is_replay = false;
  bool is_dry_run = false;
  bool is_unchanged = false;  ///< Accepted, and nothing had to change.
  /// The payment that the command attempted, as of this answer: its result may be there or still to come. None: it
  /// attempted none.
  std::optional<Payment> payment;
  std::optional<Refund> refund;  ///< The same of a refund that it asked for.
  /// In a dry run: the envelopes that would be appended, and by ordinal the versions of the streams that they would be
  /// appended to: entities with a later version do not exist and are shown as <prefix>_dry_<n>.
  std::vector<std::string> dry_run_events;
  std::map<std::uint64_t, std::uint64_t> dry_run_bases;
  bool accepted() const { return rejection.code == RejectionCode::none; }
};

}  // namespace daybook
