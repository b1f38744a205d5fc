// Trials: when the customer is reminded of the end of one, and an account's own trial, which needs no subscription.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "domain/instant.h"

namespace daybook {

/// Days of 24 hours before a trial's end at which its customer is reminded, in that order.
inline constexpr std::array<std::uint8_t, 2> trial_reminder_days = {3, 1};

/// When that reminder is due.
inline Instant trial_reminder_at(Instant end, std::uint8_t days_before) {
  return Instant{micros(end) - days_before * micros_per_day};
}

/// When the next reminder of a trial is due that was reminded of so many days before its end (0: not yet); never: no
/// more of them lies within it.
inline Instant next_trial_reminder(Instant start, Instant end, std::uint8_t reminded) {
  for (const std::uint8_t days : trial_reminder_days) {
    const Instant at = trial_reminder_at(end, days);
    if ((reminded == 0 || days < reminded) && at >= start) return at;
  }
  return never;
}

/// Of an account that had one. After its end the plan is the free one that it moved to, if it did.
struct AccountTrial {
  Instant start = never, end = never;  ///< Never: it had none, or has subscribed during it.
  bool is_running = false;
  std::uint8_t reminded = 0;  ///< Days before its end of the last reminder; 0: there was none.
  std::string plan_id;        ///< Whose limits hold; empty: of none.
  std::uint32_t plan_version = 0;
  Instant next_due() const { return is_running ? std::min(next_trial_reminder(start, end, reminded), end) : never; }
  bool operator==(const AccountTrial&) const = default;
};

}  // namespace daybook
