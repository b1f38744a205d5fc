#include "gateway/rate_limiter.h"

#include <functional>

namespace daybook {

void RateLimiter::drop_ended(Part& part, Time now) {
  std::erase_if(part.buckets, [now](const auto& entry) { return now - entry.second.start >= window; });
}

RateLimiter::Verdict RateLimiter::take(std::string_view credential, Time now) {
  if (limit_ == 0) return {};
  Part& part = parts_[std::hash<std::string_view>{}(credential) % parts_.size()];
  const std::lock_guard lock(part.mutex);
  if (part.buckets.size() >= buckets_max) drop_ended(part, now);
  Bucket& bucket = part.buckets.try_emplace(std::string(credential), Bucket{now, 0}).first->second;
  if (now - bucket.start >= window) bucket = {now, 0};
  Verdict verdict;
  verdict.limit = limit_;
  verdict.is_allowed = bucket.taken < limit_;
  if (verdict.is_allowed) ++bucket.taken;
  verdict.remaining = limit_ - bucket.taken;
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(bucket.start + window - now);
  verdict.reset_seconds = static_cast<std::uint64_t>(left.count()) + 1;
  return verdict;
}

}  // namespace daybook
