#include "eventstore/pace.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <string_view>
#include <thread>

namespace daybook {
namespace {

constexpr auto look_every = std::chrono::milliseconds(1);
/// Who waits longer than this part of what it runs is not alone.
constexpr int crowded_part = 10;
/// A thread that has slept is let in at once, so it sees only after a while whether others still wait.
constexpr auto crowded_for = std::chrono::milliseconds(300);
constexpr int rest_factor = 9;

bool take_number(std::string_view& text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.empty()) text.remove_prefix(1);
  return true;
}

}  // namespace

PaceRule::Nanoseconds PaceRule::rest(Nanoseconds now, Nanoseconds ran, Nanoseconds waited) {
  if (waited > ran / crowded_part) crowded_until_ = now + crowded_for;
  return now < crowded_until_ ? ran * rest_factor : Nanoseconds(0);
}

Pace::Pace() : file_(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)), looked_(Clock::now()) {
  read(last_);
}

Pace::~Pace() {
  if (file_ >= 0) ::close(file_);
}

bool Pace::read(Times& times) const {
  char bytes[96];
  const auto size = file_ < 0 ? -1 : ::pread(file_, bytes, sizeof bytes, 0);
  if (size <= 0) return false;
  std::string_view text(bytes, static_cast<std::size_t>(size));
  return take_number(text, times.ran_ns) && take_number(text, times.waited_ns);
}

void Pace::keep() {
  const auto now = Clock::now();
  if (now - looked_ < look_every) return;
  Times times;
  if (!read(times)) return;
  const auto rest = rule_.rest(now.time_since_epoch(), PaceRule::Nanoseconds(times.ran_ns - last_.ran_ns),
                               PaceRule::Nanoseconds(times.waited_ns - last_.waited_ns));
  looked_ = now;
  last_ = times;
  if (rest.count() == 0) return;
  std::this_thread::sleep_for(rest);
  looked_ = Clock::now();
  read(last_);  // What it waited to be let in again says nothing.
}

}  // namespace daybook
