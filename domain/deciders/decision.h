// What a decider gets beside the state and the command, and what it gives back.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "domain/account.h"
#include "domain/book.h"
#include "domain/event.h"
#include "domain/rejection.h"
#include "domain/rules/time_zone.h"

namespace daybook {

struct DecisionContext {
  Instant now{};  ///< The account's own time, not before the stream's last event.
  std::uint16_t shard = 0;
  std::uint64_t ordinal = 0;       ///< The stream's ordinal, for ids.
  std::uint64_t next_version = 1;  ///< The stream version of the first event this decision yields.
  Role role = Role::system;
  bool is_test_book = false;  ///< Its clocks may be moved, and accounts may live by test clocks.
  bool dry_run = false;       ///< Nothing will be appended: a new id in a text is shown as <prefix>_dry_1.
  /// The account's book, with all that was decided before; never null where an account's decision reads it.
  const BookState* book = nullptr;
  std::uint64_t book_ordinal = 0;  ///< Of the book's own stream, for ids.
  /// What periods are computed with; a zone that they do not have, or null, is UTC.
  const TimeZones* zones = nullptr;

  /// The id of an entity that the event of this decision with that index creates.
  EntityRef new_id(std::size_t event_index = 0, std::uint16_t slot = 0) const {
    return {ordinal, next_version + event_index, shard, slot};
  }
  /// The same for an entity that one of this decision's events for the book creates.
  EntityRef new_book_id(std::size_t event_index = 0, std::uint16_t slot = 0) const {
    return {book_ordinal, book->version + 1 + event_index, shard, slot};
  }
};

/// What the answer shows.
enum class SubjectKind : std::uint8_t {
  none,
  account,
  credit,
  unit_entry,
  reservation,
  clock,
  api_key,
  plan,
  payment_method,
  discount,
  coupon,
  account_discount,
  invoice,
  policy,
  subscription,
  tax_rate,
  credit_note,
  adjustment,
  test_clock,
  payment,
  book,
  checkout_session,
  catalogue_sync,
  refund,
  dispute
};

struct Subject {
  SubjectKind kind = SubjectKind::none;
  EntityRef id;
  std::string text_id = {};  ///< Instead of id, of what clients may name: a plan, a discount, a coupon.
};

/// Either a rejection, or zero or more events (zero: accepted, nothing had to change) and what to show. All its events
/// are one atomic command: those of its own stream first, then those of its account's book.
struct Decision {
  Rejection rejection;
  std::vector<PendingEvent> events;
  std::vector<PendingEvent> book_events;  ///< For the book's own stream; none without events.
  Subject subject;
  bool accepted() const { return rejection.code == RejectionCode::none; }
  std::size_t size() const { return events.size() + book_events.size(); }
};

inline Decision reject(Rejection rejection) {
  Decision decision;
  decision.rejection = std::move(rejection);
  return decision;
}
inline Decision reject(RejectionCode code, std::string_view pointer = {}, std::vector<RejectionDetail> details = {}) {
  return reject(Rejection{code, std::string(pointer), std::move(details)});
}
/// Accepted; the answer shows that entity.
inline Decision shows(SubjectKind kind, EntityRef id) {
  Decision decision;
  decision.subject = {kind, id, {}};
  return decision;
}
inline Rejection over_limit(std::string_view limit, std::size_t maximum) {
  return {RejectionCode::limit_reached,
          {},
          {{"limit", std::string(limit)}, {"maximum", static_cast<std::int64_t>(maximum)}}};
}
inline Decision limit_reached(std::string_view limit, std::size_t maximum) {
  return reject(over_limit(limit, maximum));
}

// Bounds of what a command may say; tested at the limit and one past it.
inline constexpr std::int32_t priority_max = 100;
inline constexpr std::int32_t priority_cycle = 10;  ///< Cycle units go before packs.
inline constexpr std::int64_t hold_ttl_seconds_max = 30 * 24 * 3600;
inline constexpr std::int64_t credit_ceiling_support = 10'000;  ///< Minor units; what a Support Rep may issue at once.
inline constexpr std::size_t draws_per_movement_max = 4'096;    ///< Grants that one movement may touch.
inline constexpr std::size_t open_grants_max = 200'000;         ///< Open grants of one account.
inline constexpr std::size_t open_holds_max = 100'000;          ///< Open holds of one account.
inline constexpr std::size_t api_keys_max = 10'000;             ///< Of one book, revoked ones included.
inline constexpr std::size_t test_clocks_max = 1'000;           ///< Of one book.
inline constexpr std::size_t plans_max = 10'000;                ///< Of one book, retired ones included.
inline constexpr std::size_t plan_versions_max = 1'000;         ///< Of one plan.
inline constexpr std::size_t payment_methods_max = 100;         ///< Of one account.
inline constexpr std::size_t open_invoices_max = 5'000;         ///< Drafts and open invoices of one account.
inline constexpr std::size_t invoice_lines_max = 250;           ///< Of one invoice.
inline constexpr std::size_t credits_per_invoice_max = 500;     ///< That pay for it; what they leave stays due.
inline constexpr std::size_t credited_invoices_max = 2'000;     ///< Paid invoices of one account with credit notes.
inline constexpr std::size_t open_refunds_max = 1'000;          ///< Of one account.
inline constexpr std::size_t reversed_payments_max = 2'000;     ///< Of one account: refunded or disputed.
inline constexpr std::size_t disputes_per_payment_max = 20;
inline constexpr std::size_t subscriptions_max = 500;   ///< Of one account, ended ones included.
inline constexpr std::size_t open_checkouts_max = 100;  ///< Checkout sessions of one account.
inline constexpr std::int64_t subscription_quantity_max = 1'000'000'000;
inline constexpr std::int32_t trial_days_max = 730;
inline constexpr std::int32_t net_days_max = 365;
inline constexpr std::int32_t pause_days_max = 3'650;
inline constexpr std::int32_t number_digits_max = 12;
inline constexpr std::size_t own_tax_rates_max = 1'000;  ///< Of one book, those that are past included.
inline constexpr int tax_percent_places_max = 6;
inline constexpr std::size_t number_prefix_characters_max = 20;
inline constexpr std::size_t discounts_max = 10'000;       ///< Of one book, retired ones included.
inline constexpr std::size_t coupons_max = 10'000;         ///< Likewise.
inline constexpr std::size_t coupon_users_max = 100'000;   ///< Counted for coupons with a limit for each user.
inline constexpr std::size_t account_discounts_max = 100;  ///< That one account has got.

/// How long a checkout session stays open unless it is said, and at most.
inline constexpr std::int64_t checkout_seconds = 24LL * 3600;
inline constexpr std::int64_t checkout_seconds_max = 7 * checkout_seconds;

/// How long a deleted account can be restored.
inline constexpr std::int64_t soft_delete_window_us = 30LL * 24 * 3600 * micros_per_second;

inline constexpr Instant clock_limit{7'258'118'400'000'000};  ///< 2200-01-01: no clock goes there.

/// Business outcome of a command on an account. Pure: the same state, command and context give the same decision.
/// Personal data must be sealed already.
Decision decide(const AccountState& account, const Command& command, const DecisionContext& context);
/// The same for commands on the book's own stream.
Decision decide(const BookState& book, const Command& command, const DecisionContext& context);
/// The account's due item's time has come: the events that say so, at least one. The item is one of account.due().
Decision decide_due(const AccountState& account, const DueItem& item, const DecisionContext& context);

/// True if the command belongs to the book's stream rather than to an account's.
bool is_book_command(const Command& command);

}  // namespace daybook
