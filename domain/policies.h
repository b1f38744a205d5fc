// A book's policies: what it has decided about how it bills, each with what holds until it decides.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "domain/rational.h"

namespace daybook {

enum class NumberReset : std::uint8_t { continuous = 1, yearly = 2 };

/// `invoice.numbering` and `credit_note.numbering`: how the numbers of its documents are made.
struct NumberingPolicy {
  std::string prefix = "INV-";
  std::uint8_t digits = 6;  ///< At least so many.
  NumberReset reset =
      NumberReset::continuous;  ///< Yearly: the year of UTC stands in the series, and each begins with 1.
  bool operator==(const NumberingPolicy&) const = default;
};

inline const NumberingPolicy credit_note_numbering_default{"CN-", 5, NumberReset::yearly};

/// `invoice.net_days`: days from finalising until an invoice is due, where nothing else says it.
struct InvoiceNetDaysPolicy {
  std::uint16_t manual = 30;  ///< Of one that somebody pays when he has read it.
  bool operator==(const InvoiceNetDaysPolicy&) const = default;
};

/// `tax.seller`: where the seller is registered; empty: nowhere, and no invoice has tax.
struct TaxSellerPolicy {
  std::string country;  ///< ISO 3166-1.
  bool operator==(const TaxSellerPolicy&) const = default;
};

/// What an end in the middle of a period gives back of what was billed for the rest of it.
enum class UnusedTime : std::uint8_t { no_credit = 1, prorated_credit = 2 };

/// `cancel.unused_time`: where the cancellation does not say it.
struct CancelUnusedTimePolicy {
  UnusedTime unused_time = UnusedTime::no_credit;
  bool operator==(const CancelUnusedTimePolicy&) const = default;
};

/// `pause.max_days`: for how many days, of 24 hours, a subscription may be paused.
struct PauseMaxDaysPolicy {
  std::uint16_t days = 90;
  bool operator==(const PauseMaxDaysPolicy&) const = default;
};

/// `subscription.max_live`: how many live subscriptions an account may have.
enum class LiveSubscriptions : std::uint8_t { multi = 1, single = 2 };

/// When a cancellation takes effect.
enum class CancellationMode : std::uint8_t { period_end = 1, immediate = 2 };

/// What a change in the middle of a period gives back and bills for the rest of it.
enum class ProrationBehavior : std::uint8_t {
  create_prorations = 1,  ///< It is invoiced with the change.
  next_invoice = 2,       ///< It waits for the invoice of the next period.
  none = 3,               ///< Nothing is given back or billed for the rest of the period.
};

/// `coupon.stacking`: which of an account's discounts an invoice gets.
enum class DiscountStacking : std::uint8_t {
  priority_stack = 1,  ///< All, one after the other.
  best_of = 2,         ///< The one that takes off most.
  exclusive = 3,       ///< The first in order. That there is a second is refused when it is redeemed.
};

/// `coupon.arithmetic`: what the second of two percentages is of.
enum class PercentArithmetic : std::uint8_t {
  chained = 1,  ///< Each percentage of what those before have left: 10 % and 10 % are 19 %.
  stacked = 2,  ///< Each of the amounts before any discount: 10 % and 10 % are 20 %.
};

/// When a change of plan takes effect.
enum class ChangeEffect : std::uint8_t { now = 1, period_end = 2 };

/// How a period's price is shared.
enum class ProrationUnit : std::uint8_t {
  second = 1,      ///< Elapsed seconds.
  day = 2,         ///< Dates of the zone's calendar: a change counts from the beginning of its day.
  thirty_360 = 3,  ///< Dates in months of 30 days (30E/360): the 31st counts as the 30th.
  none = 4,        ///< Nothing is shared: a part is charged in full, and nothing is credited for what is unused.
};

/// Whether an account that is opened gets a trial of its own.
enum class TrialOnOpening : std::uint8_t { on = 1, off = 2 };

/// `trial.on_account_open`
struct TrialOnOpeningPolicy {
  TrialOnOpening starts = TrialOnOpening::on;
  std::uint16_t days = 14;  ///< On the clock of the account's zone.
  bool operator==(const TrialOnOpeningPolicy&) const = default;
};

/// `trial.end`: what becomes of a trial whose customer gave nothing to charge.
enum class TrialEnd : std::uint8_t { convert_or_downgrade = 1, convert_or_block = 2, cancel = 3 };

/// In the alphabet's order, as they are listed.
inline constexpr std::array<std::string_view, 17> policy_names = {"cancel.unused_time",
                                                                  "change.downgrade",
                                                                  "change.upgrade",
                                                                  "coupon.arithmetic",
                                                                  "coupon.stacking",
                                                                  "credit_note.numbering",
                                                                  "invoice.net_days",
                                                                  "invoice.numbering",
                                                                  "invoice.rounding",
                                                                  "pause.max_days",
                                                                  "proration.behavior",
                                                                  "proration.unit",
                                                                  "subscription.cancel_default",
                                                                  "subscription.max_live",
                                                                  "tax.seller",
                                                                  "trial.end",
                                                                  "trial.on_account_open"};

struct Policies {
  NumberingPolicy numbering;
  NumberingPolicy credit_note_numbering = credit_note_numbering_default;
  InvoiceNetDaysPolicy net_days;
  TaxSellerPolicy seller;
  CancelUnusedTimePolicy cancel_unused_time;
  PauseMaxDaysPolicy pause_max_days;
  LiveSubscriptions max_live = LiveSubscriptions::multi;
  CancellationMode cancel_default = CancellationMode::period_end;  ///< Where the cancellation does not say it.
  ProrationBehavior proration_behavior = ProrationBehavior::create_prorations;  ///< Where the change does not say it.
  DiscountStacking stacking = DiscountStacking::priority_stack;
  PercentArithmetic arithmetic = PercentArithmetic::chained;
  ChangeEffect upgrade = ChangeEffect::now;  ///< These three where neither the change nor the plan says it.
  ChangeEffect downgrade = ChangeEffect::period_end;
  ProrationUnit proration_unit = ProrationUnit::second;
  TrialOnOpeningPolicy trial_on_opening;
  TrialEnd trial_end = TrialEnd::convert_or_downgrade;
  Rounding rounding = Rounding::half_away_from_zero;  ///< `invoice.rounding`: of amounts, discounts and taxes.
  std::uint64_t version = 0;                          ///< Stream version of the last change of any.
  bool operator==(const Policies&) const = default;
};

}  // namespace daybook
