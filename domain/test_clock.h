// A test clock of a book: it stands at an instant until somebody sends it forward, and what its accounts owe to time is
// run by it. Changed by evolve() only.
#pragma once

#include <cstdint>
#include <string>

#include "domain/id.h"
#include "domain/instant.h"

namespace daybook {

struct TestClock {
  EntityRef id;
  std::string name;
  Instant frozen_time{};  ///< Where it stands; while it advances, where it stood.
  Instant to{};           ///< Where it was sent; where it stands if it is there.
  Instant created_at{}, updated_at{};
  std::uint64_t version = 0;
  bool is_advancing() const { return frozen_time != to; }
  bool operator==(const TestClock&) const = default;
};

}  // namespace daybook
