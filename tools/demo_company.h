// The company that `daybook demo` makes up: what it sells, to whom, and what its customers do. All of it follows from
// a seed, with every library.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace daybook {

/// Chooses by whole numbers: the standard's distributions differ from library to library.
class DemoRandom {
 public:
  explicit DemoRandom(std::uint64_t seed) : random_(seed) {}
  /// From 0 to `count` - 1. Requires a count above 0.
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(random_() % count); }
  bool chance(unsigned per_mille) { return random_() % 1'000 < per_mille; }
  template <class Choices>
  const auto& one_of(const Choices& choices) {
    return choices[below(std::size(choices))];
  }

 private:
  std::mt19937_64 random_;
};

/// A request that sets the company up.
struct DemoRequest {
  std::string method, path, body;
};
/// Its plans, discounts and coupons; it is registered for taxes in Germany.
std::vector<DemoRequest> demo_catalogue();

struct DemoCustomer {
  std::string id, body;      ///< Of `POST /v1/accounts`, on the test clock.
  std::string plan, coupon;  ///< What it begins with; no coupon if empty.
  std::string interval;      ///< Of its price.
  std::uint32_t seats = 1;
  std::uint32_t week = 0;  ///< After how many weeks it comes.
};
DemoCustomer demo_customer(DemoRandom& random, std::uint32_t number, std::uint32_t weeks, std::string_view test_clock);

/// Another plan than that one.
std::string other_plan(DemoRandom& random, std::string_view plan);
/// Dearer plans come later.
std::size_t rank_of(std::string_view plan);
bool has_seats(std::string_view plan);

}  // namespace daybook
