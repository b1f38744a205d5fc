// The share of a price that a part of a period is worth. A share is exact, as two counts (17 of 31 days); the amount is
// rounded once. A credit is the unused share of the line that was billed, so that credit and used part sum to it.
#pragma once

#include <cstdint>
#include <optional>

#include "domain/policies.h"
#include "domain/rational.h"
#include "domain/rules/calendar.h"

namespace daybook {

/// `part` of `whole` units, both as they were counted: the explanation of an amount.
struct Share {
  std::int64_t part = 0;
  std::int64_t whole = 0;
  Rational fraction() const { return {part, whole}; }
  bool operator==(const Share&) const = default;
};

/// The share of `whole` that lies in `part`. Additive: the shares of adjacent parts sum to that of both. Nothing if
/// `part` is not inside `whole`, or `whole` counts no unit. Requires instants on the calendar.
std::optional<Share> share_of(Period part, Period whole, ProrationUnit unit, const TimeZone& zone);

struct ProratedAmount {
  std::int64_t amount = 0;  ///< Minor units.
  Share share;
};

/// What the part of a period costs at an exact price for the whole, either sign: a first period cut short, or the rest
/// of one after a change. Nothing as share_of, or if the amount is beyond amount_max.
std::optional<ProratedAmount> prorate(const Rational& price, Period part, Period whole, ProrationUnit unit,
                                      const TimeZone& zone, Rounding rounding = Rounding::half_away_from_zero);

/// A line as it was billed: for the part of a period (all of it, as a rule).
struct BilledLine {
  std::int64_t amount = 0;  ///< Minor units, negative for a credit line.
  Period period;
  std::int64_t credited = 0;  ///< What earlier credits took off it, of the amount's sign.
};

struct UnusedCredit {
  std::int64_t credit = 0;  ///< Of the amount's sign; the line that gives it back is -credit.
  std::int64_t used = 0;    ///< The rest of the amount, earlier credits taken off.
  Share share;              ///< The unused share of the line's period.
};

/// The credit for what is unused of a billed line from `at` on: its unused share, at most what earlier credits left.
/// credit + used + line.credited = line.amount, always, and charging the same price for the rest nets to zero. Nothing
/// if `at` is outside the line's period (its end is inside: no credit) or the period counts no unit.
std::optional<UnusedCredit> credit_unused(const BilledLine& line, Instant at, ProrationUnit unit, const TimeZone& zone,
                                          Rounding rounding = Rounding::half_away_from_zero);

}  // namespace daybook
