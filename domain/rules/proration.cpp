#include "domain/rules/proration.h"

#include <algorithm>

#include "domain/money.h"

namespace daybook {
namespace {

/// A count that grows with time; a share is the ratio of two differences of it, so shares add up.
std::int64_t count_until(Instant at, ProrationUnit unit, const TimeZone& zone) {
  if (unit == ProrationUnit::second) return micros(at) / micros_per_second;
  const Date date = zone.local_time(at).date;
  if (unit == ProrationUnit::day) return days_from_civil(date);
  return (std::int64_t{date.year} * 12 + date.month) * 30 + std::min(date.day, 30);
}

}  // namespace

std::optional<Share> share_of(Period part, Period whole, ProrationUnit unit, const TimeZone& zone) {
  if (part.start < whole.start || part.end < part.start || whole.end < part.end) return std::nullopt;
  if (unit == ProrationUnit::none) return Share{1, 1};
  const auto counted = [&](Period period) {
    return count_until(period.end, unit, zone) - count_until(period.start, unit, zone);
  };
  const Share share{counted(part), counted(whole)};
  return share.whole > 0 ? std::optional(share) : std::nullopt;
}

std::optional<ProratedAmount> prorate(const Rational& price, Period part, Period whole, ProrationUnit unit,
                                      const TimeZone& zone, Rounding rounding) {
  const std::optional<Share> share = share_of(part, whole, unit, zone);
  if (!share) return std::nullopt;
  const std::optional<std::int64_t> amount = exactly([&] { return round(price * share->fraction(), rounding); });
  if (!amount || !is_amount(*amount)) return std::nullopt;
  return ProratedAmount{*amount, *share};
}

std::optional<UnusedCredit> credit_unused(const BilledLine& line, Instant at, ProrationUnit unit, const TimeZone& zone,
                                          Rounding rounding) {
  const Period rest{at, line.period.end};
  std::optional<ProratedAmount> unused = prorate(line.amount, rest, line.period, unit, zone, rounding);
  if (!unused) return std::nullopt;
  if (unit == ProrationUnit::none) unused = ProratedAmount{0, {0, 1}};
  const std::int64_t left = line.amount - line.credited;
  const std::int64_t credit = line.amount < 0 ? std::max(unused->amount, left) : std::min(unused->amount, left);
  return UnusedCredit{credit, left - credit, unused->share};
}

}  // namespace daybook
