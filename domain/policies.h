// A book's policies: what it has decided about how it bills, each with what holds until it decides.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

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

inline constexpr std::array<std::string_view, 6> policy_names = {"cancel.unused_time", "credit_note.numbering",
                                                                 "invoice.net_days",   "invoice.numbering",
                                                                 "pause.max_days",     "tax.seller"};

struct Policies {
  NumberingPolicy numbering;
  NumberingPolicy credit_note_numbering = credit_note_numbering_default;
  InvoiceNetDaysPolicy net_days;
  TaxSellerPolicy seller;
  CancelUnusedTimePolicy cancel_unused_time;
  PauseMaxDaysPolicy pause_max_days;
  std::uint64_t version = 0;  ///< Stream version of the last change of any.
  bool operator==(const Policies&) const = default;
};

}  // namespace daybook
