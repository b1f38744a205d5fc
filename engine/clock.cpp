#include "engine/clock.h"

#include <chrono>

namespace daybook {
namespace {

class SystemClock final : public Clock {
 public:
  Instant now() override {
    using std::chrono::microseconds;
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return Instant{std::chrono::duration_cast<microseconds>(since_epoch).count()};
  }
};

}  // namespace

Clock& wall_clock() {
  static SystemClock clock;
  return clock;
}

}  // namespace daybook
