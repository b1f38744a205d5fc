// How long work beside a live server keeps out of its way.
#pragma once

#include <chrono>
#include <cstdint>

namespace daybook {

/// When to rest, and for how long: a tenth of the time is worked while somebody else wants the processors.
class PaceRule {
 public:
  using Nanoseconds = std::chrono::nanoseconds;

  /// What to sleep at `now` (of any clock that only goes forward), after having run for `ran` and waited for a
  /// processor for `waited` since the last time.
  Nanoseconds rest(Nanoseconds now, Nanoseconds ran, Nanoseconds waited);

 private:
  Nanoseconds crowded_until_{0};
};

/// Lets a thread work at full speed while nobody else wants the processors, and by that rule when somebody does. That
/// is seen from how long the thread itself had to wait for one: a priority does not do it, because it counts only
/// within one session or control group, and a server and its backup are seldom in the same. One thread.
class Pace {
 public:
  Pace();
  ~Pace();
  Pace(const Pace&) = delete;
  Pace& operator=(const Pace&) = delete;

  /// To be called every millisecond or more often; sleeps if it is time to. Does nothing where the system does not tell
  /// how long a thread waits.
  void keep();

 private:
  using Clock = std::chrono::steady_clock;
  struct Times {
    std::uint64_t ran_ns = 0, waited_ns = 0;
  };
  /// False if they cannot be read.
  bool read(Times& times) const;

  int file_;
  PaceRule rule_;
  Times last_;
  Clock::time_point looked_;
};

}  // namespace daybook
