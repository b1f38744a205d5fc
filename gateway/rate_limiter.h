// How often a credential may call: a bucket of tokens for each, refilled whole when an hour has passed since its first
// token was taken. So the 1001st call within an hour is refused, however slowly the first thousand came.
//
// Concurrency: any thread; buckets are spread over locks by credential.
// Limits: buckets whose hour is over are dropped when there are more than buckets_max.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace daybook {

inline constexpr std::uint64_t rate_limit_default_per_hour = 1000;

class RateLimiter {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds window{3600};
  static constexpr std::size_t buckets_max = 4096;  ///< Of one of the locks.

  /// `limit` calls an hour; 0: no limit.
  explicit RateLimiter(std::uint64_t limit) : limit_(limit) {}

  struct Verdict {
    bool is_allowed = true;
    std::uint64_t limit = 0;  ///< 0: none applies.
    std::uint64_t remaining = 0;
    std::uint64_t reset_seconds = 0;  ///< Until the bucket is full again.
  };
  /// Takes a token if there is one.
  Verdict take(std::string_view credential, Time now);

 private:
  struct Bucket {
    Time start;
    std::uint64_t taken = 0;
  };
  struct Part {
    std::mutex mutex;
    std::unordered_map<std::string, Bucket> buckets;
  };
  static void drop_ended(Part& part, Time now);

  const std::uint64_t limit_;
  std::array<Part, 16> parts_;
};

}  // namespace daybook
